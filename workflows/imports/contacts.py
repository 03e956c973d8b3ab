"""The import of contacts: who at an organisation may use which functions of the portal, and from when to when."""

import re
from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, select

from files.reading.cells import read_phone
from files.reading.table import Column, Layout, Row, Table
from models import Contact, Organisation, PortalUser, db
from rules.problem_codes import Code
from rules.states import ProviderFunction
from workflows.clock import today
from workflows.imports.names import Names
from workflows.imports.plan import ImportFate, ImportPlan, Reading, among, either, insert_all, pairs, update_all

CONTACTS = Layout(
    "Contacts",
    (
        Column(
            "Organisation ref", True, "The council's reference of the organisation, such as ORG-0001.", references=True
        ),
        Column("Name", True, "First name and last name."),
        Column("E-mail", True, "What they sign in with. One row for each person and organisation."),
        Column("Job"),
        Column("Phone"),
        Column("Functions", True, f"{either(ProviderFunction)}; several are separated by |."),
        Column("From", note="First day of access. Empty: today."),
        Column("To", note="Last day of access. Empty: open."),
    ),
)
COLUMN_OF_FUNCTION = {
    ProviderFunction.DOCUMENTS: "may_documents",
    ProviderFunction.ACTUALS: "may_actuals",
    ProviderFunction.PAYMENTS: "may_payments",
    ProviderFunction.ORGANISATION: "may_organisation",
    ProviderFunction.CONVERSATIONS: "may_conversations",
}
TITLES = {"name": "Name", "job": "Job", "phone": "Phone", "start": "From", "end": "To"}
COLUMNS = (*TITLES, *COLUMN_OF_FUNCTION.values())

Key = tuple[int, str]


class ContactImport:
    """Works out what a table of contacts would change."""

    def __init__(self, table: Table) -> None:
        self.plan = ImportPlan(table, apply=self._apply)
        self.organisations = Names(pairs(select(Organisation.reference, Organisation.id)))
        self.functions = Names({function.value: function for function in ProviderFunction})
        self.rows: dict[Key, int] = {}
        self.new: dict[Key, dict[str, Any]] = {}
        self.changed: list[dict[str, Any]] = []
        self.found: dict[Key, Any] = {
            (contact.organisation_id, contact.email): contact
            for contact in db.session.execute(
                select(
                    Contact.id, Contact.organisation_id, Contact.email, *(getattr(Contact, name) for name in COLUMNS)
                )
            )
        }

    def read(self, rows: Iterable[Row]) -> ImportPlan:
        """Read every row and return the plan."""
        for row in rows:
            self._read(Reading(row, self.plan))
        return self.plan

    def _read(self, reading: Reading) -> None:
        reference = reading.text("Organisation ref", needed=True)
        organisation = self.organisations.find(reference)
        if reference and organisation is None:
            remedy = self.organisations.remedy(reference, "Import the organisation first.")
            reading.refuse("Organisation ref", Code.NOT_FOUND, "There is no such organisation.", remedy)
        email = reading.field("E-mail", "contact", "email")
        values: dict[str, Any] = {
            "name": reading.field("Name", "contact", "name"),
            "job": reading.field("Job", "contact", "job"),
            "phone": reading.field("Phone", "contact", "phone", text=read_phone(reading.row.cells.get("Phone"))),
            "start": reading.day("From"),
            "end": reading.day("To"),
            **self._functions(reading),
        }
        if not reading.faulty and organisation is not None:
            self._settle(reading, (organisation, email), values)

    def _functions(self, reading: Reading) -> dict[str, bool]:
        given = set()
        for word in filter(None, map(str.strip, re.split("[|;,]", reading.text("Functions", needed=True)))):
            function = self.functions.find(word)
            if function is None:
                remedy = self.functions.remedy(word, f"Use {either(ProviderFunction)}.")
                reading.refuse("Functions", Code.NOT_ON_LIST, f"There is no function “{word[:60]}”.", remedy)
            given.add(function)
        return {column: function in given for function, column in COLUMN_OF_FUNCTION.items()}

    def _settle(self, reading: Reading, key: Key, values: dict[str, Any]) -> None:
        number, found = reading.row.number, self.found.get(key)
        if other := self.rows.setdefault(key, number) - number:
            reading.refuse(
                "E-mail",
                Code.DUPLICATE_ROW,
                f"Row {number + other} is about the same contact.",
                "Keep one of the rows.",
            )
            return
        # An empty cell of a known contact leaves what is known.
        kept = {name: getattr(found, name) for name in ("job", "phone", "start") if found and not values[name]}
        values |= kept
        values["start"] = values["start"] or today()
        if values["end"] and values["end"] < values["start"]:
            reading.refuse("To", Code.DATES_REVERSED, "The access ends before it begins.", "Check From and To.")
        elif found is None:
            self.new[key] = values
            self.plan.note_fate(number, ImportFate.NEW)
        else:
            changes = _changes(found, values)
            self.changed += [values | {"id": found.id}] if changes else []
            self.plan.note_changes(number, f"{found.name}, {found.email}", changes)

    def _apply(self) -> None:
        emails = {email for _, email in self.new}
        # Somebody who signs in for another organisation already needs no second sign-in.
        users = pairs(
            select(func.lower(PortalUser.email), PortalUser.id).where(
                among(func.lower(PortalUser.email), emails), PortalUser.council.is_(False)
            )
        )
        insert_all(
            Contact,
            [
                values | {"organisation_id": organisation, "email": email, "user_id": users.get(email)}
                for (organisation, email), values in self.new.items()
            ],
        )
        update_all(Contact, self.changed)


def _changes(found: Any, values: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return what differs of a contact, by heading, before and after; their functions as one."""
    differing = {
        title: (getattr(found, name), values[name])
        for name, title in TITLES.items()
        if getattr(found, name) != values[name]
    }
    before, after = (
        " | ".join(function for function, column in COLUMN_OF_FUNCTION.items() if has(column))
        for has in (lambda column: getattr(found, column), values.__getitem__)
    )
    return differing | ({"Functions": (before, after)} if before != after else {})


def plan_contacts(table: Table, rows: Iterable[Row]) -> ImportPlan:
    """Return what a table of contacts would change."""
    return ContactImport(table).read(rows)
