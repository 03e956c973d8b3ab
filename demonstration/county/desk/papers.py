"""The paper ISOs of the county: written down in one go, then taken by the portal's own migration, each as it judges.

Most are of what the system knows by now, some are new, and some have something missing or a rate misread.
"""

from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import select, update

from demonstration.county.owner import Owner
from demonstration.history import History
from models import DAYS, JobRun, PaperOrder, db, say_who
from rules.period import DAY, WEEK, monday_of
from rules.states import PlanKind, Unit
from workflows.clock import LONDON, now, story_at
from workflows.paper_isos import answers
from workflows.paper_isos.migration import run_migration
from workflows.upkeep.queue import Task

FIRST, SECOND = "brokerage@council.example", "brokerage.lead@council.example"
TWICE = "Issued twice: the other paper has been registered."
# What is in a dozen papers: of the rest, each is of a line that began when the paper says, or a day or two later.
NEW, NO_RATE, MISREAD, UNCONFIRMED = (3, 7, 11), (4,), (8,), (10,)
DOZEN = 12

NEWEST = f"""
SELECT line.organisation_id, service.name, person.reference, person.name, element.name, rate.rate, line.start,
  {", ".join(f"plan.{day}" for day in DAYS)}
FROM line_item AS line JOIN service ON service.id = line.service_id JOIN person ON person.id = line.person_id
JOIN element ON element.id = line.element_id JOIN plan ON plan.line_item_id = line.id
JOIN rate ON rate.line_item_id = line.id AND rate."end" IS NULL
WHERE line.plan_kind = %(by_day)s AND line.unit = %(hour)s AND line."end" IS NULL
ORDER BY line.start DESC, line.id LIMIT %(number)s"""


def register(owner: Owner, history: History, number: int, today: date) -> None:
    """Register so many paper ISOs, confirm nearly all, migrate them, and look at some that needed it. Commits."""
    officers = history.officer(FIRST).id, history.officer(SECOND).id
    lines = owner.ask(NEWEST, number=number, by_day=PlanKind.TIMETABLED.value, hour=Unit.HOUR.value)
    owner.pour("paper_order", list(_papers(lines, officers, today)))
    with story_at(today - DAY):
        say_who(None, "")
        run_migration(Task.PAPER_ISOS, today - DAY)
        # The page of jobs says when it ran by the clock of the day.
        db.session.execute(update(JobRun).where(JobRun.job == Task.PAPER_ISOS).values(started_at=now()))
        to_review = select(PaperOrder.id).where(PaperOrder.to_review()).order_by(PaperOrder.id)
        for paper_id in db.session.scalars(to_review).all()[::4]:
            answers.say_nothing(paper_id, TWICE, history.officer(FIRST))
    history.settle_mail()


def _papers(lines: list[tuple[Any, ...]], officers: tuple[int, int], today: date) -> Iterator[dict[str, object]]:
    registered = datetime.combine(today - 3 * DAY, time(15), LONDON)
    for number, (organisation_id, service, reference, name, element, rate, start, *days) in enumerate(lines, 1):
        kind, is_new = number % DOZEN, number % DOZEN in NEW
        confirmed = kind not in UNCONFIRMED
        begins = monday_of(today) + WEEK if is_new else start - kind % 3 * DAY
        yield {
            "organisation_id": organisation_id, "reference": f"PAP-{number:04}", "service_name": service,
            "person_reference": f"P{800_000 + number}" if is_new else reference, "person_name": name,
            "element_name": element, "unit": Unit.HOUR.value, "plan_kind": PlanKind.TIMETABLED.value,
            **dict(zip(DAYS, days, strict=True)), "weekly_quantity": 0,
            "rate": None if kind in NO_RATE else rate + Decimal(10) if kind in MISREAD else rate,
            # Misread ones begin too early for any line; new care is for six weeks after a stay in hospital.
            "start": begins - 3 * WEEK if kind in MISREAD else begins,
            "end": begins + 6 * WEEK - DAY if is_new else None,
            "issued_on": min(begins, today) - 9 * DAY, "state": "waiting", "registered_at": registered,
            "registered_by_id": officers[0], "confirmed_at": registered + DAY if confirmed else None,
            "confirmed_by_id": officers[1] if confirmed else None,
        }  # fmt: skip
