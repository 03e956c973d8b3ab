"""What the checks of a payment run find, who looks at it, and that nothing is approved before."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from models import (
    AbsenceClaim,
    Actual,
    ExceptionCheck,
    Hold,
    Invoice,
    InvoiceLine,
    OneOffPayment,
    PaymentRun,
    PaymentSource,
    Remittance,
    RunFinding,
    db,
)
from rules.refusal import Refused, Unknown
from rules.run_checks import RunCheck
from rules.states import ClaimState, InvoiceState, LineKind, OneOffState, RunState
from tests.support.worlds.weeks import NOV_6, OCT_16, OCT_23, send, week
from tests.support.worlds.world import World
from tests.workflows.payments.test_run import Story, all_of, one_off, owes, reload, story
from workflows.clock import now
from workflows.payments import run as payment_run
from workflows.payments import run_checks

__all__ = ["story"]


def found(run: PaymentRun) -> list[RunFinding]:
    """What the checks of a run found, as stored."""
    rows = select(RunFinding).where(RunFinding.run_id == run.id).order_by(RunFinding.id)
    return list(db.session.scalars(rows.execution_options(populate_existing=True)))


def kinds(run: PaymentRun) -> list[RunCheck]:
    return [each.kind for each in found(run)]


def hold(organisation_id: int, **more: Any) -> Hold:
    held = Hold(organisation_id=organisation_id, reason="Insolvent", start=OCT_16, **more)
    db.session.add(held)
    db.session.commit()
    return held


def dispute(sent: Invoice) -> None:
    reload(sent).disputed_on, sent.dispute_reason = date(2017, 11, 20), "Units"
    db.session.commit()


def test_a_run_in_order_has_nothing_to_look_at(story: Story) -> None:
    story.invoiced()
    assert found(story.prepared()) == []


def test_two_lines_of_one_element_for_one_person_on_one_day_are_found(story: Story) -> None:
    person = story.world.person(name="Ada Bell")
    sent = story.invoiced(person=person)
    second = story.world.line(sent.organisation, person=person)
    week(second)
    other = story.world.organisation("Broadland Care")
    third = story.world.line(other, person=person)
    week(third)
    send(sent.organisation.contacts[0], story.period)
    send(story.world.contact(other), story.period)
    rows = found(story.prepared())
    assert [each.kind for each in rows] == [RunCheck.OVERLAP] * 3
    assert {each.pounds for each in rows} == {Decimal("137.76")}
    assert f"{person.reference} has personal care on lines" in rows[0].what
    assert "by Broadland Care" in rows[1].what


def test_lines_that_follow_one_another_are_no_overlap(story: Story) -> None:
    person = story.world.person(name="Ada Bell")
    sent = story.invoiced(person=person, end=date(2017, 10, 18))
    second = story.world.line(sent.organisation, person=person, start=date(2017, 10, 19))
    week(second, OCT_16, ("0", "0", "0", "1", "1", "1", "1"))
    send(sent.organisation.contacts[0], story.period)
    assert RunCheck.OVERLAP not in kinds(story.prepared())


def test_care_after_the_end_of_its_line_is_found(story: Story) -> None:
    story.invoiced(weeks=(OCT_16, OCT_23))
    World.confirmed()
    db.session.execute(text("UPDATE line_item SET \"end\" = '2017-10-25'"))
    db.session.commit()
    (row,) = found(story.prepared())
    assert (row.kind, row.pounds) == (RunCheck.AFTER_END, Decimal("137.76"))
    assert "ended on 25 October 2017: week of 23 October 2017" in row.what


def test_care_after_a_death_that_was_reported_is_found_and_the_absence_itself_is_not(story: Story) -> None:
    sent = story.invoiced(weeks=(OCT_16, NOV_6))
    line = db.session.scalars(select(Actual.line_item_id)).first()
    db.session.add(
        AbsenceClaim(
            organisation_id=sent.organisation_id, line_item_id=line, reason="deceased", first_day=OCT_23,
            last_day=OCT_23, state=ClaimState.SUBMITTED, submitted_at=now(),
        )
    )  # fmt: skip
    db.session.commit()
    (row,) = found(story.prepared())
    assert (row.kind, row.pounds) == (RunCheck.AFTER_DEATH, Decimal("137.76"))
    assert "in the week of 6 November 2017" in row.what


def test_a_week_over_its_level_that_nobody_decided_is_found(story: Story) -> None:
    story.invoiced()
    db.session.execute(update(ExceptionCheck).values(over=True, claimed=20))
    db.session.commit()
    assert kinds(story.prepared()) == [RunCheck.OVER_LEVEL]


def test_a_document_that_has_to_be_accepted_and_is_not_is_found(story: Story) -> None:
    story.invoiced()
    assert kinds(story.prepared()) == []
    payment_run.discard(all_of(PaymentRun.id)[0])
    story.world.policy("acceptance_required", "yes")
    assert kinds(story.prepared()) == [RunCheck.NOT_ACCEPTED]


def test_a_payment_far_above_the_last_three_is_found(story: Story) -> None:
    sent = story.invoiced()
    for _ in range(3):
        one_off(sent.organisation_id, "10.00")
        dispute(sent)
        story_run = story.prepared()
        for row in found(story_run):
            run_checks.look_at(story_run.id, row.id, "Each month", story.approver)
        payment_run.approve(story_run.id, story.approver)
        payment_run.release(story_run.id, story.preparer)
        reload(sent).disputed_on, sent.dispute_reason = None, ""
        db.session.commit()
    (row,) = found(story.prepared())
    assert (row.kind, row.what) == (
        RunCheck.JUMP, "£137.76, on average £10.00 in the last 3 payments: 1278% more.",
    )  # fmt: skip


def test_two_one_off_payments_that_look_alike_are_found_once(story: Story) -> None:
    organisation = story.world.organisation()
    first, second = one_off(organisation.id, "12.34"), one_off(organisation.id, "12.34")
    (row,) = found(story.prepared())
    assert (row.kind, row.what) == (
        RunCheck.DUPLICATE, f"{first.number} and {second.number} both pay £12.34 to the organisation.",
    )  # fmt: skip


def test_one_bank_account_of_two_organisations_is_found(story: Story) -> None:
    first, second = story.invoiced("Holt House"), story.invoiced("Holt House Annexe")
    third = story.invoiced("Elsewhere")
    for sent, number in ((first, "12345678"), (second, "12345678"), (third, "87654321")):
        story.world.account(sent.organisation, number)
    (row,) = found(story.prepared())
    assert (row.kind, row.pounds) == (RunCheck.ONE_ACCOUNT, Decimal("275.52"))
    assert row.what == "The account ending 5678 is also that of Holt House Annexe."


def test_what_an_organisation_on_hold_is_owed_stays_out_of_a_run(story: Story) -> None:
    sent = story.invoiced()
    hold(sent.organisation_id)
    with pytest.raises(Refused, match="nothing to pay"):
        story.prepared()


def test_an_invoice_with_a_line_on_hold_waits(story: Story) -> None:
    sent, paid = story.invoiced("Held"), story.invoiced("Paid")
    line = db.session.scalars(select(Actual.line_item_id).where(Actual.organisation_id == sent.organisation_id)).one()
    hold(sent.organisation_id, line_item_id=line)
    story.prepared()
    assert [reload(each).state for each in (sent, paid)] == [InvoiceState.ACCEPTED, InvoiceState.IN_RUN]


def test_a_run_is_approved_when_everything_is_looked_at_with_a_reason(story: Story) -> None:
    organisation = story.world.organisation()
    one_off(organisation.id, "5.00"), one_off(organisation.id, "5.00")
    run = story.prepared()
    with pytest.raises(Refused, match="1 finding still to be looked at: Looks like a duplicate"):
        payment_run.approve(run.id, story.approver)
    (row,) = found(run)
    with pytest.raises(Refused, match="Say why this is meant"):
        run_checks.look_at(run.id, row.id, " ", story.approver)
    run_checks.look_at(run.id, row.id, "Two taxis", story.approver)
    payment_run.approve(run.id, story.approver)
    (row,) = found(run)
    assert (row.looked_by_id, row.looked_reason) == (story.approver.id, "Two taxis")
    assert reload(run).state is RunState.APPROVED


def test_the_database_approves_nothing_that_nobody_looked_at(story: Story) -> None:
    organisation = story.world.organisation()
    one_off(organisation.id, "5.00"), one_off(organisation.id, "5.00")
    run = story.prepared()
    values = {"state": RunState.APPROVED, "approved_by_id": story.approver.id}
    with pytest.raises(IntegrityError, match="nobody has looked at"):
        db.session.execute(update(PaymentRun).where(PaymentRun.id == run.id).values(values))
    db.session.rollback()


def test_what_was_looked_at_is_looked_at_anew_when_it_is_not_as_it_was(story: Story) -> None:
    organisation = story.world.organisation()
    one_off(organisation.id, "5.00"), one_off(organisation.id, "5.00")
    run = story.prepared()
    run_checks.look_at(run.id, found(run)[0].id, "Two taxis", story.approver)
    run_checks.check_now(run.id)
    assert found(run)[0].looked_at
    db.session.execute(update(RunFinding).values(pounds=Decimal("4.00")))
    db.session.commit()
    run_checks.check_now(run.id)
    assert found(run)[0].looked_at is None


@pytest.mark.parametrize("stop", ["hold", "line hold", "dispute"])
def test_a_hold_or_dispute_after_preparing_stops_the_approval_and_cannot_be_looked_away(
    story: Story, stop: str
) -> None:
    sent = story.invoiced()
    run = story.prepared()
    stopped(story, sent, stop)
    with pytest.raises(Refused, match="still to be looked at"):
        payment_run.approve(run.id, story.approver)
    (row,) = found(run)
    with pytest.raises(Refused, match="nobody can look this away"):
        run_checks.look_at(run.id, row.id, "Never mind", story.approver)
    with pytest.raises(IntegrityError, match="ck_run_finding_stops"):
        db.session.execute(
            update(RunFinding).values(looked_at=now(), looked_by_id=story.approver.id, looked_reason="Never mind")
        )
    db.session.rollback()


def stopped(story: Story, sent: Invoice, stop: str) -> None:
    if stop == "dispute":
        dispute(sent)
    else:
        line = db.session.scalars(select(Actual.line_item_id).where(Actual.organisation_id == sent.organisation_id))
        hold(sent.organisation_id, line_item_id=line.first() if stop == "line hold" else None)


@pytest.mark.parametrize("stop", ["hold", "line hold", "dispute"])
def test_a_hold_or_dispute_after_approval_stops_the_release_until_it_is_taken_out(story: Story, stop: str) -> None:
    sent = story.invoiced("Stopped Care")
    kept = story.invoiced("Paid Care")
    run = story.approved()
    stopped(story, sent, stop)
    with pytest.raises(Refused, match=r"Stopped Care: .*Take it out of the run"):
        payment_run.release(run.id, story.preparer)
    assert not all_of(Remittance.id)
    source = db.session.scalars(select(PaymentSource.id).where(PaymentSource.invoice_id == sent.id)).one()
    assert payment_run.take_out(run.id, source_id=source)
    assert (reload(run).state, run.total, run.approved_by_id) == (RunState.DRAFT, Decimal("137.76"), None)
    assert reload(sent).state is InvoiceState.ACCEPTED
    payment_run.approve(run.id, story.approver)
    payment_run.release(run.id, story.preparer)
    assert reload(kept).state is InvoiceState.PAID


def test_taking_an_organisation_out_leaves_its_debts_to_wait_and_an_empty_run_is_gone(story: Story) -> None:
    first, second = story.invoiced("A"), story.invoiced("B")
    debt = owes(story, first.organisation_id, "10.00")
    run = story.prepared()
    assert reload(debt).balance == 0
    assert payment_run.take_out(run.id, organisation_id=first.organisation_id)
    assert (reload(debt).balance, reload(run).total) == (Decimal("10.00"), Decimal("137.76"))
    assert not payment_run.take_out(run.id, organisation_id=second.organisation_id)
    assert all_of(PaymentSource.id) == []
    assert {reload(each).state for each in (first, second)} == {InvoiceState.ACCEPTED}


def test_what_is_not_in_the_run_is_not_taken_out(story: Story) -> None:
    story.invoiced()
    run = story.prepared()
    for named in ({"source_id": 999}, {"organisation_id": 999}, {}):
        with pytest.raises(Refused, match="not in Payment run"):
            payment_run.take_out(run.id, **named)
    with pytest.raises(Unknown):
        run_checks.look_at(run.id, 999, "x", story.approver)


def test_an_approval_is_withdrawn_until_the_release_and_not_after(story: Story) -> None:
    story.invoiced()
    run = story.approved()
    payment_run.withdraw(run.id)
    assert (reload(run).state, run.approved_by_id, run.approved_at) == (RunState.DRAFT, None, None)
    with pytest.raises(Refused, match="is draft"):
        payment_run.withdraw(run.id)
    payment_run.approve(run.id, story.approver)
    payment_run.release(run.id, story.preparer)
    for deed in (payment_run.withdraw, payment_run.discard, lambda it: payment_run.take_out(it, source_id=1)):
        with pytest.raises(Refused, match="released"):
            deed(run.id)


def test_a_run_is_settled_from_its_pay_date_on_and_stays_so(story: Story) -> None:
    story.invoiced()
    run = story.released()
    with pytest.raises(Refused, match="is paid on 4 December 2017"):
        payment_run.settle(run.id, story.preparer)
    story.world.app.config["PORTAL_TODAY"] = "2017-12-04"
    payment_run.settle(run.id, story.preparer)
    assert (reload(run).state, run.settled_by_id) == (RunState.SETTLED, story.preparer.id)
    with pytest.raises(IntegrityError, match="has become money"):
        db.session.execute(update(PaymentRun).values(state=RunState.RELEASED, settled_at=None))
    db.session.rollback()


def test_an_approver_approves_up_to_their_limit_also_for_the_database(story: Story) -> None:
    story.invoiced()
    story.approver.approval_limit = Decimal("137.75")
    db.session.commit()
    run = story.prepared()
    with pytest.raises(Refused, match=r"pays £137.76; you may approve up to £137.75"):
        payment_run.approve(run.id, story.approver)
    values = {"state": RunState.APPROVED, "approved_by_id": story.approver.id}
    with pytest.raises(IntegrityError, match="above the limit"):
        db.session.execute(update(PaymentRun).where(PaymentRun.id == run.id).values(values))
    db.session.rollback()
    story.approver.approval_limit = Decimal("137.76")
    db.session.commit()
    payment_run.approve(run.id, story.approver)


def test_who_manages_users_neither_approves_nor_releases_also_for_the_database(story: Story) -> None:
    story.invoiced()
    administrator = story.world.officer("Administrator")
    run = story.prepared()
    with pytest.raises(Refused, match="Who manages users cannot approve or release"):
        payment_run.approve(run.id, administrator)
    payment_run.approve(run.id, story.approver)
    with pytest.raises(Refused, match="Who manages users cannot approve or release"):
        payment_run.release(run.id, administrator)
    values = {"state": RunState.RELEASED, "released_by_id": administrator.id, "released_at": now()}
    with pytest.raises(IntegrityError, match="who manages users does not pay"):
        db.session.execute(update(PaymentRun).where(PaymentRun.id == run.id).values(values))
    db.session.rollback()


def test_one_offs_that_are_taken_out_wait_again(story: Story) -> None:
    payment = one_off(story.world.organisation().id, "5.00")
    story.invoiced("Other")
    run = story.prepared()
    source = db.session.scalars(select(PaymentSource.id).where(PaymentSource.one_off_payment_id == payment.id)).one()
    payment_run.take_out(run.id, source_id=source)
    assert reload(payment).state is OneOffState.WAITING
    assert all_of(OneOffPayment.id) == [payment.id]


def test_a_second_source_that_pays_the_same_units_of_a_week_is_found(story: Story) -> None:
    first = story.invoiced()
    (paid,) = first.lines
    week(paid.line_item, OCT_23)
    second = send(first.organisation.contacts[0], story.period)
    again = {column.name: getattr(paid, column.name) for column in InvoiceLine.metadata.tables["invoice_line"].c}
    del again["id"]
    db.session.add(InvoiceLine(**again | {"invoice_id": second.id, "number": 99, "kind": LineKind.UNITS_DIFF}))
    db.session.commit()
    (row,) = [each for each in found(story.prepared()) if each.kind is RunCheck.DUPLICATE]
    same = f"the same units of line {paid.line_item.reference} in the week of 16 October 2017."
    assert row.what == f"{first.number} and {second.number} both pay {same}"


def test_a_step_that_the_state_of_a_run_does_not_allow_is_refused_with_its_state(story: Story) -> None:
    story.invoiced()
    run = story.approved()
    with pytest.raises(Refused, match="is approved: its checks are made"):
        run_checks.check_now(run.id)
    with pytest.raises(Refused, match="cannot be settled: it is approved"):
        payment_run.settle(run.id, story.preparer)
    with pytest.raises(Refused, match="cannot be approved: it is approved"):
        payment_run.approve(run.id, story.approver)
    assert reload(run).state is RunState.APPROVED


def test_a_run_whose_figures_changed_since_it_was_prepared_is_not_approved(story: Story) -> None:
    story.invoiced()
    run = story.prepared()
    run.total += Decimal("0.01")
    db.session.commit()
    with pytest.raises(Refused, match=r"has changed since it was prepared\. Discard it and prepare it again"):
        payment_run.approve(run.id, story.approver)


def test_a_finding_is_looked_at_with_a_reason_that_fits_while_the_run_is_a_draft(story: Story) -> None:
    organisation = story.world.organisation()
    one_off(organisation.id, "5.00"), one_off(organisation.id, "5.00")
    run = story.prepared()
    (row,) = found(run)
    with pytest.raises(Refused, match=f"{run_checks.LONGEST_REASON}") as refused:
        run_checks.look_at(run.id, row.id, "x" * (run_checks.LONGEST_REASON + 1), story.approver)
    assert [each.field for each in refused.value.problems] == [f"reason_{row.id}"]
    run_checks.look_at(run.id, row.id, "Two taxis", story.approver)
    payment_run.approve(run.id, story.approver)
    with pytest.raises(Refused, match="is approved: its checks are made"):
        run_checks.look_at(run.id, row.id, "Three taxis", story.approver)
    assert found(run)[0].looked_reason == "Two taxis"
