"""The forms of generated records: everything that is wrong said at once, nothing typed lost, nobody's change undone."""

from collections.abc import Iterable
from typing import Any

from flask import abort, flash, g, request
from flask_appbuilder import ModelView
from flask_appbuilder.exceptions import DatabaseException
from flask_appbuilder.urltools import get_filter_args
from sqlalchemy.exc import SQLAlchemyError
from wtforms import Form

from rules.refusal import Problem, Refused
from views.generated.forms import stale
from views.generated.forms.duplicates import tell_duplicates
from views.generated.forms.fields import valid
from views.page.constraint_messages import problem_of


class FormView(ModelView):
    """The two forms of a kind of record: to add one, and to edit one."""

    def _add(self) -> Any:
        get_filter_args(self._filters, disallow_if_not_in_search=False)
        given = self._filters.get_relation_cols()
        form = self.add_form.refresh()
        if request.method == "POST":
            self._fill_form_exclude_cols(given, form)
            if self._valid(form) and self._stored(form, self.datamodel.obj(), is_new=True):
                return None
        widgets = self._get_add_widget(form=form, exclude_cols=given)
        widgets["add"].template_args["back"] = self.get_default_url()
        return widgets

    def _edit(self, pk: Any) -> Any:
        item = self.datamodel.get(pk, self._base_filters)
        if not item:
            abort(404)
        meanwhile, who = [], ""
        if request.method == "POST":
            form = self.edit_form.refresh()
            self.datamodel.lock(item)
            stored = self._as_stored(item)
            token = stale.opened(stored, self.edit_columns)
            valid_now = self._valid(form, item)
            sent = request.form.get(stale.OPENED, "")
            if meanwhile := stale.changed_meanwhile(form, stored, sent, self.edit_columns):
                who = stale.who_saved(item)
                form.form_errors.append(f"{who} Nothing of yours was stored. Compare both below, then save again.")
            elif valid_now and self._stored(form, item, is_new=False):
                return None
        else:
            form = self._as_stored(item)
            token = stale.opened(form, self.edit_columns)
        widgets = self._get_edit_widget(form=form)
        if request.method == "POST":
            item = self.datamodel.get(pk, self._base_filters)  # what was refused is forgotten
        widgets["edit"].template_args |= {
            "record": str(item), "back": self._after(item), "opened": token, "meanwhile": meanwhile,
        }  # fmt: skip
        return widgets

    def _as_stored(self, item: Any) -> Form:
        """Return the form to edit as it says what is stored."""
        form = self.edit_form(formdata=None, obj=item)
        self.prefill_form(form, item.id)
        return form

    def problems_of(self, _form: Form, _item: Any) -> Iterable[Problem]:
        """Return what is wrong with a form beyond its single fields; `item` is None for a new record.

        Asked also where a field was refused: its data are None then.
        """
        return ()

    def _valid(self, form: Form, item: Any = None) -> bool:
        """Say at its fields everything that is wrong with a form, and whether nothing is."""
        fields = valid(form)
        problems = list(self.problems_of(form, item))
        _tell(form, problems)
        return not (tell_duplicates(form, self, item) or problems) and fields

    def _stored(self, form: Form, item: Any, *, is_new: bool) -> bool:
        """Write what the form says into `item` and store it; say no at the fields where it cannot be."""
        try:
            self.process_form(form, is_new)
            with self.datamodel.session.no_autoflush:  # a record half filled is not stored because another is read
                form.populate_obj(item)
                (self.pre_add if is_new else self.pre_update)(item)
            (self.datamodel.add if is_new else self.datamodel.edit)(item)
            (self.post_add if is_new else self.post_update)(item)
        except Refused as refused:
            self.datamodel.session.rollback()
            _tell(form, refused.problems)
            return False
        except (SQLAlchemyError, DatabaseException) as error:
            self.datamodel.session.rollback()
            _tell(form, [problem_of(error)])
            return False
        flash(self.add_row_message if is_new else self.edit_row_message, "success")
        # A record added from another's page leads back to that page.
        g.stored = next((getattr(item, each) for each in self._filters.get_relation_cols()), item)
        return True


def _tell(form: Form, problems: Any) -> None:
    for problem in problems:
        field = form._fields.get(problem.field)
        if field is None:
            form.form_errors.append(problem.message)
        else:
            field.errors = [*field.errors, problem.message]
