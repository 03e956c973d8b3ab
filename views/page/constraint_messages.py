"""A rule of the database that was broken, turned into the sentence a person reads and the field it belongs to."""

import re
from typing import Final

from flask_appbuilder.exceptions import DatabaseException
from psycopg.errors import Error as DriverError
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from rules.number import NotANumber
from rules.problem_codes import Code
from rules.refusal import Problem

NOT_STORED: Final = Problem(
    Code.NOT_STORED, "This cannot be stored: something else depends on it, or a rule about these values forbids it."
)
KEPT: Final = "It has become money or evidence and is kept as it was written."
NEEDED: Final = Problem(Code.STILL_NEEDED, "Other records belong to it.")
ENDS_FIRST: Final = "The end must not be before the start."

SENTENCES: Final[dict[str, Problem]] = {
    "ck_contact_email_lower": Problem(Code.NOT_AN_ADDRESS, "Enter the e-mail address in small letters.", field="email"),
    "ck_hold_one_target": Problem(
        Code.ONE_OF_TWO, "Choose a contract document or a line item, not both.", field="line_item"
    ),
    "ck_plan_not_negative": Problem(Code.NEGATIVE, "Quantities of a plan are 0 or more.", field="mon"),
    "ck_plan_one_of_two": Problem(
        Code.ONE_OF_TWO, "A plan has units by day or units a week, not both.", field="weekly_quantity"
    ),
    "ck_plan_not_nothing": Problem(Code.NOTHING_PLANNED, "Nothing is planned.", field="mon"),
    "uq_plan_line_item_id_start": Problem(
        Code.TAKEN, "The line already has a plan from this day.", "Edit that one, or choose another day.", "start"
    ),
    "ck_line_item_week_is_scheduled": Problem(
        Code.NO_ACTUALS, "A line in weeks is paid as a scheduled payment.", field="payment_method"
    ),
    "ck_line_item_deductions_not_negative": Problem(
        Code.NEGATIVE, "Contribution and top-up are £0.00 or more.", field="contribution"
    ),
    "ck_one_off_payment_more_than_nothing": Problem(
        Code.OUT_OF_RANGE, "Enter an amount of more than £0.00.", field="net"
    ),
    "ck_one_off_payment_reason": Problem(Code.REASON_NEEDED, "Say what the payment is for.", field="reason"),
    "ck_payment_period_whole_weeks": Problem(
        Code.NOT_A_MONDAY, "A period starts on a Monday and ends on a Sunday.", field="start"
    ),
    "ck_payment_period_dates": Problem(
        Code.DATES_REVERSED,
        "In this order: start, end, submit by; and payment not before the payments are finalised.",
        field="submit_by",
    ),
    "ck_rate_not_negative": Problem(Code.NEGATIVE, "A price is £0.0000 or more.", field="rate"),
    "ex_payment_period_overlap": Problem(
        Code.DAYS_TAKEN, "Another payment period has some of these days.", field="start"
    ),
    "ex_rate_overlap": Problem(
        Code.DAYS_TAKEN, "The line has another price on some of these days: end that one first.", field="start"
    ),
    "ck_ledger_column_place": Problem(Code.OUT_OF_RANGE, "The first column has place 1.", field="place"),
    "uq_missing_package_waiting": Problem(
        Code.TAKEN, "This person’s care package is reported as missing already.", field="person_reference"
    ),
    "uq_payment_period_number": Problem(Code.TAKEN, "There is already a period with this number.", field="number"),
    "uq_policy_setting_name_scope_scope_id_valid_from": Problem(
        Code.TAKEN,
        "There is already a value of this setting from this day.",
        "Change that one, or choose another day.",
        "valid_from",
    ),
    "uq_service_organisation_id_name": Problem(
        Code.TAKEN, "The organisation already has a service of this name.", field="name"
    ),
    "uq_contact_organisation_id_email": Problem(
        Code.TAKEN, "The organisation already has a contact with this address.", field="email"
    ),
    "uq_rollout_sector_id": Problem(Code.TAKEN, "This sector already has a roll-out date.", field="sector"),
    "last_administrator": Problem(
        Code.STILL_NEEDED,
        "Nobody would be left who manages users: this is the last administrator.",
        "Make somebody else an administrator first.",
    ),
    "contact_signed_in": Problem(
        Code.KEPT, "Somebody who has signed in is never deleted.", "Give their access a last day instead."
    ),
} | {
    f"ck_{table}_dates": Problem(Code.DATES_REVERSED, ENDS_FIRST, field="end")
    for table in ("line_item", "rate", "contact", "hold", "announcement")
}

# Named after the column they are about (models/base.py, models/record_rules.py).
OF_COLUMNS: Final[dict[str, Problem]] = {
    "_is_a_number": NotANumber().problem,
    "_length": Problem(Code.TOO_LONG, "This is too long.", "Shorten it."),
    "_plain": Problem(Code.NOT_A_REFERENCE, "A reference has no spaces in it and does not begin with = + - or @."),
    "_alike": Problem(Code.TAKEN, "There is already one with this value, whatever its case and blanks."),
}

# PostgreSQL's codes for what has no name of its own.
RESTRICTED, STILL_NEEDED, TOO_LARGE, MISSING = "23001", "23503", "22003", "23502"


def problem_of(error: Exception) -> Problem:
    """Return what was wrong, for a person; never what the database said."""
    cause = error.__cause__ if isinstance(error, DatabaseException) else error
    broken = cause.orig if isinstance(cause, DBAPIError) else None
    if not isinstance(broken, DriverError) or not isinstance(cause, SQLAlchemyError):
        return NOT_STORED
    constraint = broken.diag.constraint_name or ""
    if known := SENTENCES.get(constraint):
        return known
    if of_column := next((suffix for suffix in OF_COLUMNS if constraint.endswith(suffix)), ""):
        column = constraint.partition(f"_{broken.diag.table_name}_")[2].removesuffix(of_column)
        return OF_COLUMNS[of_column].at(column)
    if broken.sqlstate == RESTRICTED:
        return Problem(Code.KEPT, KEPT)
    if broken.sqlstate == STILL_NEEDED:
        return NEEDED
    if broken.sqlstate == TOO_LARGE:
        return Problem(Code.OUT_OF_RANGE, "A figure is larger than can be stored.")
    if broken.sqlstate == MISSING:
        return Problem(Code.MISSING, "Fill this in.", field=broken.diag.column_name or "")
    # PostgreSQL says: Key (organisation_id, name)=(1, Holt House) already exists.
    columns = re.search(r"Key \(([^)]*)\).* already exists", broken.diag.message_detail or "")
    if columns is None:
        return NOT_STORED
    return Problem(Code.TAKEN, "There is already one with this value.", field=columns[1].split(", ")[-1])
