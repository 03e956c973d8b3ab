"""The days of an absence claim as its pages show them: to the provider who makes it and to the officer who decides."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from models import AbsenceClaimLine
from rules.money import pounds, round2, short_rate
from rules.period import uk_date
from rules.quantity import product_in_words
from views.page.format import per_cent
from workflows.absences.check import JudgedClaim


@dataclass(frozen=True)
class ClaimDayRow:
    """One day: what is planned, at what percentage it is paid, and the pounds; or why it cannot be claimed."""

    day: str
    number: int
    planned: str
    percent: str
    units: str
    rate: str
    amount: str
    refused: str


@dataclass(frozen=True)
class ClaimWeekRow:
    """The days of one week at one rate, as they are paid; all text but the pounds."""

    week: date
    explained: str
    sum: str
    rule: str
    net: Decimal


def day_rows(judged: JudgedClaim) -> list[ClaimDayRow]:
    """Return the days of a claim, in order."""
    return [
        ClaimDayRow(
            f"{day.day:%a} {uk_date(day.day)}",
            day.number,
            f"{round2(day.planned):.2f}",
            per_cent(day.percent),
            f"{round2(day.units):.2f}",
            short_rate(day.rate) if day.rate is not None else "",
            pounds(round2(day.units * day.rate)) if day.rate is not None else "",
            refused.message if (refused := judged.refused.get(day.day)) else "",
        )
        for day in judged.days
    ]


def week_rows(judged: JudgedClaim) -> list[ClaimWeekRow]:
    """Return what a claim would be paid, by week and rate."""
    return [
        ClaimWeekRow(
            each.monday, each.explained, product_in_words(each.units, judged.line.unit, each.rate), each.rule, each.net
        )
        for each in judged.segments
    ]


def line_rows(lines: Iterable[AbsenceClaimLine]) -> list[ClaimWeekRow]:
    """Return what was approved of a claim, by week and rate, as it was fixed then."""
    return [
        ClaimWeekRow(
            each.week_starting, each.explained, product_in_words(each.units, each.unit, each.rate), each.rule, each.net
        )
        for each in lines
    ]
