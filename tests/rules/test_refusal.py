"""What is refused is data: a code, what is wrong, what to do, and where, each by itself."""

import ast
import re
from collections.abc import Iterator

import pytest

from rules.period import NotADate, read_date
from rules.problem_codes import Code
from rules.refusal import Problem, Refused
from tests.support.source import modules


def test_a_page_shows_what_is_wrong_and_then_what_to_do() -> None:
    assert Problem(Code.NOT_OVER, "This week is not over.", "Confirm it on Sunday.").message == (
        "This week is not over. Confirm it on Sunday."
    )
    assert Problem(Code.MISSING, "Enter a subject.").message == "Enter a subject."


def test_a_problem_can_be_put_at_another_field_and_told_what_it_is_about() -> None:
    problem = Problem(Code.NOT_OVER, "This week is not over.", "Confirm it on Sunday.")
    assert problem.about("48210").at("week-7") == Problem(
        Code.NOT_OVER, "48210: This week is not over.", "Confirm it on Sunday.", "week-7"
    )


def test_a_refusal_reads_as_all_its_problems() -> None:
    refused = Refused(Problem(Code.MISSING, "Enter a subject."), Problem(Code.TOO_LONG, "It is long.", "Shorten it."))
    assert str(refused) == "Enter a subject.; It is long. Shorten it."


def test_what_cannot_be_read_says_why_as_a_problem() -> None:
    with pytest.raises(NotADate) as error:
        read_date("soon")
    assert (error.value.problem.code, error.value.problem.field) == (Code.NOT_A_DATE, "")
    assert str(error.value) == error.value.problem.message


def test_codes_are_short_words_and_each_is_used_once_in_the_list() -> None:
    assert [code for code in Code if not re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", code)] == []
    assert [name for name, code in Code.__members__.items() if name != code.name] == []


def test_every_code_that_is_used_is_listed_and_every_listed_one_is_used() -> None:
    used = {
        node.attr
        for module in modules().values()
        for node in ast.walk(module)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Code"
    }
    assert used == {code.name for code in Code}


def test_every_problem_has_its_remedy_apart_from_what_is_wrong() -> None:
    joined = [
        f"{path}:{call.lineno}"
        for path, module in modules().items()
        for call in _calls(module, "Problem")
        if len(call.args) > 1 and re.search(r"\. [A-Z]", ast.unparse(call.args[1]))
    ]
    assert joined == []


def test_no_sentence_is_taken_apart_to_learn_what_it_says() -> None:
    apart = {
        path
        for path, module in modules().items()
        for name in ("partition", "split", "rpartition", "rsplit")
        for call in _calls(module, name)
        if call.args and isinstance(call.args[0], ast.Constant) and call.args[0].value == ". "
    }
    assert apart == set()


def _calls(module: ast.Module, name: str) -> Iterator[ast.Call]:
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and name in (getattr(node.func, "id", ""), getattr(node.func, "attr", "")):
            yield node
