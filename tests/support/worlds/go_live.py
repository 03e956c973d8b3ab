"""Organisations at every stage of the way to the portal."""

import re
from datetime import date
from typing import Any

from sqlalchemy import select

from models import Contact, ContactsForm, Email, Organisation, ProposedContact, Rollout, Sector, db
from rules.mail_states import EmailState
from rules.states import OrganisationState
from tests.support.worlds.world import START, World
from workflows.clock import now
from workflows.organisations import contacts_form

SECTOR = "Residential"
OPENS_ON = date(2018, 1, 11)


def opens_on(sector: str, day: date | None) -> Sector:
    """Set the roll-out date of a sector, or take it away."""
    kind: Sector = db.session.query(Sector).filter_by(name=sector).one()
    if kind.rollout:
        db.session.delete(kind.rollout)
        db.session.flush()
        db.session.refresh(kind)
    if day:
        db.session.add(Rollout(sector_id=kind.id, opens_on=day))
    db.session.commit()
    db.session.refresh(kind)
    return kind


def provider(world: World, name: str, *, switched_on: bool = True, **more: Any) -> Organisation:
    """A residential provider before its roll-out date, with an e-mail address and without contacts."""
    state = OrganisationState.LIVE if switched_on else OrganisationState.WAITING
    address = f"office@{name.split()[0].lower()}.example"
    kind = db.session.query(Sector).filter_by(name=SECTOR).one()
    if kind.rollout is None:
        opens_on(SECTOR, OPENS_ON)
    return world.organisation(name, SECTOR, state=state, **({"email": address} | more))


def person(organisation: Organisation, name: str = "Tom Lusher", **functions: bool) -> Contact:
    """A contact who was never invited; for payments and ISOs unless a function is named."""
    given = functions or {"may_payments": True, "may_documents": True}
    email = f"{name.split()[0].lower()}@{organisation.reference.lower()}.example"
    contact = Contact(organisation=organisation, name=name, email=email, start=START, **given)
    db.session.add(contact)
    db.session.commit()
    return contact


def form(organisation: Organisation, *, came_back: bool = False, sent_on: date | None = None, **more: Any) -> int:
    """A contacts form that was sent; its id."""
    state = EmailState.FAILED if came_back else EmailState.SENT
    email = Email(organisation=organisation, recipient=organisation.email, subject="Contacts", body="", state=state)
    sent = ContactsForm(
        organisation=organisation, token_hash=organisation.reference, sent_on=sent_on or date(2017, 11, 13),
        expires_at=now() + contacts_form.LINK_LASTS, email=email, **more,
    )  # fmt: skip
    db.session.add(sent)
    db.session.commit()
    return sent.id


def link_of(organisation: Organisation) -> str:
    """Send an organisation its form; the token in the e-mail."""
    assert contacts_form.send([organisation.id], None) == 1
    body = db.session.scalars(select(Email.body).order_by(Email.id.desc()).limit(1)).one()
    found = re.search(r"/contacts-form/(\S+)", body)
    assert found
    return found[1]


def named(organisation: Organisation, name: str = "Paula Hurn", **functions: bool) -> ProposedContact:
    """Somebody an organisation named on its form, not confirmed yet."""
    given = functions or {"may_payments": True, "may_documents": True}
    email = f"{name.split()[0].lower()}@{organisation.reference.lower()}.example"
    proposed = ProposedContact(
        organisation_id=organisation.id, contacts_form_id=form(organisation, answered_at=now()), name=name, email=email,
        phone="01603 495702", **given,
    )  # fmt: skip
    db.session.add(proposed)
    db.session.commit()
    return proposed
