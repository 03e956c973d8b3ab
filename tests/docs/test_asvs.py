"""docs/asvs.md answers every requirement of ASVS 5.0 that the portal is held to, and what it names is there."""

import re
from pathlib import Path
from typing import Final

PROJECT: Final = Path(__file__).parents[2]
ROW: Final = re.compile(r"^\| (\d+\.\d+\.\d+) \| (.+?) \| (.+) \|$", re.M)
# How many each section has: of level 2 (the first ones of each), and of level 3 in V6, V7 and V8.
SECTIONS: Final = {
    1: (2, 9, 11, 3, 2), 2: (3, 3, 4, 1), 3: (0, 2, 4, 6, 5, 0, 2), 4: (3, 1, 2, 4), 5: (1, 3, 2, 3),
    6: (3, 12, 8, 6, 8, 4, 2, 4), 7: (3, 4, 2, 5, 3, 2), 8: (4, 4, 3, 2), 9: (3, 4), 11: (2, 3, 3, 3, 1, 1),
    12: (3, 2, 4), 13: (1, 5, 2, 5), 14: (2, 4, 3), 15: (3, 3, 7), 16: (1, 5, 4, 3, 3),
}  # fmt: skip


def rows() -> dict[str, str]:
    """What is said to each requirement."""
    found = ROW.findall((PROJECT / "docs" / "asvs.md").read_text())
    assert len({number for number, _, _ in found}) == len(found), "one is answered twice"
    return {number: answer for number, _, answer in found}


def test_every_requirement_is_answered() -> None:
    asked = [
        f"{chapter}.{section}.{place}"
        for chapter, sections in SECTIONS.items()
        for section, many in enumerate(sections, 1)
        for place in range(1, many + 1)
    ]
    assert list(rows()) == asked


def test_what_an_answer_names_is_there() -> None:
    for number, answer in rows().items():
        for path in re.findall(r"`((?:tests|docs|rules|views)/[\w/.-]+)`", answer):
            assert (PROJECT / path).exists(), f"{number} names {path}"


def test_what_is_not_met_is_said_and_counted() -> None:
    counted = {words: sum(words in answer for answer in rows().values()) for words in ("**Not met**", "**Partly**")}
    assert counted == {"**Not met**": 1, "**Partly**": 10}
