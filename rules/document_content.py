"""What a version of a contract document says: kept as text for good, signed by its digest, compared (rules.md 11)."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from rules.money import NOTHING, pounds, short_rate
from rules.period import DAY, WEEKDAYS, uk_date
from rules.plan import SevenDays, unit_words
from rules.states import PaymentBasis, PaymentMethod, PlanKind, Unit, VatCode, label
from rules.timeline import TimelineSpan, unlike

DOCUMENT = "Document"
ONE = Decimal(1)

PLANNED = {PlanKind.TIMETABLED: "by day", PlanKind.WEEKLY: "by week, on any days"}
PAYMENT = {
    PaymentMethod.ACTUALS: "by invoice for what was delivered",
    PaymentMethod.SCHEDULED: "every four weeks without an invoice",
}
EXTRAS = {True: "allowed up to the exception level", False: "not allowed", None: "as the council's policy says"}


@dataclass(frozen=True)
class PlanContent:
    """A plan in the line's unit, Monday to Sunday or a week, in force from `start` until the line's next one starts."""

    start: date
    days: SevenDays
    weekly: Decimal


@dataclass(frozen=True)
class RateContent:
    """A price per unit, in pounds to four places, from `start` to `end`, both inclusive, open where `end` is None."""

    rate: Decimal
    start: date
    end: date | None


@dataclass(frozen=True)
class DeductionContent:
    """Other pounds a week that are deducted, from `start` on until the line's next ones start."""

    start: date
    contribution: Decimal
    top_up: Decimal


@dataclass(frozen=True)
class LineContent:
    """One line as its provider was shown it, with the plans and the rates it has had, oldest first.

    Dates are inclusive; `contribution` and `top_up` are pounds a week from the first day on, `deductions` what came
    after them, oldest first; `extras_allowed` is None where policy says it.
    """

    reference: str
    element: str
    unit: Unit
    plan_kind: PlanKind
    plans: tuple[PlanContent, ...]
    rates: tuple[RateContent, ...]
    start: date
    end: date | None
    payment_method: PaymentMethod
    payment_basis: PaymentBasis
    contribution: Decimal
    top_up: Decimal
    vat_code: VatCode
    extras_allowed: bool | None
    deductions: tuple[DeductionContent, ...] = ()

    @property
    def facts(self) -> dict[str, str]:
        """What the line says beside its plans and rates, in words, under the headings of pages and papers."""
        return {
            "Element": self.element,
            "Unit": unit_words(self.unit, ONE),
            "Planned": PLANNED[self.plan_kind],
            "Start": uk_date(self.start),
            "End": uk_date(self.end) if self.end else "no end date",
            "Payment": PAYMENT[self.payment_method],
            "Deducted": self._deducted,
            "VAT": label(self.vat_code).lower(),
            "More than planned": EXTRAS[self.extras_allowed],
        }

    @property
    def _deducted(self) -> str:
        if self.payment_basis is PaymentBasis.GROSS:
            return "nothing"
        later = (f"; from {uk_date(each.start)} {_parts(each)}" for each in self.deductions)
        return _parts(self) + "".join(later)


def _parts(deducted: LineContent | DeductionContent) -> str:
    return f"{pounds(deducted.contribution)} a week from the person, {pounds(deducted.top_up)} a week top-up"


@dataclass(frozen=True)
class DocumentContent:
    """One version of a contract document with its lines, by reference: all that accepting it signs."""

    council: str
    organisation: str
    organisation_reference: str
    service: str
    person_reference: str
    reference: str
    version: int
    terms: str
    published_on: date
    lines: tuple[LineContent, ...]

    @property
    def facts(self) -> dict[str, str]:
        """What the document says beside its lines, in words, under the headings of pages and papers."""
        return {
            "Council": self.council,
            "Provider": f"{self.organisation} ({self.organisation_reference})",
            "Service": self.service,
            "Person reference": self.person_reference,
            "Reference": self.reference,
            "Terms": self.terms,
        }


@dataclass(frozen=True)
class Difference:
    """One thing that two versions say differently: `about` the document or a line, `what` of it, as pages show it.

    `what` is empty where a whole line came or went; `old` or `new` is empty where one of them has no such thing. A
    plan or a rate differs from `since` until `until`, both inclusive, open where that is None; the rest has neither.
    """

    about: str
    what: str
    old: str
    new: str
    since: date | None = None
    until: date | None = None

    @property
    def words(self) -> str:
        """The difference in words: "Line 48213: Wednesday 1.00 hour instead of 0.75 hours from 9 November 2026"."""
        if not self.what:
            return f"{self.about} is new: {self.new}" if self.new else f"{self.about} is no longer in the document"
        if not self.new:
            return f"{self.about}: {self.what} no longer {self.old}{self._dates}"
        instead = f" instead of {self.old}" if self.old else ""
        return f"{self.about}: {self.what} {self.new}{instead}{self._dates}"

    @property
    def _dates(self) -> str:
        since = f" from {uk_date(self.since)}" if self.since else ""
        return f"{since} to {uk_date(self.until)}" if self.until else since


def to_text(content: DocumentContent) -> str:
    """Return the one text of a content, JSON with sorted keys: equal contents have equal texts."""
    return json.dumps(asdict(content), sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain)


def from_text(text: str) -> DocumentContent:
    """Return the content that `to_text` wrote."""
    read = json.loads(text)
    published_on, lines = _day(read["published_on"]), tuple(_line(line) for line in read["lines"])
    return DocumentContent(**{**read, "published_on": published_on, "lines": lines})


def digest_of(text: str) -> str:
    """Return the SHA-256 of a content's text in UTF-8, in hexadecimal: what accepting it signs."""
    return hashlib.sha256(text.encode()).hexdigest()


def differences(old: DocumentContent, new: DocumentContent) -> list[Difference]:
    """Return what a version says otherwise than an earlier one: of the document, then line by line, by reference.

    Number and day of publishing, which always differ, are left out.
    """
    found = list(_fields(DOCUMENT, old.facts, new.facts))
    before, after = ({line.reference: line for line in content.lines} for content in (old, new))
    for reference in sorted({*before, *after}):
        found += _line_differences(f"Line {reference}", before.get(reference), after.get(reference))
    return found


def _line_differences(about: str, old: LineContent | None, new: LineContent | None) -> Iterator[Difference]:
    if old is None or new is None:
        yield Difference(about, "", _line_words(old), _line_words(new))
        return
    yield from _fields(about, old.facts, new.facts)
    if old.plan_kind is new.plan_kind is PlanKind.TIMETABLED:
        for day, name in enumerate(WEEKDAYS):
            yield from _over_time(about, name, _plan_spans(old, day), _plan_spans(new, day))
    else:
        yield from _over_time(about, "Plan", _plan_spans(old), _plan_spans(new))
    yield from _over_time(about, "Rate", _rate_spans(old), _rate_spans(new))


def _fields(about: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Difference]:
    for what in {**old, **new}:
        before, after = old.get(what, ""), new.get(what, "")
        if before != after:
            yield Difference(about, what, before, after)


def _line_words(line: LineContent | None) -> str:
    """Return a line in a few words, nothing of no line."""
    if line is None:
        return ""
    plan = _plan_spans(line)[-1].shown if line.plans else "nothing planned"
    rate = f" at {_rate_spans(line)[-1].shown}" if line.rates else ""
    return f"{line.element}, {plan}{rate}"


def _plan_spans(line: LineContent, day: int | None = None) -> list[TimelineSpan]:
    """Return what is planned on a day of the week over time, or in a whole week where none is named.

    Before the first plan there is no care, so the first one is taken to have stood always.
    """
    starts = [date.min, *(plan.start for plan in line.plans[1:])]
    ends = [*(start - DAY for start in starts[1:]), None]
    return [
        TimelineSpan(start, end, _plan_words(line, plan, day))
        for start, end, plan in zip(starts, ends, line.plans, strict=False)
    ]


def _plan_words(line: LineContent, plan: PlanContent, day: int | None) -> str:
    if day is not None:
        return f"{plan.days[day]:.2f} {unit_words(line.unit, plan.days[day])}"
    week = plan.weekly if line.plan_kind is PlanKind.WEEKLY else sum(plan.days, NOTHING)
    return f"{week:.2f} {unit_words(line.unit, week)} a week"


def _rate_spans(line: LineContent) -> list[TimelineSpan]:
    unit = unit_words(line.unit, ONE)
    return [TimelineSpan(rate.start, rate.end, f"{short_rate(rate.rate)} per {unit}") for rate in line.rates]


def _over_time(about: str, what: str, old: list[TimelineSpan], new: list[TimelineSpan]) -> Iterator[Difference]:
    for start, until, before, after in unlike(old, new):
        yield Difference(about, what, before, after, start if start > date.min else None, until)


def _plain(value: object) -> str:
    """Return what JSON has no form for: a day, or a number with its places, two at least, so that equal is alike."""
    if isinstance(value, Decimal):
        places = -int(value.normalize().as_tuple().exponent)
        return f"{value:.{max(2, places)}f}"
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value)} is no part of a contract document")


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _end(text: str | None) -> date | None:
    return _day(text) if text else None


_LINE: Mapping[str, Callable[[Any], object]] = {
    "unit": Unit,
    "plan_kind": PlanKind,
    "plans": lambda plans: tuple(_plan(plan) for plan in plans),
    "rates": lambda rates: tuple(_rate(rate) for rate in rates),
    "start": _day,
    "end": _end,
    "payment_method": PaymentMethod,
    "payment_basis": PaymentBasis,
    "contribution": Decimal,
    "top_up": Decimal,
    "vat_code": VatCode,
    "deductions": lambda deductions: tuple(_deduction(each) for each in deductions),
}


def _line(read: dict[str, Any]) -> LineContent:
    fields: dict[str, Any] = {name: _LINE[name](value) if name in _LINE else value for name, value in read.items()}
    return LineContent(**fields)


def _plan(read: dict[str, Any]) -> PlanContent:
    mon, tue, wed, thu, fri, sat, sun = (Decimal(day) for day in read["days"])
    return PlanContent(_day(read["start"]), (mon, tue, wed, thu, fri, sat, sun), Decimal(read["weekly"]))


def _deduction(read: dict[str, Any]) -> DeductionContent:
    return DeductionContent(_day(read["start"]), Decimal(read["contribution"]), Decimal(read["top_up"]))


def _rate(read: dict[str, Any]) -> RateContent:
    return RateContent(Decimal(read["rate"]), _day(read["start"]), _end(read["end"]))
