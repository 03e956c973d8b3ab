"""How staff screens reach the rows of a model: all that a list shows in one query, counted cheaply, found safely."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from flask_appbuilder.models.sqla.filters import SQLAFilterConverter
from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import (
    ARRAY,
    JSON,
    Column,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    ScalarSelect,
    Table,
    Time,
    UniqueConstraint,
    any_,
    func,
    inspect,
    select,
)
from sqlalchemy.orm import RelationshipProperty, joinedload, lazyload, selectinload
from sqlalchemy.orm.strategy_options import _AbstractLoad

from models import (
    AbsenceClaim,
    AbsenceClaimLine,
    Actual,
    ActualVersion,
    Announcement,
    BankReturn,
    Contact,
    ContractDocument,
    Conversation,
    Element,
    ExceptionCheck,
    Hold,
    Invoice,
    InvoiceLine,
    LedgerColumn,
    LineItem,
    Organisation,
    PaymentPeriod,
    PaymentRun,
    PaymentSource,
    Person,
    PolicySetting,
    PortalUser,
    Proposal,
    Remittance,
    RemittanceLine,
    Rollout,
    ScheduledPayment,
    ScheduledPaymentLine,
    Sector,
    Service,
    Team,
)
from rules.number import whole_number
from rules.problem_codes import Code
from rules.refusal import Problem, Refused
from views.generated.pages import COUNTED, ListPage, Order, PagePlace, beside, count_rows, keys_of, within
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
    BankReturn: ("run",),
    Proposal: ("proposed_by", "decided_by"),
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

# Tables that stay short in any council, so that they can be sorted by every column and searched without an index.
SHORT: Final = frozenset(
    (Announcement, Contact, Element, Hold, LedgerColumn, Organisation, PaymentPeriod, PaymentRun, PolicySetting,
     PortalUser, Role, Rollout, Sector, Service, Team)
)  # fmt: skip

BATCH: Final = 1_000


class Comparisons(SQLAFilterConverter):
    """How columns can be compared; the framework knows none for times of day and lists of units, and says so."""

    def convert(self, col_name: str) -> Any:
        """Return the comparisons of a column, nothing where there are none."""
        column = self.datamodel.list_columns.get(col_name)
        return None if column is not None and isinstance(column.type, (Time, ARRAY)) else super().convert(col_name)


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
        self._shown: list[_AbstractLoad] = []
        self.kept: Callable[[Any], str] = lambda _item: ""

    @property
    def word(self) -> str:
        """What one record is called in a sentence: "contract document"."""
        return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in self.obj.__name__).strip()

    def load_with(self, listed: list[str], shown: list[str]) -> None:
        """From now on load with each row of a list, and with a record shown, the related records these columns show."""
        self._loads, self._shown = self._loading(listed), self._loading(shown)

    def show_with(self, *loads: _AbstractLoad) -> None:
        """From now on load this too with a record shown."""
        self._shown += loads

    def _loading(self, columns: list[str]) -> list[_AbstractLoad]:
        related = dict.fromkeys(name for name in (*columns, *NAMED_AFTER.get(self.obj, ())) if self.is_relation(name))
        loads = [load for name in related for load in _loads(self.obj, name)]
        loads += [load for name in dict.fromkeys(columns) if "." in name for load in _chained(self.obj, name)]
        unseen = [each for each in (LineItem.plans, LineItem.rates) if self.obj is LineItem and each.key not in related]
        return [*map(lazyload, unseen), *loads]

    def can_be_sorted(self, name: str) -> bool:
        """Say whether a list can be sorted by a column: where it may grow long, an index has to lead with it."""
        if self.is_relation_many_to_one(name):
            return self.obj in SHORT and self.get_related_model(name) in SORTED_BY
        column = self.list_columns.get(name)
        if column is None or isinstance(column.type, JSON | LargeBinary):
            return False
        return self.obj in SHORT or (not column.nullable and column.name in _leading(self.obj.__table__))

    def query_count(self, *_args: Any, **_kwargs: Any) -> int:
        """Return nothing: the framework counts the rows that a field offers, and asks nobody how many they are."""
        return 0

    def page(self, filters: Any, sorted_by: tuple[str, str], place: PagePlace, size: int) -> ListPage:
        """Return one page of the list: three queries at most."""
        narrowed = self.apply_filters(self.session.query(self.obj), filters)
        count = count_rows(narrowed, self.get_pk())
        place = within(place, size, count)
        order = self._order(*sorted_by)
        keys = [key for (key,) in keys_of(self._join(narrowed, sorted_by[0]), order, place, size, count)]
        if place.before is not None:
            keys = keys[::-1]
        earlier, later = beside(place, keys, size) if keys else (None, None)
        shown = keys[-size:] if place.before is not None else keys[:size]
        return ListPage(self._rows(shown), count, size, place, earlier, later)

    def first(self, filters: Any, sorted_by: tuple[str, str], size: int) -> list[Any]:
        """Return the first rows of a list, one query."""
        order = self._order(*sorted_by)
        narrowed = self._join(self.apply_filters(self.session.query(self.obj), filters), sorted_by[0])
        keys = narrowed.with_entities(order.key).order_by(*order.by()).limit(size)
        ordered = self._join(self.session.query(self.obj).options(*self._loads), sorted_by[0]).order_by(*order.by())
        # An array, not IN: beyond eight tables the planner would join them before it looks which rows are wanted.
        wanted = func.ARRAY(keys.scalar_subquery(), type_=ARRAY(Integer))
        return list(ordered.filter(self.get_pk() == any_(wanted)))

    def every(self, filters: Any, sorted_by: tuple[str, str]) -> Iterator[Any]:
        """Yield all rows of a list as the database sends them, a thousand at a time."""
        rows = self._join(self.apply_filters(self.session.query(self.obj), filters), sorted_by[0])
        yield from rows.options(*self._loads).order_by(*self._order(*sorted_by).by()).yield_per(BATCH)

    def keys(self, filters: Any, column: Any) -> Any:
        """Return what selects a column of all rows of a list, as `id`."""
        return self.apply_filters(self.session.query(self.obj), filters).with_entities(column.label("id")).statement

    def exceeds(self, filters: Any, most: int) -> bool:
        """Say whether a list has more rows than this."""
        beyond = self.apply_filters(self.session.query(self.obj), filters).with_entities(self.get_pk())
        return beyond.offset(most).limit(1).first() is not None

    def count(self, filters: Any) -> ScalarSelect[int]:
        """Return the count of a list's rows, at most COUNTED + 1, as a column of another query."""
        narrowed = self.apply_filters(self.session.query(self.obj), filters).with_entities(self.get_pk())
        return select(func.count()).select_from(narrowed.limit(COUNTED + 1).subquery()).scalar_subquery()

    def _rows(self, keys: list[int]) -> list[Any]:
        if not keys:
            return []
        found = self.session.query(self.obj).options(*self._loads).filter(self.get_pk().in_(keys))
        by_key = {self.get_pk_value(row): row for row in found}
        return [by_key[key] for key in keys]

    def _order(self, name: str, direction: str) -> Order:
        column = getattr(self.obj, name)
        if self.is_relation(name):
            model = self.get_related_model(name)
            column = getattr(model, SORTED_BY[model])
        return Order(column, self.get_pk(), direction == "desc")

    def _join(self, query: Any, name: str) -> Any:
        return query.outerjoin(getattr(self.obj, name)) if self.is_relation(name) else query

    def get(self, id: Any, filters: Any = None, *_args: Any, **_kwargs: Any) -> Any:  # noqa: A002 - the framework's name
        """Return one row, nothing where there is none or the key is no key."""
        key = whole_number(str(id))
        if key is None:
            return None
        one = self.apply_filters(self.session.query(self.obj), filters).options(*self._shown)
        return one.filter(self.get_pk() == key).one_or_none()

    def get_related_obj(self, col_name: str, value: Any) -> Any:
        """Return the related record an address names, nothing where there is none."""
        key = whole_number(str(value[0] if isinstance(value, list) else value))
        return None if key is None else self.session.get(self.get_related_model(col_name), key)

    def value(self, item: Any, name: str) -> Any:
        """Return what a row holds in a column."""
        return self._get_attr_value(item, name)

    def _get_attr_value(self, item: Any, col: str) -> Any:  # type: ignore[override]  # called on the instance
        return self._worked_out[col](item) if col in self._worked_out else super()._get_attr_value(item, col)

    @staticmethod
    def refuse(reason: str) -> None:
        """Raise Refused where there is a reason."""
        if reason:
            raise Refused(Problem(Code.KEPT, reason))


def _leading(table: Table) -> set[str]:
    """Return the columns that an index of a table leads with, over all of its rows."""
    whole = [index for index in table.indexes if index.dialect_options["postgresql"]["where"] is None]
    ordered = [index for index in whole if index.dialect_options["postgresql"]["using"] in (False, "btree")]
    unique = [
        each
        for each in table.constraints
        if isinstance(each, UniqueConstraint | PrimaryKeyConstraint) and len(each.columns)
    ]
    first = [index.expressions[0] for index in ordered] + [next(iter(each.columns)) for each in unique]
    return {each.name for each in first if isinstance(each, Column)}


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
