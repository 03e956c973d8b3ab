"""Who has seen a person's record: who opened it or a page that shows it, and who took a file away that they are in."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, literal_column, or_, select

from models import AuditEvent, Organisation, Person, PortalUser, db
from rules.refusal import Unknown
from workflows.page import Page, counted_page
from workflows.upkeep.trail import PEOPLE


@dataclass(frozen=True)
class Sight:
    """One time somebody saw the record: on which page or in which file, from where, why if they were asked.

    `organisation` is the one they acted for, empty for the council; `who` is empty for a job.
    """

    at: datetime
    who: str
    organisation: str
    action: str
    page: str
    why: str
    from_address: str
    request_id: str


def find_person(person_id: int) -> Person:
    """Return a person. Raises Unknown."""
    person: Person | None = db.session.get(Person, person_id)
    if person is None:
        raise Unknown
    return person


def is_among(person_id: int) -> ColumnElement[bool]:
    """Return whether an event is of a page or a file of several that a person is on, by the index made for that."""
    # Not bound: the planner has to see that the index over events of several will do.
    name: Any = literal_column(f"'{PEOPLE}'")
    of_several: ColumnElement[bool] = AuditEvent.after.op("?", is_comparison=True)(name)
    people: Any = AuditEvent.after.op("->")(name)
    is_in: ColumnElement[bool] = people.op("@>", is_comparison=True)(func.jsonb_build_array(person_id))
    return of_several & is_in


def seen_by(person_id: int, page: int, size: int) -> Page[Sight]:
    """Return a page of who saw a person's record, the newest first. For the council's scope."""
    alone = (AuditEvent.record == "person") & (AuditEvent.record_id == person_id)
    sights = (
        select(
            AuditEvent.at, func.concat_ws(" ", PortalUser.first_name, PortalUser.last_name),
            func.coalesce(Organisation.name, ""), AuditEvent.action,
            func.coalesce(AuditEvent.after["page"].astext, ""), AuditEvent.why, AuditEvent.from_address,
            AuditEvent.request_id, func.count().over(),
        )
        .outerjoin(PortalUser, PortalUser.id == AuditEvent.user_id)
        .outerjoin(Organisation, Organisation.id == AuditEvent.organisation_id)
        .where(or_(alone & AuditEvent.action.in_(("read", "exported")), is_among(person_id)))
        .order_by(AuditEvent.id.desc())
    )  # fmt: skip
    found = counted_page(sights, page, size)
    return found.showing([Sight(*row[:-1]) for row in found.rows])
