"""What a browser sends, as pages read it."""

from typing import Any

from flask import Request
from werkzeug.datastructures import ImmutableMultiDict


class SentValues(ImmutableMultiDict[str, Any]):
    """What an address or a form holds, with a mark for the one character that no database can keep (U+0000)."""

    def __init__(self, mapping: Any = None) -> None:
        pairs = ImmutableMultiDict(mapping).items(multi=True)
        super().__init__([(name, _kept(value)) for name, value in pairs])


def _kept(value: Any) -> Any:
    return value.replace("\x00", "\N{REPLACEMENT CHARACTER}") if isinstance(value, str) else value


class PortalRequest(Request):
    """A request whose address and form can be asked of the database as they are."""

    parameter_storage_class = SentValues
