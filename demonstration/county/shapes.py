"""What a week can be like: for every plan a thousand shapes, worked out by the rules, one of which each week has."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from demonstration.county.lines import Template, plan_of
from demonstration.talks.talk import ASKED, Told
from models import DAYS
from rules.actual import Derived, derive
from rules.exception import cap, decision_in_words, is_over
from rules.money import NOTHING
from rules.plan import LinePlan, plan_of_week, step_of
from rules.policy import Target
from rules.states import Decision, PlanKind
from workflows import policy
from workflows.weeks.level import LevelInForce, level_of, stored_allowance
from workflows.weeks.line_week import seven_days

SHAPES = 1000
AWAY = SHAPES - 1  # nobody is given this one by chance: it is for the weeks of absence claims


class Variation(NamedTuple):
    """So many in a thousand weeks are so many steps above their plan (or below) on one day; None: nothing that day."""

    weeks: int
    steps: int | None
    reason: str
    comment: str = ""


VARIATIONS = (
    Variation(25, 1, "LONGER"),
    Variation(20, 2, "LONGER", "Waited for the district nurse"),
    Variation(5, 2, "AGREED", "Agreed with the family"),
    Variation(20, -1, "SHORTER"),
    Variation(15, -2, "SHORTER", "Daughter was there and helped"),
    Variation(10, None, "HOSPITAL", "At the Queen Elizabeth, back the next day"),
    Variation(10, None, "CANCELLED", "Went out with her son"),
    Variation(6, None, "AWAY"),
)
NOTHING_AT_ALL = 3  # in a thousand weeks
# Five in a thousand weeks are over the level; what is asked about them, and decided.
OVER = (ASKED[0], ASKED[0], ASKED[1], ASKED[1], ASKED[2])


class SectorLevel(NamedTuple):
    """A line of a sector as its exception level is asked, without settings of its own."""

    policy_target: Target
    extras_allowed: bool | None = None


def shapes_of(templates: Iterable[Template], sectors: dict[str, int], day: date) -> Iterator[dict[str, object]]:
    """Yield the shapes of each template, which is its place in the order given, by their slots.

    The level in force on `day` holds for all weeks: settings of the county do not change afterwards.
    """
    hour_step = policy.for_council("hour_step")
    for set_id, template in enumerate(templates):
        plan = plan_of(template.unit, template.plan, day, None)
        level = level_of(SectorLevel(Target(sectors[template.sector], template.sector)), day)
        maker = _Shapes(plan, level, step_of(template.unit, hour_step), day)
        for slot, shape in enumerate(maker.all()):
            yield {"set_id": set_id, "slot": slot} | shape


class _Shapes:
    """The shapes of one plan under one level."""

    def __init__(self, plan: LinePlan, level: LevelInForce, step: Decimal, monday: date) -> None:
        self.plan, self.level, self.step = plan, level, step
        self.planned = plan_of_week(plan, monday)
        self.figures = [plan.versions[0].weekly] if plan.kind is PlanKind.WEEKLY else list(plan.versions[0].days)
        self.care = [index for index, figure in enumerate(self.figures) if figure]

    def all(self) -> list[dict[str, Any]]:
        """Return a thousand shapes: those over the level first, then those that differ, then as planned, then away."""
        found = [self._over(told) for told in OVER]
        for each in VARIATIONS:
            found += [self._varied(each, number) for number in range(each.weeks)]
        nothing = [NOTHING] * len(self.figures)
        found += [self._shape(nothing, "AWAY", "With her family for the week")] * NOTHING_AT_ALL
        found += [self._shape(self.figures)] * (AWAY - len(found))
        return [*found, self._shape(nothing, "HOSPITAL", "In hospital, see the absence claim")]

    def _varied(self, variation: Variation, number: int) -> dict[str, Any]:
        day = self.care[number % len(self.care)]
        steps, reason, comment = variation.steps, variation.reason, variation.comment
        if steps is not None and is_over(self.planned, self.planned + steps * self.step, self.level.level):
            steps, reason, comment = -steps, "SHORTER", ""  # no such extra is within the level
        figures = self.figures.copy()
        figures[day] = NOTHING if steps is None else max(NOTHING, figures[day] + steps * self.step)
        return self._shape(figures, reason, comment)

    def _over(self, told: Told) -> dict[str, Any]:
        above = 2 * self.step
        while not is_over(self.planned, self.planned + above - self.step, self.level.level):
            above += self.step
        figures = self.figures.copy()
        figures[figures.index(min(figures))] += above
        shape = self._shape(figures, "EXTRA", told.comment)
        claimed: Decimal = shape["payable"]
        half = self.planned + above / 2 // self.step * self.step if told.decision is Decision.UP_TO else None
        assert told.decision
        words = decision_in_words(told.decision, self.plan.unit, self.planned, claimed, half)
        return shape | {
            "question": told.question,
            "decision": told.decision.value,
            "decision_reason": told.reason,
            "decided_units": half,
            "decided_payable": cap(self.planned, claimed, told.decision, half),
            "answer": f"{words}\n\n{told.reason}",
        }

    def _shape(self, figures: list[Decimal], reason: str = "", comment: str = "") -> dict[str, Any]:
        derived: Derived = derive(self.planned, sum(figures, NOTHING))
        level = self.level.level
        return {
            **dict(zip(DAYS, seven_days(figures), strict=True)),
            **{name: getattr(derived, name) for name in ("planned", "delivered", "missed", "extra", "payable")},
            "reason": reason,
            "comment": comment,
            "percent": level.percent,
            "least_units": level.units,
            "extras_allowed": level.extras_allowed,
            "allowance": stored_allowance(self.planned, level),
            "over": is_over(self.planned, derived.payable, level),
            "rule": self.level.rule,
            "question": "",
            "decision": None,
            "decision_reason": "",
            "decided_units": None,
            "decided_payable": None,
            "answer": "",
        }
