"""Passwords: changed, and asked for again."""

from functools import cache
from pathlib import Path

from flask import current_app
from sqlalchemy import delete, select, text, update

import rules
from models import COUNCIL, SIGN_IN, PasswordReset, PortalUser, SignIn, UserSession, acting_for, db
from rules.password import check_password, words_in
from rules.problem_codes import Code
from rules.refusal import Problem, Refused
from workflows import policy
from workflows.access import wrong_tries
from workflows.clock import now
from workflows.hashes import hash_password, matches
from workflows.mail.account_letters import PASSWORD_CHANGED, write_change


def confirm(user: PortalUser, password: str, field: str = "password") -> None:
    """Check the password of somebody signed in, asked for again before a step that binds them.

    Commits, so it is to be called before anything else is changed or locked. Raises Refused at `field`; a wrong
    password counts toward the lock as it does at signing in.
    """
    with acting_for(SIGN_IN):
        taken = wrong_tries.take_try(user.id, field)
        if not matches(_kept_password(user), password):
            raise wrong_tries.refuse(
                taken,
                Problem(Code.WRONG_PASSWORD, "The password is not right.", field=field)
                if password
                else Problem(Code.MISSING, "Enter your password.", field=field),
            )
        wrong_tries.give_back(taken)


def check_new_password(user: PortalUser, new: str, again: str) -> None:
    """Raise Refused, at `new_password` or `new_password_again`, where a person may not take a password (SE-1, SE-2)."""
    # The present password is known only by its hash: it stands for itself where the new one fits it.
    present = new if matches(_kept_password(user), new) else ""
    if problems := _problems_of(user, new, again, present):
        raise Refused(*problems)


def change_own(this: UserSession, present: str, new: str, again: str) -> None:
    """Give the person of a session the password they chose, where they know the present one; this session stays.

    Commits. Raises Refused with all problems, at `present_password` and as `check_new_password`.
    """
    found: list[Problem] = []
    try:
        confirm(this.user, present, "present_password")
    except Refused as refused:
        found += refused.problems
    # Whether the new one is the present one is said to nobody who does not know that.
    found += _problems_of(this.user, new, again, "" if found else present)
    if found:
        raise Refused(*found)
    with acting_for(COUNCIL):
        set_password(this.user, new, "On the account page.", stays=this.id)


def _problems_of(user: PortalUser, new: str, again: str, present: str) -> list[Problem]:
    denied = common_passwords() if policy.for_council("password_deny_list") else frozenset()
    least, words = policy.for_council("password_least_length"), known_words(user.first_name, user.last_name)
    return check_password(new, again, present, user.email, denied, least, words)


def set_password(user: PortalUser, new: str, how: str, *, stays: int = 0) -> None:
    """Give a person a new password, unchecked: their sessions, half-done sign-ins and links end with the old. Commits.

    For the council's scope: the login of the sign-in pages, which anybody's words reach, may write no password.
    The trail keeps that it changed and `how`, and nothing of it; the person is told by e-mail. The session whose id
    `stays` is theirs who changed it.
    """
    ended = now()
    db.session.execute(text("SELECT set_config('app.why', :how, true)"), {"how": how})
    db.session.execute(
        update(PortalUser)
        .where(PortalUser.id == user.id)
        .values(password=hash_password(new), must_change_password=False)
        .execution_options(synchronize_session=False)
    )
    sessions = update(UserSession).where(UserSession.user_id == user.id, UserSession.ended_at.is_(None))
    db.session.execute(sessions.where(UserSession.id != stays).values(ended_at=ended))
    links = update(PasswordReset).where(PasswordReset.user_id == user.id, PasswordReset.used_at.is_(None))
    db.session.execute(links.values(used_at=ended))
    db.session.execute(delete(SignIn).where(SignIn.user_id == user.id))
    write_change(user.email, PASSWORD_CHANGED)
    db.session.commit()


def _kept_password(user: PortalUser) -> str | None:
    kept: str | None = db.session.scalar(select(PortalUser.password).where(PortalUser.id == user.id))
    return kept


def known_words(*names: str) -> frozenset[str]:
    """Return the words a stranger would try for somebody with these names, beside months and the like."""
    return _listed("guessed_words.txt") | words_in(" ".join((*names, current_app.config["COUNCIL_NAME"])))


def common_passwords() -> frozenset[str]:
    """Return the passwords that many people use, in lower case."""
    return _listed("common_passwords.txt")


@cache
def _listed(file: str) -> frozenset[str]:
    return frozenset((Path(rules.__file__).parent / file).read_text().split())
