"""E-mails that say there is something to read in a conversation: no names of people, no figures, no words of it."""

from collections.abc import Collection

from flask import current_app
from sqlalchemy import exists, or_, select

from models import Contact, Conversation, Message, db
from workflows.clock import today
from workflows.mail.outbox import write_email

TO_PROVIDER_SUBJECT = "There is a message for you in the provider portal"
TO_PROVIDER_BODY = (
    "The council has answered your organisation.\n\n"
    "Sign in to the provider portal and open Conversations to read it: {address}/conversations\n"
)
TO_TEAM_SUBJECT = "A provider has written to your team in the provider portal"
TO_TEAM_BODY = (
    "There is a message for your team.\n\n"
    "Sign in to the provider portal and open Conversations to answer it: {address}/staff/conversations\n"
)


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
    body = TO_PROVIDER_BODY.format(address=current_app.config["PORTAL_ADDRESS"])
    for contact in db.session.scalars(contacts.order_by(Contact.id)):
        write_email(contact.email, TO_PROVIDER_SUBJECT, body, contact.organisation_id)


def tell_team(conversation: Conversation) -> None:
    """Write to the team of a conversation where it has an address; the caller commits."""
    if address := conversation.team.email:
        body = TO_TEAM_BODY.format(address=current_app.config["PORTAL_ADDRESS"])
        write_email(address, TO_TEAM_SUBJECT, body, conversation.organisation_id)
