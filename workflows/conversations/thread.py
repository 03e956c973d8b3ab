"""Conversations with a council team: opened by a provider about something, answered within the team's target."""

from sqlalchemy import select

from models import Actual, ContractDocument, Conversation, Invoice, Message, PortalUser, Team, db
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
    invoice: Invoice | None = None,
    organisation_id: int | None = None,
) -> Conversation:
    """Open a provider's conversation with a team, about one record, or an organisation's own; the caller commits."""
    about = document or actual or invoice
    opened = Conversation(
        organisation_id=about.organisation_id if about else organisation_id,
        team_id=db.session.scalars(select(Team.id).where(Team.name == team_name)).one(),
        subject=subject,
        document_id=document.id if document else None,
        actual_id=actual.id if actual else None,
        invoice_id=invoice.id if invoice else None,
        opened_at=now(),
    )
    db.session.add(opened)
    db.session.flush()
    post(opened, body, author, from_council=False)
    return opened


def post(conversation: Conversation, body: str, author: PortalUser | None, *, from_council: bool) -> Message:
    """Add a message and hand the conversation to the other side, open again if it was closed; the caller commits.

    A message without an author is the portal's own, for its team.
    Where it is the council's turn, its team has the working days of the first response, counted anew.
    """
    message = Message(
        organisation_id=conversation.organisation_id,
        conversation_id=conversation.id,
        author_id=author.id if author else None,
        from_council=from_council,
        body=body,
        sent_at=now(),
    )
    db.session.add(message)
    conversation.closed_at, conversation.closed_reason = None, ""
    if from_council:
        conversation.state, conversation.target_on = ConversationState.WAITING_FOR_PROVIDER, None
    else:
        conversation.state = ConversationState.WAITING_FOR_COUNCIL
        days = policy.for_council("first_response_days")
        conversation.target_on = add_working_days(today(), days, policy.for_council("closure_days"))
        conversation.read_at = now()
    return message


def close_conversation(conversation: Conversation, reason: str) -> None:
    """Close a conversation with a reason both sides read; the caller commits."""
    conversation.state, conversation.target_on = ConversationState.CLOSED, None
    conversation.closed_at, conversation.closed_reason = now(), reason


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
