"""A first guess of what the columns of a provider's own table are: by the words above them and by what stands in them.

The words are what rostering and monitoring systems commonly write; nobody is asked where a guess is right.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from rules.column_match import CHOICES, DAY_FIELDS, NOT_USED, RowKind
from rules.period import DAY_NAMES, WEEKDAYS
from rules.text import plain


class Shape(StrEnum):
    """What the filled cells of a column look like."""

    EMPTY = "empty"
    DAY = "day"
    MOMENT = "moment"
    CLOCK = "clock"
    DURATION = "duration"
    NUMBER = "number"
    REFERENCE = "reference"
    TEXT = "text"


class ColumnSeen(NamedTuple):
    """A column of a table: what stands above it, and what its cells look like."""

    heading: str
    shape: Shape


_ANY = frozenset(Shape)
_TIMES = frozenset({Shape.CLOCK, Shape.DURATION, Shape.MOMENT, Shape.EMPTY})
_DAYS = frozenset({Shape.DAY, Shape.MOMENT, Shape.EMPTY})
_LENGTHS = frozenset({Shape.NUMBER, Shape.DURATION, Shape.CLOCK, Shape.EMPTY})
_NAMED = frozenset({Shape.REFERENCE, Shape.NUMBER, Shape.EMPTY})
_SHAPES: Final[Mapping[str, frozenset[Shape]]] = {
    "line": _NAMED, "person": _NAMED, "ref": _NAMED, "date": _DAYS, "day": _DAYS, "week": _DAYS,
    "planned_start": _TIMES, "planned_end": _TIMES, "actual_start": _TIMES, "actual_end": _TIMES, "told_at": _TIMES,
    "planned_length": _LENGTHS, "planned_hours": _LENGTHS, "actual_length": _LENGTHS, "actual_hours": _LENGTHS,
    "units": _LENGTHS, "minutes": _LENGTHS, "total": _LENGTHS, **dict.fromkeys(DAY_FIELDS, _LENGTHS),
}  # fmt: skip

_PLANNED, _ACTUAL = ["planned", "rostered", "scheduled", "booked"], ["actual", "clock", "logged", "real", "recorded"]
_WORDS: Final[Mapping[str, str]] = {
    "line": (
        "cpli, agreement, agreement no, agreement number, agreement ref, agreement id, po number, po no, po, purchase"
        " order, purchase order no, purchase order number, package, package no, package number, package ref, package"
        " id, care package, care package ref, line, line no, line number, line ref, line item, contract line, contract"
        " line ref, order no, order number, order line, funder ref, authority ref, council ref, commission no"
    ),
    "person": (
        "person ref, person, person id, person no, person number, client, client ref, client reference, client id,"
        " client no, client number, client code, customer, customer ref, customer id, customer no, customer number,"
        " service user, service user ref, service user id, service user no, service user number, su ref, su id,"
        " resident, resident id, resident ref, social care id, social care no, social care number, case no,"
        " case number, person reference"
    ),
    "ref": (
        "visit ref, visit, visit id, visit no, visit number, visit reference, call ref, call id, call no, call number,"
        " booking ref, booking id, booking no, appointment id, appointment ref, event id, activity id, shift id,"
        " schedule id, rota id, transaction id, record id"
    ),
    "date": "date, visit date, call date, care date, service date, day, date of visit, date of call, date of service,"
    " planned date, scheduled date, rostered date, shift date, booking date",
    "day": "date, service date, care date, visit date, day, date of care, date of service, delivery date, work date",
    "week": "week starting, week commencing, wc, w c, week beginning, week start, week, week from, period start",
    "told_at": "told at, cancelled at, notice given at, notified at, time of notice, cancellation time",
    "carer": (
        "carer, carer id, carer no, carer ref, carer name, care worker, care worker id, staff, staff id, staff member,"
        " staff name, staff no, employee, employee id, employee no, worker, worker id, assistant, carer code"
    ),
    "slot": "carer slot, slot, carer position, carer no of visit, worker slot",
    "outcome": "outcome, status, visit status, call status, visit outcome, call outcome, result, visit result, state",
    "reason": (
        "reason, shortfall reason, variance reason, variation reason, reason code, cancellation reason, exception"
        " reason, reason for variation, reason for difference, why"
    ),
    "comment": "comment, comments, carer comment, office comment, remark, remarks",
    "units": (
        "delivered units, units, units delivered, hours, hrs, hours delivered, delivered hours, actual hours, hours"
        " worked, hours decimal, hours provided, quantity, qty, quantity delivered, time delivered, duration, total"
        " hours, delivered, actual units"
    ),
    "minutes": "minutes, mins, delivered minutes, actual minutes, minutes delivered, duration mins, duration minutes",
    "total": (
        "week total, total, total hours, hours, weekly hours, weekly total, total units, units, delivered units, hours"
        " delivered, delivered hours, quantity, qty, hrs"
    ),
}
# What a heading is that nobody needs: a guess of "not used" spares the question.
_NOT_NEEDED = (
    "name, client name, customer name, service user name, person name, resident name, full name, first name, surname,"
    " forename, address, postcode, area, branch, zone, team, run, round, rate, price, cost, charge, amount, pay,"
    " mileage, miles, phone, telephone, date of birth, dob, funder, contract, service, service type, visit type,"
    " call type, weekday, day of week, invoice, invoice no, created, created by, printed, page"
)


def _listed(words: str) -> frozenset[str]:
    return frozenset(plain(word) for word in words.split(","))


def _times() -> dict[str, frozenset[str]]:
    ends = {"start": "start, start time, in, time in, from, begin, arrival, arrived, on", "end": "end, end time, out,"
            " time out, to, finish, finish time, departure, left, off"}  # fmt: skip
    lengths = {"length": "duration, length, minutes, mins, duration mins, duration minutes, length mins, time",
               "hours": "hours, hrs, duration hours, duration hrs, hours decimal"}  # fmt: skip
    found = {}
    for name, befores in (("planned", _PLANNED), ("actual", _ACTUAL)):
        for part, words in (ends | lengths).items():
            joined = {before + word for before in befores for word in _listed(words)}
            alone = _listed("start, start time, time in, arrival, arrived" if part == "start" else
                            "end, end time, finish, finish time, time out, departure, left" if part == "end" else
                            words)  # fmt: skip
            found[f"{name}_{part}"] = frozenset(joined | (alone if name == "actual" else set()))
    found["actual_start"] |= _listed("clock in, checked in, check in, login, log in, clocked in, tag in")
    found["actual_end"] |= _listed("clock out, checked out, check out, logout, log out, clocked out, tag out")
    return found


_KNOWN: Final[Mapping[str, frozenset[str]]] = {
    **{name: _listed(words) for name, words in _WORDS.items()},
    **_times(),
    **{name: frozenset({plain(short), plain(full), *(plain(f"{short} {w}") for w in ("hours", "hrs", "units"))})
       for name, short, full in zip(DAY_FIELDS, DAY_NAMES, WEEKDAYS, strict=True)},
}  # fmt: skip
_LEFT_OUT: Final = _listed(_NOT_NEEDED)
_EVERY: Final = frozenset().union(*_KNOWN.values(), _LEFT_OUT)


def known_words(headings: Collection[str]) -> int:
    """Return how many headings are of those that systems commonly write."""
    return sum(word in _EVERY for word in set(map(plain, headings)))


def guess_kind(columns: Sequence[ColumnSeen]) -> RowKind:
    """Return what each row of a table most likely is."""
    words = {plain(column.heading) for column in columns}
    if sum(bool(words & _KNOWN[name]) for name in DAY_FIELDS) >= 5 or words & (_KNOWN["week"] - {"week"}):
        return RowKind.WEEK
    shapes = Counter(column.shape for column in columns)
    times = shapes[Shape.CLOCK] + shapes[Shape.MOMENT]
    visits = _guess(RowKind.VISIT, columns, frozenset())
    return RowKind.VISIT if times >= 1 and {"actual_start", "planned_start"} & set(visits) else RowKind.DAY


def guess_columns(kind: RowKind, columns: Sequence[ColumnSeen], lines: Collection[int] = ()) -> list[str]:
    """Return what each column of a table most likely is, in order: a name of CHOICES, NOT_USED, or empty where it is
    for somebody to say.

    `lines` are the places of columns in which the organisation's own CPLIs stand.
    """
    found = _guess(kind, columns, frozenset(lines))
    headings = Counter(plain(column.heading) for column in columns)
    # Of two columns with one heading, planned and actual times perhaps, nobody can guess which is which.
    places = {
        place: name for name, place in found.items() if place in lines or headings[plain(columns[place].heading)] == 1
    }
    return [places.get(place) or _unused(column) for place, column in enumerate(columns)]


def _unused(column: ColumnSeen) -> str:
    nobody_needs = plain(column.heading) in _LEFT_OUT | _KNOWN["person"] or not column.heading
    return NOT_USED if nobody_needs or column.shape is Shape.EMPTY else ""


def _guess(kind: RowKind, columns: Sequence[ColumnSeen], lines: frozenset[int]) -> dict[str, int]:
    """Return the places of columns by name: each the first whose heading and cells fit, then those that only can be."""
    found: dict[str, int] = {}
    for place in sorted(lines)[:1]:
        found["line"] = place
    for name in CHOICES[kind]:
        fitting = (
            place
            for place, column in enumerate(columns)
            if plain(column.heading) in _KNOWN[name]
            and column.shape in _SHAPES.get(name, _ANY)
            and place not in found.values()
        )
        if name not in found and (first := next(fitting, None)) is not None:
            found[name] = first
    _by_cells(kind, columns, found)
    return found


def _by_cells(kind: RowKind, columns: Sequence[ColumnSeen], found: dict[str, int]) -> None:
    """Add the date, where just one column holds dates."""
    name = {RowKind.VISIT: "date", RowKind.DAY: "day", RowKind.WEEK: "week"}[kind]
    days = [place for place, column in enumerate(columns) if column.shape is Shape.DAY]
    if name not in found and len(days) == 1 and days[0] not in found.values():
        found[name] = days[0]
