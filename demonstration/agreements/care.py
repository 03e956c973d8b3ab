"""What the demonstration council commissions: people, contract documents, line items with plans and rates."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import count
from random import Random

from demonstration.agreements.publication import publish
from demonstration.names import people
from models import DAYS, ContractDocument, Element, LineItem, Organisation, Person, Plan, Rate, db
from rules.agreement_states import DocumentState
from rules.period import DAY, WEEK, monday_of
from rules.states import PaymentBasis, PaymentMethod, PlanKind, Unit
from workflows.clock import LONDON

TERMS = (
    "The provider delivers the care described in the person's care and support plan, by trained staff, at the times "
    "agreed with the person. Changes that last are agreed with Service Brokerage before they begin."
)


@dataclass(frozen=True)
class CareKind:
    """A kind of care as it is commissioned: how it is counted and planned, and what it costs (pounds per unit)."""

    element: str
    unit: Unit
    plans: Sequence[str]  # seven quantities, Monday to Sunday, or one for the week
    rates: Sequence[str]


PERSONAL_CARE = CareKind(
    "Personal care",
    Unit.HOUR,
    (
        "0.5 0.5 0.5 0.5 0.5 0.5 0.5", "0.75 0.75 0.75 0.75 0.75 0.75 0.75", "1 1 1 1 1 1 1",
        "1.25 1.25 1.25 1.25 1.25 1.25 1.25", "1.25 1.25 1.25 1.25 1.25 1.75 1.75", "1.5 1.5 1.5 1.5 1.5 1.5 1.5",
        "2.25 2.25 2.25 2.25 2.25 2.25 2.25", "2.75 2.75 2.75 2.75 2.75 2.25 2.25", "3.5 3.5 3.5 3.5 3.5 3.5 3.5",
        "1 1 1 1 1 0 0", "0.75 0 0.75 0 0.75 0 0", "0 0.5 0 0.5 0 0.5 0", "0.5 0.5 0.5 0.5 0.5 0 0",
    ),
    ("19.68", "19.68", "20.25", "21.40", "22.75", "23.96", "25.10", "27.00"),
)  # fmt: skip
SITTING = CareKind("Sitting service", Unit.HOUR, ("3", "4", "6"), ("19.68", "20.25"))
SUPPORT = CareKind("Community support", Unit.HOUR, ("0 2 0 2 0 0 0", "3 0 0 3 0 0 0"), ("20.25", "22.75"))
SLEEP_IN = CareKind("Sleep-in", Unit.NIGHT, ("1 1 1 1 1 1 1", "0 0 0 0 1 1 1"), ("78.50", "94.50"))
SESSION = CareKind("Day session", Unit.SESSION, ("1 0 1 0 1 0 0", "0 1 0 1 0 0 0", "1 1 1 1 1 0 0"), ("42.00", "51.75"))
# What every twelve lines of home support are made of.
HOME_SUPPORT = (*[PERSONAL_CARE] * 5, SITTING, *[PERSONAL_CARE] * 3, SLEEP_IN, PERSONAL_CARE, SESSION,
                *[PERSONAL_CARE] * 6, SUPPORT, *[PERSONAL_CARE] * 5)  # fmt: skip
NURSING = (CareKind("Nursing care week", Unit.WEEK, ("1",), ("912.40", "978.60", "1041.25")),)
RESIDENTIAL = (CareKind("Residential week", Unit.WEEK, ("1",), ("748.37", "764.90", "812.50")),)


@dataclass
class Commissioning:
    """Makes lines, each with its document and person, with references that count on; `portal_start` is a Monday."""

    chance: Random
    portal_start: date
    today: date
    elements: dict[str, Element] = field(default_factory=dict)
    documents: "count[int]" = field(default_factory=lambda: count(20_488))
    lines: "count[int]" = field(default_factory=lambda: count(48_210))
    persons: "count[int]" = field(default_factory=lambda: count(104_233, 7))

    def commission(
        self, organisation: Organisation, kinds: Sequence[CareKind], number: int, *, waiting: Sequence[int] = ()
    ) -> None:
        """Draft so many lines for as many people; `waiting` are those whose document is not yet accepted.

        They are drafts until `publish`. The caller commits.
        """
        for index, name in enumerate(people(self.chance, number)):
            state = DocumentState.PUBLISHED if index in waiting else DocumentState.ACCEPTED
            document = self._document(organisation, name, state)
            start, end = self._dates(index)
            self._line(document, kinds[index % len(kinds)], start, end, index)

    def publish(self, organisation: Organisation) -> None:
        """Publish all the drafts of an organisation, as one officer proposed and another confirmed. Commits."""
        publish(organisation.id)
        db.session.commit()

    def add_line(self, document: ContractDocument, kind: CareKind) -> None:
        """Give a draft one more line, such as nights beside days; the caller commits."""
        self._line(document, kind, document.line_items[0].start, None, 0)

    def draft_late(self, organisation: Organisation, kind: CareKind, start: date) -> ContractDocument:
        """Draft the document of somebody whose care began before anybody wrote it down; the caller commits."""
        (name,) = people(self.chance, 1)
        document = self._document(organisation, name, DocumentState.PUBLISHED)
        self._line(document, kind, start, None, 0)
        db.session.flush()
        return document

    def _document(self, organisation: Organisation, name: str, state: DocumentState) -> ContractDocument:
        # What nobody has accepted yet came in the last days.
        latest = self.portal_start - 4 * DAY if state is DocumentState.ACCEPTED else self.today
        published = datetime.combine(latest - self.chance.randint(1, 9) * DAY, time(11), LONDON)
        accepted = published + self.chance.randint(1, 3) * DAY
        contact = next((contact.user_id for contact in organisation.contacts if contact.may_documents), None)
        document = ContractDocument(
            organisation=organisation,
            service=self.chance.choice(organisation.services),
            person=Person(reference=f"P{next(self.persons)}", name=name),
            reference=f"ISO-{next(self.documents)}",
            terms=TERMS,
            published_at=published,
        )
        if state is DocumentState.ACCEPTED:
            document.accepted_at, document.accepted_by_id = accepted, contact
        db.session.add(document)
        db.session.flush()
        return document

    def _dates(self, index: int) -> tuple[date, date | None]:
        """Most lines began before the portal did and go on; a few begin, or end, in the middle of a period."""
        long_ago = monday_of(self.portal_start - timedelta(days=self.chance.randint(30, 900)))
        if index % 15 == 7:
            return self.portal_start + (6 + index % 8) * WEEK + 2 * DAY, None
        if index % 15 == 12:
            return long_ago, self.portal_start + (9 + index % 5) * WEEK + 3 * DAY
        return long_ago, None

    def _line(self, document: ContractDocument, kind: CareKind, start: date, end: date | None, index: int) -> None:
        plan = [Decimal(quantity) for quantity in self.chance.choice(kind.plans).split()]
        weekly = len(plan) == 1
        line = LineItem(
            organisation_id=document.organisation_id,
            document=document,
            service_id=document.service_id,
            person=document.person,
            element=self.elements.setdefault(kind.element, Element(name=kind.element)),
            reference=str(next(self.lines)),
            unit=kind.unit,
            plan_kind=PlanKind.WEEKLY if weekly else PlanKind.TIMETABLED,
            # A share of a week's hours would not be in steps of a quarter: such lines begin and end with a week.
            start=monday_of(start) if weekly else start,
            end=None if weekly else end,
        )
        units = {"weekly_quantity": plan[0]} if weekly else dict(zip(DAYS, plan, strict=True))
        line.plans = [Plan(organisation_id=document.organisation_id, start=line.start, **units)]
        if kind.unit is Unit.WEEK:
            self._pay_by_schedule(line, index)
        line.rates = self._rates(line, Decimal(self.chance.choice(kind.rates)), index)
        db.session.add(line)

    def _pay_by_schedule(self, line: LineItem, index: int) -> None:
        line.payment_method, line.payment_basis = PaymentMethod.SCHEDULED, PaymentBasis.NET
        line.contribution = Decimal(self.chance.randint(14_000, 18_500)) / 100
        line.top_up = Decimal(self.chance.choice((2500, 4000, 6000))) / 100 if index % 5 == 2 else Decimal(0)

    def _rates(self, line: LineItem, rate: Decimal, index: int) -> list[Rate]:
        owner = line.organisation_id
        change = self.portal_start + (5 + index % 9) * WEEK + 3 * DAY
        if index % 10 != 4 or line.start >= change or (line.end and line.end < change):
            return [Rate(organisation_id=owner, rate=rate, start=line.start)]
        raised = (rate * Decimal("1.03")).quantize(Decimal("0.01"))
        return [
            Rate(organisation_id=owner, rate=rate, start=line.start, end=change - DAY),
            Rate(organisation_id=owner, rate=raised, start=change, reason="Uplift agreed with the provider"),
        ]
