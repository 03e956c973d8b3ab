"""Which page of a list is asked for, how many rows it has, and the address of the next."""

from urllib.parse import urlencode

from flask import request

from rules.number import whole_number

SIZES = (25, 50, 100, 200)
# Beyond this nobody pages; a number of any length must not reach the database.
LAST = 1_000_000


def asked_page() -> int:
    """Return the page asked for, from 1; what is no page is the first."""
    return min(max(whole_number(request.args.get("page", "")) or 1, 1), LAST)


def asked_size() -> int:
    """Return how many rows a page has."""
    typed = request.args.get("rows", "")
    return int(typed) if typed in map(str, SIZES) else SIZES[0]


def asked_words() -> str:
    """Return what was typed to find something in the list; nothing where nothing was."""
    return request.args.get("q", "").strip()[:100]


def page_address() -> str:
    """Return the address of the list with everything that was chosen, and {page} where the page's number goes."""
    chosen = [(key, value) for key, value in request.args.items(multi=True) if key != "page" and value]
    return f"?{urlencode([*chosen, ('page', '')])}{{page}}"
