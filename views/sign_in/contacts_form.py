"""The contacts form: open to whoever has its personal link, without signing in."""

from flask import redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from werkzeug.wrappers import Response

from rules.contacts_form import SAME
from rules.refusal import Problem, Refused
from workflows.organisations import contacts_form
from workflows.organisations.contacts_form import FormLinkIsDead, OpenForm

Answer = Response | str | tuple[str, int]


class ContactsFormPage(BaseView):
    """`/contacts-form/<token>`: an organisation names its contacts before its go-live."""

    route_base = "/contacts-form"

    @expose("/<token>", methods=["GET", "POST"])
    def show(self, token: str) -> Answer:
        """Ask whom the organisation names; a link that has expired, or never was one, gets the same calm page."""
        try:
            if request.method == "GET":
                return _page(contacts_form.open_form(token))
            contacts_form.answer(token, request.form)
        except FormLinkIsDead:
            return render_template("contacts_form/link_is_dead.html"), 404
        except Refused as refused:
            return _page(contacts_form.open_form(token), refused.problems), 422
        return redirect(url_for("ContactsFormPage.show", token=token))


def _page(form: OpenForm, problems: tuple[Problem, ...] = ()) -> str:
    if form.answered:
        return render_template("contacts_form/answered.html", form=form)
    return render_template("contacts_form/form.html", form=form, problems=problems, typed=request.form, same=SAME)
