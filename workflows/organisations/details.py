"""An organisation's addresses, telephone numbers and e-mail, changed by itself; what they were before is kept."""

from dataclasses import dataclass

from flask import current_app
from sqlalchemy import or_, select, true
from sqlalchemy.orm import joinedload

from models import DetailChange, Organisation, Service, db, limited_to
from rules.problem_codes import Code
from rules.record_fields import read_field
from rules.refusal import NotUnderstood, Problem, Refused, Unknown
from workflows.mail.letters import write_letter

SHOWN_CHANGES = 50
FIELDS = ("address", "postcode", "phone", "email")


@dataclass(frozen=True)
class Details:
    """Where an organisation or one of its services is reached; `phone` and `email` as their readers return them."""

    address: str
    postcode: str
    phone: str
    email: str


def get_service(service_id: int) -> Service:
    """Return a service of the organisation in scope. Raises Unknown."""
    found: Service | None = db.session.scalar(select(Service).where(Service.id == service_id))
    if found is None:
        raise Unknown
    return found


def may_change(of: Organisation | Service) -> bool:
    """Say whether whoever acts may change where this is reached: who is limited to services only those."""
    own = limited_to()
    return not own or (isinstance(of, Service) and of.id in own)


def refuse_others(of: Organisation | Service) -> None:
    """Raise Unknown where whoever acts is limited to other services."""
    if not may_change(of):
        raise Unknown


def change_details(of: Organisation | Service, details: Details) -> None:
    """Change where an organisation or a service is reached; a new e-mail address is told to the old one. Commits.

    The database keeps what was there before. Raises Unknown where whoever acts is limited to other services, Refused
    with everything that cannot be kept.
    """
    refuse_others(of)
    values = _values(details)
    before = of.email
    for field, value in values.items():
        setattr(of, field, value)
    if before and before != details.email:
        _tell(before, of)
    db.session.commit()


def changes_of(organisation_id: int) -> list[DetailChange]:
    """Return what was changed of an organisation's details lately, newest first; of services only one's own."""
    own = limited_to()
    of_own = or_(DetailChange.service_id.is_(None), DetailChange.service_id.in_(own)) if own else true()
    return list(
        db.session.scalars(
            select(DetailChange)
            .where(DetailChange.organisation_id == organisation_id, of_own)
            .options(joinedload(DetailChange.changed_by), joinedload(DetailChange.service))
            .order_by(DetailChange.id.desc())
            .limit(SHOWN_CHANGES)
        )
    )


def _values(details: Details) -> dict[str, str]:
    """Return the details as they are kept, by the rules of every form and file. Raises Refused with every problem."""
    values, problems = {}, []
    for field in FIELDS:
        try:
            values[field] = read_field("organisation", field, getattr(details, field))
        except NotUnderstood as wrong:
            problems.append(wrong.problem.at(field))
    if not details.address:
        problems.append(Problem(Code.MISSING, "Enter the address.", field="address"))
    if problems:
        raise Refused(*problems)
    return values


def _tell(old: str, of: Organisation | Service) -> None:
    organisation_id = of.id if isinstance(of, Organisation) else of.organisation_id
    address = f"{current_app.config['PORTAL_ADDRESS']}/organisation"
    write_letter(old, "email changed", organisation_id, place=of.name, address=address)
