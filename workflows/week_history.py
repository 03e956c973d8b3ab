"""The history of one line's week: whose it is, how it stands, and every version that was saved of it."""

from dataclasses import dataclass
from datetime import date

from rules.refusal import Unknown
from rules.states import label
from workflows.correction import VersionRow, history
from workflows.line_week import calendar_now, read_weeks


@dataclass(frozen=True)
class WeekHistory:
    """A line's week and its versions, latest first; `state` as pages show it."""

    line_id: int
    reference: str
    person: str
    person_reference: str
    element: str
    week: date
    state: str
    correctable: bool
    versions: list[VersionRow]


def week_history(line_id: int, week: date) -> WeekHistory:
    """Return the history of a week (its Monday). Raises Unknown where the organisation in scope has no such week."""
    stored = next(iter(read_weeks([week], [line_id])), None)
    if stored is None:
        raise Unknown
    line = stored.line
    return WeekHistory(
        line_id=line.id,
        reference=line.reference,
        person=line.person.name if calendar_now().full_names else line.person.initials,
        person_reference=line.person.reference,
        element=line.element.name,
        week=week,
        state=label(stored.actual.state) if stored.actual else "Not started",
        correctable=stored.is_money,
        versions=history(line_id, week),
    )
