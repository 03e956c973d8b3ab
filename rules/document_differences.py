"""What one version of a contract document says otherwise than another, in words and dates (rules.md 11)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from rules.document_content import ONE, DocumentContent, LineContent, PlanContent
from rules.money import NOTHING, short_rate
from rules.period import DAY, WEEKDAYS, uk_date
from rules.plan import unit_words, week_in_words
from rules.states import PlanKind
from rules.timeline import TimelineSpan, unlike

DOCUMENT = "Document"


@dataclass(frozen=True)
class Difference:
    """One thing that two versions say differently: `about` the document or a line, `what` of it, as pages show it.

    `what` is empty where a whole line came or went; `old` or `new` is empty where one of them has no such thing. A
    plan or a rate differs from `since` until `until`, both inclusive, open where that is None; the rest has neither.
    """

    about: str
    what: str
    old: str
    new: str
    since: date | None = None
    until: date | None = None

    @property
    def words(self) -> str:
        """The difference in words: "Line 48213: Wednesday 1.00 hour instead of 0.75 hours from 9 November 2026"."""
        if not self.what:
            return f"{self.about} is new: {self.new}" if self.new else f"{self.about} is no longer in the document"
        if not self.new:
            return f"{self.about}: {self.what} no longer {self.old}{self._dates}"
        instead = f" instead of {self.old}" if self.old else ""
        return f"{self.about}: {self.what} {self.new}{instead}{self._dates}"

    @property
    def _dates(self) -> str:
        since = f" from {uk_date(self.since)}" if self.since else ""
        return f"{since} to {uk_date(self.until)}" if self.until else since


def differences(old: DocumentContent, new: DocumentContent) -> list[Difference]:
    """Return what a version says otherwise than an earlier one: of the document, then line by line, by reference.

    Number and day of publishing, which always differ, are left out.
    """
    found = list(_fields(DOCUMENT, old.facts, new.facts))
    before, after = ({line.reference: line for line in content.lines} for content in (old, new))
    for reference in sorted({*before, *after}):
        found += _line_differences(f"Line {reference}", before.get(reference), after.get(reference))
    return found


def _line_differences(about: str, old: LineContent | None, new: LineContent | None) -> Iterator[Difference]:
    if old is None or new is None:
        yield Difference(about, "", _line_words(old), _line_words(new))
        return
    yield from _fields(about, old.facts, new.facts)
    if old.plan_kind is new.plan_kind is PlanKind.TIMETABLED:
        for day, name in enumerate(WEEKDAYS):
            yield from _over_time(about, name, _plan_spans(old, day), _plan_spans(new, day))
    else:
        yield from _over_time(about, "Plan", _plan_spans(old), _plan_spans(new))
    yield from _over_time(about, "Rate", _rate_spans(old), _rate_spans(new))


def _fields(about: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Difference]:
    for what in {**old, **new}:
        before, after = old.get(what, ""), new.get(what, "")
        if before != after:
            yield Difference(about, what, before, after)


def _line_words(line: LineContent | None) -> str:
    """Return a line in a few words, nothing of no line."""
    if line is None:
        return ""
    plan = _plan_spans(line)[-1].shown if line.plans else "nothing planned"
    rate = f" at {_rate_spans(line)[-1].shown}" if line.rates else ""
    return f"{line.element}, {plan}{rate}"


def _plan_spans(line: LineContent, day: int | None = None) -> list[TimelineSpan]:
    """Return what is planned on a day of the week over time, or in a whole week where none is named.

    Before the first plan there is no care, so the first one is taken to have stood always.
    """
    starts = [date.min, *(plan.start for plan in line.plans[1:])]
    ends = [*(start - DAY for start in starts[1:]), None]
    return [
        TimelineSpan(start, end, _plan_words(line, plan, day))
        for start, end, plan in zip(starts, ends, line.plans, strict=False)
    ]


def _plan_words(line: LineContent, plan: PlanContent, day: int | None) -> str:
    if day is not None:
        return f"{plan.days[day]:.2f} {unit_words(line.unit, plan.days[day])}"
    week = plan.weekly if line.plan_kind is PlanKind.WEEKLY else sum(plan.days, NOTHING)
    return week_in_words(line.unit, week)


def _rate_spans(line: LineContent) -> list[TimelineSpan]:
    unit = unit_words(line.unit, ONE)
    return [TimelineSpan(rate.start, rate.end, f"{short_rate(rate.rate)} per {unit}") for rate in line.rates]


def _over_time(about: str, what: str, old: list[TimelineSpan], new: list[TimelineSpan]) -> Iterator[Difference]:
    for start, until, before, after in unlike(old, new):
        yield Difference(about, what, before, after, start if start > date.min else None, until)
