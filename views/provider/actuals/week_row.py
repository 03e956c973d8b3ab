"""A row of the Actuals sheet as HTML, and below it what is asked where the week differs from its plan.

Two hundred lines are fourteen hundred boxes with nine attributes each: put together here, they take a fraction of the
time they take as expressions of a template. Every text passes `_safe`, but for what this module or the rules made up.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from typing import NamedTuple

from markupsafe import Markup, escape

from rules.actual import REASONS
from rules.money import NOTHING
from rules.plan import unit_words
from rules.states import Unit
from rules.text import visible
from views.page.format import pounds, tone, units
from workflows.actuals.sheet_cells import DAY_NAMES, Cell, days_of
from workflows.actuals.sheet_row import NOT_STARTED, SheetRow

FIELD_NAMES = {"total": "week", "reason": "reason", "comment": "comment"} | {
    f"d{index}": name for index, name in enumerate(DAY_NAMES)
}
_SPECIAL = re.compile("[&<>\"']")
HIDDEN = '<span class="govuk-visually-hidden">'
# What stands for the line's id and its person in boxes that are put together once for all lines that look alike.
# Nobody can see or store either.
ANY_LINE, ANYBODY = "\0", "\1"


def rows_html(rows: Iterable[SheetRow], address: str) -> Markup:
    """Return the rows of a sheet; `address` is that of the page, to which the way to a correction is added."""
    page = _safe(address)
    return Markup("\n".join([_line(row, page) + (_more(row) if _asks(row) else "") for row in rows]))


def reason_fields(
    line_id: int, name: str, reason: str = "", comment: str = "", messages: Mapping[str, str] | None = None
) -> Markup:
    """Return the fields for the reason why a line's week differs and the comment; `name` is how messages name it."""
    found, of = messages or {}, f"{HIDDEN}, {_safe(name)}</span></span>"
    wrong = {field: _described(field, line_id) if found.get(field) else "" for field in ("reason", "comment")}
    return Markup(
        f'<label class="more__reason"><span>Why it differs{of}\n'
        f'<select class="govuk-select" id="reason-{line_id}" name="reason-{line_id}"{wrong["reason"]}>'
        f"{_options(reason if reason in REASONS else '')}</select></label>\n"
        f'<label class="more__comment"><span>Comment{of}\n'
        f'<input class="govuk-input" id="comment-{line_id}" name="comment-{line_id}" value="{_safe(visible(comment))}"'
        f"{wrong['comment']}></label>"
    )


def _safe(text: str) -> str:
    """Return a text as HTML. Few have anything to escape, and to look is quicker."""
    return str(escape(text)) if _SPECIAL.search(text) else text


def _line(row: SheetRow, address: str) -> str:
    id_, person = row.line_id, _safe(row.person)
    name = f"{person} {_safe(row.reference)}"
    before = "" if row.before is None else f' data-before="{row.before}"'
    cells, forms = _cells(row, str(id_), person)
    return (
        f'<tr class="line{" held" if row.held else ""}" id="line-{id_}" data-line="{id_}" data-name="{name}"'
        f' data-unit="{row.unit.value}" data-planned="{row.planned}" data-allowance="{row.allowance}"'
        f' data-aborted="{row.aborted}" data-aborted-payable="{row.aborted_payable}"{before}>\n'
        f'<th scope="row">{_heading(row, person)}</th>\n{cells}\n'
        f'<td class="sum"><b data-week>{units(row.delivered)}</b><small>of {units(row.planned)}</small></td>\n'
        f'<td class="sum"><b data-pounds>{pounds(row.amount)}</b></td>\n'
        f'<td class="words" data-state>{_state(row, name)}\n<small class="level" data-level hidden></small>\n'
        f"{_ways(row, name, forms, address)}</td>\n</tr>"
    )


def _heading(row: SheetRow, person: str) -> str:
    """Return whose line it is, and what the form has to remember of it."""
    seen = f'<input type="hidden" name="v-{row.line_id}" value="{row.seen}">' if row.editable else ""
    correcting = f'<input type="hidden" name="c-{row.line_id}" value="1">' if row.correcting else ""
    return (
        f"<b>{person} <span>{_safe(row.person_reference)}</span></b>"
        f"<small>CPLI {_safe(row.reference)} · {_safe(row.element)} · {row.rate}</small>{seen}{correcting}"
    )


class Days(NamedTuple):
    """What a row shows of its days: the cells, and the links to what else can be entered for them."""

    cells: str
    forms: str


def _cells(row: SheetRow, line: str, person: str) -> Days:
    """Return the cells Monday to Sunday: boxes where the row is editable, figures where not, closed stretches."""
    look = (row.editable, row.unit if row.weekly else None, row.week)
    if row.messages:
        # What was typed and refused is like nothing else.
        return _days(tuple(row.cells), *look, line, person)
    cells, forms = _alike(tuple(row.cells), *look)
    return Days(cells.replace(ANY_LINE, line).replace(ANYBODY, person), forms.replace(ANY_LINE, line))


@lru_cache(maxsize=1024)
def _alike(cells: tuple[Cell, ...], editable: bool, weekly: Unit | None, week: date) -> Days:
    """Return the days of nobody in particular: most lines of a week have a plan that others have too."""
    return _days(cells, editable, weekly, week, ANY_LINE, ANYBODY)


def _days(cells: tuple[Cell, ...], editable: bool, weekly: Unit | None, week: date, line: str, person: str) -> Days:
    cell_html, opening = _box if editable else _figure, _opening(weekly)
    parts = [
        f'<td class="off" colspan="{cell.span}"><small>{cell.closed}</small></td>'
        if cell.closed
        else f"{opening}{cell_html(cell, line, person)}{_marks(cell, week, line)}</td>"
        for cell in cells
    ]
    return Days("".join(parts), _form_links(week, {cell.day for cell in cells}, line) if editable else "")


def _opening(weekly: Unit | None) -> str:
    if weekly is None:
        return "<td>"
    words = f"{unit_words(weekly, NOTHING)} in the week"
    return f'<td colspan="7" class="total"><span class="total__label" aria-hidden="true">{words}</span> '


def _box(cell: Cell, line: str, person: str) -> str:
    name = f"{cell.field}-{line}"
    more = f' data-rate="{cell.rate}"' if cell.rate else ""
    if cell.changed:
        more += ' class="diff"'
    if cell.aborted:
        more += f' data-aborted-payable="{cell.aborted_payable}"'
    if cell.problem:
        more += f' aria-invalid="true" aria-describedby="{name}-error"'
    return (
        f'<input id="{name}" name="{name}" value="{_safe(cell.value)}" aria-label="{person} {cell.words}"'
        f' inputmode="decimal" data-plan="{cell.planned}"{more}>{_of_plan(cell)}'
    )


def _figure(cell: Cell, _line: str, _person: str) -> str:
    tint = " diff" if cell.changed else ""
    return f'<span class="figure{tint}">{cell.value or "–"}</span>{_of_plan(cell)}'


def _of_plan(cell: Cell) -> str:
    return f"<small>of {cell.planned}</small>" if cell.planned else ""


def _marks(cell: Cell, week: date, line: str) -> str:
    """Return what stands under a figure and its plan: aborted visits, an absence, what a colleague saved meanwhile."""
    marks = ""
    if cell.aborted:
        visits = f"{cell.aborted} aborted {'visit' if cell.aborted == 1 else 'visits'}"
        marks = f'<a class="mark" href="/actuals/aborted-visits?week={week}&amp;line={line}">{visits}</a>'
    if cell.claim_id:
        marks += f'<a class="mark" href="/absence-claims/{cell.claim_id}">absence</a>'
    if cell.theirs:
        marks += f'<span class="mark">now {cell.theirs}</span>'
    return marks


def _state(row: SheetRow, name: str) -> str:
    """Return how far the week is, and what keeps it."""
    if row.held:
        return (
            f'<span class="tag bad kept">Over level</span><small class="kept">{units(row.over)} over,'
            f' allowance {units(row.allowance)}</small><small class="kept">{row.state}, <a class="govuk-link"'
            f' href="#held-{row.line_id}">why it is held{HIDDEN}, {name}</span></a></small>'
        )
    if row.state == NOT_STARTED:
        return _tag(NOT_STARTED, "warn")
    if row.decision:
        return f"{_tag(row.state)}<small>{row.decision}</small>"
    if row.editable and (left := row.left) is not None:
        return f'{_tag(row.state)}<small class="kept">{units(left)} left before Service Brokerage is asked</small>'
    return _tag(row.state)


@cache
def _tag(state: str, tint: str = "") -> str:
    return f'<span class="tag {tint or tone(state)}">{state}</span>'


def _ways(row: SheetRow, name: str, forms: str, address: str) -> str:
    """Return where one can go from a line: to its correction, its aborted visits, its history."""
    id_, ways = row.line_id, ""
    started = row.state != NOT_STARTED
    if row.correctable and not row.correcting:
        href = f"{address}&amp;correct={id_}#line-{id_}"
        ways = f'<a class="correct" href="{href}">Correct this week{HIDDEN}, {name}</span></a>\n'
    if not row.editable and not started:
        return ways
    forms = "" if row.correcting else forms
    history = f"/actuals/history?line={id_}&amp;week={row.week}"
    past = f'<p><a href="{history}">History of this week</a></p>' if started else ""
    return f'{ways}<details class="row-more"><summary>More{HIDDEN}, {name}</span></summary>{forms}{past}</details>'


def _form_links(week: date, open_days: Collection[date | None], line: str) -> str:
    """Return links to the forms of an aborted visit and an absence, for each open day; a weekly line has one each."""
    visit, absence = f"/actuals/aborted-visit?line={line}", f"/absence-claims/new?line={line}"
    named = [(day, words) for day, words in days_of(week) if day in open_days]
    if not named:
        return f'<p><a href="{visit}">Aborted visit</a></p><p><a href="{absence}&amp;first={week}">Absence</a></p>'
    visits = [f'<a href="{visit}&amp;date={day}">{words}</a>' for day, words in named]
    absences = [f'<a href="{absence}&amp;first={day}">{words}</a>' for day, words in named]
    return (
        f"<p><span>Aborted visit on</span> {' '.join(visits)}</p><p><span>Absence from</span> {' '.join(absences)}</p>"
    )


def _asks(row: SheetRow) -> bool:
    """Say whether something stands below a line: what is asked about it, or what was said."""
    asked = row.editable and (row.differs or row.reason or row.comment or row.messages)
    return bool(row.correcting or asked or row.reason)


def _more(row: SheetRow) -> str:
    """Return the row below a line: what has to be put right, what a correction comes to, the reason and the comment."""
    parts = [_message(row.line_id, field, message) for field, message in row.messages.items()]
    if row.before is not None:
        parts.append(f'<p class="more__said" data-difference>{_difference(row.before, row.amount)}</p>')
    if row.editable:
        parts.append(reason_fields(row.line_id, row.name, row.reason, row.comment, row.messages))
    else:
        comment = f": {_safe(row.comment)}" if row.comment else ""
        parts.append(f'<p class="more__said">{_safe(REASONS.get(row.reason, row.reason))}{comment}</p>')
    held = " held" if row.held else ""
    return (
        f'\n<tr class="more{held}" data-more="{row.line_id}"><td colspan="11"><div class="more__in">\n'
        + "\n".join(parts)
        + "\n</div></td></tr>"
    )


def _message(line_id: int, field: str, message: str) -> str:
    day = f"{FIELD_NAMES[field]}: " if field.startswith("d") and field in FIELD_NAMES else ""
    return (
        f'<p class="govuk-error-message" id="{field or "line"}-{line_id}-error">{HIDDEN}Error:</span>'
        f" {day}{_safe(message)}</p>"
    )


def _difference(before: Decimal, amount: Decimal | None) -> str:
    """Return in words what a correction comes to (pounds)."""
    now = ""
    if amount is not None and amount != before:
        direction = "more" if amount > before else "less"
        now = f", now {pounds(amount)}: <b>{pounds(abs(amount - before))} {direction}</b>"
    return f"Before the correction {pounds(before)}{now}."


def _described(field: str, line_id: int) -> str:
    return f' aria-invalid="true" aria-describedby="{field}-{line_id}-error"'


@cache
def _options(reason: str) -> str:
    """Return the reasons to choose from, one of them chosen; of a handful, each is put together once."""
    chosen = {reason: " selected"}
    reasons = (
        f'<option value="{code}"{chosen.get(code, "")}>{_safe(words)}</option>' for code, words in REASONS.items()
    )
    return f'<option value="">Choose a reason</option>{"".join(reasons)}'
