"""Prints the table: a page in a row, at 25 and at 200 rows, with the time of a bare Flask page to compare with.

Below it stands the work on files, each with the least it could take. `python -m bench county` measures a county,
`python -m bench money` what pays many.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask

import database
import migrations
from app import create_app
from bench import actuals_week, keys
from bench.county import table as county
from bench.files import hostile, iso_paper, line_items_download, uploads
from bench.files.actuals_download import measure_download, words
from bench.measure import Measured, bare_page, measure, signed_in
from bench.payments import money, remittance, uplift
from bench.world import TODAY, WEEK_SHOWN, BenchWorld, Signed
from config import connections
from models import COUNCIL, acting_for, close_pools
from views.access.roles import ROLE_NAMES

SIZES = (25, 200)
MOST_QUERIES = 8
ACTUALS = f"/actuals?week={WEEK_SHOWN}"
PROVIDER_PAGES = ("/contract-documents", "/line-items", ACTUALS, "/actuals/overview", "/invoices", "/remittances")
OK = 200


@contextmanager
def _portal() -> Iterator[Flask]:
    """Give the application on a database of its own, which is dropped at the end."""
    database.start()
    name = f"bench_{os.getpid()}"
    urls = database.create_database(name)
    try:
        migrations.bring_up(urls.owner, ROLE_NAMES)
        app = create_app(
            **connections(urls, pooled=True),
            PORTAL_TODAY=TODAY.isoformat(),
            BENCH_OWNER=urls.owner,
        )
        yield app
        with app.app_context():
            close_pools()
    finally:
        database.drop_database(name)


def _staff_lists(app: Flask) -> list[str]:
    rules = (str(rule) for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()))
    return sorted(rule for rule in rules if rule.startswith("/admin/") and rule.endswith("/list/"))


def _measure_all(
    app: Flask, world: BenchWorld
) -> tuple[dict[str, list[Measured]], actuals_week.Compared, keys.TypedKeys]:
    """Measure providers of each size; staff lists while there is only the small one, and again with both.

    The week of Actuals of the large one is compared with a bare page, and typed in.
    """
    measured: dict[str, list[Measured]] = {}
    with app.app_context(), acting_for(COUNCIL):
        officer = world.council()
    for rows in SIZES:
        with app.app_context(), acting_for(COUNCIL):
            contact = world.organisation(rows)
        for who, pages in ((contact, PROVIDER_PAGES), (officer, _staff_lists(app))):
            _measure_pages(app, who, pages, measured)
    compared = actuals_week.compare(signed_in(app, contact), ACTUALS)
    return measured, compared, keys.measure_typing(app, contact, ACTUALS)


def _measure_pages(
    app: Flask, who: Signed, pages: tuple[str, ...] | list[str], measured: dict[str, list[Measured]]
) -> None:
    client = signed_in(app, who)
    for page in pages:
        measured.setdefault(page, []).append(measure(client, page))


def _note(small: Measured, large: Measured) -> str:
    if (small.status, large.status) != (OK, OK):
        return f"<- answers {large.status}"
    if small.queries < large.queries:
        return "<- queries grow with the rows"
    return f"<- more than {MOST_QUERIES} queries" if large.queries > MOST_QUERIES else ""


def _print(measured: dict[str, list[Measured]], floor: float) -> None:
    width = max(map(len, measured))
    small, large = SIZES
    print(f"{'':<{width}}  {f'{small} rows':>17}  {f'{large} rows':>17}   times a bare page")
    flagged = 0
    for page, (at_small, at_large) in measured.items():
        columns = "  ".join(f"{each.milliseconds:6.1f} ms {each.queries:3} q." for each in (at_small, at_large))
        note = _note(at_small, at_large)
        flagged += bool(note)
        times = f"{at_large.milliseconds / floor:8.0f}"
        print(f"{page:<{width}}  {columns}  {times}    {note}".rstrip())
    print(f"\nMedian of nine requests in one process. A bare Flask page takes {floor:.2f} ms.")
    print(
        f"{flagged} of {len(measured)} pages to look at."
        if flagged
        else f"No page asks more than {MOST_QUERIES} times."
    )


def main() -> None:
    """Build the rows, measure, and print."""
    with _portal() as app:
        world = BenchWorld(app.config["BENCH_OWNER"])
        measured, week, typed = _measure_all(app, world)
        download = measure_download(app, world)
        listed = line_items_download.measure_line_items(app, world)
        sent = uploads.measure_uploads(app, world)
        paid = remittance.measure_remittance(app, world)
        raised = uplift.measure_uplift(app, world)
    _print(measured, bare_page())
    print(words(download))
    print(line_items_download.words(listed))
    print(iso_paper.words(iso_paper.measure_paper()))
    print(remittance.words(paid))
    print(*map(uploads.words, sent), sep="\n")
    print(uplift.words(raised))
    print(actuals_week.words(week))
    print(keys.words(typed))
    print(hostile.words(hostile.measure_hostile()))


if __name__ == "__main__":
    if sys.argv[1:] == ["county"]:
        county.main()
    elif sys.argv[1:] == ["money"]:
        with _portal() as app:
            money.main(app)
    else:
        main()
