"""What each tick about single visits of a file would do to its weeks, worked out before anybody ticks it.

The visits are settled again as if all boxes of a question were ticked. Questions that share no week are tried together:
so as many times as one week is asked about, not as often as the file asks; and many rows about one week are one
question (choices.py).
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from files.actuals.layouts import VisitRow
from rules.money import NOTHING
from rules.words import counted, plural
from workflows.uploads.finding import Place
from workflows.uploads.gather import Gathered
from workflows.uploads.kept.changes import FileChange, choice_key, rows_in_words
from workflows.uploads.own_lines import OwnLines
from workflows.uploads.visits.choices import AskedChoice, VisitChoices
from workflows.uploads.visits.days import roll_up
from workflows.uploads.weigh import weigh_weeks
from workflows.weeks.entry import calendar_now
from workflows.weeks.line_week import WeekKey

# A file is settled again at most so many times, for each takes as long as its check: no week of care has more to ask.
MOST_TURNS = 50
UNTOLD = "{} of this file {} no figures: so many are about one week that what each tick does is not worked out."


def foretell_ticks(
    rows: Sequence[VisitRow], lines: OwnLines, choices: VisitChoices, plain: Sequence[FileChange]
) -> tuple[list[FileChange], list[str]]:
    """Return what each open question would change, all of it ticked, beside what goes in without (`plain`).

    Then a notice where there are too many about one week for all of them.
    """
    without = {(each.line_id, each.week): each for each in plain if not each.asked}
    found: list[FileChange] = []
    left = len(choices.asked)
    for together in islice(_turns(choices.asked), MOST_TURNS):
        ticked = _ticked_changes(rows, lines, together)
        left -= len(together)
        for choice, asked in together.items():
            for key in sorted(asked.weeks):
                if change := _with_tick(ticked.get(key), without.get(key), choice, [*asked.rows.values()]):
                    found.append(change)
    return found, [UNTOLD.format(counted(left, "question"), plural(left, "has", "have"))] if left else []


def _turns(asked: Mapping[str, AskedChoice]) -> Iterator[dict[str, AskedChoice]]:
    """Yield choices that can be tried together, for none of them is about a week of another."""
    left = dict(asked)
    while left:
        taken: set[WeekKey] = set()
        together: dict[str, AskedChoice] = {}
        for choice, each in left.items():
            if taken.isdisjoint(each.weeks):
                taken |= each.weeks
                together[choice] = each
        left = {choice: each for choice, each in left.items() if choice not in together}
        yield together


def _ticked_changes(
    rows: Sequence[VisitRow], lines: OwnLines, together: Mapping[str, AskedChoice]
) -> dict[WeekKey, FileChange]:
    """Return what the weeks of some choices come to where all of these are ticked."""
    wanted = {key for each in together.values() for key in each.weeks}
    gathered = Gathered()
    ticks = {tick for each in together.values() for tick in each.rows}
    rolled = roll_up(rows, lines, gathered, calendar_now(), ticks)
    gathered.weeks = {key: week for key, week in gathered.weeks.items() if key in wanted}
    aborted = [each for each in rolled.aborted if each[0].week in wanted]
    changes = weigh_weeks(aborted, gathered).changes()
    return {(each.line_id, each.week): each for each in changes}


def _with_tick(
    ticked: FileChange | None, without: FileChange | None, choice: str, places: Sequence[Place]
) -> FileChange | None:
    """Return a week with a tick beside itself without; nothing where the tick leaves it as it is stored."""
    if ticked is None:
        if without is None:
            return None
        # With the tick the week is as it is stored.
        ticked = without._replace(after=without.before or NOTHING, pounds_after=without.pounds_before, over=NOTHING)
    if without is not None:
        ticked = ticked._replace(before=without.after, pounds_before=without.pounds_after)
    return ticked._replace(asked=True, rows=rows_in_words(places), choice=choice_key(choice))
