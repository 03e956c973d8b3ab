"""Pages name where they lead by endpoint: an address is written once, at its route."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from config import PROJECT

VIEWS = ("staff", "generated", "access", "page", "provider", "front_pages")

# href="/…", action="/…", and an address in a Jinja expression.
PLACES = "admin|staff|sign-|actuals|invoices|exceptions|conversations|line-items|contract-|absence-|remittances"
LITERAL = re.compile(rf"""(?:href|action|src)=["'](?!{{{{)/|["']/(?:{PLACES})""")


def test_no_template_holds_an_address() -> None:
    files = list((PROJECT / "templates").rglob("*.html"))
    assert len(files) > 80
    found = [
        f"{path.relative_to(PROJECT)}:{number}: {line.strip()}"
        for path in files
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if LITERAL.search(line)
    ]
    assert found == []


def test_no_view_holds_an_address_but_its_own_route() -> None:
    files = [path for folder in VIEWS for path in (PROJECT / "views" / folder).rglob("*.py")]
    assert len(files) > 25
    assert [each for path in files for each in addresses(path)] == []


def test_the_search_for_addresses_finds_one() -> None:
    assert LITERAL.search('<a href="/staff/imports">')
    assert LITERAL.search("{{ pagination(1, 2, '/admin/teams/list/') }}")
    assert LITERAL.search('<script src="/static/admin.js">')
    assert [value for _line, value in strings(ast.parse('redirect("/staff")\nredirect(f"/staff/{1}")'))] == [
        "/staff",
        "/staff/",
    ]


def addresses(path: Path) -> Iterator[str]:
    for line, value in strings(ast.parse(path.read_text())):
        yield f"{path.relative_to(PROJECT)}:{line}: {value}"


def strings(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every string that begins an address, except routes (`route_base`, `@expose`, `@app.route`)."""
    if isinstance(tree, ast.Assign) and isinstance(tree.targets[0], ast.Name) and tree.targets[0].id == "route_base":
        return
    if isinstance(tree, ast.Call) and ast.unparse(tree.func) in ("expose", "app.route"):
        return
    if isinstance(tree, ast.Constant) and isinstance(tree.value, str) and re.match("/[a-z]", tree.value):
        yield tree.lineno, tree.value
    for child in ast.iter_child_nodes(tree):
        yield from strings(child)
