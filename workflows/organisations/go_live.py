"""How far organisations are on their way to the portal: sector by sector, and what each lacks, in one query.

Whoever left, or is suspended, is not counted.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import joinedload

from models import Contact, ContactsForm, Email, Organisation, PortalUser, ProposedContact, Sector, Service, db
from rules.go_live import LACKS_CONTACTS, FormStage, Lack, what_to_see_to
from rules.mail_states import EmailState
from rules.search import is_found
from rules.states import OrganisationState
from workflows.clock import LONDON, today

ON_THEIR_WAY = (OrganisationState.WAITING, OrganisationState.LIVE)


@dataclass(frozen=True)
class Readiness:
    """One organisation on its way: its contacts by name (empty: none), those it named, and what is left to see to.

    `to_invite` counts its contacts who have neither been invited nor signed in; `lack` is None where it is ready.
    """

    organisation_id: int
    name: str
    sector_id: int
    services: int
    switched_on: bool
    address: str
    payments: str
    documents: str
    named_payments: str
    named_documents: str
    to_invite: int
    signed_in: bool
    form: FormStage
    form_sent_on: date | None
    forms_sent: int
    answered_on: date | None
    lack: Lack | None


@dataclass(frozen=True)
class SectorReadiness:
    """The organisations of a sector, by name; `opens_on` is its roll-out date."""

    sector: Sector
    opens_on: date | None
    rows: list[Readiness]

    @property
    def ready(self) -> list[Readiness]:
        """Those that lack nothing but the date."""
        return [row for row in self.rows if row.lack is None]

    @property
    def others(self) -> list[Readiness]:
        """Those that lack something."""
        return [row for row in self.rows if row.lack is not None]

    @property
    def live(self) -> bool:
        """Whether the sector's turn has come."""
        return self.opens_on is not None and self.opens_on <= today()

    def count(self, *lacks: Lack) -> int:
        """How many lack one of these."""
        return sum(row.lack in lacks for row in self.rows)

    @property
    def without_contact(self) -> int:
        """How many lack a contact nobody has been named for."""
        return self.count(*LACKS_CONTACTS)


def sectors() -> list[SectorReadiness]:
    """Return every sector with its organisations, the first to get the portal first: two queries."""
    every = db.session.scalars(select(Sector).options(joinedload(Sector.rollout)).order_by(Sector.name)).all()
    rows: dict[int, list[Readiness]] = {sector.id: [] for sector in every}
    for row in readiness():
        rows[row.sector_id].append(row)
    found = [
        SectorReadiness(sector, sector.rollout.opens_on if sector.rollout else None, rows[sector.id])
        for sector in every
    ]
    return sorted(found, key=lambda each: each.opens_on or date.max)


def readiness(organisation_ids: Collection[int] | None = None) -> list[Readiness]:
    """Return how far some organisations are, or all, by name."""
    query = _query()
    if organisation_ids is not None:
        query = query.where(Organisation.id.in_(organisation_ids))
    return [_read(row) for row in db.session.execute(query)]


def not_invited() -> ColumnElement[bool]:
    """Return the condition for contacts, joined with their users, whom an invitation of their sector is for."""
    never_in = and_(PortalUser.active, ~PortalUser.council, PortalUser.must_change_password)
    return and_(Contact.in_force(today()), Contact.invited_at.is_(None), or_(PortalUser.id.is_(None), never_in))


def _query() -> Select[Any]:
    named = _of_each(ProposedContact, ProposedContact.waits)
    people = (
        _of_each(Contact, Contact.in_force(today()))
        .outerjoin(PortalUser, PortalUser.id == Contact.user_id)
        .add_columns(
            func.count().filter(not_invited()).label("to_invite"),
            func.bool_or(PortalUser.last_login.is_not(None)).label("signed_in"),
        )
        .subquery()
    )
    proposed = named.subquery()
    of_each = ContactsForm.organisation_id
    form = (
        select(
            ContactsForm.organisation_id, ContactsForm.sent_on, ContactsForm.sent_at, ContactsForm.opened_at,
            ContactsForm.answered_at,
            func.max(ContactsForm.answered_at).over(partition_by=of_each).label("last_answer"),
            func.count().over(partition_by=of_each).label("forms_sent"),
            (Email.state == EmailState.FAILED).label("came_back"),
        )
        .join(Email, Email.id == ContactsForm.email_id)
        .ext(distinct_on(ContactsForm.organisation_id))
        .order_by(ContactsForm.organisation_id, ContactsForm.sent_on.desc())
        .subquery()
    )  # fmt: skip
    services = select(Service.organisation_id, func.count().label("count")).group_by(Service.organisation_id).subquery()
    query = select(
        Organisation.id, Organisation.name, Organisation.sector_id, Organisation.email,
        func.coalesce(services.c.count, 0).label("services"),
        (Organisation.state == OrganisationState.LIVE).label("switched_on"),
        people.c.payments, people.c.documents, people.c.to_invite, people.c.signed_in,
        proposed.c.payments.label("named_payments"), proposed.c.documents.label("named_documents"),
        form.c.sent_on, form.c.sent_at, form.c.opened_at, form.c.answered_at, form.c.last_answer, form.c.forms_sent,
        form.c.came_back,
    ).select_from(Organisation)  # fmt: skip
    for part in (people, proposed, form, services):
        query = query.outerjoin(part, part.c.organisation_id == Organisation.id)
    return query.where(Organisation.state.in_(ON_THEIR_WAY)).order_by(Organisation.name, Organisation.id)


def _of_each(people: type[Contact] | type[ProposedContact], which: Any) -> Select[int, str, str]:
    """Return of each organisation the first by name for payments, and for ISOs."""
    return (
        select(
            people.organisation_id,
            func.min(people.name).filter(people.may_payments).label("payments"),
            func.min(people.name).filter(people.may_documents).label("documents"),
        )
        .where(which)
        .group_by(people.organisation_id)
    )


def _read(row: Row[Any]) -> Readiness:
    form = _stage(row)
    lack = what_to_see_to(
        row.switched_on,
        bool(row.payments),
        bool(row.documents),
        has_named=bool(row.named_payments or row.named_documents),
        can_be_asked="@" in row.email and form is not FormStage.CAME_BACK,
    )
    return Readiness(
        row.id, row.name, row.sector_id, row.services, row.switched_on, row.email, row.payments or "",
        row.documents or "", row.named_payments or "", row.named_documents or "", row.to_invite or 0,
        bool(row.signed_in), form, row.sent_on, row.forms_sent or 0, _day(_answered(row)), lack,
    )  # fmt: skip


def _stage(row: Row[Any]) -> FormStage:
    if row.sent_on is None:
        return FormStage.NOT_SENT
    if _answered(row):
        return FormStage.ANSWERED
    if row.came_back:
        return FormStage.CAME_BACK
    return FormStage.OPENED if row.opened_at else FormStage.SENT


def _answered(row: Row[Any]) -> datetime | None:
    """Return when the last form was answered, by its own link or since it was sent by an older one."""
    older: datetime | None = row.last_answer
    return row.answered_at or (older if older and older >= row.sent_at else None)


def _day(at: datetime | None) -> date | None:
    return at.astimezone(LONDON).date() if at else None


def lacking(rows: Iterable[Readiness], lack: Lack | None, name: str) -> list[Readiness]:
    """Return those that lack a thing, whatever else they lack, and whose name holds some letters."""
    return [row for row in rows if is_found(name, row.name) and (lack is None or lacks(row, lack))]


def lacks(row: Readiness, lack: Lack) -> bool:
    """Say whether an organisation lacks a thing, whatever else it lacks."""
    waits = row.lack is Lack.CONFIRMATION
    return {
        Lack.PAYMENTS: not row.payments and not waits,
        Lack.DOCUMENTS: not row.documents and not waits,
        Lack.BOTH: not row.payments and not row.documents and not waits,
        Lack.SWITCH: not row.switched_on,
    }.get(lack, row.lack is lack)
