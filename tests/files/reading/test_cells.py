"""Cells read as people and spreadsheets write them."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from files.reading.cells import (
    Cell,
    Unreadable,
    read_day,
    read_decimal,
    read_money,
    read_phone,
    read_text,
    read_units,
    read_yes_no,
)
from files.reading.moments import read_minutes

WRITTEN = (
    "%d/%m/%Y", "%-d/%-m/%y", "%d.%m.%Y", "%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%d-%b-%Y", "%-d %b %y", "%-d %B %Y",
    "%a %d/%m/%Y", "%A, %-d %B %Y",
)  # fmt: skip
MIDNIGHTS = ("", " 00:00", " 00:00:00", "T00:00:00", " 00:00:00.000", ", 00:00")


@pytest.mark.parametrize(
    "cell",
    ["16/10/2017", "16/10/17", "16-10-2017", "2017-10-16", "16.10.2017", " 16/10/2017 ", "2017-10-16 00:00:00",
     "43024", "43024.0", 43024.0, "20171016", 20171016.0, "16-Oct-2017", "16 Oct 17", "Mon 16/10/2017", "2017/10/16",
     "16th October 2017", "Monday, 16 October 2017", "16/10/2017 00:00", "2017-10-16T00:00:00Z", "16/10/17 12:00:00 AM",
     date(2017, 10, 16), datetime.fromisoformat("2017-10-16 09:30")],
)  # fmt: skip
def test_a_date_is_read_in_every_way_it_is_written(cell: Cell) -> None:
    assert read_day(cell) == date(2017, 10, 16)


def test_the_name_of_a_day_must_be_that_of_its_date() -> None:
    with pytest.raises(Unreadable, match="16 October 2017 is a Monday") as refused:
        read_day("Tue 16/10/2017")
    assert refused.value.code == "contradiction"


def test_a_day_never_stands_second() -> None:
    assert read_day("01/12/2017") == date(2017, 12, 1)


@pytest.mark.parametrize(
    "cell",
    [
        "10/25/2017",
        "31/02/2017",
        "soon",
        "17",
        1.0,
        True,
        43024.5,
        9e15,
        "31/12/9999",
        date(9999, 12, 31),
    ],
)
def test_what_is_no_date_is_refused(cell: Cell) -> None:
    with pytest.raises(Unreadable, match="not a date"):
        read_day(cell)


@pytest.mark.parametrize(
    ("cell", "units"),
    [("1.5", "1.5"), ("1,5", "1.5"), ("1:30", "1.5"), ("1h30", "1.5"), ("2h", "2"), (" 1.50 ", "1.50"), (1.5, "1.5"),
     (48210.0, "48210"), (19.68, "19.68"), ("1,234.5", "1234.5"), (".5", "0.5"),
     ("0:45:00", "0.75"), ("1 hr 30", "1.5"), ("45m", "0.75"),
     ("1h 5m", "1.08"), ("1 hour 30 minutes", "1.5"), ("90 mins", "1.5"), ("1.250,5", "1250.5"), ("0,250", "0.25"),
     ("1,234,567", "1234567"), ("1250,5", "1250.5")],
)  # fmt: skip
def test_a_quantity_is_read_in_every_way_it_is_written(cell: Cell, units: str) -> None:
    assert read_decimal(cell) == Decimal(units)


@pytest.mark.parametrize(
    ("cell", "both"), [("1,250", "1250 or 1.25"), ("-12,500", "-12500 or -12.5"), ("999,999", "999999")]
)
def test_what_could_be_two_numbers_is_refused_with_both(cell: str, both: str) -> None:
    with pytest.raises(Unreadable, match=both) as refused:
        read_units(cell)
    assert refused.value.code == "ambiguous-number"


@given(st.decimals(0, 24, places=2), st.sampled_from(["{}", " {} ", "+{}"]), st.sampled_from(".,"))
def test_any_quantity_comes_back_in_every_way_it_is_written(units: Decimal, frame: str, point: str) -> None:
    assert read_units(frame.format(str(units).replace(".", point))) == units


@given(st.integers(0, 59), st.integers(0, 59), st.sampled_from([
    "{0}:{1:02}", "{0}:{1:02}:00", "{0}h{1:02}", "{0} hr {1:02}", "{0} hrs {1} mins", "{0}h {1}m",
    "{0} hours {1} minutes",
]))  # fmt: skip
def test_any_duration_comes_back_in_every_way_it_is_written(hours: int, minutes: int, written: str) -> None:
    whole = 60 * hours + minutes
    assert read_units(written.format(hours, minutes)) == (Decimal(whole) / 60).quantize(Decimal("0.01"))
    assert read_minutes(written.format(hours, minutes)) == whole


@given(st.dates(date(2001, 1, 1), date(2099, 12, 31)), st.sampled_from(WRITTEN), st.sampled_from(MIDNIGHTS))
def test_any_date_comes_back_in_every_way_it_is_written(day: date, written: str, midnight: str) -> None:
    assert read_day(f"{day:{written}}{midnight}") == day


@pytest.mark.parametrize("cell", ["£1", "1 hour", "1:75", "one", "1.2.3", "--1", True, date(2017, 1, 1), float("nan")])
def test_units_and_words_are_no_quantity(cell: Cell) -> None:
    with pytest.raises(Unreadable) as refused:
        read_decimal(cell)
    assert refused.value.remedy


@pytest.mark.parametrize(
    ("cell", "pounds"), [("£1,234.50", "1234.5"), ("19.6800", "19.68"), (19.68, "19.68"), ("£ 5", "5"), ("-3", "-3")]
)
def test_an_amount_may_carry_its_pound_sign(cell: Cell, pounds: str) -> None:
    assert read_money(cell) == Decimal(pounds)


@pytest.mark.parametrize("cell", ["$5", "19,68", "5 EUR", "abc"])
def test_other_currencies_are_no_amount(cell: Cell) -> None:
    with pytest.raises(Unreadable, match="pounds"):
        read_money(cell)


@pytest.mark.parametrize(
    "cell", ["NaN", "sNaN", "Infinity", "-inf", "1e400", "1_000", "١٢", float("nan"), float("inf"), float("-inf")]
)
def test_no_cell_is_a_figure_that_is_not_finite(cell: Cell) -> None:
    for read in (read_decimal, read_units, read_money):
        with pytest.raises(Unreadable):
            read(cell)


def test_nothing_is_read_from_an_empty_cell() -> None:
    for read in (read_day, read_decimal, read_money, read_yes_no):
        assert read(None) is None
        assert read("  ") is None
    assert read_text(None) == ""


@pytest.mark.parametrize(
    ("cell", "text"),
    [(48210.0, "48210"), ("0048210", "0048210"), (1.25, "1.25"), (" a \n b ", "a b"), (True, "Yes"),
     (date(2017, 10, 16), "16/10/2017")],
)  # fmt: skip
def test_references_stay_text(cell: Cell, text: str) -> None:
    assert read_text(cell) == text


def test_a_telephone_number_gets_its_0_back() -> None:
    assert read_phone(1617486414.0) == "01617486414"
    assert read_phone("161 748 6414") == "0161 748 6414"
    assert read_phone("01617486414") == "01617486414"
    assert read_phone("+44 161 748 6414") == "+44 161 748 6414"
    assert read_phone(None) == ""


def test_yes_and_no() -> None:
    assert [read_yes_no(cell) for cell in ("Yes", "n", True, 0.0)] == [True, False, True, False]
    with pytest.raises(Unreadable):
        read_yes_no("perhaps")
