"""Check and update of big files beside their floor, measured in the same run (bench/upload_floor.py).

What the server process needs is what receiving the file and showing what was found take: checking it and putting it in
are the worker's.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from itertools import islice
from tempfile import TemporaryFile
from time import perf_counter
from typing import NamedTuple

from flask import Flask
from sqlalchemy import func, select

from bench.files.upload_floor import VISITS, WEEKS, read_csv, read_workbook, seconds_of, seconds_to_copy
from bench.measure import cookie_of
from bench.memory import MOST_MEBIBYTES, Request, over_idle
from bench.world import START, BenchWorld, Signed
from files.actuals.workbook import SheetLine, write_actuals_workbook
from models import COUNCIL, LineItem, PaymentPeriod, Service, Upload, acting_for, db
from rules.states import PlanKind, Unit
from rules.upload_states import UploadState
from workflows.actuals.download import period_rows
from workflows.uploads import steps as uploads
from workflows.uploads.work import work_on

LINES = 2_500
VISIT_ROWS = 42_000
FEW = 4
TIMES = 3
MOST = 3
ADDRESS = "/actuals/upload"


@dataclass(frozen=True)
class ComparedUpload:
    """Rows of a file, the least seconds of check, update, reading and COPY, and the most mebibytes of the server."""

    name: str
    rows: int
    check: float
    update: float
    read: float
    copy: float
    mebibytes: float

    @property
    def times(self) -> float:
        """How many times the floor the portal takes."""
        return (self.check + self.update) / (self.read + self.copy)


class SentFile(NamedTuple):
    """A kind of file: how one is made in each turn, how it is read for the floor, and where its rows end up."""

    name: str
    make: Callable[[int], bytes]
    read: Callable[[bytes], None]
    tables: Mapping[str, str]


def measure_uploads(app: Flask, world: BenchWorld) -> list[ComparedUpload]:
    """Add a provider with 2,500 line items, and measure workbooks of all its weeks and a month of its visits."""
    with app.app_context(), acting_for(COUNCIL):
        who, another = world.large_organisation(LINES), world.large_organisation(FEW)
    _warm_up(app, another)
    return [
        _measure(app, who, SentFile("Workbook", partial(_workbook, app, who), read_workbook, WEEKS)),
        _measure(app, who, SentFile("Visits", partial(_visits, app, who), read_csv, VISITS)),
    ]


def _warm_up(app: Flask, who: Signed) -> None:
    """Put in a small file of each kind: a worker has compiled its queries before the file that is measured.

    Of another organisation: the same visits under other references would be asked about.
    """
    for content in (_workbook(app, who, 0, FEW), _visits(app, who, 0, FEW)):
        with app.app_context(), acting_for(_owner(who)):
            kept = uploads.store_upload("file", content, None, _owner(who))
            work_on(kept.id)
            uploads.ask_to_apply(kept.id, (), None)
            work_on(kept.id)


def words(compared: ComparedUpload) -> str:
    """Return the lines of the table."""
    slow = "" if compared.times <= MOST else "  <- too slow"
    large = "" if compared.mebibytes <= MOST_MEBIBYTES else "  <- too much memory"
    return (
        f"{compared.name} of {compared.rows:,} rows: check {compared.check:.2f} s, update {compared.update:.2f} s."
        f" Reading {compared.read:.2f} s and COPY into the same tables {compared.copy:.2f} s:"
        f" {compared.times:.1f} times, to reach {MOST}{slow}.\n"
        f"  Server process +{compared.mebibytes:.0f} MiB over idle, of {MOST_MEBIBYTES}{large}."
    )


def _measure(app: Flask, who: Signed, sent: SentFile) -> ComparedUpload:
    turns: list[tuple[float, float]] = []
    mebibytes, reads = [], []
    for turn in range(TIMES):
        content = sent.make(turn)
        mebibytes.append(_request(app, who, Request(ADDRESS, 302, posts=True, file=content)))
        check = _work(app, who)
        kept, rows = _checked(app)
        address = f"{ADDRESS}/{kept}"
        mebibytes += [_request(app, who, Request(address, 200)), _request(app, who, Request(address, 302, posts=True))]
        turns.append((check, _work(app, who)))
        reads.append(seconds_of(sent.read, content))
    copies = [seconds_to_copy(app.config["BENCH_OWNER"], sent.tables) for _ in range(TIMES)]
    # What else the machine does only ever adds to a time.
    check, update = min(turns, key=sum)
    return ComparedUpload(sent.name, rows, check, update, min(reads), min(copies), max(mebibytes))


def _request(app: Flask, who: Signed, request: Request) -> float:
    return over_idle(app.config, cookie_of(app, who), ADDRESS, request)


def _work(app: Flask, who: Signed) -> float:
    """Do what a worker would with the latest file; how long that took."""
    with app.app_context(), acting_for(_owner(who)):
        latest = db.session.scalar(select(func.max(Upload.id))) or 0
        began = perf_counter()
        work_on(latest)
        return perf_counter() - began


def _checked(app: Flask) -> tuple[int, int]:
    """Return the id and the rows of the newest file. Raises RuntimeError unless all of them go in."""
    with app.app_context(), acting_for(COUNCIL):
        kept = db.session.scalars(select(Upload).order_by(Upload.id.desc()).limit(1)).one()
        if kept.state is not UploadState.CHECKED:
            raise RuntimeError("The file was not checked.")
        counts = kept.counts
        if counts["rejected"] or counts["new"] + counts["changed"] < counts["read"]:
            raise RuntimeError(f"Not every row goes in: {counts}")
        return kept.id, counts["read"]


def _workbook(app: Flask, who: Signed, _turn: int, most: int | None = None) -> bytes:
    """Return a period's workbook in which every week has more than is stored."""
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


def _visits(app: Flask, who: Signed, turn: int, most: int = VISIT_ROWS) -> bytes:
    """Return visits of an hour, each turn a quarter of an hour longer."""
    lines = ["Visit ref,CPLI,Planned start,Planned end,Actual start,Actual end,Outcome,Carer ID"]
    with app.app_context(), acting_for(_owner(who)):
        hourly = select(LineItem.reference).where(
            LineItem.unit == Unit.HOUR, LineItem.plan_kind == PlanKind.TIMETABLED, LineItem.end.is_(None)
        )
        references = db.session.scalars(hourly.order_by(LineItem.reference)).all()
    for number, (reference, day) in enumerate(_days(list(references))):
        times = f"{day} 08:00,{day} 09:00,{day} 08:03,{day} 09:{number % 9 + 15 * turn:02}"
        lines.append(f"V{number:06},{reference},{times},DELIVERED,C{number // 28}")
    return "\n".join(lines[: most + 1]).encode()


def _days(references: list[str]) -> Iterator[tuple[str, str]]:
    for reference in references:
        for index in range(28):
            yield reference, f"{START + timedelta(days=index):%d/%m/%Y}"


def _owner(who: Signed) -> int:
    if who.contact is None:
        raise RuntimeError("Only a provider sends files.")
    return who.contact.organisation_id
