"""Files of visits, daily files, workbooks, typing and invoices in any order: nothing is paid twice.

`VISITS_EXAMPLES` says how many stories are told; a few by default.
"""

import os
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy import select

from files.actuals.row_key import read_row_key
from files.actuals.workbook import COLUMNS
from models import Actual, Upload, UploadFinding, acting_for, db
from rules.refusal import Refused
from tests.properties.test_one_price import DAILY, Books
from tests.support.files.uploads import asked, download, put_in, stored
from tests.support.files.uploads import send as send_file
from tests.support.worlds.weeks import OCT_16, OCT_23
from tests.support.worlds.weeks import send as send_invoice
from tests.support.worlds.world import World
from workflows.actuals.save import Entry, save_week
from workflows.payments.money_checks import check_money

HEADINGS = "Visit ref,CPLI,Planned start,Planned end,Actual start,Actual end,Outcome,Carer ID,Reason"
MON = COLUMNS.index("Mon") + 1
REASON = COLUMNS.index("Reason") + 1

Row = tuple[str, int, int, int, int, str, str]
ROWS = st.tuples(
    st.sampled_from(["1", "2", "3", "4", "5"]),  # references come again
    st.integers(0, 1),  # the line: by day, by the week
    st.integers(0, 13),
    st.sampled_from([8, 9, 12]),
    st.integers(1, 8),  # quarters of an hour
    st.sampled_from(["", "C1", "C2"]),
    st.sampled_from(["DELIVERED", "DELIVERED", "DELIVERED", "MISSED", "CANCELLED"]),
)
FILES = st.lists(ROWS, min_size=1, max_size=6)
QUARTERS = st.integers(0, 8).map(lambda count: Decimal(count) / 4)
STEPS = st.one_of(
    st.tuples(st.just("visits"), FILES, st.booleans()),
    st.tuples(st.just("visits"), FILES, st.booleans()),
    st.tuples(st.just("one_tick"), FILES, st.integers(0, 5)),
    st.tuples(st.just("daily"), st.dictionaries(st.integers(0, 13), QUARTERS, min_size=1, max_size=3), st.booleans()),
    st.tuples(st.just("workbook"), st.integers(0, 6), QUARTERS),
    st.tuples(st.just("typed"), st.booleans(), st.lists(QUARTERS, min_size=7, max_size=7)),
    st.tuples(st.just("invoiced"), st.none(), st.none()),
)


class Sender:
    """A provider who sends files, types and invoices."""

    def __init__(self, world: World) -> None:
        self.books = Books(world)
        self.lines = (self.books.daily, self.books.weekly)

    def visits(self, rows: list[Row], tick: bool) -> None:
        file = self.file(rows)
        kept = self.sent(file, tick=tick)
        assert sum(kept.counts[fate] for fate in FATES) == kept.counts["read"] == len(rows)
        self.comes_again(file)
        if not any(kept.counts[each] for each in ("asked", "rejected")):
            total = self.total()
            self.sent(self.file([(f"X{number}", *row[1:]) for number, row in enumerate(rows)]), tick=False)
            assert self.total() == total, "visits under other references are the same visits"

    def one_tick(self, rows: list[Row], which: int) -> None:
        """Tick one question of a file alone: what the page said it would come to is there."""
        kept = send_file(self.books.organisation, self.file(rows))
        choices = [each for each in asked(self.books.organisation, kept) if each.finding.choice]
        if not choices:
            return
        question = choices[which % len(choices)]
        put_in(self.books.organisation, kept, question.ids)
        db.session.expire_all()
        payable = {(each.line_item_id, each.week_starting): each.payable for each in db.session.scalars(select(Actual))}
        for each in question.weeks:
            assert payable.get((each.change.line_id, each.change.week), 0) == each.change.after

    def file(self, rows: list[Row]) -> list[str]:
        return [HEADINGS, *(self._row(*row) for row in rows)]

    def _row(self, ref: str, line: int, day: int, hour: int, quarters: int, carer: str, outcome: str) -> str:
        on = f"{OCT_16 + timedelta(days=day):%d/%m/%Y}"
        ends = f"{on} {hour + quarters // 4:02}:{quarters % 4 * 15:02}"
        actual = f"{on} {hour:02}:00,{ends}" if outcome == "DELIVERED" else ","
        return f"{ref},{self.lines[line].reference},{on} {hour:02}:00,{ends},{actual},{outcome},{carer},OTHER"

    def daily(self, figures: dict[int, Decimal], tick: bool) -> None:
        rows = [f"{self.books.daily.reference},{OCT_16 + timedelta(days=day):%d/%m/%Y},{units},OTHER," for day, units in
                figures.items()]  # fmt: skip
        self.sent([DAILY, *rows], tick=tick)
        self.comes_again([DAILY, *rows])

    def workbook(self, day: int, units: Decimal) -> None:
        def edit(sheet: Worksheet) -> None:
            for number in range(2, sheet.max_row + 1):
                key = read_row_key(str(sheet.cell(number, 1).value))
                if key and key[:2] == (self.books.daily.id, OCT_16):
                    sheet.cell(number, MON + day).value = float(units)
                    sheet.cell(number, REASON).value = "OTHER"

        content = download(self.books.organisation, self.books.period, edit)
        self.sent(content, tick=True)

    def typed(self, second: bool, figures: list[Decimal]) -> None:
        week = OCT_23 if second else OCT_16
        entries = [
            Entry(self.books.daily.id, tuple(map(str, figures)), "OTHER"),
            Entry(self.books.weekly.id, (str(sum(figures)),), "OTHER"),
        ]
        with acting_for(self.books.organisation.id):
            save_week(week, entries, None, correct=True)

    def invoiced(self, _one: None, _other: None) -> None:
        self.books.confirm()
        with acting_for(self.books.organisation.id):
            send_invoice(self.books.contact, self.books.period)

    def sent(self, file: Any, *, tick: bool) -> Upload:
        """Send a file and put it in, with everything ticked or nothing; what the page said of pounds comes true."""
        kept = send_file(self.books.organisation, file, "actuals.csv")
        before = self.books.pounds()
        difference = kept.pounds_after - kept.pounds_before
        asked = select(UploadFinding.id).where(
            UploadFinding.upload_id == kept.id, UploadFinding.kind.in_(["conflict", "locked"])
        )
        ticked = list(db.session.scalars(asked)) if tick else []
        put_in(self.books.organisation, kept, ticked)
        if not ticked:
            assert self.books.pounds() - before == difference
        return kept

    def comes_again(self, file: list[str]) -> None:
        """The same file once more changes nothing."""
        before = stored()
        again = self.sent(file, tick=False)
        assert (again.counts["new"], again.counts["changed"]) == (0, 0)
        assert stored() == before

    def total(self) -> Decimal:
        return sum((sum(map(Decimal, figures), Decimal(0)) for figures, *_ in stored().values()), Decimal(0))


FATES = ("new", "changed", "unchanged", "rejected", "asked")


@settings(
    max_examples=int(os.environ.get("VISITS_EXAMPLES", "3")), deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(steps=st.lists(STEPS, min_size=1, max_size=5))
def test_days_are_what_their_visits_come_to_and_nothing_is_paid_twice(world: World, steps: list[Any]) -> None:
    sender = Sender(world)
    for name, *what in steps:
        try:
            getattr(sender, name)(*what)
        except Refused:
            db.session.rollback()
        assert [each for each in check_money() if "visits" in each.holds] == []


pytestmark = [pytest.mark.filterwarnings("ignore::UserWarning:openpyxl"), pytest.mark.timeout(600)]
