"""What a proposal would publish: each document with its lines, their plans and rates, and what a week costs."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from models import ContractDocument, Element, LineItem, Proposal, Service, db
from rules.document_content import EXTRAS, EXTRAS_HEADING
from rules.money import NOTHING, pounds, short_rate
from rules.period import DAY, DAY_NAMES, monday_of, uk_date
from rules.plan import LinePlan, PlanVersion, plan_of_week, unit_words, week_in_words
from rules.price import RateVersion
from rules.scheduled import Deductions
from rules.states import PlanKind, Unit, label
from workflows.agreements.change_checks import is_paid_in_full
from workflows.agreements.change_effect import Proposed
from workflows.agreements.new_version import NewLine, line_in
from workflows.contracts.versions import load_documents
from workflows.weeks.price import price_at_plan


@dataclass(frozen=True)
class ProposedLine:
    """A line that would be published: plans and rates in words, oldest first; `cost` is a whole week's, in pounds.

    `paid` says how, and `deducted` what of it others pay, in words; empty where it is paid in full. `extras` says
    whether it may go above its plan, empty where the policy does.
    """

    reference: str
    element: str
    plans: list[str]
    rates: list[str]
    start: date
    end: date | None
    paid: str
    deducted: str
    extras: str
    cost: Decimal | None


@dataclass(frozen=True)
class ProposedDocument:
    """A document as it would be published; `differs` is what is not as in the version before, in words."""

    document: ContractDocument
    lines: list[ProposedLine]
    differs: list[tuple[str, str, str]]

    @property
    def cost(self) -> Decimal:
        """What a whole week of all lines shown costs, in pounds."""
        return sum((line.cost or NOTHING for line in self.lines), NOTHING)


@dataclass(frozen=True)
class _Priced:
    plan: LinePlan
    rate_versions: list[RateVersion]


def drafts_of(proposal: Proposal) -> list[ProposedDocument]:
    """Return the drafts that a proposal would publish, as they stand now."""
    documents = load_documents(proposal.payload["documents"], lock=False)
    return [ProposedDocument(each, [_line(line) for line in each.line_items], []) for each in documents]


def changed_document(proposal: Proposed) -> ProposedDocument:
    """Return the document of which a new version is proposed, with the lines it adds."""
    document, payload = db.session.get_one(ContractDocument, proposal.document_id), proposal.payload
    differs = []
    if payload["service_id"] != document.service_id:
        service = db.session.get_one(Service, payload["service_id"])
        differs.append(("Service", document.service.name, service.name))
    if payload["terms"] != document.terms:
        differs.append(("Terms", document.terms, payload["terms"]))
    lines = [_new_line(line_in(each)) for each in payload["lines"]]
    differs += [(f"Line {line.reference}", "", f"{line.element}, {line.plans[0]}, {line.rates[0]}") for line in lines]
    return ProposedDocument(document, lines, differs)


def _line(line: LineItem) -> ProposedLine:
    # Somebody may have taken a plan or a rate from a draft that waits: then it has no cost, and the page opens.
    last = max(line.start, line.start, *(each.start for each in line.plans), *(each.start for each in line.rates))
    whole = line.plans and line.rates
    return ProposedLine(
        line.reference,
        line.element.name,
        [plan_words(line.unit, line.plan_kind, each.version) for each in line.plans],
        [rate_words(line.unit, each) for each in line.rate_versions],
        line.start,
        line.end,
        label(line.payment_method),
        _deducted(line, line.start),
        _extras(line),
        _cost(_Priced(line.plan._replace(end=None), line.rate_versions), last) if whole else None,
    )


def _new_line(line: NewLine) -> ProposedLine:
    plan = LinePlan(line.plan_kind, line.unit, (line.plan,), line.plan.start, None)
    return ProposedLine(
        line.reference,
        db.session.get_one(Element, line.element_id).name,
        [plan_words(line.unit, line.plan_kind, line.plan)],
        [rate_words(line.unit, each) for each in line.rate_versions],
        line.plan.start,
        line.end,
        label(line.payment_method),
        _deducted(line, line.plan.start),
        _extras(line),
        _cost(_Priced(plan, line.rate_versions), line.rate_versions[-1].start),
    )


def _deducted(line: LineItem | NewLine, start: date) -> str:
    """Return what a line says is deducted of its payments from its first day on."""
    in_full = is_paid_in_full(line.payment_method, line.payment_basis)
    return "" if in_full else deduction_words(Deductions(start, line.contribution, line.top_up))


def _extras(line: LineItem | NewLine) -> str:
    return "" if line.extras_allowed is None else f"{EXTRAS_HEADING}: {EXTRAS[line.extras_allowed]}"


def _cost(line: _Priced, since: date) -> Decimal | None:
    """Return what the first whole week from a day on costs at plan."""
    return price_at_plan(line, since if since.weekday() == 0 else monday_of(since) + 7 * DAY).amount


def deduction_words(version: Deductions) -> str:
    """Return what is deducted in words: "£139.75 from the person, £25.00 top-up a week, from 16 October 2017"."""
    parts = f"{pounds(version.contribution)} from the person, {pounds(version.top_up)} top-up a week"
    return f"{parts}, from {uk_date(version.start)}"


def plan_words(unit: Unit, kind: PlanKind, version: PlanVersion) -> str:
    """Return a plan in words: "Mon 1.00, Wed 1.00: 2.00 hours a week, from 16 October 2017"."""
    plan = LinePlan(kind, unit, (version,), version.start, None)
    week = plan_of_week(plan, monday_of(version.start) + 7 * DAY)
    total = f"{week_in_words(unit, week)}, from {uk_date(version.start)}"
    days = [f"{name} {units:.2f}" for name, units in zip(DAY_NAMES, version.days, strict=True) if units]
    return f"{', '.join(days)}: {total}" if kind is PlanKind.TIMETABLED else total


def rate_words(unit: Unit, rate: RateVersion) -> str:
    """Return a rate in words: "£19.68 per hour, from 16 October 2017"."""
    until = f" until {uk_date(rate.end)}" if rate.end else ""
    return f"{short_rate(rate.rate)} per {unit_words(unit, Decimal(1))}, from {uk_date(rate.start)}{until}"
