"""A one-off payment is proposed by one officer and confirmed by another, as everything else that decides money.

It is made, and its money changed, only in the transaction in which a proposal is confirmed; it knows which.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

FUNCTION = """
CREATE FUNCTION one_off_is_confirmed() RETURNS trigger LANGUAGE plpgsql
  SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF NOT is_confirmed() THEN
    RAISE EXCEPTION 'a one-off payment is made by a confirmed proposal' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$
"""
COLUMNS = "organisation_id, line_item_id, period_id, net, vat_code, reason, proposal_id"


def upgrade() -> None:
    op.add_column("one_off_payment", sa.Column("proposal_id", sa.Integer()))
    op.create_foreign_key(
        op.f("fk_one_off_payment_proposal_id"), "one_off_payment", "proposal", ["proposal_id"], ["id"]
    )
    op.create_index(op.f("ix_one_off_payment_proposal_id"), "one_off_payment", ["proposal_id"])
    op.execute(FUNCTION)
    op.execute(
        "CREATE TRIGGER one_off_payment_is_confirmed AFTER INSERT ON one_off_payment"
        " FOR EACH STATEMENT EXECUTE FUNCTION one_off_is_confirmed()"
    )
    old, new = (", ".join(f"{row}.{name}" for name in COLUMNS.split(", ")) for row in ("OLD", "NEW"))
    op.execute(
        "CREATE TRIGGER one_off_payment_stays_confirmed AFTER UPDATE ON one_off_payment FOR EACH ROW"
        f" WHEN (({old}) IS DISTINCT FROM ({new})) EXECUTE FUNCTION one_off_is_confirmed()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER one_off_payment_stays_confirmed ON one_off_payment")
    op.execute("DROP TRIGGER one_off_payment_is_confirmed ON one_off_payment")
    op.execute("DROP FUNCTION one_off_is_confirmed")
    op.drop_column("one_off_payment", "proposal_id")
