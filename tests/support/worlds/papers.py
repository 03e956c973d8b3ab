"""Paper ISOs for tests."""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from models import DAYS, Organisation, PaperOrder, PortalUser, db
from rules.states import PlanKind, Unit
from tests.support.worlds.world import START, World
from workflows.clock import now

WEEKDAYS_ONLY = ("1", "1", "1", "1", "1", "0", "0")
ISSUED = date(2017, 10, 9)


def officers(world: World) -> tuple[PortalUser, PortalUser]:
    """Two officers of Service Brokerage: one registers, the other confirms."""
    found = [
        db.session.scalars(select(PortalUser).where(PortalUser.email == email)).first()
        or world.officer("Service Brokerage", email)
        for email in ("first.broker@council.example", "second.broker@council.example")
    ]
    return found[0], found[1]


def paper(
    world: World,
    organisation: Organisation,
    reference: str = "PAP-0412",
    *,
    confirmed: bool = True,
    days: tuple[str, ...] = WEEKDAYS_ONLY,
    **more: Any,
) -> PaperOrder:
    """A paper ISO for five hours of personal care a week from 16 October 2017, confirmed unless told."""
    first, second = officers(world)
    world.element()
    values: dict[str, Any] = {
        "person_reference": "P900001", "person_name": "Nora Ollett", "element_name": "Personal care",
        "unit": Unit.HOUR, "plan_kind": PlanKind.TIMETABLED, "rate": Decimal("19.6800"), "start": START,
        "issued_on": ISSUED, "registered_by": first, "registered_at": now(),
        **dict(zip(DAYS, map(Decimal, days), strict=True)),
    }  # fmt: skip
    if confirmed:
        values |= {"confirmed_by": second, "confirmed_at": now()}
    return world._keep(PaperOrder(organisation=organisation, reference=reference, **(values | more)))
