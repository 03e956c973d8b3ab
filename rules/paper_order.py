"""Paper ISOs beside the lines of the system: which line one is, what differs, what it lacks (rules.md 12 and 17)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

from rules.line_fields import LineFields, problems_of_line
from rules.money import NOTHING, short_rate
from rules.period import DAY_NAMES, uk_date
from rules.plan import SevenDays, unit_words
from rules.problem_codes import Code
from rules.refusal import Problem
from rules.states import PaymentMethod, PlanKind, Unit, label
from rules.words import counted, plural

UNIT_OF_RATE = {unit: unit_words(unit, Decimal(1)) for unit in Unit}


@dataclass(frozen=True)
class Agreement:
    """What is agreed, on a paper or on a line: quantities in the unit, pounds per unit, dates inclusive.

    Empty or None is what a paper does not say. Of a line, plan and rate are those it began with.
    """

    organisation: str
    service: str
    person_reference: str
    person_name: str
    element: str
    unit: Unit
    plan_kind: PlanKind | None
    days: SevenDays
    weekly: Decimal
    rate: Decimal | None
    start: date
    end: date | None


class KnownLine(NamedTuple):
    """A live line of the paper's organisation and person, with the reference of its ISO and its weeks of actuals."""

    id: int
    reference: str
    document_id: int
    document: str
    agreement: Agreement
    weeks: int = 0


class ComparedField(NamedTuple):
    """One field of a paper beside the same of a line, in words."""

    field: str
    paper: str
    line: str
    differs: bool


def same(one: str, other: str) -> bool:
    """Say whether two texts are the same but for case and blanks."""
    return "".join(one.split()).casefold() == "".join(other.split()).casefold()


def same_person(paper: str, known: str) -> bool:
    """Say whether two names can be one person's: the same last name, and first names that begin alike; empty can be."""
    if not paper.strip() or not known.strip():
        return True
    ours, theirs = paper.casefold().replace(".", " ").split(), known.casefold().replace(".", " ").split()
    return ours[-1:] == theirs[-1:] and ours[0][:1] == theirs[0][:1]


def same_lines(paper: Agreement, lines: Iterable[KnownLine], days: int) -> list[KnownLine]:
    """Return the lines that are the paper's: same element and unit, and a start at most so many days away."""
    return [
        line
        for line in lines
        if same(line.agreement.element, paper.element)
        and line.agreement.unit is paper.unit
        and abs((line.agreement.start - paper.start).days) <= days
    ]


def overlapping(paper: Agreement, lines: Iterable[KnownLine]) -> list[KnownLine]:
    """Return the lines of the same element that have days in common with the paper, whatever their unit."""
    return [
        line
        for line in lines
        if same(line.agreement.element, paper.element)
        and (line.agreement.end is None or line.agreement.end >= paper.start)
        and (paper.end is None or paper.end >= line.agreement.start)
    ]


def why_somebody_chooses(found: Sequence[KnownLine], days: int) -> str:
    """Return the sentence about several lines that one paper may be."""
    names = [line.reference for line in found]
    listed = f"{', '.join(names[:-1])} and {names[-1]}"
    within = f"within {counted(days, 'day')} of the paper"
    return f"{len(found)} live lines of this person and element start {within}: {listed}. Somebody has to choose."


def why_rate_differs(paper: Agreement, found: Sequence[KnownLine]) -> str:
    """Return the sentence about a rate that is on none of the lines a paper may be; empty where it is on one."""
    rates = {line.agreement.rate for line in found if line.agreement.rate is not None}
    if paper.rate is None or not rates or paper.rate in rates:
        return ""
    words = plural(
        len(found), f"not on line {found[0].reference}", "on neither line" if len(found) == 2 else "on no line"
    )
    sentence = f"The rate on the paper, {short_rate(paper.rate)}, is {words}."
    swapped = next((rate for rate in sorted(rates) if sorted(f"{rate:.4f}") == sorted(f"{paper.rate:.4f}")), None)
    return f"{sentence} The digits of {short_rate(swapped)} may be swapped." if swapped else sentence


def problems_of_paper(paper: Agreement, reference: str, today: date) -> list[Problem]:
    """Return each field that is missing or wrong on a paper by itself, whatever else is in the system."""
    found = []
    if paper.plan_kind is None:
        remedy = "Say whether it is by day or by week."
        found.append(Problem(Code.MISSING, "The paper does not say how it is planned.", remedy, "plan_kind"))
    if paper.rate is None:
        found.append(Problem(Code.MISSING, "The paper has no rate.", "Enter its price per unit.", "rate"))
    fields = LineFields(
        reference, paper.unit, paper.plan_kind, paper.days, paper.weekly, paper.rate, None, paper.start, paper.end,
        payment_method_of(paper.unit),
    )  # fmt: skip
    return found + [each for each in problems_of_line(fields, today) if paper.plan_kind or each.code not in _OF_PLANS]


# Without its kind a plan cannot be judged.
_OF_PLANS = (Code.NOTHING_PLANNED, Code.ONE_OF_TWO)


def payment_method_of(unit: Unit) -> PaymentMethod:
    """Return how a line of a unit is paid where a paper does not say it: by the week, every four weeks."""
    return PaymentMethod.SCHEDULED if unit is Unit.WEEK else PaymentMethod.ACTUALS


def service_of(paper: str, services: Mapping[str, int]) -> tuple[int | None, Problem | None]:
    """Return the key of the service that a paper names, or why there is none: unnamed, the only one is meant.

    `services` are the organisation's, by name. Part of a name is enough where it is of one only.
    """
    if not services:
        return None, Problem(Code.NOT_FOUND, "The organisation has no service yet.", "Add it first.", "service_name")
    if not paper.strip():
        if len(services) == 1:
            return next(iter(services.values())), None
        wrong = f"The paper names no service, and the organisation has {len(services)}."
        return None, Problem(Code.MISSING, wrong, "Enter which one.", "service_name")
    exact = [key for name, key in services.items() if same(name, paper)]
    part = [key for name, key in services.items() if same_part(paper, name)]
    if len(exact or part) == 1:
        return (exact or part)[0], None
    wrong = f"The organisation has no one service “{paper}”."
    return None, Problem(Code.NOT_FOUND, wrong, f"It has {', '.join(sorted(services))}.", "service_name")


def same_part(part: str, name: str) -> bool:
    """Say whether a service's name holds the words that a paper calls it by."""
    return " ".join(part.split()).casefold() in " ".join(name.split()).casefold()


def compare(paper: Agreement, line: Agreement) -> list[ComparedField]:
    """Return every field of a paper beside the same of a line, in words; what the paper does not say never differs."""
    return [
        _row("Organisation", paper.organisation, line.organisation, agrees=same(paper.organisation, line.organisation)),
        _row("Service", paper.service, line.service, agrees=same_part(paper.service, line.service)),
        _row("Person", _person(paper), _person(line), agrees=_is_one_person(paper, line)),
        _row("Element", paper.element, line.element, agrees=same(paper.element, line.element)),
        _row("Unit", _units(paper), _units(line)),
        _row("Plan", plan_words(paper), plan_words(line)),
        _row("A week", _week(paper), _week(line)),
        _row(
            f"Rate for each {UNIT_OF_RATE[paper.unit]}",
            _rate(paper),
            _rate(line),
            agrees=paper.rate in (None, line.rate),
        ),
        _row("Start", uk_date(paper.start), _start(paper, line), agrees=paper.start == line.start),
        _row("End", _end(paper), _end(line)),
    ]


def _row(field: str, paper: str, line: str, *, agrees: bool | None = None) -> ComparedField:
    agrees = paper == line if agrees is None else agrees
    return ComparedField(field, paper or "Not on the paper", line, bool(paper) and not agrees)


def _is_one_person(paper: Agreement, line: Agreement) -> bool:
    return same(paper.person_reference, line.person_reference) and same_person(paper.person_name, line.person_name)


def _person(one: Agreement) -> str:
    return ", ".join(filter(None, (one.person_reference, one.person_name)))


def _units(one: Agreement) -> str:
    return label(one.unit) if one.unit is Unit.EACH else unit_words(one.unit, NOTHING).capitalize()


def plan_words(one: Agreement) -> str:
    """Return a plan in words: "Mon to Fri 1.00, Sat and Sun 0.50", or "By the week"; empty where there is none."""
    if one.plan_kind is PlanKind.WEEKLY:
        return "By the week" if one.weekly else ""
    runs = []
    for units, days in groupby(zip(DAY_NAMES, one.days, strict=True), key=lambda each: each[1]):
        names = [name for name, _ in days]
        if units:
            words = names[0] if len(names) == 1 else f"{names[0]} {'and' if len(names) == 2 else 'to'} {names[-1]}"
            runs.append((words, units))
    quantities = {units for _, units in runs}
    if len(runs) > 1 and len(quantities) == 1:
        return f"{', '.join(words for words, _ in runs)} {runs[0][1]:.2f}"
    return ", ".join(f"{words} {units:.2f}" for words, units in runs)


def _week(one: Agreement) -> str:
    total = one.weekly or sum(one.days, NOTHING)
    return f"{total:.2f} {unit_words(one.unit, total)}" if total else ""


def _rate(one: Agreement) -> str:
    return "" if one.rate is None else short_rate(one.rate)


def _start(paper: Agreement, line: Agreement) -> str:
    days = (line.start - paper.start).days
    away = f", {counted(abs(days), 'day')} {'later' if days > 0 else 'earlier'}" if days else ""
    return uk_date(line.start) + away


def _end(one: Agreement) -> str:
    return uk_date(one.end) if one.end else "No end date"
