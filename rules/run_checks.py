"""What is looked at before a payment run is approved: each check, what it says, and what may be done (rules.md 10)."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from rules.money import pounds
from rules.period import uk_date


class RunCheck(StrEnum):
    """One check of everything in a payment run."""

    NO_ACCOUNT = "no bank account"
    CALL_BACK = "no call-back"
    HOLD = "on hold"
    DISPUTE = "in dispute"
    OVER_LEVEL = "over the level"
    NOT_ACCEPTED = "not accepted"
    DUPLICATE = "duplicate"
    OVERLAP = "overlap"
    AFTER_END = "after the end"
    AFTER_DEATH = "after a death"
    JUMP = "sudden jump"
    ONE_ACCOUNT = "one account"


# Nobody can look these away: the source leaves the run, or what stops it ends.
STOPS: Final = (RunCheck.NO_ACCOUNT, RunCheck.CALL_BACK, RunCheck.HOLD, RunCheck.DISPUTE)


class CheckWords(NamedTuple):
    """What a check is called where it found something, what it says where it found nothing, and what a tick means."""

    title: str
    nothing: str
    meant: str = ""


WORDS: Final[Mapping[RunCheck, CheckWords]] = {
    RunCheck.NO_ACCOUNT: CheckWords("No bank account", "Every organisation has a confirmed bank account"),
    RunCheck.CALL_BACK: CheckWords("Bank account changed, no call-back yet", "No changed bank account"),
    RunCheck.HOLD: CheckWords("Payment on hold", "Nothing on hold"),
    RunCheck.DISPUTE: CheckWords("In dispute", "Nothing in dispute"),
    RunCheck.OVER_LEVEL: CheckWords(
        "Over the exception level without a decision", "Nothing over the exception level without a decision"
    ),
    RunCheck.NOT_ACCEPTED: CheckWords("Document not accepted", "Every document accepted where that is needed"),
    RunCheck.DUPLICATE: CheckWords("Looks like a duplicate", "Nothing that looks like a duplicate"),
    RunCheck.OVERLAP: CheckWords(
        "One person, two lines of one element", "No person with two lines of one element on one day"
    ),
    RunCheck.AFTER_END: CheckWords("Paid after the line ended", "Nothing after a line’s end"),
    RunCheck.AFTER_DEATH: CheckWords("Paid after a death", "Nothing after a death"),
    RunCheck.JUMP: CheckWords("Sudden jump", "No sudden jump"),
    RunCheck.ONE_ACCOUNT: CheckWords("One bank account, two organisations", "No bank account of two organisations"),
}


class FoundInRun(NamedTuple):
    """Something a check found: about which organisation and source, in words, and for how many pounds.

    `about` tells it from others of its check and organisation and stays the same when it is found again.
    """

    check: RunCheck
    organisation_id: int
    about: str
    what: str
    pounds: Decimal
    source_id: int | None = None


NO_ACCOUNT: Final = "The organisation has no confirmed bank details: confirm them under Change requests."


def held(reason: str, since: date) -> str:
    """Say what a hold is for."""
    return f"On hold since {uk_date(since)}: {reason}"


def to_call(account: str, before: str, since: date) -> str:
    """Say which account waits for a call-back, since when, and which one it is to replace ("" where none is known)."""
    instead = f"instead of {before}" if before else "where none was known"
    return f"Since {uk_date(since)} {account}, {instead}. Nothing is paid until the call-back is recorded."


def disputed(source: str, since: date, reason: str) -> str:
    """Say what a dispute is about."""
    return f"{source} has been in dispute since {uk_date(since)}: {reason}"


def over_level(source: str, line: str, week: date) -> str:
    """Say which week is over its exception level and undecided."""
    return f"{source}: the week of {uk_date(week)} on line {line} is over the level, and nobody has decided."


def not_accepted(source: str, line: str, document: str) -> str:
    """Say which document is not accepted though payment needs it."""
    return f"{source} pays line {line}, whose document {document} is not accepted."


def duplicate(first: str, second: str, line: str, week: date) -> str:
    """Say which two sources pay the same week of a line."""
    return f"{first} and {second} both pay the same units of line {line} in the week of {uk_date(week)}."


def paid_alike(first: str, second: str, net: Decimal) -> str:
    """Say which two one-off payments look alike."""
    return f"{first} and {second} both pay {pounds(net)} to the organisation."


def overlap(person: str, element: str, lines: tuple[str, str], week: date, other: str) -> str:
    """Say which two lines pay one person's element in one week; `other` is another organisation's name, if so."""
    also = f", the latter by {other}" if other else ""
    return f"{person} has {element.lower()} on lines {lines[0]} and {lines[1]}{also} in the week of {uk_date(week)}."


def after_end(source: str, line: str, ended: date, week: date) -> str:
    """Say what is paid after a line's last day."""
    return f"{source} pays care after line {line} ended on {uk_date(ended)}: week of {uk_date(week)}."


def after_death(source: str, line: str, died: date, week: date) -> str:
    """Say what is paid after somebody is known to have died."""
    return (
        f"{source} pays line {line} in the week of {uk_date(week)}; the person is reported to have died by"
        f" {uk_date(died)}."
    )


def jump(total: Decimal, average: Decimal, periods: int) -> str:
    """Say how far an organisation's payment is above its last ones."""
    more = (total / average - 1) * 100
    return f"{pounds(total)}, on average {pounds(average)} in the last {periods} payments: {more:.0f}% more."


def one_account(ending: str, others: tuple[str, ...]) -> str:
    """Say who else is paid into the account of an organisation."""
    return f"The account ending {ending} is also that of {' and '.join(others)}."
