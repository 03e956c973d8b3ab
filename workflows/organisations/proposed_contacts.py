"""People whom organisations named on their contacts forms become contacts once Procurement has looked at them."""

from collections.abc import Collection, Mapping

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import joinedload

from models import Contact, Organisation, PortalUser, ProposedContact, db
from rules.agreement_states import NamingState
from rules.period import uk_date
from rules.problem_codes import Code
from rules.refusal import Problem, Refused
from workflows.clock import now, today


def waiting_of(organisation_ids: Collection[int] | None) -> list[tuple[ProposedContact, Contact | None]]:
    """Return who waits to be confirmed at some organisations (None: at all), by organisation.

    Beside each stands the contact who has the same e-mail address there, whom confirming would give more functions.
    """
    query = (
        _with_contact()
        .join(Organisation, Organisation.id == ProposedContact.organisation_id)
        .options(joinedload(ProposedContact.organisation))
        .order_by(Organisation.name, ProposedContact.organisation_id, ProposedContact.id)
    )
    if organisation_ids is not None:
        query = query.where(ProposedContact.organisation_id.in_(organisation_ids))
    return [(proposed, contact) for proposed, contact in db.session.execute(query)]


def decide(decisions: Mapping[int, NamingState], officer: PortalUser) -> tuple[int, int]:
    """Confirm people, or leave them out, by the ids of the proposals; return how many of each. Commits.

    Raises Refused, and changes nothing, where one was decided about meanwhile or the access of the contact they are
    has ended.
    """
    chosen = {key: state for key, state in decisions.items() if state is not NamingState.PROPOSED}
    query = _with_contact().where(ProposedContact.id.in_(chosen)).with_for_update(of=ProposedContact)
    found = db.session.execute(query.order_by(ProposedContact.id)).all()
    if len(found) < len(chosen):
        raise _refused(Problem(Code.DECIDED_ALREADY, "Somebody else decided about these people meanwhile."))
    ended = [
        Problem(
            Code.ACCESS_ENDED,
            f"The access of {contact} of {contact.organisation} ended on {uk_date(contact.end)}.",
            "Change that in their record first.",
            f"decision-{proposed.id}",
        )
        for proposed, contact in found
        if chosen[proposed.id] is NamingState.CONFIRMED and contact and contact.end and contact.end < today()
    ]
    if ended:
        raise _refused(*ended)
    for proposed, contact in found:
        proposed.state, proposed.decided_at, proposed.decided_by_id = chosen[proposed.id], now(), officer.id
        if proposed.state is NamingState.CONFIRMED:
            proposed.contact_id = _become(proposed, contact).id
    db.session.commit()
    confirmed = sum(state is NamingState.CONFIRMED for state in chosen.values())
    return confirmed, len(chosen) - confirmed


def _with_contact() -> "Select[ProposedContact, Contact]":
    same = and_(Contact.organisation_id == ProposedContact.organisation_id, Contact.email == ProposedContact.email)
    return select(ProposedContact, Contact).outerjoin(Contact, same).where(ProposedContact.waits)


def _become(proposed: ProposedContact, contact: Contact | None) -> Contact:
    """Make a contact of somebody, or give the contact they are what they were named for.

    Each may talk with the council and add colleagues: otherwise nobody of the organisation could.
    """
    # Named twice, on two forms, they are one contact.
    contact = contact or db.session.scalar(
        select(Contact).where(Contact.organisation_id == proposed.organisation_id, Contact.email == proposed.email)
    )
    if contact is None:
        contact = Contact(
            organisation_id=proposed.organisation_id, name=proposed.name, job=proposed.job, email=proposed.email,
            phone=proposed.phone, start=today(),
        )  # fmt: skip
        db.session.add(contact)
    contact.start = min(contact.start, today())
    contact.may_payments = contact.may_payments or proposed.may_payments
    contact.may_documents = contact.may_documents or proposed.may_documents
    contact.may_organisation = contact.may_conversations = True
    db.session.flush()
    return contact


def _refused(*problems: Problem) -> Refused:
    db.session.rollback()
    return Refused(*problems)
