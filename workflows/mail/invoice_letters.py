"""The e-mail that tells officers of invoices that have waited long: no numbers, no names."""

UNPAID_SUBJECT = "Invoices are waiting to be paid"
UNPAID_BODY = """Some invoices of providers have been unpaid for a while, and their due date comes near.

Sign in to the provider portal to see which, and what each waits for:
{address}

You get this once for each invoice.
"""


def invoices_unpaid(address: str) -> str:
    """Return the text to an officer; `address` is that of the list."""
    return UNPAID_BODY.format(address=address)
