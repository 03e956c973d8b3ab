"""E-mails that say there is something to read in a conversation: no names of people, no figures, no words of it."""

from collections.abc import Collection

from flask import current_app
from sqlalchemy import exists, or_, select

from models import Contact, Conversation, Message, db
from workflows.clock import today
from workflows.mail.letters import write_letter


def tell_provider(conversations: Collection[Conversation]) -> None:
    """Write to who may read these conversations for their organisations, each once; the caller commits.

    These are the contacts with the function Conversations, and who wrote in one of them and may read it still.
    """
    ids = [each.id for each in conversations]
    wrote = exists().where(
        Message.conversation_id.in_(ids),
        Message.organisation_id == Contact.organisation_id,
        Message.author_id == Contact.user_id,
    )
    contacts = select(Contact).where(
        Contact.organisation_id.in_({each.organisation_id for each in conversations}),
        or_(Contact.may_conversations, Contact.may_actuals & wrote),
        Contact.in_force(today()),
    )
    address = f"{current_app.config['PORTAL_ADDRESS']}/conversations"
    for contact in db.session.scalars(contacts.order_by(Contact.id)):
        write_letter(contact.email, "message for a provider", contact.organisation_id, address=address)


def tell_team(conversation: Conversation) -> None:
    """Write to the team of a conversation where it has an address; the caller commits."""
    if recipient := conversation.team.email:
        address = f"{current_app.config['PORTAL_ADDRESS']}/staff/conversations"
        write_letter(recipient, "message for a team", conversation.organisation_id, address=address)
