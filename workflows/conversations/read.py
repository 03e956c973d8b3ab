"""Conversations in lists, and one with its messages, for the organisation in scope or for the council's teams."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, cast

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from models import Actual, ContractDocument, Conversation, ExceptionCheck, LineItem, Message, Person, Team, db
from models.search import NAMES_OF_A_LINE, NAMES_OF_A_PERSON, holding
from models.unpriced import UNPRICED
from rules.refusal import Unknown
from rules.states import ConversationState
from workflows.clock import now, today
from workflows.page import Page, counted_page

_LAST = (
    select(func.max(Message.sent_at)).where(Message.conversation_id == Conversation.id).correlate(Conversation)
).scalar_subquery()
_LINE_OF_WEEK = (
    select(Actual.line_item_id).where(Actual.id == Conversation.actual_id).correlate(Conversation).scalar_subquery()
)
_COUNCIL_WROTE = (
    select(func.max(Message.sent_at))
    .where(Message.conversation_id == Conversation.id, Message.from_council)
    .correlate(Conversation)
    .scalar_subquery()
)
_PROVIDER_WROTE = (
    select(func.max(Message.sent_at))
    .where(Message.conversation_id == Conversation.id, ~Message.from_council)
    .correlate(Conversation)
    .scalar_subquery()
)
# What a conversation is about in words: each is none where it is about something else.
_ABOUT: Final = (
    Conversation.subject,
    *(
        select(column)
        .select_from(LineItem)
        .join(Person, Person.id == LineItem.person_id)
        .where(or_(LineItem.id == Conversation.line_item_id, LineItem.id == _LINE_OF_WEEK))
        .correlate(Conversation)
        .scalar_subquery()
        for column in NAMES_OF_A_LINE
    ),
    *(
        select(column)
        .select_from(ContractDocument)
        .join(Person, Person.id == ContractDocument.person_id)
        .where(ContractDocument.id == Conversation.document_id)
        .correlate(Conversation)
        .scalar_subquery()
        for column in (ContractDocument.reference, *NAMES_OF_A_PERSON)
    ),
)
OPEN: Final = Conversation.state != ConversationState.CLOSED


class Folder(StrEnum):
    """Which conversations a list holds; what each means to a side is said where the list is asked for."""

    USUAL = ""
    TO_READ = "to-read"
    OWN = "own"
    MINE = "mine"
    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True)
class Listed:
    """A conversation in a list: when the last message was sent, and whether the side that asks has yet to read one."""

    conversation: Conversation
    last_at: datetime
    unread: bool

    @property
    def is_late(self) -> bool:
        """Whether the day by which the council answers has passed."""
        return self.conversation.answer_is_overdue(today())


def own_conversations(
    page: int, size: int, *, show: Folder = Folder.USUAL, only_weeks: bool = False, sought: str = ""
) -> Page[Listed]:
    """Return a page of the conversations of the organisation in scope: its own turn first, then the latest written.

    `only_weeks` leaves those about a week of care. Usually those are shown that are open, or closed with something to
    read; else those with something to read or to answer, or the closed. `sought` is looked for in the subject, and in
    what it is about: document and line, and the person of either.
    """
    usual = or_(OPEN, Conversation.to_read())
    shown = {Folder.TO_READ: Conversation.to_read(), Folder.CLOSED: ~OPEN}.get(show, usual)
    first = case((Conversation.state == ConversationState.WAITING_FOR_PROVIDER, 0), else_=1)
    statement = _listed(_UNREAD, shown, _seen_by(only_weeks), holding(sought, *_ABOUT)).order_by(
        first, _LAST.desc(), Conversation.id.desc()
    )
    return _page(statement, page, size)


def teams_conversations(
    page: int, size: int, *, own: Collection[str], show: Folder = Folder.USUAL, officer_id: int | None = None
) -> Page[Listed]:
    """Return a page of conversations with council teams, those of the teams `own` first, the first due first.

    Usually those are shown that wait for the council; else those that wait for one of the teams `own` (of all, where
    there is none), the open ones that the officer is to answer, all that are open, or the closed.
    """
    waiting = Conversation.waits_for_teams(())
    shown = {
        Folder.OWN: Conversation.waits_for_teams(own),
        Folder.MINE: and_(OPEN, Conversation.assigned_to_id == officer_id),
        Folder.OPEN: OPEN,
        Folder.CLOSED: ~OPEN,
    }.get(show, waiting)
    order = (case((Team.name.in_(own), 0), else_=1), ~waiting, Conversation.target_on, Conversation.id)
    latest = (_LAST.desc(), Conversation.id)
    statement = (
        _listed(_UNREAD_BY_TEAM, shown)
        .options(joinedload(Conversation.assigned_to))
        .join(Team, Team.id == Conversation.team_id)
    )
    return _page(statement.order_by(*(latest if show is Folder.CLOSED else order)), page, size)


def one_conversation(conversation_id: int, *, only_weeks: bool = False) -> Conversation:
    """Return a conversation with its messages and what it is about. Raises Unknown where it is not to be seen."""
    found: Conversation | None = db.session.scalar(
        select(Conversation)
        .where(Conversation.id == conversation_id, _seen_by(only_weeks))
        .options(
            joinedload(Conversation.team),
            joinedload(Conversation.organisation),
            joinedload(Conversation.document),
            joinedload(Conversation.invoice),
            joinedload(Conversation.scheduled_payment),
            joinedload(Conversation.line_item).options(*UNPRICED),
            joinedload(Conversation.remittance),
            joinedload(Conversation.assigned_to),
            joinedload(Conversation.actual)
            .joinedload(Actual.line_item)
            .options(joinedload(LineItem.person), *UNPRICED),
            joinedload(Conversation.actual).joinedload(Actual.check).joinedload(ExceptionCheck.decided),
            selectinload(Conversation.messages).options(
                joinedload(Message.author), joinedload(Message.team), joinedload(Message.attachments)
            ),
        )
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise Unknown
    return found


def mark_read(conversation: Conversation) -> None:
    """Keep that the provider has read what the council wrote, once for each time there is something new. Commits."""
    council = [message.sent_at for message in conversation.messages if message.from_council]
    if council and (conversation.read_at is None or conversation.read_at < max(council)):
        conversation.read_at = now()
        db.session.commit()


def mark_read_by_team(conversation: Conversation, own: Collection[str]) -> None:
    """Keep that the team a conversation is with has read what the provider wrote, where it is one of `own`. Commits."""
    wrote = [message.sent_at for message in conversation.messages if not message.from_council]
    read_at = conversation.team_read_at
    if conversation.team.name in own and wrote and (read_at is None or read_at < max(wrote)):
        conversation.team_read_at = now()
        db.session.commit()


def _since(wrote: Any, read_at: Any) -> ColumnElement[bool]:
    return and_(wrote.is_not(None), or_(read_at.is_(None), read_at < wrote))


_UNREAD: Final = _since(_COUNCIL_WROTE, Conversation.read_at)
_UNREAD_BY_TEAM: Final = _since(_PROVIDER_WROTE, Conversation.team_read_at)


def _seen_by(only_weeks: bool) -> ColumnElement[bool]:
    return Conversation.actual_id.is_not(None) if only_weeks else Conversation.id.is_not(None)


def _listed(unread: ColumnElement[bool], *conditions: ColumnElement[bool]) -> Select[Any]:
    statement: Any = (
        select(Conversation, func.coalesce(_LAST, Conversation.opened_at), unread, func.count().over())
        .where(*conditions)
        .options(
            joinedload(Conversation.team),
            joinedload(Conversation.organisation),
            joinedload(Conversation.document),
            joinedload(Conversation.invoice),
            joinedload(Conversation.scheduled_payment),
            joinedload(Conversation.line_item).options(*UNPRICED),
            joinedload(Conversation.remittance),
            joinedload(Conversation.actual).joinedload(Actual.line_item).options(*UNPRICED),
            joinedload(Conversation.actual).joinedload(Actual.check),
        )
    )
    return cast(Select[Any], statement)


def _page(statement: Select[Any], page: int, size: int) -> Page[Listed]:
    found = counted_page(statement, page, size)
    return found.showing([Listed(*row[:3]) for row in found.rows])
