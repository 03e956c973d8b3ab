"""The login of the sign-in pages makes no second step: codes and passkeys are written as passwords are, by the council's.

Sign-ins that are half done begin anew: what opens one is kept with the step it has reached, so a row that was put
further opens nothing. No role that confirms what pays is given by one administrator. And a file of many people is one
event of the trail with everybody in it, found from any of them.
"""

from alembic import op

revision = "0067"
down_revision = "0066"
branch_labels = None
depends_on = None

# Who confirms what pays is a second officer: no administrator makes one alone, beside themselves.
GIVEN = """
CREATE OR REPLACE FUNCTION role_is_given() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM ab_role WHERE id = NEW.role_id
      AND name IN ('Administrator', 'Payments officer', 'Payments approver'{more})) AND NOT is_given(NEW.user_id) THEN
    RAISE EXCEPTION 'a role that pays or manages users is given by a confirmed proposal'
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
"""
SECOND_STEP = "code_kind, security_code, totp_secret, reset_code, reset_until"


def upgrade() -> None:
    """Take the second step from that login; find who is in a file by an index over what was exported alone."""
    op.execute(f"REVOKE UPDATE ({SECOND_STEP}) ON ab_user FROM portal_sign_in")
    op.execute("REVOKE INSERT, DELETE ON recovery_code, passkey FROM portal_sign_in")
    op.execute("REVOKE USAGE ON SEQUENCE recovery_code_id_seq, passkey_id_seq FROM portal_sign_in")
    op.execute("GRANT INSERT ON passkey TO portal_council")
    op.execute("GRANT USAGE ON SEQUENCE passkey_id_seq TO portal_council")
    op.execute("DELETE FROM sign_in")
    op.execute(GIVEN.format(more=", 'Service Brokerage', 'Procurement'"))
    op.execute(
        "CREATE INDEX ix_audit_event_people ON audit_event USING gin ((after -> 'people') jsonb_path_ops)"
        " WHERE action = 'exported'"
    )


def downgrade() -> None:
    """Give it back, and look through every export."""
    op.execute("DROP INDEX ix_audit_event_people")
    op.execute(GIVEN.format(more=""))
    op.execute("DELETE FROM sign_in")
    op.execute("REVOKE INSERT ON passkey FROM portal_council")
    op.execute("REVOKE USAGE ON SEQUENCE passkey_id_seq FROM portal_council")
    op.execute("GRANT USAGE ON SEQUENCE recovery_code_id_seq, passkey_id_seq TO portal_sign_in")
    op.execute("GRANT INSERT, DELETE ON recovery_code, passkey TO portal_sign_in")
    op.execute(f"GRANT UPDATE ({SECOND_STEP}) ON ab_user TO portal_sign_in")
