"""The page of a change of what is live: a form, what the change would do below it, and the button that sends it."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from flask import flash, g, redirect, render_template, request
from werkzeug.wrappers import Response

from models import DAYS, Proposal
from rules.agreement_states import ProposalKind, ProposalState
from rules.money import NOTHING
from rules.number import read_number
from rules.period import WEEKDAYS, read_date
from rules.plan import PlanVersion
from rules.refusal import Problem, Refused
from rules.states import PlanKind
from views.page.form_reading import FormReading
from workflows.agreements.change_effect import ChangeEffect, effect_of, touched
from workflows.agreements.changes import AgreementChange
from workflows.confirm import desk
from workflows.confirm.proposed import changed_document

Answer = str | Response | tuple[str, int]
Typed = Mapping[str, str]

DAY_FIELDS = list(zip(DAYS, WEEKDAYS, strict=True))


def typed_form() -> dict[str, str]:
    """Return every field that was sent, without blanks around it."""
    return {name: value.replace("\r\n", "\n").strip() for name, value in request.form.items()}


def take(
    template: str, typed: Typed, judge: Callable[[FormReading], AgreementChange], back: str, shown: Mapping[str, Any]
) -> Answer:
    """Do what the pressed button says: show what the change would do, or send it for confirmation.

    `judge` reads the form into a change; what is refused comes back in the form, with everything that was typed.
    """
    try:
        change = _judged(FormReading(typed), judge)
    except Refused as refused:
        return page(template, typed, shown, problems=refused.problems), 422
    if typed.get("do") != "send":
        return page(template, typed, shown, change)
    try:
        proposal = desk.submit(change, g.signed_in.user, request.form.getlist("ticked"))
    except Refused as refused:
        return page(template, typed, shown, change, refused.problems), 422
    flash(_done(proposal), "success")
    return redirect(back)


def page(
    template: str,
    typed: Typed,
    shown: Mapping[str, Any],
    change: AgreementChange | None = None,
    problems: tuple[Problem, ...] = (),
) -> str:
    """Return the page: the form with what was typed, and below it what a judged change would do."""
    of_lines = change is not None and change.kind is not ProposalKind.NEW_VERSION
    effect = effect_of(change) if change is not None and of_lines else ChangeEffect()
    return render_template(
        template,
        typed=typed,
        problems=problems,
        change=change,
        effect=effect,
        sentences=touched(effect),
        proposed=changed_document(change) if change and not of_lines else None,
        unusual=[(each.code, each.sentence) for each in change.unusual] if change else [],
        ticked=request.form.getlist("ticked"),
        alone=change is not None and change.officers == 1,
        days=DAY_FIELDS,
        **shown,
    )


def read_day(reading: FormReading, field: str, otherwise: date, missing: str) -> date:
    """Return a day that has to be typed; `otherwise` where it cannot be read, which is a problem of the form."""
    return reading.read(field, read_date, otherwise, missing)


def read_plan(reading: FormReading, kind: PlanKind, start: date, prefix: str = "") -> PlanVersion:
    """Return the plan that was typed, from a day on; a day left empty has nothing planned."""
    if kind is PlanKind.WEEKLY:
        missing = "Enter the units of a week."
        weekly = reading.read(f"{prefix}weekly", read_number, NOTHING, missing, called="Units a week")
        return PlanVersion(start, (NOTHING,) * 7, weekly)
    mon, tue, wed, thu, fri, sat, sun = (
        reading.read(f"{prefix}{name}", read_number, NOTHING, called=weekday)
        for name, weekday in zip(DAYS, WEEKDAYS, strict=True)
    )
    return PlanVersion(start, (mon, tue, wed, thu, fri, sat, sun), NOTHING)


def _judged(reading: FormReading, judge: Callable[[FormReading], AgreementChange]) -> AgreementChange:
    """Return the change, or raise Refused with what could not be read and all else that is wrong beside it."""
    found: tuple[Problem, ...] = ()
    change = None
    try:
        change = judge(reading)
    except Refused as refused:
        unread = {problem.field for problem in reading.problems}
        found = tuple(problem for problem in refused.problems if problem.field not in unread)
    if change is None or reading.problems:
        raise Refused(*reading.problems, *found)
    return change


def _done(proposal: Proposal) -> str:
    if proposal.state is ProposalState.CONFIRMED:
        return f"Done: {proposal.title}."
    return f"Sent for confirmation: {proposal.title}. Another officer confirms it under To confirm."
