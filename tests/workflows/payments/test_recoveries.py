"""What is owed is taken in parts that two officers agreed, never more than there is, and not while it is disputed."""

from decimal import Decimal

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from models import PaymentSource, PortalUser, Proposal, Recovery, Remittance, RemittanceLine, db
from rules.refusal import Refused, Unknown
from rules.states import LineKind
from tests.support.processes.at_once import at_once
from tests.workflows.payments.test_run import PAY_DATE, Story, one_off, owes, reload, story
from workflows.confirm import desk
from workflows.payments import recoveries
from workflows.payments import run as payment_run

__all__ = ["story"]


@pytest.fixture
def second(story: Story) -> PortalUser:
    return story.world.officer("Payments officer", "second@council.example")


def agreed(story: Story, second: PortalUser, debt: Recovery, instalment: str) -> None:
    proposal = recoveries.propose_instalments(debt.id, instalment, "Agreed by telephone", story.preparer)
    desk.confirm(proposal.id, second, ())


def test_a_run_takes_the_smaller_of_instalment_and_balance_until_nothing_is_owed(
    story: Story, second: PortalUser
) -> None:
    organisation = story.world.organisation()
    debt = owes(story, organisation.id, "25.00")
    agreed(story, second, debt, "10.00")
    paid, balances = [], []
    for net in ("100.00", "101.00", "102.00", "103.00"):
        one_off(organisation.id, net)
        story.released()
        paid.append(db.session.scalar(select(Remittance.total).order_by(Remittance.id.desc()).limit(1)))
        balances.append(reload(debt).balance)
    assert paid == [Decimal("90.00"), Decimal("91.00"), Decimal("97.00"), Decimal("103.00")]
    assert balances == [Decimal("15.00"), Decimal("5.00"), Decimal("0.00"), Decimal("0.00")]


def test_the_remittance_says_what_is_still_owed(story: Story, second: PortalUser) -> None:
    organisation = story.world.organisation()
    debt = owes(story, organisation.id, "1025.00")
    agreed(story, second, debt, "10.00")
    one_off(organisation.id, "100.00")
    story.released()
    line = db.session.scalars(select(RemittanceLine).where(RemittanceLine.kind == LineKind.RECOVERY)).one()
    assert line.reason.endswith("Still owed: £1,015.00")


def test_an_instalment_is_never_more_than_the_run_pays(story: Story, second: PortalUser) -> None:
    organisation = story.world.organisation()
    first, then = owes(story, organisation.id, "50.00"), owes(story, organisation.id, "50.00")
    for debt in (first, then):
        agreed(story, second, debt, "40.00")
    one_off(organisation.id, "60.00")
    story.released()
    assert [reload(each).balance for each in (first, then)] == [Decimal("10.00"), Decimal("30.00")]
    assert db.session.scalar(select(Remittance.total)) == Decimal("0.00")


def test_a_dispute_pauses_it_and_it_goes_on(story: Story) -> None:
    organisation = story.world.organisation()
    debt = owes(story, organisation.id, "10.00")
    with pytest.raises(Refused, match="Say why"):
        recoveries.pause(debt.id, " ")
    recoveries.pause(debt.id, "They disagree")
    one_off(organisation.id, "100.00")
    story.released()
    assert reload(debt).balance == Decimal("10.00")
    with pytest.raises(Refused, match="paused already"):
        recoveries.pause(debt.id, "Again")
    recoveries.go_on(debt.id)
    one_off(organisation.id, "101.00")
    story.released()
    assert reload(debt).balance == 0
    with pytest.raises(Refused, match="not paused"):
        recoveries.go_on(debt.id)


def test_a_discarded_run_gives_back_what_it_took(story: Story) -> None:
    organisation = story.world.organisation()
    debt = owes(story, organisation.id, "10.00")
    one_off(organisation.id, "100.00")
    run = story.prepared()
    assert reload(debt).balance == 0
    payment_run.discard(run.id)
    assert reload(debt).balance == Decimal("10.00")


def test_two_runs_prepared_at_once_take_a_debt_once(story: Story) -> None:
    organisation = story.world.organisation()
    debt = owes(story, organisation.id, "10.00")
    for net in ("100.00", "101.00", "102.00"):
        one_off(organisation.id, net)
    officer = story.preparer
    at_once(story.world.app, *[lambda: payment_run.prepare(PAY_DATE, officer)] * 2)
    taken = db.session.scalars(select(PaymentSource.gross).where(PaymentSource.recovery_id == debt.id)).all()
    assert (taken, reload(debt).balance) == ([Decimal("-10.00")], Decimal("0.00"))


def test_the_database_takes_no_more_than_is_owed(story: Story) -> None:
    organisation = story.world.organisation()
    debt = owes(story, organisation.id, "10.00")
    one_off(organisation.id, "100.00")
    run = story.prepared()
    other = text(
        f"INSERT INTO payment_run (pay_date, state, payment_count, total, prepared_by_id)"
        f" SELECT pay_date, 'draft', 0, 0, prepared_by_id FROM payment_run WHERE id = {run.id} RETURNING id"
    )
    run_id = db.session.execute(other).scalar_one()
    taking = PaymentSource(organisation_id=organisation.id, run_id=run_id, recovery_id=debt.id, net=-1, gross=-1)
    db.session.add(taking)
    with pytest.raises(IntegrityError, match="ck_recovery_balance"):
        db.session.flush()
    db.session.rollback()


def test_instalments_take_two_officers_also_for_the_database(story: Story) -> None:
    debt = owes(story, story.world.organisation().id, "10.00")
    proposal = recoveries.propose_instalments(debt.id, "£2.50", "Agreed", story.preparer)
    with pytest.raises(Refused, match="another officer has to confirm"):
        desk.confirm(proposal.id, story.preparer, ())
    with pytest.raises(Refused, match="waits to be confirmed"):
        recoveries.propose_instalments(debt.id, "3", "Agreed", story.preparer)
    for change in (
        "UPDATE recovery SET instalment = 2.50", "UPDATE recovery SET amount = 9", "DELETE FROM recovery",
    ):  # fmt: skip
        with pytest.raises(IntegrityError):
            db.session.execute(text(change))
        db.session.rollback()
    assert reload(debt).instalment is None


def test_one_officer_is_enough_where_the_policy_says_so(story: Story) -> None:
    debt = owes(story, story.world.organisation().id, "10.00")
    story.world.policy("two_officers_instalments", "no")
    recoveries.propose_instalments(debt.id, "2.50", "Agreed", story.preparer)
    assert reload(debt).instalment == Decimal("2.50")


@pytest.mark.parametrize(
    ("typed", "reason", "message"),
    [
        ("x", "Agreed", "number"),
        ("0", "Agreed", "Enter more than £0.00"),
        ("10.01", "Agreed", "£10.00 is still owed"),
        ("1.005", "Agreed", "more than 2 decimal places"),
        ("5", "", "Say why"),
    ],
)
def test_instalments_that_cannot_be_are_refused(story: Story, typed: str, reason: str, message: str) -> None:
    debt = owes(story, story.world.organisation().id, "10.00")
    with pytest.raises(Refused, match=message):
        recoveries.propose_instalments(debt.id, typed, reason, story.preparer)
    with pytest.raises(Unknown):
        recoveries.propose_instalments(999, "5", "Agreed", story.preparer)


def test_what_two_officers_decided_is_owed_and_taken_with_its_reason(story: Story, second: PortalUser) -> None:
    organisation = story.world.organisation()
    proposal: Proposal = recoveries.propose_recovery(organisation.id, Decimal("12.50"), "Paid twice", story.preparer)
    assert db.session.scalars(select(Recovery)).all() == []
    desk.confirm(proposal.id, second, ())
    one_off(organisation.id, "100.00")
    story.released()
    line = db.session.scalars(select(RemittanceLine).where(RemittanceLine.kind == LineKind.RECOVERY)).one()
    assert (line.gross, line.reason) == (Decimal("-12.50"), "Paid twice")
    for amount in (None, Decimal(0), Decimal("NaN"), Decimal("1.005")):
        with pytest.raises(Refused):
            recoveries.propose_recovery(organisation.id, amount, "Paid twice", story.preparer)


def test_instalments_of_a_debt_that_was_taken_meanwhile_are_not_confirmed(story: Story, second: PortalUser) -> None:
    organisation = story.world.organisation()
    debt = owes(story, organisation.id, "10.00")
    proposal = recoveries.propose_instalments(debt.id, "1.00", "Agreed", story.preparer)
    one_off(organisation.id, "100.00")
    story.released()
    with pytest.raises(Refused, match="Nothing is owed any more"):
        desk.confirm(proposal.id, second, ())


def test_an_unknown_recovery_has_no_page(story: Story) -> None:
    with pytest.raises(Unknown):
        recoveries.recovery_page(1)
