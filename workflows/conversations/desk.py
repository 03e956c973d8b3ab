"""What officers do with a conversation among themselves: who answers it, which team, what they note.

Of all of it a provider sees one thing: that the conversation moved, and to which team.
"""

from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models import Conversation, ConversationNote, Message, PortalUser, Team, db
from rules.problem_codes import Code
from rules.refusal import Problem
from rules.states import ConversationState
from workflows.clock import now
from workflows.conversations.notify import tell_team
from workflows.conversations.teams import officers_of, teams
from workflows.conversations.thread import why_no_message
from workflows.conversations.write import Writer, locked, refuse

NO_NOTE: Final = Problem(Code.MISSING, "Write a note.", field="note")
NO_MOVING_NOTE: Final = Problem(
    Code.REASON_NEEDED, "Say why it moves.", "The team it goes to reads it; the provider does not.", "move_note"
)


def notes_of(conversation_id: int) -> list[ConversationNote]:
    """Return the internal notes about a conversation, the first first."""
    statement = (
        select(ConversationNote)
        .where(ConversationNote.conversation_id == conversation_id)
        .options(joinedload(ConversationNote.author))
        .order_by(ConversationNote.written_at, ConversationNote.id)
    )
    return list(db.session.scalars(statement))


def add_note(conversation_id: int, text: str, writer: Writer) -> None:
    """Note something that providers never see. Commits. Raises Unknown; Refused, field `note`."""
    found = locked(conversation_id, writer)
    if problem := why_no_message(text, NO_NOTE):
        raise refuse(problem)
    _note(found, text, writer)
    db.session.commit()


def assign(conversation_id: int, officer_id: int | None, writer: Writer) -> PortalUser | None:
    """Let an officer of the team it is with answer a conversation, or nobody in particular; return who. Commits.

    Raises Unknown; Refused, field `officer`, where it is no officer of the team.
    """
    found = locked(conversation_id, writer)
    officer = next((each for each in officers_of(found.team.name) if each.id == officer_id), None)
    if officer_id and officer is None:
        raise refuse(Problem(Code.NOT_ON_LIST, "Choose an officer of the team.", field="officer"))
    found.assigned_to_id = officer.id if officer else None
    db.session.commit()
    return officer


def move(conversation_id: int, team_id: str, note: str, writer: Writer) -> Team:
    """Hand an open conversation to another team, with a note for it, and tell it by e-mail; return the team. Commits.

    The days to answer and to settle it go on: a move gives the council no more time. Nobody of the new team has read
    it or is to answer it yet. Raises Unknown; Refused, fields `team` and `move_note`.
    """
    found = locked(conversation_id, writer)
    if found.state is ConversationState.CLOSED:
        raise refuse(Problem(Code.WRONG_STATE, "This conversation is closed.", "Reopen it, then move it."))
    others = [team for team in teams() if team.id != found.team_id]
    team = next((each for each in others if str(each.id) == team_id), None)
    problems = [] if team else [Problem(Code.MISSING, "Choose the team it goes to.", field="team")]
    if wrong := why_no_message(note, NO_MOVING_NOTE):
        problems.append(wrong)
    if problems or team is None:
        raise refuse(*problems)
    _no_second_about_a_week(found, team)
    before = found.team.name
    db.session.add(
        Message(
            organisation_id=found.organisation_id,
            conversation_id=found.id,
            author_id=writer.user.id,
            from_council=True,
            team_id=found.team_id,
            moved=True,
            body=f"Moved from {before} to {team.name}.",
            sent_at=now(),
        )
    )
    _note(found, f"Moved from {before} to {team.name}: {note.strip()}", writer)
    found.team, found.assigned_to_id, found.team_read_at = team, None, None
    db.session.flush()
    tell_team(found)
    db.session.commit()
    return team


def _no_second_about_a_week(found: Conversation, team: Team) -> None:
    if found.actual_id is None:
        return
    there = db.session.scalar(
        select(Conversation.id).where(
            Conversation.actual_id == found.actual_id,
            Conversation.team_id == team.id,
            Conversation.state != ConversationState.CLOSED,
        )
    )
    if there:
        wrong = f"{team.name} has an open conversation about this week already."
        raise refuse(Problem(Code.ASKED_ALREADY, wrong, "Close this one with a reason that names it.", "team"))


def _note(conversation: Conversation, text: str, writer: Writer) -> None:
    db.session.add(
        ConversationNote(conversation_id=conversation.id, author_id=writer.user.id, body=text.strip(), written_at=now())
    )
