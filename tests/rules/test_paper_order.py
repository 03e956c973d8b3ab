"""Which line a paper ISO is, what differs, and what it lacks: plain values, no database (rules.md 12)."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from rules.paper_order import (
    Agreement,
    KnownLine,
    compare,
    overlapping,
    plan_words,
    problems_of_paper,
    same_lines,
    same_person,
    service_of,
    why_rate_differs,
    why_somebody_chooses,
)
from rules.problem_codes import Code
from rules.states import PlanKind, Unit

START = date(2017, 10, 16)
TODAY = date(2017, 11, 20)
ONE, HALF, NONE = Decimal(1), Decimal("0.5"), Decimal(0)
PAPER = Agreement(
    "Broadland Care CIC", "Aylsham", "P105340", "N. Ollett", "Personal care", Unit.HOUR, PlanKind.TIMETABLED,
    (ONE, ONE, ONE, ONE, ONE, HALF, HALF), NONE, Decimal("19.86"), START, None,
)  # fmt: skip


def line(reference: str = "48318", **otherwise: object) -> KnownLine:
    own = {"service": "Broadland Care, Aylsham", "person_name": "Nora Ollett", "rate": Decimal("19.68"), **otherwise}
    return KnownLine(int(reference), reference, 1, "ISO-20510", replace(PAPER, **own))  # type: ignore[arg-type]


@pytest.mark.parametrize(("away", "found"), [(-8, False), (-7, True), (0, True), (7, True), (8, False)])
def test_a_line_is_the_paper_s_when_its_start_is_within_the_days(away: int, found: bool) -> None:
    near = line(start=START + timedelta(days=away))
    assert same_lines(PAPER, [near], 7) == ([near] if found else [])


@pytest.mark.parametrize("otherwise", [{"element": "Sitting service"}, {"unit": Unit.VISIT}])
def test_another_element_or_unit_is_another_agreement(otherwise: dict[str, Any]) -> None:
    assert same_lines(PAPER, [line(**otherwise)], 7) == []


def test_case_and_blanks_make_no_other_element() -> None:
    assert same_lines(PAPER, [line(element="personal  CARE")], 7) != []


@pytest.mark.parametrize(
    ("start", "end", "meets"),
    [
        (START - timedelta(days=9), START - timedelta(days=1), False),
        (START - timedelta(days=9), START, True),
        (START + timedelta(days=900), None, True),
    ],
)
def test_lines_with_a_day_in_common_overlap(start: date, end: date | None, meets: bool) -> None:
    assert bool(overlapping(PAPER, [line(start=start, end=end)])) is meets


@pytest.mark.parametrize(
    ("paper", "known", "one"),
    [
        ("N. Ollett", "Nora Ollett", True),
        ("Nora OLLETT", "Nora Ollett", True),
        ("", "Nora Ollett", True),
        ("A. Ollett", "Nora Ollett", False),
        ("Nora Olley", "Nora Ollett", False),
    ],
)
def test_a_name_can_be_shortened_but_not_another(paper: str, known: str, one: bool) -> None:
    assert same_person(paper, known) is one


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ((ONE, ONE, ONE, ONE, ONE, HALF, HALF), "Mon to Fri 1.00, Sat and Sun 0.50"),
        ((ONE, NONE, ONE, NONE, ONE, NONE, NONE), "Mon, Wed, Fri 1.00"),
        ((NONE,) * 7, ""),
    ],
)
def test_a_plan_is_said_in_days(days: tuple[Decimal, ...], words: str) -> None:
    assert plan_words(replace(PAPER, days=days)) == words  # type: ignore[arg-type]


def test_what_differs_is_marked_and_what_the_paper_leaves_out_is_not() -> None:
    rows = compare(replace(PAPER, service="", rate=None), line(start=START + timedelta(days=4)).agreement)
    assert [row.field for row in rows if row.differs] == ["Start"]
    assert next(row.line for row in rows if row.field == "Start") == "20 October 2017, 4 days later"
    assert next(row.paper for row in rows if row.field == "Service") == "Not on the paper"


def test_swapped_digits_of_a_rate_are_pointed_at() -> None:
    assert why_rate_differs(PAPER, [line(), line("48302")]) == (
        "The rate on the paper, £19.86, is on neither line. The digits of £19.68 may be swapped."
    )
    assert why_rate_differs(PAPER, [line(rate=Decimal("19.86"))]) == ""
    assert why_rate_differs(PAPER, [line(rate=Decimal("21"))]) == (
        "The rate on the paper, £19.86, is not on line 48318."
    )


def test_several_lines_are_named() -> None:
    assert why_somebody_chooses([line(), line("48302")], 7) == (
        "2 live lines of this person and element start within 7 days of the paper: 48318 and 48302."
        " Somebody has to choose."
    )


def test_a_paper_lists_each_field_that_is_missing_or_wrong() -> None:
    assert problems_of_paper(PAPER, "PAP-1-1", TODAY) == []
    bare = replace(PAPER, plan_kind=None, rate=None, end=START - timedelta(days=1))
    assert [problem.field for problem in problems_of_paper(bare, "PAP-1-1", TODAY)] == ["plan_kind", "rate", "end"]


@pytest.mark.parametrize(
    ("paper", "services", "found"),
    [
        ("", {"Wroxham branch": 1}, 1),
        ("", {"Wroxham branch": 1, "Acle branch": 2}, Code.MISSING),
        ("acle", {"Wroxham branch": 1, "Acle branch": 2}, 2),
        ("branch", {"Wroxham branch": 1, "Acle branch": 2}, Code.NOT_FOUND),
        ("Norwich", {"Wroxham branch": 1}, Code.NOT_FOUND),
        ("", {}, Code.NOT_FOUND),
    ],
)
def test_a_service_is_known_by_part_of_its_name_where_that_is_of_one_only(
    paper: str, services: dict[str, int], found: int | Code
) -> None:
    key, problem = service_of(paper, services)
    assert (key or (problem and problem.code)) == found
