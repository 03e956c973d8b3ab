"""A row key comes back from any spreadsheet program, and a damaged one is none."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from files.actuals.row_key import read_row_key, row_key


@given(
    st.integers(0, 2**31 - 1), st.dates(date(2000, 1, 3), date(2170, 1, 1)), st.integers(0, 2**31 - 1), st.data()
)  # fmt: skip
def test_a_row_key_is_read_back_and_a_damaged_one_is_none(
    line: int, week: date, version: int, data: st.DataObject
) -> None:
    key = row_key(line, week, version)
    assert read_row_key(f" {key.lower()} ") == (line, week, version)
    place = data.draw(st.integers(0, len(key) - 1))
    letter = data.draw(st.sampled_from("0123456789ABCDEFK -").filter(lambda other: other != key[place]))
    assert read_row_key(key[:place] + letter + key[place + 1 :]) != (line, week, version)


@pytest.mark.parametrize("text", ["", "A", "nonsense", "=1+1", "48210", "é" * 31, "K" + "0" * 30, "K" + "0 " * 15])
def test_what_is_no_row_key_is_none(text: str) -> None:
    assert read_row_key(text) is None
