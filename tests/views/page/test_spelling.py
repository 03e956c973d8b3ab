"""What people read is spelled in one way, on pages and in letters."""

import ast
import re
from collections.abc import Iterator
from typing import Final

from config import PROJECT
from workflows.upkeep.queue import Task

# The label of the sign-in that people are trained on.
LABEL: Final = "Email address"
OTHER_WAY: Final = re.compile(r"\bemail(s|ed)?\b", re.IGNORECASE)
CODE: Final = re.compile(r"\{[{%].*?[}%]\}", re.DOTALL)
FLOORS: Final = ("rules", "files", "workflows", "views", "jobs", "commands", "models")


def words_of_templates() -> Iterator[tuple[str, str]]:
    """What stands between the tags of every template, and the sentences in its code."""
    for path in sorted((PROJECT / "templates").rglob("*.html")):
        text = re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.DOTALL)
        quoted = [each for code in CODE.findall(text) for each in re.findall(r'"([^"]*)"', code) if is_read(each)]
        plain = re.sub(r"<[^>]*>", "\n", CODE.sub("\n", text)).splitlines()
        yield from ((str(path.relative_to(PROJECT)), words) for words in (*plain, *quoted))


def words_of_code() -> Iterator[tuple[str, str]]:
    """Every text of the code that can be a sentence or a label, docstrings aside."""
    for path in (path for floor in FLOORS for path in sorted((PROJECT / floor).rglob("*.py"))):
        tree = ast.parse(path.read_text())
        said = {id(each.value) for each in ast.walk(tree) if isinstance(each, ast.Expr)}
        texts = (each for each in ast.walk(tree) if isinstance(each, ast.Constant) and id(each) not in said)
        for each in texts:
            if isinstance(each.value, str) and is_read(each.value):
                yield f"{path.relative_to(PROJECT)}:{each.lineno}", each.value


def is_read(words: str) -> bool:
    """Whether a text is for people: a sentence, or a word that begins one; no list of columns, no SQL."""
    return bool(re.match(r"[A-Z{]", words)) and not re.match(r"SELECT|Email$", words)


def test_e_mail_is_spelled_in_one_way_but_for_the_label_of_the_sign_in() -> None:
    everything = [*words_of_templates(), *words_of_code()]
    assert sum("e-mail" in words.lower() for _, words in everything) > 100, "they are found"
    everything += [(task.name, task.heading) for task in Task]
    other = [(where, words) for where, words in everything if OTHER_WAY.search(words.replace(LABEL, ""))]
    assert other == []
