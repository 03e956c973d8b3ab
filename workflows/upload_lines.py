"""What an uploaded file is held against: the organisation's own lines, and what is stored of them; a query each."""

import difflib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple, cast

from sqlalchemy import or_, select
from sqlalchemy.orm import contains_eager, joinedload

from models import Actual, ContractDocument, LineItem, Organisation, Person, db
from rules.plan import LinePlan
from rules.price import RateVersion
from rules.states import ActualState, PaymentMethod
from workflows import policy
from workflows.clock import today
from workflows.line_week import IN_FORCE, Stored

# What is typed or scanned for a digit.
_LOOKALIKES = str.maketrans("OoQDIilSsBZ", "00001115582", " -_./")
_CLOSE = 0.75
# Looking for the nearest of thousands takes time: a file whose every reference is wrong is another file.
_MOST_LOOKED_FOR = 200


class KeptWeek(NamedTuple):
    """A stored week as plain values, in the order in which it is selected; its names are those of Actual."""

    line_item_id: int
    week_starting: date
    state: ActualState
    version: int
    mon: Decimal
    tue: Decimal
    wed: Decimal
    thu: Decimal
    fri: Decimal
    sat: Decimal
    sun: Decimal
    delivered: Decimal
    planned: Decimal
    aborted: Decimal
    aborted_payable: Decimal
    payable: Decimal
    reason: str
    comment: str
    confirmed_at: datetime | None
    confirmed_by_id: int | None

    @property
    def days(self) -> tuple[Decimal, ...]:
        """The units delivered Monday to Sunday."""
        return self[4:11]

    @property
    def is_money(self) -> bool:
        """Whether the week is on an invoice."""
        return self.state in (ActualState.INVOICED, ActualState.PAID)


@dataclass
class OwnLine:
    """A line of the organisation with its plan and prices put together once."""

    item: LineItem
    plan: LinePlan
    rates: list[RateVersion]
    person: str
    hour_step: Decimal

    @property
    def name(self) -> str:
        """How messages name the line: the person's initials and the reference."""
        return f"{self.item.person.initials} ({self.item.reference})"


@dataclass
class OwnLines:
    """The lines a file names, by their own reference and by the person's."""

    by_reference: dict[str, OwnLine] = field(default_factory=dict)
    by_person: dict[str, list[OwnLine]] = field(default_factory=dict)
    _known: list[str] | None = None
    _nearest: dict[str, str] = field(default_factory=dict)

    def nearest(self, reference: str) -> tuple[str, bool]:
        """Return the own reference most like one that does not exist, and whether only look-alike letters differ.

        Only the organisation's own lines are looked through: what another has is never said.
        """
        if self._known is None:
            self._known = sorted(db.session.scalars(_payable(select(LineItem.reference))))
        plain = reference.translate(_LOOKALIKES).lower()
        alike = [known for known in self._known if known.translate(_LOOKALIKES).lower() == plain]
        if alike:
            return alike[0], True
        if reference not in self._nearest and len(self._nearest) < _MOST_LOOKED_FOR:
            close = difflib.get_close_matches(reference, self._known, 1, _CLOSE)
            self._nearest[reference] = close[0] if close else ""
        return self._nearest.get(reference, ""), False


def _payable(statement: object) -> object:
    since = today() - timedelta(days=policy.for_council("claim_window_days"))
    return (
        statement.join(ContractDocument, ContractDocument.id == LineItem.document_id)  # type: ignore[attr-defined]
        .where(LineItem.payment_method == PaymentMethod.ACTUALS, ContractDocument.state.in_(IN_FORCE))
        .where(or_(LineItem.end.is_(None), LineItem.end >= since))
    )


def own_lines(references: Collection[str], people: Collection[str], line_ids: Collection[int] = ()) -> OwnLines:
    """Return the organisation's lines that a file names, in one query."""
    statement = (
        _payable(select(LineItem))
        .join(Person, Person.id == LineItem.person_id)  # type: ignore[attr-defined]
        .where(
            or_(
                LineItem.reference.in_(references),
                Person.reference.in_(people),
                LineItem.id.in_(line_ids),
            )
        )
        .options(
            contains_eager(LineItem.person),
            joinedload(LineItem.organisation).joinedload(Organisation.sector),
        )
        .order_by(LineItem.reference)
    )
    found = OwnLines()
    for item in db.session.scalars(statement):
        step = policy.for_line("hour_step", item, today()).value
        line = OwnLine(item, item.plan, item.rate_versions, item.person.reference, step)
        found.by_reference[item.reference] = line
        found.by_person.setdefault(line.person, []).append(line)
    return found


_KEPT = tuple(getattr(Actual, name) for name in KeptWeek._fields)


def kept_weeks(keys: Iterable[tuple[int, date]]) -> dict[tuple[int, date], KeptWeek]:
    """Return what is stored of the weeks of lines, in one query."""
    wanted = set(keys)
    if not wanted:
        return {}
    line_ids, weeks = {line_id for line_id, _ in wanted}, {week for _, week in wanted}
    statement = select(*_KEPT).where(Actual.line_item_id.in_(line_ids), Actual.week_starting.in_(weeks))
    rows = (KeptWeek._make(row) for row in db.session.execute(statement))
    return {row[:2]: row for row in rows if row[:2] in wanted}


def stored_of(line: OwnLine, week: date, kept: KeptWeek | None) -> Stored:
    """Return a week as those who write weeks know it; plain values stand in for the mapped row."""
    return Stored(line.item, week, cast(Actual, kept), None, "")
