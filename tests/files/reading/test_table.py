"""Rows under headings, whatever their case, spaces and order."""

from files.reading.sheet import Grid
from files.reading.table import Column, Layout, read_table

LINES = Layout("Lines", (Column("CPLI", True), Column("Person ref", True), Column("E-mail")))
OTHER = Layout(
    "Other", (Column("CPLI", True, heading="line_id"), Column("Person ref", True, heading="who")), ("Extra",)
)


def test_headings_are_matched_forgivingly() -> None:
    grid: Grid = [["e mail", "PERSON_REF *", " cpli"], ["a@b.example", "P1", "48210"]]
    table = read_table(grid, [LINES])
    assert table.rows[0].cells == {"CPLI": "48210", "Person ref": "P1", "E-mail": "a@b.example"}
    assert (table.missing, table.unknown, table.rows[0].number) == ([], [], 2)


def test_headings_are_found_below_a_preamble() -> None:
    grid: Grid = [["Report"], [None], ["of", "CPLI"], ["CPLI", "Person ref"], ["48210", "P1"]]
    table = read_table(grid, [LINES])
    assert (table.heading_row, table.rows[0].number) == (4, 5)


def test_missing_and_unknown_columns_are_named() -> None:
    table = read_table([["CPLI", "Colour", "Message", ""], ["1", "red", "old", "x"]], [LINES])
    assert (table.missing, table.unknown) == (["Person ref"], ["Colour"])


def test_the_layout_that_fits_is_taken() -> None:
    table = read_table([["who", "line id", "extra"], ["P1", "48210", "x"]], [LINES, OTHER])
    assert (table.layout.name, table.unknown) == ("Other", [])
    assert table.rows[0].cells == {"CPLI": "48210", "Person ref": "P1"}
    assert table.title("Person ref") == "who"


def test_blank_and_totals_rows_are_passed_over() -> None:
    grid: Grid = [["CPLI", "Person ref"], [None, " "], ["48210", "P1"], [None, "Total"], ["48211"]]
    assert [row.number for row in read_table(grid, [LINES]).rows] == [3, 5]


def test_a_short_row_has_empty_cells() -> None:
    assert read_table([["CPLI", "Person ref"], ["48210"]], [LINES]).rows[0].cells["Person ref"] is None
