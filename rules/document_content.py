"""What a version of a contract document says: kept as text for good, signed by its digest (rules.md 11)."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from rules.money import pounds
from rules.period import NO_END, uk_date
from rules.plan import SevenDays, unit_words
from rules.states import PaymentBasis, PaymentMethod, PlanKind, Unit, VatCode, label

ONE = Decimal(1)

PLANNED = {PlanKind.TIMETABLED: "by day", PlanKind.WEEKLY: "by week, on any days"}
EXTRAS_HEADING = "More than planned"
EXTRAS = {True: "allowed up to the exception level", False: "not allowed", None: "as the council’s policy says"}


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
            "End": uk_date(self.end) if self.end else NO_END,
            "Payment": _within(label(self.payment_method)),
            "Deducted": self._deducted,
            "VAT": label(self.vat_code).lower(),
            EXTRAS_HEADING: EXTRAS[self.extras_allowed],
        }

    @property
    def _deducted(self) -> str:
        if self.payment_basis is PaymentBasis.GROSS:
            return "nothing"
        later = (f"; from {uk_date(each.start)} {_parts(each)}" for each in self.deductions)
        return _parts(self) + "".join(later)


def _within(words: str) -> str:
    """Return words as they stand within a sentence."""
    return words[:1].lower() + words[1:]


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
