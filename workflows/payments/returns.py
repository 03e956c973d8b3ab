"""What the bank sent back: each item un-pays exactly the sources of one organisation in one run, once (rules.md 10)."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, NoReturn

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from files.reading.csv_text import BrokenFile, read_csv
from files.reading.sheet import OLD_EXCEL
from models import BankReturn, Contact, PaymentRun, PortalUser, Remittance, db
from rules.bank_return import COLUMNS, ReturnedItem, read_item, reference_key
from rules.money import pounds
from rules.problem_codes import Code
from rules.refusal import Problem, Refused
from rules.words import counted
from workflows.clock import today
from workflows.mail.letters import write_letter
from workflows.page import Page, page_of
from workflows.payments.run_checks import address_of_remittance, refuse
from workflows.payments.run_sql import UN_PAY, execute

SIZE = 25
MOST_ROWS = 10_000
AS_CSV = "Save the bank’s table as .csv and try again."


class Returned(NamedTuple):
    """What a file brought: what was un-paid now, and how many of its items had been before."""

    new: list[BankReturn]
    known: int


def record_returns(content: bytes, officer: PortalUser) -> Returned:
    """Record what a file of the bank says came back; what was paid by it waits for the next run.

    A CSV with the columns of rules.bank_return.COLUMNS in any order, one row for each payment. All or nothing, in one
    transaction; the same file again changes nothing. Commits.
    Raises Refused (field `file`) with everything that is wrong, each naming its row: a payment that the portal does not
    know, another amount, the same payment twice with different facts.
    """
    items = _items(content)
    found = _remittances(items)
    # Nobody settles or returns the same run meanwhile.
    run_ids = {remittance.run_id for remittance in found.values()}
    db.session.execute(
        select(PaymentRun.id).where(PaymentRun.id.in_(run_ids)).order_by(PaymentRun.id).with_for_update()
    )
    before = select(BankReturn.run_id, BankReturn.organisation_id).where(BankReturn.run_id.in_(run_ids))
    known = {(row.run_id, row.organisation_id) for row in db.session.execute(before)}
    new = []
    for reference, (_, item) in items.items():
        remittance = found[reference]
        if (remittance.run_id, remittance.organisation_id) not in known:
            new.append(_un_pay(remittance, item, officer))
    db.session.commit()
    return Returned(new, len(items) - len(new))


def returns_page(page: int) -> Page[BankReturn]:
    """Return one page of what came back, the latest first."""
    shown = (joinedload(BankReturn.organisation), joinedload(BankReturn.run), joinedload(BankReturn.recorded_by))
    return page_of(select(BankReturn).options(*shown).order_by(BankReturn.id.desc()), page, SIZE)


def _un_pay(remittance: Remittance, item: ReturnedItem, officer: PortalUser) -> BankReturn:
    returned = BankReturn(
        run_id=remittance.run_id, organisation_id=remittance.organisation_id, amount=item.amount, code=item.code,
        returned_on=item.returned_on, recorded_by_id=officer.id,
    )  # fmt: skip
    db.session.add(returned)
    db.session.flush()
    own = {"run": remittance.run_id, "organisation": remittance.organisation_id, "bank_return": returned.id}
    for statement in UN_PAY:
        execute(statement, **own)
    _tell_contacts(remittance)
    return returned


def _tell_contacts(remittance: Remittance) -> None:
    own = (Contact.organisation_id == remittance.organisation_id, Contact.may_payments, Contact.in_force(today()))
    address = address_of_remittance(remittance.id)
    for recipient in db.session.scalars(select(Contact.email).where(*own).order_by(Contact.id)):
        write_letter(recipient, "payment came back", remittance.organisation_id, address=address)


def _items(content: bytes) -> dict[str, tuple[int, ReturnedItem]]:
    """Return the items of a file by reference, each with its row."""
    problems: list[Problem] = []
    items: dict[str, tuple[int, ReturnedItem]] = {}
    for row, cells in _rows(content):
        try:
            item = read_item(row, cells, today())
        except Refused as refused:
            problems += refused.problems
            continue
        before = items.setdefault(item.reference, (row, item))
        if before[1] != item:
            wrong = f"Row {row}: the same reference stands in row {before[0]} with other facts."
            problems.append(Problem(Code.DUPLICATE_ROW, wrong, "Ask the bank which is right."))
    if problems:
        _refuse(problems)
    return items


def _rows(content: bytes) -> Iterable[tuple[int, dict[str, str]]]:
    if not content.strip():
        _refuse([Problem(Code.MISSING, "No file was chosen, or it is empty.", "Choose the file of the bank.")])
    if content.startswith((b"PK", OLD_EXCEL)):
        _refuse([Problem(Code.BROKEN_FILE, "This is a workbook or a packed file, not a .csv file.", AS_CSV)])
    try:
        rows = [row for batch in read_csv(content, remedy=AS_CSV) for row in batch]
    except BrokenFile as broken:
        _refuse([Problem(Code.BROKEN_FILE, str(broken))])
    names = [name.strip().lower() for name in (rows[0] if rows else ())]
    headings = {name: place for place, name in enumerate(names)}
    missing = [name for name in COLUMNS if name.lower() not in headings]
    if missing:
        wrong = f"These columns are missing: {', '.join(missing)}."
        _refuse([Problem(Code.MISSING_COLUMNS, wrong, f"The first row says: {', '.join(COLUMNS)}.")])
    given = [(number, row) for number, row in enumerate(rows[1:], 2) if any(cell.strip() for cell in row)]
    _refuse_shapes(names, given)
    if not given or len(given) > MOST_ROWS:
        wrong = "No payment stands in the file." if not given else f"The file has more than {MOST_ROWS:,} rows."
        _refuse([Problem(Code.NO_ROWS if not given else Code.TOO_MANY, wrong)])
    return [(number, {name: _cell(row, headings[name.lower()]) for name in COLUMNS}) for number, row in given]


def _refuse_shapes(names: Sequence[str], given: Sequence[tuple[int, list[str]]]) -> None:
    """Refuse a file in which nobody knows what stands where: a heading twice, or rows longer than the headings."""
    problems = [
        Problem(Code.CONTRADICTION, f"More than one column is headed {name}.", "Ask the bank which is meant.")
        for name in COLUMNS
        if names.count(name.lower()) > 1
    ]
    for number, row in given:
        if beyond := sum(bool(cell.strip()) for cell in row[len(names) :]):
            wrong = f"Row {number}: there are {counted(beyond, 'filled cell')} more than headings."
            problems.append(Problem(Code.ROW_SHAPE, wrong, "Ask the bank for the file again."))
    if problems:
        _refuse(problems)


def _cell(row: Sequence[str], place: int) -> str:
    return row[place] if place < len(row) else ""


def _remittances(items: dict[str, tuple[int, ReturnedItem]]) -> dict[str, Remittance]:
    """Return the remittance of each item. Raises Refused where one is not known, or paid another amount."""
    plain = func.regexp_replace(func.upper(Remittance.bank_reference), "[^A-Z0-9]", "", "g")
    rows = db.session.scalars(select(Remittance).where(plain.in_(items)))
    found = {reference_key(remittance.bank_reference): remittance for remittance in rows}
    problems = []
    for reference, (row, item) in items.items():
        remittance = found.get(reference)
        if remittance is None:
            wrong = f"Row {row}: no payment of the council has the reference {reference}."
            problems.append(Problem(Code.NOT_FOUND, wrong, "Check it with the bank."))
        elif remittance.total != item.amount:
            paid = f"{remittance} paid {pounds(remittance.total)}, the file says {pounds(item.amount)}."
            problems.append(Problem(Code.TOTALS_DISAGREE, f"Row {row}: {paid}", "Check it with the bank."))
    if problems:
        _refuse(problems)
    return found


def _refuse(problems: Sequence[Problem]) -> NoReturn:
    refuse(*(problem.at("file") for problem in problems))
