"""A correction is worth what the week comes to now, less what was invoiced of it, and says what it changed."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

import pytest

from rules.correction import WeekFigures, changes_in_words, difference_of
from rules.price import Segment
from rules.states import LineKind, Unit, VatCode

MONDAY = date(2017, 10, 16)


def segment(rate: str, units: str, amount: str) -> Segment:
    return Segment(Decimal(rate), Decimal(units), Decimal(amount), (MONDAY,))


class Invoiced(NamedTuple):
    """A line of an invoice as the rule sees it."""

    rate: Decimal
    units: Decimal
    net: Decimal
    vat_code: VatCode = VatCode.EXEMPT


def invoiced(rate: str, units: str, net: str) -> Invoiced:
    return Invoiced(Decimal(rate), Decimal(units), Decimal(net))


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
    ("now", "before", "kind", "more"),
    [
        ([("19.68", "5", "98.40")], [("19.68", "7", "137.76")], LineKind.UNITS_DIFF, ("-2", "-39.36")),
        ([("19.68", "0", "0.00")], [("19.68", "7", "137.76")], LineKind.UNITS_DIFF, ("-7", "-137.76")),
        ([("20.25", "7", "141.75")], [("19.68", "7", "137.76")], LineKind.RATE_DIFF, ("0", "3.99")),
        # A rate that changes inside the week from now on.
        (
            [("19.68", "3", "59.04"), ("20.25", "4", "81.00")],
            [("19.68", "7", "137.76")], LineKind.RATE_DIFF, ("0", "2.28"),
        ),
        # Units moved from one rate to the other.
        (
            [("10", "2", "20.00"), ("12", "5", "60.00")],
            [("10", "3", "30.00"), ("12", "4", "48.00")], LineKind.UNITS_DIFF, ("0", "2.00"),
        ),
        # The line that was taken back is on no invoice any more: what took it back stands alone.
        (
            [("19.68", "5", "98.40")],
            [("19.68", "-7", "-137.76"), ("19.68", "5", "98.40")], LineKind.UNITS_DIFF, ("7", "137.76"),
        ),
    ],
)  # fmt: skip
def test_a_difference_takes_back_what_stands_and_adds_what_is_true_now(
    now: list[tuple[str, str, str]], before: list[tuple[str, str, str]], kind: LineKind, more: tuple[str, str]
) -> None:
    segments, standing = [segment(*each) for each in now], [invoiced(*each) for each in before]
    found = difference_of(segments, VatCode.EXEMPT, standing)
    assert (found.taken_back, found.segments, found.kind) == (standing, segments, kind)
    assert (found.units, found.net) == tuple(map(Decimal, more))


def test_a_week_that_comes_to_the_same_segments_is_no_difference() -> None:
    same = [segment("12", "2", "24.00"), segment("10", "1", "10.00")]
    found = difference_of(same, VatCode.EXEMPT, [invoiced("10", "1", "10.00"), invoiced("12", "2", "24.00")])
    assert [*found.taken_back, *found.segments] == []
    assert found.net == 0


def test_another_vat_code_is_a_difference_without_units() -> None:
    found = difference_of([segment("10", "1", "10.00")], VatCode.STANDARD, [invoiced("10", "1", "10.00")])
    assert (len(found.taken_back), len(found.segments)) == (1, 1)
    assert (found.units, found.net) == (Decimal(0), Decimal(0))


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
