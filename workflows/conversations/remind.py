"""The reminder of answers that nobody has read."""

from datetime import timedelta

from sqlalchemy import and_, func, select

from models import Contact, Conversation, Message, db
from rules.mail_states import ReminderKind
from workflows import policy
from workflows.clock import now
from workflows.conversations.notify import services_show
from workflows.mail.reminded import remind_once


def remind_of_answers() -> int:
    """Remind organisations of unread answers, each once; return how many e-mails were written. Commits."""
    since = now() - timedelta(days=policy.for_council("reminder_answer_days"))
    last = select(Message.conversation_id, func.max(Message.id).label("id")).where(Message.from_council)
    answers = last.group_by(Message.conversation_id).subquery("answers")
    unread = (
        select(Conversation.organisation_id, answers.c.id, Conversation.id)
        .join(answers, answers.c.conversation_id == Conversation.id)
        .join(Message, Message.id == answers.c.id)
        .where(Conversation.to_read(), Message.sent_at <= since)
        .where(Message.sent_at > func.coalesce(Conversation.read_at, Conversation.opened_at))
    )
    found = db.session.execute(unread).all()
    due = [(organisation_id, str(answer_id)) for organisation_id, answer_id, _ in found]
    who = and_(Contact.may_conversations, services_show([conversation_id for *_, conversation_id in found]))
    return remind_once(ReminderKind.ANSWER, due, who)
