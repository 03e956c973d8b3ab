"""A contract document as a tagged PDF (PDF/UA-1) that says what its page says."""

import json
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, Literal

import typst

from rules.document_content import DocumentContent, LineContent, PlanContent
from rules.money import NOTHING, short_rate
from rules.period import DAY_NAMES, uk_date
from rules.plan import unit_words
from rules.states import PlanKind
from rules.text import visible

TEMPLATE = Path(__file__).with_name("iso.typ")
# The portal's own font, as `npm run build` puts it there.
FONTS = Path(__file__).parents[2] / "static" / "build"
USUAL_TERMS = "The terms of the council's contract with your organisation apply."

# A compiler answers one caller at a time: a second one gets an error.
_one_at_a_time = Lock()


def iso_pdf(content: DocumentContent, status: Mapping[str, str]) -> bytes:
    """Return a version as a PDF; `status` says in words where it stands, who answered it and when.

    A document that holds a character no font of ours has (an emoji, Chinese) is tagged all the same but does not call
    itself PDF/UA-1, which asks for every glyph.
    """
    inputs = {"iso": json.dumps(_shown(content, status))}
    with _one_at_a_time:
        try:
            return _compiled(inputs, "ua-1")
        except typst.TypstError as error:
            if "could not be displayed" not in error.message:
                raise
            return _compiled(inputs, "1.7")


def plan_table(line: LineContent) -> tuple[list[str], list[list[str]]]:
    """Return the headings and the rows of a line's plans, the oldest first: seven days and their sum, or the week."""
    unit = unit_words(line.unit, Decimal(0)).capitalize()
    if line.plan_kind is PlanKind.WEEKLY:
        return ["From", f"{unit} a week"], [[uk_date(plan.start), f"{plan.weekly:.2f}"] for plan in line.plans]
    return ["From", *DAY_NAMES, unit], [_by_day(plan) for plan in line.plans]


def rate_facts(line: LineContent) -> list[str]:
    """Return a line's rates in words, the oldest first: "£19.68 per hour from 1 April 2026, no end date"."""
    unit = unit_words(line.unit, Decimal(1))
    return [
        f"{short_rate(rate.rate)} per {unit} from {uk_date(rate.start)}"
        + (f" to {uk_date(rate.end)}" if rate.end else ", no end date")
        for rate in line.rates
    ]


def terms_of(content: DocumentContent) -> list[str]:
    """Return the paragraphs of a document's terms, the usual ones where it has none of its own."""
    return [each for each in (content.terms or USUAL_TERMS).split("\n") if each.strip()]


def title_of(content: DocumentContent) -> str:
    """Return the heading of a version's page and paper."""
    return f"Contract document {content.reference}, version {content.version}"


def _by_day(plan: PlanContent) -> list[str]:
    return [uk_date(plan.start), *(f"{day:.2f}" for day in plan.days), f"{sum(plan.days, NOTHING):.2f}"]


def _shown(content: DocumentContent, status: Mapping[str, str]) -> dict[str, Any]:
    facts = {name: value for name, value in content.facts.items() if name not in ("Terms", "Reference")}
    published = {"Published": uk_date(content.published_on)}
    return {
        "title": visible(title_of(content)),
        "council": visible(content.council),
        "facts": _pairs({**facts, **published, **status}),
        "lines": [_line(line) for line in content.lines],
        "terms": [visible(paragraph) for paragraph in terms_of(content)],
    }


def _line(line: LineContent) -> dict[str, Any]:
    headings, rows = plan_table(line)
    facts = {name: value for name, value in line.facts.items() if name != "Element"}
    return {
        "title": visible(f"Line {line.reference}: {line.element}"),
        "facts": _pairs({**facts, "Rate": "; ".join(rate_facts(line)) or "none yet"}),
        "plans": {"headings": headings, "rows": rows},
    }


def _pairs(facts: Mapping[str, str]) -> list[list[str]]:
    return [[name, visible(value)] for name, value in facts.items()]


def _compiled(inputs: dict[str, str], standard: Literal["ua-1", "1.7"]) -> bytes:
    made = _compiler().compile(format="pdf", sys_inputs=inputs, pdf_standards=standard)
    assert isinstance(made, bytes)  # a list only where pages are pictures
    return made


@cache
def _compiler() -> typst.Compiler:
    """Return the process's compiler: it keeps the template and the fonts, which take it 250 ms to read."""
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[FONTS])
    return typst.Compiler(TEMPLATE, font_paths=fonts, ignore_system_fonts=True)
