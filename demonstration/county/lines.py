"""What the county commissions: people, documents, lines and rates, as rows for COPY.

Lines begin on a Monday and end on a Sunday, and rates change on a Monday, so that every week is one priced segment.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import cycle
from random import Random
from typing import NamedTuple

from demonstration.agreements.care import (
    HOME_SUPPORT,
    NURSING,
    PERSONAL_CARE,
    RESIDENTIAL,
    SESSION,
    SITTING,
    SLEEP_IN,
    SUPPORT,
    TERMS,
    CareKind,
)
from demonstration.county.organisations import LARGEST, OF_25, Commissioned
from demonstration.county.owner import Owner
from demonstration.county.scale import County
from demonstration.county.versions import confirmed, versions_of
from demonstration.names import people
from models import DAYS
from rules.agreement_states import DocumentState
from rules.money import NOTHING, round2
from rules.period import DAY, WEEK, monday_of
from rules.plan import NO_DAYS, LinePlan, SevenDays, plan_throughout
from rules.price import RateVersion
from rules.states import PaymentBasis, PaymentMethod, PlanKind, Unit, VatCode
from workflows.clock import LONDON

KINDS: dict[str, Sequence[CareKind]] = {
    "Home support": HOME_SUPPORT,
    "Residential": RESIDENTIAL,
    "Nursing": NURSING,
    "Supported living": (PERSONAL_CARE, SUPPORT, PERSONAL_CARE, SLEEP_IN),
    "Day opportunities": (SESSION, SESSION, SUPPORT),
    "Housing with care": (PERSONAL_CARE, PERSONAL_CARE, SITTING),
}
# How many lines an organisation of a sector has beside one of home support.
SIZES = {"Residential": 0.4, "Nursing": 0.5, "Day opportunities": 0.8}
NEW_PROVIDER = "Wensum Support"  # has not signed in yet, so nothing is commissioned
STEADY = (LARGEST, OF_25)  # every line began before the portal did and goes on
SPREAD = 1.2  # of the logarithm of lines in an organisation: the median is half of the mean
UPLIFT = Decimal("1.03")


class Template(NamedTuple):
    """What the weeks of a line are like: the sector whose level applies, the unit and the plan as it was written."""

    sector: str
    unit: Unit
    plan: str


class CountyLine(NamedTuple):
    """A line with its rates, oldest first."""

    id: int
    organisation_id: int
    reference: str
    template: Template
    plan: LinePlan
    rates: Sequence[RateVersion]


@dataclass
class LineRows:
    """Rows by table, in the order in which they refer to each other."""

    element: list[dict[str, object]] = field(default_factory=list)
    person: list[dict[str, object]] = field(default_factory=list)
    contract_document: list[dict[str, object]] = field(default_factory=list)
    line_item: list[dict[str, object]] = field(default_factory=list)
    plan: list[dict[str, object]] = field(default_factory=list)
    rate: list[dict[str, object]] = field(default_factory=list)
    document_version: list[dict[str, object]] = field(default_factory=list)


def add_lines(
    owner: Owner, county: County, chance: Random, providers: Sequence[Commissioned], first: date, last: date
) -> list[CountyLine]:
    """Commission the county's lines, and return those that are paid on actuals.

    `first` is the Monday on which the portal began, `last` the last day of the period that ended last.
    """
    maker = _LineMaker(owner, chance, first, last)
    for provider, number in zip(providers, _shares(county, chance, providers), strict=True):
        maker.commission(provider, number)
    with owner.at_once():
        proposal = confirmed(owner, len(maker.rows.contract_document))
        maker.rows.document_version = versions_of(owner, vars(maker.rows), proposal)
        for table, rows in vars(maker.rows).items():
            owner.pour(table, rows)
            owner.count_on(table)
    return maker.made


def plan_of(unit: Unit, text: str, start: date, end: date | None) -> LinePlan:
    """Return a plan from its text: seven quantities, Monday to Sunday, or one for the week."""
    figures = [Decimal(quantity) for quantity in text.split()]
    if len(figures) == 1:
        return plan_throughout(PlanKind.WEEKLY, unit, NO_DAYS, figures[0], start, end)
    mon, tue, wed, thu, fri, sat, sun = figures
    days: SevenDays = (mon, tue, wed, thu, fri, sat, sun)
    return plan_throughout(PlanKind.TIMETABLED, unit, days, Decimal(0), start, end)


def _shares(county: County, chance: Random, providers: Sequence[Commissioned]) -> list[int]:
    """Return how many live lines each organisation has: few have many; all together are the county's."""
    fixed = {LARGEST: county.largest, OF_25: 25, NEW_PROVIDER: 0}
    others = [index for index, each in enumerate(providers) if each.name not in fixed]
    weights = {index: chance.lognormvariate(0, SPREAD) * SIZES.get(providers[index].sector, 1) for index in others}
    left = county.lines - sum(fixed.values())
    shares = [fixed.get(each.name, 0) for each in providers]
    for index, weight in weights.items():
        shares[index] = min(county.largest - 1, max(1, round(weight * left / sum(weights.values()))))
    # What rounding and the two limits took or added, one by one.
    for index in cycle(sorted(others, key=lambda index: -weights[index])):
        missing = county.lines - sum(shares)
        if not missing:
            break
        changed = shares[index] + (1 if missing > 0 else -1)
        if 1 <= changed < county.largest:
            shares[index] = changed
    return shares


class _LineMaker:
    def __init__(self, owner: Owner, chance: Random, first: date, last: date) -> None:
        self.chance, self.begins, self.ends = chance, first, last
        self.weeks = (last - first).days // 7 + 1
        self.elements: dict[str, int] = {}
        self.first = {table: owner.next_id(table) for table in vars(LineRows())}
        self.rows = LineRows()
        self.made: list[CountyLine] = []
        years = range(first.year, last.year + 1)
        # The Mondays on or after 1 April.
        self.uplifts = [monday for year in years if first < (monday := monday_of(date(year, 4, 7))) <= last]

    def commission(self, provider: Commissioned, number: int) -> None:
        """Commission so many live lines, and a fifth as many that have ended; a sixth of people have two."""
        steady = provider.name in STEADY
        kinds = KINDS[provider.sector]
        ended = 0 if steady else (number + self.chance.randint(0, 4)) // 5
        document: dict[str, object] = {}
        for index, name in enumerate(people(self.chance, number + ended)):
            over = index >= number
            start, end = self._ended() if over else (self._start(steady), None)
            if not document or over or index % 6 != 5:
                document = self._document(provider, name, start, over)
            self._line(provider, document, kinds[index % len(kinds)], start, end)

    def _start(self, steady: bool) -> date:
        if steady or self.chance.random() < 0.85:
            return monday_of(self.begins - timedelta(days=self.chance.randint(30, 900)))
        return self.begins + self.chance.randrange(self.weeks) * WEEK

    def _ended(self) -> tuple[date, date]:
        last_week = self.chance.randrange(1, self.weeks)
        start = self._start(self.chance.random() < 0.5)
        return min(start, self.begins + (last_week - 1) * WEEK), self.begins + last_week * WEEK - DAY

    def _document(self, provider: Commissioned, name: str, start: date, ended: bool) -> dict[str, object]:
        person_id, document_id = self._next("person"), self._next("contract_document")
        self.rows.person.append({"id": person_id, "reference": f"P{100_000 + person_id}", "name": name})
        published = datetime.combine(start - self.chance.randint(4, 12) * DAY, time(11), LONDON)
        # Of what began in the last weeks some is not accepted yet.
        waits = not ended and start > self.ends - 6 * WEEK and self.chance.random() < 0.3
        states = DocumentState.ENDED if ended else DocumentState.PUBLISHED if waits else DocumentState.ACCEPTED
        row: dict[str, object] = {
            "id": document_id, "organisation_id": provider.id, "service_id": self.chance.choice(provider.services),
            "person_id": person_id, "reference": f"ISO-{20_000 + document_id}", "version": 1, "state": states.value,
            "terms": TERMS, "published_at": published,
            "accepted_at": None if waits else published + self.chance.randint(1, 3) * DAY,
            "accepted_by_id": None if waits else provider.accepts,
        }  # fmt: skip
        self.rows.contract_document.append(row)
        return row

    def _line(
        self, provider: Commissioned, document: dict[str, object], kind: CareKind, start: date, end: date | None
    ) -> None:
        text = self.chance.choice(kind.plans)
        plan = plan_of(kind.unit, text, start, end)
        id_ = self._next("line_item")
        scheduled = kind.unit is Unit.WEEK
        row = {name: document[name] for name in ("organisation_id", "service_id", "person_id")} | {
            "id": id_, "document_id": document["id"], "element_id": self._element(kind.element),
            "reference": str(40_000 + id_), "unit": kind.unit.value, "plan_kind": plan.kind.value,
            "start": start, "end": end,
            "payment_method": (PaymentMethod.SCHEDULED if scheduled else PaymentMethod.ACTUALS).value,
            "payment_basis": (PaymentBasis.NET if scheduled else PaymentBasis.GROSS).value,
            "contribution": Decimal(self.chance.randint(14_000, 18_500)) / 100 if scheduled else NOTHING,
            "top_up": Decimal(25) if scheduled and id_ % 5 == 2 else NOTHING, "vat_code": VatCode.EXEMPT.value,
        }  # fmt: skip
        self.rows.line_item.append(row)
        version = plan.versions[0]
        self.rows.plan.append({
            "id": self._next("plan"), "organisation_id": row["organisation_id"], "line_item_id": id_, "start": start,
            "weekly_quantity": version.weekly, **dict(zip(DAYS, version.days, strict=True)),
        })  # fmt: skip
        rates = self._rates(row, Decimal(self.chance.choice(kind.rates)), plan)
        if not scheduled:
            template = Template(provider.sector, kind.unit, text)
            self.made.append(
                CountyLine(id_, int(str(row["organisation_id"])), str(row["reference"]), template, plan, rates)
            )

    def _rates(self, line: dict[str, object], rate: Decimal, plan: LinePlan) -> list[RateVersion]:
        begins = [plan.start, *(day for day in self.uplifts if plan.start < day and (not plan.end or day <= plan.end))]
        rates = []
        for index, start in enumerate(begins):
            end = begins[index + 1] - DAY if index + 1 < len(begins) else None
            rates.append(RateVersion(round2(rate * UPLIFT**index), start, end))
            self.rows.rate.append({
                "id": self._next("rate"), "organisation_id": line["organisation_id"], "line_item_id": line["id"],
                "rate": rates[-1].rate, "start": start, "end": end, "reason": "Yearly uplift" if index else "",
            })  # fmt: skip
        return rates

    def _element(self, name: str) -> int:
        if name not in self.elements:
            self.elements[name] = self._next("element")
            self.rows.element.append({"id": self.elements[name], "name": name})
        return self.elements[name]

    def _next(self, table: str) -> int:
        return self.first[table] + len(getattr(self.rows, table))
