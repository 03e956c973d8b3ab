"""Cells of actuals: what is read, what is one problem of one cell, and that every way of writing says the same."""

import csv
import io
import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import xlsxwriter
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from files.actuals.layouts import ActualsFile, CellProblem, DayRow, VisitRow, WeekRow, read_actuals_file
from files.reading.csv_text import FEWEST_TO_TELL
from rules.problem_codes import Code
from tests.support.files.reading import message, read, said
from tests.support.files.workbooks import DAILY, DAYS, VISITS, headed, number, row, text, workbook

MONDAY = date(2017, 10, 16)


def daily(*cells: str) -> ActualsFile:
    """A workbook of the daily layout with one row of these cells."""
    return read(workbook(headed(DAILY, row(*cells))))


def units(cell: str) -> tuple[Decimal | None, list[tuple[str, str]]]:
    file = daily(text("48210"), number(43024, 1), cell)
    (found,) = file.rows
    assert isinstance(found, DayRow)
    return found.units, said(file)


@pytest.mark.parametrize(
    ("cell", "quantity"),
    [(number(1.5), "1.5"), (number("0.30000000000000004"), "0.3"), (number("7.5E+0"), "7.5"), (text("7,5"), "7.5"),
     (text("1:30"), "1.5"), (text("1h30 "), "1.5"), (text("\u00a01.5"), "1.5"), ('<c t="str"><v>2</v></c>', "2"),
     ('<c t="str"><f>A1</f><v>2</v></c>', "2"), ("<c ><f>1+1</f><v>2</v></c>", "2"), (number(0), "0"),
     (number("-0"), "0")],
)  # fmt: skip
def test_a_quantity_is_read(cell: str, quantity: str) -> None:
    assert units(cell) == (Decimal(quantity), [])


@pytest.mark.parametrize(
    ("cell", "code"),
    [(text("£7.50"), "not-a-number"), (text("7.5 hours"), "not-a-number"), (number("NaN"), "not-a-number"),
     (number("inf"), "not-a-number"), (number("1e308"), "not-a-number"), (number("1e999"), "not-a-number"),
     (number(-1), "negative"), (text("\u22121"), "negative"), ('<c t="b"><v>1</v></c>', "not-a-number"),
     (number(43024, 1), "not-a-number"), (text("1\u202e5"), "not-a-number"), (text("=1+1"), "formula"),
     (text("#REF!"), "formula"), ("<c ><f>1+1</f></c>", "formula"), ("<c ><f>1+1</f><v/></c>", "formula"),
     ('<c t="n"><f ca="1">1+1</f><v></v></c>', "formula"), ('<c ><f t="shared" si="0"/></c>', "formula"),
     ('<c t="e"><v>#REF!</v></c>', "formula"), ('<c s="0" t="e"><f>A1/0</f><v>#DIV/0!</v></c>', "formula")],
)  # fmt: skip
def test_what_is_no_quantity_is_one_problem_of_its_cell(cell: str, code: str) -> None:
    assert units(cell) == (None, [("Delivered units", code)])


@pytest.mark.parametrize("cell", [text(""), text("  "), "<c />", '<c t="str"><f>""</f><v></v></c>'])
def test_an_empty_cell_is_nothing(cell: str) -> None:
    assert units(cell) == (None, [])


def test_a_formula_without_a_result_is_seen_in_every_place() -> None:
    bare = "<c ><f>A1</f></c>"
    assert said(daily(bare, bare, bare, bare, bare)) == [(title, "formula") for title in DAILY]
    assert said(daily(text("48210"), number(43024, 1), number(1), text(""), bare)) == [("Comment", "formula")]


def test_an_error_is_seen_however_its_cell_is_written() -> None:
    made = headed(DAILY, row(text("48210"), number(43024, 1), "<c s='0' t='e'><v>#N/A</v></c>"))
    assert said(read(workbook(made.replace("<worksheet xmlns", "<worksheet x='' xmlns")))) == [
        ("Delivered units", "formula")
    ]
    prefixed = re.sub("<(/?)(?=[a-z])", r"<\1x:", made).replace("xmlns=", "xmlns:x=").replace("'", '"')
    assert said(read(workbook(prefixed))) == [("Delivered units", "formula")]


def test_text_that_looks_like_the_tag_of_an_error_is_text() -> None:
    (found,) = daily(text("48210"), number(43024, 1), number(1), text(""), text('say t="e" <c ')).rows
    assert (found.comment, found.problems) == ('say t="e" <c', ())


def test_a_problem_says_what_stands_there_and_what_to_do() -> None:
    (found,) = daily(text("48210"), text("31/02/2017"), number(1)).rows
    remedy = "Write day, month and year, such as 16/10/2017."
    wrong = "This is not a date."
    assert found.problems == (CellProblem("Service date", "31/02/2017", Code.NOT_A_DATE, wrong, remedy),)


def in_column(*dates: str) -> bytes:
    return "\n".join(["CPLI,Service date,Delivered units", *(f"48210,{each},1" for each in dates)]).encode()


@pytest.mark.parametrize(
    "dates", [["10/25/2017"], ["10/05/2017", "10/13/2017"], ["1/2/17", "Wed 10-25-17", "2017-10-16"]]
)
def test_a_column_with_the_month_first_refuses_the_file(dates: list[str]) -> None:
    found = message(in_column(*dates), "a.csv")
    assert "The column “Service date” is written with the month first" in found
    assert "such as 25/10/2017" in found or "such as 13/10/2017" in found or "such as 25/10/17" in found


def test_real_dates_beside_text_with_the_month_first_are_refused_too() -> None:
    rows = [row(text("48210"), number(43024, 1), number(1)), row(text("48210"), text("10/25/2017"), number(1))]
    assert "month first" in message(workbook(headed(DAILY, *rows)))


def test_a_column_with_the_day_first_is_read_so_and_a_slip_in_it_is_one_problem() -> None:
    file = read(in_column("05/10/2017", "13/10/2017", "10/25/2017"), "a.csv")
    assert [each.day for each in file.rows if isinstance(each, DayRow)] == [date(2017, 10, 5), date(2017, 10, 13), None]
    assert said(file) == [("Service date", "not-a-date")]


def test_the_month_may_not_stand_first_in_the_times_of_visits_either() -> None:
    cells = "V1,48210,10/25/2017 08:00,10/25/2017 09:00,,,MISSED,C1"
    assert "“Planned start”" in message(f"{','.join(VISITS)}\n{cells}\n".encode(), "a.csv")


@pytest.mark.parametrize(
    ("cell", "quantity"),
    [(number(0.25, 1), "0.25"), (number(1.5, 1), "1.5"), (number(7, 1), "7"), (number(0.25, 2), "0.25"),
     (number(0.25, 3), "6"), (number(0.0625, 3), "1.5")],
)  # fmt: skip
def test_a_number_is_a_number_whatever_its_format_and_a_clock_only_in_one_of_hours(cell: str, quantity: str) -> None:
    assert units(cell) == (Decimal(quantity), [])


def test_so_it_is_in_the_calendar_of_1904() -> None:
    made = workbook(
        headed(DAILY, row(text("1"), number(41562, 1), number(1.25, 1))), settings='<workbookPr date1904="1"/>'
    )
    assert [each.units for each in read(made).rows if isinstance(each, DayRow)] == [Decimal("1.25")]


@pytest.mark.parametrize(
    ("outcome", "reason", "expected"),
    [("delivered", "", ("DELIVERED", "")), ("Completed", "", ("DELIVERED", "")), ("ATTENDED", "", ("DELIVERED", "")),
     ("No reply", "", ("ABORTED", "NO_REPLY")), ("refused-entry", "", ("ABORTED", "REFUSED")),
     ("no reply", "in hospital", ("ABORTED", "HOSPITAL")), ("No carer", "", ("MISSED", "NO_CARER")),
     ("canceled", "", ("CANCELLED", "")), ("Aborted", "No answer", ("ABORTED", "NO_REPLY")),
     ("late", "", ("late", ""))],
)  # fmt: skip
def test_outcomes_are_known_by_their_words_and_say_why(outcome: str, reason: str, expected: tuple[str, str]) -> None:
    cells = f"V1,48210,16/10/2017 08:00,16/10/2017 09:00,,,{outcome},C1,{reason}"
    (found,) = read(f"{','.join(VISITS)},Reason\n{cells}\n".encode(), "a.csv").rows
    assert isinstance(found, VisitRow)
    assert (found.outcome, found.reason) == expected


@pytest.mark.parametrize(
    "hidden", ["\u00ad", "\u200b", "\u200e", "\u200f", "\u202a", "\u2066", "\u2069", "\ufeff", "\u2060"]
)
def test_characters_without_a_width_are_dropped_from_every_cell_and_heading(hidden: str) -> None:
    rows = [("CPLI", "Service date", "Delivered units", "Comment"), ("48210", "16/10/2017", "1.5", "late bus")]
    marked = [[f"{hidden}{cell[:1]}{hidden}{cell[1:]}{hidden}" for cell in cells] for cells in rows]
    expected = DayRow(2, "", "48210", MONDAY, Decimal("1.5"), "", "late bus")
    assert read("\n".join(map(",".join, marked)).encode(), "a.csv").rows == [expected]
    in_workbook = read(workbook(headed(marked[0], row(*map(text, marked[1])))))
    assert in_workbook.rows == [expected._replace(sheet="Sheet1")]


def test_what_cannot_be_seen_is_refused_and_shown() -> None:
    file = daily(text("48\u202e210"), number(43024, 1), number(1), text(""), text("a\u202eb"))
    assert [problem[:3] for problem in file.rows[0].problems] == [
        ("CPLI", "48\ufffd210", "not-text"),
        ("Comment", "a\ufffdb", "not-text"),
    ]
    with_nul = read(b"CPLI,Service date,Delivered units\n48\x00210,16/10/2017,1\n", "export.csv")
    assert said(with_nul) == [("CPLI", "not-text")]


def test_spaces_that_cannot_be_seen_are_taken_from_references() -> None:
    (found,) = daily(text("\ufeff 48210\u200b\u00a0"), number(43024, 1), number(1)).rows
    assert (found.line, found.problems) == ("48210", ())


def test_a_comment_keeps_its_lines_and_spaces_and_what_looks_like_a_formula() -> None:
    for comment in ("=1+1", "+44 1603", "@home", "two\nlines", "two  spaces", "-", "#REF!", 'a, "b"'):
        (found,) = daily(text("48210"), number(43024, 1), number(1), text(""), text(comment)).rows
        assert (found.comment, found.problems) == (comment, ())


def test_a_text_that_is_too_long_is_refused() -> None:
    assert said(daily(text("4" * 101), number(43024, 1), number(1), text(""), text("x" * 501))) == [
        ("CPLI", "too-long"),
        ("Comment", "too-long"),
    ]


@pytest.mark.parametrize(
    ("days", "total", "problems"),
    [
        (["1"] * 7, "<c ><f>SUM(J2:P2)</f></c>", []),
        ([""] * 7, "<c ><f>4+3</f></c>", [("Week total", "formula")]),
        (["1"] * 7, '<c t="e"><v>#REF!</v></c>', [("Week total", "formula")]),
    ],
)
def test_a_sum_without_a_result_is_no_problem_where_the_days_say_the_same(
    days: list[str], total: str, problems: list[tuple[str, str]]
) -> None:
    headings = ("CPLI", "Week starting", *DAYS, "Week total")
    file = read(workbook(headed(headings, row(text("48210"), number(43024, 1), *map(text, days), total))))
    assert said(file) == problems
    assert isinstance(file.rows[0], WeekRow)
    assert file.rows[0].total is None


def test_yes_and_no_are_no_numbers_beside_ones() -> None:
    rows = [row(text("48210"), number(43024, 1), cell) for cell in (number(1), '<c t="b"><v>1</v></c>', number(1))]
    file = read(workbook(headed(DAILY, *rows)))
    assert [each.units for each in file.rows if isinstance(each, DayRow)] == [Decimal(1), None, Decimal(1)]


# The same rows, written in every way there is.

TEXTS = st.text(st.characters(codec="cp1252", categories=["L", "N", "P", "S"]), max_size=12)
ROWS = st.lists(
    st.tuples(
        st.text("0123456789", min_size=1, max_size=8).filter(lambda ref: ref.strip()),
        st.dates(date(2001, 1, 1), date(2099, 12, 31)),
        st.decimals(0, 24, places=2),
        TEXTS,
    ),
    min_size=1,
    max_size=12,
)
DATES = st.sampled_from(
    ["%d/%m/%Y", "%d-%m-%Y", "%Y-%m-%d", "%d/%m/%y", "%-d/%-m/%y", "%d.%m.%Y", "%d-%b-%Y", "%-d %b %y", "%a %d/%m/%Y",
     "%Y/%m/%d", "%Y%m%d", "%A, %-d %B %Y", "%d/%m/%Y 00:00", "%Y-%m-%dT00:00:00", "%d-%b-%Y 00:00:00"]
)  # fmt: skip
CODES = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"])
OFTEN = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
Given = list[tuple[str, date, Decimal, str]]


def expected(rows: Given, sheet: str = "") -> list[DayRow]:
    return [
        DayRow(place, sheet, ref, day, amount, "", words.strip())
        for place, (ref, day, amount, words) in enumerate(rows, 2)
    ]


def as_text(rows: Sequence[Sequence[Any]], code: str, delimiter: str, newline: str) -> bytes:
    target = io.StringIO(newline="")
    csv.writer(target, delimiter=delimiter, lineterminator=newline).writerows(rows)
    return target.getvalue().encode(code)


def _is_utf_8(content: bytes) -> bool:
    with suppress(UnicodeDecodeError):
        return bool(content.decode())
    return False


def _is_guessed(content: bytes) -> bool:
    return sum(byte > 127 for byte in content) >= FEWEST_TO_TELL


@OFTEN
@given(ROWS, DATES, CODES, st.sampled_from(",;\t"), st.sampled_from(["\n", "\r\n", "\r"]), st.sampled_from(".,"))
def test_text_says_the_same_however_it_is_written(
    rows: Given, dates: str, code: str, delimiter: str, newline: str, point: str
) -> None:
    written = [(ref, f"{day:{dates}}", str(amount).replace(".", point), "", words) for ref, day, amount, words in rows]
    content = as_text([DAILY, *written], code, delimiter, newline)
    # Some text in Windows-1252 is other text in UTF-8 or, if long and no language, in another encoding.
    assume(code != "cp1252" or content.isascii() or not (_is_utf_8(content) or _is_guessed(content)))
    file = read_actuals_file("export.csv", content)
    assert file.rows == expected(rows)


@OFTEN
@given(ROWS, st.booleans(), st.booleans(), st.permutations(range(5)))
def test_a_workbook_says_the_same_with_real_and_written_dates_in_any_order(
    rows: Given, real: bool, later: bool, order: list[int]
) -> None:
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"date_1904": later, "strings_to_formulas": False, "strings_to_urls": False})
    sheet, style = book.add_worksheet("Export"), book.add_format({"num_format": "dd/mm/yyyy"})
    for column, place in enumerate(order):
        sheet.write_string(0, column, DAILY[place])
        for line, (ref, day, amount, words) in enumerate(rows, start=1):
            value = (ref, day, float(amount), "", words)[place]
            if place == 1 and real:
                sheet.write_datetime(line, column, day, style)
            elif place == 2:
                sheet.write_number(line, column, value)
            else:
                sheet.write_string(line, column, f"{value:%d/%m/%Y}" if isinstance(value, date) else value)
    book.close()
    assert read_actuals_file("export.xlsx", target.getvalue()).rows == expected(rows, "Export")


@OFTEN
@given(
    st.lists(
        st.datetimes(datetime.fromisoformat("2001-01-01"), datetime.fromisoformat("2099-01-01")), min_size=4, max_size=4
    ),
    st.sampled_from(
        [
            "%d/%m/%Y %H:%M",
            "%Y-%m-%dT%H:%M",
            "%Y-%m-%d %H:%M:%S",
            "%d-%m-%Y %H:%M",
            "%d/%m/%y %H:%M",
            "%d-%b-%Y %H:%M",
            "%a %d/%m/%Y %H:%M",
            "%-d %B %Y at %H.%M",
            "%Y%m%d %H:%M",
        ]
    ),
)
def test_the_times_of_a_visit_are_read_in_every_way_they_are_written(moments: list[datetime], written: str) -> None:
    times = [moment.replace(second=0, microsecond=0) for moment in moments]
    cells = ["V1", "48210", *(f"{moment:{written}}" for moment in times), "DELIVERED", "C1"]
    (found,) = read_actuals_file("visits.csv", as_text([VISITS, cells], "utf-8", ",", "\n")).rows
    assert isinstance(found, VisitRow)
    assert [found.planned_start, found.planned_end, found.actual_start, found.actual_end] == times


def test_a_comment_full_of_another_delimiter_is_a_comment() -> None:
    (found,) = read(b"CPLI,Service date,Delivered units,Comment\n48210,16/10/2017,1,a;b;c;d;e;f;g\n", "export.csv").rows
    assert found.comment == "a;b;c;d;e;f;g"


def test_the_delimiter_may_be_told_in_the_first_line() -> None:
    (found,) = read(b"sep=;\r\nCPLI;Service date;Delivered units\r\n48210;16/10/2017;1,5\r\n", "export.csv").rows
    assert (found.number, found.line) == (2, "48210")


def test_cells_are_read_alike_in_every_thousand_of_a_long_file() -> None:
    rows = [
        (f"4{place:05}", f"{MONDAY + timedelta(days=place % 28):%d/%m/%Y}", "£1" if place == 2_345 else "1.5", "", "")
        for place in range(3_500)
    ]
    file = read(as_text([DAILY, *rows], "utf-8", ",", "\n"), "export.csv")
    assert [each.number for each in file.rows] == list(range(2, 3_502))
    assert [each.number for each in file.rows if each.problems] == [2_347]
