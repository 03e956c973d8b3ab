"""A provider before the pages of Actuals: who is signed in, what a form of the page sends, and what is stored."""

from decimal import Decimal

import html5lib
import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from models import DAYS, Actual, Contact, LineItem, Organisation, PaymentPeriod, Plan, Rate, db
from tests.support.pages.browser import Browser
from tests.support.worlds.weeks import NOV_6
from tests.support.worlds.world import World

# The newest complete week of the period that is due.
ADDRESS = f"/actuals?week={NOV_6}"


@pytest.fixture
def period(world: World) -> PaymentPeriod:
    """The period that is due: 16 October to 12 November 2017."""
    return world.period()


@pytest.fixture
def organisation(world: World, period: PaymentPeriod) -> Organisation:
    """An organisation that gives care in the period."""
    return world.organisation()


@pytest.fixture
def contact(world: World, organisation: Organisation) -> Contact:
    """Somebody of the organisation, with every function."""
    return world.contact(organisation)


@pytest.fixture
def provider(browser: Browser, contact: Contact) -> Browser:
    """The contact, signed in."""
    return browser.sign_in(contact)


def form_of(page: TestResponse, **changes: str) -> dict[str, str]:
    """Return the fields a browser without scripts would send from the page of a week."""
    form = html5lib.parse(page.text, namespaceHTMLElements=False).find(".//form[@id='actuals']")
    assert form is not None
    form.remove(next(iter(form.iterfind("template"))))
    fields = {field.get("name", ""): field.get("value", "") for field in form.iter("input")}
    for select_ in form.iter("select"):
        chosen = [option.get("value", "") for option in select_.iter("option") if "selected" in option.attrib]
        fields[select_.get("name", "")] = (chosen or [""])[0]
    return fields | changes


def clone(line: LineItem, times: int) -> None:
    """Give the person of a line many more of the same, in one transaction."""
    World.confirmed()
    for number in range(times):
        copy = LineItem(
            organisation=line.organisation, document=line.document, service=line.service, person=line.person,
            element=line.element, reference=f"C{number}", unit=line.unit, plan_kind=line.plan_kind, start=line.start,
        )  # fmt: skip
        copy.plans = [
            Plan(organisation=line.organisation, start=line.start, **dict(zip(DAYS, line.plans[0].days, strict=True)))
        ]
        copy.rates = [Rate(organisation=line.organisation, rate=Decimal("19.68"), start=line.start)]
        db.session.add(copy)
    db.session.commit()


def stored_weeks() -> list[Actual]:
    """Return every stored week, as it is now."""
    db.session.rollback()
    return list(db.session.scalars(select(Actual).order_by(Actual.id).execution_options(populate_existing=True)))
