"""What several stories need of the browser."""

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.support.pages.live import Live

# A device of the computer itself, which finds that its owner holds it.
DEVICE = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True,
}  # fmt: skip


@pytest.fixture
def named(app: Flask, live: Live) -> Iterator[Live]:
    """The browser with a device that makes passkeys, at the portal's address by name: none is made for a number."""
    before, live.address = app.config["PORTAL_ADDRESS"], live.address.replace("127.0.0.1", "localhost")
    app.config["PORTAL_ADDRESS"] = live.address
    devices = live.context.new_cdp_session(live.page)
    devices.send("WebAuthn.enable")
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    yield live
    app.config["PORTAL_ADDRESS"] = before
