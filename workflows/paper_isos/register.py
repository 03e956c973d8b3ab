"""Paper ISOs as they are registered and confirmed: one officer writes down, another confirms (rules.md 12 and 14)."""

import hashlib
from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import aliased, joinedload, undefer

from models import PaperOrder, PaperScan, PortalUser, db
from models.search import holding
from models.unpriced import UNPRICED
from rules.agreement_states import PaperState
from rules.problem_codes import Code
from rules.refusal import Problem, Refused, Unknown
from rules.scan import kind_of, why_no_scan
from rules.words import counted, plural
from workflows import policy
from workflows.clock import now
from workflows.page import Page, counted_page, page_of

NOTHING_TICKED = Problem(Code.MISSING, "Tick the paper ISOs that you confirm.")


class Counted(NamedTuple):
    """How many paper ISOs stand where; every one that was received is in one of these."""

    to_confirm: int
    to_migrate: int
    replaced: int
    migrated: int
    review: int
    cancelled: int

    @property
    def received(self) -> int:
        """All of them."""
        return sum(self)

    @property
    def sentence(self) -> str:
        """The sum in words."""
        parts = [
            f"{self.replaced:,} replaced", f"{self.migrated:,} migrated",
            counted(self.review, "needs review", "need review"),
        ]  # fmt: skip
        if self.cancelled:
            parts.append(f"{self.cancelled:,} not an agreement")
        if waiting := self.to_confirm + self.to_migrate:
            parts.append(f"{waiting:,} waiting")
        return f"{self.received:,} received = {' + '.join(parts)}"


def count_papers() -> Counted:
    """Return how many paper ISOs stand where."""
    groups = select(PaperOrder.state, PaperOrder.confirmed_at.is_(None), func.count()).group_by(
        PaperOrder.state, PaperOrder.confirmed_at.is_(None)
    )
    found = {(state, unconfirmed): count for state, unconfirmed, count in db.session.execute(groups)}
    taken = (PaperState.REPLACED, PaperState.MIGRATED, PaperState.REVIEW, PaperState.CANCELLED)
    waiting = [found.get((PaperState.WAITING, unconfirmed), 0) for unconfirmed in (True, False)]
    return Counted(*waiting, *(found.get((state, False), 0) for state in taken))


def note_registration(paper: PaperOrder, officer: PortalUser | None) -> None:
    """Note who wrote a paper ISO down last: from now on it waits for another officer, and then for the job. No commit.

    By a command nobody is known to have: an officer has to save it before it can be confirmed. Raises Refused where it
    became something, or its answer waits to be confirmed.
    """
    with db.session.no_autoflush:  # what was typed is flushed together with its registration
        problem = why_kept(paper)
    if problem:
        raise Refused(problem)
    paper.registered_at, paper.registered_by_id = now(), officer.id if officer else None
    paper.confirmed_at = paper.confirmed_by_id = None
    paper.state, paper.review_reasons = PaperState.WAITING, ""


def why_kept(paper: PaperOrder) -> Problem | None:
    """Return why a paper ISO can no longer be changed, nothing where it can."""
    if paper.state in (PaperState.REPLACED, PaperState.MIGRATED):
        became = f"This paper ISO has become {paper.document} and is kept as it was."
        return Problem(Code.KEPT, became)
    if paper.state is PaperState.CANCELLED:
        return Problem(Code.KEPT, "Somebody said that this is not an agreement.", "It is kept as it was.")
    if paper.proposal is not None and is_answered(paper):
        wrong = "A new ISO and line was proposed from this paper ISO, and waits to be confirmed."
        return Problem(Code.KEPT, wrong, "Withdraw that first, under To confirm.")
    return None


def is_answered(paper: PaperOrder) -> bool:
    """Say whether somebody's answer about a paper ISO waits to be confirmed."""
    return paper.proposal is not None and paper.proposal.decided_at is None


def confirm_papers(seen: Mapping[int, str], officer: PortalUser) -> int:
    """Confirm paper ISOs that another officer registered, all or none; the job takes them next. Commits.

    `seen` are their ids with the registration that the page showed (`registration_of`). Returns how many. Raises
    Refused, naming each that the officer registered, that was confirmed already, or changed since.
    """
    papers = {paper.id: paper for paper in _locked(list(seen))}
    problems = [problem for id_, shown in seen.items() if (problem := _why_not(papers.get(id_), shown, officer))]
    if problems or not papers:
        db.session.rollback()
        raise Refused(*(problems or [NOTHING_TICKED]))
    for paper in papers.values():
        paper.confirmed_at, paper.confirmed_by_id = now(), officer.id
    db.session.commit()
    return len(papers)


def registration_of(paper: PaperOrder) -> str:
    """Return which registration of a paper ISO this is: another one after every change."""
    return paper.registered_at.isoformat()


def _why_not(paper: PaperOrder | None, shown: str, officer: PortalUser) -> Problem | None:
    if paper is None:
        return Problem(Code.GONE, "One of these paper ISOs is not there any more.", "Look at the list again.")
    if paper.state is not PaperState.WAITING or paper.confirmed_at:
        return Problem(Code.DECIDED_ALREADY, f"{paper} has been confirmed already.", "Nothing was changed.")
    if paper.registered_by_id is None:
        wrong = f"Nobody is known to have registered {paper}: it came by a command."
        return Problem(Code.OWN_RUN, wrong, "Open it, check it and save it; then another officer can confirm it.")
    if paper.registered_by_id == officer.id:
        return Problem(Code.OWN_RUN, f"You registered {paper} yourself.", "Another officer has to confirm it.")
    if registration_of(paper) != shown:
        wrong = f"{paper} was changed while you had this page open."
        return Problem(Code.CHANGED_MEANWHILE, wrong, "Look at it again, then confirm it.")
    return None


def _locked(ids: list[int]) -> list[PaperOrder]:
    statement = select(PaperOrder).where(PaperOrder.id.in_(ids)).order_by(PaperOrder.id)
    return list(db.session.scalars(statement.with_for_update(of=PaperOrder).execution_options(populate_existing=True)))


def papers_where(condition: ColumnElement[bool], page: int, size: int) -> Page[PaperOrder]:
    """Return a page of paper ISOs, those issued first first, with their organisation and who registered them."""
    statement: Any = (
        select(PaperOrder, func.count().over())
        .where(condition)
        .options(joinedload(PaperOrder.organisation), joinedload(PaperOrder.registered_by))
        .options(joinedload(PaperOrder.scan), joinedload(PaperOrder.proposal), joinedload(PaperOrder.document))
        .order_by(PaperOrder.issued_on, PaperOrder.id)
    )
    found = counted_page(statement, page, size)
    return found.showing([row[0] for row in found.rows])


def to_confirm(officer: PortalUser, size: int) -> tuple[ColumnElement[bool], Page[PaperOrder]]:
    """Return which paper ISOs an officer may confirm, and the first of those that wait for somebody else."""
    theirs = PaperOrder.to_confirm_by(officer.id)
    return theirs, papers_where(and_(PaperOrder.to_confirm(), ~theirs), 1, size)


def paper_order(paper_id: int) -> PaperOrder:
    """Return one paper ISO with all that its page shows. Raises Unknown."""
    return paper_in_review(paper_id)[0]


def paper_in_review(paper_id: int) -> tuple[PaperOrder, list[int]]:
    """Return the same, and the ids of all to review in the order of their list. Raises Unknown."""
    other = aliased(PaperOrder)
    to_review = select(other.id).where(other.to_review()).order_by(other.issued_on, other.id)
    found = db.session.execute(
        select(PaperOrder, func.array(to_review.scalar_subquery()))
        .where(PaperOrder.id == paper_id)
        .options(*(joinedload(getattr(PaperOrder, name)) for name in _SHOWN))
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise Unknown
    return found[0], found[1]


_SHOWN = (
    "organisation", "document", "line_item", "proposal", "conversation", "registered_by", "confirmed_by", "settled_by",
    "scan",
)  # fmt: skip


def attach_scan(paper_id: int, filename: str, content: bytes, officer: PortalUser) -> PaperScan:
    """Keep the scan of a signed paper ISO, in the place of one before. Commits.

    Raises Unknown; Refused, field "file", where it is too large or no scan by its content (policy: CO-2 and CO-3).
    """
    paper = paper_order(paper_id)
    kinds, most = policy.for_council("attachment_kinds"), policy.for_council("attachment_mebibytes")
    if problem := why_no_scan(content, kinds, most):
        raise Refused(problem)
    scan = paper.scan or PaperScan(paper_order_id=paper.id)
    scan.filename, scan.kind, scan.size = filename[:200] or "scan", kind_of(content), len(content)
    scan.sha256, scan.content = hashlib.sha256(content).hexdigest(), content
    scan.attached_at, scan.attached_by_id = now(), officer.id
    db.session.add(scan)
    db.session.commit()
    return scan


def scan_of(paper_id: int) -> PaperScan:
    """Return the scan of a paper ISO with its content. Raises Unknown where there is none."""
    found: PaperScan | None = db.session.scalar(
        select(PaperScan).where(PaperScan.paper_order_id == paper_id).options(undefer(PaperScan.content))
    )
    if found is None:
        raise Unknown
    return found


def papers_of_provider(page: int, size: int, sought: str = "") -> Page[PaperOrder]:
    """Return a page of the organisation in scope's paper ISOs, newest first, each with what it became.

    Only those a second officer confirmed: the database shows a provider no others. `sought` is looked for in the
    paper's reference, and the name and reference of the person.
    """
    columns = (PaperOrder.reference, PaperOrder.person_reference, PaperOrder.person_name)
    statement = (
        select(PaperOrder)
        .where(PaperOrder.confirmed_at.is_not(None), holding(sought, *columns))
        .options(joinedload(PaperOrder.document), joinedload(PaperOrder.line_item).options(*UNPRICED))
        .order_by(PaperOrder.issued_on.desc(), PaperOrder.id.desc())
    )
    return page_of(statement, page, size)


def has_papers() -> bool:
    """Say whether the organisation in scope has any paper ISO to be told about."""
    return bool(db.session.scalar(select(PaperOrder.id).where(PaperOrder.confirmed_at.is_not(None)).limit(1)))


def confirmed_words(count: int) -> str:
    """Return what is said after paper ISOs were confirmed."""
    confirmed = counted(count, "paper ISO is", "paper ISOs are")
    return f"{confirmed} confirmed. The next run takes {plural(count, 'it', 'them')}."
