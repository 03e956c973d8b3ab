"""Bank details: encrypted where they are kept, checked by the council's table of modulus weights."""

import json
from collections.abc import Sequence

from cryptography.fernet import Fernet, MultiFernet
from flask import current_app
from sqlalchemy import delete, select

from models import ChangeRequest, ModulusWeight, db
from rules.bank_account import BankDetails, DigitCheck, Weights, check, read_weights
from rules.states import ChangeKind, ChangeState


def seal(details: BankDetails) -> str:
    """Return bank details encrypted with the newest key of BANK_DETAILS_KEY."""
    plain = json.dumps([details.name, details.sort_code, details.account_number])
    return _keys().encrypt(plain.encode()).decode()


def unseal(sealed: str) -> BankDetails:
    """Return the bank details that were encrypted with any key of BANK_DETAILS_KEY."""
    return BankDetails(*json.loads(_keys().decrypt(sealed.encode())))


def in_words(details: BankDetails) -> str:
    """Return bank details as every page names them: whose account, and its last four digits."""
    return f"{details.name}, account ending {details.ending}"


def request_in_force(organisation_id: int) -> ChangeRequest | None:
    """Return the confirmed request an organisation's account stands in; none: the portal knows of no account."""
    found: ChangeRequest | None = db.session.scalar(
        select(ChangeRequest).where(
            ChangeRequest.organisation_id == organisation_id,
            ChangeRequest.kind == ChangeKind.BANK_DETAILS,
            ChangeRequest.state == ChangeState.CONFIRMED,
        )
    )
    return found


def account_in_force(organisation_id: int) -> BankDetails | None:
    """Return the account an organisation is paid into, for the bank file alone: no page shows it."""
    request = request_in_force(organisation_id)
    return unseal(request.sealed) if request and request.sealed else None


def check_digits(details: BankDetails) -> DigitCheck:
    """Return what the loaded table of weights says about an account; without one every account is unchecked."""
    found = db.session.scalars(
        select(ModulusWeight)
        .where(ModulusWeight.first <= details.sort_code, ModulusWeight.last >= details.sort_code)
        .order_by(ModulusWeight.id)
    )
    table = [Weights(row.first, row.last, row.method, tuple(row.weights), row.exception) for row in found]
    return check(details.sort_code, details.account_number, table)


def load_weights(text: str) -> int:
    """Replace the table of modulus weights by that of a file, and return how many lines it has. Commits.

    Raises NotWeights, and changes nothing, where the file is not in VocaLink's layout.
    """
    lines = read_weights(text)
    db.session.execute(delete(ModulusWeight))
    db.session.add_all(_rows(lines))
    db.session.commit()
    return len(lines)


def _rows(lines: Sequence[Weights]) -> list[ModulusWeight]:
    return [
        ModulusWeight(
            first=line.first, last=line.last, method=line.method, weights=list(line.weights), exception=line.exception
        )
        for line in lines
    ]


def _keys() -> MultiFernet:
    return MultiFernet([Fernet(key.strip()) for key in current_app.config["BANK_DETAILS_KEY"].split(",")])
