"""Own lines that take no actuals: a row about one of them says why, and not that there is no such line."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import not_

from models import ContractDocument, LineItem
from models.contract_document import TAKES_ACTUALS
from rules.aborted_visit import NO_ACTUALS
from rules.agreement_states import DocumentState
from rules.period import uk_date
from rules.problem_codes import Code
from rules.states import PaymentMethod
from workflows import policy
from workflows.weeks.line_week import Line
from workflows.weeks.read import read_lines_with

REMOVE = "Remove the row: you are paid without it."
ASK_PAYMENTS = "Remove the row, or ask the Payments Team."
ASK_BROKERAGE = "Remove the row, or ask Service Brokerage."


class WhyIdle(NamedTuple):
    """Why nothing can be entered for a line, as a row of a file is told."""

    code: Code
    wrong: str
    remedy: str


@dataclass(frozen=True)
class IdleLines:
    """Why the organisation's lines that take no actuals do not: by their reference, and by the person's."""

    by_reference: Mapping[str, WhyIdle]
    by_person: Mapping[str, WhyIdle]


def read_idle_lines() -> IdleLines:
    """Return the lines of the organisation in scope that take no actuals; it knows nothing of those in a draft."""
    others = not_(LineItem.takes_actuals(policy.claimed_since())), ContractDocument.state != DocumentState.DRAFT
    found = read_lines_with([LineItem.payment_method.label("paid_by")], *others).values()
    whys = [(line, why_idle(line, row.paid_by)) for line, row in found]
    return IdleLines(
        {line.reference: why for line, why in whys}, {line.person_reference: why for line, why in reversed(whys)}
    )


def why_idle(line: Line, paid_by: PaymentMethod) -> WhyIdle:
    """Return why a line takes no actuals, given that it does not."""
    if paid_by is not PaymentMethod.ACTUALS:
        return WhyIdle(Code.NO_ACTUALS, NO_ACTUALS, REMOVE)
    return not_in_force(line) if line.document_state not in TAKES_ACTUALS else closed(line)


def not_in_force(line: Line) -> WhyIdle:
    """Return that a line takes no new weeks: its contract document was rejected, replaced or withdrawn."""
    wrong = f"The contract document of {line.name} is not in force, so no week of it can be started."
    return WhyIdle(Code.OUTSIDE_LINE, wrong, ASK_BROKERAGE)


def closed(line: Line) -> WhyIdle:
    """Return that a line ended too long ago for anything of its weeks to be changed."""
    return WhyIdle(Code.OUTSIDE_LINE, f"This line {why_closed(line)}.", ASK_PAYMENTS)


def why_closed(line: Line) -> str:
    """Return, after the name of a line, why none of its weeks, or not the week that is asked about, can be changed."""
    end = line.plan.end
    if end is None:
        return "takes no actuals"
    late = ", and none of its weeks can be changed after so long" if end < policy.claimed_since() else ""
    return f"ended on {uk_date(end)}{late}"
