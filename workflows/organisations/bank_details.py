"""Bank details: encrypted where they are kept, checked by the council's table of modulus weights."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, text, update
from sqlalchemy.orm import joinedload

from models import AuditEvent, ChangeRequest, ModulusWeight, PortalUser, db
from models.sealed import keys_of
from rules.bank_account import BankDetails, DigitCheck, Weights, check, read_weights


@dataclass(frozen=True)
class LoadedWeights:
    """How many lines the table of weights has, when it was loaded (None: not known), and by whom (None: a command)."""

    lines: int
    at: datetime | None
    by: PortalUser | None


def seal(details: BankDetails) -> str:
    """Return bank details encrypted with the newest key of BANK_DETAILS_KEY."""
    plain = json.dumps([details.name, details.sort_code, details.account_number])
    return keys_of("BANK_DETAILS_KEY").encrypt(plain.encode()).decode()


def unseal(sealed: str) -> BankDetails:
    """Return the bank details that were encrypted with any key of BANK_DETAILS_KEY."""
    return BankDetails(*json.loads(keys_of("BANK_DETAILS_KEY").decrypt(sealed.encode())))


def seal_anew(owner: Connection) -> int:
    """Seal every account with the newest key of BANK_DETAILS_KEY; return how many. The caller commits.

    `owner` is a connection of whoever owns the tables: of a decided request the database lets nobody else change what
    is sealed. Raises cryptography's InvalidToken where one was sealed with a key that is not in the list.
    """
    table, keys = ChangeRequest.__table__.c, keys_of("BANK_DETAILS_KEY")
    kept = owner.execute(select(table.id, table.sealed).where(table.sealed.is_not(None)).with_for_update()).all()
    for id_, sealed in kept:
        anew = keys.rotate(sealed.encode()).decode()
        owner.execute(update(ChangeRequest.__table__).where(table.id == id_).values(sealed=anew))
    return len(kept)


def in_words(details: BankDetails) -> str:
    """Return bank details as every page names them: whose account, and its last four digits."""
    return f"{details.name}, account ending {details.ending}"


def request_in_force(organisation_id: int) -> ChangeRequest | None:
    """Return the request an organisation's account stands in; none: the portal knows of none, or has not rung back."""
    return _one(organisation_id, ChangeRequest.is_account)


def request_to_call(organisation_id: int) -> ChangeRequest | None:
    """Return the confirmed request that holds an organisation's payments until the council has rung back about it."""
    return _one(organisation_id, ChangeRequest.to_call)


def _one(organisation_id: int, which: Any) -> ChangeRequest | None:
    found: ChangeRequest | None = db.session.scalar(
        select(ChangeRequest).where(ChangeRequest.organisation_id == organisation_id, which)
    )
    return found


def check_digits(details: BankDetails) -> DigitCheck:
    """Return what the loaded table of weights says about an account; without one every account is unchecked."""
    found = db.session.scalars(
        select(ModulusWeight)
        .where(ModulusWeight.first <= details.sort_code, ModulusWeight.last >= details.sort_code)
        .order_by(ModulusWeight.id)
    )
    table = [Weights(row.first, row.last, row.method, tuple(row.weights), row.exception) for row in found]
    return check(details.sort_code, details.account_number, table)


def load_weights(content: str) -> int:
    """Replace the table of modulus weights by that of a file, and return how many lines it has. Commits.

    The database keeps when it was loaded, and by whom. Raises NotWeights, and changes nothing, where the file is not in
    VocaLink's layout.
    """
    lines = read_weights(content)
    # Of two files loaded at once the later one counts, not both.
    db.session.execute(text("LOCK TABLE modulus_weight IN SHARE ROW EXCLUSIVE MODE"))
    db.session.execute(delete(ModulusWeight))
    # By one statement: its trigger counts the lines of a statement.
    db.session.execute(insert(ModulusWeight).values([_row(line) for line in lines]))
    db.session.commit()
    return len(lines)


def loaded_weights() -> LoadedWeights:
    """Return what is known of the table that accounts are checked by. Two queries."""
    event = db.session.scalar(
        select(AuditEvent)
        .where(AuditEvent.record == ModulusWeight.__tablename__)
        .order_by(AuditEvent.record_id.desc())
        .limit(1)
        .options(joinedload(AuditEvent.user))
    )
    lines = db.session.scalar(select(func.count()).select_from(ModulusWeight)) or 0
    return LoadedWeights(lines, event.at if event else None, event.user if event else None)


def _row(line: Weights) -> dict[str, Any]:
    return {
        "first": line.first, "last": line.last, "method": line.method, "weights": list(line.weights),
        "exception": line.exception,
    }  # fmt: skip
