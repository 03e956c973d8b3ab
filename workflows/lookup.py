"""Finding one record by what people call it: its reference, or its name where no other has it."""

from typing import Any, Final

from sqlalchemy import Select, func, select

from models import ContractDocument, LineItem, Organisation, Person, PortalUser, Sector, Service, Team, db
from rules.problem_codes import Code
from rules.refusal import Problem, Refused

# Of each kind: what it is called, by which columns it is found, and what to enter.
FOUND_BY: Final[dict[type, tuple[str, tuple[str, ...], str]]] = {
    Organisation: ("organisation", ("reference", "name"), "its reference or its whole name"),
    Service: ("service", ("name", "cqc_location"), "its whole name or its CQC location"),
    Person: ("person", ("reference",), "the person reference"),
    ContractDocument: ("contract document", ("reference",), "its reference"),
    LineItem: ("line item", ("reference",), "its reference"),
    Sector: ("sector", ("name",), "its name"),
    Team: ("team", ("name",), "its name"),
    PortalUser: ("person who signs in", ("email",), "the e-mail address"),
}


def name_of(record: Any) -> str:
    """Return what `find` finds a record by."""
    return str(getattr(record, FOUND_BY[type(record)][1][0]))


def find(kind: type, typed: str) -> Any:
    """Return the record of a kind that is called what was typed; of a contract document the latest version.

    Raises Refused where there is none, or more than one.
    """
    word, columns, enter = FOUND_BY[kind]
    for column in columns:
        query: Select[Any] = select(kind).where(func.lower(getattr(kind, column)) == typed.strip().lower()).limit(2)
        if kind is ContractDocument:
            query = query.order_by(ContractDocument.version.desc()).limit(1)
        found = list(db.session.scalars(query))
        if len(found) > 1:
            several = f"More than one {word} is called “{typed}”."
            raise Refused(Problem(Code.AMBIGUOUS, several, f"Add this from the {word}'s own page."))
        if found:
            return found[0]
    raise Refused(Problem(Code.NOT_FOUND, f"There is no {word} “{typed}”.", f"Enter {enter}."))
