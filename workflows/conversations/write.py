"""Writing in conversations: started by a provider, answered, closed with a reason and opened again by either side."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from models import Conversation, Message, PortalUser, Team, db
from rules.conversation_topics import Topic, topics_of
from rules.problem_codes import Code
from rules.refusal import Problem, Refused, Unknown
from rules.states import ConversationState, label
from rules.text import refuse_unseen
from workflows.conversations.about import read_about
from workflows.conversations.attach import AttachedFile, attach, why_no_files
from workflows.conversations.notify import tell_provider, tell_team
from workflows.conversations.teams import teams
from workflows.conversations.thread import close_conversation, open_conversation, post, why_no_message

LONGEST_SUBJECT: Final = 120
NO_MESSAGE: Final = Problem(Code.MISSING, "Write a message.", field="message")
ANOTHER_OPEN: Final = Problem(
    Code.ASKED_ALREADY, "There is another open conversation with this team about the same week: write in that one."
)
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
    """A new conversation as it was typed: the team's id, the subject from its list and in own words, a reference."""

    team: str = ""
    topic: str = ""
    subject: str = ""
    about: str = ""
    message: str = ""


def start(typed: Typed, user: PortalUser, organisation_id: int, files: Sequence[AttachedFile] = ()) -> Conversation:
    """Start a provider's conversation with a team, and tell the team by e-mail. Commits.

    Raises Refused, fields `team`, `topic`, `subject`, `about`, `message`, `attachments`.
    """
    team = next((team for team in teams() if str(team.id) == typed.team), None)
    problems = [] if team else [Problem(Code.MISSING, "Choose the team you write to.", field="team")]
    topic, wrong_subjects = _subject(typed, team)
    problems += wrong_subjects
    about, wrong_about = read_about(typed.about)
    if wrong_about:
        problems.append(wrong_about)
    if wrong := why_no_message(typed.message, NO_MESSAGE):
        problems.append(wrong)
    problems += why_no_files(files, organisation_id, from_council=False)
    if problems or team is None:
        raise refuse(*problems)
    subject = typed.subject.strip() or label(topic)
    started = open_conversation(
        team.name, subject, typed.message.strip(), user, organisation_id=organisation_id, topic=topic
    )
    about.write_to(started)
    try:
        db.session.flush()
    except IntegrityError:
        raise refuse(ANOTHER_OPEN.at("about")) from None
    attach(started.messages[-1], files)
    tell_team(started)
    db.session.commit()
    return started


def _subject(typed: Typed, team: Team | None) -> tuple[Topic, list[Problem]]:
    """Return the subject from the list, "other" where there are own words alone, and what is wrong with it."""
    own = typed.subject.strip()
    if not typed.topic and not own:
        return Topic.OTHER, [Problem(Code.MISSING, "Choose a subject.", field="topic")]
    topic = next((each for each in Topic if each == typed.topic), Topic.OTHER)
    problems = []
    if typed.topic and topic != typed.topic:
        problems.append(Problem(Code.NOT_ON_LIST, "Choose a subject from the list.", field="topic"))
    elif team and topic not in topics_of(team.name):
        wrong = f"{team.name} does not answer about this."
        remedy = f"{label(topic)} is for {_teams_of(topic)}."
        problems.append(Problem(Code.NOT_ON_LIST, wrong, remedy, "topic"))
    if topic is Topic.OTHER and not own:
        problems.append(Problem(Code.MISSING, "Say in your own words what it is about.", field="subject"))
    elif len(own) > LONGEST_SUBJECT:
        shorter = f"Shorten the subject to {LONGEST_SUBJECT} characters."
        problems.append(Problem(Code.TOO_LONG, shorter, field="subject"))
    elif unseen := refuse_unseen(own, "The subject"):
        problems.append(unseen.at("subject"))
    return topic, problems


def _teams_of(topic: Topic) -> str:
    return " or ".join(team.name for team in teams() if topic in topics_of(team.name))


def reply(
    conversation_id: int, text: str, writer: Writer, files: Sequence[AttachedFile] = (), *, seen: int | None = None
) -> None:
    """Add a message and hand the conversation to the other side, opening it again where it was closed. Commits.

    The same words sent twice by one person, as after a lost connection, are one message. `seen` is the id of the last
    message on the page, None where the page had none. Raises Unknown; Refused, field `message`, also where somebody
    else wrote meanwhile, or `attachments`.
    """
    found = locked(conversation_id, writer)
    last = found.messages[-1] if found.messages else None
    if last and _is_the_same(last, text, writer, files):
        db.session.rollback()
        return
    problem = why_no_message(text, NO_MESSAGE)
    problems = [problem] if problem else []
    problems += why_no_files(files, found.organisation_id, from_council=writer.from_council)
    if last and seen is not None and last.id != seen and last.author_id != writer.user.id:
        problems.append(_wrote_meanwhile(last, writer, "then send yours, or change it first.", "message"))
    if problems:
        raise refuse(*problems)
    try:
        message = post(found, text.strip(), writer.user, from_council=writer.from_council)
        db.session.flush()
    except IntegrityError:
        raise refuse(ANOTHER_OPEN) from None
    attach(message, files)
    _tell(found, writer)
    db.session.commit()


def _is_the_same(last: Message, text: str, writer: Writer, files: Sequence[AttachedFile]) -> bool:
    sent = [hashlib.sha256(each.content).hexdigest() for each in files]
    same_words = (last.author_id, last.body) == (writer.user.id, text.strip())
    return same_words and sent == [each.sha256 for each in last.attachments]


def close(conversation_id: int, reason: str, writer: Writer, *, seen: int) -> None:
    """Close a conversation with a reason, which both sides read. Commits.

    `seen` is the id of the last message on the page. Raises Unknown; Refused, field `reason`, or where somebody wrote
    meanwhile or it is closed already.
    """
    found = locked(conversation_id, writer)
    if found.state is ConversationState.CLOSED:
        raise refuse(Problem(Code.WRONG_STATE, "This conversation is closed already."))
    if problem := why_no_message(reason, CLOSED_WITHOUT):
        raise refuse(problem)
    if found.messages and found.messages[-1].id != seen:
        raise refuse(_wrote_meanwhile(found.messages[-1], writer, "then close.", "reason"))
    post(found, reason.strip(), writer.user, from_council=writer.from_council)
    close_conversation(found, reason.strip(), from_council=writer.from_council)
    _tell(found, writer)
    db.session.commit()


def _wrote_meanwhile(last: Message, writer: Writer, then: str, field: str) -> Problem:
    own = last.author_id == writer.user.id
    who = "You" if own else str(last.author or "Somebody")
    wrote = f"{who} wrote while you had this page open."
    return Problem(Code.CHANGED_MEANWHILE, wrote, f"Read it below, {then}", field)


def locked(conversation_id: int, writer: Writer) -> Conversation:
    """Return a conversation somebody may write in, locked until the end of the transaction. Raises Unknown, Refused."""
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
        raise refuse(Problem(Code.ANOTHER_TEAM, f"The team {found.team} answers this conversation."))
    return found


def refuse(*problems: Problem) -> Refused:
    """Roll back, and return what to raise."""
    db.session.rollback()
    return Refused(*problems)


def _tell(conversation: Conversation, writer: Writer) -> None:
    if writer.from_council:
        tell_provider([conversation])
    else:
        tell_team(conversation)
