"""A week's figures: how they are read, what follows from them, and what is refused with a word on what to do."""

from contextlib import suppress
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.actual import REASONS, NotAQuantity, check_week, derive, read_quantity, reasons_for
from rules.plan import NO_DAYS, LinePlan, SevenDays, plan_throughout
from rules.problem_codes import Code
from rules.refusal import Problem
from rules.states import PlanKind, Unit

MONDAY = date(2017, 11, 6)
LATER = date(2017, 11, 20)
PORTAL_START = date(2017, 10, 16)
STEP = Decimal("0.25")
units = st.decimals(min_value=0, max_value=168, places=2)


def seven(*quantities: str) -> SevenDays:
    first, *others = [Decimal(quantity) for quantity in quantities] + [Decimal(0)] * (7 - len(quantities))
    return (first, others[0], others[1], others[2], others[3], others[4], others[5])


AN_HOUR_A_DAY = seven("1", "1", "1", "1", "1", "1", "1")


def timetabled(
    unit: Unit = Unit.HOUR,
    days: SevenDays = AN_HOUR_A_DAY,
    start: date = date(2017, 1, 2),
    end: date | None = None,
) -> LinePlan:
    return plan_throughout(PlanKind.TIMETABLED, unit, days, Decimal(0), start, end)


def weekly(quantity: str = "7", start: date = date(2017, 1, 2), end: date | None = None) -> LinePlan:
    return plan_throughout(PlanKind.WEEKLY, Unit.HOUR, NO_DAYS, Decimal(quantity), start, end)


def check(
    line: LinePlan,
    delivered: SevenDays | Decimal,
    reason: str = "OTHER",
    *,
    monday: date = MONDAY,
    today: date = LATER,
    aborted: str = "0",
    confirming: bool = True,
) -> list[Problem]:
    return check_week(
        line,
        monday,
        delivered,
        reason,
        today,
        PORTAL_START,
        STEP,
        aborted=Decimal(aborted),
        confirming=confirming,
    )


def fields(problems: list[Problem]) -> list[str]:
    return [problem.field for problem in problems]


@pytest.mark.parametrize(
    ("planned", "delivered", "aborted", "aborted_payable", "missed", "extra", "payable"),
    [
        ("7.00", "7.00", "0", "0", "0", "0", "7.00"),
        ("7.00", "6.00", "0.75", "0.50", "0.25", "0", "6.50"),
        ("7.00", "7.50", "0", "0", "0", "0.50", "7.50"),
        ("7.00", "6.75", "0.75", "0.50", "0", "0.50", "7.25"),
    ],
)
def test_missed_extra_and_payable_follow_from_the_totals(
    planned: str, delivered: str, aborted: str, aborted_payable: str, missed: str, extra: str, payable: str
) -> None:
    derived = derive(Decimal(planned), Decimal(delivered), Decimal(aborted), Decimal(aborted_payable))
    assert (derived.missed, derived.extra, derived.payable) == (Decimal(missed), Decimal(extra), Decimal(payable))


@given(units, units, units)
def test_a_week_never_has_both_missed_and_extra_units(planned: Decimal, delivered: Decimal, aborted: Decimal) -> None:
    derived = derive(planned, delivered, aborted)
    assert min(derived.missed, derived.extra) == 0
    assert derived.delivered == planned - aborted - derived.missed + derived.extra


@pytest.mark.parametrize(
    ("typed", "quantity"),
    [
        ("1.5", "1.5"),
        ("1,5", "1.5"),
        ("1:30", "1.5"),
        ("1h30", "1.5"),
        ("1H 15", "1.25"),
        ("2h", "2"),
        ("0:20", "0.33"),
        (" 2 ", "2"),
        ("\N{NO-BREAK SPACE}3", "3"),
        (".5", "0.5"),
        ("", "0"),
        ("  ", "0"),
        ("-1", "-1"),
        ("\N{MINUS SIGN}1:30", "-1.5"),
    ],
)
def test_quantities_are_read_as_people_type_them(typed: str, quantity: str) -> None:
    assert read_quantity(typed) == Decimal(quantity)


@pytest.mark.parametrize(
    "typed",
    [
        "one",
        "1.5.2",
        "1:60",
        "1:",
        "1:5",
        "£3",
        "2 hours",
        "1e3",
        "NaN",
        "Infinity",
        "1 5",
        ".",
        "-",
        "1234567",
        "١",
        "½",
    ],
)
def test_anything_else_is_refused_with_an_example(typed: str) -> None:
    with pytest.raises(NotAQuantity, match=r"Enter a number such as 1\.5"):
        read_quantity(typed)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(typed: str) -> None:
    with suppress(NotAQuantity):
        assert read_quantity(typed).is_finite()


@given(st.decimals(min_value=0, max_value=999, places=2))
def test_a_written_quantity_reads_as_itself(quantity: Decimal) -> None:
    assert read_quantity(str(quantity)) == quantity


def test_a_week_as_planned_needs_nothing() -> None:
    assert check(timetabled(), AN_HOUR_A_DAY, "") == []
    assert check(weekly(), Decimal(7), "") == []


def test_a_week_that_differs_from_its_plan_needs_a_reason() -> None:
    (problem,) = check(timetabled(), seven("1", "1"), "")
    assert problem == Problem(Code.REASON_NEEDED, "This week differs from its plan.", "Choose a reason.", "reason")
    assert check(timetabled(), seven("1", "1"), "CANCELLED") == []


def test_a_draft_may_wait_for_its_reason() -> None:
    assert check(timetabled(), seven("1", "1"), "", confirming=False) == []


def test_an_aborted_visit_is_reason_enough() -> None:
    assert check(timetabled(), seven("1", "1", "1", "1", "1", "1", "0.25"), "", aborted="0.75") == []


def test_a_reason_that_is_not_on_the_list_is_refused() -> None:
    assert fields(check(timetabled(), AN_HOUR_A_DAY, "BECAUSE")) == ["reason"]
    assert "OTHER" in REASONS


def test_future_days_are_refused_and_today_is_not() -> None:
    problems = check(timetabled(), AN_HOUR_A_DAY, today=date(2017, 11, 10))
    assert fields(problems) == ["d5", "d6"]
    assert problems[0].message == "11 November 2017 is in the future. Enter care after it has been delivered."


def test_days_outside_the_line_are_refused() -> None:
    line = timetabled(start=date(2017, 11, 7), end=date(2017, 11, 10))
    problems = check(line, AN_HOUR_A_DAY)
    assert fields(problems) == ["d0", "d5", "d6"]
    assert problems[0].message == "This line starts on 7 November 2017. Leave the days before it empty."
    assert problems[1].message == "This line ended on 10 November 2017. Leave the days after it empty."


def test_days_outside_the_line_may_hold_nothing() -> None:
    assert check(timetabled(start=date(2017, 11, 7)), seven("0", "1", "1", "1", "1", "1", "1"), "") == []


def test_care_before_the_portal_start_is_sent_to_the_previous_method() -> None:
    problems = check(timetabled(), seven("1"), monday=date(2017, 10, 9))
    assert fields(problems) == ["d0"]
    assert problems[0].message == (
        "Care before 16 October 2017 cannot be entered here. Use the previous method for it."
    )
    assert fields(check(weekly(), Decimal(7), monday=date(2017, 10, 9))) == ["total"]


@pytest.mark.parametrize(
    ("unit", "quantity", "problem"),
    [
        (
            Unit.HOUR,
            "-1",
            Problem(Code.NEGATIVE, "Hours cannot be below 0.", "Enter 0 where nothing was delivered."),
        ),
        (Unit.HOUR, "1.10", Problem(Code.WRONG_STEP, "Enter hours in steps of 0.25, such as 1.25.")),
        (Unit.SESSION, "0.5", Problem(Code.WRONG_STEP, "Enter whole sessions, such as 2.")),
        (Unit.HOUR, "24.25", Problem(Code.OVER_24_HOURS, "There are only 24 hours in a day.")),
    ],
)
def test_a_quantity_that_cannot_be_is_refused(unit: Unit, quantity: str, problem: Problem) -> None:
    assert check(timetabled(unit), seven("0", quantity)) == [problem.at("d1")]


def test_what_equals_the_plan_is_good_though_it_is_off_the_step() -> None:
    twenty_minutes = timetabled(days=seven("0.33"))
    assert check(twenty_minutes, seven("0.33"), "") == []
    assert fields(check(twenty_minutes, seven("0.34"), "")) == ["d0", "reason"]
    assert check(weekly("1.43"), Decimal("1.43"), "") == []
    assert fields(check(weekly("1.43"), Decimal("1.42"), "")) == ["total", "reason"]


def test_a_whole_day_of_care_is_possible() -> None:
    assert check(timetabled(), seven("24")) == []


def test_each_faulty_day_is_named_once() -> None:
    assert fields(check(timetabled(), seven("-1", "0.1", "25"), "")) == ["d0", "d1", "d2", "reason"]


@pytest.mark.parametrize("total", ["-1", "1.1", "168.25"])
def test_a_weekly_total_that_cannot_be_is_refused(total: str) -> None:
    assert fields(check(weekly(), Decimal(total))) == ["total"]


def test_a_weekly_total_fits_into_the_days_of_the_line() -> None:
    line = weekly(start=date(2017, 11, 11))
    assert check(line, Decimal(48)) == []
    assert check(line, Decimal("48.25")) == [
        Problem(Code.OVER_24_HOURS, "There are only 48 hours in 2 days.", field="total")
    ]


def test_a_weekly_total_outside_the_line_is_refused() -> None:
    assert fields(check(weekly(end=date(2017, 11, 5)), Decimal(1))) == ["total"]
    assert fields(check(weekly(start=date(2017, 11, 13)), Decimal(1))) == ["total"]


def test_a_weekly_total_is_confirmed_when_the_week_is_over() -> None:
    wednesday = date(2017, 11, 8)
    assert fields(check(weekly(), Decimal(7), today=wednesday)) == ["total"]
    assert check(weekly(), Decimal(7), today=wednesday, confirming=False) == []
    assert fields(check(weekly(), Decimal(7), today=date(2017, 11, 12))) == ["total"]  # its Sunday has not passed
    assert check(weekly(), Decimal(7), today=date(2017, 11, 13)) == []


def test_a_weekly_total_of_a_future_week_is_refused_even_as_a_draft() -> None:
    assert fields(check(weekly(), Decimal(7), today=date(2017, 11, 5), confirming=False)) == ["total"]


def test_a_line_is_filled_in_as_it_is_planned() -> None:
    assert fields(check(timetabled(), Decimal(7))) == ["total"]
    assert fields(check(weekly(), AN_HOUR_A_DAY)) == ["total"]


def test_nothing_is_entered_for_lines_paid_by_the_week() -> None:
    (problem,) = check(timetabled(Unit.WEEK), AN_HOUR_A_DAY)
    assert problem.message.startswith("This line is paid every four weeks")


@pytest.mark.parametrize(("difference", "offered", "hidden"), [("0.5", "LONGER", "SHORTER"), ("-0.5", "AWAY", "EXTRA")])
def test_the_reasons_fit_the_way_in_which_a_week_differs(difference: str, offered: str, hidden: str) -> None:
    found = reasons_for(Decimal(difference))
    assert offered in found
    assert "OTHER" in found
    assert hidden not in found
    assert list(found) == [code for code in REASONS if code in found]
    # What was chosen before the figures changed is still there to be seen.
    assert hidden in reasons_for(Decimal(difference), hidden)


def test_every_reason_is_offered_where_a_week_is_as_planned() -> None:
    assert reasons_for(Decimal(0)) == REASONS
