"""A number and its word: one place makes plurals, and nothing else does."""

import ast
import re
from decimal import Decimal

import pytest

from rules.words import counted, plural
from tests.support.source import ROOT, modules


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0 weeks"), (1, "1 week"), (2, "2 weeks"), (1234, "1,234 weeks"), (-1, "-1 weeks")]
)
def test_a_number_is_followed_by_the_form_it_asks_for(number: int, words: str) -> None:
    assert counted(number, "week") == words


def test_a_part_of_one_is_plural_and_one_in_two_places_is_not() -> None:
    assert plural(Decimal("0.50"), "hour") == "hours"
    assert plural(Decimal("1.00"), "hour") == "hour"


def test_a_word_may_have_a_plural_of_its_own() -> None:
    assert plural(1, "its", "their") == "its"
    assert counted(3, "week waits", "weeks wait") == "3 weeks wait"


@pytest.mark.parametrize(
    "line",
    [
        "words = 'week' if n == 1 else 'weeks'",
        "words = f\"{n} week{'' if n == 1 else 's'}\"",
        "words = one if n == 1 else many",
        "words = f'{n} weeks' if n != 1 else '1 week'",
        "words = f\"{n} week{'s' if n > 1 else ''}\"",
    ],
)
def test_a_plural_made_by_hand_is_recognised(line: str) -> None:
    assert _has_plural(ast.parse(line))


@pytest.mark.parametrize(
    "line",
    ["kind = kinds[0] if len(kinds) == 1 else ''", "page = first if found else 'none'", "n = 2 if n == 1 else 3"],
)
def test_a_choice_that_is_no_plural_is_left_alone(line: str) -> None:
    assert not _has_plural(ast.parse(line))


def test_plurals_are_made_in_one_place_alone() -> None:
    assert [path for path, module in modules().items() if _has_plural(module)] == []


def test_templates_make_no_plurals() -> None:
    paths = list((ROOT / "templates").rglob("*.html"))
    by_hand = re.compile(r"(?:==|!=|>|\bis) 1 else\b|(?:'s'|\"s\") if\b|\{\{ ?['\"]s['\"]")
    assert len(paths) > 50
    assert [str(path.relative_to(ROOT)) for path in paths if by_hand.search(path.read_text())] == []


def _has_plural(module: ast.Module) -> bool:
    """Say whether one of two words is chosen anywhere by comparing a number with 1."""
    return any(isinstance(node, ast.IfExp) and _is_plural(node) for node in ast.walk(module))


def _is_plural(node: ast.IfExp) -> bool:
    if not isinstance(node.test, ast.Compare) or not _is_one(node.test.comparators[0]):
        return False
    both = (node.body, node.orelse)
    if isinstance(node.test.ops[0], ast.Gt):
        return all(map(_is_text, both))
    return all(_is_text(each) or isinstance(each, ast.Name | ast.JoinedStr | ast.IfExp) for each in both)


def _is_one(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value == 1


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)
