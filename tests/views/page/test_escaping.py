"""What templates print is escaped exactly as Jinja's own, whatever is printed and wherever."""

from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import DictLoader, Environment, select_autoescape
from jinja2.runtime import Undefined
from markupsafe import Markup, escape

from views.page.escaping import escaped


class _Html:
    def __html__(self) -> str:
        return "<b>bold</b>"

    def __repr__(self) -> str:
        return "an object with __html__"  # a name without an address: each process collects the same tests


class _Named(str):
    __slots__ = ()


PRINTED = [
    "", "plain", "<script>", "a & b", 'say "so"', "it's", 0, -7, Decimal("1.50"), Decimal(-3), 1.5, None, True, b"<b>",
    Markup("<i>safe</i>"), _Html(), _Named("<named>"), ["<a>"], {"<k>": "&"}, Undefined(name="missing"),
]  # fmt: skip
TEMPLATES = {
    "page.html": """{% from "macro.html" import cell %}{% macro own(x) %}<td>{{ x }}</td>{% endmacro %}
{% set kept %}({{ value }}){% endset %}<p title="{{ value }}">{{ value }}</p>{{ own(value) }}{{ cell(value) }}
{% call(x) cell(value) %}<i>{{ x }}</i>{% endcall %}{{ kept }}{% for each in [value, value] %}{{ each }}{% endfor %}
{{ "<" ~ value }}{{ value | string | upper }}{% include "part.html" %}{% filter upper %}{{ value }}{% endfilter %}""",
    "macro.html": """{% macro cell(x) %}<td>{{ x }}{{ caller(x) if caller else "" }}</td>{% endmacro %}""",
    "part.html": """{% extends "base.html" %}{% block inside %}{{ super() }}{{ value }}{% endblock %}""",
    "base.html": """<div>{% block inside %}{{ value }}{% endblock %}</div>""",
    "letter.txt": """{{ value }}""",
}


@pytest.mark.parametrize("value", PRINTED, ids=repr)
def test_a_value_is_escaped_as_markupsafe_does(value: Any) -> None:
    assert str(escaped(value)) == str(escape(value))


@given(st.text())
def test_any_text_is_escaped_as_markupsafe_does(text: str) -> None:
    assert escaped(text) == escape(text)


@pytest.mark.parametrize("value", PRINTED, ids=repr)
@pytest.mark.parametrize("name", ["page.html", "letter.txt"])
def test_templates_print_what_stock_jinja_prints(app: Flask, name: str, value: Any) -> None:
    ours = app.jinja_env.overlay(loader=DictLoader(TEMPLATES))
    stock = Environment(loader=DictLoader(TEMPLATES), autoescape=select_autoescape(["html"]))

    assert ours.get_template(name).render(value=value) == stock.get_template(name).render(value=value)


def test_the_portals_templates_print_with_it(app: Flask) -> None:
    printed = app.jinja_env.from_string("{{ value }}").root_render_func.__globals__["escape"]

    assert printed is escaped
