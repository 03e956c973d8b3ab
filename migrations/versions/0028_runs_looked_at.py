"""A payment run is looked at, withdrawn, settled; what the bank sent back is payable again; recoveries in parts.

Nobody pays alone: a role that pays is given by a confirmed proposal, and who manages users neither approves nor releases.
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

KINDS = ("publishing", "rate change", "plan change", "line end", "new version", "uplift", "one-off payment",
         "policy value", "role")  # fmt: skip
MORE_KINDS = ("recovery", "instalments")
CHECKS = ("no call-back", "on hold", "in dispute", "over the level", "not accepted", "duplicate", "overlap",
          "after the end", "after a death", "sudden jump", "one account")  # fmt: skip
ONCE = ("invoice_id", "scheduled_payment_id", "absence_claim_id", "one_off_payment_id")
OF_LINES = ("invoice_line_id", "absence_claim_line_id")
SEES = {
    "insert": "NEW TABLE AS new_rows",
    "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "delete": "OLD TABLE AS old_rows",
}
RUN_KEPT = "pay_date, total, payment_count, prepared_by_id, approved_by_id, approved_at, released_at, released_by_id"
RUN_KEPT_BEFORE = "pay_date, total, payment_count, prepared_by_id, approved_by_id"


def _row(of: str, names: str) -> str:
    return f"({', '.join(f'{of}.{name}' for name in names.split(', '))})"


RUNS = f"""
DROP TRIGGER payment_run_stays ON payment_run;
CREATE TRIGGER payment_run_stays BEFORE UPDATE ON payment_run FOR EACH ROW
  WHEN (OLD.state IN ('released', 'settled') AND {_row("OLD", RUN_KEPT)} IS DISTINCT FROM {_row("NEW", RUN_KEPT)}
    OR OLD.state = 'approved' AND NEW.state <> 'draft'
      AND {_row("OLD", RUN_KEPT_BEFORE)} IS DISTINCT FROM {_row("NEW", RUN_KEPT_BEFORE)}
    OR OLD.state = 'released' AND NEW.state NOT IN ('released', 'settled')
    OR OLD.state = 'settled' AND NEW.state <> 'settled')
  EXECUTE FUNCTION stays_as_it_is();

CREATE FUNCTION officer_may_pay() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  officer integer := CASE NEW.state WHEN 'approved' THEN NEW.approved_by_id ELSE NEW.released_by_id END;
BEGIN
  IF EXISTS (SELECT FROM ab_user_role JOIN ab_role ON ab_role.id = ab_user_role.role_id
      WHERE ab_user_role.user_id = officer AND ab_role.name = 'Administrator') THEN
    RAISE EXCEPTION 'who manages users does not pay'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_payment_run_not_administrator';
  END IF;
  IF NEW.state = 'approved' AND EXISTS (SELECT FROM ab_user WHERE id = officer AND approval_limit < NEW.total) THEN
    RAISE EXCEPTION 'the run is above the limit of who approves it'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_payment_run_within_limit';
  END IF;
  IF NEW.state = 'approved' AND EXISTS (SELECT FROM run_finding WHERE run_id = NEW.id AND looked_at IS NULL) THEN
    RAISE EXCEPTION 'nobody has looked at what the checks found'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_payment_run_looked_at';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER payment_run_officer_may_pay BEFORE UPDATE ON payment_run FOR EACH ROW
  WHEN (NEW.state IN ('approved', 'released') AND OLD.state <> NEW.state) EXECUTE FUNCTION officer_may_pay();

CREATE OR REPLACE FUNCTION run_is_closed() RETURNS trigger LANGUAGE plpgsql
  SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF TG_TABLE_NAME = 'payment_source' AND TG_OP = 'UPDATE' THEN
    -- Of what was paid only that the bank sent it back is noted, once.
    IF OLD.bank_return_id IS NULL AND NEW.bank_return_id IS NOT NULL
        AND to_jsonb(OLD) - 'bank_return_id' = to_jsonb(NEW) - 'bank_return_id' THEN
      RETURN NEW;
    END IF;
  END IF;
  IF EXISTS (SELECT FROM payment_run WHERE id = coalesce(NEW.run_id, OLD.run_id) AND state <> 'draft') THEN
    RAISE EXCEPTION 'the payment run has been approved' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER run_finding_stays BEFORE INSERT OR UPDATE OR DELETE ON run_finding
  FOR EACH ROW EXECUTE FUNCTION run_is_closed();
CREATE TRIGGER bank_return_stays BEFORE UPDATE OR DELETE ON bank_return FOR EACH ROW EXECUTE FUNCTION stays_as_it_is();
"""

RETURNS = """
CREATE FUNCTION paid_unless_returned() RETURNS trigger LANGUAGE plpgsql
  SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF NEW.state NOT IN ('accepted', 'approved', 'approved in part') OR EXISTS (SELECT FROM payment_source
      WHERE bank_return_id IS NULL
        AND CASE TG_TABLE_NAME WHEN 'invoice' THEN invoice_id ELSE absence_claim_id END = OLD.id) THEN
    RAISE EXCEPTION '% has been paid', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
DROP TRIGGER invoice_rejected_stays ON invoice;
CREATE TRIGGER invoice_rejected_stays BEFORE UPDATE OF state ON invoice FOR EACH ROW
  WHEN (OLD.state IN ('rejected', 'withdrawn') AND NEW.state <> OLD.state) EXECUTE FUNCTION stays_as_it_is();
CREATE TRIGGER invoice_paid_stays BEFORE UPDATE OF state ON invoice FOR EACH ROW
  WHEN (OLD.state = 'paid' AND NEW.state <> 'paid') EXECUTE FUNCTION paid_unless_returned();
DROP TRIGGER absence_claim_decided_stays ON absence_claim;
CREATE TRIGGER absence_claim_decided_stays BEFORE UPDATE ON absence_claim FOR EACH ROW
  WHEN (OLD.state IN ('approved', 'approved in part', 'refused', 'paid')
    AND (to_jsonb(OLD) - 'state' IS DISTINCT FROM to_jsonb(NEW) - 'state'
      OR OLD.state <> 'paid' AND NEW.state <> OLD.state AND (NEW.state <> 'paid' OR OLD.state = 'refused')))
  EXECUTE FUNCTION stays_as_it_is();
CREATE TRIGGER absence_claim_paid_stays BEFORE UPDATE OF state ON absence_claim FOR EACH ROW
  WHEN (OLD.state = 'paid' AND NEW.state <> 'paid') EXECUTE FUNCTION paid_unless_returned();
"""

RECOVERIES = """
DROP TRIGGER recovery_stays ON recovery;
CREATE TRIGGER recovery_stays BEFORE UPDATE ON recovery FOR EACH ROW
  WHEN ((OLD.organisation_id, OLD.from_run_id, OLD.proposal_id, OLD.reason, OLD.amount)
    IS DISTINCT FROM (NEW.organisation_id, NEW.from_run_id, NEW.proposal_id, NEW.reason, NEW.amount))
  EXECUTE FUNCTION stays_as_it_is();
CREATE TRIGGER recovery_not_deleted BEFORE DELETE ON recovery FOR EACH ROW EXECUTE FUNCTION stays_as_it_is();

CREATE FUNCTION recovery_is_confirmed() RETURNS trigger LANGUAGE plpgsql
  SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF NOT is_confirmed() THEN
    RAISE EXCEPTION 'a recovery and its instalments are made by a confirmed proposal'
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER recovery_made_is_confirmed BEFORE INSERT ON recovery FOR EACH ROW
  WHEN (NEW.proposal_id IS NOT NULL OR NEW.instalment IS NOT NULL) EXECUTE FUNCTION recovery_is_confirmed();
CREATE TRIGGER recovery_changed_is_confirmed BEFORE UPDATE ON recovery FOR EACH ROW
  WHEN (OLD.instalment IS DISTINCT FROM NEW.instalment) EXECUTE FUNCTION recovery_is_confirmed();

-- What a run takes of a recovery is negative.
CREATE FUNCTION recovery_is_taken() RETURNS trigger LANGUAGE plpgsql
  SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    UPDATE recovery SET balance = balance + NEW.gross WHERE id = NEW.recovery_id;
  ELSE
    UPDATE recovery SET balance = balance - OLD.gross WHERE id = OLD.recovery_id;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER payment_source_takes AFTER INSERT ON payment_source FOR EACH ROW
  WHEN (NEW.recovery_id IS NOT NULL) EXECUTE FUNCTION recovery_is_taken();
CREATE TRIGGER payment_source_gives_back AFTER DELETE ON payment_source FOR EACH ROW
  WHEN (OLD.recovery_id IS NOT NULL) EXECUTE FUNCTION recovery_is_taken();
CREATE TRIGGER payment_source_comes_back AFTER UPDATE ON payment_source FOR EACH ROW
  WHEN (OLD.recovery_id IS NOT NULL AND OLD.bank_return_id IS NULL AND NEW.bank_return_id IS NOT NULL)
  EXECUTE FUNCTION recovery_is_taken();
"""

# Somebody acting on a page or by a command is known (app.user); the machine's own setting-up is nobody's.
ROLES = """
CREATE FUNCTION is_given(officer integer) RETURNS boolean LANGUAGE sql STABLE
  SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT coalesce(current_setting('app.user', true), '') = '' OR EXISTS (SELECT FROM proposal
    WHERE decided_in = pg_current_xact_id_if_assigned()::text::bigint AND state = 'confirmed' AND kind = 'role'
      AND (payload ->> 'user_id')::integer = officer)
$$;
CREATE FUNCTION role_is_given() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM ab_role WHERE id = NEW.role_id
      AND name IN ('Administrator', 'Payments officer', 'Payments approver')) AND NOT is_given(NEW.user_id) THEN
    RAISE EXCEPTION 'a role that pays or manages users is given by a confirmed proposal'
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER ab_user_role_is_given BEFORE INSERT OR UPDATE ON ab_user_role
  FOR EACH ROW EXECUTE FUNCTION role_is_given();
CREATE FUNCTION limit_is_given() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF NOT is_given(NEW.id) THEN
    RAISE EXCEPTION 'a limit is raised by a confirmed proposal' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER ab_user_limit_is_given BEFORE UPDATE ON ab_user FOR EACH ROW
  WHEN (OLD.approval_limit IS NOT NULL AND (NEW.approval_limit IS NULL OR NEW.approval_limit > OLD.approval_limit))
  EXECUTE FUNCTION limit_is_given();
"""

BEFORE = f"""
DROP TRIGGER ab_user_limit_is_given ON ab_user;
DROP TRIGGER ab_user_role_is_given ON ab_user_role;
DROP FUNCTION limit_is_given();
DROP FUNCTION role_is_given();
DROP FUNCTION is_given(integer);
DROP TRIGGER payment_source_takes ON payment_source;
DROP TRIGGER payment_source_gives_back ON payment_source;
DROP TRIGGER payment_source_comes_back ON payment_source;
DROP FUNCTION recovery_is_taken();
DROP TRIGGER recovery_made_is_confirmed ON recovery;
DROP TRIGGER recovery_changed_is_confirmed ON recovery;
DROP FUNCTION recovery_is_confirmed();
DROP TRIGGER recovery_not_deleted ON recovery;
DROP TRIGGER recovery_stays ON recovery;
CREATE TRIGGER recovery_stays BEFORE UPDATE OR DELETE ON recovery FOR EACH ROW EXECUTE FUNCTION stays_as_it_is();
DROP TRIGGER absence_claim_paid_stays ON absence_claim;
DROP TRIGGER absence_claim_decided_stays ON absence_claim;
CREATE TRIGGER absence_claim_decided_stays BEFORE UPDATE ON absence_claim FOR EACH ROW
  WHEN (OLD.state IN ('approved', 'approved in part', 'refused', 'paid')
    AND (to_jsonb(OLD) - 'state' IS DISTINCT FROM to_jsonb(NEW) - 'state'
      OR NEW.state <> OLD.state AND (NEW.state <> 'paid' OR OLD.state = 'refused')))
  EXECUTE FUNCTION stays_as_it_is();
DROP TRIGGER invoice_paid_stays ON invoice;
DROP TRIGGER invoice_rejected_stays ON invoice;
CREATE TRIGGER invoice_rejected_stays BEFORE UPDATE OF state ON invoice FOR EACH ROW
  WHEN (OLD.state IN ('rejected', 'paid') AND NEW.state <> OLD.state) EXECUTE FUNCTION stays_as_it_is();
DROP FUNCTION paid_unless_returned();
CREATE OR REPLACE FUNCTION run_is_closed() RETURNS trigger LANGUAGE plpgsql
  SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM payment_run WHERE id = coalesce(NEW.run_id, OLD.run_id) AND state <> 'draft') THEN
    RAISE EXCEPTION 'the payment run has been approved' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN coalesce(NEW, OLD);
END $$;
DROP TRIGGER payment_run_officer_may_pay ON payment_run;
DROP FUNCTION officer_may_pay();
DROP TRIGGER payment_run_stays ON payment_run;
CREATE TRIGGER payment_run_stays BEFORE UPDATE ON payment_run FOR EACH ROW
  WHEN (OLD.state <> 'draft' AND {_row("OLD", RUN_KEPT_BEFORE)} IS DISTINCT FROM {_row("NEW", RUN_KEPT_BEFORE)})
  EXECUTE FUNCTION stays_as_it_is();
"""


def _kinds(kinds: tuple[str, ...]) -> str:
    return f"kind IN ({', '.join(map(repr, kinds))})"


def _set_kinds(kinds: tuple[str, ...]) -> None:
    op.drop_constraint(op.f("ck_proposal_proposalkind"), "proposal", type_="check")
    op.create_check_constraint(op.f("ck_proposal_proposalkind"), "proposal", _kinds(kinds))


def _make_findings() -> None:
    op.create_table(
        "run_finding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer()),
        sa.Column("kind", sa.Enum(*CHECKS, name="runcheck", native_enum=False, create_constraint=True, length=40),
                  nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("pounds", sa.Numeric(12, 2), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True)),
        sa.Column("looked_by_id", sa.Integer()),
        sa.Column("looked_reason", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("pounds <> 'NaN'", name=op.f("ck_run_finding_pounds_is_a_number")),
        sa.CheckConstraint("(looked_at IS NULL) = (looked_by_id IS NULL)", name=op.f("ck_run_finding_looked_by_whom")),
        sa.CheckConstraint("(looked_at IS NULL) = (looked_reason = '')", name=op.f("ck_run_finding_looked_why")),
        sa.CheckConstraint(
            "looked_at IS NULL OR kind NOT IN ('no call-back', 'on hold', 'in dispute')", name=op.f("ck_run_finding_stops")
        ),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_run_finding_{column}"))
            for column, table in (("run_id", "payment_run"), ("organisation_id", "organisation"),
                                  ("source_id", "payment_source"), ("looked_by_id", "ab_user"))
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run_finding")),
        sa.UniqueConstraint(
            "run_id", "kind", "organisation_id", "about", name=op.f("uq_run_finding_run_id_kind_organisation_id_about")
        ),
    )  # fmt: skip
    for column in ("organisation_id", "source_id"):
        op.create_index(op.f(f"ix_run_finding_{column}"), "run_finding", [column])


def _make_returns() -> None:
    op.create_table(
        "bank_return",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Numeric(12, 2), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("returned_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount <> 'NaN'", name=op.f("ck_bank_return_amount_is_a_number")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_bank_return_more_than_nothing")),
        sa.CheckConstraint("code ~ '^[0-9A-Z]$'", name=op.f("ck_bank_return_code")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_bank_return_organisation_id")),
        sa.ForeignKeyConstraint(["run_id"], ["payment_run.id"], name=op.f("fk_bank_return_run_id")),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["ab_user.id"], name=op.f("fk_bank_return_recorded_by_id")),
        sa.ForeignKeyConstraint(
            ["run_id", "organisation_id"], ["remittance.run_id", "remittance.organisation_id"],
            name=op.f("fk_bank_return_run_id_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_return")),
        sa.UniqueConstraint("run_id", "organisation_id", name=op.f("uq_bank_return_run_id_organisation_id")),
        sa.UniqueConstraint("organisation_id", "run_id", "id", name=op.f("uq_bank_return_organisation_id_run_id_id")),
    )  # fmt: skip
    op.create_index(op.f("ix_bank_return_organisation_id"), "bank_return", ["organisation_id"])
    op.add_column("payment_source", sa.Column("bank_return_id", sa.Integer()))
    op.create_foreign_key(
        op.f("fk_payment_source_organisation_id_run_id_bank_return_id"), "payment_source", "bank_return",
        ["organisation_id", "run_id", "bank_return_id"], ["organisation_id", "run_id", "id"],
    )  # fmt: skip
    for name in ONCE:
        op.drop_constraint(f"uq_payment_source_{name}", "payment_source", type_="unique")
        op.create_index(
            f"uq_payment_source_{name}", "payment_source", [name], unique=True,
            postgresql_where=sa.text("bank_return_id IS NULL"),
        )  # fmt: skip
    for name in OF_LINES:
        op.drop_constraint(f"uq_remittance_line_{name}", "remittance_line", type_="unique")
        op.create_unique_constraint(
            op.f(f"uq_remittance_line_{name}_remittance_id"), "remittance_line", [name, "remittance_id"]
        )


def _divide_recoveries() -> None:
    op.alter_column("recovery", "from_run_id", nullable=True)
    op.add_column("recovery", sa.Column("proposal_id", sa.Integer()))
    op.create_foreign_key(op.f("fk_recovery_proposal_id"), "recovery", "proposal", ["proposal_id"], ["id"])
    op.create_index(op.f("ix_recovery_proposal_id"), "recovery", ["proposal_id"])
    op.add_column("recovery", sa.Column("reason", sa.Text(), server_default="", nullable=False))
    op.add_column("recovery", sa.Column("balance", sa.Numeric(12, 2)))
    op.add_column("recovery", sa.Column("instalment", sa.Numeric(12, 2)))
    op.add_column("recovery", sa.Column("paused_on", sa.Date()))
    op.add_column("recovery", sa.Column("paused_reason", sa.Text(), server_default="", nullable=False))
    op.execute("ALTER TABLE recovery DISABLE TRIGGER recovery_stays")
    op.execute(
        "UPDATE recovery SET balance = amount"
        " + coalesce((SELECT sum(gross) FROM payment_source WHERE recovery_id = recovery.id), 0)"
    )
    op.execute("ALTER TABLE recovery ENABLE TRIGGER recovery_stays")
    op.alter_column("recovery", "balance", nullable=False)
    for name, condition in RECOVERY_CHECKS.items():
        op.create_check_constraint(op.f(f"ck_recovery_{name}"), "recovery", condition)
    op.drop_constraint("uq_payment_source_recovery_id", "payment_source", type_="unique")
    op.create_index(op.f("ix_payment_source_recovery_id"), "payment_source", ["recovery_id"])
    op.create_unique_constraint(
        op.f("uq_payment_source_run_id_recovery_id"), "payment_source", ["run_id", "recovery_id"]
    )
    op.create_check_constraint(op.f("ck_payment_source_taking"), "payment_source", "recovery_id IS NULL OR gross < 0")


RECOVERY_CHECKS = {
    "balance": "balance >= 0 AND balance <= amount",
    "balance_is_a_number": "balance <> 'NaN'",
    "where_from": "num_nonnulls(from_run_id, proposal_id) = 1",
    "reason": "proposal_id IS NULL OR reason <> ''",
    "instalment": "instalment > 0",
    "instalment_is_a_number": "instalment <> 'NaN'",
    "paused_why": "(paused_on IS NULL) = (paused_reason = '')",
}


def upgrade() -> None:
    _set_kinds((*KINDS, *MORE_KINDS))
    op.add_column("ab_user", sa.Column("approval_limit", sa.Numeric(12, 2)))
    op.create_check_constraint(op.f("ck_ab_user_approval_limit_is_a_number"), "ab_user", "approval_limit <> 'NaN'")
    op.add_column("payment_run", sa.Column("settled_at", sa.DateTime(timezone=True)))
    op.add_column("payment_run", sa.Column("settled_by_id", sa.Integer()))
    op.create_foreign_key(op.f("fk_payment_run_settled_by_id"), "payment_run", "ab_user", ["settled_by_id"], ["id"])
    op.execute("UPDATE payment_run SET settled_at = released_at WHERE state = 'settled'")
    op.create_check_constraint(
        op.f("ck_payment_run_settled_when"), "payment_run", "(state = 'settled') = (settled_at IS NOT NULL)"
    )
    _make_findings()
    _make_returns()
    _divide_recoveries()
    op.create_index(
        "ix_actual_deceased", "actual", ["line_item_id"], postgresql_where=sa.text("reason = 'DECEASED'")
    )
    for statement in (RUNS, RETURNS, RECOVERIES, ROLES):
        op.execute(statement)
    for table in ("run_finding", "bank_return"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY every_row ON {table} TO portal_council USING (true)")
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO portal_council")
        op.execute(f"GRANT USAGE ON SEQUENCE {table}_id_seq TO portal_council")
        for change, rows in SEES.items():
            op.execute(
                f"CREATE TRIGGER {table}_audit_{change} AFTER {change} ON {table} REFERENCING {rows}"
                " FOR EACH STATEMENT EXECUTE FUNCTION keep_audit()"
            )
    # A provider reads on its remittance that the bank sent it back; what a run's checks found is the council's.
    op.execute(
        "CREATE POLICY own_rows ON bank_return TO portal_web USING (organisation_id = (SELECT app_organisation()))"
    )
    op.execute("GRANT SELECT ON bank_return TO portal_web")


def downgrade() -> None:
    op.execute(BEFORE)
    op.drop_index("ix_actual_deceased", "actual")
    op.drop_constraint(op.f("ck_payment_source_taking"), "payment_source", type_="check")
    op.drop_constraint("uq_payment_source_run_id_recovery_id", "payment_source", type_="unique")
    op.drop_index(op.f("ix_payment_source_recovery_id"), "payment_source")
    op.create_unique_constraint("uq_payment_source_recovery_id", "payment_source", ["recovery_id"])
    for name in RECOVERY_CHECKS:
        op.drop_constraint(op.f(f"ck_recovery_{name}"), "recovery", type_="check")
    for name in ("paused_reason", "paused_on", "instalment", "balance", "reason", "proposal_id"):
        op.drop_column("recovery", name)
    op.alter_column("recovery", "from_run_id", nullable=False)
    for name in OF_LINES:
        op.drop_constraint(f"uq_remittance_line_{name}_remittance_id", "remittance_line", type_="unique")
        op.create_unique_constraint(f"uq_remittance_line_{name}", "remittance_line", [name])
    for name in ONCE:
        op.drop_index(f"uq_payment_source_{name}", "payment_source")
        op.create_unique_constraint(f"uq_payment_source_{name}", "payment_source", [name])
    op.drop_column("payment_source", "bank_return_id")
    op.drop_table("bank_return")
    op.drop_table("run_finding")
    op.drop_constraint(op.f("ck_payment_run_settled_when"), "payment_run", type_="check")
    op.drop_column("payment_run", "settled_by_id")
    op.drop_column("payment_run", "settled_at")
    op.drop_column("ab_user", "approval_limit")
    _set_kinds(KINDS)
