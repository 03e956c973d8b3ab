"""The absence claims of the county, priced by the rules, in every state; approved ones go into the next payment run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from random import Random
from typing import NamedTuple

from demonstration.county.lines import CountyLine
from demonstration.county.owner import Owner
from demonstration.county.weeks import Span
from rules.absence_claim import FINE, ClaimSegment, Tiers, days_of_claim, net_of, price_claim, units_of
from rules.money import NOTHING, round2
from rules.period import DAY, WEEK
from rules.policy import COUNCIL
from rules.states import AbsenceReason, ClaimState, PlanKind, VatCode
from workflows import policy
from workflows.clock import LONDON

OVER_AND_DONE = (ClaimState.APPROVED, ClaimState.REFUSED, ClaimState.IN_PART, *[ClaimState.APPROVED] * 4)
OPEN = (ClaimState.SUBMITTED, ClaimState.DRAFT, ClaimState.APPROVED)
UNDECIDED = (ClaimState.SUBMITTED, ClaimState.DRAFT)
PAYABLE = (ClaimState.APPROVED, ClaimState.IN_PART)
REFUSED = "The stay was planned and her plan was changed for it, so no care was due."
IN_PART = "He was home again on the Saturday evening, and his care began on the day after."

LINE = """
INSERT INTO absence_claim_line (organisation_id, absence_claim_id, number, week_starting, first_day, last_day, planned,
  units, unit, rate, net, vat_code, vat, gross, explained, rule)
VALUES (%(organisation)s, %(claim)s, %(number)s, %(week)s, %(first)s, %(last)s, %(planned)s, %(units)s, %(unit)s,
  %(rate)s, %(net)s, %(exempt)s, 0, %(net)s, %(explained)s, %(rule)s)"""
DECIDE = """
UPDATE absence_claim SET state = %(state)s, approved_last_day = %(until)s, refused_reason = %(reason)s,
  units = %(units)s, net = %(net)s, vat = 0, gross = %(net)s, decided_at = %(at)s, decided_by_id = %(officer)s
WHERE id = %(claim)s"""


class Absence(NamedTuple):
    """Somebody who was away for a week, in hospital from `first` to its Sunday."""

    line: CountyLine
    week: date
    first: date

    @property
    def last(self) -> date:
        """The Sunday."""
        return self.week + 6 * DAY


def absences(owner: Owner, chance: Random, lines: Sequence[CountyLine], span: Span, number: int) -> list[Absence]:
    """Choose who is away in a period, so that nothing is delivered in that week, and return them."""
    fit = [
        line
        for line in lines
        if line.plan.kind is PlanKind.TIMETABLED
        and line.plan.start <= span.start
        and (line.plan.end is None or line.plan.end >= span.end)
    ]
    found = []
    for line in chance.sample(fit, min(number, len(fit))):
        week = span.start + chance.randrange(3) * WEEK  # so that even of the last period all is over by now
        found.append(Absence(line, week, week + chance.randrange(4) * DAY))
    owner.pour("county_away", [{"line_id": each.line.id, "week": each.week} for each in found])
    return found


def claim(owner: Owner, span: Span, found: Sequence[Absence], contacts: Mapping[int, int], officer_id: int) -> None:
    """Let organisations claim for absences and an officer decide; `contacts` are who claims, by organisation."""
    states = OPEN if span.settled is None else OVER_AND_DONE
    first_id = owner.next_id("absence_claim")
    claims = [
        _Claim(first_id + index, each, states[index % len(states)], officer_id) for index, each in enumerate(found)
    ]
    with owner.at_once():
        owner.pour("absence_claim", [each.row(contacts[each.absence.line.organisation_id]) for each in claims])
        owner.count_on("absence_claim")
        for each in claims:
            each.decide(owner)


@dataclass(frozen=True)
class _Claim:
    id: int
    absence: Absence
    state: ClaimState
    officer_id: int

    def row(self, contact_id: int) -> dict[str, object]:
        """Return the claim as it was sent, or kept as a draft."""
        each, segments = self.absence, self._segments(self.absence.last)
        draft = self.state is ClaimState.DRAFT
        return {
            "id": self.id, "organisation_id": each.line.organisation_id, "line_item_id": each.line.id,
            "first_day": each.first, "last_day": each.last, "reason": AbsenceReason.HOSPITAL.value,
            "notified_on": each.first, "notified_to": "Duty social worker, by telephone",
            "comment": "Taken to hospital after a fall at home.",
            "state": (ClaimState.DRAFT if draft else ClaimState.SUBMITTED).value, "units": round2(units_of(segments)),
            "claimed_net": NOTHING if draft else net_of(segments), "net": net_of(segments), "vat": 0,
            "gross": net_of(segments), "submitted_at": None if draft else self._at(2),
            "submitted_by_id": None if draft else contact_id,
        }  # fmt: skip

    def decide(self, owner: Owner) -> None:
        """Write the lines of what is payable, then the decision; nothing of what nobody has decided."""
        if self.state in UNDECIDED:
            return
        in_part = self.state is ClaimState.IN_PART
        until = self.absence.last - DAY if in_part else self.absence.last
        segments = self._segments(until) if self.state in PAYABLE else []
        for number, segment in enumerate(segments, 1):
            self._write(owner, number, segment)
        reasons = {ClaimState.REFUSED: REFUSED, ClaimState.IN_PART: IN_PART}
        owner.run(
            DECIDE, claim=self.id, state=self.state.value, until=until if in_part else None,
            reason=reasons.get(self.state, ""), units=round2(units_of(segments)), net=net_of(segments), at=self._at(4),
            officer=self.officer_id,
        )  # fmt: skip

    def _write(self, owner: Owner, number: int, segment: ClaimSegment) -> None:
        planned = sum((day.planned for day in segment.days), Decimal(0))
        owner.run(
            LINE, organisation=self.absence.line.organisation_id, claim=self.id, number=number, week=segment.monday,
            first=segment.days[0].day, last=segment.days[-1].day, planned=planned.quantize(FINE),
            units=segment.units.quantize(FINE), unit=self.absence.line.plan.unit.value, rate=segment.rate,
            net=segment.net, exempt=VatCode.EXEMPT.value, explained=segment.explained, rule=segment.rule,
        )  # fmt: skip

    def _segments(self, last: date) -> list[ClaimSegment]:
        line = self.absence.line
        return price_claim(days_of_claim(line.plan, line.rates, (self.absence.first, last), _tiers_on))

    def _at(self, days_later: int) -> datetime:
        return datetime.combine(self.absence.last + days_later * DAY, time(11), LONDON)


def _tiers_on(day: date) -> Tiers:
    resolved = policy.known().resolved("absence_tiers", COUNCIL, day)
    return Tiers(resolved.value, policy.rule_words(resolved))
