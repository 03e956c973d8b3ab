"""States of files that are given, to the staff's imports and to the actuals, and what is found in them."""

from enum import StrEnum


class ImportState(StrEnum):
    """Life of a staff import: checked, then put into the portal or left; abandoned once nobody confirmed it in time."""

    WAITING = "waiting"
    CHECKING = "checking"
    CHECKED = "checked"
    APPLYING = "applying"
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"
    ABANDONED = "abandoned"


class UploadState(StrEnum):
    """Life of a file of actuals: checked, then put into the portal or left.

    One of the sender's own headings waits until somebody has said what its columns are.
    """

    WAITING = "waiting"
    CHECKING = "checking"
    MATCHING = "columns to match"
    CHECKED = "checked"
    APPLYING = "applying"
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


class FindingKind(StrEnum):
    """What a finding of an upload's check means for its row: out, in, or in where it is ticked."""

    REJECTED = "rejected"
    WARNING = "warning"
    CONFLICT = "conflict"
    LOCKED = "locked"
