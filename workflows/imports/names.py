"""What the rows of a file call records by: things known by name, and all that a line of a contract document names."""

import difflib
from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar

from sqlalchemy import select

from models import Element, Organisation, Person, Service, db
from models import same_key as key_of
from rules.problem_codes import Code
from rules.record_fields import same_key
from workflows.imports.lines import LineRow
from workflows.imports.plan import ImportPlan, among, insert_all, pairs

Value = TypeVar("Value")


class Names(Generic[Value]):
    """Things known by name, whatever the case and blanks; an unknown name gets the one most like it suggested."""

    # Comparing takes a millisecond a thousand names; a file wrong throughout needs no more suggestions than this.
    MOST_SUGGESTIONS = 200

    def __init__(self, known: Mapping[str, Value]) -> None:
        self._known = {same_key(name): (name, value) for name, value in known.items()}
        self._suggested: dict[str, str] = {}

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self._known.values())

    def find(self, name: str) -> Value | None:
        """Return what has this name, None where nothing has."""
        found = self._known.get(same_key(name))
        return found[1] if found else None

    def remedy(self, name: str, otherwise: str) -> str:
        """Return what to do about an unknown name: the nearest match where there is one, and `otherwise`."""
        key = same_key(name)
        if key not in self._suggested:
            near = difflib.get_close_matches(key, self._known, n=1, cutoff=0.6) if self._may_look() else []
            self._suggested[key] = self._known[near[0]][0] if near else ""
        found = self._suggested[key]
        return f"Did you mean “{found}”? {otherwise}" if found else otherwise

    def _may_look(self) -> bool:
        return len(self._suggested) < self.MOST_SUGGESTIONS


class NamedRecords:
    """The organisations, services, elements and people that rows of contract documents name; somebody new is added."""

    def __init__(self, rows: list[LineRow], plan: ImportPlan) -> None:
        self.plan = plan
        self.organisations = Names(pairs(select(Organisation.reference, Organisation.id)))
        self.elements = Names(pairs(select(Element.name, Element.id)))
        self.services = self._services_of(rows)
        references = {row.key("person") for row in rows}
        self.people = {
            same_key(person.reference): person
            for person in db.session.execute(
                select(Person.reference, Person.id, Person.name).where(among(key_of(Person.reference), references))
            )
        }
        # By the key of each: the reference and the name.
        self.new_people: dict[str, tuple[str, str]] = {}

    def find(self, row: LineRow) -> bool:
        """Find the records a row names and keep their ids in it; say whether all are there, else each is a problem."""
        organisation = self._organisation(row)
        service = self._service(row, organisation)
        element = self._element(row)
        self._name_person(row)
        row.ids = {"organisation": organisation or 0, "service": service or 0, "element": element or 0}
        return not row.reading.faulty

    def add_people(self) -> dict[str, int]:
        """Add the people who are new; return the ids of all people that are named, by the key of their reference.

        No commit: that belongs to the import.
        """
        new = [{"reference": reference, "name": name} for reference, name in self.new_people.values()]
        known = {key: person.id for key, person in self.people.items()}
        return known | dict(zip(self.new_people, insert_all(Person, new), strict=True))

    def _services_of(self, rows: list[LineRow]) -> dict[int, Names[int]]:
        used = {self.organisations.find(row.names["organisation"]) for row in rows}
        services: dict[int, dict[str, int]] = {}
        for service in db.session.execute(
            select(Service.organisation_id, Service.name, Service.id).where(
                Service.organisation_id.in_(key for key in used if key)
            )
        ):
            services.setdefault(service.organisation_id, {})[service.name] = service.id
        return {key: Names(names) for key, names in services.items()}

    def _organisation(self, row: LineRow) -> int | None:
        name = row.names["organisation"]
        found = self.organisations.find(name)
        if found is None and name:
            remedy = self.organisations.remedy(name, "Import the organisation first.")
            row.reading.refuse("Organisation ref", Code.NOT_FOUND, "There is no such organisation.", remedy)
        return found

    def _service(self, row: LineRow, organisation: int | None) -> int | None:
        name = row.names["service"]
        if organisation is None:
            return None
        known = self.services.get(organisation, Names[int]({}))
        found = known.find(name)
        if found is None and name:
            remedy = known.remedy(name, "Use the name of one of the organisation's services.")
            row.reading.refuse("Service", Code.NOT_FOUND, "The organisation has no such service.", remedy)
        return found

    def _element(self, row: LineRow) -> int | None:
        name = row.names["element"]
        found = self.elements.find(name)
        if found is None and name:
            remedy = self.elements.remedy(name, "Use an element of the council's list.")
            row.reading.refuse("Element", Code.NOT_FOUND, "There is no such element of care.", remedy)
        return found

    def _name_person(self, row: LineRow) -> None:
        reference = row.names["person"]
        if not reference:
            return
        known, key = self.people.get(row.key("person")), row.key("person")
        name = known.name if known else self.new_people.get(key, ("", ""))[1]
        if not name and not row.person_name:
            row.reading.refuse("Person name", Code.MISSING, f"{reference} is somebody new.", "Write the person's name.")
        elif not name:
            self.new_people[key] = (reference, row.person_name)
        elif row.person_name and row.person_name.casefold() != name.casefold():
            self.plan.warnings.append(
                f"Row {row.number}: the portal knows {reference} under another name, which stays as it is."
            )
