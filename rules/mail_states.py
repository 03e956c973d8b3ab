"""States of e-mails, what somebody wants of them, and whom the council tells something."""

from enum import StrEnum


class EmailState(StrEnum):
    """Life of an e-mail in the outbox.

    One that is being sent is claimed: nobody else sends it. Where nobody can know whether the server took it, it is
    unclear, and never sent again by itself. A notice may be gathered into a digest, or left out where its reader
    wants none.
    """

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNCLEAR = "unclear"
    GATHERED = "gathered"
    LEFT_OUT = "left out"


class MailChoice(StrEnum):
    """How somebody wants the notices that the portal writes to them by e-mail."""

    AT_ONCE = "at once"
    DAILY = "daily"
    NONE = "none"


class ReminderKind(StrEnum):
    """What an organisation is reminded of, once for each thing."""

    WEEKS = "weeks to confirm"
    DOCUMENT = "document to answer"
    ANSWER = "answer to read"


class Audience(StrEnum):
    """Whom an announcement is for; of providers all of them, those of one sector, or some."""

    EVERYBODY = "everybody"
    SECTOR = "sector"
    ORGANISATIONS = "organisations"
    STAFF = "staff"
