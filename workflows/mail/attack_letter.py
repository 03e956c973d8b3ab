"""The e-mail to somebody whose password or code strangers guess at."""

SUBJECT = "Somebody tried to sign in with your email address"
BODY = """Somebody entered a wrong password or security code for your account on the provider portal of {council},
several times. Nobody got in by it, and where it came from is locked out for a while.

If it was you, you need do nothing. A computer or phone on which you signed in before still lets you in.

If it was not you, and you use the same password elsewhere, choose a new one:
{address}

You get this at most once a day.
"""


def account_under_attack(council: str, address: str) -> str:
    """Return the text to the owner of an account; `address` is where a new password is asked for."""
    return BODY.format(council=council, address=address)
