"""Where a line's week stands on its way to being paid, so that a page can say why it is not yet."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from rules.agreement_states import DocumentState
from rules.invoice import INVOICED, NOT_ACCEPTED, NOT_CONFIRMED, OVER_LEVEL, why_left_out
from rules.states import ActualState, PaymentMethod
from rules.words import listed


class WeekStand(StrEnum):
    """What stands between a week and its payment; of several things the first to be put right."""

    SCHEDULED = "scheduled"
    CLOSED = "closed"
    NOT_OVER = "not over"
    TO_CONFIRM = "to confirm"
    HELD = "held"
    NOT_ACCEPTED = "not accepted"
    ON_HOLD = "on hold"
    NO_RATE = "no rate"
    READY = "ready"
    INVOICED = "invoiced"
    PAID = "paid"


# Nobody has to do anything about these, nor is money of them under way.
SETTLED = (WeekStand.SCHEDULED, WeekStand.NOT_OVER, WeekStand.PAID)
_LEFT_OUT = {
    NOT_CONFIRMED.code: WeekStand.TO_CONFIRM,
    INVOICED.code: WeekStand.INVOICED,
    OVER_LEVEL.code: WeekStand.HELD,
    NOT_ACCEPTED.code: WeekStand.NOT_ACCEPTED,
}


@dataclass(frozen=True)
class LineFacts:
    """What holds for every week of a line: `hold` is why its payment is on hold, None where it is not."""

    payment_method: PaymentMethod
    document_state: DocumentState
    document_accepted: bool
    hold: str | None


def stand_of(
    line: LineFacts, state: ActualState | None, *, is_over: bool, held: bool, acceptance_required: bool, priced: bool
) -> WeekStand:
    """Return where a week stands; `state` is None where nothing is stored, `priced` says that its rate is known."""
    if state is ActualState.PAID:
        return WeekStand.PAID
    if line.payment_method is PaymentMethod.SCHEDULED:
        return WeekStand.SCHEDULED
    if state is None and line.document_state in (DocumentState.REJECTED, DocumentState.WITHDRAWN):
        return WeekStand.CLOSED
    if state is not ActualState.CONFIRMED and not is_over and state is not ActualState.INVOICED:
        return WeekStand.NOT_OVER
    left_out = why_left_out(
        state,
        held=held,
        document_accepted=line.document_accepted,
        acceptance_required=acceptance_required,
        hold=line.hold,
    )
    if left_out:
        return _LEFT_OUT.get(left_out.code, WeekStand.ON_HOLD)
    return WeekStand.READY if priced else WeekStand.NO_RATE


@dataclass(frozen=True)
class Together:
    """Weeks (Mondays, the oldest first) of which one sentence can be said: they stand alike, on the same invoice."""

    stand: WeekStand
    key: object
    weeks: tuple[date, ...]


def together(weeks: Iterable[tuple[date, WeekStand, object]]) -> list[Together]:
    """Return the open weeks in groups of one sentence each, in the order in which they come first; held ones alone."""
    groups: dict[object, list[date]] = {}
    stands: dict[object, tuple[WeekStand, object]] = {}
    for week, stand, key in weeks:
        if stand in SETTLED:
            continue
        name = (stand, week if stand is WeekStand.HELD else key)
        groups.setdefault(name, []).append(week)
        stands[name] = (stand, key)
    return [Together(*stands[name], tuple(sorted(found))) for name, found in groups.items()]


def in_words(weeks: tuple[date, ...], write: Callable[[date], str]) -> str:
    """Return weeks as a sentence names them: "2 November", "2 and 9 November" written out, or "5 weeks from … to …"."""
    if len(weeks) > 3:
        return f"{len(weeks)} weeks from {write(weeks[0])} to {write(weeks[-1])}"
    return listed([write(week) for week in weeks])
