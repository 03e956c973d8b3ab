"""How a line of a remittance reads that no invoice and no claim stands behind: scheduled care, one-offs, recoveries."""

from flask import url_for

from models import RemittanceLine
from rules.money import pounds, short_rate
from rules.quantity import counted_units
from rules.remittance import contribution_of
from rules.states import label
from views.provider.remittances.step import Step, Stop
from workflows.remittances.explain import LineStory


def other_steps(line: RemittanceLine) -> list[Step]:
    """Return the steps before the amount; what others pay of scheduled care stands as a figure of its own."""
    others = contribution_of(line.kind, line.units, line.rate, line.net)
    found = [Step("For", label(line.kind), line.reason)]
    if line.units is not None and line.unit is not None:
        found.append(Step("Units", counted_units(line.units, line.unit)))
    if line.rate is not None:
        found.append(Step("Rate", f"× {short_rate(line.rate)}"))
    if others:
        found.append(Step("For care", pounds(line.net + others), "Units × rate"))
        found.append(Step("Paid by others", pounds(-others)))
    return found


def source_stop(story: LineStory) -> Stop:
    """Return where the line comes from, with the way there where it has a page."""
    if story.scheduled is None:
        return Stop(f"Source: {story.line.source}")
    address = url_for("ScheduledPaymentsView.show", payment_id=story.scheduled.id)
    return Stop("", f"Scheduled payment {story.scheduled.number}", address)
