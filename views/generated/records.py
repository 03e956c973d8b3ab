"""How staff screens reach the rows of a model: all that a list shows in one query, counted cheaply, found safely."""

from collections.abc import Callable
from typing import Any, Final

from flask_appbuilder.models.sqla.filters import SQLAFilterConverter
from sqlalchemy import JSON, LargeBinary, Time, func, inspect
from sqlalchemy.orm import RelationshipProperty, joinedload, lazyload, selectinload
from sqlalchemy.orm.strategy_options import _AbstractLoad

from models import (
    AbsenceClaim,
    AbsenceClaimLine,
    Actual,
    ActualVersion,
    ContractDocument,
    Conversation,
    Element,
    ExceptionCheck,
    Invoice,
    InvoiceLine,
    LineItem,
    Organisation,
    PaymentPeriod,
    PaymentRun,
    PaymentSource,
    Person,
    PortalUser,
    Remittance,
    RemittanceLine,
    Rollout,
    ScheduledPayment,
    ScheduledPaymentLine,
    Sector,
    Service,
    Team,
)
from rules.problem_codes import Code
from rules.refusal import Problem, Refused
from views.generated.view import Records

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
    PaymentSource: ("invoice", "scheduled_payment", "absence_claim", "one_off_payment", "recovery"),
}

# By which of its columns a list is sorted that shows a related record.
SORTED_BY: Final[dict[type, str]] = {
    AbsenceClaim: "number",
    ContractDocument: "reference",
    Conversation: "subject",
    Element: "name",
    Invoice: "number",
    LineItem: "reference",
    Organisation: "name",
    PaymentPeriod: "number",
    PaymentRun: "number",
    Person: "reference",
    PortalUser: "last_name",
    Remittance: "number",
    ScheduledPayment: "number",
    Sector: "name",
    Service: "name",
    Team: "name",
}

LARGEST_ID: Final = 2**31 - 1


class Comparisons(SQLAFilterConverter):
    """How columns can be compared; the framework knows none for times of day, and says so at every page."""

    def convert(self, col_name: str) -> Any:
        """Return the comparisons of a column, nothing where there are none."""
        column = self.datamodel.list_columns.get(col_name)
        return None if column is not None and isinstance(column.type, Time) else super().convert(col_name)


class StaffRecords(Records):
    """The rows of one model.

    The framework makes another one of this class for each related model: those load nothing with their rows.
    """

    filter_converter_class = Comparisons

    def __init__(
        self, obj: type, session: Any = None, worked_out: dict[str, Callable[[Any], Any]] | None = None
    ) -> None:
        super().__init__(obj, session)
        self._worked_out = worked_out or {}
        self._loads: list[_AbstractLoad] = []
        self.kept: Callable[[Any], str] = lambda _item: ""

    @property
    def word(self) -> str:
        """What one record is called in a sentence: "contract document"."""
        return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in self.obj.__name__).strip()

    def load_with(self, columns: list[str]) -> None:
        """From now on load with each row the related records these columns show."""
        self._loads = [load for name in columns if self.is_relation(name) for load in _loads(self.obj, name)]
        self._loads += [lazyload(LineItem.rates)] if self.obj is LineItem else []
        self._loads += [load for name in NAMED_AFTER.get(self.obj, ()) for load in _loads(self.obj, name)]

    def can_be_sorted(self, name: str) -> bool:
        """Say whether a list can be sorted by a column."""
        if self.is_relation_many_to_one(name):
            return self.get_related_model(name) in SORTED_BY
        column = self.list_columns.get(name)
        return column is not None and not isinstance(column.type, JSON | LargeBinary)

    def query_count(self, query: Any, filters: Any = None, select_columns: Any = None) -> int:
        """Count rows by their key alone; the framework counts a subquery of all columns."""
        return int(self.apply_filters(query, filters).with_entities(func.count(self.get_pk())).scalar() or 0)

    def apply_all(self, query: Any, *args: Any, **kwargs: Any) -> Any:
        """Return what the framework asks, with the related records in the same query."""
        return super().apply_all(query.options(*self._loads), *args, **kwargs)

    def apply_order_by(self, query: Any, order_column: str, order_direction: str, *args: Any, **kwargs: Any) -> Any:
        """Sort by a column, or by the name of a related record; rows that are equal in it by their key."""
        if not order_column:
            return query
        sorted_by = getattr(self.obj, order_column)
        if self.is_relation(order_column):
            query = query.outerjoin(sorted_by)
            model = self.get_related_model(order_column)
            sorted_by = getattr(model, SORTED_BY[model])
        columns = (sorted_by, self.get_pk())
        return query.order_by(*(column.desc() if order_direction == "desc" else column.asc() for column in columns))

    def get(self, id: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: A002 - the framework's name
        """Return one row, nothing where there is none or the key is no key."""
        known = str(id).isdecimal() and int(id) <= LARGEST_ID
        return super().get(int(id), *args, **kwargs) if known else None

    def get_related_obj(self, col_name: str, value: Any) -> Any:
        """Return the related record an address names, nothing where there is none."""
        key = str(value[0] if isinstance(value, list) else value)
        known = key.isdecimal() and int(key) <= LARGEST_ID
        return self.session.get(self.get_related_model(col_name), int(key)) if known else None

    def get_values(self, lst: Any, list_columns: list[str]) -> Any:
        """Yield for each row its values, and under `_kept` why it cannot be changed."""
        for item, values in zip(lst, super().get_values(lst, list_columns), strict=True):
            yield values | {"_kept": self.kept(item)}

    def _get_attr_value(self, item: Any, col: str) -> Any:  # type: ignore[override]  # called on the instance
        return self._worked_out[col](item) if col in self._worked_out else super()._get_attr_value(item, col)

    @staticmethod
    def refuse(reason: str) -> None:
        """Raise Refused where there is a reason."""
        if reason:
            raise Refused(Problem(Code.KEPT, reason))


def _loads(model: type, name: str) -> list[_AbstractLoad]:
    """Return how to load a relation of `model`, and what the related record's own words take."""
    relation: RelationshipProperty[Any] = inspect(model).relationships[name]
    attribute = getattr(model, name)
    return _with_names(selectinload(attribute) if relation.uselist else joinedload(attribute), relation.mapper.class_)


def _with_names(load: _AbstractLoad, model: type) -> list[_AbstractLoad]:
    if model is LineItem:
        load = load.lazyload(LineItem.rates)  # a list that only names the line needs no prices
    found = [load]
    for name in NAMED_AFTER.get(model, ()):
        found += _with_names(load.joinedload(getattr(model, name)), inspect(model).relationships[name].mapper.class_)
    return found
