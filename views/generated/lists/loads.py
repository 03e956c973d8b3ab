"""How records are loaded with what they show of others."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import inspect
from sqlalchemy.orm import RelationshipProperty, joinedload, lazyload, selectinload
from sqlalchemy.orm.strategy_options import _AbstractLoad

from models import (
    AbsenceClaimLine,
    Actual,
    ActualVersion,
    BankReturn,
    ExceptionCheck,
    InvoiceLine,
    LineItem,
    PaymentSource,
    Proposal,
    RemittanceLine,
    Rollout,
    ScheduledPaymentLine,
)

# Records whose own words take another record's.
NAMED_AFTER: Final[dict[type, tuple[str, ...]]] = {
    AbsenceClaimLine: ("absence_claim",),
    Actual: ("line_item",),
    ActualVersion: ("actual",),
    ExceptionCheck: ("actual",),
    InvoiceLine: ("invoice",),
    RemittanceLine: ("remittance",),
    Rollout: ("sector",),
    ScheduledPaymentLine: ("scheduled_payment", "line_item"),
    BankReturn: ("run",),
    Proposal: ("proposed_by", "decided_by"),
    PaymentSource: ("invoice", "scheduled_payment", "absence_claim", "one_off_payment", "recovery"),
}


def loading(model: Any, columns: Sequence[str]) -> list[_AbstractLoad]:
    """Return how to load with each record of a model what these columns show, and what its own words take."""
    relations = inspect(model).relationships
    related = dict.fromkeys(name for name in (*columns, *NAMED_AFTER.get(model, ())) if name in relations)
    loads = [load for name in related for load in _loads(model, name)]
    loads += [load for name in dict.fromkeys(columns) if "." in name for load in _chained(model, name)]
    unseen = [each for each in (LineItem.plans, LineItem.rates) if model is LineItem and each.key not in related]
    return [*map(lazyload, unseen), *loads]


def _loads(model: type, name: str) -> list[_AbstractLoad]:
    """Return how to load a relation of `model`, and what the related record's own words take."""
    relation: RelationshipProperty[Any] = inspect(model).relationships[name]
    attribute = getattr(model, name)
    return _with_names(selectinload(attribute) if relation.uselist else joinedload(attribute), relation.mapper.class_)


def _chained(model: type, name: str) -> list[_AbstractLoad]:
    """Return how to load a relation of a related record ("line_item.document"), nothing for a column of one."""
    first, _, then = name.partition(".")
    related: type = inspect(model).relationships[first].mapper.class_
    if then not in inspect(related).relationships:
        return []
    return [joinedload(getattr(model, first)).joinedload(getattr(related, then))]


def _with_names(load: _AbstractLoad, model: type) -> list[_AbstractLoad]:
    if model is LineItem:
        # A list that only names the line needs neither plans nor prices.
        load = load.options(lazyload(LineItem.plans), lazyload(LineItem.rates))
    found = [load]
    for name in NAMED_AFTER.get(model, ()):
        found += _with_names(load.joinedload(getattr(model, name)), inspect(model).relationships[name].mapper.class_)
    return found
