"""How a match is known, what a table lacks, and what a column most likely is."""

import pytest

from rules.column_guess import ColumnSeen, Shape, guess_columns, guess_kind
from rules.column_match import RowKind, fingerprint, heading_keys, lacking, usual_meaning, word_of


def test_headings_are_known_in_any_order_case_and_with_any_spaces() -> None:
    assert fingerprint(heading_keys(["Visit Date", "client_ref"])) == fingerprint(
        heading_keys(["CLIENT REF", "visitdate"])
    )
    assert fingerprint(heading_keys(["Date", "Client"])) != fingerprint(heading_keys(["Date", "Client", "Hours"]))


def test_two_headings_alike_are_two() -> None:
    assert heading_keys(["Start", "End", "start", ""]) == ["start", "end", "start#2", ""]


def test_a_correction_file_has_the_headings_of_its_file() -> None:
    assert fingerprint(["date", "client", "message"]) == fingerprint(["client", "date"])


@pytest.mark.parametrize(
    ("kind", "names", "count"),
    [
        (RowKind.VISIT, "person date actual_start actual_length", 0),
        (RowKind.VISIT, "line planned_start actual_hours", 0),
        (RowKind.VISIT, "person date", 2),
        (RowKind.DAY, "line day units", 0),
        (RowKind.DAY, "person day", 1),
        (RowKind.DAY, "day", 2),
        (RowKind.DAY, "person day units", 0),
        (RowKind.WEEK, "line week d3", 0),
        (RowKind.WEEK, "line week total", 0),
        (RowKind.WEEK, "person week total", 0),
        (RowKind.WEEK, "", 3),
    ],
)
def test_a_table_has_a_reference_a_date_and_a_quantity_or_times(kind: RowKind, names: str, count: int) -> None:
    assert len(lacking(kind, {name: place for place, name in enumerate(names.split())})) == count


def test_the_usual_words_say_why_where_they_do() -> None:
    assert usual_meaning(RowKind.VISIT, "outcome", "No reply") == "ABORTED NO_REPLY"
    assert usual_meaning(RowKind.VISIT, "outcome", "completed") == "DELIVERED"
    assert usual_meaning(RowKind.VISIT, "outcome", "gone fishing") is None
    assert word_of("  Gone\tFISHING ") == "gone fishing"


def test_a_name_is_no_reference_and_a_word_is_no_date() -> None:
    columns = [ColumnSeen("Client", Shape.TEXT), ColumnSeen("Date", Shape.TEXT), ColumnSeen("Booked for", Shape.DAY),
               ColumnSeen("PO", Shape.NUMBER), ColumnSeen("Hours", Shape.NUMBER)]  # fmt: skip
    assert guess_kind(columns) is RowKind.DAY
    assert guess_columns(RowKind.DAY, columns) == ["-", "", "day", "line", "units"]


def test_a_column_in_which_own_lines_stand_is_the_line_whatever_it_is_called() -> None:
    columns = [ColumnSeen("Agreement", Shape.NUMBER), ColumnSeen("Tag 7", Shape.NUMBER)]
    assert guess_columns(RowKind.DAY, columns, [1]) == ["", "line"]
