"""Contacts are invited by e-mail, one by one or a whole sector in a wave."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

STATES = ("waiting", "sent", "not sent", "stopped")
AUDITED = ("invitation_wave", "invitation")
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


def upgrade() -> None:
    op.add_column("ab_user", sa.Column("given_until", sa.DateTime(timezone=True)))
    op.add_column("contact", sa.Column("invited_at", sa.DateTime(timezone=True)))
    op.add_column("email", sa.Column("holds_secret", sa.Boolean(), nullable=False, server_default="false"))
    _invitation_wave()
    _invitation()
    op.execute(RIGHTS)
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


def downgrade() -> None:
    op.drop_table("invitation")
    op.drop_table("invitation_wave")
    op.drop_column("email", "holds_secret")
    op.drop_column("contact", "invited_at")
    op.drop_column("ab_user", "given_until")
