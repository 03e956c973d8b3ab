"""Passkeys are for the host the portal is opened at, and only where browsers have them."""

import pytest

from rules.passkey import RelyingParty, relying_party


@pytest.mark.parametrize(
    ("address", "party"),
    [
        ("https://portal.council.example", RelyingParty("portal.council.example", "https://portal.council.example")),
        ("https://Portal.Council.Example:443/", RelyingParty("portal.council.example", "https://portal.council.example")),
        ("https://portal.council.example:8443", RelyingParty("portal.council.example", "https://portal.council.example:8443")),
        ("http://127.0.0.1:8000", RelyingParty("localhost", "http://localhost:8000")),
        ("http://[::1]:8000", RelyingParty("localhost", "http://localhost:8000")),
        ("http://localhost", RelyingParty("localhost", "http://localhost")),
        ("http://portal.council.example", None),
        ("https://192.0.2.7", None),
        ("", None),
    ],
)  # fmt: skip
def test_passkeys_are_for_the_portals_own_name(address: str, party: RelyingParty | None) -> None:
    assert relying_party(address) == party
