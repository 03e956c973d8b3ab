"""An organisation's contacts, looked after by itself and by the council: added, changed, ended, looked through."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload, selectinload

from models import Contact, ContactReview, ContactService, Organisation, PortalUser, Service, db, limited_to
from rules.contact import (
    LOST,
    Access,
    ContactEntry,
    changed_meanwhile,
    check_contact,
    entry_text,
    left_without,
    review_due,
)
from rules.document_content import digest_of
from rules.period import uk_date
from rules.problem_codes import Code
from rules.refusal import Problem, Refused, Unknown
from rules.states import ProviderFunction
from workflows.clock import london_day, now, today
from workflows.organisations.invitations import invite

# The name of the tick that says one knows what the organisation loses.
KNOWN = "known"
COLUMN_OF: dict[ProviderFunction, str] = {
    ProviderFunction.DOCUMENTS: "may_documents",
    ProviderFunction.ACTUALS: "may_actuals",
    ProviderFunction.PAYMENTS: "may_payments",
    ProviderFunction.ORGANISATION: "may_organisation",
    ProviderFunction.CONVERSATIONS: "may_conversations",
}


# Who is limited takes no limit away, from themselves or from others.
BEYOND_OWN = Problem(
    Code.NOT_ON_LIST,
    "Your access is limited to some services, so you give access to these alone.",
    "Choose one or more of them, or ask a colleague whose access is not limited.",
    "services",
)


@dataclass(frozen=True)
class ContactsPage:
    """An organisation's contacts, those with access first, and when and by whom they were last looked through."""

    contacts: list[Contact]
    review: ContactReview | None
    review_due: date


def contacts_page(organisation_id: int) -> ContactsPage:
    """Return an organisation's contacts with their services and last sign-in."""
    found = list(
        db.session.scalars(
            select(Contact)
            .where(Contact.organisation_id == organisation_id)
            .options(
                joinedload(Contact.user),
                joinedload(Contact.ended_by),
                selectinload(Contact.limits).joinedload(ContactService.service),
            )
            .order_by(Contact.in_force(today()).desc(), Contact.name, Contact.id)
        ).unique()
    )
    last = db.session.scalar(
        select(ContactReview)
        .where(ContactReview.organisation_id == organisation_id)
        .options(joinedload(ContactReview.reviewed_by))
        .order_by(ContactReview.id.desc())
        .limit(1)
    )
    begun = min((contact.start for contact in found), default=today())
    return ContactsPage(found, last, review_due(london_day(last.reviewed_at) if last else None, begun))


def services_of(organisation_id: int) -> list[Service]:
    """Return the services a contact of an organisation can be limited to."""
    own = select(Service).where(Service.organisation_id == organisation_id)
    return list(db.session.scalars(own.order_by(Service.name)))


def get_organisation(organisation_id: int) -> Organisation:
    """Return the organisation a contact is added to, in the council's scope. Raises Unknown."""
    found: Organisation | None = db.session.get(Organisation, organisation_id)
    if found is None:
        raise Unknown
    return found


def get_contact(contact_id: int) -> Contact:
    """Return a contact with its services. Raises Unknown."""
    found: Contact | None = db.session.scalar(
        select(Contact)
        .where(Contact.id == contact_id)
        .options(
            joinedload(Contact.organisation),
            joinedload(Contact.user),
            selectinload(Contact.limits).joinedload(ContactService.service),
        )
    )
    if found is None:
        raise Unknown
    return found


def add(organisation: Organisation, entry: ContactEntry, by: PortalUser) -> Contact:
    """Add a contact and have them invited by e-mail. Commits.

    Raises Refused with everything that is wrong, also where the organisation has a contact with the address already.
    """
    _refuse_for(*_problems(organisation.id, entry), *_taken(organisation.id, entry.email))
    contact = Contact(organisation_id=organisation.id, email=entry.email)
    contact.organisation = organisation
    _write(contact, entry)
    db.session.add(contact)
    try:
        invite(contact, by)
        db.session.commit()
    except IntegrityError:
        # Somebody added the same person at the same moment.
        db.session.rollback()
        raise Refused(*_taken(organisation.id, entry.email)) from None
    except Refused as refused:
        db.session.rollback()
        raise Refused(*(problem.at(problem.field or "email") for problem in refused.problems)) from None
    return contact


def stored_entry(contact: Contact) -> ContactEntry:
    """Return a contact as it stands, as it would be typed."""
    return ContactEntry(
        name=contact.name,
        job=contact.job,
        email=contact.email,
        phone=contact.phone,
        functions=frozenset(contact.functions),
        services=frozenset(limit.service_id for limit in contact.limits),
        start=contact.start,
        end=contact.end,
    )


def fingerprint(contact: Contact) -> str:
    """Return by what a contact is known to be as it was when a page was opened."""
    return digest_of(entry_text(stored_entry(contact)))


def change(contact_id: int, entry: ContactEntry, by: PortalUser, *, known: bool, seen: str | None = None) -> Contact:
    """Change a contact; the address stays. One whose access had ended has access again, and is invited again. Commits.

    `known` says that whoever changes it knows what the organisation loses, `seen` is the fingerprint of what they
    opened (None where no page was). Raises Unknown, and Refused with everything that is wrong, or where somebody else
    has changed it since, or it has more services than whoever is limited to some; for a loss that is not known the
    problem is at the field KNOWN.
    """
    contact = _locked(contact_id)
    _refuse_beyond_own(contact)
    if seen is not None and seen != fingerprint(contact):
        _refuse_for(changed_meanwhile(stored_entry(contact), entry))
    _refuse_for(*_problems(contact.organisation_id, entry))
    if not known:
        _refuse_for(*losses(contact, Access(entry.functions, entry.end)))
    had_access = contact.in_force(today())
    _write(contact, entry)
    if entry.end is None or entry.end >= today():
        contact.ended_at = contact.ended_by_id = None
        if not had_access and contact.in_force(today()):
            invite(contact, by)
    db.session.commit()
    return contact


def end_access(contact_id: int, by: PortalUser, *, known: bool) -> Contact:
    """End a contact's access now: their next click leads to the sign-in, which does not let them in. Commits.

    Raises Unknown; Refused where it ended before, where it has more services than whoever is limited to some, or, at
    the field KNOWN, where the organisation would lose its last contact for something and `known` is not set.
    """
    contact = _locked(contact_id)
    _refuse_beyond_own(contact)
    if not contact.in_force(today()) and contact.start <= today():
        ended = (
            f"The access of {contact} ended on {uk_date(contact.end)}." if contact.end else f"{contact} has no access."
        )
        _refuse_for(Problem(Code.ACCESS_ENDED, ended, "Nothing was changed."))
    if not known:
        _refuse_for(*losses(contact, None))
    contact.end, contact.ended_at, contact.ended_by_id = max(today(), contact.start), now(), by.id
    db.session.commit()
    return contact


def losses(contact: Contact, after: Access | None) -> list[Problem]:
    """Return, as a problem each, what an organisation loses if a contact has this access from now on (None: none)."""
    if not contact.in_force(today()):
        return []
    others = db.session.scalars(
        select(Contact).where(
            Contact.organisation_id == contact.organisation_id, Contact.id != contact.id, Contact.in_force(today())
        )
    )
    lost = left_without(
        Access(contact.functions, contact.end), after, [Access(other.functions, other.end) for other in others]
    )
    remedy = "Tick that you know this, or name another first."
    names = {"name": contact.name, "organisation": contact.organisation.name}
    return [Problem(Code.STILL_NEEDED, LOST[function].format(**names), remedy, KNOWN) for function in lost]


def review(organisation: Organisation, by: PortalUser) -> None:
    """Record that somebody looked through an organisation's contacts and found them right. Commits."""
    db.session.add(
        ContactReview(
            organisation_id=organisation.id, organisation=organisation, reviewed_at=now(), reviewed_by_id=by.id
        )
    )
    db.session.commit()


def _locked(contact_id: int) -> Contact:
    """Return a contact while nobody else changes one of its organisation: of two last ones only one can be ended."""
    organisation_id = get_contact(contact_id).organisation_id
    every = select(Contact.id).where(Contact.organisation_id == organisation_id).order_by(Contact.id)
    db.session.execute(every.with_for_update()).all()
    db.session.expire_all()
    return get_contact(contact_id)


def _write(contact: Contact, entry: ContactEntry) -> None:
    contact.name, contact.job, contact.phone = entry.name, entry.job, entry.phone
    contact.start, contact.end = entry.start, entry.end
    for function, column in COLUMN_OF.items():
        setattr(contact, column, function in entry.functions)
    kept = [limit for limit in contact.limits if limit.service_id in entry.services]
    new = sorted(entry.services - {limit.service_id for limit in kept})
    contact.limits = kept + [
        ContactService(organisation_id=contact.organisation_id, service_id=service_id) for service_id in new
    ]


def _problems(organisation_id: int, entry: ContactEntry) -> list[Problem]:
    own = {service.id for service in services_of(organisation_id)}
    if not entry.services <= own:
        raise Unknown
    return check_contact(entry) + ([BEYOND_OWN] if _is_beyond_own(entry.services) else [])


def _refuse_beyond_own(contact: Contact) -> None:
    if _is_beyond_own({limit.service_id for limit in contact.limits}):
        wrong = f"{contact} has access to services that you have no access to."
        _refuse_for(Problem(Code.NOT_ON_LIST, wrong, "Ask a colleague whose access is not limited."))


def _is_beyond_own(services: Collection[int]) -> bool:
    """Say whether access to some services, none meaning all, is more than whoever acts has."""
    own = limited_to()
    return bool(own) and not (services and own.issuperset(services))


def _taken(organisation_id: int, email: str) -> Sequence[Problem]:
    found = db.session.scalar(select(Contact).where(Contact.organisation_id == organisation_id, Contact.email == email))
    if found is None:
        return ()
    wrong = f"{found.name} has this address already."
    remedy = "Change that contact instead."
    if found.end and (found.ended_at or found.end < today()):
        wrong = f"{found.name} has this address, with access until {uk_date(found.end)}."
        remedy = "Change that contact to give access again."
    return (Problem(Code.TAKEN, wrong, remedy, "email"),)


def _refuse_for(*problems: Problem) -> None:
    if problems:
        db.session.rollback()
        raise Refused(*problems)
