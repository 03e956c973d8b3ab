"""Every row of a file has one fate, the fates add up to the rows read, and before + difference is after."""

from collections import Counter
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from models import Actual, LineItem, Organisation, Upload, acting_for, db
from rules.period import read_date
from rules.states import ActualState
from tests.support.files.uploads import put_in, send
from tests.support.worlds.weeks import week
from tests.support.worlds.world import World
from workflows.uploads import steps
from workflows.uploads.finding import ASKED, RowFate
from workflows.uploads.kept.changes import ChangedPounds, unpack_changes
from workflows.uploads.kept.rows import FATES, HEADINGS, result_rows
from workflows.uploads.results.listed import findings
from workflows.uploads.results.read import ticked_weeks

SETTINGS = settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
# By number: a line with a week on an invoice, one with a confirmed week, one nobody has started, one by the week.
LINES = st.integers(0, 3)
UNITS = st.sampled_from(["", "0", "0.5", "1", "1.25", "3", "1.1", "25", "-1", "many", "1,5", " "])
REASONS = st.sampled_from(["", "", "LONGER", "SHORTER", "OTHER", "BORED"])
DAYS = st.sampled_from([*(f"{day}/10/2017" for day in range(16, 30)), "13/10/2017", "01/01/2030", "soon", ""])
MONDAYS = st.sampled_from(["16/10/2017", "23/10/2017", "17/10/2017", "01/01/2030", ""])


def lines_of(world: World, organisation: Organisation) -> list[LineItem]:
    lines = [world.line(organisation), world.line(organisation), world.line(organisation)]
    week(lines[0])
    week(lines[1])
    db.session.execute(update(Actual).where(Actual.line_item_id == lines[0].id).values(state=ActualState.INVOICED))
    db.session.commit()
    return [*lines, world.line(organisation, weekly="14")]


@SETTINGS
@given(
    weekly=st.booleans(),
    rows=st.lists(st.tuples(LINES | st.just(9), DAYS, MONDAYS, UNITS, REASONS), min_size=1, max_size=15),
    ticks=st.booleans(),
)
def test_any_file_by_day_or_week_has_one_fate_a_row_and_sums_that_add_up(
    world: World, weekly: bool, rows: list[Any], ticks: bool
) -> None:
    organisation = world.organisation()
    lines = lines_of(world, organisation)
    heading = f"CPLI,{'Week starting' if weekly else 'Service date'},Delivered units,Reason"
    text = [
        f'{lines[line].reference if line < 9 else "none"},{monday if weekly else day},"{units}",{reason}'
        for line, day, monday, units, reason in rows
    ]
    kept = send(organisation, [heading, *text])
    results = _results(organisation, kept)
    _adds_up(kept, results)
    asked = [each.id for each in _asked(organisation, kept)]
    done = put_in(organisation, kept, asked if ticks else [])
    after = _results(organisation, done)
    assert [each["Fate"] for each in after] == [each["Fate"] for each in results]
    _went_in_is_what_is_there(rows, after, weekly=weekly)
    again = send(organisation, [heading, *text])
    assert (again.counts["new"], again.counts["changed"]) == (0, 0)
    assert again.counts["asked"] == (0 if ticks else kept.counts["asked"])


def _results(organisation: Organisation, kept: Upload) -> list[dict[str, Any]]:
    with acting_for(organisation.id):
        found = steps.find_upload(kept.id)
        return [dict(zip(HEADINGS, row, strict=True)) for row in result_rows(found, ticked_weeks(found))]


def _asked(organisation: Organisation, kept: Upload) -> list[Any]:
    with acting_for(organisation.id):
        return findings(kept.id, *ASKED)


def _adds_up(kept: Upload, results: list[dict[str, Any]]) -> None:
    counts = kept.counts
    assert sum(counts[fate.name.lower()] for fate in RowFate) == counts["read"] == len(results)
    assert len({each["Row"] for each in results}) == len(results)
    assert Counter(each["Fate"] for each in results) == Counter(
        {FATES[fate]: counts[fate.name.lower()] for fate in RowFate if counts[fate.name.lower()]}
    )
    for each in results:
        assert each["Code"] or each["Fate"] in ("new", "changed", "unchanged"), each
        assert each["Message"] or each["Fate"] in ("new", "changed", "unchanged"), each
    weeks = unpack_changes(db.session.scalars(select(Upload.changes).where(Upload.id == kept.id)).one())
    pounds = sum((week.pounds for week in weeks), ChangedPounds())
    assert (pounds.before, pounds.after) == (kept.pounds_before, kept.pounds_after)
    assert pounds.before + pounds.difference == pounds.after
    changing = {each["CPLI"] for each in results if each["Fate"] in ("new", "changed", "conflict")}
    assert len({each.line_id for week in weeks for each in week.part()}) == len(changing)


def _went_in_is_what_is_there(rows: list[Any], results: list[dict[str, Any]], *, weekly: bool) -> None:
    """What the result says of a row that went in is what is stored of its day, or of its week."""
    db.session.expire_all()
    stored = {
        (each.line_item.reference, f"{each.week_starting:%d/%m/%Y}"): each
        for each in db.session.scalars(select(Actual))
    }
    for (_line, day, *_), result in zip(rows, results, strict=True):
        if result["Went in"] == "yes":
            actual = stored[result["CPLI"], result["Week starting"]]
            of_week = weekly or actual.line_item.plans[0].weekly_quantity
            units = actual.delivered if of_week else actual.days[read_date(day).weekday()]
            assert units == Decimal(result["After"])
