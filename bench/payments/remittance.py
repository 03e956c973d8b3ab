"""A remittance of 400 lines: its page as a browser asks for it, its PDF and its workbook, once warm."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from statistics import median
from time import perf_counter, process_time
from typing import NamedTuple

from flask import Flask
from sqlalchemy import func, select

from bench.measure import measure, signed_in
from bench.world import BenchWorld
from models import COUNCIL, RemittanceLine, acting_for, db
from workflows.remittances.file import RemittanceFormat, remittance_file
from workflows.remittances.read import WholeRemittance, whole_remittance

# Each is paid for four weeks.
ORDERS = 100
TIMES, OK = 9, 200
MOST = {"page": 0.100, "PDF": 0.150, "Excel": 0.150}


class RemittanceTimes(NamedTuple):
    """Medians of seconds, by what is made: of the clock, and of this processor. The queries of the page; the lines."""

    taken: dict[str, tuple[float, float]]
    queries: int
    lines: int


def measure_remittance(app: Flask, world: BenchWorld) -> RemittanceTimes:
    """Pay an organisation, and measure what it sees and takes away of that."""
    with app.app_context(), acting_for(COUNCIL):
        who = world.organisation(ORDERS)
        if who.contact is None:
            raise RuntimeError("Nobody reads what was paid.")
        remittance_id, lines = db.session.execute(
            select(RemittanceLine.remittance_id, func.count())
            .where(RemittanceLine.organisation_id == who.contact.organisation_id)
            .group_by(RemittanceLine.remittance_id)
            .order_by(func.count().desc())
            .limit(1)
        ).one()
        # No two alike: the typesetter remembers what it laid out.
        paper = _timed(lambda n: remittance_file(_other(whole_remittance(remittance_id), n), RemittanceFormat.PDF))
        book = _timed(lambda n: remittance_file(_other(whole_remittance(remittance_id), n), RemittanceFormat.XLSX))
    client, address = signed_in(app, who), f"/remittances/{remittance_id}"
    page, measured = _timed(lambda _n: client.get(address).data), measure(client, address)
    if measured.status != OK:
        raise RuntimeError(f"{address} answers {measured.status}.")
    return RemittanceTimes({"page": page, "PDF": paper, "Excel": book}, measured.queries, lines)


def words(times: RemittanceTimes) -> str:
    """Return the line of the table."""
    each = "; ".join(
        f"{what} {elapsed * 1000:.0f} ms ({processor * 1000:.0f} ms of the processor), to reach"
        f" {MOST[what] * 1000:.0f}{' <- too slow' * (elapsed > MOST[what])}"
        for what, (elapsed, processor) in times.taken.items()
    )
    return f"Remittance of {times.lines} lines: {each}. Its page asks {times.queries} times."


def _timed(make: Callable[[int], bytes]) -> tuple[float, float]:
    make(0)
    elapsed, processor = [], []
    for number in range(1, TIMES + 1):
        began, worked = perf_counter(), process_time()
        make(number)
        elapsed.append(perf_counter() - began)
        processor.append(process_time() - worked)
    return median(elapsed), median(processor)


def _other(whole: WholeRemittance, number: int) -> WholeRemittance:
    """Return a remittance in which every line has another reference and another rate."""
    more = Decimal(number) / 100
    lines = [
        replace(line, line_reference=f"{number}{line.line_reference[1:]}", rate=(line.rate or 0) + more)
        for line in whole.lines
    ]
    return WholeRemittance(whole.remittance, lines)
