"""Uplifts: many lines get a new rate from a day on, proposed by one officer and confirmed by another (rules.md 14).

Which lines those are is worked out anew at each step; what was seen and what is done are known to be the same by a
digest of every line with its rate before and after.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import select

from models import Element, PortalUser, Proposal, Rate, db
from rules.agreement_states import ProposalKind
from rules.money import NOTHING, signed_pounds
from rules.period import uk_date
from rules.plan import unit_words
from rules.problem_codes import Code
from rules.refusal import Problem, Refused
from rules.states import Unit, label
from rules.unusual import Unusual, unusual_rates
from rules.uplift import Uplift, problems_of_uplift
from rules.words import counted
from workflows.absences.corrections import correct_claims
from workflows.agreements import uplift_sql as sql
from workflows.agreements.mass_publication import publish_many, run
from workflows.clock import today
from workflows.contracts.publication import median_rates
from workflows.proposals import steps

NO_LINES: Final = Problem(
    Code.NOT_FOUND, "This changes no line.", "Check which lines you mean, and whether they have this rate already."
)
CHANGED: Final = Problem(
    Code.CHANGED_MEANWHILE,
    "Lines or rates changed after this was looked at.",
    "Look at it again, then send it.",
)
WEEKS_A_YEAR: Final = 52
# What a row of what is seen is about, beside the two measures of outliers.
TOTAL: Final = "total"


@dataclass(frozen=True)
class UpliftTotal:
    """What an uplift does to the lines of one element and unit: how many change and stay, pounds a week, outliers."""

    element: str
    unit: Unit
    changed: int
    stay: int
    before: Decimal
    after: Decimal
    outliers: int


@dataclass(frozen=True)
class UpliftPreview:
    """What an uplift would do: totals by element, the weeks entered already, and what has to be looked at.

    `open_weeks` are on no invoice yet and are paid at the new rate, about `more` pounds dearer: of a week that the day
    splits, aborted visits are not looked at. The difference of `invoiced_weeks` is on the next invoice.
    """

    uplifts: Sequence[Uplift]
    totals: list[UpliftTotal]
    open_weeks: int
    invoiced_weeks: int
    more: Decimal
    unusual: list[Unusual]
    digest: str
    medians: dict[int, Decimal]

    @property
    def changed(self) -> int:
        """How many lines get another rate."""
        return sum(each.changed for each in self.totals)

    @property
    def stay(self) -> int:
        """How many of the lines that are covered keep their rate."""
        return sum(each.stay for each in self.totals)

    @property
    def before(self) -> Decimal:
        """What a whole week of the lines that change costs now, in pounds."""
        return sum((each.before for each in self.totals), NOTHING)

    @property
    def after(self) -> Decimal:
        """What a whole week of the lines that change would cost, in pounds."""
        return sum((each.after for each in self.totals), NOTHING)

    @property
    def outliers(self) -> int:
        """How many lines would be far from their last rate, or from the median of their element."""
        return sum(each.outliers for each in self.totals)


def preview(uplifts: Sequence[Uplift]) -> UpliftPreview:
    """Return what uplifts would do, as things stand now. Reads only, one statement however many lines there are."""
    medians = median_rates(list(db.session.scalars(select(Element.id))))
    found = run(sql.SEEN, _values(uplifts, medians)).all()
    totals = [
        UpliftTotal(each.element, Unit(each.unit), each.changed, each.stay, each.before, each.after, each.outliers)
        for each in found
        if each.what == TOTAL
    ]
    weeks, unusual = found[0] if found else None, _unusual(uplifts, found)
    return UpliftPreview(
        uplifts,
        totals,
        weeks.open if weeks else 0,
        weeks.invoiced if weeks else 0,
        weeks.more if weeks else NOTHING,
        unusual,
        weeks.digest or "" if weeks else "",
        medians,
    )


def lines_of(seen: UpliftPreview, page: int, size: int) -> list[Any]:
    """Return the lines that change, a page of them, outliers first: reference, element, old, new, before, after …"""
    values = _values(seen.uplifts, seen.medians) | {"size": size, "skip": (page - 1) * size}
    return list(run(sql.LINES, values))


def rows_of(lines: Iterable[Any]) -> Iterator[tuple[Any, ...]]:
    """Yield lines that change, as `lines_of` returns them, for a file; HEADINGS says what stands in it."""
    for each in lines:
        yield (
            each.reference, each.organisation, each.person, each.element, label(Unit(each.unit)), each.since, each.old,
            each.new, each.before, each.after, each.after - each.before, "yes" if each.far_last else "no",
            each.median, "yes" if each.far_median else "no",
        )  # fmt: skip


HEADINGS: Final = (
    "CPLI", "Organisation", "Person ref", "Element", "Unit", "From", "Rate now", "New rate", "A week before",
    "A week after", "A week more", "Far from its last rate", "Median of its element", "Far from the median",
)  # fmt: skip


def counts_of(uplifts: Sequence[Uplift]) -> dict[int, tuple[int, int]]:
    """Return how many lines each uplift covers and how many of those it changes, by its place from 0 on."""
    found = run(sql.COUNTS, _values(uplifts, {}))
    return {row.number: (row.covered, row.changed) for row in found}


def propose_uplift(
    uplifts: Sequence[Uplift], officer: PortalUser, reason: str, about: str, seen: str | None = None
) -> Proposal:
    """Propose uplifts, all or none; they change nothing until another officer has confirmed. Does not commit.

    `seen` is the digest of the preview that the officer looked at, `about` what the title says of which lines.
    Raises Refused with every problem at its field, and where nothing would change or it is not what was seen.
    """
    problems = [problem for uplift in uplifts for problem in problems_of_uplift(uplift, today())]
    if not reason.strip():
        problems.append(Problem(Code.REASON_NEEDED, "Say why the rates change.", field="reason"))
    if problems:
        raise Refused(*problems)
    found = preview(uplifts)
    if not found.changed:
        raise Refused(NO_LINES)
    if seen is not None and seen != found.digest:
        raise Refused(CHANGED)
    payload = {
        "uplifts": [uplift.stored() for uplift in uplifts], "digest": found.digest, "reason": reason.strip(),
        "lines": found.changed, "before": str(found.before), "after": str(found.after),
    }  # fmt: skip
    title = f"Uplift of {about}: {_dates(uplifts)}, {counted(found.changed, 'line')}"
    return steps.propose(ProposalKind.UPLIFT, title, payload, officer, unusual=found.unusual, note=reason)


def propose(uplift: Uplift, officer: PortalUser, reason: str, seen: str, about: str) -> Proposal:
    """Propose one uplift as `propose_uplift` does, and commit."""
    try:
        proposal = propose_uplift([uplift], officer, reason, about, seen)
    except Refused:
        db.session.rollback()
        raise
    db.session.commit()
    return proposal


def apply_uplift(proposal: Proposal) -> None:
    """Change the rates of all lines of a confirmed uplift, and publish their documents anew. No commit.

    Raises Refused where it would not do any more what was proposed.
    """
    uplifts = proposed(proposal)
    values = _values(uplifts, {}) | {"proposal": proposal.id, "reason": proposal.payload["reason"]}
    done = run(sql.APPLY, values).one()
    if done.digest != proposal.payload["digest"]:
        wrong = "Lines or rates have changed since this was proposed."
        raise Refused(Problem(Code.CHANGED_MEANWHILE, wrong, "Send it back, so that it is looked at and sent again."))
    publish_many(done.documents, proposal)
    lines = db.session.scalars(select(Rate.line_item_id).where(Rate.proposal_id == proposal.id))
    correct_claims(list(lines), min(uplift.start for uplift in uplifts))


def proposed(proposal: Proposal) -> list[Uplift]:
    """Return the uplifts of a proposal."""
    return [Uplift.from_stored(each) for each in proposal.payload["uplifts"]]


def words_of(uplift: Uplift) -> str:
    """Return what an uplift does to a rate: "3.20% more from 1 April 2027"."""
    if uplift.percent is None:
        return f"£{uplift.rate:,} from {uk_date(uplift.start)}"
    direction = "more" if uplift.percent > 0 else "less"
    return f"{abs(uplift.percent):.2f}% {direction} from {uk_date(uplift.start)}"


def _dates(uplifts: Sequence[Uplift]) -> str:
    if len(uplifts) == 1:
        return words_of(uplifts[0])
    return f"from {uk_date(min(uplift.start for uplift in uplifts))}"


def _values(uplifts: Sequence[Uplift], medians: dict[int, Decimal]) -> dict[str, Any]:
    given = [uplift.stored() | {"number": number} for number, uplift in enumerate(uplifts)]
    return sql.STATES | {
        "uplifts": json.dumps(given), "medians": json.dumps({key: str(value) for key, value in medians.items()}),
        "percent": steps.limits().rate_percent,
    }  # fmt: skip


def _unusual(uplifts: Sequence[Uplift], found: Sequence[Any]) -> list[Unusual]:
    """Return what has to be looked at: by element and measure the line that is farthest off, and how many are."""
    limits, day = steps.limits(), today()
    many = {
        (each.element, each.unit): {"rate-last": each.far_last, "rate-median": each.far_median}
        for each in found
        if each.what == TOTAL
    }
    unusual = []
    for line in [each for each in found if each.what != TOTAL]:
        judged = unusual_rates(line.reference, line.new, line.old, line.median, limits)
        said = next(each.sentence for each in judged if each.code.startswith(f"{line.what} "))
        unit = unit_words(Unit(line.unit), Decimal(1))
        others = many[line.element, line.unit][line.what] - 1
        more = f" {counted(others, 'other line')} of {line.element} by the {unit} likewise." if others else ""
        unusual.append(Unusual(f"{line.what} {line.element} {line.unit}", said + more))
    first = min((uplift.start for uplift in uplifts), default=day)
    if (day - first).days > limits.days_back:
        said = f"It holds from {uk_date(first)}, {(day - first).days} days back, more than {limits.days_back}."
        unusual.append(Unusual("start", said))
    return unusual


def difference(before: Decimal, after: Decimal) -> str:
    """Return by how much a week becomes dearer, with a sign."""
    return signed_pounds(after - before)
