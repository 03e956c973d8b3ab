"""Money in bulk, each beside bare SQL that writes as many rows into the same tables, with their checks and traces.

`python -m bench money` prints it: a payment run of 60,000 lines and of a tenth, scheduled payments of a county's care
homes, and the preview of an invoice of 500 lines over four weeks.
"""

import gc
from collections.abc import Callable
from dataclasses import dataclass
from resource import RUSAGE_SELF, getrusage
from time import perf_counter

from flask import Flask
from sqlalchemy import create_engine, select, text

from bench.measure import measure, signed_in
from bench.payments.money_sql import (
    ACCOUNTS,
    BARE_RUN,
    BARE_SCHEDULED,
    COUNTED,
    INVOICED,
    LOOKED_AT,
    ON_SCHEDULE,
    SCHEDULED,
)
from bench.world import BenchWorld
from models import COUNCIL, PaymentPeriod, PortalUser, acting_for, db
from rules.bank_account import BankDetails
from workflows.clock import story_at
from workflows.invoices import invoice
from workflows.organisations.bank_details import seal
from workflows.payments import run as payment_run
from workflows.scheduled.prepare import prepare_due, preview_day

ORGANISATIONS, LINES_EACH = 1_200, 50
HOMES, LINES_OF_HOMES = 700, 5_000
PREVIEWED = 500
MOST, MOST_MILLISECONDS, MOST_QUERIES, MOST_GROWTH = 3, 300, 12, 11


@dataclass(frozen=True)
class Bulk:
    """Some work of so many rows: seconds of the portal and of bare SQL, and what the process grew by, in MB."""

    name: str
    rows: int
    portal: float
    bare: float
    grew: float

    def words(self) -> str:
        """Return the line of the table."""
        times = self.portal / self.bare
        slow = "" if times <= MOST else "  <- too slow"
        return (
            f"{self.name}, {self.rows:,} lines: {self.portal:.2f} s, bare SQL {self.bare:.2f} s: {times:.1f} times,"
            f" to reach {MOST}{slow}. The process grew by {self.grew:.0f} MB."
        )


def main(app: Flask) -> None:
    """Build, measure and print."""
    with app.app_context(), acting_for(COUNCIL):
        world = BenchWorld(app.config["BENCH_OWNER"])
        world.council()
        small = _payment_run(world, ORGANISATIONS // 10)
        large = _payment_run(world, ORGANISATIONS)
        homes = _scheduled(world)
        signed = world.large_organisation(PREVIEWED)
        assert signed.contact
        period = db.session.scalars(select(PaymentPeriod).order_by(PaymentPeriod.number)).first()
        assert period
        draft = invoice.draft_for(signed.contact.organisation, period.id, signed.id)
        address = f"/invoices/{draft.id}"
    for each in (small, large, homes):
        print(each.words())
    growth = large.portal / small.portal
    print(f"Ten times the lines take {growth:.1f} times the time, to reach {MOST_GROWTH}.")
    # As the web workers do once they are up: the collector looks at nothing that was there before.
    gc.collect()
    gc.freeze()
    page = measure(signed_in(app, signed), address)
    slow = "" if page.milliseconds <= MOST_MILLISECONDS and page.queries <= MOST_QUERIES else "  <- too slow"
    print(
        f"Preview of an invoice of {PREVIEWED} lines over four weeks: {page.milliseconds:.0f} ms,"
        f" {page.queries} queries, to reach {MOST_MILLISECONDS} ms and {MOST_QUERIES}{slow}."
    )


def _payment_run(world: BenchWorld, organisations: int) -> Bulk:
    _as_owner(world, INVOICED, organisations=organisations, lines=LINES_EACH)
    pay_date = payment_run.first_pay_date()
    bare = _rolled_back(lambda: _execute(BARE_RUN, pay_date=pay_date))
    officer, approver = db.session.scalars(
        select(PortalUser).where(PortalUser.username.regexp_match("^(payments|approver)@")).order_by(PortalUser.id)
    )
    # No two organisations of the bench have the same account.
    numbers = range(organisations * 1000, organisations * 1001)
    sealed = [seal(BankDetails("Provider", "089999", f"{number:08}")) for number in numbers]
    _as_owner(world, (ACCOUNTS,), sealed=sealed, first=officer.id, second=approver.id)
    size = _megabytes()
    began = perf_counter()
    run = payment_run.prepare(f"{pay_date:%d/%m/%Y}", officer)
    prepared = perf_counter() - began
    _as_owner(world, LOOKED_AT, officer=officer.id)
    payment_run.approve(run.id, approver)
    began = perf_counter()
    payment_run.release(run.id, officer)
    released = perf_counter() - began
    rows = db.session.scalar(text(COUNTED), {"run": run.id}) or 0
    return Bulk("Payment run, prepared and released", rows, prepared + released, bare, _megabytes() - size)


def _scheduled(world: BenchWorld) -> Bulk:
    _as_owner(world, ON_SCHEDULE, organisations=HOMES, lines=LINES_OF_HOMES)
    period = db.session.scalars(select(PaymentPeriod).order_by(PaymentPeriod.number)).first()
    assert period
    assert period.finalise_on
    shown, fixed = preview_day(period, period.start), period.finalise_on
    size = _megabytes()
    began = perf_counter()
    for day in (shown, fixed):
        with story_at(day):
            prepare_due(day)
            db.session.commit()
    taken = perf_counter() - began
    bare = _rolled_back(lambda: _execute(BARE_SCHEDULED, period=period.id))
    rows = db.session.scalar(text(SCHEDULED), {"period": period.id}) or 0
    return Bulk("Scheduled payments, shown and finalised", rows, taken, bare, _megabytes() - size)


def _rolled_back(deed: Callable[[], object]) -> float:
    began = perf_counter()
    deed()
    taken = perf_counter() - began
    db.session.rollback()
    return taken


def _execute(statements: tuple[str, ...], **values: object) -> None:
    for statement in statements:
        bound = text(statement)
        db.session.execute(bound, {name: values[name] for name in bound.compile().params})


def _as_owner(world: BenchWorld, statements: tuple[str, ...], **values: object) -> None:
    """Write rows as they would be there already: without triggers, and counted by the database."""
    engine = create_engine(world.owner)
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in statements:
            bound = text(statement)
            connection.execute(bound, {name: values[name] for name in bound.compile().params})
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    engine.dispose()


def _megabytes() -> float:
    return getrusage(RUSAGE_SELF).ru_maxrss / 1024
