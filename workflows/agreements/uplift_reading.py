"""An uplift as it was typed into its form, read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, TypeVar

from sqlalchemy import select

from models import Element, LineItem, Sector, db
from rules.form_reading import FormReading
from rules.number import read_number, whole_number
from rules.period import read_date
from rules.plan import UNIT_WORDS
from rules.problem_codes import Code
from rules.refusal import Problem
from rules.states import Unit
from rules.uplift import Uplift, problems_of_uplift
from workflows.agreements.draft_reading import read_pounds, reader_of
from workflows.clock import today

UPLIFT_FIELDS: Final = ("element", "sector", "unit", "line", "percent", "rate", "start")

Row = TypeVar("Row", Element, Sector)


@dataclass
class ReadUplift:
    """What was typed, the uplift it says, none where it cannot be read, and which lines that is about, in words."""

    typed: dict[str, str]
    uplift: Uplift | None = None
    about: str = ""
    problems: list[Problem] = field(default_factory=list)


def read_uplift(form: Mapping[str, str]) -> ReadUplift:
    """Read an uplift, with every problem at its field."""
    typed = {name: form.get(name, "").strip() for name in UPLIFT_FIELDS}
    found, reading = ReadUplift(typed), FormReading(typed)
    element = _chosen(Element, typed["element"])
    sector = _chosen(Sector, typed["sector"])
    unit = next((each for each in Unit if each.value == typed["unit"]), None)
    line: LineItem | None = reading.read("line", reader_of(LineItem), None)
    start = reading.read("start", read_date, None, "Enter the first day of the new rates.")
    percent = reading.read("percent", _percent, None, called="Per cent more")
    rate = reading.read("rate", read_pounds, None, called="New rate")
    found.problems = reading.problems
    others = [name for name, value in (("element", element), ("sector", sector), ("unit", unit)) if value]
    if line and others:
        remedy = "Empty the CPLI, or choose nothing else."
        found.problems.append(Problem(Code.ONE_OF_TWO, "One line has its own element and unit.", remedy, "line"))
    uplift = Uplift(
        start or today(), percent, rate, line.id if line else None, element.id if element else None,
        sector.id if sector else None, unit,
    )  # fmt: skip
    unread = {problem.field for problem in found.problems}
    judged = problems_of_uplift(uplift, today())
    # Where one of the two cannot be read it is not missing.
    found.problems += [each for each in judged if each.field not in unread and not _unread(each, unread)]
    found.uplift = None if found.problems else uplift
    found.about = _about(element, sector, unit, line)
    return found


def _unread(problem: Problem, unread: set[str]) -> bool:
    return (problem.field == "percent" and "rate" in unread) or (problem.field == "element" and "line" in unread)


def _percent(text: str) -> Decimal:
    return read_number(text.removesuffix("%"))


def _chosen(kind: type[Row], text: str) -> Row | None:
    key = whole_number(text)
    return db.session.get(kind, key) if key else None


def _about(element: Element | None, sector: Sector | None, unit: Unit | None, line: LineItem | None) -> str:
    if line:
        return f"line {line}"
    words = [str(element) if element else "", f"by the {UNIT_WORDS[unit][0]}" if unit else ""]
    words.append(f"in {sector}" if sector else "")
    return " ".join(filter(None, words))


def choices() -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """Return the elements and the sectors that can be chosen, each with its key, by name."""
    elements = db.session.execute(select(Element.id, Element.name).order_by(Element.name))
    sectors = db.session.execute(select(Sector.id, Sector.name).order_by(Sector.name))
    return [(row.id, row.name) for row in elements], [(row.id, row.name) for row in sectors]
