"""A small world for tests: each method makes one thing a council or a provider has, with sensible defaults."""

from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any, TypeVar

from flask import Flask, g
from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import select

from models import (
    Contact,
    ContractDocument,
    Element,
    LineItem,
    Organisation,
    PaymentPeriod,
    Person,
    PolicySetting,
    PortalUser,
    Rate,
    Rollout,
    Sector,
    Service,
    db,
)
from rules.period import plan_period
from rules.states import DocumentState, OrganisationState, PlanKind, Unit

START = date(2017, 10, 16)
ANCHOR = date(2017, 10, 16)
Row = TypeVar("Row")


class World:
    """Builds rows in the scope of the council. Everything is committed at once, so that requests see it."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self._number = count(1)

    def organisation(
        self, name: str = "Fenland Homecare Ltd", sector: str = "Home support", **more: Any
    ) -> Organisation:
        """An organisation that is live, its sector admitted, with one service."""
        kind = db.session.scalars(select(Sector).where(Sector.name == sector)).one()
        if kind.rollout is None:
            kind.rollout = Rollout(opens_on=START)
        values = {"reference": f"ORG-{next(self._number):04}", "state": OrganisationState.LIVE} | more
        organisation = Organisation(name=name, sector=kind, **values)
        organisation.services = [Service(name=f"{name} branch")]
        return self._keep(organisation)

    def user(self, email: str, *, council: bool = False, role: str | None = None) -> PortalUser:
        """A person who has been through all steps of signing in; no password of theirs works."""
        first, last = email.split("@")[0].title(), "Lane"
        user = PortalUser(
            first_name=first, last_name=last, username=email, email=email, active=True, council=council,
            must_change_password=False, password="!",
        )  # fmt: skip
        if role:
            user.roles = [db.session.scalars(select(Role).where(Role.name == role)).one()]
        return self._keep(user)

    def officer(self, role: str, email: str | None = None) -> PortalUser:
        """An officer of the council with one role."""
        return self.user(
            email or f"{role.split()[-1].lower()}{next(self._number)}@council.example", council=True, role=role
        )

    def contact(self, organisation: Organisation, email: str | None = None, **functions: bool) -> Contact:
        """A contact who signs in; with every function unless some are named (may_actuals=True …)."""
        email = email or f"contact{next(self._number)}@provider.example"
        names = ("may_documents", "may_actuals", "may_payments", "may_organisation", "may_conversations")
        given = functions or dict.fromkeys(names, True)
        user = db.session.scalars(select(PortalUser).where(PortalUser.email == email)).first() or self.user(email)
        return self._keep(
            Contact(organisation=organisation, user=user, name=str(user), email=email, start=START, **given)
        )

    def period(self, number: int = 0) -> PaymentPeriod:
        """A payment period; number 0 is 16 October to 12 November 2017."""
        dates = plan_period(number, ANCHOR, 4, 15, 2, ())
        return self._keep(PaymentPeriod(**{name: getattr(dates, name) for name in dates.__dataclass_fields__}))

    def person(self, reference: str | None = None, name: str = "Ada Bell") -> Person:
        """Someone who receives care."""
        return self._keep(Person(reference=reference or f"P{next(self._number):06}", name=name))

    def element(self, name: str = "Personal care") -> Element:
        """An element of care, made once."""
        return db.session.scalars(select(Element).where(Element.name == name)).first() or self._keep(Element(name=name))

    def line(
        self,
        organisation: Organisation,
        days: tuple[str, ...] = ("1", "1", "1", "1", "1", "1", "1"),
        *,
        weekly: str | None = None,
        rate: str = "19.6800",
        state: DocumentState = DocumentState.PUBLISHED,
        **more: Any,
    ) -> LineItem:
        """A line item on a contract document of its own, with one rate from its start: 1.00 hour a day unless told."""
        number = next(self._number)
        person = more.pop("person", None) or self.person()
        start = more.pop("start", START)
        document = ContractDocument(
            organisation=organisation,
            service=organisation.services[0],
            person=person,
            reference=f"ISO-{number}",
            state=state,
        )
        quantities = (
            {}
            if weekly
            else dict(zip(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), map(Decimal, days), strict=True))
        )
        db.session.add(document)
        db.session.flush()
        line = LineItem(
            organisation=organisation, document=document, service=document.service, person=person,
            element=more.pop("element", None) or self.element(), reference=more.pop("reference", f"{48000 + number}"),
            unit=more.pop("unit", Unit.HOUR), plan_kind=PlanKind.WEEKLY if weekly else PlanKind.TIMETABLED,
            weekly_quantity=Decimal(weekly or 0), start=start, **quantities, **more,
        )  # fmt: skip
        line.rates = [Rate(organisation=organisation, rate=Decimal(rate), start=start)]
        return self._keep(line)

    def policy(self, name: str, value: str) -> None:
        """A value of a setting for the whole council, from the start of the portal on."""
        self._keep(PolicySetting(name=name, value=value, valid_from=START))
        g.pop("policy_versions", None)  # as in the next request

    def _keep(self, row: Row) -> Row:
        db.session.add(row)
        db.session.commit()
        return row
