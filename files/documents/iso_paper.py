"""What a version of a contract document says, laid out once for its page and for its PDF."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from rules.document_content import DocumentContent, LineContent, PlanContent
from rules.money import NOTHING, short_rate
from rules.period import DAY_NAMES, NO_END, uk_date
from rules.plan import unit_words
from rules.states import PlanKind
from rules.text import visible

USUAL_TERMS = "The terms of the council's contract with your organisation apply."

Facts = list[tuple[str, str]]


@dataclass(frozen=True)
class PaperLine:
    """One line: `title` names it, `headings` and `rows` are the table of its plans, the oldest first."""

    reference: str
    title: str
    facts: Facts
    headings: list[str]
    rows: list[list[str]]


@dataclass(frozen=True)
class IsoPaper:
    """A whole version in words: every text can be shown as it stands, nothing of it is markup."""

    title: str
    council: str
    facts: Facts
    lines: list[PaperLine]
    terms: list[str]


def paper_of(content: DocumentContent, beside: Mapping[str, str]) -> IsoPaper:
    """Return a version in words; `beside` is what it does not say itself: the person's name, where it stands."""
    facts = {name: value for name, value in content.facts.items() if name not in ("Terms", "Reference")}
    published = {"Published": uk_date(content.published_on)}
    person = {"Person": beside["Person"]} if "Person" in beside else {}  # stands beside the person's reference
    return IsoPaper(
        title=visible(f"Contract document {content.reference}, version {content.version}"),
        council=visible(content.council),
        facts=_visible({**facts, **person, **published, **beside}),
        lines=[_line(line) for line in content.lines],
        terms=[visible(each) for each in (content.terms or USUAL_TERMS).splitlines() if each.strip()],
    )


def _line(line: LineContent) -> PaperLine:
    headings, rows = _plan_table(line)
    facts = {name: value for name, value in line.facts.items() if name != "Element"}
    return PaperLine(
        reference=line.reference,
        title=visible(f"Line {line.reference}: {line.element}"),
        facts=_visible({**facts, "Rate": "; ".join(_rates(line)) or "none yet"}),
        headings=headings,
        rows=rows,
    )


def _plan_table(line: LineContent) -> tuple[list[str], list[list[str]]]:
    """Return the headings and the rows of a line's plans, the oldest first: seven days and their sum, or the week."""
    unit = unit_words(line.unit, Decimal(0)).capitalize()
    if line.plan_kind is PlanKind.WEEKLY:
        return ["From", f"{unit} a week"], [[uk_date(plan.start), f"{plan.weekly:.2f}"] for plan in line.plans]
    return ["From", *DAY_NAMES, unit], [_by_day(plan) for plan in line.plans]


def _by_day(plan: PlanContent) -> list[str]:
    return [uk_date(plan.start), *(f"{day:.2f}" for day in plan.days), f"{sum(plan.days, NOTHING):.2f}"]


def _rates(line: LineContent) -> list[str]:
    """Return a line's rates in words, the oldest first: "£19.68 per hour from 1 April 2026, no end date"."""
    unit = unit_words(line.unit, Decimal(1))
    return [
        f"{short_rate(rate.rate)} per {unit} from {uk_date(rate.start)}"
        + (f" to {uk_date(rate.end)}" if rate.end else f", {NO_END}")
        for rate in line.rates
    ]


def _visible(facts: Mapping[str, str]) -> Facts:
    return [(name, visible(value)) for name, value in facts.items()]
