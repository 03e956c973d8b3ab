"""Paper ISOs are confirmed by a second officer before the job takes them; their scans are kept; imports are abandoned.

A paper ISO becomes a price, so it takes two officers like every price: who wrote it down last, and who confirmed it. The
database refuses the same one, any change of what was confirmed that keeps the confirmation, and any change of one that
became something. A provider sees only those that were confirmed. Scans stand in a table of their own, for the council.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

STATES = ("waiting", "replaced", "migrated", "needs review")
IMPORT_STATES = ("waiting", "checking", "checked", "applying", "done", "refused", "failed")
SEES = {
    "insert": "NEW TABLE AS new_rows",
    "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "delete": "OLD TABLE AS old_rows",
}
REFERENCES = {
    "registered_by_id": "ab_user", "confirmed_by_id": "ab_user", "settled_by_id": "ab_user", "proposal_id": "proposal",
}  # fmt: skip
OWN_REFERENCES = {"line_item_id": "line_item", "conversation_id": "conversation"}
CHECKS = {
    "confirmed_by_whom": "(confirmed_at IS NULL) = (confirmed_by_id IS NULL)",
    "registered_by_whom": "confirmed_by_id IS NULL OR registered_by_id IS NOT NULL",
    "two_officers": "confirmed_by_id <> registered_by_id",
    "taken_when_confirmed": "state = 'waiting' OR confirmed_at IS NOT NULL",
    "no_agreement_why": "state <> 'not an agreement' OR note <> ''",
}

PROMISES = """
CREATE FUNCTION paper_is_confirmed_anew() RETURNS trigger LANGUAGE plpgsql
  SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  beside text[] := ARRAY['state', 'registered_at', 'registered_by_id', 'confirmed_at', 'confirmed_by_id',
    'review_reasons', 'note', 'document_id', 'line_item_id', 'proposal_id', 'conversation_id', 'settled_at',
    'settled_by_id'];
BEGIN
  IF NEW.confirmed_at IS NOT NULL AND to_jsonb(OLD) - beside <> to_jsonb(NEW) - beside THEN
    RAISE EXCEPTION 'a paper ISO that is changed has to be confirmed anew' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER paper_order_is_confirmed_anew BEFORE UPDATE ON paper_order
  FOR EACH ROW EXECUTE FUNCTION paper_is_confirmed_anew();
CREATE TRIGGER paper_order_stays BEFORE UPDATE ON paper_order FOR EACH ROW
  WHEN (OLD.state IN ('replaced', 'migrated', 'not an agreement')) EXECUTE FUNCTION stays_as_it_is();
CREATE TRIGGER paper_order_not_deleted BEFORE DELETE ON paper_order FOR EACH ROW
  WHEN (OLD.confirmed_at IS NOT NULL) EXECUTE FUNCTION stays_as_it_is();
ALTER POLICY own_rows ON paper_order
  USING (organisation_id = (SELECT app_organisation()) AND confirmed_at IS NOT NULL);
"""


def upgrade() -> None:
    # No job has taken any yet, whatever somebody typed into its state.
    op.execute(
        "UPDATE paper_order SET state = 'waiting', document_id = NULL, settled_at = NULL WHERE state <> 'waiting'"
    )
    _set_states("paper_order", "paperstate", (*STATES, "not an agreement"))
    _set_states("import_file", "importstate", (*IMPORT_STATES, "abandoned"))
    op.add_column(
        "paper_order",
        sa.Column("registered_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
    )
    op.add_column("paper_order", sa.Column("note", sa.Text(), server_default="", nullable=False))
    op.add_column("paper_order", sa.Column("confirmed_at", sa.DateTime(timezone=True)))
    for column in (*REFERENCES, *OWN_REFERENCES):
        op.add_column("paper_order", sa.Column(column, sa.Integer()))
    for column, table in REFERENCES.items():
        op.create_foreign_key(op.f(f"fk_paper_order_{column}"), "paper_order", table, [column], ["id"])
    for column, table in OWN_REFERENCES.items():
        op.create_foreign_key(
            op.f(f"fk_paper_order_organisation_id_{column}"), "paper_order", table,
            ["organisation_id", column], ["organisation_id", "id"],
        )  # fmt: skip
    for column in ("line_item_id", "proposal_id", "conversation_id"):
        op.create_index(op.f(f"ix_paper_order_{column}"), "paper_order", [column])
    for name, condition in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_paper_order_{name}"), "paper_order", condition)
    op.execute(PROMISES)
    _make_scan()


def _set_states(table: str, name: str, states: tuple[str, ...]) -> None:
    constraint = op.f(f"ck_{table}_{name}")
    op.drop_constraint(constraint, table)
    words = ", ".join(f"'{state}'" for state in states)
    op.create_check_constraint(constraint, table, f"state IN ({words})")


def _make_scan() -> None:
    op.create_table(
        "paper_scan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("paper_order_id", sa.Integer(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("attached_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("attached_by_id", sa.Integer()),
        sa.CheckConstraint("kind IN ('pdf', 'png', 'jpg')", name=op.f("ck_paper_scan_kind")),
        sa.CheckConstraint("size = length(content) AND size > 0", name=op.f("ck_paper_scan_size")),
        sa.ForeignKeyConstraint(
            ["paper_order_id"], ["paper_order.id"], name=op.f("fk_paper_scan_paper_order_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["attached_by_id"], ["ab_user.id"], name=op.f("fk_paper_scan_attached_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_scan")),
        sa.UniqueConstraint("paper_order_id", name=op.f("uq_paper_scan_paper_order_id")),
    )
    op.execute("ALTER TABLE paper_scan ENABLE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY every_row ON paper_scan TO portal_council USING (true)")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON paper_scan TO portal_council")
    op.execute("GRANT USAGE ON SEQUENCE paper_scan_id_seq TO portal_council")
    for change, rows in SEES.items():
        op.execute(
            f"CREATE TRIGGER paper_scan_audit_{change} AFTER {change} ON paper_scan REFERENCING {rows}"
            " FOR EACH STATEMENT EXECUTE FUNCTION keep_audit()"
        )


def downgrade() -> None:
    op.drop_table("paper_scan")
    op.execute("ALTER POLICY own_rows ON paper_order USING (organisation_id = (SELECT app_organisation()))")
    for trigger in ("is_confirmed_anew", "stays", "not_deleted"):
        op.execute(f"DROP TRIGGER paper_order_{trigger} ON paper_order")
    op.execute("DROP FUNCTION paper_is_confirmed_anew()")
    for name in CHECKS:
        op.drop_constraint(op.f(f"ck_paper_order_{name}"), "paper_order")
    for column in (*REFERENCES, *OWN_REFERENCES, "confirmed_at", "registered_at", "note"):
        op.drop_column("paper_order", column)
    op.execute("UPDATE paper_order SET state = 'needs review' WHERE state = 'not an agreement'")
    op.execute("UPDATE import_file SET state = 'checked' WHERE state = 'abandoned'")
    _set_states("paper_order", "paperstate", STATES)
    _set_states("import_file", "importstate", IMPORT_STATES)
