"""Organisations name their contacts on a form before their go-live; contacts are invited, a whole sector in a wave."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

STATES = ("waiting", "sent", "not sent", "stopped")
NAMINGS = ("proposed", "confirmed", "left out")
AUDITED = ("invitation_wave", "invitation", "proposed_contact")
SEES = {
    "INSERT": "NEW TABLE AS new_rows",
    "UPDATE": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "DELETE": "OLD TABLE AS old_rows",
}

# An organisation invites its own contacts; a worker of the council's sends, and notes what became of it.
RIGHTS = """
ALTER TABLE invitation ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON invitation TO portal_web USING (organisation_id = (SELECT app_organisation()));
CREATE POLICY every_row ON invitation TO portal_council USING (true);
GRANT SELECT, INSERT ON invitation TO portal_web;
GRANT SELECT, INSERT, UPDATE, DELETE ON invitation, invitation_wave TO portal_council;
GRANT USAGE ON SEQUENCE invitation_id_seq TO portal_web, portal_council;
GRANT USAGE ON SEQUENCE invitation_wave_id_seq TO portal_council;
"""


# Whoever opens the form's link is nobody yet: they may note that they did, and name people for the organisation of a
# link that still works. What was named they do not read.
FORM = """
ALTER TABLE contacts_form ENABLE ROW LEVEL SECURITY;
ALTER TABLE proposed_contact ENABLE ROW LEVEL SECURITY;
CREATE POLICY every_row ON contacts_form TO portal_council USING (true);
CREATE POLICY every_row ON proposed_contact TO portal_council USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON contacts_form, proposed_contact TO portal_council;
GRANT USAGE ON SEQUENCE contacts_form_id_seq, proposed_contact_id_seq TO portal_council;
CREATE POLICY whoever_has_the_link ON contacts_form TO portal_sign_in USING (true);
GRANT SELECT, UPDATE (opened_at, answered_at) ON contacts_form TO portal_sign_in;
CREATE POLICY of_a_link_that_works ON proposed_contact FOR INSERT TO portal_sign_in WITH CHECK (
  state = 'proposed' AND EXISTS (SELECT FROM contacts_form WHERE contacts_form.id = contacts_form_id
    AND contacts_form.organisation_id = proposed_contact.organisation_id
    AND contacts_form.answered_at IS NULL AND contacts_form.expires_at > now()));
GRANT INSERT ON proposed_contact TO portal_sign_in;
GRANT USAGE ON SEQUENCE proposed_contact_id_seq TO portal_sign_in;
"""


def upgrade() -> None:
    op.add_column("ab_user", sa.Column("given_until", sa.DateTime(timezone=True)))
    op.add_column("contact", sa.Column("invited_at", sa.DateTime(timezone=True)))
    op.add_column("email", sa.Column("holds_secret", sa.Boolean(), nullable=False, server_default="false"))
    _invitation_wave()
    _invitation()
    _contacts_form()
    _proposed_contact()
    op.execute(RIGHTS)
    op.execute(FORM)
    for table in AUDITED:
        for change, rows in SEES.items():
            op.execute(
                f"CREATE TRIGGER {table}_audit_{change.lower()} AFTER {change} ON {table} REFERENCING {rows}"
                " FOR EACH STATEMENT EXECUTE FUNCTION keep_audit()"
            )


def _invitation_wave() -> None:
    op.create_table(
        "invitation_wave",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sector_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("asked_by_id", sa.Integer()),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["sector_id"], ["sector.id"], name=op.f("fk_invitation_wave_sector_id")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["ab_user.id"], name=op.f("fk_invitation_wave_asked_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation_wave")),
    )
    op.create_index(op.f("ix_invitation_wave_sector_id"), "invitation_wave", ["sector_id"])
    op.create_index(
        "uq_invitation_wave_sector_id_running", "invitation_wave", ["sector_id"], unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def _invitation() -> None:
    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("wave_id", sa.Integer()),
        sa.Column(
            "state",
            sa.Enum(*STATES, name="invitationstate", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("invited_by_id", sa.Integer()),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
        sa.Column("email_id", sa.Integer()),
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "(state = 'sent') = (sent_at IS NOT NULL AND email_id IS NOT NULL)", name=op.f("ck_invitation_sent_when")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "contact_id"], ["contact.organisation_id", "contact.id"], ondelete="CASCADE",
            name=op.f("fk_invitation_organisation_id_contact_id"),
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_invitation_organisation_id")),
        sa.ForeignKeyConstraint(["wave_id"], ["invitation_wave.id"], name=op.f("fk_invitation_wave_id")),
        sa.ForeignKeyConstraint(["invited_by_id"], ["ab_user.id"], name=op.f("fk_invitation_invited_by_id")),
        sa.ForeignKeyConstraint(["email_id"], ["email.id"], name=op.f("fk_invitation_email_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("email_id", name=op.f("uq_invitation_email_id")),
        sa.UniqueConstraint("wave_id", "contact_id", name=op.f("uq_invitation_wave_id_contact_id")),
    )
    for column in ("organisation_id", "contact_id"):
        op.create_index(op.f(f"ix_invitation_{column}"), "invitation", [column])
    op.create_index(
        "uq_invitation_contact_id_waiting", "invitation", ["contact_id"], unique=True,
        postgresql_where=sa.text("state = 'waiting'"),
    )


def _contacts_form() -> None:
    op.create_table(
        "contacts_form",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("sent_by_id", sa.Integer()),
        sa.Column("email_id", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True)),
        sa.Column("answered_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_contacts_form_organisation_id")
        ),
        sa.ForeignKeyConstraint(["sent_by_id"], ["ab_user.id"], name=op.f("fk_contacts_form_sent_by_id")),
        sa.ForeignKeyConstraint(["email_id"], ["email.id"], name=op.f("fk_contacts_form_email_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts_form")),
        sa.UniqueConstraint("email_id", name=op.f("uq_contacts_form_email_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_contacts_form_token_hash")),
        sa.UniqueConstraint("organisation_id", "id", name=op.f("uq_contacts_form_organisation_id_id")),
        sa.UniqueConstraint("organisation_id", "sent_on", name=op.f("uq_contacts_form_organisation_id_sent_on")),
    )
    op.create_index(op.f("ix_contacts_form_organisation_id"), "contacts_form", ["organisation_id"])


def _proposed_contact() -> None:
    op.create_table(
        "proposed_contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("contacts_form_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("job", sa.Text(), server_default="", nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), server_default="", nullable=False),
        sa.Column("may_documents", sa.Boolean(), nullable=False),
        sa.Column("may_payments", sa.Boolean(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(*NAMINGS, name="namingstate", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("proposed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("decided_by_id", sa.Integer()),
        sa.Column("contact_id", sa.Integer()),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_proposed_contact_email_lower")),
        sa.CheckConstraint("may_documents OR may_payments", name=op.f("ck_proposed_contact_for_something")),
        sa.CheckConstraint(
            "(state = 'proposed') = (decided_at IS NULL)", name=op.f("ck_proposed_contact_decided_when")
        ),
        sa.CheckConstraint(
            "state = 'confirmed' OR contact_id IS NULL", name=op.f("ck_proposed_contact_became_what")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "contacts_form_id"], ["contacts_form.organisation_id", "contacts_form.id"],
            name=op.f("fk_proposed_contact_organisation_id_contacts_form_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "contact_id"], ["contact.organisation_id", "contact.id"],
            ondelete="SET NULL (contact_id)", name=op.f("fk_proposed_contact_organisation_id_contact_id"),
        ),
        sa.ForeignKeyConstraint(["decided_by_id"], ["ab_user.id"], name=op.f("fk_proposed_contact_decided_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposed_contact")),
        sa.UniqueConstraint("contacts_form_id", "email", name=op.f("uq_proposed_contact_contacts_form_id_email")),
    )
    for column in ("state", "contact_id"):
        op.create_index(op.f(f"ix_proposed_contact_{column}"), "proposed_contact", [column])


def downgrade() -> None:
    op.drop_table("proposed_contact")
    op.drop_table("contacts_form")
    op.drop_table("invitation")
    op.drop_table("invitation_wave")
    op.drop_column("email", "holds_secret")
    op.drop_column("contact", "invited_at")
    op.drop_column("ab_user", "given_until")
