"""A provider asks about a scheduled payment before it is fixed: a conversation with the Payments team."""

from typing import Final

from sqlalchemy import select

from models import Conversation, PortalUser, ScheduledPayment, db
from rules import scheduled
from rules.conversation_topics import Topic
from rules.period import date_range, uk_date
from rules.problem_codes import Code
from rules.refusal import Problem, Refused
from rules.states import ConversationState
from workflows.clock import today
from workflows.conversations.notify import tell_team
from workflows.conversations.thread import open_conversation, post, why_no_message
from workflows.scheduled.read import get_payment

TEAM: Final = "Payments"
NO_QUERY: Final = Problem(Code.MISSING, "Say what is wrong, and for whom.", field="message")


def may_be_queried(payment: ScheduledPayment) -> bool:
    """Say whether a payment can still be queried."""
    return scheduled.may_be_queried(payment.state, payment.period.amend_by, today())


def query_payment(payment_id: int, text: str, user: PortalUser) -> Conversation:
    """Ask the Payments team about a payment: a new conversation, or the one that is open about it. Commits.

    The same words sent twice are one message. Raises Unknown; Refused, field `message`, or where it is fixed.
    """
    payment = get_payment(payment_id)
    if not may_be_queried(payment):
        until = f"This payment could be queried until {uk_date(payment.period.amend_by)}."
        raise Refused(Problem(Code.WRONG_STATE, until, "Start a conversation with the Payments Team."))
    if problem := why_no_message(text, NO_QUERY):
        raise Refused(problem)
    conversation = _open_about(payment)
    if conversation is None:
        subject = f"Scheduled payment {date_range(payment.period.start, payment.period.end)}"
        conversation = open_conversation(
            TEAM, subject, text.strip(), user, organisation_id=payment.organisation_id, topic=Topic.SCHEDULED_PAYMENT
        )
        conversation.scheduled_payment_id = payment.id
    elif (conversation.messages[-1].author_id, conversation.messages[-1].body) == (user.id, text.strip()):
        db.session.rollback()
        return conversation
    else:
        post(conversation, text.strip(), user, from_council=False)
    tell_team(conversation)
    db.session.commit()
    return conversation


def _open_about(payment: ScheduledPayment) -> Conversation | None:
    # Two people of one organisation who press at once take turns at its newest conversation, if there is one.
    found: Conversation | None = db.session.scalar(
        select(Conversation)
        .where(Conversation.scheduled_payment_id == payment.id, Conversation.state != ConversationState.CLOSED)
        .order_by(Conversation.id.desc())
        .limit(1)
        .with_for_update(of=Conversation)
    )
    return found
