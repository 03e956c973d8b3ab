"""What the records that Flask-AppBuilder generates under /admin have in common.

    class OrganisationView(GeneratedView):
        datamodel = Records(Organisation, db.session)
        list_title, add_title = "Organisations", "Add an organisation"
        list_columns = ["name", "reference", "sector", "state"]
        search_columns = ["name", "sector", "state"]
        related_views = [ServiceView]
        delete_note = "Its services and contacts go with it."

A list shows figures at the right, states as tags, and the first column as the link to the record. A form that cannot
be stored comes back with status 422, everything typed kept, and the reason at its field: `pre_add`, `pre_update` and
`pre_delete` say no by raising `Refused`.
"""

import copy
from collections.abc import Callable, Collection, Mapping, Sequence
from inspect import isfunction
from operator import attrgetter, methodcaller
from typing import Any, ClassVar
from urllib.parse import quote

from flask import abort, flash, g, has_request_context, redirect, request
from flask_appbuilder.exceptions import DatabaseException
from flask_appbuilder.models.filters import BaseFilter, Filters
from flask_appbuilder.models.sqla.filters import FilterEqual
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.urltools import get_filter_args, get_order_args
from sqlalchemy import DateTime, Enum, String, select
from sqlalchemy.exc import SQLAlchemyError
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice

from rules.refusal import Refused
from rules.words import listed
from views.generated.forms.fields import suit_fields
from views.generated.forms.form_view import FormView
from views.generated.hanging import Hanging, hanging_of, hanging_on
from views.generated.lists.listing import ListColumn, ReadyList, headings_of, rows_of
from views.generated.lists.related import RelatedCounts, related_lists
from views.generated.lists.search import OF, Matching, SameNumber, Since, Until, YesOrNo, searching, tidy_address
from views.generated.lists.search_form import Control, SearchField, controls_of, fields_of
from views.generated.pages import ListPage, asked
from views.page.constraint_messages import problem_of
from views.page.format import record_address, record_href


class Records(SQLAInterface):
    """The framework's way to the rows of a model, except that words of a vocabulary stay words."""

    def __init__(self, obj: type, session: Any = None) -> None:
        super().__init__(obj, session)
        self._readers: dict[str, Callable[[Any], Any]] = {}

    def lock(self, item: Any) -> None:
        """Read a row again and keep it from everybody else until the transaction ends: two do not save it at once."""
        self.session.expire(item)
        self.session.execute(select(self.obj.id).where(self.obj.id == item.id).with_for_update())

    def reader(self, name: str) -> Callable[[Any], Any]:
        """Return what reads a column of a row: an attribute, what a method gives, or one of a related record.

        Words of a vocabulary stay words; nothing is empty. Made when it is first asked for: the framework looks three
        times at each value to learn what it is.
        """
        if name not in self._readers:
            self._readers[name] = self._reader(name)
        return self._readers[name]

    def _reader(self, name: str) -> Callable[[Any], Any]:
        read = attrgetter(name)
        if "." in name:
            return lambda item: _followed(read, item)
        return methodcaller(name) if isfunction(getattr(self.obj, name)) else read

    def value(self, item: Any, name: str) -> Any:
        """Return what a row holds in a column."""
        return self.reader(name)(item)

    def _get_attr_value(self, item: Any, col: str) -> Any:
        return self.value(item, col)


def _followed(read: Callable[[Any], Any], item: Any) -> Any:
    """Return what a path leads to from an item, empty where a record on the way is missing."""
    try:
        return read(item)
    except AttributeError:
        return ""


class GeneratedView(FormView):
    """A table of the database as list, search, record and form."""

    # Columns of words that hold only these, each with how it is read: searched by choosing one.
    vocabularies: ClassVar[Mapping[str, Mapping[str, str]]] = {}
    delete_note: ClassVar[str] = "It cannot be brought back."
    # What to do with a record that others belong to.
    instead: ClassVar[str] = "Delete those first."
    add_row_message = "Added."
    edit_row_message = "Saved."
    delete_row_message = "Deleted."

    @property
    def _filters(self) -> Any:
        """What this request seeks; the framework keeps it on the view, where threads would see each other's."""
        own = self.__dict__.get("_own_filters")
        if own is None or not has_request_context():
            return own
        sought = g.setdefault("_sought", {})
        if id(self) not in sought:
            sought[id(self)] = copy.copy(own)
            sought[id(self)].clear_filters()
        return sought[id(self)]

    @_filters.setter
    def _filters(self, filters: Any) -> None:
        self.__dict__["_own_filters"] = filters

    def _init_properties(self) -> None:
        self._list_columns: dict[str, ListColumn] = {}
        self._search_fields: list[SearchField] | None = None
        self.related_counts: dict[tuple[str, ...], RelatedCounts] = {}
        super()._init_properties()
        for column in self.search_columns:
            if kinds := self._sought_by(column):
                for offered in (self._filters._search_filters, self._filters._all_filters):
                    offered[column] = [kind(column, self.datamodel) for kind in kinds]

    def _sought_by(self, column: str) -> tuple[type[BaseFilter], ...]:
        """Return how a column is searched; in no way of ours where it is as the framework has it, by equality."""
        if self.datamodel.is_boolean(column):
            return (YesOrNo,)
        if self.datamodel.is_integer(column):
            return (SameNumber,)
        type_ = getattr(self.datamodel.list_columns.get(column), "type", None)
        if isinstance(type_, DateTime):
            return (Since, Until)
        if not isinstance(type_, String) or isinstance(type_, Enum):
            return ()
        return (FilterEqual if column in self.vocabularies else Matching,)

    def _init_forms(self) -> None:
        super()._init_forms()
        for form in (self.search_form, self.add_form, self.edit_form):
            suit_fields(form, self.datamodel)
        for name, words in self.vocabularies.items():
            setattr(
                self.search_form,
                name,
                SelectField(self.label_columns[name], choices=[SelectChoice(*each) for each in words.items()]),
            )

    def get_init_inner_views(self) -> Any:
        """Return the related views that are registered, in this class's order, whichever was registered first."""
        self._related_views.sort(key=lambda view: self.related_views.index(type(view)))
        return self._related_views

    def _tidy(self) -> None:
        if request.method == "GET" and (address := tidy_address(self)):
            abort(redirect(address))

    def may(self, page: str) -> bool:
        """Say whether a page of this view is open to whoever is signed in."""
        permission = f"can_{page}"
        return permission in self.base_permissions and self.appbuilder.sm.has_access(
            permission, self.class_permission_name
        )

    def address_of(self, page: str, pk: str) -> str:
        """Return the address of a page of this view about one record."""
        return record_address(self, page) + quote(pk, safe="")

    def _list(self, **_kwargs: Any) -> Any:
        self._tidy()
        parent = self._seek()
        name = type(self).__name__
        sorted_by = get_order_args().get(name) or self.base_order
        found = self.datamodel.page(self.sought(), sorted_by, *asked(name), self.shown_columns(parent[:1]))
        return {
            "list": self.ready(found, sorted_by, hidden=parent[:1]),
            "parent": parent,
            "search": () if parent else self._controls(),
        }

    def sought(self) -> Filters:
        """Return what the address seeks within what the view shows; the framework would make every comparison anew."""
        sought: Filters = copy.copy(self._filters)
        sought.filters = self._filters.filters + self._base_filters.filters
        sought.values = self._filters.values + self._base_filters.values
        return sought

    def _controls(self) -> list[Control]:
        if self._search_fields is None:
            self._search_fields = fields_of(self)
        return controls_of(self._search_fields, self._filters, self.datamodel.session)

    def _seek(self) -> tuple[Any, ...]:
        """Narrow the list to what the address seeks; return the relation and the record whose list it is, if any."""
        get_filter_args(self._filters)
        for key, value in request.args.items():
            if key.startswith(OF) and (record := self.datamodel.get_related_obj(key.removeprefix(OF), value)):
                relation = key.removeprefix(OF)
                equal = self.datamodel.FilterRelationOneToManyEqual
                self._filters.add_filter_related_view(relation, equal, record.id)
                return relation, record
        return ()

    def ready(
        self, found: ListPage, sorted_by: tuple[str, str], hidden: Collection[str] = (), *, sortable: bool = True
    ) -> ReadyList:
        """Return a list for the template, without the columns that would say the same in every row."""
        columns = self.shown_columns(hidden)
        rows, figures = rows_of(self, columns, found.rows)
        return ReadyList(
            self.list_title,
            type(self).__name__,
            headings_of(self, columns, sorted_by, figures, sortable=sortable),
            rows,
            found,
            self.may("edit") or self.may("delete"),
            searching(self._filters),
        )

    def shown_columns(self, hidden: Collection[str] = ()) -> list[str]:
        """Return the columns of a list without those that would say the same in every row."""
        return [name for name in self.list_columns if name not in hidden or name == self.list_columns[0]]

    def list_column(self, name: str) -> ListColumn:
        """Return a column of the list; put together when it is first shown."""
        if name not in self._list_columns:
            self._list_columns[name] = ListColumn(self, name)
        return self._list_columns[name]

    def _show(self, pk: Any) -> Any:
        self._tidy()
        item = self.datamodel.get(pk, self._base_filters)
        if not item:
            abort(404)
        deletes = self.may_delete(item)
        related, counts = related_lists(self, item, hanging=deletes)
        widgets = self._get_show_widget(pk, item) | {"related_views": related}
        if deletes:
            widgets["show"].template_args["undeletable"] = self.why_not_deleted(item, hanging_of(self, counts))
        return widgets

    def may_delete(self, _item: Any) -> bool:
        """Say whether a record is offered to be deleted by whoever is signed in."""
        return self.may("delete")

    def _get_show_widget(self, pk: Any, item: Any, **kwargs: Any) -> Any:
        widgets = super()._get_show_widget(pk, item, **kwargs)
        widgets["show"].template_args |= {
            "record": str(item), "list_title": self.list_title, "delete_note": self.delete_note,
        }  # fmt: skip
        return widgets

    def why_not_deleted(self, _item: Any, hanging: Sequence[Hanging]) -> str:
        """Return why a record cannot be deleted and what to do instead, nothing where it can be."""
        if not hanging:
            return ""
        belong = listed([each.words for each in hanging])
        return f"It cannot be deleted, for these belong to it: {belong}. {self.instead}"

    def _delete(self, pk: Any) -> None:
        item = self.datamodel.get(pk, self._base_filters)
        if not item:
            abort(404)
        try:
            self.pre_delete(item)
            self.datamodel.refuse(self.why_not_deleted(item, hanging_on(self, item)))
            self.datamodel.delete(item)
            self.post_delete(item)
        except Refused as refused:
            self.datamodel.session.rollback()
            flash(str(refused), "danger")
        except (SQLAlchemyError, DatabaseException) as error:
            self.datamodel.session.rollback()
            flash(f"It was not deleted. {problem_of(error).message}", "danger")
        else:
            flash(self.delete_row_message, "success")

    def _after(self, item: Any) -> str:
        return record_href(item) or str(self.get_default_url())

    def post_add_redirect(self) -> Any:
        """Go to the record, or to the one it was added to."""
        return redirect(self._after(g.stored))

    post_edit_redirect = post_add_redirect

    def post_delete_redirect(self) -> Any:
        """Go to the list: the record's own page is gone."""
        return redirect(self.get_default_url())

    def update_redirect(self) -> None:
        """Keep no trail of pages in the session: every page knows where it leads."""

    def get_redirect(self) -> str:
        """Return the list."""
        return str(self.get_default_url())

    def render_template(self, template: str, **kwargs: Any) -> Any:
        """Return the page; one that answers a POST is a form that was refused, and says so by its status."""
        page = super().render_template(template, **kwargs)
        return (page, 422) if request.method == "POST" else page
