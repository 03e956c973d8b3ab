"""A correction is worth what the week comes to now, less what was invoiced of it, and says what it changed."""

from datetime import date
from decimal import Decimal

import pytest

from rules.correction import Claimed, WeekFigures, changes_in_words, difference_of
from rules.price import Segment
from rules.states import Unit

MONDAY = date(2017, 10, 16)


def segment(rate: str, units: str, amount: str) -> Segment:
    return Segment(Decimal(rate), Decimal(units), Decimal(amount), (MONDAY,))


def claimed(units: str, net: str, *rates: str) -> Claimed:
    return Claimed(Decimal(units), Decimal(net), frozenset(map(Decimal, rates)), 1)


def figures(delivered: str = "7", *, days: tuple[str, ...] = ("1",) * 7, **more: str) -> WeekFigures:
    units = {"planned": "7", "aborted": "0", "aborted_payable": "0", "payable": delivered} | {
        name: value for name, value in more.items() if name not in ("reason", "comment")
    }
    return WeekFigures(
        days=tuple(map(Decimal, days)),
        delivered=Decimal(delivered),
        reason=more.get("reason", ""),
        comment=more.get("comment", ""),
        **{name: Decimal(value) for name, value in units.items()},
    )


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        ([("19.68", "5", "98.40")], ("7", "137.76", "19.68"), ("-2", "-39.36", "19.68")),
        ([("19.68", "8", "157.44")], ("7", "137.76", "19.68"), ("1", "19.68", "19.68")),
        ([("19.68", "0", "0.00")], ("7", "137.76", "19.68"), ("-7", "-137.76", "19.68")),
        # Two rates: what a unit of the difference comes to.
        ([("19", "3", "57.00"), ("20", "3", "60.00")], ("7", "137.00", "19", "20"), ("-1", "-20.00", "20")),
        ([("10", "2", "20.00"), ("12", "2", "24.00")], ("1", "10.00", "10"), ("3", "34.00", "11.3333")),
        # Units only moved between rates: money without units.
        ([("10", "2", "20.00"), ("12", "5", "60.00")], ("7", "78.00", "10", "12"), ("0", "2.00", "0.00")),
        # Nothing of it was invoiced any more.
        ([("19.68", "5", "98.40")], ("-2", "-39.36", "19.68"), ("7", "137.76", "19.68")),
    ],
)  # fmt: skip
def test_a_difference_is_what_is_due_now_less_what_was_invoiced(
    now: list[tuple[str, str, str]], before: tuple[str, ...], expected: tuple[str, str, str]
) -> None:
    found = difference_of([segment(*each) for each in now], claimed(*before))
    assert (found.units, found.net, found.rate) == tuple(map(Decimal, expected))


def test_the_first_version_says_what_was_entered() -> None:
    assert changes_in_words(None, figures(), Unit.HOUR) == ["7.00 hours delivered, 7.00 planned"]
    aborted = figures("6", aborted="1", aborted_payable="0.5", payable="6.5")
    assert changes_in_words(None, aborted, Unit.VISIT) == ["6.00 visits delivered, 7.00 planned, 1.00 aborted"]


def test_a_later_version_says_what_it_changed_and_from_what() -> None:
    later = figures("6", days=("1", "1", "1", "1", "1", "1", "0"), reason="SHORTER", comment="Left early")
    assert changes_in_words(figures(reason="OTHER"), later, Unit.HOUR) == [
        "Sunday: 0.00, before 1.00",
        "Delivered: 6.00, before 7.00",
        "Reason: a visit was shorter than planned, before another reason, see the comment",
        "Comment added",
    ]


def test_a_decision_and_what_visits_changed_are_said() -> None:
    claimed_nine, capped = figures("9"), figures("9", payable="8")
    assert changes_in_words(claimed_nine, capped, Unit.HOUR) == ["Payable: 8.00, before 9.00"]
    visits = figures(aborted="1", aborted_payable="0.5", payable="7.5", planned="8")
    assert changes_in_words(figures(comment="x"), visits, Unit.HOUR) == [
        "Planned: 8.00, before 7.00",
        "Aborted: 1.00, before 0.00",
        "Payable part of aborted visits: 0.50, before 0.00",
        "Comment removed",
    ]
    assert changes_in_words(figures(comment="x"), figures(comment="y"), Unit.HOUR) == ["Comment changed"]


def test_a_first_reason_is_no_change_of_its_own() -> None:
    assert changes_in_words(figures(), figures(reason="OTHER"), Unit.HOUR) == []
