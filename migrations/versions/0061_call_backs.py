"""A changed account is in force when the council has rung back; the owner alone seals accounts with another key.

Until the call-back the account before stays, so that one that is denied can be taken back. A remittance names no account
that nobody has rung back about. An organisation withdraws what it asked for, and brings it to no other state.

What is sealed of a request that was decided could not go over to a new key: now whoever owns the tables may seal it
anew, and no login of the portal.
"""

import sqlalchemy as sa
from alembic import op

revision = "0061"
down_revision = "0058"
branch_labels = None
depends_on = None

OF_ACCOUNT = "kind = 'bank details' AND state = 'confirmed'"
ASKED = "organisation_id, kind, was, wanted, {sealed}digits, asked_at, asked_by_id"
DENIED = """(OLD.state = 'confirmed' AND OLD.kind = 'bank details' AND OLD.called_at IS NULL
    AND NEW.state = 'sent back' AND NEW.called_at IS NOT NULL)"""

# An account of a request that was replaced by one about which nobody has rung back is in force again.
BACK_IN_FORCE = """
UPDATE change_request SET state = 'confirmed' WHERE id IN (
  SELECT max(before.id) FROM change_request AS before JOIN change_request AS waits USING (organisation_id)
  WHERE before.kind = 'bank details' AND before.state = 'replaced' AND before.called_at IS NOT NULL
    AND waits.kind = 'bank details' AND waits.state = 'confirmed' AND waits.called_at IS NULL
  GROUP BY organisation_id)
"""
ONE_IN_FORCE = """
UPDATE change_request SET state = 'replaced' WHERE kind = 'bank details' AND state = 'confirmed' AND called_at IS NOT NULL
  AND EXISTS (SELECT FROM change_request AS waits WHERE waits.organisation_id = change_request.organisation_id
    AND waits.kind = 'bank details' AND waits.state = 'confirmed' AND waits.called_at IS NULL)
"""
CLOSED_STAYS = """
CREATE TRIGGER change_request_closed_stays BEFORE UPDATE ON change_request FOR EACH ROW
  WHEN (OLD.state NOT IN ('asked for', 'confirmed once') AND (
    NEW.state <> OLD.state AND NOT (OLD.state = 'confirmed' AND NEW.state = 'replaced') AND NOT {denied}
    OR NEW.sent_back_reason <> OLD.sent_back_reason AND NOT {denied}
    OR (OLD.checked_at, OLD.checked_by_id, OLD.decided_at, OLD.decided_by_id)
      IS DISTINCT FROM (NEW.checked_at, NEW.checked_by_id, NEW.decided_at, NEW.decided_by_id)
    OR (OLD.called_at IS NOT NULL OR OLD.state <> 'confirmed') AND (OLD.called_at, OLD.called_by_id, OLD.called_who, OLD.called_number)
      IS DISTINCT FROM (NEW.called_at, NEW.called_by_id, NEW.called_who, NEW.called_number)))
  EXECUTE FUNCTION stays_as_it_is();
"""
SEALED_ANEW = """
CREATE FUNCTION owner_seals() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF current_user <> (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = TG_RELID) THEN
    RAISE EXCEPTION 'an account is sealed anew by the owner of the tables alone' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER change_request_sealed_stays BEFORE UPDATE ON change_request FOR EACH ROW
  WHEN (OLD.sealed IS DISTINCT FROM NEW.sealed) EXECUTE FUNCTION owner_seals();
"""
# Of a request that stands it can change the state, so that it can withdraw it: to nothing else.
WITHDRAWS = """
CREATE POLICY withdraws ON change_request AS RESTRICTIVE FOR UPDATE TO portal_web
  USING (true) WITH CHECK (state = 'withdrawn')
"""
RUNG_BACK = """
CREATE FUNCTION account_is_rung_back() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM new_rows JOIN change_request AS account ON account.id = new_rows.account_id
      WHERE account.kind <> 'bank details' OR account.called_at IS NULL) THEN
    RAISE EXCEPTION 'nobody has rung back about the account' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER remittance_rung_back AFTER INSERT ON remittance REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION account_is_rung_back();
"""


def _asked_stays(sealed: str) -> str:
    names = ASKED.format(sealed=sealed).split(", ")
    old, new = (", ".join(f"{which}.{name}" for name in names) for which in ("OLD", "NEW"))
    return f"""
CREATE TRIGGER change_request_asked_stays BEFORE UPDATE ON change_request FOR EACH ROW
  WHEN (({old}) IS DISTINCT FROM ({new})) EXECUTE FUNCTION stays_as_it_is();"""


def _index_accounts(**conditions: str) -> None:
    for name, condition in conditions.items():
        op.create_index(
            f"uq_change_request_{name}", "change_request", ["organisation_id"], unique=True,
            postgresql_where=sa.text(condition),
        )  # fmt: skip


def upgrade() -> None:
    """Let an account wait for its call-back beside the one in force."""
    op.execute("DROP TRIGGER change_request_closed_stays ON change_request")
    op.execute("DROP TRIGGER change_request_asked_stays ON change_request")
    op.drop_index("uq_change_request_account", "change_request")
    op.execute(BACK_IN_FORCE)
    _index_accounts(account=f"{OF_ACCOUNT} AND called_at IS NOT NULL", to_call=f"{OF_ACCOUNT} AND called_at IS NULL")
    op.drop_constraint(op.f("ck_change_request_called_state"), "change_request", type_="check")
    op.create_check_constraint(
        op.f("ck_change_request_called_kind"), "change_request", "called_at IS NULL OR kind = 'bank details'"
    )
    op.execute(CLOSED_STAYS.format(denied=DENIED))
    op.execute(_asked_stays(""))
    op.execute(SEALED_ANEW)
    op.execute(RUNG_BACK)
    op.execute(WITHDRAWS)


CLOSED_STAYED = """
CREATE TRIGGER change_request_closed_stays BEFORE UPDATE ON change_request FOR EACH ROW
  WHEN (OLD.state NOT IN ('asked for', 'confirmed once') AND (
    NEW.state <> OLD.state AND NOT (OLD.state = 'confirmed' AND NEW.state = 'replaced')
    OR (OLD.checked_at, OLD.checked_by_id, OLD.decided_at, OLD.decided_by_id, OLD.sent_back_reason)
      IS DISTINCT FROM (NEW.checked_at, NEW.checked_by_id, NEW.decided_at, NEW.decided_by_id, NEW.sent_back_reason)
    OR OLD.called_at IS NOT NULL AND (OLD.called_at, OLD.called_by_id, OLD.called_who, OLD.called_number)
      IS DISTINCT FROM (NEW.called_at, NEW.called_by_id, NEW.called_who, NEW.called_number)))
  EXECUTE FUNCTION stays_as_it_is();
"""


def downgrade() -> None:
    """One account again: the newest confirmed one. A call about a request that is not confirmed is forgotten."""
    op.execute("DROP POLICY withdraws ON change_request")
    op.execute("DROP TRIGGER remittance_rung_back ON remittance; DROP FUNCTION account_is_rung_back()")
    op.execute("DROP TRIGGER change_request_sealed_stays ON change_request; DROP FUNCTION owner_seals()")
    op.execute("DROP TRIGGER change_request_closed_stays ON change_request")
    op.execute("DROP TRIGGER change_request_asked_stays ON change_request")
    for name in ("account", "to_call"):
        op.drop_index(f"uq_change_request_{name}", "change_request")
    op.execute(ONE_IN_FORCE)
    op.execute(
        "UPDATE change_request SET called_at = NULL, called_by_id = NULL, called_who = NULL, called_number = NULL"
        " WHERE state NOT IN ('confirmed', 'replaced')"
    )
    _index_accounts(account=OF_ACCOUNT)
    op.drop_constraint(op.f("ck_change_request_called_kind"), "change_request", type_="check")
    op.create_check_constraint(
        op.f("ck_change_request_called_state"), "change_request",
        "called_at IS NULL OR kind = 'bank details' AND state IN ('confirmed', 'replaced')",
    )  # fmt: skip
    op.execute(CLOSED_STAYED)
    op.execute(_asked_stays("sealed, "))
