"""Conversations with a council team: opened by a provider about something, answered within the team's target."""

from datetime import date

from sqlalchemy import select

from models import Actual, ContractDocument, Conversation, Message, PortalUser, Team, db
from rules.conversation_topics import Topic
from rules.problem_codes import Code
from rules.refusal import Problem
from rules.states import ConversationState
from rules.text import refuse_unseen
from rules.working_days import add_working_days
from workflows import policy
from workflows.clock import now, today


def open_conversation(
    team_name: str,
    subject: str,
    body: str,
    author: PortalUser,
    *,
    document: ContractDocument | None = None,
    actual: Actual | None = None,
    organisation_id: int | None = None,
    topic: Topic = Topic.OTHER,
) -> Conversation:
    """Open a provider's conversation with a team, about one record, or an organisation's own; the caller commits.

    Where the author is an officer, it is the council that asks. From today on the team has its working days to settle
    it, and those of a first answer where a provider asks.
    """
    about = document or actual
    opened = Conversation(
        organisation_id=about.organisation_id if about else organisation_id,
        team_id=db.session.scalars(select(Team.id).where(Team.name == team_name)).one(),
        topic=topic,
        subject=subject,
        document_id=document.id if document else None,
        actual_id=actual.id if actual else None,
        opened_by_id=author.id,
        opened_at=now(),
    )
    db.session.add(opened)
    db.session.flush()
    post(opened, body, author, from_council=author.council)
    opened.first_answer_by = opened.target_on
    return opened


def post(conversation: Conversation, body: str, author: PortalUser | None, *, from_council: bool) -> Message:
    """Add a message and hand the conversation to the other side, open again if it was closed; the caller commits.

    A message without an author is the portal's own, for its team.
    Where it becomes the council's turn, its team has the working days of the first response; where it is opened, or
    opened again, those to settle it too. Whoever writes has read what was there.
    """
    message = Message(
        organisation_id=conversation.organisation_id,
        conversation_id=conversation.id,
        author_id=author.id if author else None,
        from_council=from_council,
        team_id=conversation.team_id if from_council else None,
        body=body,
        sent_at=now(),
    )
    db.session.add(message)
    if conversation.resolve_by is None or conversation.state is ConversationState.CLOSED:
        conversation.resolve_by = _days_of(conversation, "resolution_days")
    conversation.closed_at, conversation.closed_reason = None, ""
    if from_council:
        conversation.state, conversation.target_on = ConversationState.WAITING_FOR_PROVIDER, None
        conversation.team_read_at = message.sent_at
    else:
        conversation.state = ConversationState.WAITING_FOR_COUNCIL
        # Who writes again while they wait gives the council no more time.
        conversation.target_on = conversation.target_on or _days_of(conversation, "first_response_days")
        conversation.read_at = message.sent_at
    return message


def _days_of(conversation: Conversation, setting: str) -> date:
    """Return the working day on which the days that a setting gives the team of a conversation are over."""
    days = policy.for_team(setting, conversation.team_id)
    return add_working_days(today(), days, policy.for_council("closure_days"))


def close_conversation(conversation: Conversation, reason: str, *, from_council: bool = True) -> None:
    """Close a conversation with a reason both sides read; the caller commits.

    A provider that closes it has nothing more to read in it.
    """
    conversation.state, conversation.target_on = ConversationState.CLOSED, None
    conversation.closed_at, conversation.closed_reason = now(), reason
    if not from_council:
        conversation.read_at = conversation.closed_at


def why_no_message(text: str, when_empty: Problem, *, beside: int = 0) -> Problem | None:
    """Return what is wrong with the text of a message, at the field of `when_empty`; None where it can be sent.

    `beside` are the characters the message has already, without what was typed.
    """
    most = policy.for_council("message_length") - beside
    if not text.strip():
        return when_empty
    wrong = refuse_more(text, most) or refuse_unseen(text)
    return wrong.at(when_empty.field) if wrong else None


def refuse_more(text: str, most: int) -> Problem | None:
    """Return the problem of a text of more characters than can be written, nothing where it fits."""
    count = len(text.strip())
    return Problem(Code.TOO_LONG, f"Write at most {most:,} characters; these are {count:,}.") if count > most else None
