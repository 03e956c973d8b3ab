"""Conversations have a subject from a list, days to be settled, an officer, files and internal notes; they can move.

What a provider's login may do in the two new tables: read and add the files of its own conversations, and nothing at all
with internal notes. Both, like messages, stay as they were written. A setting of the policy can be for a council team.
"""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0035"
branch_labels = None
depends_on = None

TOPICS = (
    "actuals", "missing care package", "over exception level", "scheduled payment", "remittance", "overpayment",
    "notification of death", "hospital admission", "price uplift", "document rejected", "other",
)  # fmt: skip
KINDS = ("pdf", "png", "jpg", "docx", "xlsx", "csv", "txt", "eml")
SCOPES = ("council", "sector", "organisation", "line")
# What opened a conversation before it said so: the portal's own subjects.
FORMER = (
    ("over exception level", "subject LIKE 'Over exception level: line %'"),
    ("document rejected", "subject LIKE 'Contract document % rejected' AND document_id IS NOT NULL"),
    ("scheduled payment", "scheduled_payment_id IS NOT NULL"),
    ("missing care package", "EXISTS (SELECT FROM missing_package WHERE conversation_id = conversation.id)"),
)
CLOSED_WITH_WHY = "state <> 'closed' OR (closed_at IS NOT NULL AND closed_reason <> '')"

RIGHTS = """
ALTER TABLE attachment ENABLE ROW LEVEL SECURITY;
ALTER TABLE conversation_note ENABLE ROW LEVEL SECURITY;
-- Files of a conversation that a contact's services do not show are not shown either.
CREATE POLICY own_rows ON attachment TO portal_web USING (
  organisation_id = (SELECT app_organisation())
  AND EXISTS (SELECT FROM message JOIN conversation ON conversation.id = message.conversation_id
              WHERE message.id = message_id));
CREATE POLICY every_row ON attachment TO portal_council USING (true);
CREATE POLICY every_row ON conversation_note TO portal_council USING (true);
GRANT SELECT, INSERT ON attachment TO portal_web, portal_council;
GRANT SELECT, INSERT ON conversation_note TO portal_council;
GRANT USAGE ON SEQUENCE attachment_id_seq TO portal_web, portal_council;
GRANT USAGE ON SEQUENCE conversation_note_id_seq TO portal_council;
CREATE TRIGGER attachment_stays BEFORE UPDATE OR DELETE ON attachment
  FOR EACH ROW EXECUTE FUNCTION stays_as_it_is();
CREATE TRIGGER conversation_note_stays BEFORE UPDATE OR DELETE ON conversation_note
  FOR EACH ROW EXECUTE FUNCTION stays_as_it_is();
"""

# Who is limited to services sees no conversation about a line, a week or a document of another one.
OF_DOCUMENT = (
    "(document_id IS NULL OR EXISTS (SELECT FROM contract_document WHERE contract_document.id = document_id))"
)
OF_ABOUT = (
    f"({OF_DOCUMENT} AND (line_item_id IS NULL OR EXISTS (SELECT FROM line_item WHERE line_item.id = line_item_id))"
    " AND (actual_id IS NULL OR EXISTS (SELECT FROM actual WHERE actual.id = actual_id)))"
)
OWN_SERVICES = "ALTER POLICY own_services ON conversation USING ((SELECT app_services()) IS NULL OR {rule})"


def upgrade() -> None:
    _widen_conversation()
    _widen_message()
    _set_scopes((*SCOPES, "team"))
    _make_attachment()
    _make_note()
    op.execute(RIGHTS)
    op.execute(OWN_SERVICES.format(rule=OF_ABOUT))


def _widen_conversation() -> None:
    topic = sa.Enum(*TOPICS, name="topic", native_enum=False, create_constraint=True, length=40)
    op.add_column("conversation", sa.Column("topic", topic, server_default="other", nullable=False))
    for name, kind in (
        ("remittance_id", sa.Integer()),
        ("assigned_to_id", sa.Integer()),
        ("first_answer_by", sa.Date()),
        ("resolve_by", sa.Date()),
        ("team_read_at", sa.DateTime(timezone=True)),
    ):
        op.add_column("conversation", sa.Column(name, kind))
    op.create_foreign_key(
        op.f("fk_conversation_organisation_id_remittance_id"), "conversation", "remittance",
        ["organisation_id", "remittance_id"], ["organisation_id", "id"],
    )  # fmt: skip
    op.create_foreign_key(
        op.f("fk_conversation_assigned_to_id"), "conversation", "ab_user", ["assigned_to_id"], ["id"]
    )
    for column in ("remittance_id", "assigned_to_id"):
        op.create_index(op.f(f"ix_conversation_{column}"), "conversation", [column])
    for former, condition in FORMER:
        op.execute(f"UPDATE conversation SET topic = '{former}' WHERE {condition}")
    op.execute("UPDATE conversation SET closed_reason = 'Closed' WHERE state = 'closed' AND closed_reason = ''")
    op.execute("UPDATE conversation SET closed_at = opened_at WHERE state = 'closed' AND closed_at IS NULL")
    op.create_check_constraint(op.f("ck_conversation_closed_with_why"), "conversation", CLOSED_WITH_WHY)


def _widen_message() -> None:
    op.add_column("message", sa.Column("team_id", sa.Integer()))
    op.add_column("message", sa.Column("moved", sa.Boolean(), server_default="false", nullable=False))
    op.create_foreign_key(op.f("fk_message_team_id"), "message", "team", ["team_id"], ["id"])
    # No conversation has moved yet: who wrote for the council wrote for the team it is with.
    op.execute("ALTER TABLE message DISABLE TRIGGER message_stays")
    op.execute(
        "UPDATE message SET team_id = conversation.team_id FROM conversation"
        " WHERE conversation.id = conversation_id AND from_council"
    )
    op.execute("ALTER TABLE message ENABLE TRIGGER message_stays")
    op.create_unique_constraint(op.f("uq_message_organisation_id_id"), "message", ["organisation_id", "id"])
    op.create_check_constraint(op.f("ck_message_moved_by_council"), "message", "from_council OR NOT moved")


def _set_scopes(scopes: tuple[str, ...]) -> None:
    op.drop_constraint(op.f("ck_policy_setting_policyscope"), "policy_setting")
    words = ", ".join(f"'{scope}'" for scope in scopes)
    op.create_check_constraint(op.f("ck_policy_setting_policyscope"), "policy_setting", f"scope IN ({words})")


def _make_attachment() -> None:
    kinds = ", ".join(f"'{kind}'" for kind in KINDS)
    op.create_table(
        "attachment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("from_council", sa.Boolean(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("attached_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(f"kind IN ({kinds})", name=op.f("ck_attachment_kind")),
        sa.CheckConstraint("size = length(content) AND size > 0", name=op.f("ck_attachment_size")),
        sa.CheckConstraint(
            r"filename !~ '[/\\]' AND filename LIKE '%.' || kind", name=op.f("ck_attachment_filename")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "message_id"], ["message.organisation_id", "message.id"],
            name=op.f("fk_attachment_organisation_id_message_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
    )  # fmt: skip
    op.create_index(op.f("ix_attachment_message_id"), "attachment", ["message_id"])
    op.create_index("ix_attachment_sent", "attachment", ["organisation_id", "attached_at"])


def _make_note() -> None:
    op.create_table(
        "conversation_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("body <> ''", name=op.f("ck_conversation_note_says_something")),
        sa.CheckConstraint("char_length(body) <= 7500", name=op.f("ck_conversation_note_body_length")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_conversation_note_conversation_id")
        ),
        sa.ForeignKeyConstraint(["author_id"], ["ab_user.id"], name=op.f("fk_conversation_note_author_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation_note")),
    )
    op.create_index(op.f("ix_conversation_note_conversation_id"), "conversation_note", ["conversation_id"])


def downgrade() -> None:
    op.execute(OWN_SERVICES.format(rule=OF_DOCUMENT))
    op.drop_table("conversation_note")
    op.drop_table("attachment")
    op.execute("DELETE FROM policy_setting WHERE scope = 'team'")
    _set_scopes(SCOPES)
    for name in ("ck_message_moved_by_council", "uq_message_organisation_id_id"):
        op.drop_constraint(name, "message")
    for column in ("moved", "team_id"):
        op.drop_column("message", column)
    op.drop_constraint("ck_conversation_closed_with_why", "conversation")
    for column in ("team_read_at", "resolve_by", "first_answer_by", "assigned_to_id", "remittance_id", "topic"):
        op.drop_column("conversation", column)
