"""How long each kind of record is kept, and what becomes of it then: emptied, never the figures in it."""

from typing import Final, NamedTuple


class KeptFor(NamedTuple):
    """A kind of record: the policy setting with its years, from when they count, and what is done afterwards."""

    kind: str
    setting: str
    since: str
    then: str


KEPT: Final = (
    KeptFor("people", "keep_names_years", "the end of a person's last line item",
         "The name becomes “Name removed”; the reference stays, so that money can be explained."),
    KeptFor("contacts", "keep_contacts_years", "the end of a contact's access",
         "Name, job, e-mail address and telephone number are removed."),
    KeptFor("files", "keep_files_years", "the day the file was given",
         "The content, the name and the values quoted from it are removed; what it changed stays."),
    KeptFor("messages", "keep_messages_years", "the day the conversation was closed",
         "Subject, messages, notes and attached files are removed; who wrote when stays."),
    KeptFor("e-mails", "keep_emails_years", "the day it was written", "Recipient and text are removed."),
    KeptFor("sessions", "keep_sessions_years", "its last use", "The session is deleted."),
    KeptFor("trail", "keep_trail_years", "the event",
         "Values, reason and network address are removed; who did what to which record stays."),
)  # fmt: skip

# What is not about anybody, or is kept as long as the portal: the ledger and what explains it.
FOR_GOOD: Final = "for good"
BY_KIND: Final = {each.kind: each for each in KEPT}
