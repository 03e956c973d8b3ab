"""What a paper ISO is, held against the system: a line that is there, a new agreement, or a question (rules.md 12)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import CompoundSelect, func, select, union_all
from sqlalchemy.orm import joinedload

from models import Actual, ContractDocument, Element, LineItem, Organisation, PaperOrder, Person, Service, db
from rules.agreement_states import PaperState
from rules.paper_order import (
    Agreement,
    KnownLine,
    overlapping,
    problems_of_paper,
    same,
    same_lines,
    same_person,
    service_of,
    why_rate_differs,
    why_somebody_chooses,
)
from rules.period import uk_date
from rules.plan import NO_DAYS
from rules.problem_codes import Code
from rules.refusal import Problem
from rules.unusual import Unusual, unusual_rates, unusual_start
from workflows import policy
from workflows.clock import today
from workflows.contracts.publication import medians_of
from workflows.proposals import steps


@dataclass(frozen=True)
class PaperVerdict:
    """What would become of a paper ISO now.

    `same` are the lines it may be, `near` all live lines of its person and element. `lacks` is each field that is
    missing or wrong, `unusual` what a second officer would have to look at if it became a new line. The keys are those
    of its service, element and person, where they are known.
    """

    paper: Agreement
    same: tuple[KnownLine, ...]
    near: tuple[KnownLine, ...]
    lacks: tuple[Problem, ...]
    unusual: tuple[Unusual, ...]
    reasons: tuple[str, ...]
    service_id: int | None
    element_id: int | None
    person_id: int | None

    @property
    def outcome(self) -> PaperState:
        """What the job would make of it."""
        if len(self.same) == 1:
            return PaperState.REPLACED
        return PaperState.REVIEW if self.reasons else PaperState.MIGRATED


@dataclass(frozen=True)
class _Known:
    """What the system knows about some papers; names and references without regard to case."""

    elements: Mapping[str, tuple[int, str]]
    services: Mapping[int, Mapping[str, int]]
    people: Mapping[str, Person]
    lines: Mapping[tuple[int, int], list[KnownLine]]
    taken: frozenset[str]
    medians: Mapping[int, Decimal]


def line_reference(paper: PaperOrder) -> str:
    """Return the reference of the line that a paper ISO becomes; its ISO keeps the paper's own."""
    return f"{paper.reference}-1"


def judge_papers(papers: Sequence[PaperOrder]) -> dict[int, PaperVerdict]:
    """Return what would become of each paper ISO now, by id; a handful of queries, however many papers."""
    known = _read(papers)
    return {paper.id: _judge(paper, known) for paper in papers}


def judge(paper: PaperOrder) -> PaperVerdict:
    """Return what would become of one paper ISO now."""
    return judge_papers([paper])[paper.id]


def _judge(paper: PaperOrder, known: _Known) -> PaperVerdict:
    agreement = agreement_of_paper(paper)
    days = policy.for_council("paper_match_days")
    person = known.people.get(paper.person_reference.casefold())
    element = known.elements.get(paper.element_name.casefold())
    service_id, no_service = service_of(paper.service_name, known.services.get(paper.organisation_id, {}))
    lines = known.lines.get((paper.organisation_id, person.id), []) if person else []
    found = same_lines(agreement, lines, days)
    lacks = [*problems_of_paper(agreement, line_reference(paper), today()), *([no_service] if no_service else [])]
    lacks += _why_unknown(paper, person, element, known)
    unusual = _unusual(paper, agreement, lines, known.medians.get(element[0]) if element else None)
    reasons = [why_somebody_chooses(found, days)] if len(found) > 1 else []
    reasons += [each.message for each in lacks]
    # Which line it is comes first: what is unusual about a new one may not matter.
    reasons += [] if len(found) > 1 else [each.sentence for each in unusual]
    near = [line for line in lines if same(line.agreement.element, agreement.element)]
    if rate := why_rate_differs(agreement, found if len(found) > 1 else near) if reasons else "":
        reasons.append(rate)
    return PaperVerdict(
        agreement, tuple(found), tuple(near), tuple(lacks), tuple(unusual), tuple(reasons),
        service_id, element[0] if element else None, person.id if person else None,
    )  # fmt: skip


def _why_unknown(
    paper: PaperOrder, person: Person | None, element: tuple[int, str] | None, known: _Known
) -> list[Problem]:
    found = []
    if element is None:
        wrong = f"There is no element of care “{paper.element_name}”."
        found.append(Problem(Code.NOT_FOUND, wrong, "Use a name of the council's list.", "element_name"))
    if person is None and not paper.person_name.strip():
        wrong = f"{paper.person_reference} is somebody new, and the paper has no name."
        found.append(Problem(Code.MISSING, wrong, "Enter the person's name.", "person_name"))
    if person and not same_person(paper.person_name, person.name):
        wrong = f"{paper.person_reference} is {person.name}; the paper is for {paper.person_name}."
        found.append(Problem(Code.CONTRADICTION, wrong, "Check the person's reference.", "person_reference"))
    for reference in (paper.reference, line_reference(paper)):
        if reference.casefold() in known.taken:
            wrong = f"There is a contract document or line {reference} already."
            found.append(Problem(Code.TAKEN, wrong, "Check the reference of the paper.", "reference"))
    return found


def _unusual(
    paper: PaperOrder, agreement: Agreement, lines: Sequence[KnownLine], median: Decimal | None
) -> list[Unusual]:
    """Return what a second officer would have to look at if the paper became a new line (rules.md 14 and 17)."""
    reference, limits = line_reference(paper), steps.limits()
    found = []
    for line in overlapping(agreement, lines):
        since = uk_date(max(line.agreement.start, agreement.start))
        question = f"Line {line.reference} is for the same person and element from {since} on. Are both meant?"
        found.append(Unusual(f"overlap {reference} {line.reference}", question))
    if agreement.rate is not None:
        found += unusual_rates(reference, agreement.rate, None, median, limits)
    return found + unusual_start(reference, agreement.start, today(), limits)


def agreement_of_paper(paper: PaperOrder) -> Agreement:
    """Return what a paper ISO says."""
    return Agreement(
        paper.organisation.name, paper.service_name, paper.person_reference, paper.person_name, paper.element_name,
        paper.unit, paper.plan_kind, paper.days, paper.weekly_quantity, paper.rate, paper.start, paper.end,
    )  # fmt: skip


def _read(papers: Sequence[PaperOrder]) -> _Known:
    people: dict[str, Person] = {}
    elements: dict[str, tuple[int, str]] = {}
    services: dict[int, dict[str, int]] = defaultdict(dict)
    medians: dict[int, Decimal] = {}
    rows = db.session.execute(_named(papers)).all()
    for person, element, service, median, _ in rows:
        if person:
            people[person.reference.casefold()] = person
        if element:
            elements[element.name.casefold()] = (element.id, element.name)
        if median is not None:
            medians[element.id] = median
        if service:
            services[service.organisation_id][service.name] = service.id
    return _Known(
        elements, services, people,
        _read_lines({paper.organisation_id for paper in papers}, [person.id for person in people.values()]),
        frozenset(reference.casefold() for row in rows for reference in row.taken), medians,
    )  # fmt: skip


def _named(papers: Sequence[PaperOrder]) -> Any:
    """Return the query of whom and what papers name, beside each service of their organisations.

    With the median rate of the element, and in every row the same: which of the references they would need are taken.
    """
    among = PaperOrder.id.in_([paper.id for paper in papers])
    same_element = func.lower(Element.name) == func.lower(PaperOrder.element_name)
    medians = medians_of(select(Element.id).join(PaperOrder, same_element).where(among)).subquery()
    return (
        select(Person, Element, Service, medians.c.median, func.array(_taken(papers).scalar_subquery()).label("taken"))
        .select_from(PaperOrder)
        .outerjoin(Person, func.lower(Person.reference) == func.lower(PaperOrder.person_reference))
        .outerjoin(Element, same_element)
        .outerjoin(Service, Service.organisation_id == PaperOrder.organisation_id)
        .outerjoin(medians, medians.c.element_id == Element.id)
        .where(among)
    )


def _taken(papers: Sequence[PaperOrder]) -> CompoundSelect[tuple[str]]:
    """Return the query of those references of papers, and of the lines they become, that something bears already."""
    wanted = {each.lower() for paper in papers for each in (paper.reference, line_reference(paper))}
    columns = (ContractDocument.reference, LineItem.reference)
    return union_all(*(select(column).where(func.lower(column).in_(wanted)) for column in columns))


def _read_lines(organisation_ids: set[int], person_ids: Sequence[int]) -> Mapping[tuple[int, int], list[KnownLine]]:
    """Return the live lines of people with organisations: those whose care is entered, and paid."""
    weeks = select(func.count()).where(Actual.line_item_id == LineItem.id).scalar_subquery()
    statement = (
        select(LineItem, weeks)
        .join(LineItem.document)
        .where(LineItem.organisation_id.in_(organisation_ids), LineItem.person_id.in_(person_ids))
        .where(ContractDocument.takes_actuals)
        .options(joinedload(LineItem.document), joinedload(LineItem.element), joinedload(LineItem.person))
        .options(joinedload(LineItem.service), joinedload(LineItem.organisation).load_only(Organisation.name))
        .options(joinedload(LineItem.plans), joinedload(LineItem.rates))
        .order_by(LineItem.start, LineItem.reference)
    )
    found: dict[tuple[int, int], list[KnownLine]] = defaultdict(list)
    for line, count in db.session.execute(statement).unique():
        agreement = _agreement_of_line(line)
        found[line.organisation_id, line.person_id].append(
            KnownLine(line.id, line.reference, line.document_id, line.document.reference, agreement, count)
        )
    return found


def _agreement_of_line(line: LineItem) -> Agreement:
    plan = line.plans[0] if line.plans else None
    return Agreement(
        line.organisation.name, line.service.name, line.person.reference, line.person.name, line.element.name,
        line.unit, line.plan_kind, plan.days if plan else NO_DAYS, plan.weekly_quantity if plan else Decimal(0),
        line.rates[0].rate if line.rates else None, line.start, line.end,
    )  # fmt: skip
