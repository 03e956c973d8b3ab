"""E-mails are claimed before they leave, gathered in a daily digest, and reworded by staff; reminders are sent once.

An organisation's dates are subscribed to by a secret address. Signing in reads letters, for it writes some, and counts
how often an address of dates was asked for.
"""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

STATES = ("waiting", "sent", "failed")
MORE_STATES = ("sending", "unclear", "gathered", "left out")
CHOICES = ("at once", "daily", "none")
KINDS = ("weeks to confirm", "document to answer", "answer to read")
CHANGES = {
    "insert": "NEW TABLE AS new_rows",
    "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "delete": "OLD TABLE AS old_rows",
}
AUDITED = ("announcement_organisation", "letter_wording")

RIGHTS = """
ALTER TABLE calendar_feed ENABLE ROW LEVEL SECURITY;
ALTER TABLE reminder ENABLE ROW LEVEL SECURITY;
CREATE POLICY every_row ON calendar_feed TO portal_council USING (true);
CREATE POLICY every_row ON reminder TO portal_council USING (true);
CREATE POLICY own_rows ON calendar_feed TO portal_web USING (organisation_id = (SELECT app_organisation()));
CREATE POLICY own_rows ON reminder TO portal_web USING (organisation_id = (SELECT app_organisation()));
CREATE POLICY by_its_secret ON calendar_feed TO portal_sign_in USING (true);
GRANT SELECT, INSERT, UPDATE ON calendar_feed TO portal_web;
GRANT SELECT, UPDATE (reads, reads_since) ON calendar_feed TO portal_sign_in;
GRANT SELECT ON letter_wording TO portal_web, portal_sign_in;
GRANT SELECT ON reminder TO portal_web;
GRANT SELECT, INSERT, UPDATE, DELETE ON calendar_feed, letter_wording, reminder TO portal_council;
GRANT USAGE ON SEQUENCE calendar_feed_id_seq TO portal_web, portal_council;
GRANT USAGE ON SEQUENCE letter_wording_id_seq, reminder_id_seq TO portal_council;
"""


def upgrade() -> None:
    _set_states((*STATES, *MORE_STATES))
    choice = sa.Enum(*CHOICES, name="mailchoice", native_enum=False, create_constraint=True, length=40)
    op.add_column("contact", sa.Column("mail", choice, server_default="at once", nullable=False))
    for column in (
        sa.Column("message_id", sa.Text(), server_default=sa.text("gen_random_uuid()::text"), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True)),
        sa.Column("is_notice", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("digest_for_id", sa.Integer()),
        sa.Column("gathered_into_id", sa.Integer()),
    ):
        op.add_column("email", column)
    op.create_unique_constraint(op.f("uq_email_message_id"), "email", ["message_id"])
    for column, table, gone in (("digest_for_id", "contact", "SET NULL"), ("gathered_into_id", "email", None)):
        op.create_foreign_key(op.f(f"fk_email_{column}"), "email", table, [column], ["id"], ondelete=gone)
        op.create_index(op.f(f"ix_email_{column}"), "email", [column])
    op.create_check_constraint(
        op.f("ck_email_claimed"), "email", "state NOT IN ('sending', 'unclear') OR claimed_at IS NOT NULL"
    )
    op.create_check_constraint(
        op.f("ck_email_gathered"), "email", "(state = 'gathered') = (gathered_into_id IS NOT NULL)"
    )
    _make_tables()
    op.execute(RIGHTS)
    for table in AUDITED:
        for change, rows in CHANGES.items():
            op.execute(
                f"CREATE TRIGGER {table}_audit_{change} AFTER {change} ON {table} REFERENCING {rows}"
                " FOR EACH STATEMENT EXECUTE FUNCTION keep_audit()"
            )


def _make_tables() -> None:
    op.create_table(
        "letter_wording",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("subject <> '' AND body <> ''", name=op.f("ck_letter_wording_says_something")),
        sa.CheckConstraint(
            "char_length(subject) <= 500 AND char_length(body) <= 7500", name=op.f("ck_letter_wording_length")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_wording")),
        sa.UniqueConstraint("name", name=op.f("uq_letter_wording_name")),
    )
    kind = sa.Enum(*KINDS, name="reminderkind", native_enum=False, create_constraint=True, length=40)
    op.create_table(
        "reminder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", kind, nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_reminder_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
        sa.UniqueConstraint(
            "organisation_id", "kind", "about", name=op.f("uq_reminder_organisation_id_kind_about")
        ),
    )
    op.create_index(op.f("ix_reminder_organisation_id"), "reminder", ["organisation_id"])
    op.create_table(
        "calendar_feed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("reads", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reads_since", sa.DateTime(timezone=True)),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("reads >= 0", name=op.f("ck_calendar_feed_reads")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_calendar_feed_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_feed")),
        sa.UniqueConstraint("organisation_id", name=op.f("uq_calendar_feed_organisation_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_calendar_feed_token_hash")),
    )
    op.create_index(op.f("ix_calendar_feed_organisation_id"), "calendar_feed", ["organisation_id"])


def _set_states(states: tuple[str, ...]) -> None:
    op.drop_constraint(op.f("ck_email_emailstate"), "email")
    words = ", ".join(f"'{state}'" for state in states)
    op.create_check_constraint(op.f("ck_email_emailstate"), "email", f"state IN ({words})")


def downgrade() -> None:
    op.execute("DROP TRIGGER announcement_organisation_audit_insert ON announcement_organisation")
    op.execute("DROP TRIGGER announcement_organisation_audit_update ON announcement_organisation")
    op.execute("DROP TRIGGER announcement_organisation_audit_delete ON announcement_organisation")
    for table in ("calendar_feed", "reminder", "letter_wording"):
        op.drop_table(table)
    for name in ("ck_email_claimed", "ck_email_gathered"):
        op.drop_constraint(name, "email")
    for column in ("gathered_into_id", "digest_for_id", "is_notice", "claimed_at", "message_id"):
        op.drop_column("email", column)
    op.drop_column("contact", "mail")
    # Nothing is sent again that may have been sent.
    op.execute("UPDATE email SET state = 'sent' WHERE state IN ('sending', 'unclear', 'gathered', 'left out')")
    _set_states(STATES)
