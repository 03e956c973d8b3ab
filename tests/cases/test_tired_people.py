"""Files as tired people and real systems write them: each has the right fate, or a sentence that helps."""

import io
from datetime import date, time, timedelta
from typing import Any

import openpyxl
import pytest
from sqlalchemy import select

from models import LineItem, Organisation, Upload, UploadFinding, db
from rules.refusal import Refused
from rules.upload_states import UploadState
from tests.support.files.uploads import found, matched, put_in, send, stored
from tests.support.worlds.weeks import OCT_16
from tests.support.worlds.world import World

DAILY = "CPLI,Service date,Delivered units,Reason,Comment"
VISITS = "Visit ref,CPLI,Planned start,Planned end,Actual start,Actual end,Outcome,Carer ID,Reason"
OCT_17 = date(2017, 10, 17)
FATES = ("new", "changed", "unchanged", "asked", "rejected", "skipped")


@pytest.fixture(autouse=True)
def line(world: World, organisation: Organisation) -> LineItem:
    world.line(organisation, reference="48213")
    return world.line(organisation, reference="48212")


def days(line: LineItem) -> str:
    return " ".join(stored()[line.id, OCT_16][0]) if stored() else ""


def rows(*each: str, heading: str = DAILY) -> str:
    return "\n".join([heading, *each])


def visit(start: str, end: str, outcome: str = "Delivered") -> str:
    return rows(f"A-1,48212,{start},{end},{start},{end},{outcome},C1,EXTRA", heading=VISITS)


def book(*each: list[Any]) -> bytes:
    made = openpyxl.Workbook()
    for row in each:
        made.worksheets[0].append(row)
    content = io.BytesIO()
    made.save(content)
    return content.getvalue()


def said(kept: Upload) -> str:
    query = select(UploadFinding.wrong, UploadFinding.remedy).where(UploadFinding.upload_id == kept.id)
    return " ".join(f"{wrong} {remedy}" for wrong, remedy in db.session.execute(query.order_by(UploadFinding.id)))


UNDERSTOOD: dict[str, tuple[str | bytes, str]] = {
    "days of ISO with a time": (rows("48212,2017-10-17T00:00:00,1.5,EXTRA,"), "1.50"),
    "days in words": (rows('48212,"Tuesday, 17 October 2017",1.5,EXTRA,'), "1.50"),
    "days as they are spoken": (rows("48212,17th Oct 2017,1.5,EXTRA,"), "1.50"),
    "lengths in words": (rows("48212,17/10/2017,1 hour 30 mins,EXTRA,"), "1.50"),
    "Excel's Unicode text": (rows("48212,17/10/2017,1.5,EXTRA,").replace(",", "\t").encode("utf-16"), "1.50"),
    "Excel's line about separators": ("sep=;\n" + rows("48212,17/10/2017,1.5,EXTRA,").replace(",", ";"), "1.50"),
    "commas without end": (f"{DAILY},,,,\n48212,17/10/2017,1.5,EXTRA,,,,,\n,,,,,,,,", "1.50"),
    "an apostrophe that keeps a number text": (rows("'48212,17/10/2017,1.5,EXTRA,"), "1.50"),
    "the word before the reference": (rows("CPLI 48212,17/10/2017,1.5,EXTRA,"), "1.50"),
    "a sign before the reference": (rows("#48212,17/10/2017,1.5,EXTRA,"), "1.50"),
    "a blank in the reference": (rows("48 212,17/10/2017,1.5,EXTRA,"), "1.50"),
    "an asterisk behind the reference": (rows("48212*,17/10/2017,1.5,EXTRA,"), "1.50"),
    "a clock of twelve hours": (visit("17/10/2017 1:00:00 PM", "17/10/2017 2:30:00 PM"), "1.50"),
    "midnight as 24:00": (visit("17/10/2017 22:30", "17/10/2017 24:00"), "1.50"),
    "an old Mac's lines": (rows("48212,17/10/2017,1.5,EXTRA,").replace("\n", "\r"), "1.50"),
    "two files put together": (rows("48212,17/10/2017,1.5,EXTRA,") + "\n\ufeff" + DAILY, "1.50"),
    "a table of Markdown": ("| CPLI | Service date | Delivered units |\n| 48212 | 17/10/2017 | 1.5 |", "1.50"),
    "times that are lengths": (book(DAILY.split(","), ["48212", OCT_17, timedelta(hours=1.5), "EXTRA"]), "1.50"),
    "clocks that are lengths": (book(DAILY.split(","), ["48212", OCT_17, time(1, 30), "EXTRA"]), "1.50"),
    "headings of two lines": (book(["CPLI ", "Service\ndate", "Delivered\nunits"], ["48212", OCT_17, 1.5]), "1.50"),
    "numbers as text and days as numbers": (book(DAILY.split(","), [48212, 43025, "1.5", "EXTRA"]), "1.50"),
    "titles above and a total below": (
        book(["Weekly return"], [], DAILY.split(","), ["48212", OCT_17, 1.5, "EXTRA"], ["Total", None, 1.5]), "1.50",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", UNDERSTOOD)
def test_what_can_be_meant_in_one_way_is_understood(organisation: Organisation, line: LineItem, kind: str) -> None:
    content, units = UNDERSTOOD[kind]
    kept = send(organisation, content)
    assert (kept.counts["rejected"], kept.counts["asked"]) == (0, 0), said(kept)
    assert sum(kept.counts[each] for each in FATES) == kept.counts["read"]
    put_in(organisation, kept)
    assert days(line).split()[1] == units


REJECTED: dict[str, tuple[str | bytes, str, str]] = {
    "a row in quotation marks": (rows('"48212,17/10/2017,1.5,EXTRA,"'), "row-shape", "Take the quotation marks"),
    "a visit in quotation marks": (
        rows('"A-1,48212,17/10/2017 09:00,17/10/2017 10:00,,,Missed,C1,"', heading=VISITS), "row-shape",
        "Take the quotation marks",
    ),
    "a night that ends on its own day": (visit("17/10/2017 22:00", "17/10/2017 02:00"), "negative", "after midnight"),
    "a dash for nothing": (rows("48212,17/10/2017,-,MISSED,"), "not-a-number", "Write 0 where there was nothing"),
    "a word for nothing": (rows("48212,17/10/2017,N/A,,"), "not-a-number", "Write 0 where there was nothing"),
    "a line named once for many rows": (
        rows("48212,17/10/2017,1.5,EXTRA,", ",18/10/2017,1.5,EXTRA,"), "unknown-line", "which line the row is for",
    ),
    "a day without its year": (rows("48212,17/10,1.5,EXTRA,"), "not-a-date", "such as 16/10/2017"),
    "a year with a slip": (rows("48212,17/10/2107,1.5,EXTRA,"), "future-date", "after it has been delivered"),
    "several days in one cell": (rows("48212,17/10/2017 - 22/10/2017,7,OTHER,"), "not-a-date", "such as 16/10/2017"),
    "two visits in one row": (
        visit("17/10/2017 08:00 / 12:00", "17/10/2017 09:00 / 13:00"), "not-a-date", "such as 16/10/2017 09:30",
    ),
    "a letter for a zero": (rows("48212,17/10/2017,O.5,,"), "not-a-number", "Write the number alone"),
    "a delivered visit without times": (
        rows("A-1,48212,17/10/2017 09:00,17/10/2017 10:00,,,Delivered,C1,", heading=VISITS), "not-a-date",
        "A delivered visit has a start and an end",
    ),
    "an error of a formula": (book(DAILY.split(","), ["48212", OCT_17, "#N/A", "EXTRA"]), "formula", "error #N/A"),
    "a formula without its result": (book(DAILY.split(","), ["48212", OCT_17, "=1+1"]), "formula", "save it"),
    "a reason of one's own": (rows("48212,17/10/2017,1.5,she asked,"), "unknown-reason", "Write one of LONGER"),
}  # fmt: skip


@pytest.mark.parametrize("kind", REJECTED)
def test_what_cannot_be_known_is_rejected_with_what_to_do(organisation: Organisation, kind: str) -> None:
    content, code, words = REJECTED[kind]
    kept = send(organisation, content)
    assert kept.counts["rejected"] == 1
    assert {each[1] for each in found(kept) if each[0] == "rejected"} == {code}
    assert words in said(kept)
    assert not any("another organisation" in notice for notice in kept.notices)


REFUSED: dict[str, tuple[str | bytes, str]] = {
    "days above the columns": (
        "CPLI,16/10/2017,17/10/2017,18/10/2017,19/10/2017\n48212,1,1,1,1", "Write each day in a row of its own",
    ),
    "days above the columns of a workbook": (
        book(["CPLI", *(OCT_17 + timedelta(days=day) for day in range(7))], ["48212", *"1111111"]),
        "Write each day in a row of its own",
    ),
    "a web page that calls itself a workbook": ("<html><table><tr><td>CPLI</td></tr></table></html>", "a web page"),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "the old Excel format"),
    "a PDF": (b"%PDF-1.7\n...", "a PDF document"),
    "headings and no more": (DAILY, "no rows below the headings"),
    "all in the first column": ('"CPLI,Service date,Delivered units"\n"48212,17/10/2017,1"', "not split into columns"),
}  # fmt: skip


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_no_table_of_actuals_is_refused_in_a_sentence(organisation: Organisation, kind: str) -> None:
    content, words = REFUSED[kind]
    kept = send(organisation, content)
    assert kept.state is UploadState.REFUSED
    assert words in kept.notices[0]


def test_minutes_of_a_day_are_known_by_their_heading_and_counted_as_hours(
    organisation: Organisation, line: LineItem
) -> None:
    each = ["16/10/2017,90", "17/10/2017,1:30", "18/10/2017,45m", "19/10/2017,0", "20/10/2017,lots", "21/10/2017,20"]
    kept = matched(organisation, send(organisation, rows(*(f"48212,{row}" for row in each), heading="CPLI,Date,Mins")))
    assert [(row, code) for kind, code, row, _ in found(kept) if kind == "rejected"] == [
        (6, "not-a-number"), (7, "wrong-step"),
    ]  # fmt: skip
    put_in(organisation, kept)
    assert days(line) == "1.50 1.50 0.75 0.00 0.00 0.00 0.00"


def test_a_table_without_a_quantity_asks_for_it_by_its_name(organisation: Organisation) -> None:
    kept = send(organisation, "CPLI,Service date,Carer\n48212,17/10/2017,Jo")
    with pytest.raises(Refused, match="No column says the quantity that was delivered"):
        matched(organisation, kept)
