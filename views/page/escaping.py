"""How templates write what they print: escaped as Jinja escapes it, but not wrapped in a Markup that is joined at once.

A long page prints 7,000 values, and a Markup for each takes longer than escaping them: 2 of 30 ms of processor in a
week of 200 lines, 4 of 48 in the overview of 300 (make bench).
"""

import re
from decimal import Decimal

from flask import Flask
from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from markupsafe import Markup, escape

_SPECIAL = re.compile(r"[&<>'\"]")
# Their text has none of the characters above.
_NUMBERS = (int, Decimal)


def register_escaping(app: Flask) -> None:
    """Let templates print with `escaped`; to be called before the first of them is used."""
    app.jinja_env.code_generator_class = _Printing


def escaped(value: object) -> str:
    """Return a value as a page shows it: the text of `markupsafe.escape`, as a str wherever it needs no Markup."""
    kind = type(value)
    if kind is str and not _SPECIAL.search(value):  # type: ignore[call-overload]  # str, for that is its type
        return value  # type: ignore[return-value]
    if kind is Markup:
        return value  # type: ignore[return-value]
    return str(value) if kind in _NUMBERS else escape(value)


class _Printing(CodeGenerator):
    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802  # its name in Jinja
        super().visit_Template(node, frame)
        # What a template calls `escape` is looked up when it is rendered: its last line has the last word.
        self.writeline(f"from {__name__} import {escaped.__name__} as escape")
