"""The page of a file that changes more weeks than it shows asks the database few times, whatever else it has to say."""

import io
import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

import pytest
from sqlalchemy import update

from models import Actual, Contact, LineItem, Organisation, db
from rules.states import ActualState
from tests.support.pages.browser import Browser
from tests.support.queries import Queries
from tests.support.worlds.weeks import NOV_6, NOV_13, OCT_16, OCT_23, OCT_30, week
from tests.support.worlds.world import World
from workflows.uploads.results import read

MOST: Final = 8
MONDAYS: Final = (OCT_16, OCT_23, OCT_30, NOV_6, NOV_13)
# Of each week more lines than are shown, and of all weeks more than are shown together.
LINES: Final = 25


def by_day(lines: Sequence[LineItem], asked: LineItem) -> list[str]:
    """Each line in each week, a week that is on an invoice, rows that are rejected, and one that stands there twice."""
    good = [f"{line.reference},{monday:%d/%m/%Y},1.5,EXTRA" for line in lines for monday in MONDAYS]
    wrong = [f"{line.reference},17/10/2017,1.1," for line in lines[:3]]
    more = [f"{asked.reference},16/10/2017,0.5,SHORTER", good[0]]
    return ["CPLI,Service date,Delivered units,Reason", *good, *wrong, *more]


def of_visits(lines: Sequence[LineItem], asked: LineItem) -> list[str]:
    """Visits of each line in each week, four that overlap others and are asked about together, two rejected ones."""

    def visit(ref: str, line: LineItem, day: str, begins: str = "08:00", ends: str = "09:00") -> str:
        times = f"{day} {begins},{day} {ends}"
        return f"{ref},{line.reference},{times},{times},DELIVERED,OTHER"

    days = [(line, f"{monday:%d/%m/%Y}") for line in lines for monday in MONDAYS]
    rows = [visit(f"A-{number}", line, day) for number, (line, day) in enumerate(days)]
    for number in range(4):
        day = f"{OCT_16 + timedelta(days=number):%d/%m/%Y}"
        rows += [visit(f"B-{number}", asked, day), visit(f"C-{number}", asked, day, "08:45", "09:45")]
    rows += [visit(f"D-{number}", asked, "17/10/2017", "09:00", "08:00") for number in range(2)]
    return ["Visit ref,CPLI,Planned start,Planned end,Actual start,Actual end,Outcome,Reason", *rows]


@pytest.mark.parametrize("rows_of", [by_day, of_visits])
def test_the_page_of_a_large_file_asks_at_most_eight_times_with_questions_and_rejected_rows(
    contact: Contact, world: World, organisation: Organisation, browser: Browser,
    rows_of: Callable[[Sequence[LineItem], LineItem], list[str]],
) -> None:  # fmt: skip
    lines, asked = [world.line(organisation) for _ in range(LINES)], world.line(organisation)
    if rows_of is by_day:
        week(asked)
        db.session.execute(update(Actual).values(state=ActualState.INVOICED))
        db.session.commit()
    content = "\n".join(rows_of(lines, asked)).encode()
    page = browser.sign_in(contact).post("/actuals/upload", {"file": (io.BytesIO(content), "october.csv")})
    path, boxes = page.request.path, re.findall(r'name="shown" value="(\d+)"', page.text)
    assert LINES * len(MONDAYS) > read.FEW_LINES
    for words in ("For you to decide", "Rejected rows", "Skipped rows" if rows_of is by_day else "Decide about each"):
        assert words in page.text, words
    assert asked_at(browser, path) <= MOST
    browser.post(path, {"shown": boxes, "tick": boxes[:1]})
    assert "Put into the portal" in browser.get(path).text
    assert asked_at(browser, path) <= MOST


def asked_at(browser: Browser, path: str) -> int:
    """How often a page asks, once what its process keeps is read."""
    browser.get(path)
    with Queries() as queries:
        browser.get(path)
    return len(queries)
