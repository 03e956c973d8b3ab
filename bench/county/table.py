"""`python -m bench county`: every page and the work that matters at the size of a county, each beside its bar."""

import os
from collections.abc import Iterable
from time import perf_counter
from typing import NamedTuple

from flask.testing import FlaskClient

import database
from bench.county import forms as county_forms
from bench.county import pages as county_pages
from bench.county.database import (
    LARGEST,
    OF_25,
    CountyDatabase,
    county_database,
    manager,
    manager_of,
    newest_week,
    officer,
)
from bench.county.pages import Answered
from bench.county.rivals import Rivals, measure_rivals
from bench.county.save import compare_save
from bench.measure import signed_in
from commands.web import freeze_loaded_objects

MOST_MILLISECONDS, MOST_QUERIES, MOST_SIGN_IN = 40, 8, 100
MOST_FORM, MOST_LINE = 20 * 1024, 1024
LEAST_TIMES_DJANGO, MOST_TIMES_BARE = 3, 4
LARGEST_NAME = "Great Ouse Homecare Ltd"
LINES_ON_THE_WIRE = 58
SHOWN = 30  # pages over their bar that are named
OK = 200


class Reached(NamedTuple):
    """A line of the table: what was measured, the figure, the bar, and whether it is held."""

    what: str
    figure: str
    bar: str
    held: bool


def main() -> None:
    """Load a county (BENCH_COUNTY names one to copy instead), measure, and print."""
    database.start()
    began = perf_counter()
    with county_database() as county:
        print(f"A county: {county.made}.", flush=True)
        measure_county(county)
    load, processors = os.getloadavg()[1], os.cpu_count() or 1
    busy = "  <- others were at work: times by the clock are too high" if load > processors else ""
    print(
        f"\nAt county size: {perf_counter() - began:.0f} s in all; load of the machine {load:.1f} on {processors}"
        f" processors.{busy}"
    )


def measure_county(county: CountyDatabase) -> None:
    """Measure everything in a county and print each part when it is done; it writes into the county."""
    council = signed_in(county.app, officer(county.app))
    freeze_loaded_objects()  # as the server does before it answers
    _print_pages(_pages(county, council))
    _print_rows("One figure each", [*_forms(county, council), *_wire(county), _sign_in(county), *_saves(county)])
    found = measure_rivals(county, council)  # last: Django stays in the process
    _print_rows("Requests a second, by turns with Django’s admin on the same tables", map(_beside_django, found))
    _print_bare(found)


def _pages(county: CountyDatabase, council: FlaskClient) -> list[Answered]:
    week = newest_week(county.app, LARGEST_NAME)
    answered = county_pages.measure_pages(council, county_pages.generated(county.app))
    answered += county_pages.measure_pages(council, county_pages.desks(county.app, council))
    for email, group in ((OF_25, "Provider with 25 lines"), (LARGEST, "Provider with 300 lines")):
        client = signed_in(county.app, manager(county.app, email))
        answered += county_pages.measure_pages(client, county_pages.provider(county.app, client, group, week))
    return answered


def _is_over(page: Answered) -> bool:
    measured = page.measured
    too_many = measured.queries > MOST_QUERIES
    return measured.status != OK or measured.milliseconds > MOST_MILLISECONDS or too_many


def _print_pages(answered: list[Answered]) -> None:
    groups: dict[str, list[Answered]] = {}
    for page in answered:
        groups.setdefault(page.page.group, []).append(page)
    width = max(map(len, groups))
    bars = f"at most {MOST_MILLISECONDS} ms, {MOST_QUERIES} queries"
    print(f"\n{'First, middle, last, sorts, searches, records':<{width}}  pages  slowest  most queries   {bars}")
    for group, pages in groups.items():
        slowest = max(page.measured.milliseconds for page in pages)
        queries = max(page.measured.queries for page in pages)
        over = sum(map(_is_over, pages))
        note = f"<- {over} to look at" if over else ""
        print(f"{group:<{width}}  {len(pages):5}  {slowest:4.0f} ms  {queries:12}   {note}".rstrip())
    # Those that fail first, then the slowest.
    over_bar = sorted(
        filter(_is_over, answered), key=lambda page: (page.measured.status == OK, -page.measured.milliseconds)
    )
    print(f"{len(over_bar)} of {len(answered)} pages are over a bar.")
    for page in over_bar[:SHOWN]:
        measured = page.measured
        status = "" if measured.status == OK else f"  answers {measured.status}"
        asked = measured.queries
        print(f"  {measured.milliseconds:6.1f} ms {asked:2} q.  {page.page.address}{status}")


def _forms(county: CountyDatabase, council: FlaskClient) -> list[Reached]:
    return [
        Reached(
            f"{name}, a key of 15,000 rows",
            f"{form.milliseconds:.1f} ms, {form.size / 1024:.1f} KB",
            f"{MOST_MILLISECONDS} ms, {MOST_FORM // 1024} KB",
            form.status == OK and form.milliseconds <= MOST_MILLISECONDS and form.size <= MOST_FORM,
        )
        for name, form in county_forms.measure_forms(council).items()
    ]


def _wire(county: CountyDatabase) -> list[Reached]:
    who = manager_of(county.app, LINES_ON_THE_WIRE)
    address = f"/actuals?week={newest_week(county.app, LARGEST_NAME)}"
    sent = county_forms.actuals_on_the_wire(signed_in(county.app, who), address)
    each = sent.size / sent.lines
    what = f"Actuals of {sent.lines} lines, a line on the wire"
    return [Reached(what, f"{each:.0f} bytes", f"{MOST_LINE:,} bytes", each <= MOST_LINE)]


def _sign_in(county: CountyDatabase) -> Reached:
    taken = county_forms.sign_in_cpu(county.app, LARGEST)
    return Reached("Sign-in, CPU of both steps", f"{taken:.0f} ms", f"{MOST_SIGN_IN} ms", taken <= MOST_SIGN_IN)


def _saves(county: CountyDatabase) -> list[Reached]:
    week, rows = newest_week(county.app, LARGEST_NAME), []
    for email in (OF_25, LARGEST):
        save = compare_save(county, manager(county.app, email), week)
        times = save.ours / save.bare
        figure = f"{save.ours:.1f} ms, {times:.2f} x {save.bare:.1f} ms"
        rows.append(
            Reached(
                f"Save a week of {save.lines} lines, bare POST",
                figure,
                f"{MOST_TIMES_BARE} x",
                times <= MOST_TIMES_BARE,
            )
        )
    return rows


def _beside_django(found: Rivals) -> Reached:
    times = found.django / found.ours
    figure = f"{1000 / found.ours:.0f}, {times:.2f} x {1000 / found.django:.0f}"
    return Reached(found.page, figure, f"{LEAST_TIMES_DJANGO} x", times >= LEAST_TIMES_DJANGO)


def _print_rows(heading: str, rows: Iterable[Reached]) -> None:
    table = list(rows)
    width = max(len(row.what) for row in table)
    print(f"\n{heading}")
    for row in table:
        note = "" if row.held else "<- over its bar"
        print(f"{row.what:<{width}}  {row.figure:>24}   bar {row.bar}  {note}".rstrip(), flush=True)


def _print_bare(found: list[Rivals]) -> None:
    print("\nLists beside a bare Flask page with the same joined rows, by turns")
    for rival in found:
        if rival.bare:
            print(f"{rival.page:<28}{rival.ours:6.1f} ms, {rival.ours / rival.bare:.1f} x {rival.bare:.1f} ms")
