"""The county of the demonstration: a small one keeps every promise that the full size has to keep."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import func, select

import database
import demonstration
from demonstration import county
from models import (
    AbsenceClaim,
    Actual,
    ChangeRequest,
    Contact,
    Conversation,
    Email,
    ExceptionCheck,
    Hold,
    Invitation,
    LineItem,
    Message,
    Organisation,
    PaperOrder,
    PaymentPeriod,
    PaymentRun,
    Person,
    PortalUser,
    Remittance,
    ScheduledPayment,
    acting_for,
    db,
)
from rules.agreement_states import InvitationState, PaperState
from rules.mail_states import EmailState
from rules.plan import plan_of_week
from rules.refusal import Refused
from rules.states import (
    ActualState,
    ChangeState,
    ClaimState,
    InvoiceState,
    PaymentMethod,
    RunState,
    ScheduledState,
)
from tests.support.worlds.county import SMALL, load_county
from tests.support.worlds.world import World
from workflows.actuals.sheet import sheet
from workflows.hashes import matches
from workflows.organisations.roll_out import what_is_missing
from workflows.paper_isos.register import count_papers
from workflows.payments.money_checks import check_money
from workflows.scheduled.wanted import wanted_rows
from workflows.weeks.level import level_of, stored_allowance

# Each counts what must not be there.
BROKEN = {
    "a line that is not units times rate": "FROM invoice_line WHERE net <> round(units * rate, 2)",
    "an invoice that is not its lines": "FROM invoice WHERE net IS DISTINCT FROM (SELECT sum(net) FROM invoice_line"
    " WHERE invoice_id = invoice.id)",
    "a remittance that is not its lines": "FROM remittance WHERE total IS DISTINCT FROM"
    " (SELECT sum(gross) FROM remittance_line WHERE remittance_id = remittance.id)",
    "a remittance that is not its sources": "FROM remittance WHERE total IS DISTINCT FROM"
    " (SELECT sum(gross) FROM payment_source WHERE run_id = remittance.run_id"
    " AND organisation_id = remittance.organisation_id)",
    "a run that is not its remittances": "FROM payment_run WHERE (total, payment_count) <>"
    " (SELECT sum(total), count(*) FILTER (WHERE total > 0) FROM remittance WHERE run_id = payment_run.id)",
    "a paid invoice outside a released run": "FROM invoice WHERE state = 'paid' AND 1 <> (SELECT count(*)"
    " FROM payment_source JOIN payment_run ON payment_run.id = run_id"
    " WHERE invoice_id = invoice.id AND payment_run.state IN ('released', 'settled'))",
    "an unpaid invoice in a run": "FROM payment_source JOIN invoice ON invoice.id = invoice_id WHERE state <> 'paid'",
    "a week whose invoice is in another state": "FROM actual LEFT JOIN invoice_line ON actual_id = actual.id"
    " LEFT JOIN invoice ON invoice.id = invoice_id WHERE actual.state <> CASE invoice.state WHEN 'paid' THEN 'paid'"
    " WHEN 'submitted' THEN 'invoiced' WHEN 'accepted' THEN 'invoiced' ELSE actual.state END"
    " OR invoice.id IS NULL AND actual.state IN ('paid', 'invoiced')",
    "an invoiced week that is not priced as it stands": "FROM invoice_line JOIN actual ON actual.id = actual_id"
    " WHERE (units, actual_version) <> (payable, version)",
    "a week without its latest version": "FROM actual WHERE NOT EXISTS (SELECT FROM actual_version"
    " WHERE actual_id = actual.id AND version = actual.version AND payable = actual.payable)",
    "a week without a check": "FROM actual WHERE NOT EXISTS (SELECT FROM exception_check WHERE actual_id = actual.id)",
    "a held week on an invoice": "FROM exception_check JOIN invoice_line USING (actual_id)"
    " WHERE over AND decision_id IS NULL",
    "a week of the past on no invoice that is not held": "FROM actual JOIN exception_check ON actual_id = actual.id"
    " WHERE state = 'confirmed' AND (NOT over OR decision_id IS NOT NULL)"
    " AND week_starting < (SELECT max(week_starting) - 21 FROM actual)",
    "a week that is not capped as it was decided": "FROM actual JOIN exception_check ON actual_id = actual.id"
    " LEFT JOIN exception_decision AS made ON made.id = decision_id"
    " WHERE payable <> CASE decision WHEN 'refused' THEN exception_check.planned WHEN 'approved up to'"
    " THEN made.units ELSE exception_check.claimed END",
    "a claim that is not its lines": "FROM absence_claim WHERE state IN ('approved', 'approved in part', 'paid')"
    " AND net IS DISTINCT FROM (SELECT sum(net) FROM absence_claim_line WHERE absence_claim_id = absence_claim.id)",
    "a claimed day on which care was delivered": "FROM absence_claim JOIN actual USING (line_item_id)"
    " WHERE week_starting BETWEEN first_day - 6 AND last_day AND delivered > 0",
    "a scheduled payment that is not its lines": "FROM scheduled_payment WHERE gross IS DISTINCT FROM"
    " (SELECT coalesce(sum(gross), 0) FROM scheduled_payment_line WHERE scheduled_payment_id = scheduled_payment.id"
    " AND kept_back = '')",
    "a scheduled payment in a run that is not paid": "FROM payment_source"
    " JOIN scheduled_payment ON scheduled_payment.id = scheduled_payment_id WHERE state <> 'paid'",
    "a conversation without a message": "FROM conversation WHERE NOT EXISTS (SELECT FROM message"
    " WHERE conversation_id = conversation.id)",
    "a conversation that another opened than its first message says": "FROM conversation WHERE opened_by_id"
    " IS DISTINCT FROM (SELECT author_id FROM message WHERE conversation_id = conversation.id ORDER BY id LIMIT 1)",
}  # fmt: skip


@pytest.fixture(scope="module")
def told(lasting: World, test_database: database.Urls) -> Iterator[county.Owner]:
    """The owner of the tables of a small county that was loaded; the tests of this module only read."""
    with county.Owner(test_database.owner) as owner:
        load_county(owner)
        yield owner


def _count(statement: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(statement.subquery())) or 0


def test_every_figure_agrees_with_those_it_is_made_of(told: county.Owner) -> None:
    found = {wrong: told.ask(f"SELECT count(*) {rows}")[0][0] for wrong, rows in BROKEN.items()}
    assert {wrong: count for wrong, count in found.items() if count} == {}
    [(invoiced,)] = told.ask(f"SELECT sum(gross) FROM invoice WHERE state = '{InvoiceState.PAID}'")
    [(claimed,)] = told.ask(f"SELECT sum(gross) FROM absence_claim WHERE state = '{ClaimState.PAID}'")
    [(scheduled,)] = told.ask(f"SELECT sum(gross) FROM scheduled_payment WHERE state = '{ScheduledState.PAID}'")
    assert claimed
    assert scheduled
    assert invoiced + claimed + scheduled == db.session.scalar(select(func.sum(Remittance.total)))


def test_the_portal_would_pay_homes_what_they_were_paid(told: county.Owner) -> None:
    states = Counter(db.session.scalars(select(ScheduledPayment.state)))
    assert states[ScheduledState.PAID] > 0 < states[ScheduledState.FINALISED]
    assert check_money() == []
    last = db.session.scalars(select(PaymentPeriod).where(PaymentPeriod.number == 0)).one()
    homes = list(db.session.scalars(select(ScheduledPayment.organisation_id).distinct()))
    rows = [row for each in wanted_rows(homes, last).values() for row in each]
    again = [row for row in rows if row["week_starting"] < last.start and not row["kept_back"]]
    assert again == [], "what was paid is not what the portal works out"


def test_there_is_as_much_as_was_asked_for(told: county.Owner) -> None:
    assert _count(select(Organisation.id)) == 12
    assert _count(select(Contact.id).where(Contact.user_id.is_not(None))) == 30
    assert _count(select(LineItem.id).where(LineItem.end.is_(None))) == 120
    assert _count(select(LineItem.id).where(LineItem.end.is_not(None))) > 5
    lines = Counter(db.session.scalars(select(Organisation.name).join(LineItem).where(LineItem.end.is_(None))))
    assert lines["Little Ouse Care Ltd"] == 25
    assert lines.most_common(1) == [("Great Ouse Homecare Ltd", 30)]
    scheduled = _count(select(LineItem.id).where(LineItem.payment_method == PaymentMethod.SCHEDULED))
    assert 0 < scheduled < 60
    assert _count(select(Person.id)) < _count(select(LineItem.id)), "nobody has two lines"


def test_every_state_is_there(told: county.Owner) -> None:
    assert set(db.session.scalars(select(Actual.state))) == {*ActualState}
    assert set(db.session.scalars(select(AbsenceClaim.state))) == {*ClaimState}
    assert set(db.session.scalars(select(PaymentRun.state))) == {RunState.SETTLED}
    assert set(db.session.scalars(select(Email.state))) == {EmailState.SENT}
    assert set(db.session.scalars(select(PaperOrder.state))) == {*PaperState}
    assert set(db.session.scalars(select(ChangeRequest.state))) == {*ChangeState}
    assert set(db.session.scalars(select(Invitation.state))) == {InvitationState.SENT, InvitationState.NOT_SENT}
    assert _count(select(Message.id)) > _count(select(Conversation.id)) > 0
    invoices = told.ask(
        "SELECT period.number, invoice.state FROM invoice JOIN payment_period AS period ON period.id = period_id"
        " GROUP BY 1, 2"
    )
    by_period: dict[int, set[str]] = {}
    for number, state in invoices:
        by_period.setdefault(number, set()).add(state)
    paid, waiting = {InvoiceState.PAID.value}, {InvoiceState.ACCEPTED.value, InvoiceState.SUBMITTED.value}
    assert list(dict(sorted(by_period.items())).values()) == [paid, paid, waiting]


def test_every_contact_was_invited_once_and_every_paper_came_to_one_end(told: county.Owner) -> None:
    sent = select(Invitation.contact_id).where(Invitation.state == InvitationState.SENT)
    assert sorted(db.session.scalars(sent)) == sorted(db.session.scalars(select(Contact.id)))
    papers = count_papers()
    assert (papers.received, papers.to_migrate) == (24, 0)
    assert papers.replaced > papers.migrated > 0
    held = select(Hold.change_request_id).where(Hold.change_request_id.is_not(None))
    assert _count(held) == _count(select(ChangeRequest.id).where(ChangeRequest.to_call))


def test_weeks_of_each_period_are_as_far_as_they_would_be(told: county.Owner) -> None:
    last = db.session.scalars(select(PaymentPeriod).where(PaymentPeriod.number == 0)).one()
    assert _count(select(Actual.id).where(Actual.week_starting > last.end)) == 0
    of_last = Counter(db.session.scalars(select(Actual.state).where(Actual.week_starting >= last.start)))
    assert of_last[ActualState.CONFIRMED] > 5 * of_last[ActualState.DRAFT] > 0
    twice = _count(select(Actual.id).where(Actual.version == 2))
    assert 0.01 < twice / _count(select(Actual.id)) < 0.04


def test_checks_are_those_the_rules_would_store(told: county.Owner) -> None:
    rows = db.session.execute(
        select(LineItem, Actual, ExceptionCheck)
        .join(Actual, Actual.line_item_id == LineItem.id)
        .join(ExceptionCheck, ExceptionCheck.actual_id == Actual.id)
    ).all()
    for line, actual, check in rows:
        in_force = level_of(line, actual.week_starting)
        assert actual.planned == plan_of_week(line.plan, actual.week_starting)
        assert (check.allowance, check.rule) == (stored_allowance(actual.planned, in_force.level), in_force.rule)
        assert check.claimed == actual.delivered
    assert len(rows) > 1000


def test_people_sign_in_with_one_password_and_the_portal_is_open_to_them(told: county.Owner) -> None:
    users = {user.email: user for user in db.session.scalars(select(PortalUser))}
    assert {sign_in.email for sign_in in county.SIGN_INS} <= set(users)
    manager = users["manager@great-ouse.example"]
    assert matches(manager.password, demonstration.PASSWORD)
    assert matches(manager.security_code, demonstration.CODE)
    contact = db.session.scalars(select(Contact).where(Contact.user_id == manager.id)).one()
    assert len(contact.functions) == 5
    assert not [each for each in db.session.scalars(select(Organisation)) if what_is_missing(each)]
    last = db.session.scalars(select(PaymentPeriod).where(PaymentPeriod.number == 0)).one()
    with acting_for(contact.organisation_id):
        assert len(sheet(last.start).rows) == 30


def test_a_county_is_the_demonstration_and_loaded_once(told: county.Owner) -> None:
    assert demonstration.is_loaded()
    assert not demonstration.may_be_loaded()
    with pytest.raises(Refused, match="only loaded into an empty one"):
        county.steps(told, SMALL)
    with pytest.raises(Refused):
        demonstration.steps()
