"""Files that are sent with a message: judged by what they hold, kept with it, handed out again."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, time
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import undefer

from models import Attachment, Conversation, Message, Organisation, db
from rules.attachment import FIELD, MOST_FILES, ending_of, safe_name, why_not_attached
from rules.problem_codes import Code
from rules.refusal import Problem, Unknown
from rules.scan import MEBIBYTE
from workflows import policy
from workflows.clock import LONDON, london_day, now


class AttachedFile(NamedTuple):
    """A file as it came: its name, and what it holds."""

    name: str
    content: bytes


class AttachmentLimits(NamedTuple):
    """What the policy allows (CO-2, CO-3): kinds by their endings, mebibytes of one file, files of one message."""

    kinds: tuple[str, ...]
    mebibytes: int
    files: int


def limits() -> AttachmentLimits:
    """Return what may be attached today."""
    kinds, most = policy.for_council("attachment_kinds"), policy.for_council("attachment_mebibytes")
    return AttachmentLimits(kinds, most, MOST_FILES)


def why_no_files(files: Sequence[AttachedFile], organisation_id: int, *, from_council: bool) -> list[Problem]:
    """Return everything that is wrong with the files of a message, at the field `attachments`.

    What an organisation sends counts against what it may send in a day and altogether (CO-6, CO-7). It is locked until
    the end of the transaction, so that two who send at once do not both fit in what is left.
    """
    if not files:
        return []
    allowed = limits()
    found = [why_not_attached(*each, allowed.kinds, allowed.mebibytes) for each in files]
    problems = [problem for problem in found if problem]
    if len(files) > allowed.files:
        few = f"These are {len(files)} files."
        problems.append(Problem(Code.TOO_LONG, few, f"Send at most {allowed.files} with a message.", FIELD))
    if not problems and not from_council:
        problems += _over_quota(sum(len(each.content) for each in files), organisation_id)
    return problems


def attach(message: Message, files: Sequence[AttachedFile]) -> None:
    """Keep files with a message that is not committed yet; they passed `why_no_files`. The caller commits."""
    db.session.flush()
    for name, content in files:
        kind = ending_of(name)
        db.session.add(
            Attachment(
                organisation_id=message.organisation_id,
                message_id=message.id,
                from_council=message.from_council,
                filename=safe_name(name, kind),
                kind=kind,
                size=len(content),
                sha256=hashlib.sha256(content).hexdigest(),
                content=content,
                attached_at=now(),
            )
        )


def one_attachment(conversation_id: int, attachment_id: int, *, only_weeks: bool = False) -> Attachment:
    """Return a file of a conversation with its content. Raises Unknown where it is not to be seen."""
    found: Attachment | None = db.session.scalar(
        select(Attachment)
        .join(Message, Message.id == Attachment.message_id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(Attachment.id == attachment_id, Conversation.id == conversation_id)
        .where(Conversation.actual_id.is_not(None) if only_weeks else Conversation.id.is_not(None))
        .options(undefer(Attachment.content))
    )
    if found is None:
        raise Unknown
    return found


def _over_quota(size: int, organisation_id: int) -> list[Problem]:
    db.session.execute(
        select(Organisation.id).where(Organisation.id == organisation_id).with_for_update(key_share=True)
    )
    midnight = datetime.combine(london_day(now()), time(), LONDON)
    sent = func.coalesce(func.sum(Attachment.size), 0)
    own = select(sent, func.coalesce(func.sum(Attachment.size).filter(Attachment.attached_at >= midnight), 0)).where(
        Attachment.organisation_id == organisation_id, ~Attachment.from_council
    )
    total, day = db.session.execute(own).one()
    most_day, most = (policy.for_council(f"attachments_{each}_mebibytes") for each in ("day", "total"))
    if day + size > most_day * MEBIBYTE:
        wrong = f"Your organisation can attach {most_day:,} MB in a day, and this would be more."
        return [Problem(Code.OUT_OF_RANGE, wrong, "Send the message without the files, or tomorrow.", FIELD)]
    if total + size > most * MEBIBYTE:
        wrong = f"Your organisation has attached almost the {most:,} MB that it can."
        return [Problem(Code.OUT_OF_RANGE, wrong, "Send the message without the files.", FIELD)]
    return []
