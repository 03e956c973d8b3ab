"""How staff screens reach the rows of a model: all that a list shows in one query, counted cheaply, found safely."""

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import cached_property
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
    Select,
    Table,
    Time,
    UniqueConstraint,
    any_,
    bindparam,
    func,
    select,
)
from sqlalchemy.orm.strategy_options import _AbstractLoad

from models import (
    AbsenceClaim,
    Announcement,
    Contact,
    ContractDocument,
    Conversation,
    Element,
    Hold,
    Invoice,
    LedgerColumn,
    LineItem,
    Organisation,
    PaymentPeriod,
    PaymentRun,
    Person,
    PolicySetting,
    PortalUser,
    Remittance,
    Rollout,
    ScheduledPayment,
    Sector,
    Service,
    Team,
)
from rules.number import whole_number
from rules.problem_codes import Code
from rules.refusal import Problem, Refused
from views.generated import pages
from views.generated.lists.loads import loading
from views.generated.lists.plain_rows import PlainRows, WholeRows, plain_rows
from views.generated.lists.search import belonging_to, belongs
from views.generated.pages import COUNTED, ListPage, Order, PagePlace, beside, count_rows, keys_of, within
from views.generated.view import Records

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
        self,
        obj: type,
        session: Any = None,
        worked_out: dict[str, Callable[[Any], Any]] | None = None,
        of_key: Collection[str] = (),
    ) -> None:
        """Begin with how columns are worked out that no table has; of those in `of_key` the key of a row is enough."""
        super().__init__(obj, session)
        self._worked_out, self._of_key = worked_out or {}, of_key
        self._readings: dict[tuple[str, ...], PlainRows | WholeRows] = {}
        self._statements: dict[tuple[tuple[str, str], tuple[str, ...]], Select[Any]] = {}
        self._firsts: dict[tuple[str, tuple[str, str], tuple[str, ...]], Select[Any]] = {}
        self.kept_by: Sequence[str] | None = ()
        self._loads: list[_AbstractLoad] = []
        self._shown: list[_AbstractLoad] = []
        self.kept: Callable[[Any], str] = lambda _item: ""

    @property
    def word(self) -> str:
        """What one record is called in a sentence: "contract document"."""
        return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in self.obj.__name__).strip()

    def load_with(self, listed: list[str], shown: list[str]) -> None:
        """From now on load with each row of a list, and with a record shown, the related records these columns show."""
        self._loads, self._shown = loading(self.obj, listed), loading(self.obj, shown)

    def show_with(self, *loads: _AbstractLoad) -> None:
        """From now on load this too with a record shown."""
        self._shown += loads

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

    def page(
        self, filters: Any, sorted_by: tuple[str, str], place: PagePlace, size: int, columns: Sequence[str]
    ) -> ListPage:
        """Return one page of the list with these columns: one query where its number is asked for, at most four."""
        if (
            place.after is None
            and place.before is None
            and (found := self._numbered(filters, sorted_by, place.page, size, columns))
        ):
            return found
        narrowed = self.apply_filters(self.session.query(self.obj), filters)
        count = count_rows(narrowed, self.get_pk())
        place = within(place, size, count)
        order = self._order(*sorted_by)
        keys = [key for (key,) in keys_of(self._join(narrowed, sorted_by[0]), order, place, size, count)]
        if place.before is not None:
            keys = keys[::-1]
        earlier, later = beside(place, keys, size) if keys else (None, None)
        shown = keys[-size:] if place.before is not None else keys[:size]
        return ListPage(self._rows(shown, columns), count, size, place, earlier, later)

    def _numbered(
        self, filters: Any, sorted_by: tuple[str, str], page: int, size: int, columns: Sequence[str]
    ) -> ListPage | None:
        """Return a page by its number, one query; nothing where the list has no such page."""
        wanted, place = self._reading(columns), PagePlace(page)
        asked = {"rows": size + 1, "skipped": page * size, "most": pages.COUNTED + 1}
        rows, found = wanted.fetch(self.session, self._statement(filters, sorted_by, tuple(columns)), asked)
        if not rows:
            return None if page else ListPage([], 0, size, place, None, None)
        earlier, later = beside(place, [row.id for row in rows], size)
        return ListPage(rows[:size], found[0][-1], size, place, earlier, later)

    def _statement(self, filters: Any, sorted_by: tuple[str, str], columns: tuple[str, ...]) -> Select[Any]:
        """Return the query of a page by its number, with how many rows there are; made once but for searches."""
        known = None if filters.filters else self._statements.get((sorted_by, columns))
        if known is not None:
            return known
        narrowed, order = self.apply_filters(self.session.query(self.obj), filters), self._order(*sorted_by)
        some = narrowed.with_entities(self.get_pk()).limit(bindparam("most", type_=Integer)).subquery()
        count = select(func.count()).select_from(some).scalar_subquery().label("rows_in_all")
        keys = self._join(narrowed, sorted_by[0]).with_entities(order.key).order_by(*order.by())
        keys = keys.limit(bindparam("rows", type_=Integer)).offset(bindparam("skipped", type_=Integer))
        statement = self._in_order(self._reading(columns).select().add_columns(count), keys, order, sorted_by)
        if not filters.filters:
            self._statements[sorted_by, columns] = statement
        return statement

    def first(
        self, relation: str, item: Any, sorted_by: tuple[str, str], size: int, columns: Sequence[str]
    ) -> list[Any]:
        """Return the first rows that belong by a relation to a record, with these columns; one query."""
        wanted, known = self._reading(columns), (relation, sorted_by, tuple(columns))
        if known not in self._firsts:
            order = self._order(*sorted_by)
            keys = self._join(select(order.key).where(belongs(self.obj, relation)), sorted_by[0])
            keys = keys.order_by(*order.by()).limit(bindparam("rows", type_=Integer))
            self._firsts[known] = self._in_order(wanted.select(), keys, order, sorted_by)
        return wanted.fetch(self.session, self._firsts[known], belonging_to(item) | {"rows": size})[0]

    def _in_order(self, query: Select[Any], keys: Any, order: Order, sorted_by: tuple[str, str]) -> Select[Any]:
        """Return a query narrowed to the rows with these keys, in the order of the list."""
        # An array, not IN: beyond eight tables the planner would join them before it looks which rows are wanted.
        wanted = func.ARRAY(keys.scalar_subquery(), type_=ARRAY(Integer))
        ordered: Select[Any] = self._join(query, sorted_by[0]).where(self.get_pk() == any_(wanted))
        return ordered.order_by(*order.by())

    def _reading(self, columns: Sequence[str]) -> PlainRows | WholeRows:
        """Return how rows are read that show these columns: plain where that is enough."""
        asked = tuple(columns)
        if asked not in self._readings:
            needed = None if self.kept_by is None else [name for name in asked if name not in self._of_key]
            plain = None if needed is None else plain_rows(self.obj, needed, self.kept_by or ())
            self._readings[asked] = plain or WholeRows(self.obj, self._loads)
        return self._readings[asked]

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

    def count(self, relation: str) -> ScalarSelect[int]:
        """Return the count of the rows that belong by a relation to a record, at most COUNTED + 1, as a column."""
        some = select(self.get_pk()).where(belongs(self.obj, relation)).limit(COUNTED + 1).subquery()
        return select(func.count()).select_from(some).scalar_subquery()

    def _rows(self, keys: list[int], columns: Sequence[str]) -> list[Any]:
        if not keys:
            return []
        wanted = self._reading(columns)
        found, _ = wanted.fetch(self.session, wanted.select().where(self.get_pk().in_(keys)), {})
        by_key = {row.id: row for row in found}
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
        if filters is not None and filters.filters:
            one = self.apply_filters(self.session.query(self.obj), filters).options(*self._shown)
            return one.filter(self.get_pk() == key).one_or_none()
        return self.session.execute(self._one, {"key": key}).unique().scalar_one_or_none()

    @cached_property
    def _one(self) -> Select[Any]:
        return select(self.obj).options(*self._shown).where(self.get_pk() == bindparam("key", type_=Integer))

    def get_related_obj(self, col_name: str, value: Any) -> Any:
        """Return the related record an address names, nothing where there is none."""
        key = whole_number(str(value[0] if isinstance(value, list) else value))
        return None if key is None else self.session.get(self.get_related_model(col_name), key)

    def _reader(self, name: str) -> Callable[[Any], Any]:
        return self._worked_out.get(name) or super()._reader(name)

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
