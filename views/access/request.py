"""What a browser sends, as pages read it."""

from typing import Any

from flask import Flask, Request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.routing import IntegerConverter, Map
from werkzeug.utils import cached_property

from rules.text import visible

# The largest key of any table.
LARGEST_KEY = 2_147_483_647


class SentValues(ImmutableMultiDict[str, Any]):
    """What an address or a form holds, with a mark for the one character that no database can keep (U+0000)."""

    def __init__(self, mapping: Any = None) -> None:
        pairs = ImmutableMultiDict(mapping).items(multi=True)
        super().__init__([(name, _kept(value)) for name, value in pairs])


def _kept(value: Any) -> Any:
    return value.replace("\x00", "\N{REPLACEMENT CHARACTER}") if isinstance(value, str) else value


class PortalRequest(Request):
    """A request whose address and form can be asked of the database as they are.

    What an address asks for is repeated on the page, and HTML has no control characters: each is a mark. A form may
    hold them, and says where.
    """

    parameter_storage_class = SentValues

    @cached_property
    def args(self) -> Any:
        """What the address asks for."""
        return SentValues([(name, visible(value)) for name, value in super().args.items(multi=True)])


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
