"""An uplift of a county's lines, looked at and applied, beside one bare UPDATE and INSERT of as many rates.

The floor keeps the same promises: keys, indexes, checks, and triggers with their traces. What the portal does beyond
is to find the lines, weigh each against its element, and publish the next version of every document.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from time import perf_counter
from typing import Any

from flask import Flask
from sqlalchemy import create_engine, select, text

from bench.world import BenchWorld
from models import COUNCIL, Element, PortalUser, Proposal, Rate, acting_for, db
from rules.agreement_states import ProposalKind, ProposalState
from rules.uplift import Uplift
from workflows.agreements import uplifts
from workflows.clock import now

LINES = 15_000
LIKE = 150
TIMES = 3
MOST = 3
SINCE = date(2018, 4, 2)

# The lines of one organisation, a hundred times over, each time with documents of their own.
MULTIPLY = (
    "SET session_replication_role = replica",
    """INSERT INTO contract_document SELECT (jsonb_populate_record(document, jsonb_build_object('id',
      document.id + :step * n, 'reference', document.reference || '-' || n))).* FROM contract_document AS document,
      generate_series(1, :times) AS n WHERE document.organisation_id = :organisation""",
    """INSERT INTO document_version SELECT (jsonb_populate_record(version, jsonb_build_object('id',
      version.id + :step * n, 'document_id', version.document_id + :step * n))).* FROM document_version AS version,
      generate_series(1, :times) AS n WHERE version.organisation_id = :organisation""",
    """INSERT INTO line_item SELECT (jsonb_populate_record(line, jsonb_build_object('id', line.id + :step * n,
      'reference', line.reference || '-' || n, 'document_id', line.document_id + :step * n))).*
      FROM line_item AS line, generate_series(1, :times) AS n WHERE line.organisation_id = :organisation""",
    *(
        f"""INSERT INTO {table} SELECT (jsonb_populate_record(each, jsonb_build_object('id', each.id + :step * n,
          'line_item_id', each.line_item_id + :step * n))).* FROM {table} AS each, generate_series(1, :times) AS n
          WHERE each.organisation_id = :organisation"""
        for table in ("plan", "rate")
    ),
    *(
        f"SELECT setval('{table}_id_seq', (SELECT max(id) FROM {table}))"
        for table in ("contract_document", "document_version", "line_item", "plan", "rate")
    ),
)


@dataclass(frozen=True)
class ComparedUplift:
    """How many lines of how many documents, and the seconds of looking, of applying, and of the bare statements."""

    lines: int
    documents: int
    preview: float
    apply: float
    bare: float

    @property
    def times(self) -> float:
        """How many times the floor the portal takes."""
        return (self.preview + self.apply) / self.bare

    @property
    def rows(self) -> int:
        """How many rows it writes: two rates of each line; of each document itself, its old and its new version."""
        return 2 * self.lines + 3 * self.documents

    @property
    def a_row(self) -> float:
        """How many times a row of the floor each row it writes takes."""
        return self.apply / self.rows / (self.bare / 2 / self.lines)


def measure_uplift(app: Flask, world: BenchWorld) -> ComparedUplift:
    """Add a council's worth of lines, and measure an uplift of all of them, each time rolled back."""
    with app.app_context(), acting_for(COUNCIL):
        organisation = world.organisation(LIKE).contact
        assert organisation
        _multiply(world.owner, organisation.organisation_id)
        wanted = [
            Uplift(SINCE, percent=Decimal("3.2"), element_id=key) for key in db.session.scalars(select(Element.id))
        ]
        found = uplifts.preview(wanted)
        documents = db.session.scalar(text("SELECT count(*) FROM contract_document WHERE version > 0")) or 0
        bare = min(_seconds(lambda: None, _bare) for _ in range(TIMES))
        preview = min(_seconds(lambda: None, lambda _: uplifts.preview(wanted)) for _ in range(TIMES))
        apply = min(_seconds(lambda: _proposal(wanted), uplifts.apply_uplift) for _ in range(TIMES))
    return ComparedUplift(found.changed, documents, preview, apply, bare)


def words(compared: ComparedUplift) -> str:
    """Return the line of the table."""
    slow = "" if compared.times <= MOST else "  <- too slow"
    return (
        f"Uplift of {compared.lines:,} lines of {compared.documents:,} documents: preview {compared.preview:.2f} s,"
        f" apply {compared.apply:.2f} s. One bare UPDATE + INSERT of as many rates {compared.bare:.2f} s:"
        f" {compared.times:.1f} times, to reach {MOST}{slow}.\n"
        f"  It publishes every document anew: {compared.rows:,} rows, {compared.a_row:.1f} times a bare row each."
    )


def _multiply(owner: str, organisation_id: int) -> None:
    values = {"step": 1_000_000, "times": LINES // LIKE - 1, "organisation": organisation_id}
    engine = create_engine(owner)
    with engine.begin() as connection:
        for statement in MULTIPLY:
            connection.execute(text(statement), {name: values[name] for name in values if f":{name}" in statement})
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    engine.dispose()


def _proposal(wanted: list[Uplift]) -> Proposal:
    first, second = db.session.scalars(select(PortalUser).order_by(PortalUser.id).limit(2))
    proposal = uplifts.propose_uplift(wanted, first, "Annual uplift", "everything")
    proposal.ticked = [each["code"] for each in proposal.unusual]
    proposal.state, proposal.decided_at, proposal.decided_by_id = ProposalState.CONFIRMED, now(), second.id
    db.session.flush()
    return proposal


def _bare(_: object) -> None:
    last = select(Rate.id).where(Rate.end.is_(None), Rate.start < SINCE)
    ids = list(db.session.scalars(last))
    db.session.execute(
        text('UPDATE rate SET "end" = CAST(:since AS date) - 1 WHERE id = ANY (:ids)'), {"since": SINCE, "ids": ids}
    )
    db.session.execute(
        text(
            "INSERT INTO rate (organisation_id, line_item_id, rate, start, reason)"
            " SELECT organisation_id, line_item_id, rate + 1, :since, 'Bare' FROM rate WHERE id = ANY (:ids)"
        ),
        {"since": SINCE, "ids": ids},
    )


def _seconds(prepare: Callable[[], Any], deed: Callable[[Any], object]) -> float:
    """Return the seconds a deed takes in a transaction that is confirmed, and rolled back."""
    first, second = db.session.scalars(select(PortalUser).order_by(PortalUser.id).limit(2))
    db.session.add(
        Proposal(
            kind=ProposalKind.UPLIFT, state=ProposalState.CONFIRMED, title="Bench", payload={}, decided_at=now(),
            proposed_by_id=first.id, decided_by_id=second.id,
        )
    )  # fmt: skip
    db.session.flush()
    given = prepare()
    began = perf_counter()
    deed(given)
    taken = perf_counter() - began
    db.session.rollback()
    return taken
