"""Whatever is stored comes back unchanged by download and upload; whatever is edited in the file changes, no more."""

from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy import select

from files.actuals.row_key import read_row_key
from files.actuals.workbook import COLUMNS
from models import Actual, ExceptionCheck, LineItem, Organisation, PaymentPeriod, acting_for, db
from rules.actual import derive
from rules.exception import is_over
from rules.refusal import Refused
from rules.states import ActualState, Unit
from tests.support.files.uploads import download, put_in, send, stored
from tests.support.worlds.weeks import NOV_6, OCT_16, OCT_23, OCT_30
from tests.support.worlds.world import World
from workflows.aborted_visits.record import VisitEntry, record
from workflows.actuals.save import Entry, save_week
from workflows.weeks.level import level_of

WEEKS = (OCT_16, OCT_23, OCT_30, NOV_6)
MON, TOTAL, REASON, COMMENT = (COLUMNS.index(name) + 1 for name in ("Mon", "Week total", "Reason", "Comment"))

QUARTERS = st.integers(0, 12).map(lambda count: f"{Decimal(count) / 4:.2f}")
WHOLE = st.integers(0, 5).map(lambda count: f"{count}.00")
# What spreadsheets would run as a formula, and what they would take for a number, a date or an error.
PLAIN = st.text("abc é=+-@'\"<&;,1/", max_size=12).map(str.strip) | st.sampled_from(
    ["=1+1", "@home", "+44 1603", "-", "1/2", "007", "#REF!", "TRUE", "_x000D_", "two\nlines"]
)
# Any character there is. Those that nobody can see or no workbook can carry are refused where they are typed.
WORDS = (
    PLAIN
    | st.text(max_size=12)
    | st.sampled_from(
        ["\x00", "a\x07", "\x85b", "\u202ec", "\ufffe", "a\uffffb", "\ud800", "\r", "\ufdd0", "\U0001fffe"]
    )
)
REASONS = st.sampled_from(["LONGER", "OTHER", "HOSPITAL"])
KINDS = st.sampled_from(["timetabled", "weekly", "visits", "begins late", "ends early"])
SETTINGS = settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@st.composite
def stories(draw: st.DrawFn) -> list[tuple[str, dict[date, tuple[list[str], str, str, bool]]]]:
    """Some lines and, for some of their weeks, figures, a reason, a comment, and whether they were confirmed."""
    lines = []
    for kind in draw(st.lists(KINDS, min_size=1, max_size=3)):
        units = WHOLE if kind == "visits" else QUARTERS
        figures = st.lists(units, min_size=1 if kind == "weekly" else 7, max_size=1 if kind == "weekly" else 7)
        week = st.tuples(figures, REASONS, WORDS, st.booleans())
        lines.append((kind, draw(st.dictionaries(st.sampled_from(WEEKS), week, max_size=4))))
    return lines


class Place:
    """An organisation of its own in which a story has happened."""

    def __init__(self, world: World, story: list[tuple[str, dict[date, tuple[list[str], str, str, bool]]]]) -> None:
        self.world = world
        self.period = db.session.scalars(select(PaymentPeriod)).first() or world.period()
        self.organisation: Organisation = world.organisation()
        self.lines: dict[int, LineItem] = {}
        for kind, weeks in story:
            line = self._line(kind)
            self.lines[line.id] = line
            with acting_for(self.organisation.id):
                for week, (figures, reason, comment, confirm) in weeks.items():
                    if (kind == "begins late" and week == OCT_16) or (kind == "ends early" and week == NOV_6):
                        continue
                    save_week(week, [Entry(line.id, tuple(figures), reason, comment)], None, confirm=confirm)

    def _line(self, kind: str) -> LineItem:
        kinds: dict[str, dict[str, Any]] = {
            "weekly": {"weekly": "14"},
            "visits": {"unit": Unit.VISIT},
            "begins late": {"start": OCT_23},
            "ends early": {"end": NOV_6 - timedelta(days=1)},
        }
        return self.world.line(self.organisation, **kinds.get(kind, {}))


@SETTINGS
@given(story=stories())
def test_any_actuals_come_back_unchanged(world: World, story: Any) -> None:
    place = Place(world, story)
    before = stored()
    kept = send(place.organisation, download(place.organisation, place.period), "actuals.xlsx")
    assert kept.counts["unchanged"] == kept.counts["read"] == sum(place_weeks(line) for line in place.lines.values())
    assert kept.pounds_before == kept.pounds_after
    put_in(place.organisation, kept)
    assert stored() == before


def place_weeks(line: LineItem) -> int:
    return sum(line.start <= week + timedelta(days=6) and (not line.end or line.end >= week) for week in WEEKS)


@SETTINGS
@given(story=stories(), data=st.data())
def test_any_edit_of_editable_cells_is_exactly_what_changes(world: World, story: Any, data: st.DataObject) -> None:
    place = Place(world, story)
    expected = stored()

    def edit(sheet: Worksheet) -> None:
        for number in sorted(data.draw(st.sets(st.integers(2, sheet.max_row), max_size=4), "rows")):
            key = read_row_key(str(sheet.cell(number, 1).value))
            assert key
            line_id, week, _version = key
            line = place.lines[line_id]
            units = WHOLE if line.unit is Unit.VISIT else QUARTERS
            zeros = ("0.00",) if line.plans[0].weekly_quantity else ("0.00",) * 7
            figures = list(expected.get((line_id, week), (zeros, "", ""))[0])
            columns = [TOTAL] if line.plans[0].weekly_quantity else [MON + index for index in range(7)]
            for index in data.draw(st.sets(st.integers(0, len(columns) - 1), min_size=1), "cells"):
                figures[index] = data.draw(units, "units")
                sheet.cell(number, columns[index]).value = float(figures[index])
            # openpyxl writes an escape as it stands, where Excel and LibreOffice would escape it once more.
            typed = PLAIN.filter(lambda word: "_x" not in word)
            reason, comment = data.draw(REASONS, "reason"), data.draw(typed, "comment")
            sheet.cell(number, REASON).value = reason
            cell = sheet.cell(number, COMMENT)
            cell.value = comment
            cell.data_type = "s"
            expected[line_id, week] = (tuple(figures), reason, " ".join(comment.split()))

    content = download(place.organisation, place.period, edit)
    kept = send(place.organisation, content, "actuals.xlsx")
    assert kept.counts["rejected"] == kept.counts["asked"] == 0
    put_in(place.organisation, kept)
    assert plain(stored()) == plain(expected)
    again = send(place.organisation, content, "actuals.xlsx")
    assert again.counts["unchanged"] + again.counts["asked"] == again.counts["read"]


def plain(figures: Any) -> Any:
    """Figures with the spaces of their comments made plain, as a spreadsheet leaves them."""
    return {key: (units, reason, " ".join(comment.split())) for key, (units, reason, comment) in figures.items()}


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("typed"), st.lists(QUARTERS, min_size=7, max_size=7)),
        st.tuples(st.just("daily"), st.dictionaries(st.integers(0, 6), QUARTERS, min_size=1)),
        st.tuples(st.just("visits"), st.dictionaries(st.integers(0, 6), st.integers(5, 200), min_size=1)),
        st.tuples(st.just("aborted"), st.integers(0, 6)),
    ),
    max_size=6,
)


@SETTINGS
@given(steps=STEPS)
def test_figures_follow_from_their_parts_after_any_mix_of_typing_and_files(world: World, steps: Any) -> None:
    organisation = world.organisation()
    line = world.line(organisation)
    for number, (name, what) in enumerate(steps):
        try:
            _do(organisation, line, name, what, number)
        except Refused:
            db.session.rollback()
    _agrees(line)


def _do(organisation: Organisation, line: LineItem, name: str, what: Any, number: int) -> None:
    days = [NOV_6 + timedelta(days=index) for index in range(7)]
    if name == "typed":
        with acting_for(organisation.id):
            save_week(NOV_6, [Entry(line.id, tuple(what), "LONGER")], None, confirm=True)
    elif name == "daily":
        rows = [f"{line.reference},{days[index]:%d/%m/%Y},{units},OTHER" for index, units in what.items()]
        put_in(organisation, send(organisation, ["CPLI,Service date,Delivered units,Reason", *rows]))
    elif name == "visits":
        heading = "Visit ref,CPLI,Planned start,Planned end,Actual start,Actual end,Outcome"
        rows = [
            f"V{number}-{index},{line.reference},{days[index]:%d/%m/%Y} 08:00,{days[index]:%d/%m/%Y} 09:00,"
            f"{days[index]:%d/%m/%Y} 08:00,{days[index]:%d/%m/%Y} {8 + minutes // 60:02}:{minutes % 60:02},DELIVERED"
            for index, minutes in what.items()
        ]
        put_in(organisation, send(organisation, [heading, *rows]))
    else:
        with acting_for(organisation.id):
            entry = VisitEntry(line.id, days[what], NOON, 60, reason="NO_REPLY")
            record(entry, None)


NOON = time(12)


def _agrees(line: LineItem) -> None:
    db.session.expire_all()
    found = db.session.scalars(select(Actual).where(Actual.line_item_id == line.id)).all()
    for actual in found:
        aborted = (actual.aborted, actual.aborted_payable)
        derived = derive(Decimal(7), sum(actual.days, Decimal(0)), *aborted)
        assert derived._asdict() == {name: getattr(actual, name) for name in derived._fields}
        check = db.session.scalars(select(ExceptionCheck).where(ExceptionCheck.actual_id == actual.id)).one()
        assert check.claimed == derived.payable
        assert check.over == is_over(derived.planned, derived.payable, level_of(line, NOV_6).level)
        assert actual.state in (ActualState.DRAFT, ActualState.CONFIRMED)


pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")
