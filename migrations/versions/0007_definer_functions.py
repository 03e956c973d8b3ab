"""Whoever can run SQL as the web role can neither silence nor forge the audit trail, nor run code as the owner.

PostgreSQL looks for tables and types in `pg_temp` first where a search path does not name it. A temporary table called
audit_event took the trail, one called payment_run said that a closed run is a draft, and a temporary type called text
ran its check as the owner. Every function that names a table, and every one that acts as the owner, now looks into
`pg_temp` last. Nor can the web role hang a function that acts as the owner on a temporary table of its own and so write
traces of what never happened: PostgreSQL asks for EXECUTE when a trigger is made, not when it fires.
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

DEFINER_TRIGGERS = ("keep_audit", "keep_decision", "keep_versions")
DEFINERS = (*(f"{name}()" for name in DEFINER_TRIGGERS), "organisations_of(integer)")
# They run as whoever makes the change. The three functions in SQL that are left name no table and no type of ours, and
# a search path of their own would keep the planner from inlining them into every policy.
TRIGGERS = (
    "claim_is_decided()",
    "next_version()",
    "price_was_claimed()",
    "price_was_invoiced()",
    "run_is_closed()",
    "stays_as_it_is()",
    "week_leaves_invoice()",
)

# The web role keeps what 0003 granted it: files go in by COPY, which PostgreSQL does not do into a table with row-level
# security, as every table of an organisation has it. A temporary table is where COPY can go (models/staged.py).
NOBODY_ELSE = """
DO $$ BEGIN EXECUTE format('{change}', current_database()); END $$
"""


def upgrade() -> None:
    for function in (*DEFINERS, *TRIGGERS):
        op.execute(f"ALTER FUNCTION {function} SET search_path = pg_catalog, public, pg_temp")
    for function in DEFINERS:
        op.execute(f"REVOKE EXECUTE ON FUNCTION {function} FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION organisations_of(integer) TO portal_web")
    op.execute(NOBODY_ELSE.format(change="REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC"))
    # A database that was upgraded from before PostgreSQL 15 still lets everybody create functions here.
    op.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")


def downgrade() -> None:
    op.execute(NOBODY_ELSE.format(change="GRANT TEMPORARY ON DATABASE %I TO PUBLIC"))
    op.execute("REVOKE EXECUTE ON FUNCTION organisations_of(integer) FROM portal_web")
    for function in DEFINERS:
        op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO PUBLIC")
        op.execute(f"ALTER FUNCTION {function} SET search_path = public")
    for function in TRIGGERS:
        op.execute(f"ALTER FUNCTION {function} RESET search_path")
