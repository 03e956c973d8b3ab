"""A class name is borne once in the project: who reads or searches for it finds one thing."""

import ast
from collections import defaultdict
from pathlib import Path

from config import PROJECT

# Tests may name what they like, migrations stay as they were written; the rest is not ours.
LEFT_OUT = {"tests", "migrations", "instance", "node_modules"}


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
    twice = {name: modules for name, modules in everywhere.items() if len(modules) > 1}
    assert twice == {}, "another class bears this name: choose a word that says which one it is"


def test_a_room_of_workflows_has_at_most_fifteen_files() -> None:
    rooms = {
        folder.name: len(list(folder.glob("[!_]*.py")))
        for folder in (PROJECT / "workflows").iterdir()
        if folder.is_dir()
    }
    assert {room: files for room, files in rooms.items() if files > 15} == {}
