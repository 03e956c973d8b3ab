"""The price of a week is one figure: on the sheet, on the check page of an upload, on the preview, on the invoice."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from models import Contact, Invoice, LineItem, Organisation, PaymentPeriod, Rate, acting_for, db
from rules.money import NOTHING
from rules.states import InvoiceState
from tests.support.files.uploads import put_in, send
from tests.support.worlds.visits import visit_on
from tests.support.worlds.weeks import OCT_16, OCT_23
from tests.support.worlds.world import World
from workflows.aborted_visits.record import record
from workflows.actuals.save import Entry, save_week
from workflows.actuals.sheet import sheet
from workflows.actuals.sheet_row import SheetRow
from workflows.invoices import invoice

THURSDAY = date(2017, 10, 19)
WEEKS = (OCT_16, OCT_23)
DAILY = "CPLI,Service date,Delivered units,Reason,Comment"
VISITS = "Visit ref,CPLI,Planned start,Planned end,Actual start,Actual end,Outcome,Reason"

QUARTERS = st.integers(0, 5).map(lambda count: Decimal(count) / 4)
DAYS = st.lists(QUARTERS, min_size=7, max_size=7)
# Weeks of the line that is planned by day, and of the one planned by the week; days on which a visit was aborted.
STORIES = st.tuples(st.lists(st.tuples(DAYS, st.integers(0, 40)), min_size=2, max_size=2), st.sets(st.integers(0, 13)))


class Books:
    """A provider with two lines: by day at £10.00 and from Thursday £20.00, and by the week."""

    def __init__(self, world: World) -> None:
        self.contact: Contact = world.contact(world.organisation())
        self.organisation: Organisation = self.contact.organisation
        self.period = db.session.scalars(select(PaymentPeriod)).first() or world.period()
        self.daily = world.line(self.organisation, days=("2",) * 7, rate="10.0000")
        World.confirmed()
        self.daily.rates[0].end = THURSDAY - timedelta(days=1)
        self.daily.rates.append(Rate(organisation_id=self.organisation.id, rate=Decimal("20.0000"), start=THURSDAY))
        self.weekly = world.line(self.organisation, weekly="14", rate="17.2820")
        db.session.commit()

    def rows(self) -> list[SheetRow]:
        """Every row of the sheets of both weeks."""
        with acting_for(self.organisation.id):
            return [row for week in WEEKS for row in sheet(week).rows]

    def pounds(self) -> Decimal:
        """What the sheets show for the weeks that somebody started."""
        return sum((row.amount or NOTHING for row in self.rows() if row.state != "Not started"), NOTHING)

    def confirm(self) -> None:
        """Confirm every week as it is stored."""
        for row in self.rows():
            with acting_for(self.organisation.id):
                figures = tuple(cell.value or "0" for cell in row.cells)
                entry = Entry(row.line_id, figures, row.reason or "OTHER", row.comment)
                assert not save_week(row.week, [entry], self.contact.user, confirm=True).refused


@pytest.fixture
def books(world: World) -> Books:
    """The provider of the examples."""
    return Books(world)


def lines_of(line: LineItem, monday: date, figures: Sequence[Decimal]) -> list[str]:
    return [f"{line.reference},{monday + timedelta(days=index):%d/%m/%Y},{units},OTHER," for index, units in
            enumerate(figures)]  # fmt: skip


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(story=STORIES)
def test_sheet_check_page_preview_and_invoice_say_the_same_price(
    world: World, story: tuple[list[tuple[list[Decimal], int]], set[int]]
) -> None:
    weeks, aborted = story
    books = Books(world)
    with acting_for(books.organisation.id):
        for index in sorted(aborted):
            record(visit_on(books.daily, OCT_16 + timedelta(days=index), planned_minutes=60), books.contact.user)
    rows = [DAILY]
    for monday, (days, quarters) in zip(WEEKS, weeks, strict=True):
        rows += lines_of(books.daily, monday, days)
        rows += lines_of(books.weekly, monday, [Decimal(quarters) / 4])
    before = books.pounds()
    kept = send(books.organisation, rows)
    assert kept.counts["rejected"] == 0
    assert kept.pounds_before == before
    put_in(books.organisation, kept)
    assert kept.pounds_after == books.pounds()
    books.confirm()
    confirmed = books.rows()
    with acting_for(books.organisation.id):
        draft = invoice.draft_for(books.organisation, books.period.id, books.contact.user_id or 0)
        preview = invoice.preview_of(draft)
    free = sum((row.amount or NOTHING for row in confirmed if not row.held), NOTHING)
    assert preview.total.net == free
    if preview.lines:
        with acting_for(books.organisation.id):
            invoice.submit(draft.id, digest=preview.digest, own_reference="", user_id=books.contact.user_id or 0)
            sent = db.session.scalars(select(Invoice).where(Invoice.state != InvoiceState.DRAFT)).one()
        assert sent.net == free


def test_the_check_page_counts_an_aborted_visit_that_is_recorded_at_the_rate_of_its_day(books: Books) -> None:
    """£10 until Wednesday, £20 from Thursday; 2.00 h on Thursday and 0.50 h payable on Wednesday: £45.00."""
    wednesday = THURSDAY - timedelta(days=1)
    with acting_for(books.organisation.id):
        record(visit_on(books.daily, wednesday), books.contact.user)
    figures = [Decimal(0)] * 7
    figures[THURSDAY.weekday()] = Decimal(2)
    kept = send(books.organisation, [DAILY, *lines_of(books.daily, OCT_16, figures)])
    assert kept.pounds_after == Decimal("45.00")
    put_in(books.organisation, kept)
    assert books.pounds() == Decimal("45.00")


def test_the_check_page_counts_an_aborted_visit_that_comes_with_the_file(books: Books) -> None:
    def visit(number: int, day: date, begins: time, outcome: str) -> str:
        start = datetime.combine(day, begins)
        planned = f"{start:%d/%m/%Y %H:%M},{start + timedelta(hours=2):%d/%m/%Y %H:%M}"
        actual = planned if outcome == "DELIVERED" else ","
        reason = "NO_REPLY" if outcome == "ABORTED" else ""
        return f"V{number},{books.daily.reference},{planned},{actual},{outcome},{reason}"

    wednesday = THURSDAY - timedelta(days=1)
    file = [VISITS, visit(1, THURSDAY, time(9), "DELIVERED"), visit(2, wednesday, time(9), "ABORTED")]
    kept = send(books.organisation, file)
    assert (kept.pounds_before, kept.pounds_after) == (Decimal("0.00"), Decimal("45.00"))
    put_in(books.organisation, kept)
    assert books.pounds() == Decimal("45.00")


def test_a_week_without_a_rate_is_in_no_pounds_and_the_check_says_so(world: World, books: Books) -> None:
    line = world.line(books.organisation)
    World.confirmed()
    line.rates[0].end = THURSDAY
    db.session.commit()
    good = lines_of(books.daily, OCT_16, [Decimal(2)])
    kept = send(books.organisation, [DAILY, *good, *lines_of(line, OCT_16, [Decimal(1)] * 7)])
    assert kept.pounds_after == Decimal("20.00")
    assert any("1 week is not known yet" in notice for notice in kept.notices)
    put_in(books.organisation, kept)
    assert next(row.amount for row in books.rows() if row.reference == line.reference) is None
