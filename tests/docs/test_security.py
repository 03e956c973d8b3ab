"""What docs/security.md says is tested is tested: each file it names is there."""

import re
from pathlib import Path

PROJECT = Path(__file__).parents[2]


def test_every_test_that_the_page_names_is_there() -> None:
    page = (PROJECT / "docs" / "security.md").read_text()
    named = set(re.findall(r"`(tests/[\w/.]+)`", page))
    assert len(named) > 20
    assert [each for each in sorted(named) if not (PROJECT / each).exists()] == []


def test_every_chapter_of_the_standard_is_answered() -> None:
    page = (PROJECT / "docs" / "security.md").read_text()
    assert [int(each) for each in re.findall(r"^\| V(\d+) ", page, re.M)] == list(range(1, 18))
