"""The words a column may hold: the states, kinds and units of care and money, of organisations and of users.

Those of agreements, e-mails and files given stand in modules of their own: `agreement_states`, `mail_states`,
`upload_states`.
They are the words of the field, the same in the database, in code and (through `label`) on pages.
A member's value is what the database stores; its label is what people read.
"""

from collections.abc import Mapping
from enum import StrEnum


class Unit(StrEnum):
    """What a plan, an actual and a rate are counted in."""

    HOUR = "HOUR"
    VISIT = "VISIT"
    SESSION = "SESSION"
    DAY = "DAY"
    NIGHT = "NIGHT"
    MEAL = "MEAL"
    EACH = "EACH"
    WEEK = "WEEK"


class PlanKind(StrEnum):
    """Timetabled: seven quantities, Monday to Sunday. Weekly: one quantity a week."""

    TIMETABLED = "TIMETABLED"
    WEEKLY = "WEEKLY"


class PaymentMethod(StrEnum):
    """ACTUALS: paid by invoice for what was delivered. SCHEDULED: paid every period without an invoice."""

    ACTUALS = "ACTUALS"
    SCHEDULED = "SCHEDULED"


class PaymentBasis(StrEnum):
    """NET: the person's contribution and top-up are deducted before payment. GROSS: they are not."""

    GROSS = "GROSS"
    NET = "NET"


class VatCode(StrEnum):
    """VAT treatment of a line of care."""

    EXEMPT = "EXEMPT"
    STANDARD = "STANDARD"
    REDUCED = "REDUCED"
    ZERO = "ZERO"
    OUTSIDE = "OUTSIDE"


class ActualState(StrEnum):
    """Life of one line's week. "Not started" is a week that has no row."""

    DRAFT = "draft"
    CONFIRMED = "confirmed"
    INVOICED = "invoiced"
    PAID = "paid"


class Decision(StrEnum):
    """What Service Brokerage may decide about a week over the exception level."""

    AS_CLAIMED = "approved as claimed"
    UP_TO = "approved up to"
    REFUSED = "refused"


class InvoiceState(StrEnum):
    """Life of an invoice. A rejected one and a withdrawn one free their weeks."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    IN_RUN = "in a payment run"
    PAID = "paid"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class LineKind(StrEnum):
    """Why money stands on a line of an invoice, a scheduled payment or a remittance."""

    CURRENT = "CURRENT"
    LATE = "LATE"
    UNITS_DIFF = "UNITS_DIFF"
    RATE_DIFF = "RATE_DIFF"
    SCHEDULED = "SCHEDULED"
    ABSENCE = "ABSENCE"
    ONE_OFF = "ONE_OFF"
    RECOVERY = "RECOVERY"

    @property
    def is_difference(self) -> bool:
        """Whether the line takes back or adds to what was invoiced or paid before (rules.md 8)."""
        return self in (LineKind.UNITS_DIFF, LineKind.RATE_DIFF)


class JournalKind(StrEnum):
    """What an event of the ledger did (rules.md 16)."""

    MADE = "made"
    TAKEN_BACK = "taken back"
    PAID = "paid"
    RETURNED = "returned"


class JournalAccount(StrEnum):
    """The accounts of the ledger: what care cost, its VAT, and what stands between the council and an organisation."""

    CARE = "care"
    VAT = "VAT"
    OWED = "owed"
    PAID = "paid"
    RECOVERABLE = "recoverable"


class RunState(StrEnum):
    """Life of a payment run."""

    DRAFT = "draft"
    APPROVED = "approved"
    RELEASED = "released"
    SETTLED = "settled"


class ScheduledState(StrEnum):
    """Life of a scheduled payment."""

    PREVIEW = "preview"
    ON_HOLD = "on hold"
    FINALISED = "finalised"
    IN_RUN = "in a payment run"
    PAID = "paid"


class ClaimState(StrEnum):
    """Life of an unplanned absence claim."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    IN_PART = "approved in part"
    REFUSED = "refused"
    PAID = "paid"


class AbsenceReason(StrEnum):
    """Why a person was unexpectedly away (rules.md 7)."""

    HOSPITAL = "hospital"
    RESPITE = "respite"
    HOLIDAY = "holiday"
    ILLNESS = "illness"
    DECEASED = "deceased"
    OTHER = "other"


class OneOffState(StrEnum):
    """Life of a one-off payment made by the council."""

    WAITING = "waiting"
    IN_RUN = "in a payment run"
    PAID = "paid"


class ConversationState(StrEnum):
    """Whose turn it is in a conversation."""

    WAITING_FOR_COUNCIL = "waiting for the council"
    WAITING_FOR_PROVIDER = "waiting for the provider"
    CLOSED = "closed"


class OrganisationState(StrEnum):
    """Whether an organisation is switched on."""

    LIVE = "live"
    WAITING = "waiting"
    SUSPENDED = "suspended"
    ENDED = "ended"


class ProviderFunction(StrEnum):
    """A function of the portal that a contact may be given."""

    DOCUMENTS = "Contract documents"
    ACTUALS = "Actuals"
    PAYMENTS = "Invoices and payments"
    ORGANISATION = "Contacts and organisation"
    CONVERSATIONS = "Conversations"


class ChangeKind(StrEnum):
    """What of an organisation the council changes only after two officers have said yes."""

    LEGAL_NAME = "legal name"
    VAT_NUMBER = "VAT number"
    BANK_DETAILS = "bank details"


class ChangeState(StrEnum):
    """Life of a change that a provider asked for. CHECKED: one officer has confirmed it, another has to."""

    ASKED = "asked for"
    CHECKED = "confirmed once"
    CONFIRMED = "confirmed"
    SENT_BACK = "sent back"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"


class CodeKind(StrEnum):
    """How a person proves who they are in the second step."""

    APP = "authenticator app"
    DIGITS = "own six digits"


class SignInStep(StrEnum):
    """Where somebody stands who is signing in; the next page they get is its own."""

    NEW_PASSWORD = "new password"
    NEW_CODE = "new code"
    RECOVERY_CODES = "recovery codes"
    CODE = "code"
    ORGANISATION = "organisation"
    NOT_OPEN = "not open"
    DONE = "done"


class PasskeyPurpose(StrEnum):
    """What a passkey is asked to sign for: a signature for one is none for another."""

    SIGN_IN = "sign in"
    ADD = "add a passkey"
    CONFIRM = "confirm a step"


class JobState(StrEnum):
    """How a run of a scheduled job ended."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class PolicyScope(StrEnum):
    """How far a policy setting reaches; the narrowest that is valid wins."""

    COUNCIL = "council"
    SECTOR = "sector"
    ORGANISATION = "organisation"
    LINE = "line"
    TEAM = "team"


# What a word is called where its own says little: a run by what somebody has to do with it next.
_CALLED: Mapping[tuple[type[StrEnum], str], str] = {
    (LineKind, LineKind.UNITS_DIFF): "Correction",
    (LineKind, LineKind.RATE_DIFF): "Change of rate",
    (PaymentMethod, PaymentMethod.ACTUALS): "By invoice for what was delivered",
    (PaymentMethod, PaymentMethod.SCHEDULED): "Every four weeks without an invoice",
    (RunState, RunState.DRAFT): "To approve",
    (RunState, RunState.APPROVED): "To release",
}


def label(word: StrEnum) -> str:
    """Return the word as people read it: what it is called, or as `spelled`."""
    return _CALLED.get((type(word), word.value)) or spelled(word)


def spelled(word: StrEnum) -> str:
    """Return the word itself: capitals and underscores undone, the first letter a capital, the rest kept."""
    text = word.value.replace("_", " ")
    text = text.lower() if text.isupper() else text
    return text[:1].upper() + text[1:]
