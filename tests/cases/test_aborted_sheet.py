"""The sheet of aborted visits: a row that repeats another, and rows that contradict each other."""

import io
from collections.abc import Sequence
from datetime import datetime

import openpyxl
import pytest
from sqlalchemy import func, select

from models import AbortedVisit, LineItem, Organisation, PaymentPeriod, db
from tests.cases.test_files import sentences
from tests.support.files.uploads import download, found, put_in, send
from tests.support.worlds.world import World

MONDAY = datetime(2017, 10, 16)  # noqa: DTZ001 - a cell


@pytest.fixture
def period(world: World) -> PaymentPeriod:
    return world.period()


def with_aborted(organisation: Organisation, period: PaymentPeriod, *rows: Sequence[object]) -> bytes:
    """The workbook of a period with rows on its sheet of aborted visits: CPLI, start, minutes, reason, comment."""
    book = openpyxl.load_workbook(io.BytesIO(download(organisation, period)))
    for number, (line, start, minutes, reason, comment) in enumerate(rows, start=2):
        cells = (line, MONDAY, start, minutes, None, None, None, None, reason, comment)
        for place, value in enumerate(cells, start=1):
            book["Aborted visits"].cell(number, place).value = value  # type: ignore[assignment]
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def test_a_repeat_is_skipped(organisation: Organisation, line: LineItem, period: PaymentPeriod) -> None:
    rows = (line.reference, "08:00", 45, "NO_REPLY", ""), (line.reference, "8:00", "45m", "No_reply", "")
    kept = send(organisation, with_aborted(organisation, period, *rows), "a.xlsx")
    assert found(kept) == [("warning", "duplicate-row", 3, "")]
    assert sentences(kept) == ["Row 3 repeats row 2 and is skipped."]
    put_in(organisation, kept)
    assert db.session.scalar(select(func.count()).select_from(AbortedVisit)) == 1


def test_rows_that_differ_both_stay_out(organisation: Organisation, line: LineItem, period: PaymentPeriod) -> None:
    rows = (line.reference, "08:00", 45, "NO_REPLY", ""), (line.reference, "08:00", 30, "NO_REPLY", "")
    kept = send(organisation, with_aborted(organisation, period, *rows), "a.xlsx")
    assert found(kept) == [("rejected", "duplicate-row", row, "Planned start") for row in (2, 3)]
    assert sentences(kept) == [f"Row {other} says something else for the same visit." for other in (3, 2)]
    put_in(organisation, kept)
    assert db.session.scalar(select(func.count()).select_from(AbortedVisit)) == 0


pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")
