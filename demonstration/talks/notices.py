"""A widespread problem that is over, an e-mail that could not be sent, and a reminder that was."""

from datetime import datetime, time, timedelta

from models import Announcement, Contact, Email, db
from rules.mail_states import EmailState, ReminderKind
from rules.period import DAY
from workflows.clock import LONDON, story_at, today
from workflows.mail.reminded import remind_once
from workflows.mail.sender import MOST_ATTEMPTS


def tell(organisation_id: int) -> None:
    """Tell of the last fortnight, for an organisation of home support that uses the portal. Commits."""
    day = today() - 12 * DAY
    db.session.add(
        Announcement(
            title="Signing in was slow this morning",
            body="From 8:40 to 9:25 pages took up to a minute to open. Nothing that you saved was lost.",
            widespread=True,
            start=day,
            ended_at=datetime.combine(day, time(9, 30), LONDON),
        )
    )
    written = datetime.combine(day, time(11), LONDON)
    db.session.add(
        Email(
            organisation_id=organisation_id, recipient="former.manager@fenland-homecare.example",
            subject="A remittance advice is ready", body="Sign in to the provider portal to read it.\n",
            state=EmailState.FAILED, attempts=MOST_ATTEMPTS, written_at=written,
            problem=f"Attempt {MOST_ATTEMPTS} of {MOST_ATTEMPTS}: 550 this mailbox does not exist",
        )
    )  # fmt: skip
    db.session.commit()
    _remind(organisation_id)


def _remind(organisation_id: int) -> None:
    period = today() - timedelta(days=today().weekday()) - 56 * DAY
    with story_at(today() - 6 * DAY, 7):
        remind_once(ReminderKind.WEEKS, [(organisation_id, period.isoformat())], Contact.may_actuals)
    sent = db.session.query(Email).filter_by(subject="You have weeks to confirm")
    for email in sent:
        email.state, email.attempts = EmailState.SENT, 1
        email.written_at = email.sent_at = datetime.combine(today() - 6 * DAY, time(7, 30), LONDON)
    db.session.commit()
