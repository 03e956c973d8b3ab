"""Reset codes: who has lost their security code gets one from an officer, who has made sure who they are.

The password alone makes no new security code: else whoever reads somebody's mail could have both.
"""

from datetime import timedelta

from sqlalchemy import delete, text, update

from models import Passkey, PasswordReset, PortalUser, RecoveryCode, SignIn, UserSession, db
from rules.password import recovery_codes
from rules.problem_codes import Code
from rules.refusal import Problem, Refused
from workflows.access.security_codes import compact_letters
from workflows.clock import now
from workflows.hashes import hash_password

LASTS = timedelta(hours=24)
MOST_LETTERS = 500

NO_CHECK = Problem(Code.MISSING, "Say how you made sure who they are.", field="how")
TOO_LONG = Problem(Code.TOO_LONG, f"Use at most {MOST_LETTERS} characters.", field="how")
OWN = Problem(Code.OWN_ACCESS, "You cannot reset your own security code.", "Ask another administrator.")


def problems_of(user: PortalUser, officer: PortalUser, how: str) -> list[Problem]:
    """Return why an officer may not reset a person's security code, `how` being how they were identified."""
    found = [OWN] if user.id == officer.id else []
    return found + ([NO_CHECK] if not how.strip() else [TOO_LONG] if len(how) > MOST_LETTERS else [])


def give(user: PortalUser, officer: PortalUser, how: str) -> str:
    """Take a person's security code away, and return the reset code with which they create another, once, within LASTS.

    Their passkeys go with it: what was lost may hold both. The trail keeps who gave it and `how` the person was
    identified; the code itself is shown here and nowhere again.
    Whatever sessions and links the person had end. Commits. Raises Refused as `problems_of`.
    """
    if problems := problems_of(user, officer, how):
        raise Refused(*problems)
    code = recovery_codes()[0]
    db.session.execute(text("SELECT set_config('app.why', :why, true)"), {"why": f"Identified: {how.strip()}"})
    user.code_kind = user.security_code = user.totp_secret = None
    user.reset_code, user.reset_until = hash_password(compact_letters(code)), now() + LASTS
    for table, column in ((UserSession, UserSession.ended_at), (PasswordReset, PasswordReset.used_at)):
        db.session.execute(update(table).where(table.user_id == user.id, column.is_(None)).values({column: now()}))
    for kind in (RecoveryCode, Passkey, SignIn):
        db.session.execute(delete(kind).where(kind.user_id == user.id))
    db.session.commit()
    return code
