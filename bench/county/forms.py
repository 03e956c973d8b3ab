"""Three more figures of a county: forms with a key of 15,000 rows, Actuals on the wire, and the CPU of signing in."""

from statistics import median
from time import process_time
from typing import NamedTuple

import psycopg
from flask import Flask
from flask.testing import FlaskClient

import demonstration
from bench.county.database import CountyDatabase
from bench.county.pages import TIMES, WARM_UP
from bench.measure import Measured, measure

SIGN_INS = 9
SEE_OTHER = 302
# As browsers of 2025 ask.
ENCODINGS = "gzip, deflate, br, zstd"
DRAFT = """
INSERT INTO contract_document (organisation_id, service_id, person_id, reference, version, state)
SELECT organisation_id, service_id, person_id, 'ISO-BENCH', 0, 'draft' FROM contract_document ORDER BY id LIMIT 1
RETURNING id
"""


class Wire(NamedTuple):
    """A week of Actuals as it is sent: its lines, and the bytes after compression."""

    lines: int
    size: int


def measure_forms(county: CountyDatabase, client: FlaskClient) -> dict[str, Measured]:
    """Measure forms in which one of 15,000 people, line items or contract documents is named."""
    with psycopg.connect(county.urls.owner.replace("+psycopg:", ":", 1)) as connection:
        [draft] = connection.execute(DRAFT).fetchone() or (0,)
    forms = {
        "Edit contract document": f"/admin/contract-documents/edit/{draft}",
        "Add a line item": "/admin/line-items/add",
        "Add a rate": "/admin/rates/add",
    }
    return {name: measure(client, address, warm_up=WARM_UP, times=TIMES) for name, address in forms.items()}


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
