"""E-mail addresses as people type them: what is one, and the one way in which it is kept."""

from email_validator import EmailNotValidError, validate_email

from rules.problem_codes import Code
from rules.refusal import NotUnderstood, Problem


class NotAnEmailAddress(NotUnderstood):
    """What was typed is no e-mail address."""


def read_email(text: str) -> str:
    """Return a typed e-mail address in small letters, without blanks around it; nobody signs in with capitals.

    Whether somebody reads what is sent there is not asked: no other computer is. Raises `NotAnEmailAddress`, also for
    an empty text.
    """
    try:
        found = validate_email(text.strip(), check_deliverability=False)
    except EmailNotValidError:
        raise NotAnEmailAddress(
            Problem(
                Code.NOT_AN_ADDRESS,
                "This is not an e-mail address.",
                "Write it like name@provider.co.uk, and only one.",
            )
        ) from None
    return found.normalized.lower()
