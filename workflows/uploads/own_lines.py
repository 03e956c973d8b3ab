"""What an uploaded file is held against: the organisation's own lines, and what is stored of them; a query each."""

import difflib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple, cast

from sqlalchemy import ARRAY, Date, Integer, Select, any_, exists, literal, literal_column, or_, select
from sqlalchemy.orm import joinedload

from models import DAYS, Actual, ContractDocument, LineItem, Organisation, Person, Rate, db
from models.person import initials_of
from rules.plan import LinePlan
from rules.price import RateVersion
from rules.states import DocumentState, PaymentMethod, PlanKind, Unit
from workflows import policy
from workflows.clock import today
from workflows.weeks.level import LevelInForce, level_of
from workflows.weeks.line_week import IN_FORCE, KeptWeek, seven_days

# What is typed or scanned for a digit.
_LOOKALIKES = str.maketrans("OoQDIilSsBZ", "00001115582", " -_./")
_CLOSE = 0.75
# Looking for the nearest of thousands takes time: a file whose every reference is wrong is another file.
_MOST_LOOKED_FOR = 200


# How a line stands in the database: its id, the transaction that wrote it last, the state of its document.
Stand = tuple[int, str, DocumentState]
_STAND: tuple[Any, ...] = (LineItem.id, literal_column("line_item.xmin::text"), ContractDocument.state)


class OwnLine(NamedTuple):
    """A line of the organisation as plain values; its names are those of LineItem, for whoever asks for one."""

    id: int
    reference: str
    organisation_id: int
    organisation: Organisation
    unit: Unit
    plan_kind: PlanKind
    extras_allowed: bool | None
    plan: LinePlan
    rates: list[RateVersion]
    person: str
    person_name: str
    stand: Stand
    settings: policy.Known

    @property
    def initials(self) -> str:
        """The person's initials: no more of the name is shown in lists and files."""
        return initials_of(self.person_name)

    @property
    def hour_step(self) -> Decimal:
        """The step in which hours are entered (policy)."""
        known = self.settings
        key = ("hour_step", self.organisation_id, self.id if self.id in known.lines else None)
        if key not in known.worked_out:
            known.worked_out[key] = known.for_line("hour_step", self.as_item, today()).value
        step: Decimal = known.worked_out[key]
        return step

    def level_in(self, week: date) -> LevelInForce:
        """Return the exception level in force in a week."""
        return level_of(self.as_item, week, self.settings)

    @property
    def as_item(self) -> LineItem:
        """The line for those who know mapped lines only: they ask for nothing that is not here."""
        return cast(LineItem, self)

    @property
    def name(self) -> str:
        """How messages name the line: the person's initials and the reference."""
        return f"{self.initials} ({self.reference})"

    def rate_on(self, day: date) -> Decimal | None:
        """Return the price per unit in force on a day, or nothing where no rate covers it."""
        return next((each.rate for each in self.rates if each.start <= day and (not each.end or each.end >= day)), None)


@dataclass
class OwnLines:
    """The organisation's lines, by their own reference and by the person's."""

    by_reference: dict[str, OwnLine] = field(default_factory=dict)
    by_person: dict[str, list[OwnLine]] = field(default_factory=dict)
    _nearest: dict[str, str] = field(default_factory=dict)

    def nearest(self, reference: str) -> tuple[str, bool]:
        """Return the own reference most like one that does not exist, and whether only look-alike letters differ.

        Only the organisation's own lines are looked through: what another has is never said.
        """
        plain = reference.translate(_LOOKALIKES).lower()
        alike = [known for known in self.by_reference if known.translate(_LOOKALIKES).lower() == plain]
        if alike:
            return alike[0], True
        if reference not in self._nearest and len(self._nearest) < _MOST_LOOKED_FOR:
            close = difflib.get_close_matches(reference, self.by_reference, 1, _CLOSE)
            self._nearest[reference] = close[0] if close else ""
        return self._nearest.get(reference, ""), False


def _payable(statement: Select[Any]) -> Select[Any]:
    since = today() - timedelta(days=policy.for_council("claim_window_days"))
    return (
        statement.join(ContractDocument, ContractDocument.id == LineItem.document_id)
        .where(LineItem.payment_method == PaymentMethod.ACTUALS)
        .where(or_(ContractDocument.state.in_(IN_FORCE), exists().where(Actual.line_item_id == LineItem.id)))
        .where(or_(LineItem.end.is_(None), LineItem.end >= since))
    )


_LINE = (
    LineItem.id, LineItem.reference, LineItem.organisation_id, LineItem.unit, LineItem.plan_kind,
    LineItem.extras_allowed, *(getattr(LineItem, day) for day in DAYS), LineItem.weekly_quantity, LineItem.start,
    LineItem.end, Person.reference, Person.name, *_STAND,
)  # fmt: skip


def own_lines() -> OwnLines:
    """Return the organisation's lines that take actuals, by reference, in three queries."""
    query = _payable(select(*_LINE)).join(Person, Person.id == LineItem.person_id)
    rows = db.session.execute(query.order_by(LineItem.reference)).all()
    rates: dict[int, list[RateVersion]] = defaultdict(list)
    priced = select(Rate.line_item_id, Rate.rate, Rate.start, Rate.end).order_by(Rate.start)
    for line_id, *version in db.session.execute(priced).all():
        rates[line_id].append(RateVersion(*version))
    ids = {row[2] for row in rows}
    owning = select(Organisation).where(Organisation.id.in_(ids)).options(joinedload(Organisation.sector))
    owners = {each.id: each for each in db.session.scalars(owning)}
    found, known = OwnLines(), policy.known()
    for id_, reference, organisation_id, unit, kind, extras, *rest in rows:
        *days, weekly, start, end, person, name, _, written, state = rest
        line = OwnLine(
            id_, reference, organisation_id, owners[organisation_id], unit, kind, extras,
            LinePlan(kind, unit, seven_days(days), weekly, start, end), rates[id_], person, name,
            (id_, written, state), known,
        )  # fmt: skip
        found.by_reference[reference] = line
        found.by_person.setdefault(person, []).append(line)
    return found


def stands_of(line_ids: Select[Any]) -> list[Stand]:
    """Return how these lines stand now, those of them that take actuals still."""
    found = db.session.execute(_payable(select(*_STAND)).where(LineItem.id.in_(line_ids)))
    return [(line_id, written, state) for line_id, written, state in found.all()]


_KEPT = tuple(getattr(Actual, name) for name in ("line_item_id", "week_starting", *KeptWeek._fields))


def kept_weeks(keys: Iterable[tuple[int, date]]) -> dict[tuple[int, date], KeptWeek]:
    """Return what is stored of the weeks of lines, in one query."""
    wanted = set(keys)
    if not wanted:
        return {}
    line_ids, weeks = [list(each) for each in ({line_id for line_id, _ in wanted}, {week for _, week in wanted})]
    statement = select(*_KEPT).where(
        Actual.line_item_id == any_(literal(line_ids, ARRAY(Integer))),
        Actual.week_starting == any_(literal(weeks, ARRAY(Date))),
    )
    # Plain rows; that they are the organisation's own is the database's word, and that of the lines.
    rows = db.session.connection().execute(statement).all()
    return {key: KeptWeek._make(row[2:]) for row in rows if (key := row[:2]) in wanted}
