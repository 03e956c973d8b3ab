"""An e-mail says which letter it is; who is limited to services reads what they opened, or what is about these services.

Until now they also saw conversations about an invoice, a payment or nothing in particular, whoever had opened them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0059"
down_revision = "0061"
branch_labels = None
depends_on = None

IS_MINE = "opened_by_id = nullif(current_setting('app.user', true), '')::integer"
# Of another service there is none to be seen: each of these tables has its own policy.
OF_SERVICES = (
    "EXISTS (SELECT FROM contract_document WHERE contract_document.id = document_id)"
    " OR EXISTS (SELECT FROM line_item WHERE line_item.id = line_item_id)"
    " OR EXISTS (SELECT FROM actual WHERE actual.id = actual_id)"
)
# As 0044 had it.
BEFORE = (
    "(document_id IS NULL OR EXISTS (SELECT FROM contract_document WHERE contract_document.id = document_id))"
    " AND (line_item_id IS NULL OR EXISTS (SELECT FROM line_item WHERE line_item.id = line_item_id))"
    " AND (actual_id IS NULL OR EXISTS (SELECT FROM actual WHERE actual.id = actual_id))"
)
OWN_SERVICES = "ALTER POLICY own_services ON conversation USING ((SELECT app_services()) IS NULL OR {rule})"
# The words of a conversation are seen where it is.
OF_ITS_CONVERSATION = """
CREATE POLICY own_services ON message AS RESTRICTIVE TO portal_web USING (
  (SELECT app_services()) IS NULL
  OR EXISTS (SELECT FROM conversation WHERE conversation.id = conversation_id))
"""
OPENED_BY = """
UPDATE conversation SET opened_by_id = first.author_id
FROM (SELECT DISTINCT ON (conversation_id) conversation_id, author_id FROM message
      ORDER BY conversation_id, sent_at, id) AS first
WHERE first.conversation_id = conversation.id AND first.author_id IS NOT NULL
"""


def upgrade() -> None:
    op.add_column("email", sa.Column("letter", sa.Text(), server_default="", nullable=False))
    op.add_column("conversation", sa.Column("opened_by_id", sa.Integer()))
    op.create_foreign_key(op.f("fk_conversation_opened_by_id"), "conversation", "ab_user", ["opened_by_id"], ["id"])
    op.create_index(op.f("ix_conversation_opened_by_id"), "conversation", ["opened_by_id"])
    op.execute(OPENED_BY)
    op.execute(OWN_SERVICES.format(rule=f"({IS_MINE} OR {OF_SERVICES})"))
    op.execute(OF_ITS_CONVERSATION)


def downgrade() -> None:
    op.execute("DROP POLICY own_services ON message")
    op.execute(OWN_SERVICES.format(rule=f"({BEFORE})"))
    op.drop_column("conversation", "opened_by_id")
    op.drop_column("email", "letter")
