"""What the bank sends back un-pays exactly what it paid, once."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import IntegrityError

from models import Actual, BankReturn, Email, Invoice, PaymentRun, PaymentSource, Recovery, Remittance, db
from rules.refusal import Refused
from rules.states import ActualState, InvoiceState, OneOffState, RunState, ScheduledState
from tests.support.processes.at_once import at_once
from tests.workflows.payments.test_run import Story, all_of, one_off, owes, reload, scheduled, story
from workflows.payments import run as payment_run
from workflows.payments.returns import record_returns

__all__ = ["story"]
HEAD = "Reference,Sort code,Account,Pence,Reason code,Date"


def row_of(remittance: Remittance, code: str = "5", **other: str) -> str:
    said = {
        "reference": remittance.bank_reference, "pence": str(int(remittance.total * 100)), "day": "20/11/2017",
    } | other  # fmt: skip
    return f"{said['reference']},11-22-33,12345678,{said['pence']},{code},{said['day']}"


def file_of(*rows: str) -> bytes:
    return "".join(f"{row}\r\n" for row in (HEAD, *rows)).encode()


def remittance_of(organisation_id: int) -> Remittance:
    own = select(Remittance).where(Remittance.organisation_id == organisation_id)
    found: Remittance = db.session.scalars(own.order_by(Remittance.id.desc())).first()
    return found


def test_a_returned_payment_un_pays_its_sources_and_no_others(story: Story) -> None:
    back, kept = story.invoiced("Back"), story.invoiced("Kept")
    payment = one_off(back.organisation_id, "10.00")
    automatic = scheduled(story, back.organisation_id, gross="20.00", line_gross="20.00")
    debt = owes(story, back.organisation_id, "7.76")
    run = story.released()
    returned = record_returns(file_of(row_of(remittance_of(back.organisation_id))), story.preparer)
    assert ([each.organisation_id for each in returned.new], returned.known) == ([back.organisation_id], 0)
    assert (returned.new[0].amount, returned.new[0].reason) == (Decimal("160.00"), "no such account")
    assert [reload(back).state, reload(kept).state] == [InvoiceState.ACCEPTED, InvoiceState.PAID]
    assert (reload(payment).state, reload(automatic).state) == (OneOffState.WAITING, ScheduledState.FINALISED)
    assert reload(debt).balance == Decimal("7.76")
    states = {row[0]: row[1] for row in db.session.execute(select(Actual.organisation_id, Actual.state))}
    assert states == {back.organisation_id: ActualState.INVOICED, kept.organisation_id: ActualState.PAID}
    assert reload(run).state is RunState.RELEASED
    paid = (
        "SELECT account, sum(amount) FROM journal_entry WHERE organisation_id = :id GROUP BY account ORDER BY account"
    )
    booked = {row[0]: row[1] for row in db.session.execute(text(paid), {"id": back.organisation_id})}
    assert (booked["paid"], booked["owed"], booked.get("recoverable", 0)) == (0, Decimal("-167.76"), 0)


def test_it_is_paid_by_the_next_run_and_the_week_with_it(story: Story) -> None:
    sent = story.invoiced()
    story.released()
    record_returns(file_of(row_of(remittance_of(sent.organisation_id))), story.preparer)
    again = story.released()
    assert reload(again).total == Decimal("137.76")
    assert reload(sent).state is InvoiceState.PAID
    assert all_of(Actual.state) == [ActualState.PAID]
    assert all_of(Remittance.total) == [Decimal("137.76")] * 2
    record_returns(file_of(row_of(remittance_of(sent.organisation_id))), story.preparer)
    assert reload(sent).state is InvoiceState.ACCEPTED, "the second payment can come back as well"


def test_the_same_file_again_changes_nothing(story: Story) -> None:
    sent = story.invoiced()
    story.released()
    content = file_of(row_of(remittance_of(sent.organisation_id)))
    record_returns(content, story.preparer)
    letters = db.session.scalar(select(func.count(Email.id)))
    assert record_returns(content, story.preparer) == ([], 1)
    assert record_returns(content + content.partition(b"\r\n")[2], story.preparer) == ([], 1)
    assert db.session.scalar(select(func.count(BankReturn.id))) == 1
    assert db.session.scalar(select(func.count(Email.id))) == letters


def test_two_officers_with_the_same_file_at_once_un_pay_once(story: Story) -> None:
    sent = story.invoiced()
    debt = owes(story, sent.organisation_id, "7.76")
    story.released()
    content, officer = file_of(row_of(remittance_of(sent.organisation_id))), story.preparer
    results = at_once(story.world.app, *[lambda: record_returns(content, officer)] * 3)
    assert sorted(len(each.new) for each in results) == [0, 0, 1]
    assert reload(debt).balance == Decimal("7.76")


def test_a_file_with_anything_wrong_changes_nothing_and_names_every_row(story: Story) -> None:
    sent = story.invoiced()
    story.released()
    remittance = remittance_of(sent.organisation_id)
    content = file_of(
        row_of(remittance), row_of(remittance, reference="NCC R999999"), row_of(remittance, pence="1x"),
        row_of(remittance, "??"), row_of(remittance, day="31/02/2017"), row_of(remittance, "B"),
        row_of(remittance, day="21/11/2017"),
    )  # fmt: skip
    with pytest.raises(Refused) as refused:
        record_returns(content, story.preparer)
    said = str(refused.value)
    for words in (
        "Row 4: the amount is not a number of pence", "Row 5: the reason code", "Row 6: “31/02/2017” is not a date",
        "Row 7: the same reference stands in row 2", "Row 8: 21/11/2017 is in the future",
    ):  # fmt: skip
        assert words in said
    assert {each.field for each in refused.value.problems} == {"file"}
    with pytest.raises(Refused, match="Row 3: no payment of the council has the reference NCCR999999"):
        record_returns(file_of(row_of(remittance), row_of(remittance, reference="NCC R999999")), story.preparer)
    with pytest.raises(Refused, match=r"R-.* paid £137.76, the file says £1.37"):
        record_returns(file_of(row_of(remittance, pence="137")), story.preparer)
    assert reload(sent).state is InvoiceState.PAID


def test_a_row_that_names_no_payment_and_no_account_says_each_of_it(story: Story) -> None:
    with pytest.raises(Refused) as refused:
        record_returns(file_of("-,11-22-3,1234567,100,5,20/11/2017"), story.preparer)
    assert [problem.wrong for problem in refused.value.problems] == [
        "Row 2: there is no reference.",
        "Row 2: the sort code is not six digits.",
        "Row 2: the account is not eight digits.",
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "Choose the file of the bank"),
        (b"Reference,Account\r\nA,B", "These columns are missing: Sort code, Pence, Reason code, Date"),
        (HEAD.encode(), "No payment stands in the file"),
        (b"%PDF-1.4", "This is a PDF document. Save the bank’s table as .csv"),
        (b"\xff\xd8\xff\xe1, " * 300, "This is a photograph, not a table. Save the bank’s table as .csv"),
        (b"PK\x03\x04" + bytes(100), "a workbook or a packed file, not a .csv file. Save the bank’s table as .csv"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "a workbook or a packed file, not a .csv file"),
    ],
)
def test_what_is_no_file_of_returns_says_so(story: Story, content: bytes, message: str) -> None:
    with pytest.raises(Refused, match=message):
        record_returns(content, story.preparer)


def test_payments_contacts_are_told_without_figures(story: Story) -> None:
    sent = story.invoiced()
    story.released()
    record_returns(file_of(row_of(remittance_of(sent.organisation_id))), story.preparer)
    letter = db.session.scalars(select(Email).order_by(Email.id.desc())).first()
    assert letter
    assert letter.subject == "A payment came back from the bank"
    assert "137" not in letter.body


def test_the_database_un_pays_nothing_the_bank_did_not_send_back(story: Story) -> None:
    sent = story.invoiced()
    run = story.released()
    with pytest.raises(IntegrityError, match="invoice has been paid"):
        db.session.execute(update(Invoice).where(Invoice.id == sent.id).values(state=InvoiceState.ACCEPTED))
    db.session.rollback()
    record_returns(file_of(row_of(remittance_of(sent.organisation_id))), story.preparer)
    for statement in (
        "DELETE FROM bank_return", "UPDATE bank_return SET amount = 1",
        "UPDATE payment_source SET bank_return_id = NULL", "UPDATE payment_source SET gross = 1, net = 1",
    ):  # fmt: skip
        with pytest.raises(IntegrityError):
            db.session.execute(text(statement))
        db.session.rollback()
    assert db.session.scalar(select(PaymentSource.bank_return_id)) is not None
    assert reload(run).total == Decimal("137.76")


def test_of_a_settled_run_a_payment_can_come_back_too(story: Story) -> None:
    sent = story.invoiced()
    run = story.released()
    story.world.app.config["PORTAL_TODAY"] = "2017-12-05"
    payment_run.settle(run.id, story.preparer)
    row = row_of(remittance_of(sent.organisation_id), day="05/12/2017")
    record_returns(file_of(row), story.preparer)
    assert reload(sent).state is InvoiceState.ACCEPTED
    assert db.session.scalars(select(BankReturn)).one().returned_on == date(2017, 12, 5)
    assert (all_of(PaymentRun.state), all_of(Recovery.id)) == ([RunState.SETTLED], [])


def test_a_file_of_which_nobody_knows_what_stands_where_changes_nothing(story: Story) -> None:
    back = story.invoiced("Back")
    story.released()
    row = row_of(remittance_of(back.organisation_id))
    with pytest.raises(Refused, match=r"Row 2: there are 2 filled cells more than headings\."):
        record_returns(file_of(f"{row},,x,y"), story.preparer)
    with pytest.raises(Refused, match=r"More than one column is headed Reference\."):
        record_returns(f"{HEAD},reference\n{row},X-1\n".encode(), story.preparer)
    assert db.session.scalar(select(func.count()).select_from(BankReturn)) == 0
    assert len(record_returns(file_of(f"{row},,"), story.preparer).new) == 1
