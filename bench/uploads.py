"""Check and update of big files beside two floors, measured in the same run (bench/upload_floor.py).

What the server process needs is what receiving the file takes: checking it and putting it in are the worker's.
"""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice
from tempfile import TemporaryFile
from time import perf_counter
from typing import NamedTuple

from flask import Flask
from sqlalchemy import select

from bench.measure import signed_in
from bench.memory import peak_mebibytes
from bench.upload_floor import bare_floor, keyed_floor, read_csv, read_workbook
from bench.world import START, BenchWorld, Signed
from files.actuals.workbook import SheetLine, write_actuals_workbook
from models import COUNCIL, LineItem, PaymentPeriod, Service, Upload, acting_for, db
from rules.states import PlanKind, Unit, UploadState
from workflows.actuals.download import period_rows
from workflows.uploads import steps as uploads
from workflows.uploads.queue import work_once

LINES = 2_500
VISITS = 42_000
FEW = 4
MOST = 3
MOST_MEBIBYTES = 64
SEE_OTHER = 302
# Where weeks end up, and the column by which the latest of them are known.
WEEKS = {"actual": "changed_at", "actual_version": "saved_at", "exception_check": "checked_at"}


@dataclass(frozen=True)
class Compared:
    """Rows of a file, seconds of check and update, of reading, of both ways to copy, and mebibytes of the server."""

    name: str
    rows: int
    check: float
    update: float
    read: float
    bare: float
    keyed: float
    mebibytes: float


class Sent(NamedTuple):
    """A file, how it is read for the floor, and the tables it ends up in with the column that tells its rows."""

    name: str
    content: bytes
    read: Callable[[bytes], bytes]
    tables: dict[str, str]


def measure_uploads(app: Flask, world: BenchWorld) -> list[Compared]:
    """Add a provider with 2,500 line items, and measure a workbook of all its weeks and a month of its visits."""
    with app.app_context(), acting_for(COUNCIL):
        who = world.large_organisation(LINES)
    _warm_up(app, who)
    return [
        _measure(app, who, Sent("Workbook", _workbook(app, who), read_workbook, WEEKS)),
        _measure(app, who, Sent("Visits", _visits(app, who), read_csv, WEEKS | {"visit": "upload_id"})),
    ]


def _warm_up(app: Flask, who: Signed) -> None:
    """Put in a small file of each kind: a worker has put its questions together before the file that is measured."""
    for content in (_workbook(app, who, FEW), _visits(app, who, FEW, "W")):
        with app.app_context(), acting_for(_owner(who)):
            uploads.apply(uploads.keep("file", content, None, _owner(who)).id)


def words(compared: Compared) -> str:
    """Return the line of the table."""
    took = compared.check + compared.update
    bare, keyed = compared.read + compared.bare, compared.read + compared.keyed
    slow = "" if took / bare <= MOST else "  <- too slow"
    large = "" if compared.mebibytes <= MOST_MEBIBYTES else "  <- too much memory"
    return (
        f"{compared.name} of {compared.rows:,} rows: check {compared.check:.2f} s, update {compared.update:.2f} s."
        f" Reading {compared.read:.2f} s and COPY into a bare table {compared.bare:.2f} s: {took / bare:.1f} times,"
        f" to reach {MOST}{slow}.\n  Reading and COPY into a table with the same keys and checks {keyed:.2f} s:"
        f" {took / keyed:.1f} times. Server process +{compared.mebibytes:.0f} MiB of {MOST_MEBIBYTES}{large}."
    )


def _measure(app: Flask, who: Signed, sent: Sent) -> Compared:
    client = signed_in(app, who)
    before = peak_mebibytes(reset=True)
    app.config["WTF_CSRF_ENABLED"] = False  # the form's hidden token is not what is measured
    answer = client.post("/actuals/upload", data={"file": (io.BytesIO(sent.content), "file")})
    mebibytes = peak_mebibytes() - before
    if answer.status_code != SEE_OTHER:
        raise RuntimeError(f"The file was answered with {answer.status_code}.")
    check = _work(app)
    with app.app_context(), acting_for(COUNCIL):
        kept = db.session.scalars(select(Upload).order_by(Upload.id.desc())).first()
        if kept is None or kept.state is not UploadState.CHECKED:
            raise RuntimeError("The file was not checked.")
        counts, owner, id_ = kept.counts, kept.organisation_id, kept.id
    if counts["rejected"] or counts["new"] + counts["changed"] < counts["read"]:
        raise RuntimeError(f"Not every row goes in: {counts}")
    before = peak_mebibytes(reset=True)
    with app.app_context(), acting_for(owner):
        uploads.ask_to_apply(id_, [], None)
    mebibytes = max(mebibytes, peak_mebibytes() - before)
    done, address = _work(app), app.config["BENCH_OWNER"]
    read, bare = bare_floor(address, sent.content, sent.read)
    keyed = keyed_floor(address, sent.tables)
    return Compared(sent.name, counts["read"], check, done, read, bare, keyed, mebibytes)


def _work(app: Flask) -> float:
    with app.app_context():
        began = perf_counter()
        work_once()
        return perf_counter() - began


def _workbook(app: Flask, who: Signed, most: int | None = None) -> bytes:
    """A period's workbook in which every week has more than is stored."""
    with app.app_context(), acting_for(_owner(who)), TemporaryFile() as file:
        period = db.session.scalars(select(PaymentPeriod).where(PaymentPeriod.start == START)).one()
        services = list(db.session.scalars(select(Service.id)))
        rows = [_more(row) for row in islice(period_rows(period, services), most)]
        write_actuals_workbook(
            file, rows, [], organisation="Bench", period=(period.start, period.end), period_words="a period"
        )
        file.seek(0)
        return file.read()


def _more(row: SheetLine) -> SheetLine:
    if row.weekly:
        return replace(row, total=(row.total or row.planned) + row.step, reason="LONGER")
    days = list(row.days)
    first = list(row.open_days).index(True)
    days[first] = (days[first] or 0 * row.step) + row.step
    return replace(row, days=days, reason="LONGER")


def _visits(app: Flask, who: Signed, most: int = VISITS, prefix: str = "V") -> bytes:
    lines = ["Visit ref,CPLI,Planned start,Planned end,Actual start,Actual end,Outcome,Carer ID"]
    with app.app_context(), acting_for(_owner(who)):
        hourly = select(LineItem.reference).where(
            LineItem.unit == Unit.HOUR, LineItem.plan_kind == PlanKind.TIMETABLED, LineItem.end.is_(None)
        )
        references = db.session.scalars(hourly.order_by(LineItem.reference)).all()
    for number, (reference, day) in enumerate(_days(list(references))):
        times = f"{day} 08:00,{day} 09:00,{day} 08:03,{day} 09:0{number % 9}"
        lines.append(f"{prefix}{number:06},{reference},{times},DELIVERED,C{number % 80}")
    return "\n".join(lines[: most + 1]).encode()


def _days(references: list[str]) -> Iterator[tuple[str, str]]:
    for reference in references:
        for index in range(28):
            yield reference, f"{START + timedelta(days=index):%d/%m/%Y}"


def _owner(who: Signed) -> int:
    if who.contact is None:
        raise RuntimeError("Only a provider sends files.")
    return who.contact.organisation_id
