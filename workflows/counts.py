"""What waits for somebody: the counts beside the navigation, each page's in one query."""

from collections.abc import Sequence

from sqlalchemy import Integer, and_, bindparam, exists, func, or_, select, text

from models import ContractDocument, Conversation, ExceptionCheck, Message, db
from rules.states import ConversationState, DocumentState

_read_at = func.coalesce(Conversation.read_at, Conversation.opened_at)
# A provider's turn, but for what was decided and read; or closed by the council and not read.
TO_READ = or_(
    and_(
        Conversation.state == ConversationState.WAITING_FOR_PROVIDER,
        or_(
            ~exists().where(ExceptionCheck.actual_id == Conversation.actual_id, ExceptionCheck.decided_at.is_not(None)),
            exists().where(
                Message.conversation_id == Conversation.id, Message.from_council, Message.sent_at > _read_at
            ),
        ),
    ),
    Conversation.closed_at > _read_at,
)
# What waits for a provider, as columns for whoever asks for something else as well. `user` is the id of the person.
OF_PROVIDER = (
    select(func.count())
    .select_from(ContractDocument)
    .where(ContractDocument.state == DocumentState.PUBLISHED)
    .scalar_subquery(),
    select(func.count())
    .select_from(ExceptionCheck)
    .where(ExceptionCheck.over, ExceptionCheck.decision.is_(None))
    .scalar_subquery(),
    select(func.count()).select_from(Conversation).where(TO_READ).scalar_subquery(),
    func.organisations_of(bindparam("user", type_=Integer)),
)
_OF_PROVIDER = select(*OF_PROVIDER)
_OF_COUNCIL = text(
    "SELECT (SELECT count(*) FROM contract_document WHERE state = 'draft') AS documents,"
    " (SELECT count(*) FROM invoice WHERE state = 'submitted') AS invoices,"
    " (SELECT count(*) FROM absence_claim WHERE state = 'submitted') AS claims,"
    " (SELECT count(*) FROM payment_run WHERE state IN ('draft', 'approved')) AS runs,"
    " (SELECT count(*) FROM exception_check WHERE over AND decision IS NULL) AS held,"
    " (SELECT count(*) FROM conversation JOIN team ON team.id = conversation.team_id"
    " WHERE state = 'waiting for the council' AND (:everybodys OR team.name = ANY(:teams))) AS conversations"
)


def for_provider(user_id: int) -> dict[str, int]:
    """Return what waits for the organisation in scope: documents to accept, weeks held, conversations to read;
    and of how many organisations the person is a contact.

    Counted by the database under its own row-level security, which knows whose rows these are.
    """
    return named(db.session.execute(_OF_PROVIDER, {"user": user_id}).one())


def named(counts: Sequence[int]) -> dict[str, int]:
    """Return counts that were asked for as OF_PROVIDER, as `for_provider` does."""
    return dict(zip(("documents", "held", "answers", "organisations"), counts, strict=True))


def for_council(teams: Sequence[str]) -> dict[str, int]:
    """Return what waits for officers: documents, invoices, claims, payment runs, weeks held, conversations.

    The conversations are those of the `teams` an officer answers for, of all teams where they answer for none.
    """
    asked = {"teams": list(teams), "everybodys": not teams}
    row = db.session.connection().execute(_OF_COUNCIL, asked).one()
    return dict(row._mapping)
