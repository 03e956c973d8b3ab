"""How a line of a remittance that pays an absence reads: from the plan to the amount, and who decided."""

from flask import url_for

from models import AbsenceClaimLine
from rules.money import short_rate
from rules.period import date_range, uk_date
from rules.plan import quantity_on
from rules.quantity import counted_units
from rules.states import PlanKind, label
from rules.words import counted
from views.provider.remittances.step import Step, Stop, amount_steps, day_of


def about_claim(line: AbsenceClaimLine) -> str:
    """Return whose care it is and which days: "A. B. (P104233), line 48210, personal care, absence of 2 to 5 …"."""
    item = line.absence_claim.line_item
    return (
        f"{item.person.initials} ({item.person.reference}), line {item.reference},"
        f" {item.element.name[:1].lower()}{item.element.name[1:]}, week of {uk_date(line.week_starting)}"
    )


def claim_steps(line: AbsenceClaimLine) -> list[Step]:
    """Return how the amount of an absence came about, each figure with where it comes from."""
    claim, item = line.absence_claim, line.absence_claim.line_item
    days = (line.last_day - line.first_day).days + 1
    away = f"{date_range(line.first_day, line.last_day)}: {label(claim.reason).lower()}"
    weekly = f"{quantity_on(item.plan, line.first_day):.2f} a week, a seventh of it each day"
    planned = weekly if item.plan_kind is PlanKind.WEEKLY else "What the plan has on these days"
    calculated = "To the penny. " if line.units * line.rate == line.net else "Rounded half up, once for the week. "
    return [
        Step("Away", counted(days, "day"), away),
        Step("Planned", counted_units(line.planned, line.unit), planned),
        Step("Paid at", _tiers(line), f"Counted from the first day away, rule {line.rule}"),
        Step("Payable", counted_units(line.units, line.unit), "", strong=True),
        Step("Rate", f"× {short_rate(line.rate)}", "In force on these days"),
        *amount_steps(line.net, line.vat, line.gross, calculated, line.vat_code),
    ]


def claim_stops(line: AbsenceClaimLine) -> list[Stop]:
    """Return the stops of a claim before the payment run."""
    claim = line.absence_claim
    sent = f", sent {day_of(claim.submitted_at)}" if claim.submitted_at else ""
    by = f" by {claim.submitted_by}" if claim.submitted_by else ""
    if claim.corrects and claim.submitted_at:
        address = url_for("AbsenceClaimsView.show", claim_id=claim.corrects_id)
        return [Stop(f" was put right by the portal {day_of(claim.submitted_at)}", f"Claim {claim.corrects}", address)]
    stops = [Stop(f"{sent}{by}", f"Claim {claim.number}", url_for("AbsenceClaimsView.show", claim_id=claim.id))]
    if claim.decided_at:
        part = f" until {uk_date(claim.approved_last_day)}" if claim.approved_last_day else ""
        who = f" by {claim.decided_by}" if claim.decided_by else ""
        stops.append(Stop(f"Approved{part} {day_of(claim.decided_at)}{who}, Payments Team"))
    return stops


def _tiers(line: AbsenceClaimLine) -> str:
    return f"{line.explained[:1].upper()}{line.explained[1:]}"
