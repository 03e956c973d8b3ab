"""An agreement as it is typed into the form that drafts one, and what was proposed about it."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from models import Element, Organisation, Person, PortalUser, Proposal, db
from rules.agreement_states import ProposalKind
from rules.plan import PlanVersion
from tests.support.worlds.world import World
from workflows.agreements import changes

EVERY_DAY = ("1.00", "1.00", "1.50", "1.00", "1.00", "0.50", "0.50")


@pytest.fixture
def broadland(world: World) -> Organisation:
    """Who the agreement is with."""
    return world.organisation("Broadland Care CIC")


@pytest.fixture
def vera(world: World) -> Person:
    """Who it is for."""
    return world.person("P104366", "Vera Shreeve")


@pytest.fixture
def care(world: World) -> Element:
    """What is agreed."""
    return world.element()


@pytest.fixture
def officer(carol: PortalUser) -> PortalUser:
    """Who drafts it."""
    return carol


def agreement(organisation: Organisation, person: Person, **more: str) -> dict[str, str]:
    """The fields of the document; what is named in `more` is typed otherwise."""
    return {
        "organisation": organisation.reference, "service": organisation.services[0].name, "person": person.reference,
        "reference": "ISO-20588", "start": "14/12/2017", "end": "", "payment_method": "ACTUALS", "vat_code": "EXEMPT",
        "terms": "", "seen": "",
    } | more  # fmt: skip


def line(number: int, element: Element, reference: str = "48310", **more: Any) -> dict[str, str]:
    """The fields of one line: 6.50 hours by day at £19.68 unless something is typed otherwise."""
    days = dict(zip(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), EVERY_DAY, strict=True))
    fields = days | {
        "reference": reference, "element": str(element.id), "unit": "HOUR", "plan_kind": "TIMETABLED", "rate": "19.68",
    }  # fmt: skip
    return {f"line-{number}-{name}": str(text) for name, text in (fields | more).items()}


def proposals() -> list[Proposal]:
    """What officers proposed beside publishing, the oldest first, as it stands now."""
    asked = select(Proposal).where(Proposal.kind != ProposalKind.PUBLISH).order_by(Proposal.id)
    return list(db.session.scalars(asked.execution_options(populate_existing=True)))


def propose_rate(line_id: int, start: date, rate: Decimal, officer: PortalUser, reason: str) -> Proposal:
    """Propose another rate from a day on, as the line's page does. Commits. Raises Unknown, Refused."""
    return changes.propose(changes.rate_change(line_id, start, rate, reason), officer)


def propose_plan(line_id: int, version: PlanVersion, officer: PortalUser, reason: str) -> Proposal:
    """Propose another plan from its first day on, as the line's page does. Commits. Raises Unknown, Refused."""
    return changes.propose(changes.plan_change(line_id, version, reason), officer)


def propose_end(line_id: int, last: date | None, officer: PortalUser, reason: str) -> Proposal:
    """Propose a last day, or none any more, as the line's page does. Commits. Raises Unknown, Refused."""
    return changes.propose(changes.line_end(line_id, last, reason), officer)
