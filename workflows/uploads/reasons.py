"""Why a row or a week of an uploaded file stays out, goes in only where ticked, or goes in with a warning."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from files.actuals.layouts import ActualsRow, WeekRow
from files.actuals.row_key import read_row_key
from models.contract_document import TAKES_ACTUALS
from rules.actual import check_week
from rules.exception import allowance, is_over, left_of
from rules.money import NOTHING
from rules.open_days import Calendar, last_day_in
from rules.open_days import is_over as has_ended
from rules.period import DAY_NAMES, short_date, uk_date
from rules.plan import refuse_duration, unit_words
from rules.problem_codes import Code
from rules.refusal import Problem
from rules.states import PlanKind
from rules.text import LONGEST_COMMENT
from rules.upload_states import FindingKind
from rules.words import plural
from workflows.uploads.file_week import Given, WantedWeek, WeekIn
from workflows.uploads.finding import Found, Place
from workflows.uploads.own_lines import ASK_BROKERAGE, OwnLines, closed, not_in_force
from workflows.weeks.claimed_days import ClaimedWeeks
from workflows.weeks.level import LevelInForce
from workflows.weeks.line_week import Line, StoredWeek, seven_days

# Half a hundredth: what two places do not show.
_SAME = Decimal("0.005")


def contradiction(row: ActualsRow, lines: OwnLines) -> Found | None:
    """Return what contradicts itself in a row, None where nothing does, or where its line is not known."""
    line = lines.by_reference.get(row.line)
    if line is None:
        return None
    of_key = _key_contradicts(row, line, lines) if isinstance(row, WeekRow) else None
    of_person = _person_contradicts(row.person, line, Place(row.sheet, row.number)) if row.person else None
    return of_key or of_person or (_total_contradicts(row) if isinstance(row, WeekRow) else None)


def _person_contradicts(person: str, line: Line, place: Place) -> Found | None:
    """Return that a row names another person than its line is for; zeros that a spreadsheet took do not count."""
    if person == line.person_reference or _bare(person) == _bare(line.person_reference):
        return None
    wrong = f"The line {line.reference} is for {line.person_reference}, and the row says {person[:60]}."
    return _disagrees(
        place, "Person ref", person, wrong, "Correct the CPLI or the person reference, whichever is wrong."
    )


def _bare(reference: str) -> str:
    return reference.casefold().replace(" ", "").lstrip("0")


def _key_contradicts(row: WeekRow, line: Line, lines: OwnLines) -> Found | None:
    if not row.key or row.week is None:
        return None
    place, key = Place(row.sheet, row.number), read_row_key(row.key)
    remedy = "Put both back as they were downloaded, or leave the row key empty."
    if key is None:
        wrong = f"The row key is damaged, so nobody knows whether it is that of {line.reference}."
        return _disagrees(place, "Row key", row.key, wrong, "Download the workbook again, or leave the row key empty.")
    if key[0] != line.id:
        other = lines.by_id.get(key[0])
        whose = f"that of {other.reference}" if other else "not that of a line of yours"
        wrong = f"The row key is {whose}, and the row says {line.reference}."
        return _disagrees(place, "CPLI", row.line, wrong, remedy)
    if key[1] != row.week:
        wrong = f"The row key is that of the week of {uk_date(key[1])}, and the row says {uk_date(row.week)}."
        return _disagrees(place, "Week starting", f"{row.week:%d/%m/%Y}", wrong, remedy)
    return None


def _total_contradicts(row: WeekRow) -> Found | None:
    given = [units for units in row.days if units is not None]
    if row.total is None or not given or (in_all := sum(given, NOTHING)) == row.total:
        return None
    # Each of them was rounded: seven calls of 20 minutes are 0.33 hours a day and 2.33 a week.
    if abs(in_all - row.total) < _SAME * (len(given) + 1):
        return None
    wrong = f"The days add up to {in_all:.2f}, and the week total is {row.total:.2f}."
    remedy = "Correct the days or the total, whichever is wrong."
    return _disagrees(Place(row.sheet, row.number), "Week total", f"{row.total.normalize():f}", wrong, remedy)


def _disagrees(place: Place, column: str, value: str, wrong: str, remedy: str) -> Found:
    return Found(FindingKind.REJECTED, Code.CONTRADICTION, place, column, value[:60], wrong, remedy)


def wrong_with(
    given: WeekIn, kept: StoredWeek | None, wanted: WantedWeek, calendar: Calendar, step: Decimal
) -> list[Found]:
    """Return what keeps a week out, or only warns: what no line takes, and a reason that is missing.

    `step` is that of its hours.
    """
    place, plan, comment = given.places[0], given.line.plan, wanted.comment
    if last_day_in(plan, given.week) is None:
        return [outside(given.line, place, "Week starting", given.week)]
    if given.closed:
        why = closed(given.line)
        return [Found(FindingKind.REJECTED, why.code, place, "Week starting", f"{given.week:%d/%m/%Y}", *why[1:])]
    if kept is None and given.line.document_state not in TAKES_ACTUALS:
        why = not_in_force(given.line)
        return [Found(FindingKind.REJECTED, why.code, place, "CPLI", given.line.reference, *why[1:])]
    if given.offer and (lasted := refuse_duration(given.offer.units, plan.unit)):
        row = (given.offer.place, given.offer.column, f"{given.offer.units.normalize():f}")
        return [Found(FindingKind.REJECTED, lasted.code, *row, lasted.wrong, lasted.remedy)]
    found = []
    if len(comment) > LONGEST_COMMENT:
        wrong, remedy = f"The comment has {len(comment):,} characters.", f"Shorten it to {LONGEST_COMMENT:,}."
        found.append(Found(FindingKind.REJECTED, Code.TOO_LONG, place, "Comment", f"{comment[:60]}…", wrong, remedy))
    delivered = wanted.figures[0] if given.is_weekly else seven_days(wanted.figures)
    problems = check_week(
        plan, given.week, delivered, wanted.reason, calendar.today, calendar.portal_start, step,
        confirming=False,
    )  # fmt: skip
    for problem in problems:
        found.append(_of_problem(given, wanted.figures, problem))
    claimed = _on_claimed_days(given, given.claimed, kept, wanted) if given.claimed else []
    found += claimed
    if problems or claimed or wanted.reason:
        return found
    differs = wanted.total + given.aborted + (kept.aborted if kept else NOTHING) != wanted.planned
    is_money = kept is not None and kept.is_money
    if is_money or (differs and has_ended(plan, given.week, calendar.today)):
        found.append(_reason_needed(given, place, is_money=is_money))
    return found


def _on_claimed_days(given: WeekIn, claims: ClaimedWeeks, kept: StoredWeek | None, wanted: WantedWeek) -> list[Found]:
    aborted = given.aborted + (kept.aborted if kept else NOTHING)
    refused = claims.refuse_units(given.line.id, given.line.plan, given.week, (wanted.figures, aborted))
    return [_of_problem(given, wanted.figures, problem) for problem in refused]


def _reason_needed(given: WeekIn, place: Place, *, is_money: bool) -> Found:
    why = "is on an invoice: a correction needs a" if is_money else "differs from its plan and has no"
    week = f"The week of {short_date(given.week)} {why} reason."
    if is_money:
        return Found(
            FindingKind.REJECTED, Code.REASON_NEEDED, place, "Reason", "", week, "Write a reason from the list."
        )
    return Found(
        FindingKind.WARNING, Code.REASON_NEEDED, place, "Reason", "", f"{given.line.name}: {week}",
        "It goes in as a draft: give the reason on the Actuals page.",
    )  # fmt: skip


def offered(given: WeekIn, offer: Given, figures: Sequence[Decimal]) -> Found:
    """Say that a week's total goes in, spread like the plan, where somebody ticks it."""
    days = ", ".join(f"{name} {units:.2f}" for name, units in zip(DAY_NAMES, figures, strict=True) if units)
    return Found(
        FindingKind.CONFLICT, Code.SPREAD_OFFER, offer.place, offer.column, f"{offer.units.normalize():f}",
        f"{given.line.name}, week of {uk_date(given.week)}, is filled by day, and the file has its total alone"
        f" ({offer.units:.2f}).", f"spread it like the plan ({days or 'nothing on any day'})", *given.key,
    )  # fmt: skip


def other_reasons(given: WeekIn) -> Iterator[Found]:
    """Yield a warning for each reason that rows give beside the first: a week has one."""
    for place, code in given.other_reasons:
        yield Found(
            FindingKind.WARNING, Code.TWO_REASONS, place, "Reason", code,
            f"{given.line.name}, week of {uk_date(given.week)}, has more than one reason. The portal stores the first,"
            f" {given.reason}, and keeps {code} in the comment.", "", *given.key,
        )  # fmt: skip


def left_over(given: WeekIn) -> Iterator[Found]:
    """Yield a warning where the comments of a week's rows have no room together."""
    if given.left_over:
        many = plural(len(given.left_over), "the comment of this row", f"{len(given.left_over):,} comments of its rows")
        yield Found(
            FindingKind.WARNING, Code.COMMENTS_CUT, given.left_over[0], "Comment", "",
            f"{given.line.name}, week of {uk_date(given.week)}: there is no room for {many}, because a week keeps"
            f" {LONGEST_COMMENT} characters.",
            "Write what matters into the week's comment on the Actuals page.", *given.key,
        )  # fmt: skip


def by_day_or_week(line: Line, given: Given) -> Found:
    """Say that a line is filled by day and not by the week, or the other way round."""
    timetabled = line.plan.kind is PlanKind.TIMETABLED
    wrong = "This line is planned by day." if timetabled else "This line is planned by the week."
    remedy = "Send what was delivered on each day." if timetabled else "Write the total of the week instead."
    units = f"{given.units.normalize():f}"
    return Found(FindingKind.REJECTED, Code.BY_DAY, given.place, given.column, units, wrong, remedy)


def outside(line: Line, place: Place, column: str, day: date) -> Found:
    """Say that a day, or a week, is not within its line."""
    plan, value = line.plan, f"{day:%d/%m/%Y}"
    if day < plan.start:
        wrong, remedy = f"This line starts on {uk_date(plan.start)}.", ASK_BROKERAGE
    else:
        wrong = f"This line ended on {uk_date(plan.end)}." if plan.end else "This line has ended."
        remedy = ASK_BROKERAGE
    return Found(FindingKind.REJECTED, Code.OUTSIDE_LINE, place, column, value, wrong, remedy)


def _of_problem(given: WeekIn, figures: Sequence[Decimal], problem: Problem) -> Found:
    """Say where in the file a problem of a week stands: at the cell of its day, or of its total."""
    if problem.field == "total":
        units, source = figures[0], given.total or next(iter(given.days.values()), None)
    elif problem.field:
        index = int(problem.field[1:])
        units, source = figures[index], given.days.get(index)
    else:
        units, source = NOTHING, None
    return Found(
        FindingKind.REJECTED,
        problem.code,
        source.place if source else given.places[0],
        source.column if source else "Week total",
        f"{units.normalize():f}",
        problem.wrong,
        problem.remedy or "Correct it in the file.",
    )


def asked_about(given: WeekIn, kept: StoredWeek, wanted: WantedWeek, *, same_figures: bool) -> Iterator[Found]:
    """Yield why a week is not written unless somebody ticks it."""
    is_older = given.version is not None and given.version != kept.version
    if not kept.is_money and not is_older and not given.typed_over:
        return
    where = f"{given.line.name}, week of {uk_date(given.week)}"
    there, here = kept.delivered, wanted.total
    both = f"({there:.2f} there, {here:.2f} in the file)" if there != here else _by_day(given, kept, wanted.figures)
    if kept.is_money:
        yield Found(
            FindingKind.LOCKED, Code.LOCKED, given.places[0], "", "",
            f"{where}, is on an invoice {both}.", "correct the invoiced week", *given.key,
        )  # fmt: skip
    elif given.typed_over:
        yield Found(
            FindingKind.CONFLICT, Code.CONFLICT, given.places[0], "Delivered units", "",
            f"{where}: {given.typed_over} {both}.", "use the file", *given.key,
        )  # fmt: skip
    else:
        yield Found(
            FindingKind.CONFLICT, Code.CONFLICT, given.places[0], "", "",
            f"{where}, was changed in the portal after you downloaded the file {both}.", "use the file", *given.key,
        )  # fmt: skip


def _by_day(given: WeekIn, kept: StoredWeek, figures: tuple[Decimal, ...]) -> str:
    """Say in which days two weeks of the same total differ."""
    if given.is_weekly or figures == kept.days:
        return "(another reason or comment in the file)"
    pairs = zip(DAY_NAMES, kept.days, figures, strict=True)
    words = [f"{name} {there:.2f} there, {here:.2f} in the file" for name, there, here in pairs if there != here]
    return f"({'; '.join(words)})"


def over_level(given: WeekIn, in_force: LevelInForce, planned: Decimal, payable: Decimal) -> Found | None:
    payable += given.aborted_payable
    if not is_over(planned, payable, in_force.level, given.absent):
        return None
    above, unit = payable - left_of(planned, given.absent), given.line.plan.unit
    allowed = allowance(planned, in_force.level)
    beside = f" with {given.absent:.2f} claimed for an absence" if given.absent else ""
    return Found(
        FindingKind.WARNING, Code.OVER_LEVEL, given.places[0], "", "",
        f"{given.line.name}, week of {uk_date(given.week)}: {above:.2f} {unit_words(unit, above)} over plan{beside},"
        f" allowance {allowed:.2f}. The week will be held.", "", *given.key,
    )  # fmt: skip
