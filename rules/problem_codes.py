"""The codes of everything that can be refused: what a program, a result file and the catalogue know a problem by.

A code is never renamed: other people's software reads it. The words beside it may change at any time.
"""

from enum import StrEnum


class Code(StrEnum):
    """Why something is refused, whatever the sentence says."""

    # What was typed or chosen
    MISSING = "missing"
    REASON_NEEDED = "reason-needed"
    COMMENT_NEEDED = "comment-needed"
    UNKNOWN_REASON = "unknown-reason"
    NOT_ON_LIST = "not-on-list"
    NOT_A_DATE = "not-a-date"
    NOT_A_TIME = "not-a-time"
    NOT_A_NUMBER = "not-a-number"
    NOT_TIERS = "not-tiers"
    NOT_AN_ADDRESS = "not-an-address"
    NOT_A_TELEPHONE_NUMBER = "not-a-telephone-number"
    NOT_BANK_DETAILS = "not-bank-details"
    NOT_A_VAT_NUMBER = "not-a-vat-number"
    NOT_A_POSTCODE = "not-a-postcode"
    NOT_A_REFERENCE = "not-a-reference"
    NEGATIVE = "negative"
    OUT_OF_RANGE = "out-of-range"
    TOO_LONG = "too-long"
    TOO_SHORT = "too-short"
    TOO_MANY = "too-many"
    UNSEEN = "unseen-character"
    ONE_OF_TWO = "one-of-two"
    DATES_REVERSED = "dates-reversed"
    NOT_A_MONDAY = "not-a-monday"

    # Care and its weeks
    OUTSIDE_LINE = "outside-line"
    BEFORE_PORTAL_START = "before-portal-start"
    FUTURE_DATE = "future-date"
    NOT_OVER = "not-over"
    WRONG_STEP = "wrong-step"
    OVER_24_HOURS = "over-24-hours"
    PLANNED_BY_DAY = "planned-by-day"
    PLANNED_BY_WEEK = "planned-by-week"
    NO_ACTUALS = "no-actuals"
    NOTHING_PLANNED = "nothing-planned"
    OVER_PLAN = "over-plan"
    CARE_RECORDED = "care-recorded"
    ABSENCE_CLAIM = "absence-claim"
    UNKNOWN_LINE = "unknown-line"
    LOCKED = "locked"
    CONFLICT = "conflict"
    NOT_OPEN = "not-open"

    # Files
    BROKEN_FILE = "broken-file"
    HAS_PROBLEMS = "has-problems"
    DUPLICATE_ROW = "duplicate-row"
    MISSING_COLUMNS = "missing-columns"
    NO_ROWS = "no-rows"
    CONTRADICTION = "contradiction"
    MONTH_FIRST = "month-first"
    DONE_ALREADY = "done-already"
    NOT_EMPTY = "not-empty"

    # Records, and what others did to them meanwhile
    NOT_FOUND = "not-found"
    AMBIGUOUS = "ambiguous"
    GONE = "gone"
    TAKEN = "taken"
    DAYS_TAKEN = "days-taken"
    WRONG_STATE = "wrong-state"
    CHANGED_MEANWHILE = "changed-meanwhile"
    FIGURES_CHANGED = "figures-changed"
    KEPT = "kept"
    STILL_NEEDED = "still-needed"
    NOT_STORED = "not-stored"

    # Contract documents, exceptions, claims, conversations
    NO_LINE_ITEMS = "no-line-items"
    NOT_IN_FORCE = "not-in-force"
    NOT_ACCEPTED = "not-accepted"
    NOT_HELD = "not-held"
    ASKED_ALREADY = "asked-already"
    DECIDED_ALREADY = "decided-already"
    ANOTHER_TEAM = "another-team"

    # Money
    NO_RATE = "no-rate"
    NOTHING_PAYABLE = "nothing-payable"
    PAST_DATE = "past-date"
    TOO_EARLY = "too-early"
    NOT_A_WORKING_DAY = "not-a-working-day"
    OWN_RUN = "own-run"
    OWN_CHECK = "own-check"
    TOTALS_DISAGREE = "totals-disagree"

    # Signing in
    WRONG_PASSWORD = "wrong-password"
    PASSWORD_EXPIRED = "password-expired"
    TOO_MANY_TRIES = "too-many-tries"
    NOT_THE_SAME = "not-the-same"
    SAME_AS_BEFORE = "same-as-before"
    EASY_TO_GUESS = "easy-to-guess"
    NOT_SIX_DIGITS = "not-six-digits"
    NOT_A_RECOVERY_CODE = "not-a-recovery-code"
    WRONG_CODE = "wrong-code"
    LATE_CODE = "late-code"
    USED_CODE = "used-code"
    ACCESS_ENDED = "access-ended"
    OWN_ACCESS = "own-access"
