"""The import of organisations with their services: the council's own columns, or the Commission's directory of care.

In the Care Quality Commission's directory each row is a service and its provider is the organisation, known by name.
The organisation's sector comes from the first of the service's types that the council buys (`SECTOR_OF_TYPE`); rows of
other trades are left out.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from files.reading.care_directory import OWN, SECTOR_OF_TYPE
from files.reading.cells import read_phone, read_text
from files.reading.table import Row, Table
from models import Organisation, Sector, Service, db
from rules.problem_codes import Code
from rules.record_fields import same_key
from rules.states import OrganisationState
from rules.words import counted
from workflows.imports.names import Names
from workflows.imports.plan import ImportFate, ImportPlan, Reading, insert_all, update_all

OWN_FIELDS = {"address": "Address", "postcode": "Postcode", "phone": "Phone", "email": "E-mail"}
SERVICE_FIELDS = {
    "service_type": "Service type", "address": "Service address", "postcode": "Service postcode",
    "phone": "Service phone", "cqc_location": "CQC location",
}  # fmt: skip
OWN_TITLES = {"name": "Organisation", "sector_id": "Sector", **OWN_FIELDS}
SERVICE_TITLES = {"name": "Service", **SERVICE_FIELDS}


@dataclass
class Wanted:
    """A record as the file wants it: its key in the database where it is there, and the values to be written."""

    id: int | None
    values: dict[str, Any]
    changed: bool = False
    row: int = 0
    services: dict[str, "Wanted"] = field(default_factory=dict)

    def want(self, values: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
        """Take over the values that are not empty; return those that differ from what is there, before and after."""
        differs = {name: value for name, value in values.items() if value and value != self.values.get(name)}
        changes = {name: (self.values.get(name), value) for name, value in differs.items()}
        self.values |= differs
        self.changed |= bool(differs) and self.id is not None
        return changes


class OrganisationImport:
    """Works out what a table of organisations would change."""

    def __init__(self, table: Table) -> None:
        self.plan = ImportPlan(table, apply=self._apply)
        self.directory = table.layout is not OWN
        self.sectors = Names({sector.name: sector.id for sector in db.session.scalars(select(Sector))})
        self.sector_names = {self.sectors.find(name): name for name in self.sectors}
        self.organisations: dict[str, Wanted] = {}
        self.locations: dict[str, tuple[Wanted, Wanted]] = {}
        self.left_out = 0
        self._load()
        self.number = max((_number(each.values["reference"]) for each in self.organisations.values()), default=0)

    def read(self, rows: Iterable[Row]) -> ImportPlan:
        """Read every row and return the plan."""
        for row in rows:
            self._read(_without_na(row) if self.directory else row)
        if new := sum(each.id is None for each in self.organisations.values()):
            self.plan.notices.append(f"{counted(new, 'organisation is', 'organisations are')} new.")
        if self.left_out:
            self.plan.notices.append(
                f"Rows left out because none of their service types is care that the council buys: {self.left_out:,}."
            )
        return self.plan

    def _load(self) -> None:
        columns = ("reference", "name", "sector_id", *OWN_FIELDS)
        by_id: dict[int, Wanted] = {}
        for organisation in db.session.execute(select(Organisation.id, *(getattr(Organisation, c) for c in columns))):
            wanted = Wanted(organisation.id, {column: getattr(organisation, column) for column in columns})
            by_id[organisation.id] = wanted
            self.organisations.setdefault(self._key(wanted.values), wanted)
        columns = ("organisation_id", "name", *SERVICE_FIELDS)
        for service in db.session.execute(select(Service.id, *(getattr(Service, column) for column in columns))):
            values = {column: getattr(service, column) for column in columns}
            self._place(by_id[service.organisation_id], Wanted(service.id, values))

    def _key(self, values: dict[str, Any]) -> str:
        # Names differ by their blanks: Home Care Ltd is not Homecare Ltd.
        return " ".join(values["name"].casefold().split()) if self.directory else same_key(values["reference"])

    def _place(self, organisation: Wanted, service: Wanted) -> None:
        organisation.services[same_key(service.values["name"])] = service
        if location := service.values.get("cqc_location"):
            self.locations[location] = (organisation, service)

    def _read(self, row: Row) -> None:
        reading = Reading(row, self.plan)
        wanted = {
            "reference": "" if self.directory else reading.field("Organisation ref", "organisation", "reference"),
            "name": reading.field("Organisation", "organisation", "name"),
        }
        name = reading.field("Service", "service", "name")
        service = _fields(reading, "service", SERVICE_FIELDS)
        service["service_type"] = ", ".join(filter(None, map(str.strip, service["service_type"].split("|"))))
        if reading.faulty:
            return
        organisation = self._organisation(reading, wanted)
        if organisation is not None and not reading.faulty:
            self._service(reading, organisation, name, service)

    def _organisation(self, reading: Reading, wanted: dict[str, Any]) -> Wanted | None:
        found = self.organisations.get(self._key(wanted))
        if self.directory:
            return found or self._from_directory(reading, wanted)
        wanted |= _fields(reading, "organisation", OWN_FIELDS) | {"sector_id": self._sector(reading)}
        if reading.faulty:
            return None
        if found is None:
            return self._new(reading, wanted)
        wanted["reference"] = found.values["reference"]  # which the file may write otherwise
        if found.row and (column := _contradiction(found.values, wanted)):
            differs, remedy = f"Row {found.row} says something else.", "Make all rows of an organisation agree."
            reading.refuse(column, Code.CONTRADICTION, differs, remedy)
            return None
        self._want(reading.row.number, found, wanted, OWN_TITLES)
        found.row = found.row or reading.row.number
        return found

    def _want(self, row: int, record: Wanted, wanted: dict[str, Any], titles: dict[str, str]) -> None:
        """Let a record take over what a row says of it; what that changes of one that is there is noted."""
        name, changes = str(record.values["name"]), record.want(wanted)
        if record.id is None:
            self.plan.note_fate(row, ImportFate.CHANGED if changes else ImportFate.UNCHANGED)
            return
        if sectors := changes.get("sector_id"):
            changes["sector_id"] = (self.sector_names.get(sectors[0]), self.sector_names.get(sectors[1]))
        self.plan.note_changes(row, name, {titles[key]: values for key, values in changes.items()})

    def _sector(self, reading: Reading) -> int | None:
        name = reading.text("Sector", needed=True)
        found = self.sectors.find(name)
        if name and found is None:
            remedy = self.sectors.remedy(name, "Use a sector of the list.")
            reading.refuse("Sector", Code.NOT_FOUND, "There is no such sector.", remedy)
        return found

    def _from_directory(self, reading: Reading, wanted: dict[str, Any]) -> Wanted | None:
        types = [word.strip().lower() for word in reading.text("Service type").split("|")]
        sector = next((SECTOR_OF_TYPE[word] for word in types if word in SECTOR_OF_TYPE), None)
        if sector is None:
            self.left_out += 1
            return None
        self.number += 1
        return self._new(
            reading, wanted | {"reference": f"ORG-{self.number:04}", "sector_id": self.sectors.find(sector)}
        )

    def _new(self, reading: Reading, wanted: dict[str, Any]) -> Wanted:
        made = Wanted(None, dict.fromkeys(OWN_FIELDS, "") | wanted, row=reading.row.number)
        self.organisations[self._key(wanted)] = made
        return made

    def _service(self, reading: Reading, organisation: Wanted, name: str, wanted: dict[str, Any]) -> None:
        location = wanted["cqc_location"] = wanted["cqc_location"] or None
        owner, found = self.locations.get(location or "", (organisation, None))
        if owner is not organisation:
            reading.refuse(
                "CQC location",
                Code.TAKEN,
                f"This location belongs to {owner.values['name']} ({owner.values['reference']}).",
                "Check the number, or ask for the service to be moved to its new organisation.",
            )
            return
        if found is None:
            found = organisation.services.get(same_key(name))
            if found and self.directory and found.values.get("cqc_location") not in (None, location):
                # Two locations of one provider may have one name; each is a service of its own.
                name, found = f"{name} ({wanted['postcode'] or location})", None
        if found is not None and found.row:
            self._again(reading, found, wanted)
        elif found is not None:
            found.row = reading.row.number
            if not self.directory and same_key(name) not in organisation.services:
                wanted["name"] = name
            self.locations.pop(found.values.get("cqc_location") or "", None)
            self._want(found.row, found, wanted, SERVICE_TITLES)
            self._place(organisation, found)
        else:
            self._place(organisation, Wanted(None, {"name": name} | wanted, row=reading.row.number))
            self.plan.note_fate(reading.row.number, ImportFate.NEW)

    def _again(self, reading: Reading, found: Wanted, wanted: dict[str, Any]) -> None:
        if any(value and value != found.values.get(key) for key, value in wanted.items()):
            differs = f"Row {found.row} describes this service differently."
            reading.refuse("Service", Code.CONTRADICTION, differs, "Keep one of the rows.")
            return
        self.plan.warnings.append(f"Row {reading.row.number} repeats row {found.row}.")
        self.plan.note_fate(reading.row.number, ImportFate.UNCHANGED)

    def _apply(self) -> None:
        organisations = list(self.organisations.values())
        new = [each for each in organisations if each.id is None]
        state = {"state": OrganisationState.WAITING}
        for each, key in zip(new, insert_all(Organisation, [each.values | state for each in new]), strict=True):
            each.id = key
        update_all(Organisation, [each.values | {"id": each.id} for each in organisations if each.changed])
        services = [(each, service) for each in organisations for service in each.services.values()]
        insert_all(
            Service, [service.values | {"organisation_id": each.id} for each, service in services if service.id is None]
        )
        update_all(Service, [service.values | {"id": service.id} for _, service in services if service.changed])


def plan_organisations(table: Table, rows: Iterable[Row]) -> ImportPlan:
    """Return what a table of organisations and services would change."""
    return OrganisationImport(table).read(rows)


def _fields(reading: Reading, table: str, columns: dict[str, str]) -> dict[str, Any]:
    """Return the cells of a row that are fields of a record; a telephone number gets its 0 back."""
    found = {key: reading.field(column, table, key) for key, column in columns.items() if key != "phone"}
    phone = columns["phone"]
    return found | {"phone": reading.field(phone, table, "phone", text=read_phone(reading.row.cells.get(phone)))}


def _without_na(row: Row) -> Row:
    """Return a row of a directory in which NA, which stands for nothing there, is nothing."""
    return Row(row.number, {name: None if read_text(cell) in ("NA", "-") else cell for name, cell in row.cells.items()})


def _contradiction(known: dict[str, Any], wanted: dict[str, Any]) -> str:
    """Return the column in which two rows of one organisation differ, empty where none does."""
    return next(
        (name for key, name in OWN_TITLES.items() if wanted[key] and known.get(key) and wanted[key] != known[key]), ""
    )


def _number(reference: str) -> int:
    found = re.fullmatch("ORG-([0-9]{1,9})", reference)
    return int(found[1]) if found else 0
