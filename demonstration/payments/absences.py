"""Absence claims of the demonstration: one that was paid, and one in each state in which somebody has to act."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from demonstration.history import History
from models import AbsenceClaim, LineItem, PaymentPeriod, PortalUser, say_who
from rules.absence_refusal import ClaimEntry
from rules.period import DAY, WEEK, weeks_of
from rules.states import AbsenceReason
from workflows.absences import claim as claims
from workflows.absences import decide as decisions
from workflows.actuals import save as actuals
from workflows.clock import story_at
from workflows.weeks.entry import Entry

NOTHING_DELIVERED = "0.00"


class Absences:
    """Tells who was away, what their provider claimed, and what the council decided."""

    def __init__(self, history: History) -> None:
        self.history = history

    def in_hospital(self, organisation_id: int, period: PaymentPeriod) -> None:
        """Let somebody be in hospital over a weekend of a period: claimed, approved, and paid with the period."""
        _, week, after, _ = weeks_of(period.start, period.end)
        first, last = week + 3 * DAY, after + DAY
        with self.history.provider(organisation_id, after + WEEK) as user:
            line = self._line(week, 0)
            for monday in (week, after):
                comment = "In hospital after a fall, see the absence claim"
                actuals.save_week(monday, [_away(line, monday, first, last, comment)], user, confirm=True)
            entry = ClaimEntry(
                line.id, first, last, AbsenceReason.HOSPITAL, first, "Duty social worker, by telephone",
                "Norfolk and Norwich, a fall at home. Care began again on the day after.",
            )  # fmt: skip
            claim_id = _send(entry, user).id
        self._decide(after + WEEK + DAY, lambda officer: decisions.approve(claim_id, officer))

    def in_every_state(self, organisation_id: int, period: PaymentPeriod, *, many: bool) -> None:
        """Let a provider claim for a week that nobody has entered yet; `many`: one claim in each state, else one."""
        _, _, week, after = weeks_of(period.start, period.end)
        entry = ClaimEntry(
            0, week + 3 * DAY, week + 6 * DAY, AbsenceReason.HOLIDAY, week + 2 * DAY, "Service Brokerage"
        )
        with self.history.provider(organisation_id, after + 3 * DAY) as user:
            lines = [self._line(week, number) for number in range(1, 5)]
            _send(replace(entry, line_id=lines[0].id, comment="With her daughter in Leeds"), user)
            if not many:
                return
            illness = replace(entry, line_id=lines[1].id, first=week, reason=AbsenceReason.ILLNESS)
            part = _send(replace(illness, comment="Looked after by her sister"), user).id
            no = _send(replace(entry, line_id=lines[2].id, last=week + 4 * DAY, reason=AbsenceReason.RESPITE), user).id
            claims.save_draft(
                replace(entry, line_id=lines[3].id, reason=AbsenceReason.HOSPITAL, notified_on=None, notified_to="")
            )
        why = "She was home again from Saturday, and her care began on that day."
        self._decide(after + 4 * DAY, lambda officer: decisions.approve_in_part(part, week + 4 * DAY, why, officer))
        refused = "Respite care was arranged a month before and her plan was changed, so no care was planned."
        self._decide(after + 4 * DAY, lambda officer: decisions.refuse(no, refused, officer))

    def _decide(self, day: date, decide: Callable[[PortalUser], object]) -> None:
        with story_at(day):
            officer = self.history.officer("payments@council.example")
            say_who(officer.id, "")
            decide(officer)
            say_who(None, "")

    def _line(self, week: date, number: int) -> LineItem:
        """Return one of the lines with most care, every day of the week, and remember that its person is away."""
        daily = [line for line in self.history.whole_weeks(week) if min(line.plans[0].days)]
        # Those at the end of the list have stories of their own.
        line = sorted(daily[: len(daily) // 2], key=lambda each: (-sum(each.plans[0].days), each.id))[number]
        self.history.away.add(line.id)
        return line


def _send(entry: ClaimEntry, user: PortalUser) -> AbsenceClaim:
    return claims.submit(entry, user, seen=claims.foresee(entry).seen).claim


def _away(line: LineItem, monday: date, first: date, last: date, comment: str) -> Entry:
    """Return a line's week as planned, with nothing delivered on the days of an absence."""
    figures = tuple(
        NOTHING_DELIVERED if first <= monday + index * DAY <= last else f"{planned:.2f}"
        for index, planned in enumerate(line.plans[0].days)
    )
    return Entry(line.id, figures, "HOSPITAL", comment)
