"""The login of the sign-in pages writes nobody's password; what lets somebody in is kept under the portal's own key.

Sessions, half-done sign-ins and links for a new password that were kept as a plain digest are over: people sign in anew.
And who came in, went out or was refused, a provider's login notes of nobody: it notes what was read and exported.
A contact who is limited to services sees what was paid, reported or on paper for these alone, too.
"""

from alembic import op

revision = "0065"
down_revision = "0064"
branch_labels = None
depends_on = None

OVER = """
UPDATE user_session SET ended_at = now() WHERE ended_at IS NULL;
UPDATE password_reset SET used_at = now() WHERE used_at IS NULL;
DELETE FROM sign_in;
"""

SAFE = "LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"
# The login is the session's: within the function it is the owner who acts.
NOTED = """
CREATE OR REPLACE FUNCTION note_in_trail(what text, of_record text, ids integer[], whereof jsonb, because text)
  RETURNS void {safe} AS $$
BEGIN
  IF what NOT IN ('read', 'exported', 'signed in', 'signed out', 'sign-in refused'){unless} THEN
    RAISE EXCEPTION '% is noted by nobody but the database', what USING ERRCODE = 'insufficient_privilege';
  END IF;
  INSERT INTO audit_event (user_id, organisation_id, action, record, record_id, after, why, from_address)
  SELECT CASE WHEN what IN ('signed in', 'signed out') THEN each.id
              ELSE nullif(current_setting('app.user', true), '')::integer END, app_organisation(), what, of_record, each.id, whereof,
    because, coalesce(current_setting('app.address', true), '')
  FROM unnest(ids) AS each (id);
END $$;
"""
NOT_PROVIDERS = "\n    OR session_user = 'portal_web' AND what NOT IN ('read', 'exported')"

# Pages come to these by themselves, and not through a line: so they need a rule of their own. A line of a remittance
# that names no line item is about the organisation.
OF_SERVICE = "service_id = ANY ((SELECT app_services())::integer[])"
OWN_SERVICES = {
    "remittance_line": "line_reference = ''"
    " OR EXISTS (SELECT FROM line_item WHERE line_item.reference = line_reference)",
    "scheduled_payment_line": "EXISTS (SELECT FROM line_item WHERE line_item.id = line_item_id)",
    "missing_package": OF_SERVICE,
    "paper_order": "EXISTS (SELECT FROM contract_document WHERE contract_document.id = document_id)"
    " OR EXISTS (SELECT FROM service WHERE service.id = ANY ((SELECT app_services())::integer[])"
    " AND service.name = service_name)",
}


def upgrade() -> None:
    """Take from that login what could let its SQL in as anybody."""
    op.execute(NOTED.format(safe=SAFE, unless=NOT_PROVIDERS))
    op.execute("REVOKE UPDATE (password, must_change_password) ON ab_user FROM portal_sign_in")
    op.execute(OVER)
    for table, rule in OWN_SERVICES.items():
        op.execute(
            f"CREATE POLICY own_services ON {table} AS RESTRICTIVE TO portal_web"
            f" USING ((SELECT app_services()) IS NULL OR {rule})"
        )


def downgrade() -> None:
    """Give it back; people sign in anew."""
    for table in OWN_SERVICES:
        op.execute(f"DROP POLICY own_services ON {table}")
    op.execute(NOTED.format(safe=SAFE, unless=""))
    op.execute("GRANT UPDATE (password, must_change_password) ON ab_user TO portal_sign_in")
    op.execute(OVER)
