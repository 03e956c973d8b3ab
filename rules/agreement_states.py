"""The words a column may hold about agreements, what two officers decide, and organisations going live.

`rules.states.label` says them as people read them.
"""

from enum import StrEnum


class DocumentState(StrEnum):
    """Life of a contract document (ISO)."""

    DRAFT = "draft"
    PUBLISHED = "published"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"


class ProposalKind(StrEnum):
    """What two officers decide together (rules.md 14)."""

    PUBLISH = "publishing"
    CHANGE_RATE = "rate change"
    CHANGE_PLAN = "plan change"
    CHANGE_DEDUCTION = "contribution change"
    END_LINE = "line end"
    NEW_VERSION = "new version"
    UPLIFT = "uplift"
    ONE_OFF = "one-off payment"
    POLICY_VALUE = "policy value"
    ROLE = "role"
    RECOVERY = "recovery"
    INSTALMENTS = "instalments"


class ProposalState(StrEnum):
    """Life of a proposal; one that was sent back or withdrawn is proposed anew as another."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    SENT_BACK = "sent back"
    WITHDRAWN = "withdrawn"


class PaperState(StrEnum):
    """What became of a paper ISO issued while the system was down."""

    WAITING = "waiting"
    REPLACED = "replaced"
    MIGRATED = "migrated"
    REVIEW = "needs review"
    CANCELLED = "not an agreement"


class MissingState(StrEnum):
    """What became of a care package that a provider reported missing."""

    REPORTED = "reported"
    FOUND = "found"


class InvitationState(StrEnum):
    """Life of a contact's invitation."""

    WAITING = "waiting"
    SENT = "sent"
    NOT_SENT = "not sent"
    STOPPED = "stopped"


class NamingState(StrEnum):
    """What became of somebody an organisation named on its contacts form."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    LEFT_OUT = "left out"
