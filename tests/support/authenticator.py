"""A small software authenticator: what a browser and a device answer to the pages that ask for a passkey (WebAuthn)."""

import base64
import hashlib
import json
import secrets
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import Connection, insert
from webauthn.helpers import encode_cbor

from models import Passkey

PRESENT, VERIFIED, HOLDS_KEY = 0x01, 0x04, 0x40


class Authenticator:
    """A device with one passkey. It counts its signatures from `count`, and makes sure who holds it if `verifies`."""

    def __init__(self, origin: str = "http://localhost:8000", *, count: int = 0, verifies: bool = True) -> None:
        self.origin, self.count, self.verifies = origin, count, verifies
        self.party = origin.partition("://")[2].partition(":")[0]
        self.id = secrets.token_bytes(16)
        self.key = ec.generate_private_key(ec.SECP256R1())

    def make(self, asked: dict[str, Any]) -> str:
        """What `navigator.credentials.create` answers, as the script sends it."""
        held = bytes(16) + len(self.id).to_bytes(2) + self.id + self.public_key()
        attested = {"fmt": "none", "attStmt": {}, "authData": self._data(HOLDS_KEY) + held}
        told = self._client_data("webauthn.create", asked)
        return self._written(clientDataJSON=told, attestationObject=encode_cbor(attested))

    def prove(self, asked: dict[str, Any]) -> str:
        """What `navigator.credentials.get` answers, as the script sends it."""
        if self.count:
            self.count += 1
        told, data = self._client_data("webauthn.get", asked), self._data(0)
        signature = self.key.sign(data + hashlib.sha256(told).digest(), ec.ECDSA(hashes.SHA256()))
        return self._written(clientDataJSON=told, authenticatorData=data, signature=signature)

    def _data(self, flags: int) -> bytes:
        flags |= PRESENT | (VERIFIED if self.verifies else 0)
        return hashlib.sha256(self.party.encode()).digest() + bytes([flags]) + self.count.to_bytes(4)

    def _client_data(self, kind: str, asked: dict[str, Any]) -> bytes:
        return json.dumps({"type": kind, "challenge": asked["challenge"], "origin": self.origin}).encode()

    def public_key(self) -> bytes:
        """The public half of its passkey, as the portal keeps it."""
        point = self.key.public_key().public_numbers()
        # COSE: an elliptic curve key of P-256, for ES256.
        return encode_cbor({1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)})

    def _written(self, **response: bytes) -> str:
        parts = {name: _text(value) for name, value in response.items()}
        return json.dumps({"id": _text(self.id), "rawId": _text(self.id), "type": "public-key", "response": parts})


def enrolled(owner: Connection, user_id: int | None, device: Authenticator) -> Authenticator:
    """A device whose passkey is added; how that is done, test_account_passkeys.py tries."""
    owner.execute(
        insert(Passkey).values(
            user_id=user_id, name="My phone", credential_id=device.id, public_key=device.public_key(),
            sign_count=device.count,
        )
    )  # fmt: skip
    owner.commit()
    return device


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
