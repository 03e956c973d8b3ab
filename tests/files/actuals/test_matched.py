"""A provider's own table: where it stands in a file, and how its cells become visits, days and weeks."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest

from files.actuals.layouts import ActualsFile, Skipped, Unmatched, VisitRow, read_actuals_file
from files.actuals.own_table import OwnTable
from rules.column_match import ColumnMatching, RowKind, fingerprint
from rules.refusal import Refused

VISITS = "Client,Date,Start,End,In,Out,Status"
AS_VISITS = {
    "client": "person", "date": "date", "start": "planned_start", "end": "planned_end", "in": "actual_start",
    "out": "actual_end", "status": "outcome",
}  # fmt: skip


def table(*lines: str) -> OwnTable:
    with pytest.raises(Unmatched) as raised:
        read_actuals_file("own.csv", "\n".join(lines).encode())
    return raised.value.table


def visits(*rows: str, heading: str = VISITS, columns: Mapping[str, str] = AS_VISITS, **words: Any) -> ActualsFile:
    keys = [column.key for column in table(heading, *rows).columns]
    matches = {fingerprint(keys): ColumnMatching(RowKind.VISIT, columns, words)}
    return read_actuals_file("own.csv", "\n".join([heading, *rows]).encode(), matches=matches)


def times(file: ActualsFile) -> tuple[str, ...]:
    (row,) = file.rows
    return tuple(f"{moment:%d %H:%M}" if isinstance(moment, datetime) else "" for moment in row[5:9])


def test_titles_above_a_table_and_totals_below_it_are_no_part_of_it() -> None:
    found = table("Hours delivered by client", "Printed on a Friday", "", "Client;Day;Hrs", "P1;16/10/2017;1:15",
                  "Total hours;;1:15")  # fmt: skip
    assert (found.heading_row, found.rows) == (4, 1)
    assert [column.heading for column in found.columns] == ["Client", "Day", "Hrs"]


def test_a_table_without_a_date_is_no_table_of_care() -> None:
    with pytest.raises(Refused) as raised:
        read_actuals_file("pay.csv", b"Name,Rate,Total\nA,1,2\n")
    assert not isinstance(raised.value, Unmatched)


def test_headings_without_rows_are_no_table() -> None:
    with pytest.raises(Refused) as raised:
        read_actuals_file("empty.csv", VISITS.encode())
    assert not isinstance(raised.value, Unmatched)


def test_a_second_table_below_the_first_is_seen() -> None:
    found = table("Client,Date,Hours", "P1,16/10/2017,1", "Staff member,Visit date,Mileage", "C1,16/10/2017,4")
    assert found.second == 3


def test_words_are_counted_and_too_many_are_free_text() -> None:
    rows = [f"P1,16/10/2017,{'Completed' if number % 2 else 'No access'},note {number}" for number in range(80)]
    found = table("Client,Date,Status,Remarks", *rows)
    assert found.columns[2].words == {"No access": 40, "Completed": 40}
    assert found.columns[3].words is None


def test_headings_that_stand_once_more_are_skipped() -> None:
    row = "P1,16/10/2017,08:00,09:00,08:00,09:00,Completed"
    found = visits(row, VISITS, row.replace("16/", "17/"))
    assert [each.number for each in found.rows] == [2, 4]
    assert [(each.number, each.why) for each in found.skipped] == [(3, Skipped.HEADINGS)]


def test_a_visit_goes_past_midnight_and_one_that_ends_before_it_begins_is_left_as_it_is() -> None:
    night = visits("P1,16/10/2017,22:00,07:00,21:55,07:05,Completed")
    assert times(night) == ("16 22:00", "17 07:00", "16 21:55", "17 07:05")
    early = visits("P1,16/10/2017,00:05,01:00,23:55,01:00,Completed")
    assert times(early) == ("16 00:05", "16 01:00", "15 23:55", "16 01:00")
    typo = visits("P1,16/10/2017,09:00,10:00,09:00,08:45,Completed")
    assert times(typo)[2:] == ("16 09:00", "16 08:45")


def test_lengths_stand_for_ends_in_minutes_in_hours_or_as_a_clock() -> None:
    heading = "Client,Date,Start,Mins,In,Hours,Status"
    columns = {"client": "person", "date": "date", "start": "planned_start", "mins": "planned_length",
               "in": "actual_start", "hours": "actual_hours", "status": "outcome"}  # fmt: skip
    found = visits("P1,16/10/2017,08:00,45,08:05,0.75,Completed", heading=heading, columns=columns)
    assert times(found) == ("16 08:00", "16 08:45", "16 08:05", "16 08:50")
    found = visits("P1,16/10/2017,08:00,0:45,08:05,1h30,Completed", heading=heading, columns=columns)
    assert times(found) == ("16 08:00", "16 08:45", "16 08:05", "16 09:35")


def test_a_visit_without_a_reference_is_known_by_whom_and_when() -> None:
    (row,) = visits("P1,16/10/2017,08:00,09:00,08:02,09:00,Completed").rows
    assert row[2] == "P1 2017-10-16 08:00"


def test_a_date_that_cannot_be_read_is_one_problem_of_its_own_column() -> None:
    (row,) = visits("P1,16/10/2017,08:00,09:00,08:02,09:00,Completed",
                    "P1,31/02/2017,08:00,09:00,08:02,09:00,Completed").rows[1:]  # fmt: skip
    assert [(each.column, each.value) for each in row.problems] == [("Date of the visit", "31/02/2017")]


def test_a_month_first_column_is_refused() -> None:
    rows = [f"P1,10/{day}/2017,08:00,09:00,08:00,09:00,Completed" for day in (13, 16, 17)]
    keys = ["client", "date", "start", "end", "in", "out", "status"]
    with pytest.raises(Refused, match="month first"):
        read_actuals_file("own.csv", "\n".join([VISITS, *rows]).encode(),
                          matches={fingerprint(keys): ColumnMatching(RowKind.VISIT, AS_VISITS)})  # fmt: skip


def test_several_words_mean_one_outcome_and_say_why() -> None:
    rows = ("P1,16/10/2017,08:00,09:00,,,Door shut", "P1,17/10/2017,08:00,09:00,,,gone  OUT")
    said = {"door shut": "ABORTED NO_REPLY", "gone out": "ABORTED AWAY"}
    found = visits(*rows, outcome=said)
    why = [(row.outcome, row.reason) for row in found.rows if isinstance(row, VisitRow)]
    assert why == [("ABORTED", "NO_REPLY"), ("ABORTED", "AWAY")]


def test_a_word_without_a_meaning_asks_again() -> None:
    with pytest.raises(Unmatched):
        visits("P1,16/10/2017,08:00,09:00,,,Door shut")
