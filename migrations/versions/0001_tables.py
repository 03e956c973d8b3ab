"""Every table of the portal, with those of Flask-AppBuilder; what they promise beyond keys and checks is in 0002."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

SEQUENCES = (
    "invoice_number",
    "scheduled_payment_number",
    "absence_claim_number",
    "one_off_payment_number",
    "payment_run_number",
    "remittance_number",
)

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    # Periods, rates and claims that may not overlap need it; searching lists by a part of a word needs the other.
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    for sequence in SEQUENCES:
        op.execute(f"CREATE SEQUENCE {sequence}")
    op.create_table(
        "ab_group",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("label", sa.String(length=150), nullable=True),
        sa.Column("description", sa.String(length=512), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ab_group")),
        sa.UniqueConstraint("name", name=op.f("uq_ab_group_name")),
    )
    op.create_table(
        "ab_permission",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ab_permission")),
        sa.UniqueConstraint("name", name=op.f("uq_ab_permission_name")),
    )
    op.create_table(
        "ab_register_user",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("first_name", sa.String(length=64), nullable=False),
        sa.Column("last_name", sa.String(length=64), nullable=False),
        sa.Column("username", sa.String(length=128), nullable=False),
        sa.Column("password", sa.String(length=256), nullable=True),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("registration_date", sa.DateTime(), nullable=True),
        sa.Column("registration_hash", sa.String(length=256), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ab_register_user")),
        sa.UniqueConstraint("email", name=op.f("uq_ab_register_user_email")),
        sa.UniqueConstraint("username", name=op.f("uq_ab_register_user_username")),
    )
    op.create_table(
        "ab_role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ab_role")),
        sa.UniqueConstraint("name", name=op.f("uq_ab_role_name")),
    )
    op.create_table(
        "ab_user",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("first_name", sa.String(length=64), nullable=False),
        sa.Column("last_name", sa.String(length=64), nullable=False),
        sa.Column("username", sa.String(length=128), nullable=False),
        sa.Column("password", sa.String(length=256), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=True),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("last_login", sa.DateTime(), nullable=True),
        sa.Column("login_count", sa.Integer(), nullable=True),
        sa.Column("fail_login_count", sa.Integer(), nullable=True),
        sa.Column("created_on", sa.DateTime(), nullable=True),
        sa.Column("changed_on", sa.DateTime(), nullable=True),
        sa.Column("created_by_fk", sa.Integer(), nullable=True),
        sa.Column("changed_by_fk", sa.Integer(), nullable=True),
        sa.Column("council", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("must_change_password", sa.Boolean(), server_default="true", nullable=False),
        sa.Column(
            "code_kind",
            sa.Enum(
                "authenticator app",
                "own six digits",
                name="codekind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("security_code", sa.Text(), nullable=True),
        sa.Column("totp_secret", sa.Text(), nullable=True),
        sa.Column("totp_last_step", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("failed_attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["changed_by_fk"], ["ab_user.id"], name=op.f("fk_ab_user_changed_by_fk")),
        sa.ForeignKeyConstraint(["created_by_fk"], ["ab_user.id"], name=op.f("fk_ab_user_created_by_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ab_user")),
        sa.UniqueConstraint("email", name=op.f("uq_ab_user_email")),
        sa.UniqueConstraint("username", name=op.f("uq_ab_user_username")),
    )
    op.create_table(
        "ab_view_menu",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=250), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ab_view_menu")),
        sa.UniqueConstraint("name", name=op.f("uq_ab_view_menu_name")),
    )
    op.create_table(
        "audit_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("from_address", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
    )
    op.create_index(op.f("ix_audit_event_organisation_id"), "audit_event", ["organisation_id"], unique=False)
    op.create_index("ix_audit_event_record", "audit_event", ["record", "record_id"], unique=False)
    op.create_index(op.f("ix_audit_event_user_id"), "audit_event", ["user_id"], unique=False)
    op.create_table(
        "element",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_element")),
        sa.UniqueConstraint("name", name=op.f("uq_element_name")),
    )
    op.create_table(
        "job_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("attempt", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("running", "done", "failed", name="jobstate", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("started_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_run")),
        sa.UniqueConstraint("job", "due_on", "attempt", name=op.f("uq_job_run_job_due_on_attempt")),
    )
    op.create_table(
        "payment_period",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("end", sa.Date(), nullable=False),
        sa.Column("submit_by", sa.Date(), nullable=False),
        sa.Column("amend_by", sa.Date(), nullable=False),
        sa.Column("finalise_on", sa.Date(), nullable=False),
        sa.Column("pay_on", sa.Date(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.text("daterange(start, \"end\", '[]')"), "&&"), using="gist", name="ex_payment_period_overlap"
        ),
        sa.CheckConstraint(
            '"end" > start AND submit_by > "end" AND pay_on >= finalise_on', name=op.f("ck_payment_period_dates")
        ),
        sa.CheckConstraint(
            'extract(isodow from start) = 1 AND extract(isodow from "end") = 7',
            name=op.f("ck_payment_period_whole_weeks"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_period")),
        sa.UniqueConstraint("number", name=op.f("uq_payment_period_number")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("reference", name=op.f("uq_person_reference")),
    )
    op.create_index(
        "ix_person_name_part",
        "person",
        ["name"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"name": "gin_trgm_ops"},
    )
    op.create_table(
        "sector",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sector")),
        sa.UniqueConstraint("name", name=op.f("uq_sector_name")),
    )
    op.create_table(
        "team",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), server_default="", nullable=False),
        sa.Column("phone", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team")),
        sa.UniqueConstraint("name", name=op.f("uq_team_name")),
    )
    op.create_table(
        "unknown_address",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email_hash", sa.Text(), nullable=False),
        sa.Column("failed_attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_typed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unknown_address")),
        sa.UniqueConstraint("email_hash", name=op.f("uq_unknown_address_email_hash")),
    )
    op.create_table(
        "ab_api_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=256), nullable=False),
        sa.Column("key_hash", sa.String(length=256), nullable=False),
        sa.Column("lookup_hash", sa.String(length=256), nullable=True),
        sa.Column("key_prefix", sa.String(length=16), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_on", sa.DateTime(), nullable=True),
        sa.Column("expires_on", sa.DateTime(), nullable=True),
        sa.Column("revoked_on", sa.DateTime(), nullable=True),
        sa.Column("last_used_on", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["ab_user.id"], name=op.f("fk_ab_api_key_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ab_api_key")),
        sa.UniqueConstraint("lookup_hash", name=op.f("uq_ab_api_key_lookup_hash")),
        sa.UniqueConstraint("uuid", name=op.f("uq_ab_api_key_uuid")),
    )
    op.create_index("idx_api_key_lookup_hash", "ab_api_key", ["lookup_hash"], unique=True)
    op.create_index("idx_api_key_prefix", "ab_api_key", ["key_prefix"], unique=False)
    op.create_index("idx_api_key_user_id", "ab_api_key", ["user_id"], unique=False)
    op.create_table(
        "ab_group_role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column("role_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["group_id"], ["ab_group.id"], name=op.f("fk_ab_group_role_group_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["role_id"], ["ab_role.id"], name=op.f("fk_ab_group_role_role_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ab_group_role")),
        sa.UniqueConstraint("group_id", "role_id", name=op.f("uq_ab_group_role_group_id_role_id")),
    )
    op.create_index("idx_group_id", "ab_group_role", ["group_id"], unique=False)
    op.create_index("idx_group_role_id", "ab_group_role", ["role_id"], unique=False)
    op.create_table(
        "ab_permission_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("permission_id", sa.Integer(), nullable=False),
        sa.Column("view_menu_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["permission_id"], ["ab_permission.id"], name=op.f("fk_ab_permission_view_permission_id")
        ),
        sa.ForeignKeyConstraint(["view_menu_id"], ["ab_view_menu.id"], name=op.f("fk_ab_permission_view_view_menu_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ab_permission_view")),
        sa.UniqueConstraint(
            "permission_id", "view_menu_id", name=op.f("uq_ab_permission_view_permission_id_view_menu_id")
        ),
    )
    op.create_index("idx_permission_id", "ab_permission_view", ["permission_id"], unique=False)
    op.create_index("idx_view_menu_id", "ab_permission_view", ["view_menu_id"], unique=False)
    op.create_table(
        "ab_user_group",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["group_id"], ["ab_group.id"], name=op.f("fk_ab_user_group_group_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["ab_user.id"], name=op.f("fk_ab_user_group_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ab_user_group")),
        sa.UniqueConstraint("user_id", "group_id", name=op.f("uq_ab_user_group_user_id_group_id")),
    )
    op.create_index("idx_user_group_id", "ab_user_group", ["group_id"], unique=False)
    op.create_index("idx_user_id", "ab_user_group", ["user_id"], unique=False)
    op.create_table(
        "ab_user_role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("role_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["role_id"], ["ab_role.id"], name=op.f("fk_ab_user_role_role_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["ab_user.id"], name=op.f("fk_ab_user_role_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ab_user_role")),
        sa.UniqueConstraint("user_id", "role_id", name=op.f("uq_ab_user_role_user_id_role_id")),
    )
    op.create_table(
        "import_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "checked", "refused", "done", name="importstate", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("findings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("given_by_id", sa.Integer(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["given_by_id"], ["ab_user.id"], name=op.f("fk_import_file_given_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_file")),
    )
    op.create_index(op.f("ix_import_file_sha256"), "import_file", ["sha256"], unique=False)
    op.create_table(
        "organisation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sector_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "live",
                "waiting",
                "suspended",
                "ended",
                name="organisationstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("postcode", sa.Text(), server_default="", nullable=False),
        sa.Column("phone", sa.Text(), server_default="", nullable=False),
        sa.Column("email", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["sector_id"], ["sector.id"], name=op.f("fk_organisation_sector_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("reference", name=op.f("uq_organisation_reference")),
    )
    op.create_index(
        "ix_organisation_name_part",
        "organisation",
        ["name"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"name": "gin_trgm_ops"},
    )
    op.create_index(op.f("ix_organisation_sector_id"), "organisation", ["sector_id"], unique=False)
    op.create_table(
        "password_reset",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["ab_user.id"], name=op.f("fk_password_reset_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_reset")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_password_reset_token_hash")),
    )
    op.create_index(op.f("ix_password_reset_user_id"), "password_reset", ["user_id"], unique=False)
    op.create_table(
        "payment_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), server_default=sa.text("nextval('payment_run_number')"), nullable=False),
        sa.Column("pay_date", sa.Date(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "approved",
                "released",
                "settled",
                name="runstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("payment_count", sa.Integer(), nullable=False),
        sa.Column("total", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("prepared_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("prepared_by_id", sa.Integer(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "state = 'draft' OR approved_by_id IS NOT NULL", name=op.f("ck_payment_run_approved_by_whom")
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'approved') OR released_at IS NOT NULL", name=op.f("ck_payment_run_released_when")
        ),
        sa.CheckConstraint("approved_by_id <> prepared_by_id", name=op.f("ck_payment_run_two_officers")),
        sa.ForeignKeyConstraint(["approved_by_id"], ["ab_user.id"], name=op.f("fk_payment_run_approved_by_id")),
        sa.ForeignKeyConstraint(["prepared_by_id"], ["ab_user.id"], name=op.f("fk_payment_run_prepared_by_id")),
        sa.ForeignKeyConstraint(["released_by_id"], ["ab_user.id"], name=op.f("fk_payment_run_released_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_run")),
        sa.UniqueConstraint("number", name=op.f("uq_payment_run_number")),
    )
    op.create_table(
        "policy_setting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column(
            "scope",
            sa.Enum(
                "council",
                "sector",
                "organisation",
                "line",
                name="policyscope",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("scope_id", sa.Integer(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("(scope = 'council') = (scope_id IS NULL)", name=op.f("ck_policy_setting_scope")),
        sa.ForeignKeyConstraint(["changed_by_id"], ["ab_user.id"], name=op.f("fk_policy_setting_changed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_setting")),
        sa.UniqueConstraint(
            "name",
            "scope",
            "scope_id",
            "valid_from",
            name=op.f("uq_policy_setting_name_scope_scope_id_valid_from"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["ab_user.id"], name=op.f("fk_recovery_code_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
    )
    op.create_index(op.f("ix_recovery_code_user_id"), "recovery_code", ["user_id"], unique=False)
    op.create_table(
        "rollout",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sector_id", sa.Integer(), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["sector_id"], ["sector.id"], name=op.f("fk_rollout_sector_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rollout")),
        sa.UniqueConstraint("sector_id", name=op.f("uq_rollout_sector_id")),
    )
    op.create_table(
        "sign_in",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column(
            "step",
            sa.Enum(
                "new password",
                "new code",
                "recovery codes",
                "code",
                "organisation",
                "not open",
                "done",
                name="signinstep",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["ab_user.id"], name=op.f("fk_sign_in_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_in_token_hash")),
    )
    op.create_index(op.f("ix_sign_in_user_id"), "sign_in", ["user_id"], unique=False)
    op.create_table(
        "ab_permission_view_role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("permission_view_id", sa.Integer(), nullable=True),
        sa.Column("role_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["permission_view_id"],
            ["ab_permission_view.id"],
            name=op.f("fk_ab_permission_view_role_permission_view_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["role_id"], ["ab_role.id"], name=op.f("fk_ab_permission_view_role_role_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ab_permission_view_role")),
        sa.UniqueConstraint(
            "permission_view_id", "role_id", name=op.f("uq_ab_permission_view_role_permission_view_id_role_id")
        ),
    )
    op.create_index("idx_permission_view_id", "ab_permission_view_role", ["permission_view_id"], unique=False)
    op.create_index("idx_role_id", "ab_permission_view_role", ["role_id"], unique=False)
    op.create_table(
        "announcement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("sector_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("end", sa.Date(), nullable=True),
        sa.CheckConstraint('"end" IS NULL OR "end" >= start', name=op.f("ck_announcement_dates")),
        sa.CheckConstraint("num_nonnulls(sector_id, organisation_id) <= 1", name=op.f("ck_announcement_one_audience")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_announcement_organisation_id")),
        sa.ForeignKeyConstraint(["sector_id"], ["sector.id"], name=op.f("fk_announcement_sector_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement")),
    )
    op.create_index(op.f("ix_announcement_organisation_id"), "announcement", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_announcement_sector_id"), "announcement", ["sector_id"], unique=False)
    op.create_table(
        "contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("job", sa.Text(), server_default="", nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), server_default="", nullable=False),
        sa.Column("may_documents", sa.Boolean(), nullable=False),
        sa.Column("may_actuals", sa.Boolean(), nullable=False),
        sa.Column("may_payments", sa.Boolean(), nullable=False),
        sa.Column("may_organisation", sa.Boolean(), nullable=False),
        sa.Column("may_conversations", sa.Boolean(), nullable=False),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("end", sa.Date(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.CheckConstraint('"end" IS NULL OR "end" >= start', name=op.f("ck_contact_dates")),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_contact_email_lower")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_contact_organisation_id")),
        sa.ForeignKeyConstraint(["user_id"], ["ab_user.id"], name=op.f("fk_contact_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
        sa.UniqueConstraint("organisation_id", "email", name=op.f("uq_contact_organisation_id_email")),
        sa.UniqueConstraint("organisation_id", "id", name=op.f("uq_contact_organisation_id_id")),
    )
    op.create_index(op.f("ix_contact_organisation_id"), "contact", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_contact_user_id"), "contact", ["user_id"], unique=False)
    op.create_table(
        "email",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting", "sent", "failed", name="emailstate", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_email_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_email")),
    )
    op.create_index(op.f("ix_email_organisation_id"), "email", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_email_state"), "email", ["state"], unique=False)
    op.create_table(
        "invoice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "number",
            sa.Text(),
            server_default=sa.text("'INV-' || lpad(nextval('invoice_number')::text, 6, '0')"),
            nullable=False,
        ),
        sa.Column("period_id", sa.Integer(), nullable=False),
        sa.Column("own_reference", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "submitted",
                "accepted",
                "in a payment run",
                "paid",
                "rejected",
                name="invoicestate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("live", sa.Boolean(), sa.Computed("state <> 'rejected'", persisted=True), nullable=False),
        sa.Column("net", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("vat", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("gross", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_by_id", sa.Integer(), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_by", sa.Date(), nullable=True),
        sa.Column("rejected_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("disputed_on", sa.Date(), nullable=True),
        sa.Column("dispute_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("state <> 'rejected' OR rejected_reason <> ''", name=op.f("ck_invoice_rejected_why")),
        sa.CheckConstraint("state = 'draft' OR submitted_at IS NOT NULL", name=op.f("ck_invoice_submitted_when")),
        sa.CheckConstraint("gross = net + vat", name=op.f("ck_invoice_gross")),
        sa.ForeignKeyConstraint(["created_by_id"], ["ab_user.id"], name=op.f("fk_invoice_created_by_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_invoice_organisation_id")),
        sa.ForeignKeyConstraint(["period_id"], ["payment_period.id"], name=op.f("fk_invoice_period_id")),
        sa.ForeignKeyConstraint(["submitted_by_id"], ["ab_user.id"], name=op.f("fk_invoice_submitted_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice")),
        sa.UniqueConstraint("id", "live", name=op.f("uq_invoice_id_live")),
        sa.UniqueConstraint("number", name=op.f("uq_invoice_number")),
        sa.UniqueConstraint("organisation_id", "id", name=op.f("uq_invoice_organisation_id_id")),
    )
    op.create_index(op.f("ix_invoice_organisation_id"), "invoice", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_invoice_period_id"), "invoice", ["period_id"], unique=False)
    op.create_index(
        "uq_invoice_draft",
        "invoice",
        ["organisation_id", "period_id"],
        unique=True,
        postgresql_where=sa.text("state = 'draft'"),
    )
    op.create_table(
        "recovery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("from_run_id", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_recovery_more_than_nothing")),
        sa.ForeignKeyConstraint(["from_run_id"], ["payment_run.id"], name=op.f("fk_recovery_from_run_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_recovery_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery")),
        sa.UniqueConstraint("from_run_id", "organisation_id", name=op.f("uq_recovery_from_run_id_organisation_id")),
        sa.UniqueConstraint("organisation_id", "id", name=op.f("uq_recovery_organisation_id_id")),
    )
    op.create_index(op.f("ix_recovery_from_run_id"), "recovery", ["from_run_id"], unique=False)
    op.create_index(op.f("ix_recovery_organisation_id"), "recovery", ["organisation_id"], unique=False)
    op.create_table(
        "remittance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "number",
            sa.Text(),
            server_default=sa.text("'R-' || lpad(nextval('remittance_number')::text, 6, '0')"),
            nullable=False,
        ),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("pay_date", sa.Date(), nullable=False),
        sa.Column("bank_reference", sa.Text(), nullable=False),
        sa.Column("net", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("vat", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("adjustments", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("recovered", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("total", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("carried_forward", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("total - carried_forward = net + vat", name=op.f("ck_remittance_total")),
        sa.CheckConstraint("total >= 0 AND carried_forward >= 0", name=op.f("ck_remittance_not_negative")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_remittance_organisation_id")),
        sa.ForeignKeyConstraint(["run_id"], ["payment_run.id"], name=op.f("fk_remittance_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remittance")),
        sa.UniqueConstraint("number", name=op.f("uq_remittance_number")),
        sa.UniqueConstraint("organisation_id", "id", name=op.f("uq_remittance_organisation_id_id")),
        sa.UniqueConstraint("run_id", "organisation_id", name=op.f("uq_remittance_run_id_organisation_id")),
    )
    op.create_index(op.f("ix_remittance_organisation_id"), "remittance", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_remittance_run_id"), "remittance", ["run_id"], unique=False)
    op.create_table(
        "scheduled_payment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "number",
            sa.Text(),
            server_default=sa.text("'SP-' || lpad(nextval('scheduled_payment_number')::text, 6, '0')"),
            nullable=False,
        ),
        sa.Column("period_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "preview",
                "on hold",
                "finalised",
                "in a payment run",
                "paid",
                name="scheduledstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("net", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("vat", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("gross", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("finalised_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("gross = net + vat", name=op.f("ck_scheduled_payment_gross")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_scheduled_payment_organisation_id")
        ),
        sa.ForeignKeyConstraint(["period_id"], ["payment_period.id"], name=op.f("fk_scheduled_payment_period_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheduled_payment")),
        sa.UniqueConstraint("number", name=op.f("uq_scheduled_payment_number")),
        sa.UniqueConstraint("organisation_id", "id", name=op.f("uq_scheduled_payment_organisation_id_id")),
        sa.UniqueConstraint(
            "organisation_id", "period_id", name=op.f("uq_scheduled_payment_organisation_id_period_id")
        ),
    )
    op.create_index(
        op.f("ix_scheduled_payment_organisation_id"), "scheduled_payment", ["organisation_id"], unique=False
    )
    op.create_index(op.f("ix_scheduled_payment_period_id"), "scheduled_payment", ["period_id"], unique=False)
    op.create_table(
        "service",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("service_type", sa.Text(), server_default="", nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("postcode", sa.Text(), server_default="", nullable=False),
        sa.Column("phone", sa.Text(), server_default="", nullable=False),
        sa.Column("cqc_location", sa.Text(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_service_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service")),
        sa.UniqueConstraint("cqc_location", name=op.f("uq_service_cqc_location")),
        sa.UniqueConstraint("organisation_id", "id", name=op.f("uq_service_organisation_id_id")),
        sa.UniqueConstraint("organisation_id", "name", name=op.f("uq_service_organisation_id_name")),
    )
    op.create_index(op.f("ix_service_organisation_id"), "service", ["organisation_id"], unique=False)
    op.create_table(
        "upload",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("layout", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "checking",
                "checked",
                "applying",
                "done",
                "refused",
                "failed",
                name="uploadstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("rows_total", sa.Integer(), nullable=False),
        sa.Column("rows_done", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("counts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("notices", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("accepted", sa.LargeBinary(), nullable=True),
        sa.Column("ticked", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("pounds_before", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("pounds_after", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("given_by_id", sa.Integer(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["done_by_id"], ["ab_user.id"], name=op.f("fk_upload_done_by_id")),
        sa.ForeignKeyConstraint(["given_by_id"], ["ab_user.id"], name=op.f("fk_upload_given_by_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_upload_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload")),
        sa.UniqueConstraint("organisation_id", "id", name=op.f("uq_upload_organisation_id_id")),
    )
    op.create_index(op.f("ix_upload_organisation_id"), "upload", ["organisation_id"], unique=False)
    op.create_index(
        "ix_upload_unfinished",
        "upload",
        ["id"],
        unique=False,
        postgresql_where=sa.text("state IN ('waiting', 'checking', 'applying')"),
    )
    op.create_table(
        "contract_document",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "published",
                "accepted",
                "rejected",
                "replaced",
                "withdrawn",
                "ended",
                name="documentstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("terms", sa.Text(), server_default="", nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_by_id", sa.Integer(), nullable=True),
        sa.Column("rejected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rejected_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'accepted') <= (accepted_at IS NOT NULL)", name=op.f("ck_contract_document_accepted_when")
        ),
        sa.CheckConstraint(
            "state <> 'rejected' OR rejected_reason <> ''", name=op.f("ck_contract_document_rejected_why")
        ),
        sa.ForeignKeyConstraint(["accepted_by_id"], ["ab_user.id"], name=op.f("fk_contract_document_accepted_by_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "service_id"],
            ["service.organisation_id", "service.id"],
            name=op.f("fk_contract_document_organisation_id_service_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_contract_document_organisation_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_contract_document_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_document")),
        sa.UniqueConstraint("organisation_id", "id", name=op.f("uq_contract_document_organisation_id_id")),
        sa.UniqueConstraint("reference", "version", name=op.f("uq_contract_document_reference_version")),
    )
    op.create_index(
        op.f("ix_contract_document_organisation_id"), "contract_document", ["organisation_id"], unique=False
    )
    op.create_index(op.f("ix_contract_document_person_id"), "contract_document", ["person_id"], unique=False)
    op.create_index(op.f("ix_contract_document_service_id"), "contract_document", ["service_id"], unique=False)
    op.create_index(
        "uq_contract_document_in_force",
        "contract_document",
        ["reference"],
        unique=True,
        postgresql_where=sa.text("state IN ('published', 'accepted')"),
    )
    op.create_table(
        "user_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(organisation_id IS NULL) = (contact_id IS NULL)", name=op.f("ck_user_session_contact_of_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "contact_id"],
            ["contact.organisation_id", "contact.id"],
            name=op.f("fk_user_session_organisation_id_contact_id"),
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_user_session_organisation_id")),
        sa.ForeignKeyConstraint(["user_id"], ["ab_user.id"], name=op.f("fk_user_session_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_user_session_token_hash")),
    )
    op.create_index(op.f("ix_user_session_organisation_id"), "user_session", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_user_session_user_id"), "user_session", ["user_id"], unique=False)
    op.create_table(
        "line_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("element_id", sa.Integer(), nullable=False),
        sa.Column(
            "unit",
            sa.Enum(
                "HOUR",
                "VISIT",
                "SESSION",
                "DAY",
                "NIGHT",
                "MEAL",
                "EACH",
                "WEEK",
                name="unit",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "plan_kind",
            sa.Enum("TIMETABLED", "WEEKLY", name="plankind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("weekly_quantity", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("end", sa.Date(), nullable=True),
        sa.Column(
            "payment_method",
            sa.Enum("ACTUALS", "SCHEDULED", name="paymentmethod", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "payment_basis",
            sa.Enum("GROSS", "NET", name="paymentbasis", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("contribution", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("top_up", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column(
            "vat_code",
            sa.Enum(
                "EXEMPT",
                "STANDARD",
                "REDUCED",
                "ZERO",
                "OUTSIDE",
                name="vatcode",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("extras_allowed", sa.Boolean(), nullable=True),
        sa.Column("mon", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("tue", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("wed", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("thu", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("fri", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("sat", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("sun", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "CASE plan_kind WHEN 'TIMETABLED' THEN weekly_quantity = 0 ELSE mon + tue + wed + thu + fri + sat + sun = 0 END",
            name=op.f("ck_line_item_plan_of_its_kind"),
        ),
        sa.CheckConstraint(
            "unit <> 'WEEK' OR payment_method = 'SCHEDULED'", name=op.f("ck_line_item_week_is_scheduled")
        ),
        sa.CheckConstraint('"end" IS NULL OR "end" >= start', name=op.f("ck_line_item_dates")),
        sa.CheckConstraint("contribution >= 0 AND top_up >= 0", name=op.f("ck_line_item_deductions_not_negative")),
        sa.CheckConstraint(
            "least(mon, tue, wed, thu, fri, sat, sun, weekly_quantity) >= 0",
            name=op.f("ck_line_item_plan_not_negative"),
        ),
        sa.ForeignKeyConstraint(["element_id"], ["element.id"], name=op.f("fk_line_item_element_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "document_id"],
            ["contract_document.organisation_id", "contract_document.id"],
            name=op.f("fk_line_item_organisation_id_document_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "service_id"],
            ["service.organisation_id", "service.id"],
            name=op.f("fk_line_item_organisation_id_service_id"),
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_line_item_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_line_item_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_item")),
        sa.UniqueConstraint("organisation_id", "id", name=op.f("uq_line_item_organisation_id_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_line_item_reference")),
    )
    op.create_index(op.f("ix_line_item_document_id"), "line_item", ["document_id"], unique=False)
    op.create_index(op.f("ix_line_item_element_id"), "line_item", ["element_id"], unique=False)
    op.create_index(op.f("ix_line_item_organisation_id"), "line_item", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_line_item_person_id"), "line_item", ["person_id"], unique=False)
    op.create_index(
        "ix_line_item_reference_part",
        "line_item",
        ["reference"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"reference": "gin_trgm_ops"},
    )
    op.create_index(op.f("ix_line_item_service_id"), "line_item", ["service_id"], unique=False)
    op.create_table(
        "paper_order",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("service_name", sa.Text(), server_default="", nullable=False),
        sa.Column("person_reference", sa.Text(), nullable=False),
        sa.Column("person_name", sa.Text(), server_default="", nullable=False),
        sa.Column("element_name", sa.Text(), nullable=False),
        sa.Column(
            "unit",
            sa.Enum(
                "HOUR",
                "VISIT",
                "SESSION",
                "DAY",
                "NIGHT",
                "MEAL",
                "EACH",
                "WEEK",
                name="unit",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "plan_kind",
            sa.Enum("TIMETABLED", "WEEKLY", name="plankind", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column("weekly_quantity", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("rate", sa.Numeric(precision=12, scale=4), nullable=True),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("end", sa.Date(), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "replaced",
                "migrated",
                "needs review",
                name="paperstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("review_reasons", sa.Text(), server_default="", nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mon", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("tue", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("wed", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("thu", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("fri", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("sat", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("sun", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state IN ('replaced', 'migrated')) = (document_id IS NOT NULL)", name=op.f("ck_paper_order_became_what")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "document_id"],
            ["contract_document.organisation_id", "contract_document.id"],
            name=op.f("fk_paper_order_organisation_id_document_id"),
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_paper_order_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_order")),
        sa.UniqueConstraint("reference", name=op.f("uq_paper_order_reference")),
    )
    op.create_index(op.f("ix_paper_order_document_id"), "paper_order", ["document_id"], unique=False)
    op.create_index(op.f("ix_paper_order_organisation_id"), "paper_order", ["organisation_id"], unique=False)
    op.create_table(
        "aborted_visit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("line_item_id", sa.Integer(), nullable=False),
        sa.Column("visit_date", sa.Date(), nullable=False),
        sa.Column("planned_start", sa.Time(), nullable=False),
        sa.Column("planned_minutes", sa.Integer(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("arrived_at", sa.Time(), nullable=True),
        sa.Column("waited_minutes", sa.Integer(), nullable=False),
        sa.Column("informed", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), server_default="", nullable=False),
        sa.Column("planned_units", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("payable", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("payable >= 0 AND payable <= planned_units", name=op.f("ck_aborted_visit_payable")),
        sa.CheckConstraint("planned_minutes > 0 AND waited_minutes >= 0", name=op.f("ck_aborted_visit_minutes")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "line_item_id"],
            ["line_item.organisation_id", "line_item.id"],
            name=op.f("fk_aborted_visit_organisation_id_line_item_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_aborted_visit_organisation_id")
        ),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["ab_user.id"], name=op.f("fk_aborted_visit_recorded_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_aborted_visit")),
    )
    op.create_index(op.f("ix_aborted_visit_line_item_id"), "aborted_visit", ["line_item_id"], unique=False)
    op.create_index(op.f("ix_aborted_visit_organisation_id"), "aborted_visit", ["organisation_id"], unique=False)
    op.create_table(
        "absence_claim",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "number",
            sa.Text(),
            server_default=sa.text("'AC-' || lpad(nextval('absence_claim_number')::text, 6, '0')"),
            nullable=False,
        ),
        sa.Column("line_item_id", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("notified_on", sa.Date(), nullable=True),
        sa.Column("notified_to", sa.Text(), server_default="", nullable=False),
        sa.Column("comment", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "submitted",
                "approved",
                "approved in part",
                "refused",
                "paid",
                name="claimstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("refused_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("units", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("net", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("line_item_id"), "="),
            (sa.text("daterange(first_day, last_day, '[]')"), "&&"),
            where=sa.text("state <> 'refused'"),
            using="gist",
            name="ex_absence_claim_overlap",
        ),
        sa.CheckConstraint("state <> 'refused' OR refused_reason <> ''", name=op.f("ck_absence_claim_refused_why")),
        sa.CheckConstraint("last_day >= first_day", name=op.f("ck_absence_claim_days")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["ab_user.id"], name=op.f("fk_absence_claim_decided_by_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "line_item_id"],
            ["line_item.organisation_id", "line_item.id"],
            name=op.f("fk_absence_claim_organisation_id_line_item_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_absence_claim_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence_claim")),
        sa.UniqueConstraint("number", name=op.f("uq_absence_claim_number")),
        sa.UniqueConstraint("organisation_id", "id", name=op.f("uq_absence_claim_organisation_id_id")),
    )
    op.create_index(op.f("ix_absence_claim_line_item_id"), "absence_claim", ["line_item_id"], unique=False)
    op.create_index(op.f("ix_absence_claim_organisation_id"), "absence_claim", ["organisation_id"], unique=False)
    op.create_table(
        "actual",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("line_item_id", sa.Integer(), nullable=False),
        sa.Column("week_starting", sa.Date(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "confirmed",
                "invoiced",
                "paid",
                name="actualstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("in_hours", sa.Boolean(), nullable=False),
        sa.Column("delivered", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("planned", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("aborted", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("aborted_payable", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("missed", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("extra", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("payable", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("comment", sa.Text(), server_default="", nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by_id", sa.Integer(), nullable=True),
        sa.Column("mon", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("tue", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("wed", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("thu", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("fri", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("sat", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("sun", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "reason <> '' OR state = 'draft' OR delivered + aborted = planned",
            name=op.f("ck_actual_reason_where_differs"),
        ),
        sa.CheckConstraint("extra = greatest(0, delivered + aborted - planned)", name=op.f("ck_actual_extra")),
        sa.CheckConstraint("extract(isodow from week_starting) = 1", name=op.f("ck_actual_monday")),
        sa.CheckConstraint(
            "greatest(mon, tue, wed, thu, fri, sat, sun) <= 24 OR NOT in_hours", name=op.f("ck_actual_day_is_24_hours")
        ),
        sa.CheckConstraint(
            "least(mon, tue, wed, thu, fri, sat, sun, delivered) >= 0", name=op.f("ck_actual_not_negative")
        ),
        sa.CheckConstraint("missed = greatest(0, planned - aborted - delivered)", name=op.f("ck_actual_missed")),
        sa.CheckConstraint("payable >= 0 AND payable <= delivered + aborted_payable", name=op.f("ck_actual_payable")),
        sa.ForeignKeyConstraint(["changed_by_id"], ["ab_user.id"], name=op.f("fk_actual_changed_by_id")),
        sa.ForeignKeyConstraint(["confirmed_by_id"], ["ab_user.id"], name=op.f("fk_actual_confirmed_by_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "line_item_id"],
            ["line_item.organisation_id", "line_item.id"],
            name=op.f("fk_actual_organisation_id_line_item_id"),
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_actual_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_actual")),
        sa.UniqueConstraint("line_item_id", "week_starting", name=op.f("uq_actual_line_item_id_week_starting")),
        sa.UniqueConstraint("organisation_id", "id", name=op.f("uq_actual_organisation_id_id")),
    )
    op.create_index(op.f("ix_actual_line_item_id"), "actual", ["line_item_id"], unique=False)
    op.create_index(op.f("ix_actual_organisation_id"), "actual", ["organisation_id"], unique=False)
    op.create_index("ix_actual_week", "actual", ["organisation_id", "week_starting"], unique=False)
    op.create_table(
        "hold",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=True),
        sa.Column("line_item_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("end", sa.Date(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.CheckConstraint('"end" IS NULL OR "end" >= start', name=op.f("ck_hold_dates")),
        sa.CheckConstraint("num_nonnulls(document_id, line_item_id) <= 1", name=op.f("ck_hold_one_target")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "document_id"],
            ["contract_document.organisation_id", "contract_document.id"],
            name=op.f("fk_hold_organisation_id_document_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "line_item_id"],
            ["line_item.organisation_id", "line_item.id"],
            name=op.f("fk_hold_organisation_id_line_item_id"),
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_hold_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
    )
    op.create_index(op.f("ix_hold_document_id"), "hold", ["document_id"], unique=False)
    op.create_index(op.f("ix_hold_line_item_id"), "hold", ["line_item_id"], unique=False)
    op.create_index(op.f("ix_hold_organisation_id"), "hold", ["organisation_id"], unique=False)
    op.create_table(
        "one_off_payment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "number",
            sa.Text(),
            server_default=sa.text("'OP-' || lpad(nextval('one_off_payment_number')::text, 6, '0')"),
            nullable=False,
        ),
        sa.Column("line_item_id", sa.Integer(), nullable=True),
        sa.Column("period_id", sa.Integer(), nullable=True),
        sa.Column("net", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column(
            "vat_code",
            sa.Enum(
                "EXEMPT",
                "STANDARD",
                "REDUCED",
                "ZERO",
                "OUTSIDE",
                name="vatcode",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "in a payment run",
                "paid",
                name="oneoffstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_one_off_payment_reason")),
        sa.CheckConstraint("net > 0", name=op.f("ck_one_off_payment_more_than_nothing")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "line_item_id"],
            ["line_item.organisation_id", "line_item.id"],
            name=op.f("fk_one_off_payment_organisation_id_line_item_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_one_off_payment_organisation_id")
        ),
        sa.ForeignKeyConstraint(["period_id"], ["payment_period.id"], name=op.f("fk_one_off_payment_period_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_off_payment")),
        sa.UniqueConstraint("number", name=op.f("uq_one_off_payment_number")),
        sa.UniqueConstraint("organisation_id", "id", name=op.f("uq_one_off_payment_organisation_id_id")),
    )
    op.create_index(op.f("ix_one_off_payment_line_item_id"), "one_off_payment", ["line_item_id"], unique=False)
    op.create_index(op.f("ix_one_off_payment_organisation_id"), "one_off_payment", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_one_off_payment_period_id"), "one_off_payment", ["period_id"], unique=False)
    op.create_table(
        "rate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("line_item_id", sa.Integer(), nullable=False),
        sa.Column("rate", sa.Numeric(precision=12, scale=4), nullable=False),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("end", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("line_item_id"), "="),
            (sa.text("daterange(start, \"end\", '[]')"), "&&"),
            using="gist",
            name="ex_rate_overlap",
        ),
        sa.CheckConstraint('"end" IS NULL OR "end" >= start', name=op.f("ck_rate_dates")),
        sa.CheckConstraint("rate >= 0", name=op.f("ck_rate_not_negative")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "line_item_id"],
            ["line_item.organisation_id", "line_item.id"],
            name=op.f("fk_rate_organisation_id_line_item_id"),
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_rate_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rate")),
    )
    op.create_index(op.f("ix_rate_line_item_id"), "rate", ["line_item_id"], unique=False)
    op.create_index(op.f("ix_rate_organisation_id"), "rate", ["organisation_id"], unique=False)
    op.create_table(
        "scheduled_payment_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scheduled_payment_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "CURRENT",
                "LATE",
                "UNITS_DIFF",
                "RATE_DIFF",
                "SCHEDULED",
                "ABSENCE",
                "ONE_OFF",
                "RECOVERY",
                name="linekind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("line_item_id", sa.Integer(), nullable=False),
        sa.Column("week_starting", sa.Date(), nullable=False),
        sa.Column("segment", sa.Integer(), nullable=False),
        sa.Column("units", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column(
            "unit",
            sa.Enum(
                "HOUR",
                "VISIT",
                "SESSION",
                "DAY",
                "NIGHT",
                "MEAL",
                "EACH",
                "WEEK",
                name="unit",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("rate", sa.Numeric(precision=12, scale=4), nullable=False),
        sa.Column("deducted", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("net", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column(
            "vat_code",
            sa.Enum(
                "EXEMPT",
                "STANDARD",
                "REDUCED",
                "ZERO",
                "OUTSIDE",
                name="vatcode",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("vat", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("gross", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("gross = net + vat", name=op.f("ck_scheduled_payment_line_gross")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "line_item_id"],
            ["line_item.organisation_id", "line_item.id"],
            name=op.f("fk_scheduled_payment_line_organisation_id_line_item_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "scheduled_payment_id"],
            ["scheduled_payment.organisation_id", "scheduled_payment.id"],
            name=op.f("fk_scheduled_payment_line_organisation_id_scheduled_payment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_scheduled_payment_line_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheduled_payment_line")),
        sa.UniqueConstraint(
            "scheduled_payment_id",
            "line_item_id",
            "week_starting",
            "segment",
            "kind",
            name=op.f("uq_scheduled_payment_line_scheduled_payment_id_line_item_id_week_starting_segment_kind"),
        ),
    )
    op.create_index(
        op.f("ix_scheduled_payment_line_line_item_id"), "scheduled_payment_line", ["line_item_id"], unique=False
    )
    op.create_index(
        op.f("ix_scheduled_payment_line_organisation_id"), "scheduled_payment_line", ["organisation_id"], unique=False
    )
    op.create_index(
        op.f("ix_scheduled_payment_line_scheduled_payment_id"),
        "scheduled_payment_line",
        ["scheduled_payment_id"],
        unique=False,
    )
    op.create_table(
        "upload_finding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("upload_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "rejected",
                "warning",
                "conflict",
                "locked",
                name="findingkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("sheet", sa.Text(), server_default="", nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("column", sa.Text(), server_default="", nullable=False),
        sa.Column("value", sa.Text(), server_default="", nullable=False),
        sa.Column("wrong", sa.Text(), nullable=False),
        sa.Column("remedy", sa.Text(), server_default="", nullable=False),
        sa.Column("line_item_id", sa.Integer(), nullable=True),
        sa.Column("week_starting", sa.Date(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "line_item_id"],
            ["line_item.organisation_id", "line_item.id"],
            name=op.f("fk_upload_finding_organisation_id_line_item_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "upload_id"],
            ["upload.organisation_id", "upload.id"],
            name=op.f("fk_upload_finding_organisation_id_upload_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_upload_finding_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload_finding")),
    )
    op.create_index(op.f("ix_upload_finding_line_item_id"), "upload_finding", ["line_item_id"], unique=False)
    op.create_index(op.f("ix_upload_finding_organisation_id"), "upload_finding", ["organisation_id"], unique=False)
    op.create_index("ix_upload_finding_upload", "upload_finding", ["upload_id", "kind", "id"], unique=False)
    op.create_table(
        "visit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("upload_id", sa.Integer(), nullable=False),
        sa.Column("line_item_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "DELIVERED",
                "ABORTED",
                "MISSED",
                "CANCELLED",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("planned_start", sa.DateTime(), nullable=True),
        sa.Column("planned_end", sa.DateTime(), nullable=True),
        sa.Column("actual_start", sa.DateTime(), nullable=True),
        sa.Column("actual_end", sa.DateTime(), nullable=True),
        sa.Column("carer", sa.Text(), server_default="", nullable=False),
        sa.Column("slot", sa.Text(), server_default="", nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("minutes >= 0 AND counted >= 0", name=op.f("ck_visit_minutes")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "line_item_id"],
            ["line_item.organisation_id", "line_item.id"],
            name=op.f("fk_visit_organisation_id_line_item_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "upload_id"],
            ["upload.organisation_id", "upload.id"],
            name=op.f("fk_visit_organisation_id_upload_id"),
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_visit_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit")),
        sa.UniqueConstraint(
            "organisation_id", "reference", "slot", name=op.f("uq_visit_organisation_id_reference_slot")
        ),
    )
    op.create_index("ix_visit_day", "visit", ["line_item_id", "day"], unique=False)
    op.create_index(op.f("ix_visit_organisation_id"), "visit", ["organisation_id"], unique=False)
    op.create_index("ix_visit_upload", "visit", ["upload_id"], unique=False)
    op.create_table(
        "actual_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("actual_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "confirmed",
                "invoiced",
                "paid",
                name="actualstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("delivered", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("planned", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("aborted", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("aborted_payable", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("payable", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by_id", sa.Integer(), nullable=True),
        sa.Column("mon", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("tue", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("wed", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("thu", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("fri", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("sat", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("sun", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "actual_id"],
            ["actual.organisation_id", "actual.id"],
            name=op.f("fk_actual_version_organisation_id_actual_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_actual_version_organisation_id")
        ),
        sa.ForeignKeyConstraint(["saved_by_id"], ["ab_user.id"], name=op.f("fk_actual_version_saved_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_actual_version")),
        sa.UniqueConstraint("actual_id", "version", name=op.f("uq_actual_version_actual_id_version")),
    )
    op.create_index(op.f("ix_actual_version_organisation_id"), "actual_version", ["organisation_id"], unique=False)
    op.create_table(
        "conversation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=True),
        sa.Column("actual_id", sa.Integer(), nullable=True),
        sa.Column("invoice_id", sa.Integer(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "waiting for the council",
                "waiting for the provider",
                "closed",
                name="conversationstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("opened_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("target_on", sa.Date(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "actual_id"],
            ["actual.organisation_id", "actual.id"],
            name=op.f("fk_conversation_organisation_id_actual_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "document_id"],
            ["contract_document.organisation_id", "contract_document.id"],
            name=op.f("fk_conversation_organisation_id_document_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "invoice_id"],
            ["invoice.organisation_id", "invoice.id"],
            name=op.f("fk_conversation_organisation_id_invoice_id"),
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_conversation_organisation_id")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_conversation_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation")),
        sa.UniqueConstraint("organisation_id", "id", name=op.f("uq_conversation_organisation_id_id")),
    )
    op.create_index(op.f("ix_conversation_actual_id"), "conversation", ["actual_id"], unique=False)
    op.create_index(op.f("ix_conversation_document_id"), "conversation", ["document_id"], unique=False)
    op.create_index(op.f("ix_conversation_invoice_id"), "conversation", ["invoice_id"], unique=False)
    op.create_index(op.f("ix_conversation_organisation_id"), "conversation", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_conversation_team_id"), "conversation", ["team_id"], unique=False)
    op.create_table(
        "exception_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("actual_id", sa.Integer(), nullable=False),
        sa.Column("planned", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("claimed", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("percent", sa.Numeric(precision=12, scale=4), nullable=False),
        sa.Column("least_units", sa.Numeric(precision=12, scale=4), nullable=False),
        sa.Column("extras_allowed", sa.Boolean(), nullable=False),
        sa.Column("allowance", sa.Numeric(precision=12, scale=4), nullable=False),
        sa.Column("over", sa.Boolean(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column(
            "decision",
            sa.Enum(
                "approved as claimed",
                "approved up to",
                "refused",
                name="decision",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("decided_units", sa.Numeric(precision=10, scale=2), nullable=True),
        sa.Column("decision_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "decision IS DISTINCT FROM 'approved up to' OR (decided_units >= planned AND decided_units < claimed)",
            name=op.f("ck_exception_check_decided_units_between"),
        ),
        sa.CheckConstraint("decision IS NULL OR decision_reason <> ''", name=op.f("ck_exception_check_decided_why")),
        sa.CheckConstraint("(decision IS NULL) = (decided_at IS NULL)", name=op.f("ck_exception_check_decided_when")),
        sa.CheckConstraint("over = (claimed - planned > allowance)", name=op.f("ck_exception_check_over")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["ab_user.id"], name=op.f("fk_exception_check_decided_by_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "actual_id"],
            ["actual.organisation_id", "actual.id"],
            name=op.f("fk_exception_check_organisation_id_actual_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_exception_check_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exception_check")),
        sa.UniqueConstraint("actual_id", name=op.f("uq_exception_check_actual_id")),
    )
    op.create_index(op.f("ix_exception_check_organisation_id"), "exception_check", ["organisation_id"], unique=False)
    op.create_table(
        "invoice_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "CURRENT",
                "LATE",
                "UNITS_DIFF",
                "RATE_DIFF",
                "SCHEDULED",
                "ABSENCE",
                "ONE_OFF",
                "RECOVERY",
                name="linekind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("line_item_id", sa.Integer(), nullable=False),
        sa.Column("actual_id", sa.Integer(), nullable=False),
        sa.Column("actual_version", sa.Integer(), nullable=True),
        sa.Column("corrects_version", sa.Integer(), nullable=True),
        sa.Column("week_starting", sa.Date(), nullable=False),
        sa.Column("segment", sa.Integer(), nullable=False),
        sa.Column("planned", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("delivered", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("aborted_payable", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("units", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column(
            "unit",
            sa.Enum(
                "HOUR",
                "VISIT",
                "SESSION",
                "DAY",
                "NIGHT",
                "MEAL",
                "EACH",
                "WEEK",
                name="unit",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("rate", sa.Numeric(precision=12, scale=4), nullable=False),
        sa.Column("already_units", sa.Numeric(precision=10, scale=2), nullable=True),
        sa.Column("already_net", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("net", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column(
            "vat_code",
            sa.Enum(
                "EXEMPT",
                "STANDARD",
                "REDUCED",
                "ZERO",
                "OUTSIDE",
                name="vatcode",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("vat", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("gross", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("rule", sa.Text(), server_default="", nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind <> 'UNITS_DIFF' OR num_nonnulls(actual_version, already_units, already_net) = 3",
            name=op.f("ck_invoice_line_difference"),
        ),
        sa.CheckConstraint(
            "kind NOT IN ('CURRENT', 'LATE') OR net = round(units * rate, 2)", name=op.f("ck_invoice_line_net")
        ),
        sa.CheckConstraint("gross = net + vat", name=op.f("ck_invoice_line_gross")),
        sa.ForeignKeyConstraint(
            ["invoice_id", "live"],
            ["invoice.id", "invoice.live"],
            name=op.f("fk_invoice_line_invoice_id_live"),
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "actual_id"],
            ["actual.organisation_id", "actual.id"],
            name=op.f("fk_invoice_line_organisation_id_actual_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "invoice_id"],
            ["invoice.organisation_id", "invoice.id"],
            name=op.f("fk_invoice_line_organisation_id_invoice_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "line_item_id"],
            ["line_item.organisation_id", "line_item.id"],
            name=op.f("fk_invoice_line_organisation_id_line_item_id"),
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_invoice_line_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_line")),
        sa.UniqueConstraint("invoice_id", "number", name=op.f("uq_invoice_line_invoice_id_number")),
        sa.UniqueConstraint("organisation_id", "id", name=op.f("uq_invoice_line_organisation_id_id")),
    )
    op.create_index(op.f("ix_invoice_line_actual_id"), "invoice_line", ["actual_id"], unique=False)
    op.create_index(op.f("ix_invoice_line_invoice_id"), "invoice_line", ["invoice_id"], unique=False)
    op.create_index(op.f("ix_invoice_line_line_item_id"), "invoice_line", ["line_item_id"], unique=False)
    op.create_index(op.f("ix_invoice_line_organisation_id"), "invoice_line", ["organisation_id"], unique=False)
    op.create_index(
        "uq_invoice_line_live_correction",
        "invoice_line",
        ["actual_id", "actual_version"],
        unique=True,
        postgresql_where=sa.text("live AND kind = 'UNITS_DIFF'"),
    )
    op.create_index(
        "uq_invoice_line_live_week",
        "invoice_line",
        ["line_item_id", "week_starting", "segment"],
        unique=True,
        postgresql_where=sa.text("live AND kind IN ('CURRENT', 'LATE')"),
    )
    op.create_table(
        "payment_source",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=True),
        sa.Column("scheduled_payment_id", sa.Integer(), nullable=True),
        sa.Column("absence_claim_id", sa.Integer(), nullable=True),
        sa.Column("one_off_payment_id", sa.Integer(), nullable=True),
        sa.Column("recovery_id", sa.Integer(), nullable=True),
        sa.Column("net", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("vat", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("gross", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("gross = net + vat", name=op.f("ck_payment_source_gross")),
        sa.CheckConstraint(
            "num_nonnulls(invoice_id, scheduled_payment_id, absence_claim_id, one_off_payment_id, recovery_id) = 1",
            name=op.f("ck_payment_source_one_source"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "absence_claim_id"],
            ["absence_claim.organisation_id", "absence_claim.id"],
            name=op.f("fk_payment_source_organisation_id_absence_claim_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "invoice_id"],
            ["invoice.organisation_id", "invoice.id"],
            name=op.f("fk_payment_source_organisation_id_invoice_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "one_off_payment_id"],
            ["one_off_payment.organisation_id", "one_off_payment.id"],
            name=op.f("fk_payment_source_organisation_id_one_off_payment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "recovery_id"],
            ["recovery.organisation_id", "recovery.id"],
            name=op.f("fk_payment_source_organisation_id_recovery_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "scheduled_payment_id"],
            ["scheduled_payment.organisation_id", "scheduled_payment.id"],
            name=op.f("fk_payment_source_organisation_id_scheduled_payment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_payment_source_organisation_id")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["payment_run.id"], name=op.f("fk_payment_source_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_source")),
        sa.UniqueConstraint("absence_claim_id", name=op.f("uq_payment_source_absence_claim_id")),
        sa.UniqueConstraint("invoice_id", name=op.f("uq_payment_source_invoice_id")),
        sa.UniqueConstraint("one_off_payment_id", name=op.f("uq_payment_source_one_off_payment_id")),
        sa.UniqueConstraint("recovery_id", name=op.f("uq_payment_source_recovery_id")),
        sa.UniqueConstraint("scheduled_payment_id", name=op.f("uq_payment_source_scheduled_payment_id")),
    )
    op.create_index(op.f("ix_payment_source_organisation_id"), "payment_source", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_payment_source_run_id"), "payment_source", ["run_id"], unique=False)
    op.create_table(
        "message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("from_council", sa.Boolean(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("length(body) BETWEEN 1 AND 7500", name=op.f("ck_message_length")),
        sa.ForeignKeyConstraint(["author_id"], ["ab_user.id"], name=op.f("fk_message_author_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "conversation_id"],
            ["conversation.organisation_id", "conversation.id"],
            name=op.f("fk_message_organisation_id_conversation_id"),
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_message_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
    )
    op.create_index(op.f("ix_message_conversation_id"), "message", ["conversation_id"], unique=False)
    op.create_index(op.f("ix_message_organisation_id"), "message", ["organisation_id"], unique=False)
    op.create_table(
        "remittance_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("remittance_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "CURRENT",
                "LATE",
                "UNITS_DIFF",
                "RATE_DIFF",
                "SCHEDULED",
                "ABSENCE",
                "ONE_OFF",
                "RECOVERY",
                name="linekind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("invoice_line_id", sa.Integer(), nullable=True),
        sa.Column("line_reference", sa.Text(), server_default="", nullable=False),
        sa.Column("person_reference", sa.Text(), server_default="", nullable=False),
        sa.Column("week_starting", sa.Date(), nullable=True),
        sa.Column("units", sa.Numeric(precision=10, scale=2), nullable=True),
        sa.Column(
            "unit",
            sa.Enum(
                "HOUR",
                "VISIT",
                "SESSION",
                "DAY",
                "NIGHT",
                "MEAL",
                "EACH",
                "WEEK",
                name="unit",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("rate", sa.Numeric(precision=12, scale=4), nullable=True),
        sa.Column("net", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("vat", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("gross", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("gross = net + vat", name=op.f("ck_remittance_line_gross")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "invoice_line_id"],
            ["invoice_line.organisation_id", "invoice_line.id"],
            name=op.f("fk_remittance_line_organisation_id_invoice_line_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "remittance_id"],
            ["remittance.organisation_id", "remittance.id"],
            name=op.f("fk_remittance_line_organisation_id_remittance_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_remittance_line_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remittance_line")),
        sa.UniqueConstraint("invoice_line_id", name=op.f("uq_remittance_line_invoice_line_id")),
        sa.UniqueConstraint("remittance_id", "number", name=op.f("uq_remittance_line_remittance_id_number")),
    )
    op.create_index(op.f("ix_remittance_line_organisation_id"), "remittance_line", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_remittance_line_remittance_id"), "remittance_line", ["remittance_id"], unique=False)


def downgrade() -> None:
    """Go back."""
    op.drop_index(op.f("ix_remittance_line_remittance_id"), table_name="remittance_line")
    op.drop_index(op.f("ix_remittance_line_organisation_id"), table_name="remittance_line")
    op.drop_table("remittance_line")
    op.drop_index(op.f("ix_message_organisation_id"), table_name="message")
    op.drop_index(op.f("ix_message_conversation_id"), table_name="message")
    op.drop_table("message")
    op.drop_index(op.f("ix_payment_source_run_id"), table_name="payment_source")
    op.drop_index(op.f("ix_payment_source_organisation_id"), table_name="payment_source")
    op.drop_table("payment_source")
    op.drop_index(
        "uq_invoice_line_live_week",
        table_name="invoice_line",
        postgresql_where=sa.text("live AND kind IN ('CURRENT', 'LATE')"),
    )
    op.drop_index(
        "uq_invoice_line_live_correction",
        table_name="invoice_line",
        postgresql_where=sa.text("live AND kind = 'UNITS_DIFF'"),
    )
    op.drop_index(op.f("ix_invoice_line_organisation_id"), table_name="invoice_line")
    op.drop_index(op.f("ix_invoice_line_line_item_id"), table_name="invoice_line")
    op.drop_index(op.f("ix_invoice_line_invoice_id"), table_name="invoice_line")
    op.drop_index(op.f("ix_invoice_line_actual_id"), table_name="invoice_line")
    op.drop_table("invoice_line")
    op.drop_index(op.f("ix_exception_check_organisation_id"), table_name="exception_check")
    op.drop_table("exception_check")
    op.drop_index(op.f("ix_conversation_team_id"), table_name="conversation")
    op.drop_index(op.f("ix_conversation_organisation_id"), table_name="conversation")
    op.drop_index(op.f("ix_conversation_invoice_id"), table_name="conversation")
    op.drop_index(op.f("ix_conversation_document_id"), table_name="conversation")
    op.drop_index(op.f("ix_conversation_actual_id"), table_name="conversation")
    op.drop_table("conversation")
    op.drop_index(op.f("ix_actual_version_organisation_id"), table_name="actual_version")
    op.drop_table("actual_version")
    op.drop_index("ix_visit_upload", table_name="visit")
    op.drop_index(op.f("ix_visit_organisation_id"), table_name="visit")
    op.drop_index("ix_visit_day", table_name="visit")
    op.drop_table("visit")
    op.drop_index("ix_upload_finding_upload", table_name="upload_finding")
    op.drop_index(op.f("ix_upload_finding_organisation_id"), table_name="upload_finding")
    op.drop_index(op.f("ix_upload_finding_line_item_id"), table_name="upload_finding")
    op.drop_table("upload_finding")
    op.drop_index(op.f("ix_scheduled_payment_line_scheduled_payment_id"), table_name="scheduled_payment_line")
    op.drop_index(op.f("ix_scheduled_payment_line_organisation_id"), table_name="scheduled_payment_line")
    op.drop_index(op.f("ix_scheduled_payment_line_line_item_id"), table_name="scheduled_payment_line")
    op.drop_table("scheduled_payment_line")
    op.drop_index(op.f("ix_rate_organisation_id"), table_name="rate")
    op.drop_index(op.f("ix_rate_line_item_id"), table_name="rate")
    op.drop_table("rate")
    op.drop_index(op.f("ix_one_off_payment_period_id"), table_name="one_off_payment")
    op.drop_index(op.f("ix_one_off_payment_organisation_id"), table_name="one_off_payment")
    op.drop_index(op.f("ix_one_off_payment_line_item_id"), table_name="one_off_payment")
    op.drop_table("one_off_payment")
    op.drop_index(op.f("ix_hold_organisation_id"), table_name="hold")
    op.drop_index(op.f("ix_hold_line_item_id"), table_name="hold")
    op.drop_index(op.f("ix_hold_document_id"), table_name="hold")
    op.drop_table("hold")
    op.drop_index("ix_actual_week", table_name="actual")
    op.drop_index(op.f("ix_actual_organisation_id"), table_name="actual")
    op.drop_index(op.f("ix_actual_line_item_id"), table_name="actual")
    op.drop_table("actual")
    op.drop_index(op.f("ix_absence_claim_organisation_id"), table_name="absence_claim")
    op.drop_index(op.f("ix_absence_claim_line_item_id"), table_name="absence_claim")
    op.drop_table("absence_claim")
    op.drop_index(op.f("ix_aborted_visit_organisation_id"), table_name="aborted_visit")
    op.drop_index(op.f("ix_aborted_visit_line_item_id"), table_name="aborted_visit")
    op.drop_table("aborted_visit")
    op.drop_index(op.f("ix_paper_order_organisation_id"), table_name="paper_order")
    op.drop_index(op.f("ix_paper_order_document_id"), table_name="paper_order")
    op.drop_table("paper_order")
    op.drop_index(op.f("ix_line_item_service_id"), table_name="line_item")
    op.drop_index(
        "ix_line_item_reference_part",
        table_name="line_item",
        postgresql_using="gin",
        postgresql_ops={"reference": "gin_trgm_ops"},
    )
    op.drop_index(op.f("ix_line_item_person_id"), table_name="line_item")
    op.drop_index(op.f("ix_line_item_organisation_id"), table_name="line_item")
    op.drop_index(op.f("ix_line_item_element_id"), table_name="line_item")
    op.drop_index(op.f("ix_line_item_document_id"), table_name="line_item")
    op.drop_table("line_item")
    op.drop_index(op.f("ix_user_session_user_id"), table_name="user_session")
    op.drop_index(op.f("ix_user_session_organisation_id"), table_name="user_session")
    op.drop_table("user_session")
    op.drop_index(
        "uq_contract_document_in_force",
        table_name="contract_document",
        postgresql_where=sa.text("state IN ('published', 'accepted')"),
    )
    op.drop_index(op.f("ix_contract_document_service_id"), table_name="contract_document")
    op.drop_index(op.f("ix_contract_document_person_id"), table_name="contract_document")
    op.drop_index(op.f("ix_contract_document_organisation_id"), table_name="contract_document")
    op.drop_table("contract_document")
    op.drop_index(
        "ix_upload_unfinished",
        table_name="upload",
        postgresql_where=sa.text("state IN ('waiting', 'checking', 'applying')"),
    )
    op.drop_index(op.f("ix_upload_organisation_id"), table_name="upload")
    op.drop_table("upload")
    op.drop_index(op.f("ix_service_organisation_id"), table_name="service")
    op.drop_table("service")
    op.drop_index(op.f("ix_scheduled_payment_period_id"), table_name="scheduled_payment")
    op.drop_index(op.f("ix_scheduled_payment_organisation_id"), table_name="scheduled_payment")
    op.drop_table("scheduled_payment")
    op.drop_index(op.f("ix_remittance_run_id"), table_name="remittance")
    op.drop_index(op.f("ix_remittance_organisation_id"), table_name="remittance")
    op.drop_table("remittance")
    op.drop_index(op.f("ix_recovery_organisation_id"), table_name="recovery")
    op.drop_index(op.f("ix_recovery_from_run_id"), table_name="recovery")
    op.drop_table("recovery")
    op.drop_index("uq_invoice_draft", table_name="invoice", postgresql_where=sa.text("state = 'draft'"))
    op.drop_index(op.f("ix_invoice_period_id"), table_name="invoice")
    op.drop_index(op.f("ix_invoice_organisation_id"), table_name="invoice")
    op.drop_table("invoice")
    op.drop_index(op.f("ix_email_state"), table_name="email")
    op.drop_index(op.f("ix_email_organisation_id"), table_name="email")
    op.drop_table("email")
    op.drop_index(op.f("ix_contact_user_id"), table_name="contact")
    op.drop_index(op.f("ix_contact_organisation_id"), table_name="contact")
    op.drop_table("contact")
    op.drop_index(op.f("ix_announcement_sector_id"), table_name="announcement")
    op.drop_index(op.f("ix_announcement_organisation_id"), table_name="announcement")
    op.drop_table("announcement")
    op.drop_index("idx_role_id", table_name="ab_permission_view_role")
    op.drop_index("idx_permission_view_id", table_name="ab_permission_view_role")
    op.drop_table("ab_permission_view_role")
    op.drop_index(op.f("ix_sign_in_user_id"), table_name="sign_in")
    op.drop_table("sign_in")
    op.drop_table("rollout")
    op.drop_index(op.f("ix_recovery_code_user_id"), table_name="recovery_code")
    op.drop_table("recovery_code")
    op.drop_table("policy_setting")
    op.drop_table("payment_run")
    op.drop_index(op.f("ix_password_reset_user_id"), table_name="password_reset")
    op.drop_table("password_reset")
    op.drop_index(op.f("ix_organisation_sector_id"), table_name="organisation")
    op.drop_index(
        "ix_organisation_name_part",
        table_name="organisation",
        postgresql_using="gin",
        postgresql_ops={"name": "gin_trgm_ops"},
    )
    op.drop_table("organisation")
    op.drop_index(op.f("ix_import_file_sha256"), table_name="import_file")
    op.drop_table("import_file")
    op.drop_table("ab_user_role")
    op.drop_index("idx_user_id", table_name="ab_user_group")
    op.drop_index("idx_user_group_id", table_name="ab_user_group")
    op.drop_table("ab_user_group")
    op.drop_index("idx_view_menu_id", table_name="ab_permission_view")
    op.drop_index("idx_permission_id", table_name="ab_permission_view")
    op.drop_table("ab_permission_view")
    op.drop_index("idx_group_role_id", table_name="ab_group_role")
    op.drop_index("idx_group_id", table_name="ab_group_role")
    op.drop_table("ab_group_role")
    op.drop_index("idx_api_key_user_id", table_name="ab_api_key")
    op.drop_index("idx_api_key_prefix", table_name="ab_api_key")
    op.drop_index("idx_api_key_lookup_hash", table_name="ab_api_key")
    op.drop_table("ab_api_key")
    op.drop_table("unknown_address")
    op.drop_table("team")
    op.drop_table("sector")
    op.drop_index(
        "ix_person_name_part", table_name="person", postgresql_using="gin", postgresql_ops={"name": "gin_trgm_ops"}
    )
    op.drop_table("person")
    op.drop_table("payment_period")
    op.drop_table("job_run")
    op.drop_table("element")
    op.drop_index(op.f("ix_audit_event_user_id"), table_name="audit_event")
    op.drop_index("ix_audit_event_record", table_name="audit_event")
    op.drop_index(op.f("ix_audit_event_organisation_id"), table_name="audit_event")
    op.drop_table("audit_event")
    op.drop_table("ab_view_menu")
    op.drop_table("ab_user")
    op.drop_table("ab_role")
    op.drop_table("ab_register_user")
    op.drop_table("ab_permission")
    op.drop_table("ab_group")
    for sequence in SEQUENCES:
        op.execute(f"DROP SEQUENCE {sequence}")
