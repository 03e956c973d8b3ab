"""For which address passkeys are: a browser makes and uses one for a name alone, never for another."""

from ipaddress import ip_address
from typing import Final, NamedTuple
from urllib.parse import urlsplit

# A browser trusts the computer it runs on without HTTPS, by this name and not by its number.
THIS_COMPUTER: Final = "localhost"
_ORDINARY_PORTS: Final = {"https": 443, "http": 80}


class RelyingParty(NamedTuple):
    """Whom a passkey proves a person to: the portal's host name, and the only origin it may be asked from."""

    id: str
    origin: str


def relying_party(address: str) -> RelyingParty | None:
    """Return for whom passkeys are where the portal's own address is this; None where browsers have none for it.

    They take a host name over HTTPS, or the computer they run on: 127.0.0.1 goes by the name localhost.
    """
    parts = urlsplit(address)
    host = (parts.hostname or "").rstrip(".")
    is_number = _is_number(host)
    if host == THIS_COMPUTER or (is_number and ip_address(host).is_loopback):
        host = THIS_COMPUTER
    elif is_number or parts.scheme != "https" or not host:
        return None
    port = "" if parts.port in (None, _ORDINARY_PORTS.get(parts.scheme)) else f":{parts.port}"
    return RelyingParty(host, f"{parts.scheme}://{host}{port}")


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
