"""Writing in conversations: started by a provider, answered, closed with a reason and opened again by either side."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from models import ContractDocument, Conversation, Invoice, LineItem, PortalUser, db
from rules.agreement_states import DocumentState
from rules.problem_codes import Code
from rules.refusal import Problem, Refused, Unknown
from rules.states import ConversationState, InvoiceState
from rules.text import refuse_unseen
from workflows.conversations.notify import tell_provider, tell_team
from workflows.conversations.teams import teams
from workflows.conversations.thread import close_conversation, open_conversation, post, why_no_message

LONGEST_SUBJECT: Final = 120
NO_MESSAGE: Final = Problem(Code.MISSING, "Write a message.", field="message")
CLOSED_WITHOUT: Final = Problem(Code.REASON_NEEDED, "Say why you close it.", "The other side reads it.", "reason")


@dataclass(frozen=True)
class Writer:
    """Who writes: an officer for the council's `teams`, or a contact, of whom `only_weeks` says what they may see."""

    user: PortalUser
    from_council: bool = False
    teams: tuple[str, ...] = ()
    only_weeks: bool = False


@dataclass(frozen=True)
class Typed:
    """A new conversation as it was typed: the team's id, what it is about in a reference, the rest in words."""

    team: str = ""
    subject: str = ""
    about: str = ""
    message: str = ""


def start(typed: Typed, user: PortalUser, organisation_id: int) -> Conversation:
    """Start a provider's conversation with a team, and tell the team by e-mail. Commits.

    Raises Refused, fields `team`, `subject`, `about`, `message`.
    """
    team = next((team for team in teams() if str(team.id) == typed.team), None)
    subject = typed.subject.strip()
    problems = [] if team else [Problem(Code.MISSING, "Choose the team you write to.", field="team")]
    if not subject:
        problems.append(Problem(Code.MISSING, "Enter a subject.", field="subject"))
    elif len(subject) > LONGEST_SUBJECT:
        shorter = f"Shorten the subject to {LONGEST_SUBJECT} characters."
        problems.append(Problem(Code.TOO_LONG, shorter, field="subject"))
    elif unseen := refuse_unseen(subject, "The subject"):
        problems.append(unseen.at("subject"))
    document, line, invoice = _about(typed.about.strip())
    if typed.about.strip() and not (document or line or invoice):
        unknown = "You have no invoice, contract document or line item with this reference."
        problems.append(Problem(Code.NOT_FOUND, unknown, field="about"))
    if wrong := why_no_message(typed.message, NO_MESSAGE):
        problems.append(wrong)
    if problems or team is None:
        raise Refused(*problems)
    started = open_conversation(
        team.name,
        subject,
        typed.message.strip(),
        user,
        document=document,
        invoice=invoice,
        organisation_id=organisation_id,
    )
    started.line_item_id = line.id if line else None
    tell_team(started)
    db.session.commit()
    return started


def reply(conversation_id: int, text: str, writer: Writer) -> None:
    """Add a message and hand the conversation to the other side, opening it again where it was closed. Commits.

    The same words sent twice by one person, as after a lost connection, are one message. Raises Unknown; Refused,
    field `message`.
    """
    found = _locked(conversation_id, writer)
    if problem := why_no_message(text, NO_MESSAGE):
        raise _refuse(problem)
    last = found.messages[-1] if found.messages else None
    if last and (last.author_id, last.body) == (writer.user.id, text.strip()):
        db.session.rollback()
        return
    try:
        post(found, text.strip(), writer.user, from_council=writer.from_council)
        db.session.flush()
    except IntegrityError:
        another = "There is another open conversation with this team about the same week: write in that one."
        raise _refuse(Problem(Code.ASKED_ALREADY, another)) from None
    _tell(found, writer)
    db.session.commit()


def close(conversation_id: int, reason: str, writer: Writer, *, seen: int) -> None:
    """Close a conversation with a reason, which both sides read. Commits.

    `seen` is the id of the last message on the page. Raises Unknown; Refused, field `reason`, or where somebody wrote
    meanwhile or it is closed already.
    """
    found = _locked(conversation_id, writer)
    if found.state is ConversationState.CLOSED:
        raise _refuse(Problem(Code.WRONG_STATE, "This conversation is closed already."))
    if problem := why_no_message(reason, CLOSED_WITHOUT):
        raise _refuse(problem)
    if found.messages and found.messages[-1].id != seen:
        wrote = "Somebody wrote while you had this page open."
        raise _refuse(Problem(Code.CHANGED_MEANWHILE, wrote, "Read it below, then close.", "reason"))
    post(found, reason.strip(), writer.user, from_council=writer.from_council)
    close_conversation(found, reason.strip())
    _tell(found, writer)
    db.session.commit()


def _locked(conversation_id: int, writer: Writer) -> Conversation:
    found: Conversation | None = db.session.scalar(
        select(Conversation)
        .where(Conversation.id == conversation_id)
        .with_for_update(of=Conversation)
        .execution_options(populate_existing=True)
    )
    if found is None or (writer.only_weeks and found.actual_id is None):
        raise Unknown
    db.session.refresh(found, ["messages"])
    if writer.from_council and found.team.name not in writer.teams:
        raise _refuse(Problem(Code.ANOTHER_TEAM, f"The team {found.team} answers this conversation."))
    return found


def _refuse(problem: Problem) -> Refused:
    db.session.rollback()
    return Refused(problem)


def _tell(conversation: Conversation, writer: Writer) -> None:
    if writer.from_council:
        tell_provider([conversation])
    else:
        tell_team(conversation)


def _about(reference: str) -> tuple[ContractDocument | None, LineItem | None, Invoice | None]:
    """Return what of the organisation in scope a reference names: a contract document, a line item or an invoice."""
    if not reference:
        return None, None, None
    wanted = reference.lower()
    invoice = db.session.scalar(
        select(Invoice).where(func.lower(Invoice.number) == wanted, Invoice.state != InvoiceState.DRAFT)
    )
    line = db.session.scalar(
        select(LineItem)
        .join(LineItem.document)
        .where(func.lower(LineItem.reference) == wanted, ContractDocument.state != DocumentState.DRAFT)
    )
    document = db.session.scalar(
        select(ContractDocument).where(
            ContractDocument.state != DocumentState.DRAFT, func.lower(ContractDocument.reference) == wanted
        )
    )
    if invoice:
        return None, None, invoice
    return (None, line, None) if line else (document, None, None)
