"""However a system orders and names its columns, once they are matched its rows are those of the portal's layout."""

import csv
import io
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from files.actuals.layouts import ActualsFile, Skipped, Unmatched, read_actuals_file
from files.actuals.own_table import OwnTable
from rules.column_match import DAY_FIELDS, ColumnMatching, RowKind, fingerprint, heading_keys

VISITS = ("ref", "line", "planned_start", "planned_end", "actual_start", "actual_end", "outcome", "carer", "comment")
TITLES = {
    "ref": "Visit ref", "line": "CPLI", "person": "Person ref", "planned_start": "Planned start",
    "planned_end": "Planned end", "actual_start": "Actual start", "actual_end": "Actual end", "outcome": "Outcome",
    "carer": "Carer ID", "comment": "Comment", "day": "Service date", "units": "Delivered units", "reason": "Reason",
    "week": "Week starting", "total": "Week total",
    **dict(zip(DAY_FIELDS, ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), strict=True)),
}  # fmt: skip
LAYOUTS = {
    RowKind.DAY: ("line", "day", "units", "reason", "comment", "person"),
    RowKind.WEEK: ("line", "week", *DAY_FIELDS, "total", "reason", "comment"),
    RowKind.VISIT: VISITS,
}
REFERENCES = st.integers(48000, 48999).map(str)
DAYS = st.integers(0, 27).map(lambda days: datetime(2017, 10, 2) + timedelta(days=days))  # noqa: DTZ001
UNITS = st.integers(0, 40).map(lambda quarters: f"{quarters / 4:.2f}")
CELLS: dict[str, st.SearchStrategy[str]] = {
    "line": REFERENCES, "person": REFERENCES.map(lambda text: f"P{text}"),
    "ref": REFERENCES.map(lambda text: f"V{text}"),
    "day": DAYS.map(lambda day: f"{day:%d/%m/%Y}"), "week": DAYS.map(lambda day: f"{day:%d/%m/%Y}"),
    "units": UNITS, "total": UNITS, **dict.fromkeys(DAY_FIELDS, UNITS),
    "reason": st.sampled_from(["", "LONGER", "In hospital", "no carer"]), "carer": st.sampled_from(["C1", "C2"]),
    "outcome": st.sampled_from(["DELIVERED", "Completed", "No reply", "missed"]),
    "comment": st.sampled_from(["", "rang twice", "a, b; c"]),
}  # fmt: skip


@st.composite
def rows_of(draw: st.DrawFn, kind: RowKind) -> list[dict[str, str]]:
    rows = []
    for _ in range(draw(st.integers(1, 5))):
        row = {name: draw(CELLS[name]) for name in LAYOUTS[kind] if name in CELLS}
        if kind is RowKind.VISIT:
            start = draw(DAYS) + timedelta(minutes=draw(st.integers(0, 24 * 60 - 1)))
            begun = start + timedelta(minutes=draw(st.integers(-20, 20)))
            lengths = [timedelta(minutes=draw(st.integers(1, 12 * 60))) for _ in range(2)]
            moments = (start, start + lengths[0], begun, begun + lengths[1])
            row |= {name: f"{moment:%d/%m/%Y %H:%M}" for name, moment in zip(VISITS[2:6], moments, strict=True)}
        rows.append(row)
    return rows


def written(rows: list[dict[str, str]], headings: dict[str, str]) -> bytes:
    text = io.StringIO(newline="")
    lines = csv.writer(text)
    lines.writerow(headings.values())
    lines.writerows([row[name] for name in headings] for row in rows)
    return text.getvalue().encode()


def table_in(content: bytes) -> OwnTable:
    try:
        read_actuals_file("own.csv", content)
    except Unmatched as unmatched:
        return unmatched.table
    raise AssertionError("it is one of the portal's layouts")


def read_matched(content: bytes, matching: ColumnMatching, keys: list[str]) -> ActualsFile:
    return read_actuals_file("own.csv", content, matches={fingerprint(keys): matching})


def values(file: ActualsFile) -> list[Any]:
    return [row[2:] for row in file.rows]


@settings(deadline=None, max_examples=25)
@given(st.data(), st.sampled_from(list(RowKind)))
def test_any_order_and_any_names_of_columns_give_the_same_rows(data: st.DataObject, kind: RowKind) -> None:
    rows = data.draw(rows_of(kind))
    own = read_actuals_file("ours.csv", written(rows, {name: TITLES[name] for name in LAYOUTS[kind]}))
    order = data.draw(st.permutations(LAYOUTS[kind]))
    headings = {name: f"Column {chr(65 + place)}" for place, name in enumerate(order)}
    table = table_in(content := written(rows, headings))
    keys = [column.key for column in table.columns]
    chosen = dict(zip(keys, order, strict=True))
    assert values(read_matched(content, ColumnMatching(kind, chosen), keys)) == values(own)
    assert table.rows == len(rows)


@settings(deadline=None, max_examples=25)
@given(st.data())
def test_a_date_and_times_and_lengths_give_the_same_visits(data: st.DataObject) -> None:
    rows = data.draw(rows_of(RowKind.VISIT))
    own = read_actuals_file("ours.csv", written(rows, {name: TITLES[name] for name in VISITS}))
    apart = []
    for row in rows:
        start, end, begun, last = (datetime.strptime(row[name], "%d/%m/%Y %H:%M") for name in VISITS[2:6])  # noqa: DTZ007
        long = (last - begun).seconds // 60
        apart.append(
            {name: row[name] for name in ("ref", "line", "outcome", "carer", "comment")}
            | {"date": f"{start:%d/%m/%Y}", "planned_start": f"{start:%H:%M}", "actual_start": f"{begun:%H:%M}"}
            | {"planned_end": f"{end:%H:%M}", "actual_length": data.draw(st.sampled_from([f"{long}", _clock(long)]))}
        )
    names = list(apart[0])
    table = table_in(content := written(apart, {name: f"Column {name}" for name in names}))
    keys = [column.key for column in table.columns]
    matching = ColumnMatching(RowKind.VISIT, dict(zip(keys, names, strict=True)))
    found = read_matched(content, matching, keys)
    if not _clocks_change(rows):
        assert values(found) == values(own)


def _clock(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02}"


def _clocks_change(rows: list[dict[str, str]]) -> bool:
    """Say whether a visit is in the night in which the clocks go back: a length then says more than two clocks."""
    return any(row[name].startswith(("28/10", "29/10")) for row in rows for name in VISITS[2:6])


@settings(deadline=None, max_examples=25)
@given(st.data(), st.sampled_from(list(RowKind)), st.booleans())
def test_headings_that_stand_again_anywhere_in_any_order_change_no_row(
    data: st.DataObject, kind: RowKind, is_own: bool
) -> None:
    rows = data.draw(rows_of(kind))
    titles = {name: f"Column {chr(65 + place)}" if is_own else TITLES[name] for place, name in enumerate(LAYOUTS[kind])}
    keys = heading_keys(list(titles.values()))
    matches = {fingerprint(keys): ColumnMatching(kind, dict(zip(keys, titles, strict=True)))} if is_own else {}
    content = written(rows, titles)
    parts = [content]
    for row in data.draw(st.permutations(rows)):
        order = data.draw(st.permutations(list(titles)))
        blank = data.draw(st.sampled_from([b"", b"\r\n"]))
        parts += [blank, written([row], {name: titles[name] for name in order})]
    once = read_actuals_file("own.csv", content, matches=matches)
    again = read_actuals_file("own.csv", b"".join(parts), matches=matches)
    repeated = values(again)[len(rows) :]
    assert values(again)[: len(rows)] == values(once)
    assert sorted(map(repr, repeated)) == sorted(map(repr, values(once)))
    assert (again.notices, [each.why for each in again.skipped].count(Skipped.HEADINGS)) == (once.notices, len(rows))
