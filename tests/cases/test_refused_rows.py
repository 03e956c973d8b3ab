"""Rows that are refused one by one: each says what is wrong, in which column, and what to write instead."""

import io
from collections.abc import Callable
from datetime import datetime

import openpyxl
import pytest
from sqlalchemy import select, text

from models import LineItem, Organisation, Upload, UploadFinding, Visit, db
from tests.support.files.uploads import download, put_in, send, stored
from tests.support.worlds.weeks import OCT_16
from tests.support.worlds.world import World
from tests.workflows.uploads.test_visits import HEADINGS, is_sound, visit

MONDAY = datetime(2017, 10, 16)  # noqa: DTZ001 - a cell
REASONS = "Write one of NO_REPLY, REFUSED, HOSPITAL, AWAY, DECEASED, OTHER."
WEEKS = "CPLI,Week starting,Mon,Tue,Wed,Thu,Fri,Sat,Sun,Week total,Reason,Comment"
DAYS = "CPLI,Service date,Delivered units,Reason,Comment"
Kind = Callable[[World, Organisation], LineItem]
LINE, DATE, START, MINUTES, TOLD, ARRIVED, WAITED, REASON, COMMENT = 0, 1, 2, 3, 4, 5, 6, 8, 9

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")


def said(kept: Upload) -> list[tuple[str, str, str, str, str]]:
    """What was refused in a file: code, column, what stands there, what is wrong, what to do."""
    query = select(UploadFinding).where(UploadFinding.upload_id == kept.id).order_by(UploadFinding.id)
    return [(each.code, each.column, each.value, each.wrong, each.remedy) for each in db.session.scalars(query)]


@pytest.mark.parametrize(
    ("place", "value", "expected"),
    [
        (LINE, None, ("unknown-line", "CPLI", "", "Nothing says which line the row is for.", "Fill it in.")),
        (DATE, None, ("not-a-date", "Date", "", "This is empty.", "Fill it in.")),
        (START, None, ("not-a-date", "Planned start", "", "This is empty.", "Fill it in.")),
        (MINUTES, None, ("not-a-date", "Planned minutes", "", "This is empty.", "Fill it in.")),
        (
            MINUTES,
            0,
            (
                "out-of-range",
                "Planned minutes",
                "0",
                "Enter how long the visit was to take, from 1 to 1,440 minutes.",
                "Correct it in the file.",
            ),
        ),
        (
            DATE,
            datetime(2030, 1, 1),  # noqa: DTZ001 - a cell
            (
                "future-date",
                "Date",
                "01/01/2030",
                "1 January 2030 is in the future.",
                "Record a visit on its day or later.",
            ),
        ),
        (
            TOLD,
            datetime(2030, 1, 1, 9, 30),  # noqa: DTZ001 - a cell
            (
                "future-date",
                "Told at",
                "01/01/2030 09:30",
                "1 January 2030 is in the future.",
                "Enter when you were told.",
            ),
        ),
        (REASON, "because", ("unknown-reason", "Reason", "because", "There is no such reason.", REASONS)),
        (REASON, None, ("reason-needed", "Reason", "", "An aborted visit has a reason.", REASONS)),
        (
            REASON,
            "OTHER",
            ("comment-needed", "Comment", "", "Say in the comment what the reason was.", "Correct it in the file."),
        ),
    ],
)
def test_a_row_of_aborted_visits_says_what_is_wrong_with_it(
    organisation: Organisation,
    line: LineItem,
    world: World,
    place: int,
    value: object,
    expected: tuple[str, str, str, str, str],
) -> None:
    row: list[object] = [line.reference, MONDAY, "08:00", 45, None, None, None, None, "NO_REPLY", None]
    row[place] = value
    book = openpyxl.load_workbook(io.BytesIO(download(organisation, world.period())))
    for column, cell in enumerate(row, start=1):
        book["Aborted visits"].cell(2, column).value = cell  # type: ignore[assignment]
    target = io.BytesIO()
    book.save(target)
    assert said(send(organisation, target.getvalue(), "a.xlsx")) == [expected]


REF, PLANNED_START, PLANNED_END, BEGAN, ENDED, OUTCOME, WHY = 0, 2, 3, 4, 5, 6, 9
ABORTED = {BEGAN: "", ENDED: "", OUTCOME: "ABORTED", WHY: "NO_REPLY"}


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({REF: ""}, ("missing", "Visit ref", "", "The visit has no reference.", "Fill it in.")),
        (
            {OUTCOME: "MAYBE"},
            (
                "unknown-outcome",
                "Outcome",
                "MAYBE",
                "There is no such outcome.",
                "Write DELIVERED, ABORTED, MISSED, CANCELLED.",
            ),
        ),
        (
            {PLANNED_START: "", BEGAN: ""},
            ("not-a-date", "Planned start", "", "There is no date.", "Fill in the planned start."),
        ),
        (
            dict.fromkeys((PLANNED_START, PLANNED_END, BEGAN, ENDED), "02/12/2030 08:00"),
            (
                "future-date",
                "Planned start",
                "02/12/2030",
                "2 December 2030 is in the future.",
                "Send it after it has been delivered.",
            ),
        ),
        (
            dict.fromkeys((PLANNED_START, PLANNED_END, BEGAN, ENDED), "17/10/2016 08:00"),
            (
                "outside-line",
                "Planned start",
                "17/10/2016",
                "This line starts on 16 October 2017.",
                "Remove the row, or ask Service Brokerage.",
            ),
        ),
        (
            ABORTED | {PLANNED_END: ""},
            ("not-a-date", "Planned end", "", "Without a planned end nobody knows what is payable.", "Fill it in."),
        ),
        (ABORTED | {WHY: "dunno"}, ("unknown-reason", "Reason", "dunno", "There is no such reason.", REASONS)),
        (ABORTED | {WHY: ""}, ("reason-needed", "Reason", "", "An aborted visit has a reason.", REASONS)),
        (
            ABORTED | {PLANNED_END: "17/10/2017 18:00"},
            (
                "out-of-range",
                "Planned end",
                "",
                "Enter how long the visit was to take, from 1 to 1,440 minutes.",
                "Correct it in the file.",
            ),
        ),
    ],
)
def test_a_visit_says_what_is_wrong_with_it_and_leaves_its_day_alone(
    organisation: Organisation, line: LineItem, cells: dict[int, str], expected: tuple[str, str, str, str, str]
) -> None:
    moments = [f"16/10/2017 {hour}:00" for hour in ("08", "09", "08", "09")]
    row = ["V1", line.reference, *moments, "DELIVERED", "C1", "", ""]
    for place, cell in cells.items():
        row[place] = cell
    kept = send(organisation, [HEADINGS, ",".join(row)])
    assert said(kept) == [expected]
    put_in(organisation, kept)
    assert stored() == {}
    assert db.session.scalars(select(Visit)).all() == []


def test_both_carers_rows_of_an_aborted_visit_are_refused_together(organisation: Organisation, line: LineItem) -> None:
    rows = [visit(f"V{number}", line, outcome="ABORTED", carer=f"C{number}") for number in (1, 2)]
    kept = send(organisation, [HEADINGS, *(row.replace("OTHER", "dunno") for row in rows)])
    assert [code for code, *_ in said(kept)].count("unknown-reason") == 2
    put_in(organisation, kept)
    assert db.session.scalars(select(Visit)).all() == []


def test_a_refused_visit_counts_on_its_day_as_it_is_stored(organisation: Organisation, line: LineItem) -> None:
    put_in(organisation, send(organisation, [HEADINGS, visit("V1", line), visit("V2", line, hours=(10, 11))]))
    aborted = visit("V1", line, outcome="ABORTED").replace("OTHER", "dunno")
    put_in(organisation, send(organisation, [HEADINGS, aborted, visit("V2", line, hours=(10, 12))]))
    assert stored()[line.id, OCT_16][0][0] == "3.00"
    assert is_sound()


def weekly_line(world: World, organisation: Organisation) -> LineItem:
    return world.line(organisation, weekly="7")


def daily_line(world: World, organisation: Organisation) -> LineItem:
    return world.line(organisation)


@pytest.mark.parametrize(
    ("kind", "headings", "row", "expected"),
    [
        (
            daily_line,
            WEEKS,
            "09/10/2017,1,1,1,1,1,1,1,,,",
            (
                "outside-line",
                "Week starting",
                "09/10/2017",
                "This line starts on 16 October 2017.",
                "Remove the row, or ask Service Brokerage.",
            ),
        ),
        (
            daily_line,
            WEEKS,
            ",1,1,1,1,1,1,1,,,",
            ("not-a-date", "Week starting", "", "There is no date.", "Fill in the week starting."),
        ),
        (
            weekly_line,
            WEEKS,
            "16/10/2017,1,1,1,1,1,1,1,,,",
            ("by-day", "Mon", "1", "This line is planned by the week.", "Write the total of the week instead."),
        ),
        (
            weekly_line,
            WEEKS,
            "16/10/2017,,,,,,,,7.1,,",
            (
                "wrong-step",
                "Week total",
                "7.1",
                "Enter hours in steps of 0.25, such as 1.25.",
                "Correct it in the file.",
            ),
        ),
        (
            daily_line,
            DAYS,
            ",1,,",
            ("not-a-date", "Service date", "", "There is no date.", "Fill in the service date."),
        ),
    ],
)
def test_a_row_of_a_week_or_a_day_says_what_is_wrong_with_it(
    world: World, organisation: Organisation, kind: Kind, headings: str, row: str, expected: tuple[str, ...]
) -> None:
    line = kind(world, organisation)
    assert said(send(organisation, [headings, f"{line.reference},{row}"])) == [expected]


def test_a_week_on_an_invoice_is_corrected_only_with_a_reason(organisation: Organisation, line: LineItem) -> None:
    week = f"{line.reference},16/10/2017,1,1,1,1,1,1"
    put_in(organisation, send(organisation, [WEEKS, f"{week},1,,,"]))
    db.session.execute(text("UPDATE actual SET state = 'invoiced'"))
    db.session.commit()
    assert said(send(organisation, [WEEKS, f"{week},0,,,"])) == [
        (
            "reason-needed",
            "Reason",
            "",
            "The week of 16 Oct is on an invoice: a correction needs a reason.",
            "Write a reason from the list.",
        )
    ]
    ((code, *_, asked, _),) = said(send(organisation, [WEEKS, f"{week},1,,OTHER,Agreed by telephone"]))
    assert code == "locked"
    assert asked.endswith("is on an invoice (another reason or comment in the file).")
