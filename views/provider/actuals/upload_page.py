"""The page of a checked file, in words: what changes week by week, what is asked, and what stays out or is skipped."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final, NamedTuple

from flask import render_template, request, url_for

from models import Upload
from rules.money import NOTHING, pounds, signed_pounds
from rules.number import whole_number
from rules.period import DAY, date_range, uk_date
from rules.plan import unit_words
from rules.problem_codes import Code
from rules.upload_states import UploadState
from rules.words import counted
from views.page.file_transfer import MOST_SHOWN
from views.page.format import units
from views.page.paging import LAST
from workflows.uploads.results import read
from workflows.uploads.results.listed import WarnedOf, listed_of
from workflows.weeks.line_week import Line

BUSY: Final = (UploadState.WAITING, UploadState.CHECKING, UploadState.APPLYING)
# What warnings and skipped rows are about, by their code: of one, and of many.
ABOUT: Final = {
    Code.OVER_LEVEL: (
        "week over its exception level: held until Service Brokerage decides",
        "weeks over their exception level: held until Service Brokerage decides",
    ),
    Code.REASON_NEEDED: (
        "week that differs from its plan without a reason: a draft until it has one",
        "weeks that differ from their plan without a reason: drafts until they have one",
    ),
    Code.TWO_REASONS: ("week with two reasons: the first is stored", "weeks with two reasons: the first is stored"),
    Code.NOT_IN_FILE: (
        "notice of visits that are in the portal and not in this file: they stay",
        "notices of visits that are in the portal and not in this file: they stay",
    ),
    Code.NUMBERED_ANEW: ("notice that this file renumbers its visits", "notices that this file renumbers its visits"),
    Code.DUPLICATE_ROW: ("row repeats another row exactly", "rows repeat another row exactly"),
    Code.SENT_BEFORE: (
        "visit is in the portal already under another reference",
        "visits are in the portal already under another reference",
    ),
    Code.NO_QUANTITY: ("row has no quantity", "rows have no quantity"),
    Code.BLANK_ROW: ("row is empty", "rows are empty"),
    Code.TOTALS_ROW: ("row is a total of others", "rows are totals of others"),
    Code.HEADINGS_AGAIN: ("row is the headings again", "rows are the headings again"),
}
ELSE: Final = ("other warning", "other warnings")
# A question about more weeks than these says what they come to together.
MOST_WEEKS: Final = 4
# More questions than these can be ticked all at once.
FEW_QUESTIONS: Final = 3
# What a question is headed with, by its code; another is headed with what is wrong.
ASKS: Final = {
    Code.CONFLICT: "The portal says something else",
    Code.LOCKED: "This week is on an invoice",
    Code.SPREAD_OFFER: "A week’s total for a line filled by day",
    Code.OVERLAP: "Two visits at once",
    Code.NUMBERED_ANEW: "This file seems to renumber its visits",
}


# What one about a visit is headed with, by its code and what of it differs from the portal, or from another visit.
ASKS_OF_VISIT: Final[Mapping[tuple[str, str], str]] = {
    (Code.CONFLICT, "Planned start"): "Visit {} has moved to another day",
    (Code.CONFLICT, "CPLI"): "Visit {} has moved to another line",
    (Code.CONFLICT, "Delivered units"): "Somebody typed over this day after visits came for it",
    (Code.OVERLAP, "Carer ID"): "Carer {} is in two places at once",
}
# What a question about many rows is headed with, and what its tick says.
ASKS_MANY: Final = {
    Code.CONFLICT: "{} visits stand elsewhere in the portal",
    Code.OVERLAP: "{} visits at the same time as others",
}
TICKS_MANY: Final = {Code.CONFLICT: "Tick all {}: move these visits", Code.OVERLAP: "Tick all {}: count these visits"}


class PartShown(NamedTuple):
    """Which part of a long page is shown: a week opened at a page of its lines, and a page of the questions."""

    week: date | None = None
    page: int = 1
    questions: int = 1

    @classmethod
    def read(cls, text: str) -> "PartShown":
        """Return what an address or a button asks for, such as "2017-10-16.2.1"; the first of all where it is none."""
        week, *numbers = [*text.split(".")[:3], "", ""][:3]
        page, questions = (whole_number(each) or 1 for each in numbers)
        try:
            opened = date.fromisoformat(week) if week else None
        except ValueError:
            opened = None
        return cls(opened, min(max(page, 1), LAST), min(max(questions, 1), LAST))

    def __str__(self) -> str:
        return f"{self.week or ''}.{self.page}.{self.questions}"


def check_page(kept: Upload) -> str:
    """Return the page of a file: how far its check is, what it found, or what became of it."""
    shown = PartShown.read(request.args.get("show", ""))
    found: dict[str, Any] = {}
    if kept.state in (UploadState.CHECKED, UploadState.DONE):
        found = _found(kept, shown)
    return render_template(
        "provider/actuals_upload_check.html", kept=kept, counts=kept.counts, busy=kept.state in BUSY, at=shown, **found
    )


def _found(kept: Upload, shown: PartShown) -> dict[str, Any]:
    checked = read.check_of(kept, shown.week, shown.page, shown.questions)
    asked_at = read.asked_by_key(checked.questions.rows)
    listed = listed_of(kept.id, MOST_SHOWN)
    return {
        "changes": checked.changes,
        "lines": checked.lines,
        "questions": checked.questions,
        "rejected": listed.rejected,
        "rejected_count": listed.rejected_count,
        "skipped": [each for each in listed.warned if each.skipped],
        "warned": [each for each in listed.warned if not each.skipped],
        "about": about,
        "asks": asks,
        "ticks": ticks,
        "signed": signed,
        "tick_words": tick_words,
        "unit_of": unit_of,
        "week_span": lambda week: date_range(week, week + 6 * DAY),
        "ticked": set(kept.ticked),
        "boxes": checked.boxes,
        "ticked_count": checked.ticked,
        "ticked_by": lambda each: not each.choice and (each.line_id, each.week) in checked.ticked_weeks,
        "asked_by": lambda each: asked_at.get(each.choice or (each.line_id, each.week)),
        "most_weeks": MOST_WEEKS,
        "few_questions": FEW_QUESTIONS,
        "moved_to": lambda **to: str(shown._replace(**to)),
    }


def about(warned: WarnedOf) -> str:
    """Say how many rows have a warning, and which."""
    one, many = next((words for code, words in ABOUT.items() if code == warned.code), ELSE)
    return counted(warned.count, one, many)


def asks(question: read.Question) -> str:
    """Return the heading of a question."""
    finding = question.finding
    if question.total > 1:
        return _of_many(question, ASKS_MANY)
    if words := ASKS_OF_VISIT.get((finding.code, finding.column)):
        return words.format(finding.value)
    return next((words for code, words in ASKS.items() if code == finding.code), finding.wrong)


def ticks(question: read.Question) -> str:
    """Return what stands beside the box of a question."""
    if question.total > 1:
        return _of_many(question, TICKS_MANY)
    remedy: str = question.finding.remedy
    return f"{remedy[:1].upper()}{remedy[1:]}"


def _of_many(question: read.Question, words: Mapping[Code, str]) -> str:
    return words[Code(question.finding.code)].format(f"{question.total:,}")


def unit_of(line: Line | None, quantity: Decimal) -> str:
    """Return the word after a quantity of a line, such as "hours"; nothing where the line is not shown."""
    return unit_words(line.plan.unit, quantity) if line else ""


def signed(amount: Decimal | None) -> str:
    """Return a difference with its sign: +£9.84, −£34.44, £0.00; a dash where it is not known."""
    if amount is None:
        return "–"
    return signed_pounds(amount)


def tick_words(question: read.Question) -> str:
    """Say what a tick does to the weeks it is about, in units and pounds; of many weeks their sum."""
    weeks = question.weeks
    if not weeks:
        return ""
    if len(weeks) <= MOST_WEEKS:
        return " ".join(_tick_does(each) for each in weeks)
    known = [each.change.difference for each in weeks if each.change.difference is not None]
    lines = {each.change.line_id for each in weeks}
    return (
        f"{counted(len(lines), 'line changes', 'lines change')} in {counted(len(weeks), 'week')}, together by"
        f" {signed(sum(known, NOTHING))}. Each stands above, in its week."
    )


def _tick_does(asked: read.AskedWeek) -> str:
    change, line = asked.change, asked.line
    if line is None:
        return ""
    more = change.after - (change.before or NOTHING)
    week = f"in the week of {uk_date(change.week)}"
    difference = change.difference
    amount = "price not known yet" if difference is None else pounds(abs(difference))
    if not more:
        return f"{line.reference} keeps its {unit_words(line.plan.unit, NOTHING)} {week} ({signed(difference)})."
    verb, size = ("gains", more) if more > 0 else ("loses", -more)
    return f"{line.reference} {verb} {units(size)} {unit_words(line.plan.unit, size)} ({amount}) {week}."


def asked_place(kept: Upload, to: str, question: int | None = None) -> str:
    """Return the address of another part of the page of a file; or of the part it shows, at a question of it."""
    shown = PartShown.read(to)
    anchor = f"week-{shown.week}" if shown.week else "decide"
    if question:
        anchor = f"ask-{question}"
    return url_for("ActualsUploadView.show", upload_id=kept.id, show=str(shown), _anchor=anchor)
