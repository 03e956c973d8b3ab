"""Small files of the kinds people send, with the places in them filled in for a test's own lines and weeks."""

from datetime import timedelta
from pathlib import Path

from models import LineItem
from rules.period import DAY_NAMES
from tests.support.worlds.weeks import OCT_16, OCT_23

CASES = Path(__file__).parents[2] / "cases"


def case(name: str, line: LineItem, other: LineItem | None = None) -> str:
    """Return the text of a case for a line; its two weeks are those of 16 and 23 October 2017."""
    text = (CASES / name).read_text(encoding="utf-8")
    known = {"LINE": line.reference, "LINE2": other.reference if other else "", "PERSON": line.person.reference}
    for number, monday in (("", OCT_16), ("2", OCT_23)):
        for index, day in enumerate(DAY_NAMES):
            known[f"{day.upper()}{number}"] = f"{monday + timedelta(days=index):%d/%m/%Y}"
    for place, words in known.items():
        text = text.replace(f"{{{place}}}", words)
    return text
