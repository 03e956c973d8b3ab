"""The source of the portal, for tests of how it is written."""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
FLOORS = ("commands", "database", "demonstration", "files", "jobs", "models", "rules", "views", "workflows")


@cache
def modules() -> dict[str, ast.Module]:
    """Return every module of the portal as a syntax tree, by its path."""
    paths = [ROOT / "app.py", ROOT / "config.py", *(path for floor in FLOORS for path in (ROOT / floor).rglob("*.py"))]
    assert len(paths) > 200
    return {str(path.relative_to(ROOT)): ast.parse(path.read_text()) for path in paths}
