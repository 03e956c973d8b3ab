"""Conversations with a council team: opened by a provider about something, answered within the team's target."""

from datetime import date, timedelta

from sqlalchemy import select

from models import ContractDocument, Conversation, Message, PortalUser, Team, db
from rules.refusal import Problem
from rules.text import refuse_unseen
from workflows import policy
from workflows.clock import today

SATURDAY = 5


def open_conversation(
    team_name: str, subject: str, body: str, author: PortalUser, *, document: ContractDocument
) -> Conversation:
    """Open a provider's conversation with a team, about a contract document; the caller commits."""
    team = db.session.scalars(select(Team).where(Team.name == team_name)).one()
    opened = Conversation(
        organisation_id=document.organisation_id,
        team_id=team.id,
        subject=subject,
        document_id=document.id,
        target_on=_working_days_after(today(), policy.for_council("first_response_days")),
    )
    db.session.add(opened)
    db.session.flush()
    message = Message(
        organisation_id=document.organisation_id,
        conversation_id=opened.id,
        author_id=author.id,
        from_council=False,
        body=body,
    )
    db.session.add(message)
    return opened


def why_no_message(text: str, field: str, when_empty: str) -> Problem | None:
    """Return what is wrong with the text of a message, None where it can be sent."""
    most = policy.for_council("message_length")
    if not text.strip():
        return Problem(when_empty, field)
    if len(text.strip()) > most:
        return Problem(f"Write at most {most:,} characters; these are {len(text.strip()):,}.", field)
    unseen = refuse_unseen(text)
    return Problem(unseen, field) if unseen else None


def _working_days_after(day: date, count: int) -> date:
    while count > 0:
        day += timedelta(days=1)
        count -= day.weekday() < SATURDAY
    return day
