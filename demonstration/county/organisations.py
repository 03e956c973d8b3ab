"""The organisations of the county with their services, contacts and sign-ins, as rows for COPY."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from demonstration import council
from demonstration.council import DemoSignIn, Hashes
from demonstration.county.owner import Owner
from demonstration.county.places import invented, somewhere
from demonstration.county.scale import County
from demonstration.names import STREETS, people
from demonstration.providers import FUNCTIONS
from models.sealed import seal
from rules.states import CodeKind, OrganisationState

LARGEST, OF_25 = "Great Ouse Homecare Ltd", "Little Ouse Care Ltd"
SIGN_INS = (
    # In a county every sector has had its turn.
    *(each for each in council.SIGN_INS if not each.email.startswith("early@")),
    DemoSignIn("manager@great-ouse.example", f"{LARGEST}: every function, the most lines of all"),
    DemoSignIn("manager@little-ouse.example", f"{OF_25}: every function, 25 lines"),
)
DOMAINS = {LARGEST: "great-ouse.example", OF_25: "little-ouse.example"}
JOBS = ("Care co-ordinator", "Finance assistant", "Deputy manager", "Administrator")
SOME = (("may_actuals",), ("may_payments", "may_conversations"), ("may_actuals", "may_documents"), FUNCTIONS)


class Commissioned(NamedTuple):
    """An organisation as lines are made for it; `accepts` is the id of who accepts its documents."""

    id: int
    name: str
    sector: str
    services: Sequence[int]
    accepts: int | None


@dataclass
class OrganisationRows:
    """Rows by table, in the order in which they refer to each other."""

    organisation: list[dict[str, object]] = field(default_factory=list)
    service: list[dict[str, object]] = field(default_factory=list)
    ab_user: list[dict[str, object]] = field(default_factory=list)
    contact: list[dict[str, object]] = field(default_factory=list)


def add_organisations(owner: Owner, county: County, chance: Random, hashes: Hashes, portal_start: date) -> None:
    """Add organisations until there are as many as the county has, and contacts until that many can sign in.

    Those of the small demonstration are there already.
    """
    maker = _OrganisationMaker(owner, chance, hashes, portal_start)
    [(organisations, contacts)] = owner.ask(
        "SELECT (SELECT count(*) FROM organisation), (SELECT count(*) FROM contact)"
    )
    missing = county.organisations - organisations
    named = [(LARGEST, "Home support"), (OF_25, "Home support"), *invented(chance, missing - 2)]
    each, more = divmod(county.sign_ins - contacts, missing)
    for index, (name, sector) in enumerate(named):
        maker.add(name, sector, each + (index < more))
    for table, rows in vars(maker.rows).items():
        owner.pour(table, rows)
        owner.count_on(table)


def providers(owner: Owner) -> list[Commissioned]:
    """Return every organisation, in the order in which they were added."""
    found: Iterable[tuple[int, str, str, list[int], int | None]] = owner.ask(
        """
        SELECT organisation.id, organisation.name, sector.name,
          (SELECT array_agg(service.id ORDER BY service.id) FROM service WHERE organisation_id = organisation.id),
          (SELECT min(user_id) FROM contact WHERE organisation_id = organisation.id AND may_documents)
        FROM organisation JOIN sector ON sector.id = sector_id ORDER BY organisation.id"""
    )
    return [Commissioned(*row) for row in found]


class _OrganisationMaker:
    def __init__(self, owner: Owner, chance: Random, hashes: Hashes, portal_start: date) -> None:
        self.chance, self.hashes, self.portal_start = chance, hashes, portal_start
        self.sectors: dict[str, int] = dict(owner.ask("SELECT name, id FROM sector"))
        self.first = {table: owner.next_id(table) for table in vars(OrganisationRows())}
        self.rows = OrganisationRows()

    def add(self, name: str, sector: str, contacts: int) -> None:
        """Add an organisation with a service or a few, and so many contacts, the first of whom manages it."""
        place, postcode = somewhere(self.chance)
        domain = DOMAINS.get(name) or f"{re.sub('[^a-z]+', '-', name.lower().replace('’', '')).strip('-')}.example"
        id_ = self._next("organisation")
        self.rows.organisation.append({
            "id": id_, "reference": f"ORG-{1000 + id_}", "name": name, "sector_id": self.sectors[sector],
            "state": OrganisationState.LIVE.value, "address": f"{self._street()}, {place}", "postcode": postcode,
            "phone": self._phone(), "email": f"office@{domain}",
        })  # fmt: skip
        for number in range(self.chance.choice((1, 1, 1, 2, 3))):
            self._add_service(id_, f"{name} {number + 1}" if number else name, sector)
        for number, person in enumerate(people(self.chance, contacts)):
            self._add_contact(id_, person, domain, number)

    def _add_service(self, organisation_id: int, name: str, sector: str) -> None:
        place, postcode = somewhere(self.chance)
        id_ = self._next("service")
        self.rows.service.append({
            "id": id_, "organisation_id": organisation_id, "name": name, "service_type": sector,
            "address": f"{self._street()}, {place}", "postcode": postcode, "phone": self._phone(),
            "cqc_location": f"2-{10**8 + id_}",
        })  # fmt: skip

    def _add_contact(self, organisation_id: int, name: str, domain: str, number: int) -> None:
        first, last = name.split()
        email = f"{f'{first}.{last}'.lower() if number else 'manager'}@{domain}"
        user_id = self._next("ab_user")
        self.rows.ab_user.append({
            "id": user_id, "first_name": first, "last_name": last, "username": email, "email": email, "active": True,
            "council": False, "must_change_password": False, "password": self.hashes.password,
            "code_kind": CodeKind.DIGITS.value, "security_code": seal(self.hashes.code),
        })  # fmt: skip
        given = FUNCTIONS if number == 0 else SOME[number % len(SOME)]
        self.rows.contact.append({
            "id": self._next("contact"), "organisation_id": organisation_id, "user_id": user_id, "name": name,
            "job": JOBS[number % len(JOBS)] if number else "Registered manager", "email": email,
            "phone": self._phone(), "start": self.portal_start - timedelta(days=30),
            **{function: function in given for function in FUNCTIONS},
        })  # fmt: skip

    def _next(self, table: str) -> int:
        return self.first[table] + len(getattr(self.rows, table))

    def _street(self) -> str:
        return f"{self.chance.randint(2, 90)} {self.chance.choice(STREETS)}"

    def _phone(self) -> str:
        return f"01632 960{self.chance.randint(100, 999)}"  # numbers kept for stories by Ofcom
