"""What providers of the demonstration told about themselves: contacts, addresses, and changes they asked for.

Each state that somebody has to act on is there once: contacts that nobody has looked through yet, and that somebody
looked through lately and long ago; a request that no officer has seen, one that a second officer has to confirm, new
bank details nobody has rung back about, and a request that went back.
"""

from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import select

from models import Contact, ContactService, Organisation, PortalUser, db, say_who
from rules.bank_account import BankDetails
from rules.contact import REVIEW_EVERY
from rules.states import ChangeKind
from workflows.clock import story_at
from workflows.organisations import bank_details, change_requests, contacts, invitations
from workflows.organisations.details import Details, change_details

# Invented, in VocaLink's layout: no bank has these sort codes in these ways.
WEIGHTS = Path(__file__).with_name("modulus_weights.txt")
FIRST, SECOND = "payments@council.example", "procurement@council.example"


def tell(today: date) -> None:
    """Tell it, in the council's scope. Commits."""
    bank_details.load_weights(WEIGHTS.read_text())
    organisations = {each.name: each for each in db.session.scalars(select(Organisation))}
    fenland, broadland = organisations["Fenland Homecare Ltd"], organisations["Broadland Care CIC"]
    holt, wensum = organisations["Holt House"], organisations["Wensum Support"]
    _contacts(fenland, today)
    _moved(fenland)
    _ask(fenland, ChangeKind.BANK_DETAILS, BankDetails(fenland.name, "204060", "58177639"))
    twice = _ask(broadland, ChangeKind.LEGAL_NAME, "Broadland Care Community Interest Company")
    change_requests.confirm(twice, _user(FIRST))
    call = _ask(holt, ChangeKind.BANK_DETAILS, BankDetails("G Pye t/a Holt House", "608371", "12345679"))
    for officer in (FIRST, SECOND):
        change_requests.confirm(call, _user(officer))
    back = _ask(wensum, ChangeKind.VAT_NUMBER, "GB 123 4567 82")
    change_requests.send_back(back, "HMRC does not know this number. Please send us your certificate.", _user(FIRST))
    _look_through(broadland, today - timedelta(weeks=3))
    _look_through(holt, today - REVIEW_EVERY - timedelta(days=9))
    say_who(None, "")


def _look_through(organisation: Organisation, day: date) -> None:
    """Let somebody say that the contacts are right, on a day: of one that is done and due again later or by now."""
    with story_at(day):
        contacts.review(organisation, _manager(organisation))


def _contacts(fenland: Organisation, today: date) -> None:
    """Somebody for one branch only who is invited and has not signed in yet, and somebody who has left."""
    branch = next(service for service in fenland.services if "Swaffham" in service.name)
    begins = today - timedelta(days=120)
    new = Contact(
        organisation=fenland, name="Agnes Moyo", job="Branch co-ordinator, Swaffham", may_actuals=True,
        email="swaffham@fenland-homecare.example", phone="01632 960417", start=today - timedelta(days=2),
    )  # fmt: skip
    new.limits = [ContactService(organisation=fenland, organisation_id=fenland.id, service=branch)]
    left = Contact(
        organisation=fenland, name="Piers Holloway", job="Finance assistant", may_payments=True,
        email="finance@fenland-homecare.example", phone="01632 960418", start=begins,
    )  # fmt: skip
    db.session.add_all([new, left])
    invitations.invite_contacts([new], _manager(fenland))
    contacts.end_access(left.id, _manager(fenland), known=False)


def _moved(fenland: Organisation) -> None:
    manager = _manager(fenland)
    say_who(manager.id, "")
    change_details(fenland, Details(fenland.address, fenland.postcode, "01632 960455", fenland.email))


def _ask(organisation: Organisation, kind: ChangeKind, wanted: str | BankDetails) -> int:
    return change_requests.ask(organisation, kind, wanted, _manager(organisation))


def _manager(organisation: Organisation) -> PortalUser:
    first = select(Contact).where(Contact.organisation_id == organisation.id, Contact.may_organisation)
    contact = db.session.scalars(first.order_by(Contact.id).limit(1)).one()
    user: PortalUser | None = contact.user
    assert user
    return user


def _user(email: str) -> PortalUser:
    found: PortalUser = db.session.scalars(select(PortalUser).where(PortalUser.email == email)).one()
    return found
