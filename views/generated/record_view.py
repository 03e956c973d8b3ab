"""What every generated staff screen shares: words for columns, few queries, what is kept, and the list as a file.

    class InvoiceView(RecordView):
        datamodel = StaffRecords(Invoice)
        route_base = "/admin/invoices"
        group = "Invoices"
        readers = PAYMENTS
        action_roles = {"accept": (PAYMENTS_OFFICER,)}
        list_title = "Invoices"
        list_columns = ["number", "organisation", "period", "state", "gross"]
        search_columns = ["number", "organisation", "period", "state"]
        show_columns = [...]
        base_order = ("number", "desc")

It stands under the heading `group` of "All records", and is open to the roles in `readers`. It is read-only unless
`changes` names what the roles in `writers` may do: add, edit, delete. `action_roles` names who may take each action.
The administrator and the auditor are not named: see `views.access.roles`.
"""

import datetime as dt
import enum
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any, ClassVar, Final

from flask import Response, abort, flash, redirect, request, stream_with_context, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access
from flask_appbuilder.urltools import get_order_args
from markupsafe import Markup
from sqlalchemy import Numeric
from wtforms import Form, StringField
from wtforms.fields.core import UnboundField
from wtforms.validators import Optional

from files.writing import record_list
from models.base import PerCent, Pounds, PoundsPerUnit, Units
from rules.states import label
from views.access.permissions import permitted
from views.access.roles import READ, Roles
from views.generated.labels import LABELS
from views.generated.record_field import SOUGHT_BY, MustBeGiven, RecordField, RelatedContains
from views.generated.trail.history import LATEST, history_of
from views.generated.trail.whose import remember_exported, remember_read
from views.generated.view import GeneratedView
from views.page.file_transfer import hand_out_list
from views.page.format import LONDON, all_units, end_in_words, per_cent, pounds, price
from workflows.clock import today

EVERY_CHANGE: Final = frozenset({"add", "edit", "delete"})

# How each kind of figure is written; a column of another kind fails at the start, not on its page.
FIGURES: Final[dict[type, Callable[[Decimal | None], str]]] = {
    Pounds: pounds,
    PoundsPerUnit: price,
    Units: all_units,
    PerCent: per_cent,
}


class RecordView(GeneratedView):
    """One kind of record as staff see it."""

    group: ClassVar[str]
    readers: ClassVar[Roles]
    writers: ClassVar[Roles]
    action_roles: ClassVar[dict[str, Roles]] = {}
    roles: ClassVar[dict[str, Roles]]  # each permission on this view, worked out from the four above
    changes: ClassVar[frozenset[str]] = frozenset()
    labels: ClassVar[dict[str, str]] = {}
    needs: ClassVar[tuple[str, ...]] = ()  # relations that `kept` reads of every row of a list
    kept_by: ClassVar[tuple[str, ...] | None] = None  # columns that `kept` reads of every row, where these are enough
    edit_title: str = ""
    add_columns: list[str] | None = None
    edit_columns: list[str] | None = None
    list_template = "staff/record_list.html"
    show_template = "staff/record.html"

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Work out `roles`; raise TypeError where a view does not say where it stands and who may do what there."""
        super().__init_subclass__(**kwargs)
        needed = ("group", "readers", "writers") if cls.changes else ("group", "readers")
        missing = [name for name in needed if not hasattr(cls, name)]
        missing += [f"action_roles[{name!r}]" for name in _actions(cls) if name not in cls.action_roles]
        if missing:
            raise TypeError(f"{cls.__name__} does not declare {', '.join(missing)}.")
        changing = {f"can_{change}": cls.writers for change in sorted(cls.changes)}
        cls.roles = dict.fromkeys(READ, cls.readers) | changing | cls.action_roles

    def __init__(self, **kwargs: Any) -> None:
        shut = {"download"} | (EVERY_CHANGE - self.changes)
        self.exclude_route_methods = shut if self.action_roles else shut | {"action", "action_post"}
        super().__init__(**kwargs)
        self.datamodel.kept = self.kept
        self.datamodel.kept_by = () if type(self).kept is RecordView.kept else self.kept_by

    def kept(self, _item: Any) -> str:
        """Return why a record can no longer be edited or deleted, nothing where it can."""
        return ""

    def may_delete(self, item: Any) -> bool:
        """Say whether a record is offered to be deleted: not what is kept."""
        return super().may_delete(item) and not self.kept(item)

    def notes(self, _item: Any) -> list[str]:
        """Return sentences that stand above a record on its own page."""
        return []

    def verbs(self, _item: Any) -> list[tuple[str, str]]:
        """Return what else can be done with a record on a page of its own: words and address of each."""
        return []

    def makes_sense(self, _action: str, _item: Any) -> bool:
        """Return whether an action is offered on a record's own page; done to what it does not suit, it says no."""
        return True

    def _prettify_column(self, name: str) -> str:
        return name.replace(".", " ").replace("_", " ").capitalize()

    def _init_titles(self) -> None:
        self.edit_title = self.edit_title or f"Edit {self.datamodel.word}"
        super()._init_titles()

    def _init_properties(self) -> None:
        self.label_columns = LABELS | self.labels
        self.add_columns = self.add_columns or ["id"]
        self.edit_columns = self.edit_columns or self.add_columns
        self.datamodel.load_with([*self.list_columns, *self.needs], [*self.show_columns, *self.needs])
        super()._init_properties()
        # Afterwards: for none the framework takes all.
        self.order_columns = [name for name in self.list_columns if self.datamodel.can_be_sorted(name)]
        for name, column in self.datamodel.list_columns.items():
            if isinstance(column.type, Numeric):
                self.formatters_columns.setdefault(name, FIGURES[type(column.type)])
        self.formatters_columns.setdefault("end", end_in_words)
        for name in self.vocabularies:
            self.formatters_columns.setdefault(name, partial(self._in_words, name))
        for name in filter(self._is_large, self.search_columns):
            for offered in (self._filters._search_filters, self._filters._all_filters):
                offered[name] = [*offered[name], RelatedContains(name, self.datamodel)]

    def _in_words(self, name: str, value: Any) -> Any:
        """Return a value as its vocabulary says it; anything else as it is."""
        words = self.vocabularies.get(name)
        return words.get(value, value) if words else value

    def _is_large(self, name: str) -> bool:
        return self.datamodel.is_relation(name) and self.datamodel.get_related_model(name) in SOUGHT_BY

    def _init_forms(self) -> None:
        super()._init_forms()
        for form in (self.add_form, self.edit_form):
            for name in filter(self._is_large, list(vars(form))):
                self._type_reference(form, name)
        for name in filter(self._is_large, self.search_columns):
            setattr(self.search_form, name, StringField(self.label_columns[name]))

    def _type_reference(self, form: type[Form], name: str) -> None:
        unbound = vars(form)[name]
        if isinstance(unbound, UnboundField) and unbound.field_class is not RecordField:
            optional = self.datamodel.is_nullable(name)
            field = RecordField(
                self.label_columns[name],
                validators=[Optional() if optional else MustBeGiven()],
                description=self.description_columns.get(name, ""),
                kind=self.datamodel.get_related_model(name),
            )
            setattr(form, name, field)

    def _get_show_widget(self, pk: Any, item: Any, **kwargs: Any) -> Any:
        widgets = super()._get_show_widget(pk, item, **kwargs)
        args = widgets["show"].template_args
        remember_read(item)
        args["kept"] = self.kept(item)
        args["history"] = history_of(self, item)
        args["latest"] = LATEST
        args["notes"] = self.notes(item)
        args["verbs"] = self.verbs(item)
        args["actions"] = {name: action for name, action in args["actions"].items() if self.makes_sense(name, item)}
        return widgets

    def _edit(self, pk: Any) -> Any:
        item = self.datamodel.get(pk, self._base_filters)
        if request.method == "GET" and item and (reason := self.kept(item)):
            flash(reason, "danger")
            abort(redirect(self._after(item)))
        return super()._edit(pk)

    def _valid(self, form: Form, item: Any = None) -> bool:
        if item is not None and (reason := self.kept(item)):
            form.form_errors.append(reason)
        return super()._valid(form, item) and not form.form_errors

    def pre_delete(self, item: Any) -> None:
        """Refuse to delete what is kept."""
        self.datamodel.refuse(self.kept(item))

    @expose("/delete/<pk>", methods=["POST"])
    @has_access
    def delete(self, pk: str) -> Any:
        """Delete one record; only a form that was sent does."""
        self._delete(pk)
        return self.post_delete_redirect()

    @expose("/action/<string:name>/<pk>", methods=["POST"])
    def action(self, name: str, pk: str) -> Any:
        """Do what an action says to one record."""
        return self._act(name, [pk])

    @expose("/action_post", methods=["POST"])
    def action_post(self) -> Any:
        """Do what an action says to the records that are ticked."""
        return self._act(request.form.get("action", ""), request.form.getlist("rowid"))

    def _act(self, name: str, pks: list[str]) -> Any:
        action = self.actions.get(name)
        if action is None:
            abort(404)
        if not self.appbuilder.sm.has_access(self.get_action_permission_name(name), self.class_permission_name):
            abort(403)
        found = [item for item in (self.datamodel.get(pk) for pk in dict.fromkeys(pks)) if item]
        if not found:
            flash(f"Tick the {self.list_title.lower()} first.", "danger")
            return redirect(self.get_default_url())
        return action.func(found)

    @expose("/export/<kind>", methods=["GET"])
    @permitted("export")
    def export(self, kind: str) -> Any:
        """Send the list as it is filtered and sorted, as CSV or as an Excel workbook."""
        if kind not in ("csv", "xlsx"):
            abort(404)
        self._tidy()
        self._seek()
        sorted_by = get_order_args().get(type(self).__name__) or self.base_order
        filters = self.sought()
        headings = [self.label_columns[name] for name in self.list_columns]
        value = self.datamodel.value
        rows = (
            [_cell(self._in_words(name, value(row, name))) for name in self.list_columns]
            for row in self.datamodel.every(filters, sorted_by)
        )
        remember_exported(self.datamodel, filters)
        name = f"{self.route_base.rpartition('/')[2]}-{today():%Y-%m-%d}.{kind}"
        if kind == "xlsx":
            if self.datamodel.exceeds(filters, record_list.MOST_IN_EXCEL):
                most = f"{record_list.MOST_IN_EXCEL:,}"
                flash(f"Excel holds at most {most} rows. Search for fewer, or take the CSV.", "danger")
                return redirect(f"{self.get_default_url()}?{request.query_string.decode()}")
            return hand_out_list(name, self.list_title, headings, rows)
        answer = Response(stream_with_context(record_list.csv_lines(headings, rows)), mimetype=CSV)
        answer.headers.set("Content-Disposition", "attachment", filename=name)
        return answer

    def export_address(self, kind: str) -> str:
        """Return the address of the list as a file, with what is sought and how it is sorted."""
        asked: dict[str, Any] = {
            key: values for key, values in request.args.lists() if not key.startswith(("page_", "psize_"))
        }
        return url_for(f"{self.endpoint}.export", kind=kind, **asked)

    def render_template(self, template: str, **kwargs: Any) -> Any:
        """Return the page, with what the templates of records need to know of the view."""
        return super().render_template(template, view=self, **kwargs)


def _actions(view: type) -> list[str]:
    methods: list[Any] = [getattr(view, name, None) for name in dir(view)]
    return [method._action[0] for method in methods if hasattr(method, "_action")]


CSV: Final = "text/csv; charset=utf-8"


def _cell(value: Any) -> Any:
    if isinstance(value, enum.StrEnum):
        return label(value)
    if isinstance(value, Markup):
        return value.striptags()
    if isinstance(value, dt.datetime):
        return value.astimezone(LONDON).replace(tzinfo=None)
    if value is None or isinstance(value, bool | int | Decimal | dt.date):
        return value
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
