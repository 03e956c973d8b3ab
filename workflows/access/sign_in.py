"""Signing in, one step after the other: no step can be left out, and each step's cookie is dead at the next one.

Everything here but a new password or code works under a login of the database that may do no more than sign people
in: whose records may be seen is not known before the last step. What opens a step is kept under the portal's key with
that step, so that whoever could write into the row comes no step further.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import joinedload, undefer

from models import COUNCIL, SIGN_IN, Contact, Organisation, PortalUser, SignIn, UserSession, acting_for, db
from rules.problem_codes import Code
from rules.refusal import Problem, Refused
from rules.states import SignInStep
from workflows.access import devices, wrong_tries
from workflows.access.passwords import check_new_password, set_password
from workflows.access.sessions import end_session, open_session
from workflows.clock import now, today
from workflows.hashes import Opens, is_of, kept_as, matches, token_of
from workflows.organisations import roll_out

# Who walks away in the middle starts again.
STEP_LASTS = timedelta(minutes=15)

WRONG = Problem(Code.WRONG_PASSWORD, "The e-mail address or the password is not right.", field="password")
EXPIRED = Problem(
    Code.PASSWORD_EXPIRED,
    "This password has expired.",
    "Ask a colleague who looks after contacts, or the council, for a new invitation.",
    "password",
)
ACCESS_ENDED = Problem(
    Code.ACCESS_ENDED,
    "Your access has ended or has not begun.",
    "Ask a colleague who looks after contacts, or the council.",
)


class StartAgain(Exception):
    """The step was done already (a form sent twice) or took too long: signing in starts at its beginning."""


@dataclass(frozen=True)
class Next:
    """Where somebody goes now: the step, and the token that opens it; at DONE it is that of their session."""

    step: SignInStep
    token: str
    user: PortalUser
    notice: str = ""


class Choice(NamedTuple):
    """An organisation somebody is a contact of now, and what it lacks before the portal opens to it."""

    contact_id: int
    organisation_id: int
    organisation: str
    missing: list[str]


def begin(email: str, password: str) -> Next:
    """Check an e-mail address and a password and return the step that follows. Raises Refused.

    An address nobody has and a wrong password get the same answer, in the same time, and lock alike.
    """
    address = clean_address(email)
    missing = [Problem(Code.MISSING, "Enter your e-mail address.", field="email")] * (not address)
    missing += [Problem(Code.MISSING, "Enter your password.", field="password")] * (not password)
    if missing:
        raise Refused(*missing)
    with acting_for(SIGN_IN):
        user = find_user(address)
        kept = user.password if user else None
        taken = (
            wrong_tries.take_try(user.id, "password") if user else wrong_tries.take_try_at_unknown(address, "password")
        )
        right = matches(kept, password)
        if user is None or not right:
            raise wrong_tries.refuse(taken, WRONG)
        wrong_tries.give_back(taken)
        if user.given_password_is_over(now()):
            wrong_tries.note_refused(user.id, EXPIRED.wrong)
            db.session.commit()
            raise Refused(EXPIRED)
        return _start(user, _first_step(user))


def clean_address(email: str) -> str:
    """Return an e-mail address as it is kept: lower case, without spaces round it and without what nobody can type."""
    return "".join(letter for letter in email if letter.isprintable()).strip().lower()


def find_user(address: str) -> PortalUser | None:
    """Return the active person with an e-mail address."""
    found: PortalUser | None = db.session.scalar(
        select(PortalUser)
        .where(func.lower(PortalUser.email) == address, PortalUser.active.is_(True))
        .options(undefer(PortalUser.password))
    )
    return found


def find(token: str) -> SignIn | None:
    """Return the sign-in behind a token, with its person, unless it took too long."""
    found = db.session.scalar(
        select(SignIn).where(SignIn.token_hash.in_(_kept_at_any(token))).options(joinedload(SignIn.user))
    )
    if found is None or not found.user.active or not is_of(token, found.user_id):
        return None
    if found.token_hash != kept_as(token, Opens.SIGN_IN, found.step):  # the row was put to another step
        return None
    return found if now() - found.at < STEP_LASTS else None


def advance(sign_in: SignIn, step: SignInStep, notice: str = "") -> Next:
    """Take a sign-in to its next step under a new token, to be committed by the caller. Raises StartAgain."""
    token = token_of(sign_in.user_id)
    moved = db.session.execute(
        update(SignIn)
        .where(SignIn.id == sign_in.id, SignIn.token_hash == sign_in.token_hash)
        .values(token_hash=kept_as(token, Opens.SIGN_IN, step), step=step, at=now())
        .returning(SignIn.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if moved is None:
        raise StartAgain
    return Next(step, token, sign_in.user, notice)


def choose_password(sign_in: SignIn, new: str, again: str) -> Next:
    """Give somebody the password they chose and return the step that follows. Raises Refused at the two fields.

    The new password ends this sign-in with everything else of the old one, so another is begun.
    """
    user = sign_in.user
    check_new_password(user, new, again)
    with acting_for(COUNCIL):
        set_password(user, new, "Instead of the one that was given.")
    return _start(user, SignInStep.CODE if user.code_kind else SignInStep.NEW_CODE)


def finish(sign_in: SignIn, notice: str = "") -> Next:
    """Return what comes after the last check: a session, the choice of an organisation, or that none is open yet."""
    user = sign_in.user
    with acting_for(SIGN_IN):
        _note_success(user)
        live = [] if user.council else [choice for choice in organisations_of(user.id) if not choice.missing]
        if user.council or len(live) == 1:
            return _open(sign_in, live[0].contact_id if live else None, notice)
        following = advance(sign_in, SignInStep.ORGANISATION if live else SignInStep.NOT_OPEN, notice)
        db.session.commit()
        return following


def organisations_of(user_id: int) -> list[Choice]:
    """Return the organisations somebody is a contact of today, by name, each with what it lacks."""
    with acting_for(SIGN_IN):
        contacts = db.session.scalars(
            select(Contact)
            .join(Contact.organisation)
            .where(
                Contact.user_id == user_id,
                Contact.in_force(today()),
            )
            .options(joinedload(Contact.organisation))
            .order_by(Organisation.name, Organisation.id)
        )
        return [
            Choice(each.id, each.organisation_id, each.organisation.name, roll_out.what_is_missing(each.organisation))
            for each in contacts
        ]


def choose_organisation(sign_in: SignIn, contact_id: str) -> Next:
    """Open a session for one of the organisations somebody may choose. Raises Refused at `organisation`."""
    chosen = _chosen(sign_in.user_id, contact_id)
    with acting_for(SIGN_IN):
        return _open(sign_in, chosen.contact_id)


def change_organisation(session: UserSession, token: str, contact_id: str) -> Next:
    """Go over to another organisation: a session of its own, no longer than the first would have lasted.

    Raises Refused at `organisation`.
    """
    chosen, user = _chosen(session.user_id, contact_id), session.user
    with acting_for(SIGN_IN):
        end_session(token)
        contact = db.session.get_one(Contact, chosen.contact_id)
        return Next(SignInStep.DONE, open_session(user, contact, began_at=session.created_at), user)


def give_up(token: str) -> None:
    """End a sign-in that is half done."""
    db.session.execute(delete(SignIn).where(SignIn.token_hash.in_(_kept_at_any(token))))
    db.session.commit()


def _kept_at_any(token: str) -> list[str]:
    return [kept_as(token, Opens.SIGN_IN, step) for step in SignInStep]


def _first_step(user: PortalUser) -> SignInStep:
    if not user.council:
        choices = organisations_of(user.id)
        if not choices:
            wrong_tries.note_refused(user.id, ACCESS_ENDED.wrong)
            db.session.commit()
            raise Refused(ACCESS_ENDED)
        if all(choice.missing for choice in choices):
            return SignInStep.NOT_OPEN
    if user.must_change_password:
        return SignInStep.NEW_PASSWORD
    return SignInStep.CODE if user.code_kind else SignInStep.NEW_CODE


def _start(user: PortalUser, step: SignInStep) -> Next:
    token = token_of(user.id)
    db.session.execute(delete(SignIn).where(SignIn.at < now() - STEP_LASTS))
    db.session.add(SignIn(token_hash=kept_as(token, Opens.SIGN_IN, step), user_id=user.id, step=step))
    db.session.commit()
    return Next(step, token, user)


def _open(sign_in: SignIn, contact_id: int | None, notice: str = "") -> Next:
    ended = db.session.execute(
        delete(SignIn)
        .where(SignIn.id == sign_in.id, SignIn.token_hash == sign_in.token_hash)
        .returning(SignIn.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if ended is None:
        raise StartAgain
    contact = db.session.get_one(Contact, contact_id) if contact_id else None
    return Next(SignInStep.DONE, open_session(sign_in.user, contact), sign_in.user, notice)


def _chosen(user_id: int, contact_id: str) -> Choice:
    for choice in organisations_of(user_id):
        if str(choice.contact_id) == contact_id and not choice.missing:
            return choice
    raise Refused(Problem(Code.MISSING, "Choose an organisation.", field="organisation"))


def _note_success(user: PortalUser) -> None:
    # Only here are earlier failures forgiven: a right password does not make guessing codes free.
    wrong_tries.forgive(user.id)
    devices.remember(user.id)
    db.session.execute(
        update(PortalUser)
        .where(PortalUser.id == user.id)
        .values(
            last_login=now().replace(tzinfo=None),  # the framework keeps it without a time zone
            login_count=func.coalesce(PortalUser.login_count, 0) + 1,
        )
        .execution_options(synchronize_session=False)
    )
