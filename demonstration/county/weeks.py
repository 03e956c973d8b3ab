"""The weeks of the county's periods, with their checks, versions and decisions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from demonstration.county import weeks_sql
from demonstration.county.lines import CountyLine, Template
from demonstration.county.owner import Owner
from demonstration.county.shapes import AWAY, shapes_of
from rules.period import DAY
from rules.states import ActualState
from rules.working_days import add_working_days
from workflows import policy
from workflows.exceptions.decide import SOURCE
from workflows.weeks.write import ACTUALS_PAGE

LATE_COMMENT = "Figures checked against the carers' sheets"


@dataclass(frozen=True)
class Span:
    """A period as its weeks are made: `settled` is the state of what is on an invoice, None where nothing is yet."""

    id: int
    number: int
    start: date
    end: date
    settled: ActualState | None


def prepare(
    owner: Owner, lines: Sequence[CountyLine], sectors: dict[str, int], portal_start: date, today: date
) -> None:
    """Put into temporary tables what weeks are made of: shapes, lines, who writes, days by which a team answers."""
    for statement in weeks_sql.LOOK_UPS:
        owner.run(statement)
    sets: dict[Template, int] = {}
    for line in lines:
        sets.setdefault(line.template, len(sets))
    owner.pour("county_shape", list(shapes_of(sets, sectors, portal_start)))
    owner.pour("county_line", [_row(line, sets[line.template]) for line in lines])
    days, closures = policy.for_council("first_response_days"), policy.for_council("closure_days")
    each = [portal_start + index * DAY for index in range((today - portal_start).days + 1)]
    owner.pour("county_day", [{"day": day, "answer_by": add_working_days(day, days, closures)} for day in each])
    for table in ("county_shape", "county_line", "county_day", "county_provider", "rate", "contact"):
        owner.run(f"ANALYZE {table}")


def deliver(owner: Owner, span: Span, seed: int, officer_id: int, today: date) -> None:
    """Make every week of a period as it was saved, checked, saved again, and decided about by an officer."""
    with owner.at_once():
        owner.run("TRUNCATE county_week")
        owner.run(
            weeks_sql.FILL, start=span.start, end=span.end, open=span.settled is None, seed=seed, away=AWAY,
            settled=(span.settled or ActualState.CONFIRMED).value, today=today,
        )  # fmt: skip
        owner.run("ANALYZE county_week")
        owner.run(weeks_sql.SAVE, source=ACTUALS_PAGE)
        owner.run(weeks_sql.CHECK)
        owner.run(weeks_sql.COMMENT, comment=LATE_COMMENT)
        for statement in weeks_sql.DECIDE:
            owner.run(statement, officer=officer_id, source=SOURCE)


def _row(line: CountyLine, set_id: int) -> dict[str, object]:
    return {
        "id": line.id, "organisation_id": line.organisation_id, "set_id": set_id, "reference": line.reference,
        "unit": line.plan.unit.value, "start": line.plan.start, "end": line.plan.end,
    }  # fmt: skip
