"""The bank file and the ledger file of a run: from its remittances, to the penny, a trial before release."""

import csv
import io
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Connection, select, text, update
from sqlalchemy.exc import IntegrityError

from models import ChangeRequest, Element, LedgerColumn, Organisation, PaymentRun, Recovery, Remittance, RunFinding, db
from rules.bank_account import BankDetails
from rules.ledger import LedgerField
from rules.refusal import Refused, Unknown
from rules.run_checks import RunCheck
from rules.states import ChangeKind, ChangeState, RunState
from tests.support.queries import Queries
from tests.support.second.bacs_reader import NotBacs, read_bacs
from tests.support.worlds.weeks import NOV_6, OCT_16, OCT_23, send, week
from tests.support.worlds.world import World
from tests.workflows.payments.test_run import one_off
from workflows.organisations import change_requests
from workflows.payments import run as payment_run
from workflows.payments import run_checks
from workflows.payments.bank_file import bacs_file, ledger_file
from workflows.payments.money_checks import check_money


class Story:
    """Two officers and providers with invoices of the first period; each 137.76 a week."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.period = world.period(0)
        self.officer = world.officer("Payments officer")

    def invoiced(self, name: str, weeks: int = 1, account: str = "66374958") -> int:
        organisation = self.world.organisation(name, account=False)
        if account:
            self.world.account(organisation, account)
        line = self.world.line(organisation)
        for monday in (OCT_16, OCT_23, NOV_6)[:weeks]:
            week(line, monday)
        send(self.world.contact(organisation), self.period)
        return organisation.id

    def prepared(self) -> PaymentRun:
        return payment_run.prepare("04/12/2017", self.officer)

    def released(self) -> PaymentRun:
        run = self.prepared()
        for finding in db.session.scalars(select(RunFinding).where(RunFinding.run_id == run.id)).all():
            run_checks.look_at(run.id, finding.id, "As it is meant", self.officer)
        payment_run.approve(run.id, self.world.officer("Payments approver"))
        payment_run.release(run.id, self.officer)
        return run

    def owes(self, organisation_id: int, amount: str) -> None:
        before = PaymentRun(pay_date=OCT_16, prepared_by_id=self.officer.id)
        db.session.add(before)
        db.session.flush()
        db.session.add(Recovery(organisation_id=organisation_id, from_run_id=before.id, amount=Decimal(amount)))
        db.session.commit()


@pytest.fixture
def story(world: World) -> Story:
    return Story(world)


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_a_released_run_pays_each_remittance_into_its_account(story: Story) -> None:
    story.invoiced("Café Søndergård Ltd", 2, "12345678")
    story.invoiced("Broadland Care CIC")
    run = story.released()
    file = bacs_file(run.id)
    read = read_bacs(file.content.decode("ascii"))
    references = db.session.scalars(select(Remittance.bank_reference).order_by(Remittance.id)).all()
    assert [(item.name, item.account, item.pence, item.reference) for item in read.credits] == [
        ("CAFE SONDERGARD LT", "12345678", 27552, references[0].upper()),
        ("BROADLAND CARE CIC", "66374958", 13776, references[1].upper()),
    ]
    assert read.contra.pence == 41328
    assert (file.name, file.trial) == (f"bacs-run-{run.number}.txt", False)


def test_the_bank_processes_it_one_working_day_before_the_pay_date(story: Story) -> None:
    story.invoiced("Broadland Care CIC")
    read = read_bacs(bacs_file(story.released().id).content.decode("ascii"))
    # 4 December 2017 is a Monday.
    assert read.processed_on == "2017-12-01"


def test_a_run_that_is_not_released_is_tried_and_no_bank_reads_the_trial(story: Story) -> None:
    story.invoiced("Broadland Care CIC")
    run = story.prepared()
    file = bacs_file(run.id)
    assert (file.name, file.trial) == (f"trial-not-for-use-bacs-run-{run.number}.txt", True)
    written = file.content.decode("ascii")
    assert written.startswith("TRIAL - NOT FOR THE BANK\r\n")
    with pytest.raises(NotBacs):
        read_bacs(written)
    (credit,) = read_bacs(written.split("\r\n", 1)[1]).credits
    assert (credit.pence, credit.reference) == (13776, "TRIAL")


def test_the_file_is_the_same_after_bank_details_changed(story: Story) -> None:
    organisation_id = story.invoiced("Broadland Care CIC")
    run = story.released()
    before = bacs_file(run.id).content
    db.session.execute(update(ChangeRequest).values(state=ChangeState.REPLACED))
    db.session.commit()
    organisation = db.session.scalars(select(Remittance)).one().organisation
    story.world.account(organisation, "11111111")
    assert organisation.id == organisation_id
    assert bacs_file(run.id).content == before


def test_an_organisation_without_an_account_stops_the_approval_and_has_no_trial_file(story: Story) -> None:
    organisation_id = story.invoiced("Broadland Care CIC", account="")
    run = story.prepared()
    finding = db.session.scalars(select(RunFinding)).one()
    assert (finding.kind, finding.organisation_id, finding.pounds) == (
        RunCheck.NO_ACCOUNT,
        organisation_id,
        Decimal("137.76"),
    )
    with pytest.raises(Refused, match="nobody can look this away"):
        run_checks.look_at(run.id, finding.id, "As it is meant", story.officer)
    approver = story.world.officer("Payments approver")
    with pytest.raises(Refused, match="No bank account"):
        payment_run.approve(run.id, approver)
    with pytest.raises(Refused, match="Broadland Care CIC has no confirmed bank details"):
        bacs_file(run.id)
    story.world.account(db.session.get_one(Organisation, organisation_id))
    payment_run.approve(run.id, approver)
    assert read_bacs(bacs_file(run.id).content.decode("ascii").split("\r\n", 1)[1]).contra.pence == 13776


def test_an_account_that_is_gone_after_the_approval_stops_the_release(story: Story) -> None:
    story.invoiced("Broadland Care CIC")
    run = story.prepared()
    payment_run.approve(run.id, story.world.officer("Payments approver"))
    db.session.execute(update(ChangeRequest).values(state=ChangeState.REPLACED))
    db.session.commit()
    with pytest.raises(Refused, match="Broadland Care CIC: The organisation has no confirmed bank details"):
        payment_run.release(run.id, story.officer)
    assert run.state is RunState.APPROVED


def changes_account(story: Story, organisation_id: int) -> ChangeRequest:
    """Two officers confirm another account, ending 7491, and nobody has rung back yet."""
    organisation = db.session.get_one(Organisation, organisation_id)
    new = BankDetails(organisation.name, "107999", "88837491")
    asked = change_requests.ask(organisation, ChangeKind.BANK_DETAILS, new, story.officer)
    change_requests.confirm(asked, story.officer)
    return change_requests.confirm(asked, story.world.officer("Procurement"))


CALL = change_requests.CallBack("The manager", "01632 960417")


def accounts_in(run: PaymentRun) -> list[str]:
    content = bacs_file(run.id).content.decode("ascii")
    return [credit.account for credit in read_bacs(content.split("\r\n", 1)[1] if run.waits else content).credits]


def test_no_bank_file_names_an_account_that_nobody_has_rung_back_about(story: Story) -> None:
    organisation_id = story.invoiced("Broadland Care CIC")
    run = story.prepared()
    request = changes_account(story, organisation_id)
    assert accounts_in(run) == ["66374958"]
    with pytest.raises(Refused, match="Bank account changed, no call-back yet"):
        payment_run.approve(run.id, story.world.officer("Payments approver"))
    change_requests.record_call(request.id, CALL, story.officer)
    assert accounts_in(run) == ["88837491"]
    payment_run.approve(run.id, story.world.officer("Payments approver"))
    payment_run.release(run.id, story.officer)
    assert accounts_in(run) == ["88837491"]
    assert check_money() == []


def test_an_account_that_changes_after_the_approval_stops_the_release(story: Story) -> None:
    organisation_id = story.invoiced("Broadland Care CIC")
    run = story.prepared()
    payment_run.approve(run.id, story.world.officer("Payments approver"))
    request = changes_account(story, organisation_id)
    with pytest.raises(Refused, match="Nothing is paid until the call-back is recorded"):
        payment_run.release(run.id, story.officer)
    change_requests.deny(request.id, CALL, "Nobody here asked for it", story.officer)
    payment_run.release(run.id, story.officer)
    assert accounts_in(run) == ["66374958"]


def test_a_first_account_is_paid_into_after_the_call_back(story: Story) -> None:
    organisation_id = story.invoiced("Broadland Care CIC", account="")
    request = changes_account(story, organisation_id)
    run = story.prepared()
    assert [row.kind for row in db.session.scalars(select(RunFinding))] == [RunCheck.CALL_BACK]
    with pytest.raises(Refused, match="has no confirmed bank details"):
        bacs_file(run.id)
    change_requests.record_call(request.id, CALL, story.officer)
    assert accounts_in(run) == ["88837491"]


def test_the_database_pays_into_no_account_that_nobody_has_rung_back_about(story: Story) -> None:
    organisation_id = story.invoiced("Broadland Care CIC")
    run, request = story.prepared(), changes_account(story, organisation_id)
    remittance = Remittance(
        organisation_id=organisation_id, run_id=run.id, number="R-1", bank_reference="NCC R1", pay_date=run.pay_date,
        net=1, vat=0, adjustments=0, recovered=0, total=1, carried_forward=0, account_id=request.id,
    )  # fmt: skip
    db.session.add(remittance)
    with pytest.raises(IntegrityError, match="nobody has rung back about the account"):
        db.session.flush()
    db.session.rollback()


def test_who_was_paid_before_the_call_back_is_found_by_the_money_checks(story: Story, owner: Connection) -> None:
    story.invoiced("Broadland Care CIC")
    story.released()
    db.session.rollback()
    with owner.begin():
        owner.exec_driver_sql("SET LOCAL session_replication_role = replica")
        owner.exec_driver_sql("UPDATE change_request SET called_at = now() + interval '1 day'")
    (broken,) = check_money()
    assert "paid into an account that was rung back about on" in broken.found


@pytest.mark.parametrize("make", [bacs_file, ledger_file])
def test_nothing_is_written_where_control_totals_disagree(story: Story, make: Callable[[int], object]) -> None:
    story.invoiced("Broadland Care CIC")
    run = story.prepared()
    db.session.execute(update(PaymentRun).values(total=Decimal("137.77")))
    db.session.commit()
    db.session.expire_all()
    with pytest.raises(Refused, match=r"control totals do not agree.*£137\.76.*£137\.77"):
        make(run.id)


@pytest.mark.parametrize("name", ["BACS_SORT_CODE", "BACS_ACCOUNT_NUMBER", "BACS_USER_NUMBER"])
def test_without_the_councils_own_account_there_is_no_bank_file(story: Story, name: str) -> None:
    story.invoiced("Broadland Care CIC")
    run = story.released()
    config = story.world.app.config
    before = config[name]
    config[name] = ""
    try:
        with pytest.raises(Refused, match=f"does not know from which account.*{name}"):
            bacs_file(run.id)
    finally:
        config[name] = before


def test_a_run_in_which_nothing_is_paid_has_no_bank_file(story: Story) -> None:
    story.owes(story.invoiced("Broadland Care CIC"), "200.00")
    run = story.released()
    with pytest.raises(Refused, match="Nothing is paid in this run"):
        bacs_file(run.id)
    (care, recovered, carried) = rows_of(ledger_file(run.id).content)
    assert [row["Gross"] for row in (care, recovered, carried)] == ["137.76", "-200.00", "62.24"]
    assert carried["Kind"] == "CARRIED_FORWARD"


def test_the_ledger_has_a_row_for_each_payment_line_with_the_codes_of_its_element(story: Story) -> None:
    story.invoiced("Broadland Care CIC", 2)
    db.session.execute(update(Element).values(cost_centre="CC-4711", subjective_code="00815"))
    db.session.commit()
    run = story.released()
    rows = rows_of(ledger_file(run.id).content)
    assert len(rows) == 2
    assert list(rows[0])[:8] == [
        "Payment run", "Pay date", "Remittance", "Line", "Organisation ref", "Organisation", "Cost centre",
        "Subjective code",
    ]  # fmt: skip
    assert (rows[0]["Cost centre"], rows[0]["Subjective code"]) == ("CC-4711", "00815")
    assert (rows[0]["Pay date"], rows[0]["Week starting"], rows[0]["Gross"]) == ("04/12/2017", "16/10/2017", "137.76")
    assert sum(Decimal(row["Gross"]) for row in rows) == run.total


def test_the_ledger_has_the_councils_own_columns_in_their_order(story: Story) -> None:
    story.invoiced("Broadland Care CIC")
    db.session.execute(text("DELETE FROM ledger_column"))
    db.session.add_all(
        [
            LedgerColumn(place=2, heading="Amount", field=LedgerField.GROSS),
            LedgerColumn(place=1, heading="Supplier", field=LedgerField.ORGANISATION),
            LedgerColumn(place=3, heading="Units", field=LedgerField.UNITS),
        ]
    )
    db.session.commit()
    assert ledger_file(story.released().id).content.decode("utf-8-sig") == (
        "Supplier,Amount,Units\r\nBroadland Care CIC,137.76,7.00\r\n"
    )


def test_the_ledger_of_a_run_that_is_not_released_is_a_trial_with_the_same_rows(story: Story) -> None:
    story.owes(story.invoiced("Broadland Care CIC", 2), "50.00")
    run = story.prepared()
    file = ledger_file(run.id)
    assert (file.name, file.trial) == (f"trial-not-for-use-ledger-run-{run.number}.csv", True)
    mark, rest = file.content.decode("utf-8-sig").split("\r\n", 1)
    assert mark == "TRIAL - NOT FOR THE LEDGER"
    trial = rows_of(rest.encode())
    payment_run.approve(run.id, story.world.officer("Payments approver"))
    payment_run.release(run.id, story.officer)
    told = rows_of(ledger_file(run.id).content)
    for row in told:
        assert row.pop("Remittance").startswith("R-")
    assert {row.pop("Remittance") for row in trial} == {"TRIAL"}
    assert trial == told


def test_more_organisations_are_no_more_queries(story: Story) -> None:
    counts = []
    for size in (1, 3):
        for number in range(size):
            story.invoiced(f"Provider {size}-{number}")
        run = story.released()
        with Queries() as queries:
            bacs_file(run.id)
            ledger_file(run.id)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 8


def test_an_unknown_run_has_no_files(story: Story) -> None:
    for make in (bacs_file, ledger_file):
        with pytest.raises(Unknown):
            make(99)


def test_a_settled_run_keeps_its_files(story: Story) -> None:
    story.invoiced("Broadland Care CIC")
    run = story.released()
    before = bacs_file(run.id)
    story.world.app.config["PORTAL_TODAY"] = "2017-12-04"
    payment_run.settle(run.id, story.officer)
    assert bacs_file(run.id) == before
    assert run.pay_date == date(2017, 12, 4)


def test_a_run_of_more_than_one_bank_file_holds_is_told_to_be_several_before_it_is_approved(story: Story) -> None:
    for name in ("Broadland Care CIC", "Fenland Homecare Ltd"):
        one_off(story.invoiced(name), "500000000.00")
    run = story.prepared()
    told = r"more than one Bacs file holds \(£999,999,999\.99\).*Prepare it as several runs"
    with pytest.raises(Refused, match=told):
        payment_run.approve(run.id, story.world.officer("Payments approver"))
    with pytest.raises(Refused, match=told):
        bacs_file(run.id)
