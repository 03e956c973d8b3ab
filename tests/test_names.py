"""A class name is borne once in the project: who reads or searches for it finds one thing."""

import ast
from collections import defaultdict
from pathlib import Path

from config import PROJECT

# Tests may name what they like, migrations stay as they were written; the rest is not ours.
LEFT_OUT = {"tests", "migrations", "instance", "node_modules"}

# Names that two or three classes still bear. The list only gets shorter.
STILL_TWICE = {"Fate"}


def places() -> dict[str, list[str]]:
    """Every class of the project: in which modules its name is defined."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(PROJECT.rglob("*.py")):
        inside = path.relative_to(PROJECT)
        if inside.parts[0] not in LEFT_OUT and not inside.parts[0].startswith("."):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.ClassDef):
                    found[node.name].append(_module(inside))
    return found


def _module(path: Path) -> str:
    return ".".join(path.with_suffix("").parts)


def test_no_class_name_is_borne_twice() -> None:
    everywhere = places()
    assert len(everywhere) > 300
    twice = {name: modules for name, modules in everywhere.items() if len(modules) > 1 and name not in STILL_TWICE}
    assert twice == {}, "another class bears this name: choose a word that says which one it is"


def test_a_name_that_is_unique_by_now_is_taken_off_the_list() -> None:
    everywhere = places()
    assert {name for name in STILL_TWICE if len(everywhere.get(name, ())) < 2} == set()
