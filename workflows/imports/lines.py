"""The rows of the import of contract documents, each a line item with one version of its rate.

A row is read and checked by itself; then rows become lines, and lines documents, as the file wants them.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from files.reading.table import Column, Layout, Row
from models import DAYS, ContractDocument, LineItem
from rules.agreement_states import DocumentState
from rules.line_fields import LineFields, problems_of_line
from rules.money import NOTHING, short_rate
from rules.period import uk_date
from rules.plan import NO_DAYS
from rules.problem_codes import Code
from rules.record_fields import same_key
from rules.states import PaymentBasis, PaymentMethod, PlanKind, Unit, VatCode
from workflows.clock import today
from workflows.imports.plan import ImportPlan, Reading, either

DAY_COLUMNS = tuple(day.title() for day in DAYS)
PLAN_FROM, DEDUCTED_FROM = "Plan from", "Contribution from"
RateVersions = list[tuple[date, Decimal]]

LINES = Layout(
    "Contract documents",
    (
        Column(
            "Organisation ref", True, "The council's reference of the organisation, such as ORG-0001.", references=True
        ),
        Column("Service", True, "The name of the organisation's home, branch or office."),
        Column(
            "ISO", True, "The reference of the contract document. One document may have several lines.", references=True
        ),
        Column(
            "CPLI",
            True,
            "The reference of the line item. One row for each line and each version of its rate.",
            references=True,
        ),
        Column("Person ref", True, "The person's reference. Somebody new is added.", references=True),
        Column("Person name", note="Needed for somebody new."),
        Column("Element", True, "Personal care, Sitting service …: a name on the council's list."),
        Column("Unit", True, "HOUR, VISIT, SESSION, DAY, NIGHT, MEAL, EACH or WEEK."),
        Column("Plan kind", True, "TIMETABLED: Mon to Sun are filled. WEEKLY: Weekly quantity is."),
        *(Column(day, note=f"Units planned on {day}, such as 1.25." if day == "Mon" else "") for day in DAY_COLUMNS),
        Column("Weekly quantity", note="Units planned a week, for WEEKLY."),
        Column("Rate", True, "Pounds per unit, up to four decimal places."),
        Column("Rate from", note="First day of this rate. Empty: the start of the line."),
        Column("Start", True, "First day of the line, such as 16/10/2017."),
        Column("End", note="Last day of the line. Empty: open."),
        Column(PLAN_FROM, note="First day of this plan, where a published line has another."),
        Column("Payment method", True, "ACTUALS: paid by invoice. SCHEDULED: paid every four weeks."),
        Column("Payment basis", note="GROSS or NET. Empty: GROSS."),
        Column("Contribution", note="Pounds a week that the person pays."),
        Column("Top-up", note="Pounds a week that somebody else pays."),
        Column(DEDUCTED_FROM, note="First day of this contribution and top-up, where a published line has others."),
        Column("VAT code", note="EXEMPT, STANDARD, REDUCED, ZERO or OUTSIDE. Empty: EXEMPT."),
        Column("Extras allowed", note="Yes or No. Empty: as the council's policy says."),
        Column(
            "Status",
            note="DRAFT or PUBLISHED. Empty: DRAFT. Of a published one also WITHDRAWN, or ENDED on the day in End.",
        ),
        Column("Reason", note="Why a published document changes. Needed for WITHDRAWN and ENDED."),
    ),
)

# What is stored under which column; a line's rows agree in all of these.
LINE_COLUMNS = {
    "unit": "Unit",
    "plan_kind": "Plan kind",
    **dict(zip(DAYS, DAY_COLUMNS, strict=True)),
    "weekly_quantity": "Weekly quantity",
    "start": "Start",
    "end": "End",
    "payment_method": "Payment method",
    "payment_basis": "Payment basis",
    "contribution": "Contribution",
    "top_up": "Top-up",
    "vat_code": "VAT code",
    "extras_allowed": "Extras allowed",
}
STATUSES = (DocumentState.DRAFT, DocumentState.PUBLISHED, DocumentState.WITHDRAWN, DocumentState.ENDED)
PLAN_COLUMNS = (*DAYS, "weekly_quantity")
NAMED_COLUMNS = {
    "organisation": "Organisation ref",
    "service": "Service",
    "document": "ISO",
    "person": "Person ref",
    "element": "Element",
}
# What a file may bring in: the field of the record it is kept in.
NEW_HERE = {"document": ("contract_document", "reference"), "person": ("person", "reference")}


@dataclass
class LineRow:
    """A row: `names` are what it calls other records, `ids` what those turned out to be, `values` the line itself.

    Where its reading is faulty, values may be missing; nothing but its problems is used then.
    """

    reading: Reading
    reference: str
    names: dict[str, str]
    person_name: str
    values: dict[str, Any]
    rate: Decimal
    rate_from: date
    status: DocumentState | None
    reason: str
    ids: dict[str, int]

    def key(self, name: str) -> str:
        """By what the row's name of another record is the same as another name, whatever its case and blanks."""
        return same_key(self.names[name])

    @property
    def number(self) -> int:
        """The row's number in the file."""
        return self.reading.row.number


@dataclass
class ImportedLine:
    """A line item as the file wants it, beside what is in the database under its reference."""

    rows: list[LineRow]
    found: LineItem | None = None
    rates: RateVersions = field(default_factory=list)

    @property
    def first(self) -> LineRow:
        """The row that speaks for all rows of the line."""
        return self.rows[0]

    @property
    def reason(self) -> str:
        """Why it changes, empty where none of its rows says so."""
        return next((row.reason for row in self.rows if row.reason), "")

    @property
    def values(self) -> dict[str, Any]:
        """What the file says of the line and its plan, without its document, organisation and person."""
        ids = self.first.ids
        return self.first.values | {"service_id": ids["service"], "element_id": ids["element"]}

    @property
    def own_values(self) -> dict[str, Any]:
        """The columns of the line itself."""
        return {name: value for name, value in self.values.items() if name not in PLAN_COLUMNS}

    def changes(self) -> dict[str, tuple[Any, Any]]:
        """Return by heading what the file says otherwise than the database, before and after; of a new line all is."""
        if self.found is None:
            return {"CPLI": (None, self.first.reference)}
        columns = LINE_COLUMNS | {"service_id": "Service", "element_id": "Element"}
        stored = stored_values(self.found)
        differing = {columns[key]: (stored[key], value) for key, value in self.values.items() if stored[key] != value}
        named = {"Service": (self.found.service.name, "service"), "Element": (self.found.element.name, "element")}
        differing |= {
            title: (before, self.first.names[key]) for title, (before, key) in named.items() if title in differing
        }
        rates = [(rate.start, rate.rate) for rate in self.found.rates]
        return differing | ({"Rate": (_rates(rates), _rates(self.rates))} if rates != self.rates else {})


@dataclass
class Document:
    """A contract document as the file wants it, beside its latest version in the database."""

    lines: list[ImportedLine]
    found: ContractDocument | None = None

    @property
    def first(self) -> LineRow:
        """The row that speaks for the document."""
        return self.lines[0].first

    @property
    def rows(self) -> list[LineRow]:
        """The rows of all its lines."""
        return [row for line in self.lines for row in line.rows]

    @property
    def reason(self) -> str:
        """Why it is withdrawn or ended, empty where none of its rows says so."""
        return next((line.reason for line in self.lines if line.reason), "")

    @property
    def status(self) -> DocumentState:
        """What it is to be: as one of its rows says, a draft where none does."""
        return next((row.status for row in self.rows if row.status), DocumentState.DRAFT)

    @property
    def publishes(self) -> bool:
        """Whether the file publishes it: it says so, and the document is new or a draft."""
        open_to_it = self.found is None or self.found.state is DocumentState.DRAFT
        return open_to_it and self.status is DocumentState.PUBLISHED


def _rates(versions: RateVersions) -> str:
    return ", ".join(f"{short_rate(rate)} from {uk_date(start)}" for start, rate in versions)


def read_line_row(row: Row, plan: ImportPlan) -> LineRow:
    """Return a row; each cell that cannot stand is a problem of the plan."""
    reading = Reading(row, plan)
    names = {
        key: reading.field(column, *NEW_HERE[key]) if key in NEW_HERE else reading.text(column, needed=True, most=200)
        for key, column in NAMED_COLUMNS.items()
    }
    reference = reading.field("CPLI", "line_item", "reference")
    person_name = reading.field("Person name", "person", "name", needed=False)
    values = _values(reading)
    rate = reading.money("Rate", 4, needed=True) or Decimal(0)
    rate_from = reading.day("Rate from")
    status = _status(reading)
    # It is kept with a rate or a plan, too, and has room there for a line.
    reason = reading.field("Reason", "rate", "reason", needed=False)
    if not reading.faulty:
        _check(reading, _fields(reference, values, rate, rate_from))
    rate_from = rate_from or values["start"] or date.min
    return LineRow(reading, reference, names, person_name, values, rate, rate_from, status, reason, {})


def _values(reading: Reading) -> dict[str, Any]:
    return {
        "unit": reading.word("Unit", Unit),
        "plan_kind": reading.word("Plan kind", PlanKind),
        **{day: reading.quantity(column) for day, column in zip(DAYS, DAY_COLUMNS, strict=True)},
        "weekly_quantity": reading.quantity("Weekly quantity"),
        "start": reading.day("Start", needed=True),
        "end": reading.day("End"),
        "payment_method": reading.word("Payment method", PaymentMethod),
        "payment_basis": reading.word("Payment basis", PaymentBasis, PaymentBasis.GROSS),
        "contribution": reading.money("Contribution") or Decimal(0),
        "top_up": reading.money("Top-up") or Decimal(0),
        "vat_code": reading.word("VAT code", VatCode, VatCode.EXEMPT),
        "extras_allowed": reading.yes_no("Extras allowed"),
    }


def _fields(reference: str, values: dict[str, Any], rate: Decimal, rate_from: date | None) -> LineFields:
    days = tuple(values[day] for day in DAYS)
    own = {name: values[name] for name in LineFields._fields if name in values}
    return LineFields(reference=reference, days=days, rate=rate, rate_from=rate_from, **own)


def _status(reading: Reading) -> DocumentState | None:
    said = reading.text("Status").lower()
    status = next((each for each in STATUSES if each.value == said), None)
    if said and status is None:
        wrong = "A document comes in as a draft or published; one that was published is withdrawn or ended."
        reading.refuse("Status", Code.NOT_ON_LIST, wrong, f"Use {either(each.value.upper() for each in STATUSES)}.")
    return status


def _check(reading: Reading, fields: LineFields) -> None:
    """Judge a row whose cells could all be read, by the rules of any line."""
    columns = LINE_COLUMNS | {"reference": "CPLI", "rate": "Rate", "rate_from": "Rate from"}
    for problem in problems_of_line(fields, today()):
        reading.refuse(columns[problem.field], problem.code, problem.wrong, problem.remedy)


def stored_values(line: LineItem) -> dict[str, Any]:
    """Return what a line has under each column of the file: of plans and contributions the last there is."""
    plan = line.plans[-1] if line.plans else None
    days = plan.days if plan else NO_DAYS
    deducted = line.deductions[-1] if line.deductions else line
    return (
        {name: getattr(line, name) for name in (*LINE_COLUMNS, "service_id", "element_id") if name not in PLAN_COLUMNS}
        | dict(zip(DAYS, days, strict=True))
        | {"weekly_quantity": plan.weekly_quantity if plan else NOTHING}
        | {"contribution": deducted.contribution, "top_up": deducted.top_up}
    )


def plan_values(line: ImportedLine, key: int) -> dict[str, Any]:
    """Return the plan of a line, from its start on."""
    values = line.first.values
    return {name: values[name] for name in PLAN_COLUMNS} | {
        "organisation_id": line.first.ids["organisation"],
        "line_item_id": key,
        "start": values["start"],
    }


def rate_values(line: ImportedLine, key: int) -> list[dict[str, Any]]:
    """Return the rates of a line, each until the day before the next."""
    ends = [start - timedelta(days=1) for start, _ in line.rates[1:]]
    return [
        {
            "organisation_id": line.first.ids["organisation"],
            "line_item_id": key,
            "rate": rate,
            "start": start,
            "end": end,
        }
        for (start, rate), end in zip(line.rates, [*ends, None], strict=True)
    ]
