"""Saving a week of Actuals by turns with a bare Flask page that writes the same rows, both in one durable commit."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import NamedTuple
from urllib.parse import urlencode

import psycopg
from flask import Flask, redirect, request
from werkzeug.wrappers import Response

from bench.county.database import CountyDatabase
from bench.measure import by_turns, signed_in
from bench.world import Signed
from models import DAYS
from tests.support.actuals_page import form_of

WARM_UP, TURNS = 6, 15
SEE_OTHER = 302
MOST_HOURS = 24
FORM = "application/x-www-form-urlencoded"
WRITE = f"""
UPDATE actual SET {", ".join(f"{day} = new.{day}" for day in DAYS)}, delivered = new.delivered,
  missed = greatest(0, planned - aborted - new.delivered), extra = greatest(0, new.delivered + aborted - planned),
  payable = new.delivered + aborted_payable, state = 'draft', confirmed_at = NULL, confirmed_by_id = NULL,
  version = version + 1, changed_at = now()
FROM unnest(%s::integer[], {", ".join(["%s::numeric[]"] * 8)}) AS new (line, {", ".join(DAYS)}, delivered)
WHERE line_item_id = new.line AND week_starting = %s
"""
CHECK = """
INSERT INTO exception_check (organisation_id, actual_id, planned, claimed, percent, least_units, extras_allowed,
  allowance, over, rule, checked_at)
SELECT organisation_id, actual.id, actual.planned, payable, percent, least_units, extras_allowed, allowance,
  payable - actual.planned > allowance, rule, now()
FROM actual JOIN exception_check USING (organisation_id) WHERE actual_id = actual.id
  AND line_item_id = ANY(%s) AND week_starting = %s
ON CONFLICT (actual_id) DO UPDATE SET claimed = excluded.claimed, over = excluded.over,
  checked_at = excluded.checked_at, decision_id = NULL
"""


class ComparedSave(NamedTuple):
    """Lines that were written, and the milliseconds of our POST and of the bare one (medians, by turns)."""

    lines: int
    ours: float
    bare: float


def compare_save(county: CountyDatabase, who: Signed, week: date) -> ComparedSave:
    """Save every line of a week again and again, each time with other figures.

    Raises RuntimeError where a save is refused, or did not write every line each time.
    """
    county.app.config["WTF_CSRF_ENABLED"] = False
    client, address = signed_in(county.app, who), f"/actuals?week={week}"
    form = form_of(client.get(address))
    lines = [name.removeprefix("v-") for name in form if name.startswith("v-")]
    bodies = _Bodies(form, lines)
    with psycopg.connect(county.urls.owner.replace("+psycopg:", ":", 1)) as connection:
        connection.execute("SET synchronous_commit = on")
        bare = bare_save(connection, week).test_client()

        def seen() -> None:
            bodies.see(client.get(address).text)

        def save(post: Callable[[], int]) -> Callable[[], None]:
            def saved() -> None:
                if (status := post()) != SEE_OTHER:
                    raise RuntimeError(f"A week of {len(lines)} lines was refused with status {status}.")

            return saved

        # So that every line has a row before any is counted.
        seen()
        client.post(address, data=bodies.next(), content_type=FORM)
        ours = save(lambda: client.post(address, data=bodies.next(), content_type=FORM).status_code)
        theirs = save(lambda: bare.post("/", data=bodies.next(), content_type=FORM).status_code)
        before = _versions(connection, lines, week)
        # What the page knows of each line is read before each save, which is not measured.
        _, mine, _, other = by_turns([seen, ours, bodies.prepare, theirs], warm_up=WARM_UP, turns=TURNS)
        written = _versions(connection, lines, week) - before
    county.app.config["WTF_CSRF_ENABLED"] = True
    expected = 2 * len(lines) * (WARM_UP + TURNS)
    if written != expected:
        raise RuntimeError(f"{written} versions were written where {expected} were sent.")
    return ComparedSave(len(lines), mine, other)


class _Bodies:
    """What is sent: the form of the page, in each line one figure one more every second time; encoded beforehand."""

    def __init__(self, form: dict[str, str], lines: list[str]) -> None:
        self.form, self.more, self.body = form, False, b""
        self.changed = {name: Decimal(form[name]) for name in map(self._figure_of, lines)}

    def _figure_of(self, line: str) -> str:
        """Return the name of the first figure of a line above nothing, else of the first there is."""
        names = [f"total-{line}", *(f"d{day}-{line}" for day in range(len(DAYS)))]
        filled = [name for name in names if self.form.get(name)]
        return max(filled, key=lambda name: Decimal(self.form[name]) > 0)

    def see(self, page: str) -> None:
        """Take the state of each line from the page, and prepare the next form."""
        self.form |= dict(re.findall(r'name="(v-\d+)" value="([^"]*)"', page))
        self.prepare()

    def prepare(self) -> None:
        """Prepare the next form: the other figures."""
        self.more = not self.more
        for name, figure in self.changed.items():
            less = -1 if figure >= MOST_HOURS else 1
            self.form[name] = f"{figure + less if self.more else figure:.2f}"
        self.body = urlencode(self.form).encode()

    def next(self) -> bytes:
        """Return what is sent now."""
        return self.body


def bare_save(connection: psycopg.Connection, week: date) -> Flask:
    """Return an application whose page writes the figures of a form: weeks, by the triggers versions, and checks."""
    app = Flask("bare save")
    app.config.update(MAX_FORM_PARTS=20_000, MAX_FORM_MEMORY_SIZE=4 * 1024 * 1024)

    def save() -> Response:
        form = request.form
        lines = [int(name.removeprefix("v-")) for name in form if name.startswith("v-")]
        days = [[Decimal(form.get(f"d{day}-{line}") or 0) for line in lines] for day in range(len(DAYS))]
        by_line = zip(lines, zip(*days, strict=True), strict=True)
        totals = [Decimal(form.get(f"total-{line}") or 0) + sum(figures) for line, figures in by_line]
        connection.execute(WRITE, [lines, *days, totals, week])
        connection.execute(CHECK, [lines, week])
        connection.commit()
        return redirect("/")

    app.add_url_rule("/", "save", save, methods=["POST"])
    return app


def _versions(connection: psycopg.Connection, lines: list[str], week: date) -> int:
    query = "SELECT coalesce(sum(version), 0) FROM actual WHERE line_item_id = ANY(%s) AND week_starting = %s"
    [found] = connection.execute(query, [list(map(int, lines)), week]).fetchone() or (0,)
    connection.commit()
    return int(found)
