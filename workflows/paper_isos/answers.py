"""What a person answers about a paper ISO that needs review: which line it is, a new one, or none (rules.md 12)."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models import PaperOrder, PortalUser, Proposal, db
from rules.agreement_states import PaperState, ProposalKind
from rules.paper_order import ComparedField, KnownLine, compare
from rules.problem_codes import Code
from rules.refusal import Problem, Refused, Unknown
from workflows.clock import now
from workflows.conversations.notify import tell_provider
from workflows.conversations.thread import open_conversation, why_no_message
from workflows.paper_isos.match import PaperVerdict, judge
from workflows.paper_isos.migration import hold_person, make_agreement, publish, replace
from workflows.paper_isos.register import is_answered, paper_in_review
from workflows.proposals import steps
from workflows.proposals.steps import About

TEAM = "Service Brokerage"
NO_QUESTION = Problem(Code.MISSING, "Write your question.", field="message")
CHOOSE = Problem(Code.MISSING, "Say what this paper is.", field="answer")
ANSWERED = Problem(Code.DECIDED_ALREADY, "Somebody has answered this already.", "Nothing was changed.")


@dataclass(frozen=True)
class Candidate:
    """A line that the paper may be: every field beside the paper's, in how many they agree."""

    line: KnownLine
    fields: list[ComparedField]

    @property
    def agrees(self) -> int:
        """The number of fields that do not differ."""
        return sum(not each.differs for each in self.fields)


@dataclass(frozen=True)
class Review:
    """One paper ISO as its page shows it; `place` and the two beside it are of the list of those to review."""

    paper: PaperOrder
    verdict: PaperVerdict
    candidates: list[Candidate]
    ids: list[int]

    @property
    def place(self) -> int:
        """Its number in the list, 0 where it is not on it."""
        return self.ids.index(self.paper.id) + 1 if self.paper.id in self.ids else 0

    @property
    def previous(self) -> int | None:
        """The one before it in the list."""
        return self.ids[self.place - 2] if self.place > 1 else None

    @property
    def next(self) -> int | None:
        """The one after it in the list; from elsewhere the first."""
        return self.ids[self.place] if self.place < len(self.ids) else None


def review_of(paper_id: int) -> Review:
    """Return a paper ISO beside the lines that it may be. Raises Unknown."""
    paper, ids = paper_in_review(paper_id)
    verdict = judge(paper)
    candidates = [Candidate(line, compare(verdict.paper, line.agreement)) for line in verdict.same or verdict.near]
    candidates.sort(key=lambda each: -each.agrees)
    return Review(paper, verdict, candidates, ids)


def say_same(paper_id: int, line_id: int, note: str, officer: PortalUser) -> PaperOrder:
    """Say that a paper ISO is the same as a live line: it is replaced by that line's ISO. Commits.

    Raises Unknown; Refused where it is answered already, or the line is none of its person and organisation any more.
    """
    paper = _waiting(paper_id)
    line = next((each for each in judge(paper).near if each.id == line_id), None)
    if line is None:
        raise _refuse(Problem(Code.CHANGED_MEANWHILE, "This line is not live any more.", "Choose again.", "answer"))
    replace(paper, line.document_id, line.id)
    paper.note, paper.settled_by_id = note.strip(), officer.id
    db.session.commit()
    return paper


def say_nothing(paper_id: int, note: str, officer: PortalUser) -> PaperOrder:
    """Say that a paper ISO is no agreement, with a reason. Commits. Raises Unknown; Refused, field "note"."""
    if not note.strip():
        wrong = "Say why it is not an agreement."
        raise Refused(Problem(Code.REASON_NEEDED, wrong, "Cancelled by the council, say, or issued twice.", "note"))
    paper = _waiting(paper_id)
    paper.state, paper.note = PaperState.CANCELLED, note.strip()
    paper.settled_at, paper.settled_by_id = now(), officer.id
    db.session.commit()
    return paper


def propose_new(paper_id: int, note: str, officer: PortalUser) -> Proposal:
    """Propose a new ISO and line from the fields of a paper ISO; another officer confirms it. Commits.

    Raises Unknown; Refused, field "answer", with each field that is missing or wrong.
    """
    paper = _waiting(paper_id)
    verdict = judge(paper)
    if verdict.lacks:
        raise _refuse(*(each.at("answer") for each in verdict.lacks))
    proposal = steps.propose(
        ProposalKind.PUBLISH,
        f"Make a new ISO and line from paper ISO {paper}",
        {"documents": [], "paper_order": paper.id},
        officer,
        about=About(paper.organisation_id),
        unusual=verdict.unusual,
        note=note,
    )
    paper.proposal_id, paper.note = proposal.id, note.strip()
    db.session.commit()
    return proposal


def is_from_paper(proposal: Proposal) -> bool:
    """Say whether a proposal to publish is about a paper ISO."""
    return "paper_order" in proposal.payload


def apply_new(proposal: Proposal) -> None:
    """Make and publish what a confirmed proposal says about a paper ISO. No commit.

    Raises Refused where the paper ISO was answered otherwise, or lacks something now.
    """
    paper = _locked(proposal.payload["paper_order"])
    if paper.state is not PaperState.REVIEW or paper.proposal_id != proposal.id:
        raise Refused(ANSWERED)
    hold_person(paper)
    verdict = judge(paper)
    new = [each.sentence for each in verdict.unusual if each.code not in proposal.ticked]
    problems = [*verdict.lacks, *(Problem(Code.CHANGED_MEANWHILE, each, "Send it back.") for each in new)]
    if problems:
        raise Refused(*problems)
    publish(paper, make_agreement(paper, verdict), proposal)
    paper.settled_by_id = proposal.proposed_by_id


def ask_provider(paper_id: int, message: str, officer: PortalUser) -> PaperOrder:
    """Ask the provider about a paper ISO: a conversation with Service Brokerage is opened, and they are told. Commits.

    Raises Unknown; Refused, field "message", or where one about it is open already.
    """
    if problem := why_no_message(message, NO_QUESTION):
        raise Refused(problem)
    paper = _waiting(paper_id)
    if paper.conversation_id:
        raise _refuse(Problem(Code.ASKED_ALREADY, "The provider was asked about this already.", "Write there."))
    opened = open_conversation(
        TEAM, f"Paper ISO {paper}", message.strip(), officer, organisation_id=paper.organisation_id
    )
    paper.conversation_id = opened.id
    tell_provider([opened])
    db.session.commit()
    return paper


def usual_question(review: Review) -> str:
    """Return a question to begin with: what the council wants to know about a paper ISO."""
    paper = review.paper
    about = f"We hold paper ISO {paper}, issued {paper.issued_on:%-d %B %Y}, for {paper.person_reference}."
    if len(review.verdict.same) > 1:
        lines = " or ".join(line.reference for line in review.verdict.same)
        return f"{about} Is it the same care as line {lines}, or care of its own?"
    return f"{about} Please send us what your own copy says about:\n" + "\n".join(
        f"- {each.wrong}" for each in review.verdict.lacks
    )


def _locked(paper_id: int) -> PaperOrder:
    paper: PaperOrder | None = db.session.scalar(
        select(PaperOrder)
        .where(PaperOrder.id == paper_id)
        .options(joinedload(PaperOrder.organisation))
        .with_for_update(of=PaperOrder)
        .execution_options(populate_existing=True)
    )
    if paper is None:
        raise Unknown
    return paper


def _waiting(paper_id: int) -> PaperOrder:
    """Return a paper ISO that waits for an answer, its row locked."""
    paper = _locked(paper_id)
    if paper.state is not PaperState.REVIEW or is_answered(paper):
        raise _refuse(ANSWERED)
    return paper


def _refuse(*problems: Problem) -> Refused:
    db.session.rollback()
    return Refused(*problems)
