"""The money invariants of the portal, each a published query that returns no rows (rules.md 10 and 16)."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, text

from models import db
from workflows.payments import ledger_checks_sql as ledger
from workflows.payments import money_checks_sql as sql


@dataclass(frozen=True)
class MoneyCheck:
    """One invariant: what holds, as a sentence, and the query of the rows in which it does not."""

    holds: str
    query: str


@dataclass(frozen=True)
class Broken:
    """A row in which an invariant does not hold: which record, and the figures that do not agree."""

    holds: str
    record: str
    found: str


CHECKS: Final = (
    MoneyCheck("A payment run comes to the sum of its sources, its remittances and their lines.", sql.RUN_AGREES),
    MoneyCheck("A week of a line is new on one live invoice.", sql.WEEK_ONCE),
    MoneyCheck("Nothing is paid twice for one person, element and week without a second look.", sql.PERSON_ONCE),
    MoneyCheck("Nothing is invoiced outside its line’s first and last day.", sql.IN_ITS_LINE),
    MoneyCheck("Nothing over the exception level is invoiced without a decision.", sql.WITHIN_LEVEL),
    MoneyCheck("Nothing is invoiced for a document that has to be accepted and is not.", sql.ACCEPTED),
    MoneyCheck("What was paid is what its source says.", sql.AS_PAID),
    MoneyCheck("Two people stand behind every price and every payment run.", sql.TWO_PEOPLE),
    MoneyCheck("The council has rung back about every account before it paid into it.", sql.RUNG_BACK),
    MoneyCheck("Every state stands in the audit trail.", sql.TRACED),
    MoneyCheck("What stands in a payment run says so, and nothing else does.", sql.RUN_AS_STATED),
    MoneyCheck("Every amount is the sum of its rounded lines.", sql.ADDS_UP),
    MoneyCheck("What a correction takes back is what was paid.", sql.TAKEN_BACK),
    MoneyCheck("Debits are credits in every event of the ledger.", ledger.BALANCED),
    MoneyCheck("What is owed is what the ledger says.", ledger.OWED_AS_JOURNALED),
    MoneyCheck("What was paid and carried forward is what the ledger says.", ledger.PAID_AS_JOURNALED),
    MoneyCheck("What is called paid was paid by the ledger.", ledger.STATE_AS_JOURNALED),
    MoneyCheck("What an organisation is owed and owes is what the ledger says.", ledger.BALANCES),
    MoneyCheck("A day with visits has their units, or who typed over them is known.", sql.DAY_OF_VISITS),
)


def check_money() -> list[Broken]:
    """Return every row that breaks a money invariant, in the order of the checks: none where all is well.

    Reads with the council's eyes; changes nothing.
    """
    connection = db.session.connection()
    return [Broken(check.holds, *row) for check in CHECKS for row in rows_that_break(check, connection)]


def rows_that_break(check: MoneyCheck, connection: Connection) -> list[tuple[str, str]]:
    """Return record and figures of each row in which an invariant does not hold."""
    statement = text(check.query)
    values = {name: sql.STATES[name] for name in statement.compile().params}
    return [(row.record, row.found) for row in connection.execute(statement, values)]
