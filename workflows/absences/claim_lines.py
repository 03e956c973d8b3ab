"""A priced line of an absence claim, as a decision and a correction write it."""

from models import AbsenceClaim, AbsenceClaimLine
from rules.absence_claim import FINE, ClaimSegment
from rules.money import NOTHING, vat_of
from rules.states import Unit, VatCode


def new_line(claim: AbsenceClaim, segment: ClaimSegment, unit: Unit, vat_code: VatCode) -> AbsenceClaimLine:
    """Return the line of a claim for a segment, not stored yet and without a number."""
    vat = vat_of(segment.net, vat_code)
    return AbsenceClaimLine(
        organisation_id=claim.organisation_id,
        absence_claim_id=claim.id,
        week_starting=segment.monday,
        first_day=segment.days[0].day,
        last_day=segment.days[-1].day,
        planned=sum((day.planned for day in segment.days), NOTHING).quantize(FINE),
        units=segment.units.quantize(FINE),
        unit=unit,
        rate=segment.rate,
        net=segment.net,
        vat_code=vat_code,
        vat=vat,
        gross=segment.net + vat,
        explained=segment.explained,
        rule=segment.rule,
    )
