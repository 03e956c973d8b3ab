"""The weeks that a file changes come back as they were kept: week by week, the largest first, with sums that add up."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from rules.money import NOTHING
from tests.support.worlds.weeks import OCT_16, OCT_23
from workflows.uploads.finding import Place
from workflows.uploads.kept.changes import (
    ChangedPounds,
    FileChange,
    choice_key,
    pack_changes,
    rows_in_words,
    unpack_changes,
)

POUNDS = st.decimals(-500, 500, places=2)
UNITS = st.decimals(0, 99, places=2)
CHANGES = st.builds(
    FileChange,
    line_id=st.integers(1, 50),
    week=st.sampled_from([OCT_16, OCT_23, date(2018, 1, 1)]),
    asked=st.booleans(),
    before=st.none() | UNITS,
    after=UNITS,
    pounds_before=st.none() | POUNDS,
    pounds_after=st.none() | POUNDS,
    over=UNITS,
    rows=st.sampled_from(["", "row 2", 'rows 3 to 9, "row 12"']),
    choice=st.sampled_from(["", choice_key("overlap  3 said")]),
)


@given(st.lists(CHANGES, max_size=40))
def test_what_is_kept_comes_back_and_its_sums_are_those_of_its_lines(changes: list[FileChange]) -> None:
    weeks = unpack_changes(pack_changes(changes))
    assert sorted(map(repr, changes)) == sorted(repr(each) for week in weeks for each in week.part())
    assert [week.week for week in weeks] == sorted({each.week for each in changes})
    for week in weeks:
        assert week.pounds == ChangedPounds.of(week.part())
        assert week.pounds.before + week.pounds.difference == week.pounds.after
        assert week.lines + week.asked == week.count == len(week.part())
    whole = sum((week.pounds for week in weeks), ChangedPounds())
    assert whole == ChangedPounds.of(changes)


@given(st.lists(CHANGES, min_size=1, max_size=40))
def test_the_largest_change_comes_first_and_what_is_asked_comes_last(changes: list[FileChange]) -> None:
    for week in unpack_changes(pack_changes(changes)):
        lines = week.part()
        assert [each.asked for each in lines] == sorted(each.asked for each in lines)
        known = [abs(each.difference) for each in lines if not each.asked and each.difference is not None]
        assert known == sorted(known, reverse=True)


def test_a_part_and_single_lines_can_be_asked_for() -> None:
    changes = [
        FileChange(number, OCT_16, False, None, Decimal(1), NOTHING, Decimal(number), NOTHING, "row 2")
        for number in range(1, 12)
    ]
    (week,) = unpack_changes(pack_changes(changes))
    assert [each.line_id for each in week.part(0, 2)] == [11, 10]
    assert [each.line_id for each in week.of_lines({1})] == [1]


def test_what_a_choice_would_change_can_be_asked_for() -> None:
    plain = FileChange(1, OCT_16, False, None, Decimal(1), NOTHING, Decimal(9), NOTHING, "row 2")
    ticked = plain._replace(asked=True, before=Decimal(1), after=Decimal(2), choice=choice_key("overlap  3 said"))
    (week,) = unpack_changes(pack_changes([ticked, plain]))
    assert week.of_choices({choice_key("overlap  3 said")}) == [ticked]
    assert week.of_choices({choice_key("another")}) == []
    assert (week.lines, week.asked, week.pounds.after) == (1, 1, Decimal(9))


def test_what_was_never_kept_is_nothing() -> None:
    assert unpack_changes(None) == []


def test_rows_are_named_as_runs() -> None:
    def rows(*numbers: int) -> str:
        return rows_in_words([Place("", number) for number in numbers])

    assert rows() == rows(0) == ""
    assert rows(12, 13, 14) == "rows 12 to 14"
    assert rows(45, 46) == "rows 45 and 46"
    assert rows(201, 82, 83, 84) == "rows 82 to 84, row 201"
    assert rows(1, 3, 5, 7, 9, 11, 13) == "row 1, row 3, row 5, row 7, row 9, and 2 more places"
