"""E-mails that say there is something to read in a conversation: no names of people, no figures, no words of it."""

from collections.abc import Collection

from flask import current_app
from sqlalchemy import ColumnElement, Select, exists, func, or_, select

from models import Actual, Contact, ContactService, ContractDocument, Conversation, LineItem, Message, db
from workflows.clock import today
from workflows.mail.letters import write_letter


def tell_provider(conversations: Collection[Conversation]) -> None:
    """Write to who may read these conversations for their organisations, each once; the caller commits."""
    address = f"{current_app.config['PORTAL_ADDRESS']}/conversations"
    for contact in db.session.scalars(_readers(conversations).order_by(Contact.id)):
        write_letter(contact.email, "message for a provider", contact.organisation_id, address=address)


def nobody_reads(conversation: Conversation) -> bool:
    """Say whether no contact of its organisation may read a conversation: whoever answers it telephones."""
    return db.session.scalar(_readers([conversation]).with_only_columns(Contact.id).limit(1)) is None


def _readers(conversations: Collection[Conversation]) -> Select[tuple[Contact]]:
    """Return who may read one of these conversations for its organisation today.

    These are the contacts with the function Conversations, and who wrote in one of them and may read it still; who is
    limited to services, what their pages show them.
    """
    ids = [each.id for each in conversations]
    wrote = exists().where(
        Message.conversation_id.in_(ids),
        Message.organisation_id == Contact.organisation_id,
        Message.author_id == Contact.user_id,
    )
    return select(Contact).where(
        Contact.organisation_id.in_({each.organisation_id for each in conversations}),
        or_(Contact.may_conversations, Contact.may_actuals & wrote),
        services_show(ids),
        Contact.in_force(today()),
    )


def services_show(conversation_ids: Collection[int]) -> ColumnElement[bool]:
    """Return the SQL condition that a contact sees one of these conversations, whatever services they are limited to.

    It says of everybody what the policy `own_services` of the table says of whoever is signed in.
    """
    of_week = select(LineItem.service_id).join(Actual, Actual.line_item_id == LineItem.id)
    services = (
        select(ContractDocument.service_id).where(ContractDocument.id == Conversation.document_id),
        select(LineItem.service_id).where(LineItem.id == Conversation.line_item_id),
        of_week.where(Actual.id == Conversation.actual_id),
    )
    # Without a word SQLAlchemy correlates with the next query outside alone, and these stand two deep.
    service = func.coalesce(*(each.correlate(Conversation).scalar_subquery() for each in services))
    limits = exists().where(ContactService.contact_id == Contact.id)
    own = limits.where(ContactService.service_id == service)
    shown = or_(
        ~limits.correlate_except(ContactService),
        own.correlate_except(ContactService),
        Conversation.opened_by_id == Contact.user_id,
    )
    return (
        exists()
        .where(Conversation.id.in_(conversation_ids), Conversation.organisation_id == Contact.organisation_id, shown)
        .correlate_except(Conversation)
    )


def tell_team(conversation: Conversation) -> None:
    """Write to the team of a conversation where it has an address; the caller commits."""
    if recipient := conversation.team.email:
        address = f"{current_app.config['PORTAL_ADDRESS']}/staff/conversations"
        write_letter(recipient, "message for a team", conversation.organisation_id, address=address)
