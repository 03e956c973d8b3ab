"""Telephone numbers as people type them: what can be one, and the one way in which it is kept and shown."""

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult

from rules.problem_codes import Code
from rules.refusal import NotUnderstood, Problem

_HERE = "GB"
_HERE_CODE = phonenumbers.country_code_for_region(_HERE)


class NotATelephoneNumber(NotUnderstood):
    """What was typed cannot be a telephone number."""


def read_telephone(text: str) -> str:
    """Return a typed telephone number as it is written here ("01603 495702 x12"), a foreign one with + and its country.

    A number is one where its length can be: whether it is in use is not asked, for new numbers are given out sooner
    than any list of them. Raises `NotATelephoneNumber`, also for an empty text.
    """
    try:
        number = phonenumbers.parse(text.strip(), _HERE)
    except NumberParseException:
        raise NotATelephoneNumber(_problem()) from None
    if phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        raise NotATelephoneNumber(_problem())
    here = number.country_code == _HERE_CODE
    return phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL if here else PhoneNumberFormat.INTERNATIONAL)


def _problem() -> Problem:
    return Problem(
        Code.NOT_A_TELEPHONE_NUMBER,
        "This is not a telephone number.",
        "Write one number, like 01603 495702 or 07700 900123.",
    )
