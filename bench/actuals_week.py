"""The week of Actuals beside a bare Flask page with as many cells: the same boxes from the same engine, no portal."""

from dataclasses import dataclass

from flask import Flask
from flask.testing import FlaskClient

from bench.measure import WARM_UP, by_turns
from commands.web import freeze_loaded_objects

TURNS = 25
MOST_TIMES = 4
LINES, DAYS = 200, 7
# A box for each day, and a cell each for the line, its units, its pounds and its state.
CELLS = LINES * (DAYS + 4)
PAGE = """<!doctype html><title>Bare</title><form method="post"><table>
{% for line in lines %}<tr><th>{{ line.name }}</th>{% for box in line.boxes %}<td><input id="{{ box.name }}"
 name="{{ box.name }}" value="{{ box.value }}" aria-label="{{ box.label }}" inputmode="decimal" autocomplete="off"
 data-plan="{{ box.planned }}" data-rate="{{ box.rate }}"><small>of {{ box.planned }}</small></td>{% endfor %}
<td>{{ line.units }}</td><td>{{ line.pounds }}</td><td>{{ line.state }}</td></tr>
{% endfor %}</table></form>"""


@dataclass(frozen=True)
class Box:
    """One input with its plan and rate."""

    name: str
    label: str
    value: str = "1.00"
    planned: str = "1.00"
    rate: str = "19.6800"


@dataclass(frozen=True)
class BareLine:
    """One row."""

    name: str
    boxes: tuple[Box, ...]
    units: str = "7.00"
    pounds: str = "£137.76"
    state: str = "Confirmed"


def bare_sheet() -> Flask:
    """Return a Flask application whose page shows as many cells, all of them at hand as text."""
    app = Flask("bare sheet")
    template = app.jinja_env.from_string(PAGE)
    lines = [
        BareLine(
            f"A. B. P{number:06}",
            tuple(Box(f"d{day}-{number}", f"A. B. day {day} delivered hours, planned 1.00") for day in range(DAYS)),
        )
        for number in range(LINES)
    ]
    app.add_url_rule("/", "page", lambda: template.render(lines=lines))
    return app


@dataclass(frozen=True)
class Compared:
    """The week and the bare page, in milliseconds (medians of requests)."""

    week: float
    bare: float


def compare(client: FlaskClient, address: str) -> Compared:
    """Ask for the week and for the bare page by turns, so that whatever else the machine does touches both.

    Raises RuntimeError where the week does not answer with its lines.
    """
    if client.get(address).text.count('<tr role="row" class="line') != LINES:
        raise RuntimeError(f"{address} does not show its {LINES} lines")
    freeze_loaded_objects()  # as the server does before it answers
    bare = bare_sheet().test_client()
    return Compared(*by_turns([lambda: client.get(address), lambda: bare.get("/")], warm_up=WARM_UP, turns=TURNS))


def words(compared: Compared) -> str:
    """Return the comparison as a line of the benchmark."""
    week, bare = compared.week, compared.bare
    return (
        f"Week of Actuals, {LINES} lines: {week:.1f} ms, {week / bare:.1f} times a bare Flask page with the same"
        f" {CELLS:,} cells ({bare:.1f} ms), asked for by turns {TURNS} times each. To reach: {MOST_TIMES} times."
    )
