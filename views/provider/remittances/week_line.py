"""How one line of a remittance reads: from the plan to the amount, and its way to the bank."""

from datetime import datetime

from flask import url_for

from rules import aborted_visit
from rules.actual import REASONS
from rules.money import NOTHING, pounds, short_rate
from rules.period import uk_date
from rules.quantity import counted_units, in_words
from rules.states import Decision, LineKind, label
from rules.words import counted
from views.provider.remittances.absence_line import about_claim, claim_steps, claim_stops
from views.provider.remittances.other_line import other_steps, source_stop
from views.provider.remittances.step import Step, Stop, amount_steps, day_of
from workflows.clock import LONDON, today
from workflows.remittances.explain import LineStory, WeekBehind


def who_and_when(story: LineStory) -> str:
    """Return whose care it is and which week: "A. B. (P104233), line 48210, personal care, week of 6 November 2017"."""
    if story.claim is not None:
        return about_claim(story.claim)
    if story.week is None:
        parts = [story.line.person_reference, f"line {story.line.line_reference}" if story.line.line_reference else ""]
        if story.line.week_starting:
            parts.append(f"week of {uk_date(story.line.week_starting)}")
        return ", ".join([label(story.line.kind), *filter(None, parts), story.line.source])
    item = story.week.item
    person = f"{item.person.initials} ({item.person.reference})"
    return (
        f"{person}, line {item.reference}, {item.element.name[:1].lower()}{item.element.name[1:]},"
        f" week of {uk_date(story.week.line.week_starting)}"
    )


def steps(story: LineStory) -> list[Step]:
    """Return how the amount of a line came about, each figure with where it comes from."""
    line = story.line
    if story.claim is not None:
        return claim_steps(story.claim)
    if story.week is None:
        return [*other_steps(line), *amount_steps(line.net, line.vat, line.gross, "", None)]
    if story.week.line.adjusts_id is not None:
        return [*_care(story.week), *_taken_back(story.week)]
    return [*_care(story.week), *_price(story.week)]


def _care(week: WeekBehind) -> list[Step]:
    line, unit, document = week.line, week.line.unit, week.item.document
    agreed = f"Contract document {document.reference}"
    if document.accepted_at:
        by = f" by {document.accepted_by}" if document.accepted_by else ""
        agreed += f", accepted {day_of(document.accepted_at)}{by}"
    since = _corrected(week) or _confirmed(week)
    found = [
        Step("Planned", counted_units(line.planned, unit), agreed),
        Step("Delivered", counted_units(line.delivered, unit), since),
    ]
    return found + _aborted(week) + _level(week) + [Step("Payable", counted_units(week.units, unit), "", strong=True)]


def _aborted(week: WeekBehind) -> list[Step]:
    line, unit = week.line, week.line.unit
    if sum((visit.payable for visit in week.aborted), NOTHING) != line.aborted_payable:
        # Visits were recorded or removed since: the line keeps what it was made of.
        then = Step(
            "Aborted visits", f"+ {counted_units(line.aborted_payable, unit)}", "As they stood when it was invoiced"
        )
        return [then] if line.aborted_payable else []
    found = []
    for visit in week.aborted:
        start = datetime.combine(visit.visit_date, visit.planned_start, LONDON)
        notice = start - visit.told_at if visit.told_at else None
        why = aborted_visit.explain(unit, visit.payable, notice, code=visit.rule)
        minutes = counted(visit.planned_minutes, "minute")
        note = f"{visit.visit_date:%A} {uk_date(visit.visit_date)}, {minutes} planned. {why}"
        found.append(Step("Aborted visit", f"+ {counted_units(visit.payable, unit)}", note))
    return found


def _level(week: WeekBehind) -> list[Step]:
    check, line = week.check, week.line
    if check is None:
        return []
    if (week.actual.planned, check.claimed) != (line.planned, line.delivered + line.aborted_payable):
        return [Step("Corrected", "Later", "The week was corrected later. The difference is a line of its own.")]
    above = check.claimed - check.planned
    if above > 0:
        against = f"{above:.2f} above plan, {check.allowance:.2f} allowed (rule {check.rule})"
    else:
        against = f"{f'{-above:.2f} under plan' if above else 'As planned'} (rule {check.rule})"
    if not check.over:
        return [Step("Exception level", "Not reached", against)]
    made = check.decided
    if made is None:
        return [Step("Exception level", "Reached", against)]
    decided = {
        Decision.AS_CLAIMED: "Approved as claimed",
        Decision.UP_TO: f"Approved up to {counted_units(made.units or made.planned, week.line.unit)}",
        Decision.REFUSED: "Refused: the plan is paid",
    }[made.decision]
    note = f"{against}. {decided} by Service Brokerage, {day_of(made.decided_at)}: {made.reason}"
    return [Step("Exception level", "Reached", note)]


def _corrected(week: WeekBehind) -> str:
    version = week.version
    if version is None or week.line.kind is not LineKind.UNITS_DIFF or week.line.adjusts_id is not None:
        return ""
    by = f" by {version.saved_by}" if version.saved_by else ""
    why = REASONS.get(version.reason, version.reason)
    return f"Corrected {day_of(version.saved_at)}{by}" + (f": {why}" if why else "")


def _taken_back(week: WeekBehind) -> list[Step]:
    """Return where a line that is taken back was invoiced, and its amount again with a minus."""
    old = week.line.adjusts
    assert old
    found = [Step("Taken back", str(old.invoice), "The line as it stood on this invoice, again with a minus")]
    return found + _price(week)


def _price(week: WeekBehind) -> list[Step]:
    line = week.line
    found = []
    if line.units != week.units:
        found.append(
            Step(
                "At this rate",
                counted_units(line.units, line.unit),
                "The rate changed within the week. The other units are a line of their own.",
            )
        )
    since = f"From {uk_date(week.rate.start)}" if week.rate else ""
    because = f", {week.rate.reason}" if week.rate and week.rate.reason else ""
    found.append(Step("Rate", f"× {short_rate(line.rate)}", since + because))
    return found + amount_steps(line.net, line.vat, line.gross, _calculated(week), line.vat_code)


def _calculated(week: WeekBehind) -> str:
    if week.product == week.line.net:
        return f"{in_words(week.line.units)} × {short_rate(week.line.rate)}, to the penny. "
    return f"{week.product.normalize():f}, rounded half up. "


def way_to_bank(story: LineStory) -> list[Stop]:
    """Return the stops of a line's money, in order, from what is stored."""
    remittance, run = story.remittance, story.remittance.run
    stops = _invoice_stops(story.week) if story.week else [source_stop(story)]
    if story.claim is not None:
        stops = claim_stops(story.claim)
    if story.line.kind is LineKind.RECOVERY:
        stops = [Stop(story.line.reason)]
    approved = f", approved {day_of(run.approved_at)} by a second officer" if run.approved_at else ""
    stops.append(Stop(f"Payment run {run.number}{approved}"))
    if remittance.total == 0:
        carried = f": {pounds(remittance.carried_forward)} is carried forward" if remittance.carried_forward else ""
        return [*stops, Stop(f"Nothing was paid on {uk_date(remittance.pay_date)}{carried}")]
    paid = "Paid" if remittance.pay_date <= today() else "Reaches your bank on"
    return [*stops, Stop(f"{paid} {uk_date(remittance.pay_date)}, reference {remittance.bank_reference}")]


def _invoice_stops(week: WeekBehind) -> list[Stop]:
    invoice = week.invoice
    stops = [Stop(_corrected(week) or _confirmed(week))]
    sent = f", sent {day_of(invoice.submitted_at)}" if invoice.submitted_at else ""
    by = f" by {invoice.submitted_by}" if invoice.submitted_by else ""
    stops.append(Stop(f"{sent}{by}", f"Invoice {invoice.number}", url_for("InvoicesView.show", invoice_id=invoice.id)))
    if invoice.accepted_at and invoice.accepted_at == invoice.submitted_at:
        stops.append(Stop("Accepted the same minute: every check passed"))
    elif invoice.accepted_at:
        stops.append(Stop(f"Accepted {day_of(invoice.accepted_at)} by the Payments Team"))
    return stops


def _confirmed(week: WeekBehind) -> str:
    actual = week.actual
    if actual.confirmed_at is None:
        return "Confirmed"
    return f"Confirmed {day_of(actual.confirmed_at)}" + (f" by {actual.confirmed_by}" if actual.confirmed_by else "")
