"""A rule of the database that was broken, turned into the sentence a person reads and the field it belongs to."""

import re
from typing import Final

from flask_appbuilder.exceptions import DatabaseException
from psycopg.errors import Error as DriverError
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from rules.number import NotANumber
from rules.refusal import Problem

NOT_STORED: Final = "This cannot be stored: something else depends on it, or a rule about these values forbids it."
KEPT: Final = "It has become money or evidence and is kept as it was written."
NEEDED: Final = "Other records belong to it."
ENDS_FIRST: Final = "The end must not be before the start."

SENTENCES: Final[dict[str, Problem]] = {
    "ck_announcement_one_audience": Problem("Choose a sector or an organisation, not both.", "organisation"),
    "ck_contact_email_lower": Problem("Enter the e-mail address in small letters.", "email"),
    "ck_hold_one_target": Problem("Choose a contract document or a line item, not both.", "line_item"),
    "ck_line_item_plan_not_negative": Problem("Quantities of a plan are 0 or more.", "plan_kind"),
    "ck_line_item_plan_of_its_kind": Problem(
        "A timetabled line has quantities by day and none for the week; a weekly line the other way round.", "plan_kind"
    ),
    "ck_line_item_week_is_scheduled": Problem("A line in weeks is paid as a scheduled payment.", "payment_method"),
    "ck_line_item_deductions_not_negative": Problem("Contribution and top-up are £0.00 or more.", "contribution"),
    "ck_one_off_payment_more_than_nothing": Problem("Enter an amount of more than £0.00.", "net"),
    "ck_one_off_payment_reason": Problem("Say what the payment is for.", "reason"),
    "ck_payment_period_whole_weeks": Problem("A period starts on a Monday and ends on a Sunday.", "start"),
    "ck_payment_period_dates": Problem(
        "In this order: start, end, submit by; and payment not before the payments are finalised.", "submit_by"
    ),
    "ck_rate_not_negative": Problem("A price is £0.0000 or more.", "rate"),
    "ex_payment_period_overlap": Problem("Another payment period has some of these days.", "start"),
    "ex_rate_overlap": Problem("The line has another price on some of these days: end that one first.", "start"),
    "uq_contract_document_in_force": Problem("Another version of this document is in force.", "reference"),
    "uq_contract_document_reference_version": Problem("This version of the document is there already.", "reference"),
    "uq_payment_period_number": Problem("There is already a period with this number.", "number"),
    "uq_policy_setting_name_scope_scope_id_valid_from": Problem(
        "There is already a value of this setting from this day. Change that one, or choose another day.", "valid_from"
    ),
    "uq_service_organisation_id_name": Problem("The organisation already has a service of this name.", "name"),
    "uq_contact_organisation_id_email": Problem("The organisation already has a contact with this address.", "email"),
    "uq_rollout_sector_id": Problem("This sector already has a roll-out date.", "sector"),
} | {
    f"ck_{table}_dates": Problem(ENDS_FIRST, "end")
    for table in ("line_item", "rate", "contact", "hold", "announcement")
}

IS_A_NUMBER: Final = "_is_a_number"

# PostgreSQL's codes for what has no name of its own.
RESTRICTED, STILL_NEEDED, TOO_LARGE, MISSING = "23001", "23503", "22003", "23502"


def problem_of(error: Exception) -> Problem:
    """Return what was wrong, for a person; never what the database said."""
    cause = error.__cause__ if isinstance(error, DatabaseException) else error
    broken = cause.orig if isinstance(cause, DBAPIError) else None
    if not isinstance(broken, DriverError) or not isinstance(cause, SQLAlchemyError):
        return Problem(NOT_STORED)
    constraint = broken.diag.constraint_name or ""
    if known := SENTENCES.get(constraint):
        return known
    # Every numeric column has such a constraint, named after the column.
    if constraint.endswith(IS_A_NUMBER):
        return Problem(str(NotANumber()), constraint.removeprefix(f"ck_{broken.diag.table_name}_")[: -len(IS_A_NUMBER)])
    if broken.sqlstate == RESTRICTED:
        return Problem(KEPT)
    if broken.sqlstate == STILL_NEEDED:
        return Problem(NEEDED)
    if broken.sqlstate == TOO_LARGE:
        return Problem("A figure is larger than can be stored.")
    if broken.sqlstate == MISSING:
        return Problem("Fill this in.", broken.diag.column_name or "")
    # PostgreSQL says: Key (organisation_id, name)=(1, Holt House) already exists.
    columns = re.search(r"Key \(([^)]*)\).* already exists", str(broken))
    return (
        Problem("There is already one with this value.", columns[1].split(", ")[-1]) if columns else Problem(NOT_STORED)
    )
