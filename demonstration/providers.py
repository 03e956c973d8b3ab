"""The five providers of the demonstration, with their services and contacts."""

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from sqlalchemy import select

from demonstration.council import Hashes, user
from demonstration.names import STREETS
from models import Contact, Organisation, Sector, Service, db
from rules.states import OrganisationState

FUNCTIONS = ("may_documents", "may_actuals", "may_payments", "may_organisation", "may_conversations")


class InventedContact(NamedTuple):
    """A contact; `functions` are those of FUNCTIONS they were given."""

    email: str
    name: str
    job: str
    functions: Sequence[str] = FUNCTIONS
    new: bool = False


class Provider(NamedTuple):
    """A provider: services are (name, town, postcode)."""

    reference: str
    name: str
    sector: str
    services: Sequence[tuple[str, str, str]]
    contacts: Sequence[InventedContact]


FENLAND = Provider(
    "ORG-0012",
    "Fenland Homecare Ltd",
    "Home support",
    (
        ("Fenland Homecare King’s Lynn", "King’s Lynn", "PE30 1JT"),
        ("Fenland Homecare Downham Market", "Downham Market", "PE38 9DB"),
        ("Fenland Homecare Swaffham", "Swaffham", "PE37 7AQ"),
    ),
    (
        InventedContact("manager@fenland-homecare.example", "Mary Lane", "Registered manager"),
        InventedContact("carers@fenland-homecare.example", "Josef Nowak", "Care co-ordinator", ("may_actuals",)),
    ),
)
BROADLAND = Provider(
    "ORG-0013",
    "Broadland Care CIC",
    "Home support",
    (("Broadland Care Wroxham", "Wroxham", "NR12 8DB"), ("Broadland Care Acle", "Acle", "NR13 3BY")),
    (InventedContact("manager@broadland-care.example", "Deborah Osei", "Director"),),
)
WENSUM = Provider(
    "ORG-0031",
    "Wensum Support",
    "Home support",
    (("Wensum Support", "Fakenham", "NR21 9BX"),),
    (InventedContact("new@wensum-support.example", "Leila Haddad", "Owner", new=True),),
)
# A care home with nursing: nursing homes have had their turn, residential homes (Yare Lodge) have not.
HOLT_HOUSE = Provider(
    "ORG-0021",
    "Holt House",
    "Nursing",
    (("Holt House", "Holt", "NR25 6BW"),),
    (InventedContact("owner@holt-house.example", "Graham Pye", "Owner"),),
)
YARE_LODGE = Provider(
    "ORG-0027",
    "Yare Lodge",
    "Residential",
    (("Yare Lodge", "Loddon", "NR14 6LX"),),
    (InventedContact("early@yare-lodge.example", "Susan Cole", "Home manager"),),
)


def add_provider(provider: Provider, hashes: Hashes, chance: Random, portal_start: date) -> Organisation:
    """Add a provider that is switched on, with its services and contacts, and return it."""
    sector = db.session.scalars(select(Sector).where(Sector.name == provider.sector)).one()
    domain = provider.contacts[0].email.partition("@")[2]
    organisation = Organisation(
        reference=provider.reference,
        name=provider.name,
        sector=sector,
        state=OrganisationState.LIVE,
        address=f"{chance.randint(2, 90)} {chance.choice(STREETS)}, {provider.services[0][1]}",
        postcode=provider.services[0][2],
        phone=f"01632 960{chance.randint(100, 999)}",  # numbers kept for stories by Ofcom
        email=f"office@{domain}",
    )
    organisation.services = [
        Service(
            name=name,
            service_type=provider.sector,
            address=f"{chance.randint(2, 90)} {chance.choice(STREETS)}, {town}",
            postcode=postcode,
            phone=f"01632 960{chance.randint(100, 999)}",
            cqc_location=f"1-{chance.randint(10**8, 10**9)}",
        )
        for name, town, postcode in provider.services
    ]
    organisation.contacts = [
        _contact(person, hashes, f"01632 960{chance.randint(100, 999)}", portal_start) for person in provider.contacts
    ]
    db.session.add(organisation)
    db.session.commit()
    return organisation


def _contact(person: InventedContact, hashes: Hashes, phone: str, portal_start: date) -> Contact:
    first, last = person.name.split()
    return Contact(
        user=user(person.email, first, last, hashes, new=person.new),
        name=person.name,
        job=person.job,
        email=person.email,
        phone=phone,
        start=portal_start - timedelta(days=30),
        **dict.fromkeys(person.functions, True),
    )
