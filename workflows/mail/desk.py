"""The outbox as officers see it: how it stands, what needs them, and sending one again."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import joinedload

from models import Email, db
from rules.mail_states import EmailState
from rules.problem_codes import Code
from rules.refusal import Problem, Refused, Unknown

# A person decides about these; each may be sent again by hand.
STUCK = (EmailState.FAILED, EmailState.UNCLEAR)
MOST_SHOWN = 50


@dataclass(frozen=True)
class Outbox:
    """How the outbox stands: how many e-mails in each state, since when the oldest waits; those that are stuck, and
    those written last, the newest first each and no more than MOST_SHOWN.
    """

    counts: dict[EmailState, int]
    oldest: datetime | None
    stuck: list[Email]
    latest: list[Email]


def outbox() -> Outbox:
    """Return how the outbox stands now."""
    rows = db.session.execute(select(Email.state, func.count(), func.min(Email.written_at)).group_by(Email.state)).all()
    newest = select(Email).options(joinedload(Email.organisation)).order_by(Email.written_at.desc(), Email.id.desc())
    return Outbox(
        counts={state: count for state, count, _ in rows},
        oldest=next((since for state, _, since in rows if state is EmailState.WAITING), None),
        stuck=list(db.session.scalars(newest.where(Email.state.in_(STUCK)).limit(MOST_SHOWN))),
        latest=list(db.session.scalars(newest.where(Email.state.not_in(STUCK)).limit(MOST_SHOWN))),
    )


def email(email_id: int) -> Email:
    """Return one e-mail. Raises Unknown."""
    found: Email | None = db.session.get(Email, email_id, options=[joinedload(Email.organisation)])
    if found is None:
        raise Unknown
    return found


def send_again(email_id: int) -> Email:
    """Put a stuck e-mail back among those that wait, with all its attempts. Commits.

    Raises Unknown, and Refused where it is not stuck, or its text was not kept.
    """
    stuck = (Email.id == email_id) & Email.state.in_(STUCK)
    found: Email | None = db.session.scalars(select(Email).where(stuck).with_for_update()).first()
    if found is None:
        email(email_id)
        raise Refused(Problem(Code.WRONG_STATE, "This e-mail is not stuck any more.", "Nothing was changed."))
    if not found.body:
        db.session.rollback()
        wrong = "What stood in this e-mail opens nothing any more, so it is not sent again."
        raise Refused(Problem(Code.GONE, wrong, "Ask its reader to ask for a new one."))
    again = update(Email).where(Email.id == email_id)
    db.session.execute(again.values(state=EmailState.WAITING, attempts=0, problem=""))
    db.session.commit()
    return found
