"""What a browser sends, as pages read it."""

from typing import Any

from flask import Flask, Request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.routing import IntegerConverter, Map

from rules.text import visible

# The largest key of any table.
LARGEST_KEY = 2_147_483_647


class SentValues(ImmutableMultiDict[str, Any]):
    """What an address or a form holds, with a mark for each character that nobody can see.

    Databases and HTML have no place for some of them, and pages repeat what was asked and typed. A mark is refused
    where it would be kept (`refuse_unseen`).
    """

    def __init__(self, mapping: Any = None) -> None:
        pairs = ImmutableMultiDict(mapping).items(multi=True)
        super().__init__([(name, visible(value) if isinstance(value, str) else value) for name, value in pairs])


class PortalRequest(Request):
    """A request whose address and form can be asked of the database, and shown, as they are."""

    parameter_storage_class = SentValues


class KeyInAddress(IntegerConverter):
    """A whole number in an address: larger than any key it is the address of nothing, and no page is asked."""

    # Of more digits int() itself would fail.
    regex = r"\d{1,10}"

    def __init__(self, map: Map, fixed_digits: int = 0, min: int | None = None, max: int | None = LARGEST_KEY) -> None:  # noqa: A002
        super().__init__(map, fixed_digits, min, max)


def register_request(app: Flask) -> None:
    """Have `app` read addresses and forms so; to be called before it has any address."""
    app.request_class = PortalRequest
    app.url_map.converters["int"] = KeyInAddress
