"""The ledger: the database writes balanced entries for what makes, pays and takes back money, whoever did it."""

from decimal import Decimal

import pytest
from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import DBAPIError

from models import JournalEntry, JournalEvent, Proposal, db
from rules.agreement_states import ProposalKind, ProposalState
from rules.money import vat_of
from rules.states import InvoiceState, JournalAccount, JournalKind, VatCode
from tests.support.worlds.weeks import OCT_23, send, week
from tests.support.worlds.world import World
from tests.workflows.weeks.test_corrections import FIVE, Desk
from workflows.clock import now
from workflows.confirm import desk as confirming
from workflows.invoices.desk import accept, reject
from workflows.payments import one_off
from workflows.payments import run as payment_run
from workflows.payments.money_checks import CHECKS, check_money, rows_that_break

CARE, OWED, PAID, RECOVERABLE = (
    JournalAccount.CARE, JournalAccount.OWED, JournalAccount.PAID, JournalAccount.RECOVERABLE,
)  # fmt: skip


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world)


def entries(kind: JournalKind) -> list[tuple[JournalAccount, str]]:
    """Account and pounds of each entry of the events of a kind, by event and account."""
    statement = (
        select(JournalEntry.account, JournalEntry.amount)
        .join(JournalEvent, JournalEvent.id == JournalEntry.event_id)
        .where(JournalEvent.kind == kind)
        .order_by(JournalEntry.event_id, JournalEntry.account)
    )
    return [(account, f"{amount}") for account, amount in db.session.execute(statement)]


def balance(account: JournalAccount) -> Decimal:
    return db.session.scalar(select(func.sum(JournalEntry.amount)).where(JournalEntry.account == account)) or Decimal(0)


def pay(desk: Desk) -> None:
    officer = desk.world.officer("Payments officer")
    run = payment_run.prepare("04/12/2017", officer)
    payment_run.approve(run.id, desk.world.officer("Payments approver"))
    payment_run.release(run.id, officer)


def test_an_accepted_invoice_is_care_and_a_debt(desk: Desk) -> None:
    assert entries(JournalKind.MADE) == [(CARE, "137.76"), (OWED, "-137.76")]
    (care, owed) = db.session.scalars(select(JournalEntry).order_by(JournalEntry.account)).all()
    assert (care.element_id, owed.element_id) == (desk.line.element_id, None)
    assert care.invoice_line
    assert care.invoice_line.invoice_id == owed.event.invoice_id == desk.invoice.id


def test_a_rejected_invoice_is_taken_back_entry_by_entry(desk: Desk) -> None:
    reject(desk.invoice.id, "Wrong period", 1)
    assert entries(JournalKind.TAKEN_BACK) == [(CARE, "-137.76"), (OWED, "137.76")]
    assert [balance(OWED), balance(CARE)] == [0, 0]


def test_an_invoice_that_waits_to_be_accepted_is_no_debt_yet(world: World) -> None:
    desk = Desk(world)
    world.policy("invoices_accepted_at_once", "no")
    week(desk.line, OCT_23)
    sent = send(desk.contact, desk.period)
    assert sent.state is InvoiceState.SUBMITTED
    assert balance(OWED) == Decimal("-137.76")
    accept([sent.id])
    assert balance(OWED) == Decimal("-275.52")


def test_a_release_settles_what_was_owed(desk: Desk) -> None:
    pay(desk)
    assert entries(JournalKind.PAID) == [(OWED, "137.76"), (PAID, "-137.76")]
    assert balance(OWED) == 0
    assert check_money() == []


def test_a_debt_that_is_carried_forward_is_a_pair_and_is_recovered_once(desk: Desk) -> None:
    pay(desk)
    desk.correct(*FIVE)
    send(desk.contact, desk.period)
    pay(desk)
    assert balance(RECOVERABLE) == Decimal("39.36")
    assert balance(OWED) == 0
    week(desk.line, OCT_23)
    send(desk.contact, desk.period)
    pay(desk)
    assert [balance(RECOVERABLE), balance(OWED), balance(PAID)] == [0, 0, Decimal("-236.16")]
    assert check_money() == []


@pytest.mark.parametrize("code", VatCode)
def test_a_one_off_payment_is_owed_with_the_vat_of_its_code(world: World, code: VatCode) -> None:
    """The database knows the percentages too: another one in the rules alone would be found here."""
    officers = [world.officer("Payments officer") for _ in range(2)]
    payment = one_off.OneOff(world.organisation().id, None, None, Decimal("10.03"), code, "Mileage")
    confirming.confirm(one_off.propose(payment, officers[0]).id, officers[1], ())
    assert balance(OWED) == -payment.net - vat_of(payment.net, code)
    assert check_money() == []


@pytest.mark.parametrize("change", ["UPDATE journal_entry SET amount = 1", "DELETE FROM journal_event"])
def test_the_ledger_is_never_rewritten(desk: Desk, owner: Connection, change: str) -> None:
    assert desk.invoice
    with pytest.raises(DBAPIError, match="kept as it was written"):
        owner.execute(text(change))
    owner.rollback()


# One side of an event, for every event there is.
ONE_SIDE = """
INSERT INTO journal_entry (event_id, organisation_id, account, amount)
SELECT id, organisation_id, 'owed', 1 FROM journal_event"""


def test_an_event_that_does_not_balance_is_refused(desk: Desk, owner: Connection) -> None:
    assert desk.invoice
    with pytest.raises(DBAPIError, match="debits and credits"):
        owner.execute(text(ONE_SIDE))
    owner.rollback()


def test_nobody_who_signs_in_can_write_the_ledger(desk: Desk) -> None:
    assert desk.invoice
    with pytest.raises(DBAPIError, match="permission denied"):
        db.session.execute(text(ONE_SIDE))
    db.session.rollback()


# What somebody with the owner's password could break, and what finds it.
BROKEN = {
    "A payment run comes to the sum of its sources": "UPDATE remittance SET total = total + 1, net = net + 1",
    "A week of a line is new on one live invoice": (
        "DROP INDEX uq_invoice_line_live_week; INSERT INTO invoice (organisation_id, period_id, state, net, vat, gross)"
        " SELECT organisation_id, period_id, 'draft', 0, 0, 0 FROM invoice;"
        " INSERT INTO invoice_line (organisation_id, invoice_id, live, number, kind, line_item_id, actual_id,"
        " week_starting, segment, planned, delivered, aborted_payable, units, unit, rate, net, vat_code, vat, gross)"
        " SELECT organisation_id, (SELECT max(id) FROM invoice), live, number, kind, line_item_id, actual_id,"
        " week_starting, segment, planned, delivered, 0, units, unit, rate, net, vat_code, vat, gross FROM invoice_line"
    ),
    "Nothing is invoiced outside its line": "UPDATE line_item SET start = '2018-01-01'",
    "Nothing over the exception level": (
        "UPDATE exception_check SET planned = 3, over = true, checked_at = '2017-01-02'"
    ),
    "Nothing is invoiced for a document": (
        "UPDATE contract_document SET accepted_at = NULL; INSERT INTO policy_setting (name, value, scope, valid_from)"
        " VALUES ('acceptance_required', 'yes', 'council', '2017-01-02')"
    ),
    "Every state stands in the audit trail": "UPDATE payment_run SET state = 'settled', settled_at = now()",
    "What stands in a payment run says so": "UPDATE invoice SET state = 'accepted'",
    "What was paid is what its source says": "UPDATE remittance_line SET net = net - 1, gross = gross - 1",
    "Two people stand behind every price": (
        "ALTER TABLE payment_run DROP CONSTRAINT ck_payment_run_two_officers;"
        " UPDATE payment_run SET approved_by_id = prepared_by_id"
    ),
    "Every amount is the sum of its rounded lines": "UPDATE invoice SET net = net + 1, gross = gross + 1",
    "Debits are credits": "UPDATE journal_entry SET amount = amount + 1 WHERE account = 'paid'",
    "What is owed is what the ledger says": "DELETE FROM journal_entry WHERE invoice_line_id IS NOT NULL",
    "What was paid and carried forward is": "DELETE FROM journal_entry WHERE account = 'paid'",
    "What is called paid was paid": "DELETE FROM journal_entry WHERE payment_source_id IS NOT NULL",
    "What an organisation is owed and owes": "UPDATE journal_entry SET amount = 1 WHERE account = 'owed'",
    "A day with visits has their units": (
        "INSERT INTO upload (organisation_id, filename, sha256, content, state, counts, notices, aborted, ticked,"
        " rows_total, rows_done, attempts, pounds_before, pounds_after) SELECT organisation_id, '', '', '', 'done',"
        " '{}', '[]', '[]', '[]', 0, 0, 0, 0, 0 FROM actual;"
        " INSERT INTO visit (organisation_id, upload_id, line_item_id, day, reference, outcome, planned_start, minutes,"
        " counted) SELECT organisation_id, (SELECT max(id) FROM upload), line_item_id, week_starting, 'V', 'DELIVERED',"
        " week_starting, 30, 30 FROM actual"
    ),
}


@pytest.mark.parametrize("holds", BROKEN)
def test_check_money_finds_what_is_broken(desk: Desk, owner: Connection, holds: str) -> None:
    pay(desk)
    db.session.commit()
    owner.execute(text("SET session_replication_role = replica"))  # no trigger stands in the way
    for statement in BROKEN[holds].split("; "):
        owner.execute(text(statement))
    (check,) = [each for each in CHECKS if each.holds.startswith(holds)]
    assert rows_that_break(check, owner)
    owner.rollback()


def test_two_lines_of_one_person_and_element_are_paid_together_only_where_that_was_meant(desk: Desk) -> None:
    other = desk.world.line(desk.contact.organisation, person=desk.line.person)
    week(other)
    send(desk.contact, desk.period)
    (broken,) = check_money()
    assert broken.record == f"Line {desk.line.reference} and line {other.reference}, week of 2017-10-16"
    officers = [desk.world.officer("Service Brokerage").id for _ in range(2)]
    meant = {"kind": ProposalKind.PUBLISH, "title": "Two lines", "payload": {}, "decided_at": now()}
    for ticked, still in (("rate-last", 1), (f"overlap {other.reference} {desk.line.reference}", 0)):
        db.session.add(
            Proposal(
                **meant, state=ProposalState.CONFIRMED, proposed_by_id=officers[0], decided_by_id=officers[1],
                ticked=[ticked],
            )
        )  # fmt: skip
        db.session.commit()
        assert len(check_money()) == still
