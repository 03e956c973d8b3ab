"""A draft agreement as it was typed, read: the document, and its lines with plan and first rate."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, TypeVar

from sqlalchemy import select

from files.reading.cells import Unreadable, read_money
from models import DAYS, ContractDocument, Element, Organisation, Person, Service, db
from rules.actual import read_quantity
from rules.form_reading import FormReading
from rules.line_fields import LineFields, problems_of_line
from rules.number import whole_number
from rules.period import read_date, uk_date
from rules.plan import NO_DAYS
from rules.problem_codes import Code
from rules.refusal import NotUnderstood, Problem, Refused
from rules.states import PaymentBasis, PaymentMethod, PlanKind, Unit, VatCode
from rules.text import reference_problem, refuse_unseen
from workflows import lookup
from workflows.clock import today

DOCUMENT_FIELDS: Final = (
    "organisation", "service", "person", "reference", "start", "end", "payment_method", "vat_code", "terms", "seen",
)  # fmt: skip
LINE_FIELDS: Final = (
    "id", "reference", "element", "unit", "plan_kind", *DAYS, "weekly_quantity", "rate", "start", "end",
    "payment_basis", "contribution", "top_up", "extras",
)  # fmt: skip
# What somebody fills in of a line; what the page fills in by itself makes no line of a block.
OWN_FIELDS: Final = ("id", "element", *DAYS, "weekly_quantity", "rate", "end", "contribution", "top_up", "extras")
# Whether a line may go above its plan, as its field says it; left empty: as the policy says.
EXTRAS_TYPED: Final = {"yes": True, "no": False}
MOST_LINES: Final = 60
_LINE_FIELD = re.compile(r"line-([0-9]{1,3})-([a-z_]+)")

Word = TypeVar("Word", bound=StrEnum)


@dataclass(frozen=True)
class TypedAgreement:
    """What stands in the form: texts by the name of their field, of the document and of each line in order."""

    document: dict[str, str]
    lines: list[dict[str, str]]


@dataclass
class ReadLine:
    """A line that was read; `number` is its place on the page. Where the reading has problems, values are missing."""

    number: int
    key: int | None
    element_id: int | None
    fields: LineFields
    payment_basis: PaymentBasis
    extras_allowed: bool | None


@dataclass
class ReadAgreement:
    """An agreement that was read; where there are problems, values are missing.

    `elements` are the names of all that a line can be for, by id and in their order.
    """

    organisation: Organisation | None = None
    service: Service | None = None
    person: Person | None = None
    reference: str = ""
    start: date | None = None
    end: date | None = None
    payment_method: PaymentMethod = PaymentMethod.ACTUALS
    vat_code: VatCode = VatCode.EXEMPT
    terms: str = ""
    elements: dict[int, str] = field(default_factory=dict)
    lines: list[ReadLine] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def line_field(number: int, name: str) -> str:
    """Return what a field of a line is called in the form; lines count from 1."""
    return f"line-{number}-{name}"


def typed_of(form: Mapping[str, str]) -> TypedAgreement:
    """Return what a form holds, its lines in the order of their numbers, at most `MOST_LINES`."""
    document = {name: form.get(name, "").replace("\r\n", "\n").strip() for name in DOCUMENT_FIELDS}
    lines: dict[int, dict[str, str]] = {}
    for key, text in form.items():
        found = _LINE_FIELD.fullmatch(key)
        if found and found[2] in LINE_FIELDS:
            lines.setdefault(int(found[1]), dict.fromkeys(LINE_FIELDS, ""))[found[2]] = text.strip()
    return TypedAgreement(document, [lines[number] for number in sorted(lines)][:MOST_LINES])


def is_blank(line: Mapping[str, str]) -> bool:
    """Say whether nobody has filled in anything of a line."""
    return not any(line.get(name) for name in OWN_FIELDS)


def read_agreement(typed: TypedAgreement, draft: ContractDocument | None = None) -> ReadAgreement:
    """Read an agreement, with every problem at its field; blank lines are passed over where there are others.

    `draft` is the one that the form is of: whom it names is not looked for again.
    """
    found = _read_document(typed.document, draft)
    filled = [(number, line) for number, line in enumerate(typed.lines, 1) if not is_blank(line)]
    elements = db.session.execute(select(Element.id, Element.name).order_by(Element.name))
    found.elements = {row.id: row.name for row in elements}
    for number, line in filled or list(enumerate(typed.lines[:1] or [{}], 1)):
        found.lines.append(_read_line(number, line, found))
    found.problems = list({(each.field, each.message): each for each in found.problems}.values())
    return found


def _read_document(typed: Mapping[str, str], draft: ContractDocument | None) -> ReadAgreement:
    reading = FormReading(typed)
    organisation_of = reader_of(Organisation, draft.organisation if draft else None)
    person_of = reader_of(Person, draft.person if draft else None)
    found = ReadAgreement(
        organisation=reading.read("organisation", organisation_of, None, "Enter the organisation."),
        person=reading.read("person", person_of, None, "Enter the person’s reference."),
        reference=reading.read("reference", _reference("The ISO"), "", "Enter the ISO."),
        start=reading.read("start", read_date, None, "Enter the day on which the agreement starts."),
        end=reading.read("end", read_date, None),
        payment_method=_word(typed.get("payment_method", ""), PaymentMethod) or PaymentMethod.ACTUALS,
        vat_code=_word(typed.get("vat_code", ""), VatCode) or VatCode.EXEMPT,
        terms=reading.read("terms", _seen, ""),
    )
    found.problems = reading.problems
    if draft and found.organisation is draft.organisation and typed.get("service") == draft.service.name:
        found.service = draft.service
    elif found.organisation:
        found.service = _service(found.organisation, typed.get("service", ""), found.problems)
    elif not typed.get("service"):
        found.problems.append(Problem(Code.MISSING, "Enter the service.", field="service"))
    return found


def _service(organisation: Organisation, typed: str, problems: list[Problem]) -> Service | None:
    """Return the organisation's service of that name; its only one where nothing was typed."""
    services: list[Service] = list(
        db.session.scalars(select(Service).where(Service.organisation_id == organisation.id))
    )
    found = next((each for each in services if each.name.casefold() == typed.casefold()), None)
    if not typed and len(services) == 1:
        return services[0]
    if found is None:
        names = "; ".join(sorted(each.name for each in services)[:5])
        wrong = f"{organisation.name} has no service “{typed}”." if typed else "Enter the service."
        remedy = f"It has: {names}." if names else "Add one on the organisation’s page first."
        problems.append(Problem(Code.NOT_FOUND if typed else Code.MISSING, wrong, remedy, "service"))
    return found


def _read_line(number: int, typed: Mapping[str, str], of: ReadAgreement) -> ReadLine:
    reading = FormReading(typed)
    read = reading.read
    unit = _word(typed.get("unit", ""), Unit) or Unit.HOUR
    kind = PlanKind.WEEKLY if unit is Unit.WEEK else _word(typed.get("plan_kind", ""), PlanKind) or PlanKind.TIMETABLED
    element = whole_number(typed.get("element", ""))
    if element not in of.elements:
        reading.problems.append(Problem(Code.MISSING, "Choose an element.", field="element"))
    weekly, by_day = kind is PlanKind.WEEKLY, kind is PlanKind.TIMETABLED
    scheduled = of.payment_method is PaymentMethod.SCHEDULED
    # A line without days of its own starts and ends with the agreement.
    start = read("start", read_date, None) if typed.get("start") else of.start
    end = read("end", read_date, None) if typed.get("end") else of.end
    fields = LineFields(
        reference=read("reference", _reference("The CPLI"), "", "Enter the CPLI."),
        unit=unit,
        plan_kind=kind,
        # Only the fields of the chosen kind count: the others stay as they were typed, out of sight.
        days=tuple(read(day, read_quantity, None) for day in DAYS) if by_day else NO_DAYS,
        weekly_quantity=_weekly(reading, unit) if weekly else None,
        rate=read("rate", read_pounds, None, "Enter the first rate.", called="First rate"),
        rate_from=None,
        start=start,
        end=end,
        payment_method=of.payment_method,
        contribution=read("contribution", read_pounds, Decimal(0), called="Contribution") if scheduled else Decimal(0),
        top_up=read("top_up", read_pounds, Decimal(0), called="Top-up") if scheduled else Decimal(0),
    )
    unread = {problem.field for problem in reading.problems}
    judged = [each for each in problems_of_line(fields, today()) if not _about_unread(each, unread)]
    problems = [*reading.problems, *judged, *_of_agreement(fields, of)]
    of.problems += [_on_page(problem, number, typed) for problem in problems]
    basis = _word(typed.get("payment_basis", ""), PaymentBasis) if scheduled else None
    extras = EXTRAS_TYPED.get(typed.get("extras", ""))
    return ReadLine(number, whole_number(typed.get("id", "")), element, fields, basis or PaymentBasis.GROSS, extras)


def _weekly(reading: FormReading, unit: Unit) -> Decimal | None:
    # A line by the week is one week a week: nothing else can be meant.
    return Decimal(1) if unit is Unit.WEEK else reading.read("weekly_quantity", read_quantity, None)


def _about_unread(problem: Problem, unread: set[str]) -> bool:
    return problem.code is Code.NOTHING_PLANNED and bool(unread & {*DAYS, "weekly_quantity"})


def _of_agreement(fields: LineFields, of: ReadAgreement) -> list[Problem]:
    """Return which day of a line is outside the days of its agreement."""
    found = []
    if fields.start and of.start and fields.start < of.start:
        wrong = f"This is before the agreement starts, on {uk_date(of.start)}."
        found.append(Problem(Code.OUT_OF_RANGE, wrong, "Enter that day or a later one.", "start"))
    if fields.end and of.end and fields.end > of.end:
        wrong = f"This is after the agreement ends, on {uk_date(of.end)}."
        found.append(Problem(Code.OUT_OF_RANGE, wrong, "Enter that day or an earlier one.", "end"))
    return found


def _on_page(problem: Problem, number: int, typed: Mapping[str, str]) -> Problem:
    """Return a line's problem at its field of the page; the way of payment, and a day it has not itself, are the
    document's.
    """
    of_document = problem.field == "payment_method" or (problem.field in ("start", "end") and not typed[problem.field])
    place = problem.field if of_document else line_field(number, problem.field)
    return problem.about(f"Line {number}").at(place)


def _word(text: str, vocabulary: type[Word]) -> Word | None:
    return vocabulary(text) if text in {each.value for each in vocabulary} else None


def reader_of(kind: type, known: Any = None) -> Any:
    """Return a reader of a record's reference or whole name, also as "Vera Shreeve, P104366".

    `known` is a record that is not looked for where its own reference is typed.
    """

    def read(text: str) -> Any:
        if known is not None and text == known.reference:
            return known
        try:
            return lookup.find(kind, text)
        except Refused as refused:
            last = text.rpartition(",")[2].strip()
            if "," in text and last:
                try:
                    return lookup.find(kind, last)
                except Refused:
                    pass
            raise NotUnderstood(refused.problems[0]) from None

    return read


def _reference(what: str) -> Any:
    def read(text: str) -> str:
        if problem := reference_problem(text, what):
            raise NotUnderstood(problem)
        return text

    return read


def _seen(text: str) -> str:
    if problem := refuse_unseen(text, "The text"):
        raise NotUnderstood(problem)
    return text


def read_pounds(text: str) -> Decimal:
    """Return an amount as people type it, with or without £ and commas. Raises NotUnderstood."""
    try:
        return read_money(text) or Decimal(0)
    except Unreadable as unreadable:
        raise NotUnderstood(Problem(Code.NOT_A_NUMBER, str(unreadable), unreadable.remedy)) from None
