"""Three more figures of a county: forms with a key of 15,000 rows, Actuals on the wire, and the CPU of signing in."""

from statistics import median
from time import process_time
from typing import NamedTuple

from flask import Flask
from flask.testing import FlaskClient

import demonstration
from bench.county.pages import TIMES, WARM_UP
from bench.measure import Measured, measure

SIGN_INS = 9
OK, SEE_OTHER = 200, 302
# As browsers of 2025 ask.
ENCODINGS = "gzip, deflate, br, zstd"
FORMS = {
    "Add a hold": "/admin/holds/add",
    "Add a one-off payment": "/admin/one-off-payments/add",
    "Draft a contract document": "/admin/contract-documents/add",
}


class Wire(NamedTuple):
    """A week of Actuals as it is sent: its lines, and the bytes after compression."""

    lines: int
    size: int


def measure_forms(client: FlaskClient) -> dict[str, Measured]:
    """Measure forms in which one of 15,000 people, line items or contract documents is named.

    Raises RuntimeError where one does not open.
    """
    found = {}
    for name, address in FORMS.items():
        leads_to = client.get(address).location or address
        found[name] = measure(client, leads_to, warm_up=WARM_UP, times=TIMES)
        if found[name].status != OK:
            raise RuntimeError(f"{leads_to} answers {found[name].status}.")
    return found


def actuals_on_the_wire(client: FlaskClient, address: str) -> Wire:
    """Ask for a week as a browser does. Raises RuntimeError where the page shows no lines."""
    lines = client.get(address).text.count('name="v-')
    if not lines:
        raise RuntimeError(f"{address} shows no lines.")
    return Wire(lines, len(client.get(address, headers={"Accept-Encoding": ENCODINGS}).data))


def sign_in_cpu(app: Flask, email: str) -> float:
    """Return the milliseconds of processor time of both steps of signing in (median).

    Raises RuntimeError where a step does not lead on.
    """
    app.config["WTF_CSRF_ENABLED"] = False
    taken = []
    for _ in range(SIGN_INS):
        client = app.test_client()
        began = process_time()
        first = client.post("/sign-in", data={"email": email, "password": demonstration.PASSWORD})
        second = client.post("/sign-in/code", data={"security_code": demonstration.CODE})
        taken.append((process_time() - began) * 1000)
        if (first.status_code, second.status_code, second.location) != (SEE_OTHER, SEE_OTHER, "/"):
            raise RuntimeError(f"Signing in leads to {first.location} and {second.location}.")
    app.config["WTF_CSRF_ENABLED"] = True
    return median(taken)
