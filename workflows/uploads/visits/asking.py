"""What is asked about single visits of a file: those that move, those that overlap, and a file that numbers anew."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import cached_property

from models import LineItem
from rules.open_days import last_day_in
from rules.period import monday_of, short_date
from rules.problem_codes import Code
from rules.upload_states import FindingKind
from rules.visit import Outcome
from rules.visit_identity import Recognised
from rules.visit_overlap import Stay, at_two_places
from rules.words import counted
from workflows.uploads.finding import Found
from workflows.uploads.gather import Gathered
from workflows.uploads.own_lines import why_closed
from workflows.uploads.visits.choices import VisitChoices
from workflows.uploads.visits.sent import SentVisit
from workflows.weeks.line_week import LevelCheck, Line, StoredWeek, WeekKey, days_beside, is_closed
from workflows.weeks.read import read_lines, read_stored
from workflows.weeks.sent_visits import KnownVisit
from workflows.weeks.typed_over import typed_over

# Said before the tick is: moving visits that are new ones would lose them.
KEEP_REFERENCES = (
    "Best: ask your software supplier to keep a visit’s reference the same in every export, then send the file again."
)
Move = tuple[SentVisit, KnownVisit]


class Asking:
    """Asks about the visits of a file, saying what stands behind each tick: a week on an invoice, a day typed over."""

    def __init__(
        self, sent: Sequence[SentVisit], moves: Sequence[Move], lines: dict[int, Line], gathered: Gathered,
        choices: VisitChoices,
    ) -> None:  # fmt: skip
        self._sent, self._moves, self._lines = sent, moves, lines
        self._gathered, self._choices = gathered, choices

    @cached_property
    def weeks(self) -> dict[WeekKey, StoredWeek]:
        """What is stored of the weeks of the file, and of those that a visit would leave; read once, when asked for."""
        return {key: week for key, (week, _) in self._stored.items()}

    @cached_property
    def _stored(self) -> dict[WeekKey, tuple[StoredWeek, LevelCheck | None]]:
        lines = {each.line.id for each in self._sent} | {before.line_item_id for _, before in self._moves}
        mondays = {monday_of(each.day) for each in self._sent} | {monday_of(before.day) for _, before in self._moves}
        return read_stored(lines, mondays)

    @cached_property
    def _others(self) -> dict[int, Line]:
        """The lines, none of which takes actuals, on which visits are stored that move."""
        ids = {before.line_item_id for _, before in self._moves} - self._lines.keys()
        return read_lines(LineItem.id.in_(ids))

    @cached_property
    def _typed(self) -> dict[tuple[int, date], str]:
        lines = {each.line.id for each in self._sent} | {before.line_item_id for _, before in self._moves}
        return {key: each.who for key, each in typed_over(lines).items()}

    def about_move(self, visit: SentVisit, before: KnownVisit) -> bool:
        """Ask whether a visit left the place where it is stored; without a tick it stays there."""
        old = self._lines[before.line_item_id]
        there, here = _moment(before.begins), _moment(visit.begins)
        if old.id == visit.line.id:
            wrong = f"{visit.row.ref}, {old.name}, is on {there} in the portal and on {here} in the file."
        else:
            wrong = (
                f"{visit.row.ref} is on {old.name}, {there}, in the portal and on {visit.line.name}, {here}, in the"
                " file."
            )
        wrong += self._consequences([(old, before.day), (visit.line, visit.day)])
        differs = "Planned start" if old.id == visit.line.id else "CPLI"
        asked = _asked(Code.CONFLICT, visit, differs, wrong, "move the visit")
        weeks = {(old.id, monday_of(before.day)), _week(visit)}
        return self._choices.ask_row(asked, weeks, self._gathered)

    def about_overlap(self, visit: SentVisit, stay: Stay, other: Stay) -> bool:
        """Ask whether a visit counts though it cannot have been beside another; without a tick it stays out."""
        two_places = at_two_places(stay, other)
        if two_places:
            why = f"one carer, {stay.carer}, would be in two places at once"
        else:
            why = "the line would be visited twice at once, with no second carer named"
        wrong = f"{visit.line.name}, {short_date(visit.day)}: {self._stay(stay)} overlaps {self._stay(other)}: {why}."
        wrong += self._consequences([(visit.line, visit.day)])
        asked = _asked(Code.OVERLAP, visit, "Actual start", wrong, "count the second visit as well")
        if two_places:
            asked = asked._replace(column="Carer ID", value=stay.carer[:60])
        return self._choices.ask_row(asked, {_week(visit)}, self._gathered)

    def about_numbers(self, found: Recognised) -> bool:
        """Say once that a file numbers its rows anew; where visits could have moved, ask whether they are the same."""
        wrong = (
            f"{found.moving} of the {counted(found.known, 'reference')} that the portal knows stand for other visits in"
            " this file: it renumbers its rows. Its visits are known by line, planned start and carer alone."
        )
        first = self._moves[0][0] if self._moves else self._sent[0]
        if not self._moves:
            self._gathered.warn(Code.NUMBERED_ANEW, first.place, wrong)
            return False
        weeks = {_week(visit) for visit, _ in self._moves}
        weeks |= {(before.line_item_id, monday_of(before.day)) for _, before in self._moves}
        if on_invoice := sum(each.is_money for key, each in self.weeks.items() if key in weeks):
            wrong += f" If they are the same, {counted(on_invoice, 'week')} on an invoice would be corrected."
        wrong += f" {KEEP_REFERENCES}"
        same = f"these are the same visits: move all {len(self._moves):,}"
        asked = _asked(Code.NUMBERED_ANEW, first, "Visit ref", wrong, same)
        return self._choices.ask(asked, weeks, self._gathered, [visit.place for visit, _ in self._moves])

    def out_of_reach(self, visit: SentVisit, before: KnownVisit) -> bool:
        """Reject a visit that would leave a week in which nothing can be changed any more; whether it was."""
        line, week = self._lines.get(before.line_item_id), monday_of(before.day)
        stored = self._stored.get((before.line_item_id, week), (None, None))
        leaves_units = before.outcome == Outcome.DELIVERED
        if line and (not leaves_units or (last_day_in(line.plan, week) and not is_closed(line, *stored))):
            return False
        if other := line or self._others.get(before.line_item_id):
            where, who = f"{short_date(before.day)} on another line, which {why_closed(other)}", "the Payments Team"
        else:  # of a service that who sends the file may not see
            where, who = "a line of a service that you do not look after", "a colleague whose access is not limited"
        wrong = f"The portal has {visit.row.ref} on {where}."
        remedy = f"Ask {who} to take it off there. If it is another visit, give it a reference of its own."
        row = (visit.place, "Visit ref", visit.row.ref[:60], wrong, remedy)
        self._gathered.reject(Found(FindingKind.REJECTED, Code.CONFLICT, *row))
        return True

    def _stay(self, stay: Stay) -> str:
        return f"{_named(stay.visit, of_many=self._of_many)} ({stay.start:%H:%M} to {stay.end:%H:%M})"

    @cached_property
    def _of_many(self) -> bool:
        return len({each.place.sheet for each in self._sent}) > 1

    def _consequences(self, places: Iterable[tuple[Line, date]]) -> str:
        said = []
        for line, day in places:
            week = monday_of(day)
            stored = self.weeks.get((line.id, week))
            if stored and stored.is_money:
                said.append(f" {line.name}: the week of {short_date(week)} is on an invoice and would be corrected.")
            for noted in {day, days_beside(line, day)[0]}:
                if who := self._typed.get((line.id, noted)):
                    said.append(f" {who} typed over {short_date(day)}: its visits would count instead.")
        return "".join(dict.fromkeys(said))


def _asked(code: Code, visit: SentVisit, column: str, wrong: str, remedy: str) -> Found:
    return Found(FindingKind.CONFLICT, code, visit.place, column, visit.row.ref[:60], wrong, remedy)


def _week(visit: SentVisit) -> WeekKey:
    return visit.line.id, monday_of(visit.day)


def _named(visit: object, *, of_many: bool) -> str:
    """Return how a visit is named beside another: where it stands in the file, of one with several sheets in which."""
    if isinstance(visit, SentVisit):
        return f"{visit.row.ref} in row {visit.place.row}{f' of the sheet {visit.place.sheet}' if of_many else ''}"
    return f"{visit.reference} in the portal" if isinstance(visit, KnownVisit) else ""


def _moment(begins: datetime) -> str:
    return f"{short_date(begins.date())}, {begins:%H:%M}"
