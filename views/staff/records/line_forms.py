"""What is wrong with a line item, a plan or a rate on a generated form, by the rules that files and pages go by too."""

from collections.abc import Iterable
from typing import Any

from wtforms import Form

from models import DAYS, LineItem, Plan, Rate
from rules.line_fields import LineFields, problems_of_line, problems_of_plan
from rules.plan import NO_DAYS
from rules.problem_codes import Code
from rules.refusal import Problem
from workflows.clock import today

# The day from which a plan or a rate counts; on its form it is the start.
FROM = "rate_from"


def line_problems(form: Form, item: LineItem | None) -> list[Problem]:
    """Return what is wrong with a line as it was typed; with its plan too, where it has one already."""
    plan = item.plans[-1] if item is not None and item.plans else None
    fields = LineFields(
        days=plan.days if plan else NO_DAYS, weekly_quantity=plan.weekly_quantity if plan else None, rate=None,
        rate_from=None, **{name: form[name].data for name in LineFields._fields if name in form},
    )  # fmt: skip
    found = problems_of_line(fields, today())
    return _unsaid(form, found if plan else (each for each in found if each.field in form))


def plan_problems(form: Form, item: Plan | None) -> list[Problem]:
    """Return what is wrong with a plan as it was typed."""
    line = item.line_item if item is not None else form["line_item"].data
    if line is None:
        return []
    days = [form[day].data for day in DAYS]
    found = problems_of_plan(line.unit, line.plan_kind, days, form["weekly_quantity"].data)
    unread = any(form[name].errors for name in (*DAYS, "weekly_quantity"))
    told = (each for each in found if not (unread and each.code is Code.NOTHING_PLANNED))
    dates = (each for each in _of_start(form, line) if each.code is not Code.DATES_REVERSED)
    return _unsaid(form, [*told, *dates])


def rate_problems(form: Form, item: Rate | None) -> list[Problem]:
    """Return what is wrong with a rate as it was typed."""
    line = item.line_item if item is not None else form["line_item"].data
    return [] if line is None else _unsaid(form, _of_start(form, line, form["rate"].data))


def _of_start(form: Form, line: LineItem, rate: Any = None) -> list[Problem]:
    """Return what is wrong with the day from which something of a line counts, and with its price."""
    fields = LineFields("", None, None, NO_DAYS, None, rate, form["start"].data, None, line.end)
    found = problems_of_line(fields, today())
    return [each.at("start") if each.field == FROM else each for each in found if each.field in (FROM, "rate")]


def _unsaid(form: Form, problems: Iterable[Problem]) -> list[Problem]:
    """Return the problems of fields that could be read: the others have their own."""
    return [each for each in problems if each.field not in form or not form[each.field].errors]
