"""An invoice line names what priced it; a difference takes the old lines back and adds the new ones.

Each line then multiplies, and VAT comes out as that of the final truth. A week whose line gets another price after it
was invoiced is marked by the database, whoever changed the price and however. A rate that was invoiced is replaced,
never written over.
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

# A difference of two rates was one line that did not multiply: it becomes one unit of its pounds.
MULTIPLY = """
ALTER TABLE invoice_line DISABLE TRIGGER invoice_line_stays;
UPDATE invoice_line SET units = sign(net), rate = abs(net) WHERE net <> round(units * rate, 2);
UPDATE invoice_line SET rate_id = (
  SELECT rate.id FROM rate WHERE rate.line_item_id = invoice_line.line_item_id AND rate.rate = invoice_line.rate
    AND rate.start <= week_starting + 6 AND coalesce(rate."end", 'infinity') >= week_starting
  ORDER BY rate.start LIMIT 1);
ALTER TABLE invoice_line ENABLE TRIGGER invoice_line_stays;
"""
# Lines of before took less back without saying from which line: they stay, so that this is no check of the table.
TAKEN_BACK = """
CREATE FUNCTION takes_back_exactly() RETURNS trigger LANGUAGE plpgsql
  SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM invoice_line AS taken WHERE taken.id = NEW.adjusts_id AND taken.invoice_id <> NEW.invoice_id
      AND taken.actual_id = NEW.actual_id AND taken.units = -NEW.units AND taken.rate = NEW.rate AND taken.net = -NEW.net
      AND taken.vat = -NEW.vat) THEN
    RAISE EXCEPTION 'a line takes back exactly what another invoice holds' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER invoice_line_takes_back BEFORE INSERT ON invoice_line FOR EACH ROW
  WHEN (NEW.adjusts_id IS NOT NULL OR NEW.units < 0) EXECUTE FUNCTION takes_back_exactly();
"""
REPRICED = """
CREATE FUNCTION mark_repriced(lines integer[], since date[], until date[]) RETURNS void LANGUAGE sql
  SET search_path = pg_catalog, public, pg_temp AS $$
  UPDATE actual SET repriced_at = now()
  FROM (SELECT DISTINCT actual.id FROM unnest(lines, since, until) AS changed (line_id, since, until)
        JOIN actual ON actual.line_item_id = changed.line_id AND actual.state IN ('invoiced', 'paid')
          AND actual.week_starting + 6 >= changed.since AND actual.week_starting <= changed.until) AS touched
  WHERE actual.id = touched.id
$$;
CREATE FUNCTION rate_reprices() RETURNS trigger LANGUAGE plpgsql
  SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM mark_repriced(array_agg(line_item_id), array_agg(start), array_agg(coalesce("end", 'infinity')))
  FROM new_rows;
  RETURN NULL;
END $$;
CREATE TRIGGER rate_added_reprices AFTER INSERT ON rate REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION rate_reprices();
CREATE FUNCTION rate_gone_reprices() RETURNS trigger LANGUAGE plpgsql
  SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM mark_repriced(array_agg(line_item_id), array_agg(start), array_agg(coalesce("end", 'infinity')))
  FROM old_rows;
  RETURN NULL;
END $$;
CREATE TRIGGER rate_deleted_reprices AFTER DELETE ON rate REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION rate_gone_reprices();
-- Of a rate whose days change only those days are touched that it gains or loses; of one replaced, all.
CREATE FUNCTION rate_moved_reprices() RETURNS trigger LANGUAGE plpgsql
  SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM mark_repriced(array_agg(line_item_id), array_agg(since), array_agg(until)) FROM (
    SELECT o.line_item_id,
      CASE WHEN (o.rate, o.start, o.replaced_at) IS DISTINCT FROM (n.rate, n.start, n.replaced_at)
        THEN least(o.start, n.start)
        ELSE least(coalesce(o."end", 'infinity'), coalesce(n."end", 'infinity')) + 1 END AS since,
      greatest(coalesce(o."end", 'infinity'), coalesce(n."end", 'infinity')) AS until
    FROM old_rows AS o JOIN new_rows AS n USING (id)
    WHERE (o.rate, o.start, o."end", o.replaced_at) IS DISTINCT FROM (n.rate, n.start, n."end", n.replaced_at)) AS moved;
  RETURN NULL;
END $$;
CREATE TRIGGER rate_changed_reprices AFTER UPDATE ON rate REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION rate_moved_reprices();
CREATE FUNCTION vat_reprices() RETURNS trigger LANGUAGE plpgsql
  SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM mark_repriced(ARRAY[NEW.id], ARRAY[NEW.start], ARRAY['infinity'::date]);
  RETURN NULL;
END $$;
CREATE TRIGGER line_item_vat_reprices AFTER UPDATE ON line_item FOR EACH ROW
  WHEN (OLD.vat_code <> NEW.vat_code) EXECUTE FUNCTION vat_reprices();
CREATE TRIGGER rate_replaced_stays BEFORE UPDATE OR DELETE ON rate FOR EACH ROW
  WHEN (OLD.replaced_at IS NOT NULL) EXECUTE FUNCTION stays_as_it_is();
"""
OVERLAP = """
ALTER TABLE rate DROP CONSTRAINT ex_rate_overlap;
ALTER TABLE rate ADD CONSTRAINT ex_rate_overlap EXCLUDE USING gist
  (line_item_id WITH =, daterange(start, "end", '[]') WITH &&) {where}
"""


def upgrade() -> None:
    op.add_column("rate", sa.Column("replaced_at", sa.DateTime(timezone=True)))
    op.execute(OVERLAP.format(where="WHERE (replaced_at IS NULL)"))
    op.add_column("actual", sa.Column("repriced_at", sa.DateTime(timezone=True)))
    op.create_index(
        "ix_actual_repriced", "actual", ["organisation_id"], postgresql_where=sa.text("repriced_at IS NOT NULL")
    )
    for name in ("adjusts_id", "rate_id"):
        op.add_column("invoice_line", sa.Column(name, sa.Integer()))
    op.create_foreign_key(op.f("fk_invoice_line_adjusts_id"), "invoice_line", "invoice_line", ["adjusts_id"], ["id"])
    op.create_foreign_key(op.f("fk_invoice_line_rate_id"), "invoice_line", "rate", ["rate_id"], ["id"])
    op.create_index(op.f("ix_invoice_line_rate_id"), "invoice_line", ["rate_id"])
    op.drop_index("uq_invoice_line_live_correction", "invoice_line")
    op.create_index(
        "uq_invoice_line_live_taken_back", "invoice_line", ["adjusts_id"], unique=True,
        postgresql_where=sa.text("live"),
    )  # fmt: skip
    op.drop_constraint(op.f("ck_invoice_line_difference"), "invoice_line")
    op.drop_constraint(op.f("ck_invoice_line_net"), "invoice_line")
    for name in ("already_units", "already_net", "corrects_version"):
        op.drop_column("invoice_line", name)
    op.execute(MULTIPLY)
    op.create_check_constraint(
        op.f("ck_invoice_line_taken_back"), "invoice_line", "adjusts_id IS NULL OR kind IN ('UNITS_DIFF', 'RATE_DIFF')"
    )
    op.create_check_constraint(op.f("ck_invoice_line_net"), "invoice_line", "net = round(units * rate, 2)")
    op.execute(TAKEN_BACK)
    op.execute(REPRICED)


def downgrade() -> None:
    for name in ("rate_replaced_stays", "rate_changed_reprices", "rate_deleted_reprices", "rate_added_reprices"):
        op.execute(f"DROP TRIGGER {name} ON rate")
    op.execute("DROP TRIGGER line_item_vat_reprices ON line_item")
    functions = ("vat_reprices", "rate_moved_reprices", "rate_gone_reprices", "rate_reprices", "mark_repriced")
    for name in functions:
        op.execute(f"DROP FUNCTION {name}")
    op.execute("DROP TRIGGER invoice_line_takes_back ON invoice_line")
    op.execute("DROP FUNCTION takes_back_exactly")
    for name in ("taken_back", "net"):
        op.drop_constraint(op.f(f"ck_invoice_line_{name}"), "invoice_line")
    op.drop_index("uq_invoice_line_live_taken_back", "invoice_line")
    for name, kind in (("corrects_version", sa.Integer()), ("already_units", sa.Numeric(10, 2)),
                       ("already_net", sa.Numeric(12, 2))):  # fmt: skip
        op.add_column("invoice_line", sa.Column(name, kind))
    for name in ("already_units", "already_net"):
        op.create_check_constraint(
            op.f(f"ck_invoice_line_{name}_is_a_number"), "invoice_line", f"{name} <> 'NaN'"
        )  # fmt: skip
    op.drop_column("invoice_line", "rate_id")
    op.drop_column("invoice_line", "adjusts_id")
    op.create_check_constraint(
        op.f("ck_invoice_line_net"), "invoice_line",
        "kind NOT IN ('CURRENT', 'LATE') OR net = round(units * rate, 2)",
    )  # fmt: skip
    op.create_index(
        "uq_invoice_line_live_correction", "invoice_line", ["actual_id", "actual_version"], unique=True,
        postgresql_where=sa.text("live AND kind = 'UNITS_DIFF'"),
    )  # fmt: skip
    op.create_check_constraint(
        op.f("ck_invoice_line_difference"), "invoice_line",
        "kind <> 'UNITS_DIFF' OR num_nonnulls(actual_version, already_units, already_net) = 3",
    )  # fmt: skip
    op.drop_column("actual", "repriced_at")
    op.execute("DELETE FROM rate WHERE replaced_at IS NOT NULL")
    op.execute(OVERLAP.format(where=""))
    op.drop_column("rate", "replaced_at")
