"""The migration of paper ISOs: each becomes a line that is there, a new agreement, or a question (rules.md 12).

Each paper ISO is a transaction of its own that holds its row. A run that is killed leaves the rest for the next one,
and two at once never take the same one. A new ISO bears the paper's own reference, and its line the paper's with a
number, both unique: even without the locks no paper could become two.
"""

import logging
from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from models import DAYS, ContractDocument, JobRun, LineItem, PaperOrder, Person, Plan, Proposal, Rate, db
from rules.agreement_states import DocumentState, PaperState, ProposalKind, ProposalState
from rules.paper_order import payment_method_of
from rules.states import JobState
from rules.words import counted
from workflows.clock import now, today
from workflows.contracts.versions import publish_versions
from workflows.paper_isos.match import PaperVerdict, judge, line_reference
from workflows.paper_isos.register import count_papers
from workflows.upkeep.job_run import note_run
from workflows.upkeep.queue import Task, defer_job

# Within a request: one takes 30 ms.
MOST_AT_ONCE = 50

log = logging.getLogger(__name__)


@dataclass
class Report:
    """What one run did: how many became what, and the references of those that need somebody."""

    became: Counter[PaperState] = field(default_factory=Counter)
    review: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        taken = sum(self.became.values())
        replaced, migrated = self.became[PaperState.REPLACED], self.became[PaperState.MIGRATED]
        review = counted(len(self.review), "needs review", "need review")
        did = f"{counted(taken, 'paper ISO')} taken = {replaced:,} replaced + {migrated:,} migrated + {review}"
        named = f" ({_some(self.review)})" if self.review else ""
        failed = f" {counted(len(self.failed), 'failed', 'failed')}: {_some(self.failed)}." if self.failed else ""
        return f"{did}{named}.{failed} Altogether {count_papers().sentence}."


def _some(references: list[str]) -> str:
    more = f" and {len(references) - 10:,} more" if len(references) > 10 else ""
    return ", ".join(references[:10]) + more


def migrate_papers(most: int | None = None) -> Report:
    """Take every confirmed paper ISO, or at most so many, each once and in a transaction of its own. Commits each."""
    report, last = Report(), 0
    while most is None or sum(report.became.values()) < most:
        paper = _take(last)
        if paper is None:
            break
        last, reference = paper.id, paper.reference
        try:
            became = _settle(paper)
            db.session.commit()
        except DBAPIError:  # it stays for the next run, the others go on
            log.exception("paper ISO %s", last)
            db.session.rollback()
            report.failed.append(reference)
            continue
        report.became[became] += 1
        report.review += [reference] if became is PaperState.REVIEW else []
    db.session.rollback()
    return report


def run_migration(job: str, due_on: date, most: int | None = None) -> Report:
    """Take confirmed paper ISOs, and write the report of the run down where it took something. Commits."""
    report = migrate_papers(most)
    if report.became or report.failed:
        state = JobState.FAILED if report.failed else JobState.DONE
        note_run(job, due_on, f"{now():%H:%M:%S.%f}", str(report), state)
    return report


def migrate_now() -> tuple[Report, int]:
    """Take the first confirmed paper ISOs while somebody waits for it; the worker is told of the rest.

    Returns the report, and how many are left to the worker. Commits.
    """
    report = run_migration(Task.PAPER_ISOS, today(), MOST_AT_ONCE)
    left = count_papers().to_migrate
    if left:
        defer_job(Task.PAPER_ISOS, today())
    return report, left


def _take(last: int) -> PaperOrder | None:
    """Return the next paper ISO that nobody else works on, its row locked."""
    paper: PaperOrder | None = db.session.scalar(
        select(PaperOrder)
        .where(PaperOrder.to_migrate(), PaperOrder.id > last)
        .order_by(PaperOrder.id)
        .limit(1)
        .with_for_update(of=PaperOrder, skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return paper


def hold_person(paper: PaperOrder) -> None:
    """Let papers of one person with one organisation be decided one after the other, until the transaction ends.

    Two that were decided beside each other would not see each other's lines, and both become one.
    """
    key = f"paper ISO {paper.organisation_id} {paper.person_reference.casefold()}"
    db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))


def _settle(paper: PaperOrder) -> PaperState:
    hold_person(paper)
    verdict = judge(paper)
    if verdict.outcome is PaperState.REPLACED:
        replace(paper, verdict.same[0].document_id, verdict.same[0].id)
    elif verdict.outcome is PaperState.MIGRATED:
        document = make_agreement(paper, verdict)
        publish(paper, document, _confirmed(paper, document))
    else:
        paper.state, paper.review_reasons = PaperState.REVIEW, "\n".join(verdict.reasons)
    return paper.state


def replace(paper: PaperOrder, document_id: int, line_id: int) -> None:
    """Let a paper ISO be replaced by a line's ISO. No commit."""
    paper.state, paper.document_id, paper.line_item_id = PaperState.REPLACED, document_id, line_id
    paper.settled_at = now()


def make_agreement(paper: PaperOrder, verdict: PaperVerdict) -> ContractDocument:
    """Return a draft ISO with one line, from the fields of a paper ISO that lacks nothing. Flushes, no commit."""
    service_id, element_id, plan_kind, rate = verdict.service_id, verdict.element_id, paper.plan_kind, paper.rate
    assert not verdict.lacks
    assert service_id is not None
    assert element_id is not None
    assert plan_kind is not None
    assert rate is not None
    own = {"organisation_id": paper.organisation_id}
    person_id = verdict.person_id or _add_person(paper)
    document = ContractDocument(
        **own, service_id=service_id, person_id=person_id, reference=paper.reference,
        terms=f"Agreed on paper ISO {paper.reference}, issued {paper.issued_on:%-d %B %Y}.",
    )  # fmt: skip
    db.session.add(document)
    db.session.flush()
    line = LineItem(
        **own, document_id=document.id, service_id=service_id, person_id=person_id,
        element_id=element_id, reference=line_reference(paper), unit=paper.unit, plan_kind=plan_kind,
        start=paper.start, end=paper.end, payment_method=payment_method_of(paper.unit),
    )  # fmt: skip
    days = dict(zip(DAYS, paper.days, strict=True))
    line.plans = [Plan(**own, start=paper.start, weekly_quantity=paper.weekly_quantity, **days)]
    line.rates = [Rate(**own, rate=rate, start=paper.start)]
    db.session.add(line)
    db.session.flush()
    paper.line_item_id = line.id
    return document


def _add_person(paper: PaperOrder) -> int:
    person = Person(reference=paper.person_reference.strip(), name=paper.person_name.strip())
    db.session.add(person)
    db.session.flush()
    return person.id


def publish(paper: PaperOrder, document: ContractDocument, proposal: Proposal) -> None:
    """Publish the draft that was made from a paper ISO, which has become it, by a confirmed proposal. No commit."""
    assert document.state is DocumentState.DRAFT
    db.session.expire(document)
    publish_versions([document.id], proposal)
    paper.state, paper.document_id, paper.proposal_id = PaperState.MIGRATED, document.id, proposal.id
    paper.settled_at = now()


def _confirmed(paper: PaperOrder, document: ContractDocument) -> Proposal:
    """Return the proposal behind the publishing: who registered the paper ISO proposed it, who confirmed it, did."""
    proposal = Proposal(
        kind=ProposalKind.PUBLISH, state=ProposalState.CONFIRMED, title=f"Publish {document} from its paper ISO",
        payload={"documents": [document.id], "paper_order": paper.id}, organisation_id=paper.organisation_id,
        document_id=document.id, proposed_by_id=paper.registered_by_id, proposed_at=paper.registered_at,
        decided_by_id=paper.confirmed_by_id, decided_at=paper.confirmed_at,
    )  # fmt: skip
    db.session.add(proposal)
    db.session.flush()
    return proposal


def last_runs(most: int = 5) -> list[JobRun]:
    """Return the latest runs that took something, newest first."""
    statement = select(JobRun).where(JobRun.job == Task.PAPER_ISOS).order_by(JobRun.started_at.desc(), JobRun.id.desc())
    return list(db.session.scalars(statement.limit(most)))
