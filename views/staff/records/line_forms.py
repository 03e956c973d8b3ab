"""What is wrong with a line, a plan, a rate or a paper ISO on a generated form, by the rules files and pages go by."""

from collections.abc import Iterable
from typing import Any, Final

from wtforms import Form

from models import DAYS, LineItem, PaperOrder, Plan, Rate
from rules.document_content import EXTRAS
from rules.line_fields import LineFields, problems_of_line, problems_of_plan
from rules.plan import NO_DAYS
from rules.problem_codes import Code
from rules.refusal import Problem
from workflows.agreements.draft_reading import EXTRAS_TYPED
from workflows.clock import today

# The day from which a plan or a rate counts; on its form it is the start.
FROM = "rate_from"


def extras_words(allowed: bool | None) -> str:
    """Return whether a line may go above its plan, in the words of its document."""
    words = EXTRAS[allowed]
    return words[0].upper() + words[1:]


# What a form offers for that, by what it sends.
EXTRAS_CHOICES: Final = [(key, extras_words(allowed)) for key, allowed in {"": None, **EXTRAS_TYPED}.items()]


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
    found = problems_of_plan(line.unit, line.plan_kind, _days(form), form["weekly_quantity"].data)
    # A plan that begins after its line has ended counts for nothing, and harms nobody.
    dates = (each for each in _of_start(form, line) if each.code is not Code.DATES_REVERSED)
    return _unsaid(form, [*found, *dates])


def rate_problems(form: Form, item: Rate | None) -> list[Problem]:
    """Return what is wrong with a rate as it was typed."""
    line = item.line_item if item is not None else form["line_item"].data
    return [] if line is None else _unsaid(form, _of_start(form, line, form["rate"].data))


def paper_problems(form: Form, _item: PaperOrder | None) -> list[Problem]:
    """Return what is wrong with a line as it stands on paper; what the paper does not say is left to its review."""
    fields = LineFields(
        reference="", days=_days(form), rate_from=None,
        **{name: form[name].data for name in ("unit", "plan_kind", "weekly_quantity", "rate", "start", "end")},
    )  # fmt: skip
    found = problems_of_line(fields._replace(payment_method=None), today())
    return _unsaid(form, (each for each in found if each.code is not Code.NOTHING_PLANNED))


def _days(form: Form) -> tuple[Any, ...]:
    return tuple(form[day].data for day in DAYS)


def _of_start(form: Form, line: LineItem, rate: Any = None) -> list[Problem]:
    """Return what is wrong with the day from which something of a line counts, and with its price."""
    fields = LineFields("", None, None, NO_DAYS, None, rate, form["start"].data, None, line.end)
    found = problems_of_line(fields, today())
    return [each.at("start") if each.field == FROM else each for each in found if each.field in (FROM, "rate")]


def _unsaid(form: Form, problems: Iterable[Problem]) -> list[Problem]:
    """Return the problems of fields that could be read: the others have their own. What is unread is not nothing."""
    unread = any(form[name].errors for name in (*DAYS, "weekly_quantity") if name in form)
    return [
        each
        for each in problems
        if not ((each.field in form and form[each.field].errors) or (unread and each.code is Code.NOTHING_PLANNED))
    ]
