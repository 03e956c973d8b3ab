"""The ledger: the database writes balanced entries for whatever makes, pays or takes back money, and keeps them.

Deferred to the commit: a source and its lines are written in whatever order suits the code, and a source that was made
and taken back in one transaction leaves nothing.
"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

# table: its lines, their column in an entry, the states in which it is owed.
SOURCES = {
    "invoice": ("invoice_line", "('accepted', 'in a payment run', 'paid')"),
    "scheduled_payment": ("scheduled_payment_line", "('finalised', 'in a payment run', 'paid')"),
    "absence_claim": ("absence_claim_line", "('approved', 'approved in part', 'paid')"),
}
OF_SOURCES = ("invoice_id", "scheduled_payment_id", "absence_claim_id", "one_off_payment_id", "recovery_id")
OF_LINES = ("invoice_line_id", "scheduled_payment_line_id", "absence_claim_line_id", "payment_source_id")
SAFE = "LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"
SIDES = "(VALUES ('care', element_id, net), ('VAT', NULL, vat), ('owed', NULL, -net - vat)) AS side (account, element_id, amount)"

# Whether it is owed is asked of the last event: entries of nothing are none.
JOURNAL = """
CREATE FUNCTION journal_{source}(source integer, is_owed boolean) RETURNS void {safe} AS $$
DECLARE
  last journal_event;
  event integer;
BEGIN
  SELECT * INTO last FROM journal_event WHERE {source}_id = source AND kind IN ('made', 'taken back')
  ORDER BY id DESC LIMIT 1;
  IF is_owed = coalesce(last.kind = 'made', false) THEN RETURN; END IF;
  INSERT INTO journal_event (kind, organisation_id, {source}_id)
  SELECT CASE WHEN is_owed THEN 'made' ELSE 'taken back' END, organisation_id, id FROM {source} WHERE id = source
  RETURNING id INTO event;
  IF is_owed THEN
    {made}
  ELSE
    INSERT INTO journal_entry (event_id, organisation_id, account, element_id, amount, {of_lines})
    SELECT event, organisation_id, account, element_id, -amount, {of_lines}
    FROM journal_entry WHERE event_id = last.id;
  END IF;
END $$;
REVOKE EXECUTE ON FUNCTION journal_{source} FROM PUBLIC;
CREATE FUNCTION {source}_is_journaled() RETURNS trigger {safe} AS $$
BEGIN
  PERFORM journal_{source}(id, {is_owed}) FROM {source} WHERE id = NEW.id;
  RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION {source}_is_journaled FROM PUBLIC;
"""
MADE = """
    INSERT INTO journal_entry (event_id, organisation_id, account, element_id, amount, {lines}_id)
    SELECT event, line.organisation_id, side.account, side.element_id, side.amount, line.id
    FROM (SELECT line.id, line.organisation_id, line_item.element_id, line.net, line.vat
          FROM {lines} AS line {join} WHERE line.{source}_id = source {counts}) AS line CROSS JOIN LATERAL {sides}
    WHERE side.amount <> 0;
"""
# What a one-off payment is for is its line's element, where it has a line.
ONE_OFF = """
    INSERT INTO journal_entry (event_id, organisation_id, account, element_id, amount)
    SELECT event, organisation_id, side.account, side.element_id, side.amount
    FROM (SELECT payment.organisation_id, line_item.element_id, payment.net, round(payment.net *
            CASE payment.vat_code WHEN 'STANDARD' THEN 20 WHEN 'REDUCED' THEN 5 ELSE 0 END / 100, 2) AS vat
          FROM one_off_payment AS payment LEFT JOIN line_item ON line_item.id = payment.line_item_id
          WHERE payment.id = source) AS payment CROSS JOIN LATERAL {sides} WHERE side.amount <> 0;
"""
# What is to be taken back with a reason of its own: what a run carried forward is part of the run's event.
RECOVERY = """
    INSERT INTO journal_entry (event_id, organisation_id, account, amount)
    SELECT event, recovery.organisation_id, side.account, side.amount FROM recovery
    CROSS JOIN LATERAL (VALUES ('recoverable', amount), ('care', -amount)) AS side (account, amount)
    WHERE recovery.id = source;
"""
TRIGGERS = """
CREATE CONSTRAINT TRIGGER {source}_added_is_journaled AFTER INSERT ON {source} DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW {when_added} EXECUTE FUNCTION {source}_is_journaled();
"""
TRIGGERS_OF_STATES = """
CREATE CONSTRAINT TRIGGER {source}_is_journaled AFTER UPDATE ON {source} DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN ((OLD.state IN {owed}) <> (NEW.state IN {owed})) EXECUTE FUNCTION {source}_is_journaled();
"""

# Released: what was owed is settled by what reaches the bank, what is recovered, and what is carried forward.
RUN = f"""
CREATE FUNCTION journal_run(run integer) RETURNS void {SAFE} AS $$
BEGIN
  WITH event AS (
    INSERT INTO journal_event (kind, organisation_id, run_id)
    SELECT 'paid', organisation_id, run FROM remittance WHERE run_id = run ORDER BY organisation_id
    RETURNING id, organisation_id)
  INSERT INTO journal_entry (event_id, organisation_id, account, amount, payment_source_id)
  SELECT event.id, event.organisation_id, side.account, side.amount, side.source_id
  FROM event JOIN (
    SELECT organisation_id, CASE WHEN recovery_id IS NULL THEN 'owed' ELSE 'recoverable' END AS account,
      gross AS amount, id AS source_id FROM payment_source WHERE run_id = run
    UNION ALL SELECT organisation_id, 'paid', -total, NULL FROM remittance WHERE run_id = run
    UNION ALL SELECT organisation_id, 'recoverable', carried_forward, NULL FROM remittance WHERE run_id = run
  ) AS side USING (organisation_id) WHERE side.amount <> 0;
END $$;
REVOKE EXECUTE ON FUNCTION journal_run FROM PUBLIC;
CREATE FUNCTION run_is_journaled() RETURNS trigger {SAFE} AS $$
BEGIN
  PERFORM journal_run(NEW.id);
  RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION run_is_journaled FROM PUBLIC;
CREATE CONSTRAINT TRIGGER payment_run_is_journaled AFTER UPDATE ON payment_run DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (OLD.state <> 'released' AND NEW.state = 'released') EXECUTE FUNCTION run_is_journaled();

-- What the bank sent back was not paid, and is owed again.
CREATE FUNCTION return_is_journaled() RETURNS trigger {SAFE} AS $$
DECLARE
  event integer;
BEGIN
  INSERT INTO journal_event (kind, organisation_id, run_id) VALUES ('returned', NEW.organisation_id, NEW.run_id)
  RETURNING id INTO event;
  INSERT INTO journal_entry (event_id, organisation_id, account, amount, payment_source_id)
  SELECT event, entry.organisation_id, account, -amount, payment_source_id FROM journal_event AS paid
  JOIN journal_entry AS entry ON entry.event_id = paid.id
  WHERE paid.run_id = NEW.run_id AND paid.organisation_id = NEW.organisation_id AND paid.kind = 'paid';
  RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION return_is_journaled FROM PUBLIC;
CREATE CONSTRAINT TRIGGER bank_return_is_journaled AFTER INSERT ON bank_return DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  EXECUTE FUNCTION return_is_journaled();
"""
PROMISES = """
CREATE FUNCTION journal_balances() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM new_rows GROUP BY event_id HAVING sum(amount) <> 0) THEN
    RAISE EXCEPTION 'debits and credits of a journal event are not the same' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER journal_entry_balances AFTER INSERT ON journal_entry REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION journal_balances();
CREATE TRIGGER journal_event_stays BEFORE UPDATE OR DELETE ON journal_event
  FOR EACH ROW EXECUTE FUNCTION stays_as_it_is();
CREATE TRIGGER journal_entry_stays BEFORE UPDATE OR DELETE ON journal_entry
  FOR EACH ROW EXECUTE FUNCTION stays_as_it_is();
"""
SEEN = """
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON {table} TO portal_web USING (organisation_id = (SELECT app_organisation()));
CREATE POLICY every_row ON {table} TO portal_council USING (true);
GRANT SELECT ON {table} TO portal_web, portal_council;
"""
# What was owed and paid before there was a ledger; the loader of a county calls it too.
EVERYTHING = """
CREATE FUNCTION journal_everything() RETURNS void {safe} AS $$
BEGIN
{sources}
  PERFORM journal_one_off_payment(id, true) FROM one_off_payment ORDER BY id;
  PERFORM journal_recovery(id, true) FROM recovery WHERE from_run_id IS NULL ORDER BY id;
  PERFORM journal_run(id) FROM payment_run AS run WHERE state IN ('released', 'settled')
    AND NOT EXISTS (SELECT FROM journal_event WHERE run_id = run.id) ORDER BY id;
END $$;
REVOKE EXECUTE ON FUNCTION journal_everything FROM PUBLIC;
SELECT journal_everything();
"""
FUNCTIONS = ("journal_everything", "journal_balances", "return_is_journaled", "run_is_journaled", "journal_run")


def upgrade() -> None:
    _make_event()
    _make_entry()
    for source, (lines, owed) in SOURCES.items():
        join = "JOIN line_item ON line_item.id = line.line_item_id"
        if source == "absence_claim":
            join = "JOIN absence_claim AS claim ON claim.id = source JOIN line_item ON line_item.id = claim.line_item_id"
        counts = "AND line.kept_back = ''" if source == "scheduled_payment" else ""
        made = MADE.format(lines=lines, source=source, sides=SIDES, join=join, counts=counts)
        _journal(source, made, f"state IN {owed}")
        op.execute(TRIGGERS.format(source=source, when_added=f"WHEN (NEW.state IN {owed})"))
        op.execute(TRIGGERS_OF_STATES.format(source=source, owed=owed))
    _journal("one_off_payment", ONE_OFF.format(sides=SIDES), "true")
    op.execute(TRIGGERS.format(source="one_off_payment", when_added=""))
    _journal("recovery", RECOVERY, "from_run_id IS NULL")
    op.execute(TRIGGERS.format(source="recovery", when_added="WHEN (NEW.from_run_id IS NULL)"))
    op.execute(RUN)
    op.execute(PROMISES)
    for table in ("journal_event", "journal_entry"):
        op.execute(SEEN.format(table=table))
    sources = "\n".join(
        f"  PERFORM journal_{source}(id, true) FROM {source} WHERE state IN {owed} ORDER BY id;"
        for source, (_, owed) in SOURCES.items()
    )
    op.execute(EVERYTHING.format(safe=SAFE, sources=sources))


def _journal(source: str, made: str, is_owed: str) -> None:
    columns = ", ".join(OF_LINES)
    op.execute(JOURNAL.format(source=source, safe=SAFE, made=made, of_lines=columns, is_owed=is_owed))


def _make_event() -> None:
    table = "journal_event"
    kinds = sa.Enum("made", "taken back", "paid", "returned", name="journalkind", native_enum=False,
                    create_constraint=True, length=40)  # fmt: skip
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", kinds, nullable=False),
        *(sa.Column(each, sa.Integer()) for each in OF_SOURCES),
        sa.Column("run_id", sa.Integer()),
        sa.Column("written_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            f"num_nonnulls({', '.join(OF_SOURCES)}, run_id) = 1", name=op.f(f"ck_{table}_one_source")
        ),
        sa.CheckConstraint(
            "(run_id IS NOT NULL) = (kind IN ('paid', 'returned'))", name=op.f(f"ck_{table}_runs_pay")
        ),
        *(
            sa.ForeignKeyConstraint(
                ["organisation_id", each], [f"{each[:-3]}.organisation_id", f"{each[:-3]}.id"],
                name=op.f(f"fk_{table}_organisation_id_{each}"),
            )
            for each in OF_SOURCES
        ),
        sa.ForeignKeyConstraint(["run_id"], ["payment_run.id"], name=op.f(f"fk_{table}_run_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f(f"fk_{table}_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("organisation_id", "id", name=op.f(f"uq_{table}_organisation_id_id")),
    )  # fmt: skip
    for each in (*OF_SOURCES, "run_id", "organisation_id"):
        op.create_index(op.f(f"ix_{table}_{each}"), table, [each])


def _make_entry() -> None:
    table = "journal_entry"
    accounts = sa.Enum("care", "VAT", "owed", "paid", "recoverable", name="journalaccount", native_enum=False,
                       create_constraint=True, length=40)  # fmt: skip
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("account", accounts, nullable=False),
        sa.Column("element_id", sa.Integer()),
        *(sa.Column(each, sa.Integer()) for each in OF_LINES),
        sa.Column("amount", sa.Numeric(12, 2), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount <> 0", name=op.f(f"ck_{table}_not_nothing")),
        sa.CheckConstraint("amount <> 'NaN'", name=op.f(f"ck_{table}_amount_is_a_number")),
        sa.CheckConstraint(f"num_nonnulls({', '.join(OF_LINES)}) <= 1", name=op.f(f"ck_{table}_one_line")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "event_id"], ["journal_event.organisation_id", "journal_event.id"],
            name=op.f(f"fk_{table}_organisation_id_event_id"),
        ),
        *(
            sa.ForeignKeyConstraint([each], [f"{each[:-3]}.id"], name=op.f(f"fk_{table}_{each}"))
            for each in ("element_id", *OF_LINES)
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )  # fmt: skip
    op.create_index(op.f(f"ix_{table}_event_id"), table, ["event_id"])
    # The lines of a scheduled payment's preview are written anew: each that goes is looked for here.
    op.create_index(
        "ix_journal_entry_scheduled_payment_line", table, ["scheduled_payment_line_id"],
        postgresql_where=sa.text("scheduled_payment_line_id IS NOT NULL"),
    )


def downgrade() -> None:
    for source in (*SOURCES, "one_off_payment", "recovery"):
        op.execute(f"DROP TRIGGER {source}_added_is_journaled ON {source}")
        if source in SOURCES:
            op.execute(f"DROP TRIGGER {source}_is_journaled ON {source}")
        op.execute(f"DROP FUNCTION {source}_is_journaled")
    op.execute("DROP TRIGGER payment_run_is_journaled ON payment_run")
    op.execute("DROP TRIGGER bank_return_is_journaled ON bank_return")
    op.drop_table("journal_entry")
    for name in FUNCTIONS:
        op.execute(f"DROP FUNCTION {name}")
    for source in (*SOURCES, "one_off_payment", "recovery"):
        op.execute(f"DROP FUNCTION journal_{source}")
    op.drop_table("journal_event")
