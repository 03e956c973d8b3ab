"""A generated list as a bare Flask page: the same rows joined with the same tables by one query, in a plain table."""

from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, Select, inspect, select

from models import Element, PaymentPeriod, Sector
from views.generated.record_field import SOUGHT_BY
from views.staff.records.contracts import ContractDocumentView
from views.staff.records.delivered import ActualView
from views.staff.records.invoices import InvoiceView
from views.staff.records.line_items import LineItemView
from views.staff.records.organisations import OrganisationView
from views.staff.records.people import PersonView

COMPARED = (ActualView, LineItemView, InvoiceView, ContractDocumentView, OrganisationView, PersonView)
ROWS = 25
# By which column a related record is shown.
SHOWN: dict[type, str] = SOUGHT_BY | {Element: "name", Sector: "name", PaymentPeriod: "start"}
PAGE = """<!doctype html><title>Bare</title><table>
{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>
{% endfor %}</table>"""


def bare_list(view: Any, owner: Engine) -> FlaskClient:
    """Return a client of a bare page with the first rows of a view's list, read by the owner of the tables."""
    app = Flask("bare list")
    template, query = app.jinja_env.from_string(PAGE), rows_of_list(view)

    def page() -> str:
        with owner.connect() as connection:
            return template.render(rows=connection.execute(query).all())

    app.add_url_rule("/", "page", page)
    return app.test_client()


def rows_of_list(view: Any) -> Select[Any]:
    """Return the query of the first page of a list: its columns, related records by what they are shown by.

    What the portal works out for a list is none of a bare page.
    """
    model = view.datamodel.obj
    relations = inspect(model).relationships
    names = [name for name in view.list_columns if hasattr(model, name)]
    joined = [name for name in names if name in relations]
    columns = [
        getattr(relations[name].mapper.class_, SHOWN[relations[name].mapper.class_])
        if name in joined
        else getattr(model, name)
        for name in names
    ]
    query = select(model.id, *columns).select_from(model)
    for name in joined:
        query = query.outerjoin(getattr(model, name))
    name, way = view.base_order
    order = [getattr(model, name), model.id]
    return query.order_by(*(each.desc() if way == "desc" else each for each in order)).limit(ROWS)
