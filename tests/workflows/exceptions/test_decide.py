"""What Service Brokerage decides releases a week at the units decided, to the pounds of the invoice, and once only."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, inspect, select, text

from models import (
    Actual,
    ActualVersion,
    AuditEvent,
    Contact,
    Conversation,
    Email,
    ExceptionCheck,
    Invoice,
    LineItem,
    Message,
    Organisation,
    PolicySetting,
    PortalUser,
    Rate,
    acting_for,
    db,
)
from models.scoped import COUNCIL_POOL
from rules.plan import LAST_DAY
from rules.price import amount_of, price_week
from rules.refusal import Refused
from rules.states import ActualState, ConversationState, Decision, PolicyScope
from tests.support.processes.at_once import at_once
from tests.support.worlds.weeks import NOV_6, NOV_13, OCT_16, OCT_23, OCT_30, send, week
from tests.support.worlds.world import World
from workflows import policy
from workflows.actuals.save import Entry, save_week
from workflows.actuals.sheet import sheet
from workflows.conversations.thread import open_conversation
from workflows.exceptions.decide import Chosen, decide
from workflows.exceptions.queue import waiting_weeks
from workflows.invoices import invoice

TEN = ("4", "1", "1", "1", "1", "1", "1")


class Office:
    """A line of an hour a day at £19.68, its provider, and an officer of Service Brokerage."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.organisation: Organisation = world.organisation()
        self.contact: Contact = world.contact(self.organisation)
        self.line: LineItem = world.line(self.organisation)
        self.officer: PortalUser = world.officer("Service Brokerage", "carol@council.example")

    def decide(self, actual: Actual, decision: Decision = Decision.AS_CLAIMED, up_to: str = "") -> int:
        return decide([Chosen(actual.id, actual.version, up_to)], decision, "Agreed by telephone", self.officer)

    def ask(self, actual: Actual) -> Conversation:
        user = db.session.get_one(PortalUser, self.contact.user_id)
        opened = open_conversation("Service Brokerage", "Over exception level", "She fell.", user, actual=actual)
        db.session.commit()
        return opened

    def invoiced(self) -> Invoice:
        return send(self.contact, self.world.period(0))


@pytest.fixture
def office(world: World) -> Office:
    return Office(world)


def again(row: Any) -> Any:
    """A record as it is now, whatever scope it was read in."""
    db.session.rollback()
    return db.session.get_one(type(row), inspect(row).identity, populate_existing=True)


def refusal(office: Office, actual: Actual, decision: Decision = Decision.AS_CLAIMED, up_to: str = "") -> str:
    with pytest.raises(Refused) as refused:
        office.decide(actual, decision, up_to)
    return str(refused.value)


@pytest.mark.parametrize(
    ("decision", "up_to", "payable", "pounds"),
    [
        (Decision.AS_CLAIMED, "", "10.00", "196.80"),
        (Decision.UP_TO, "8.5", "8.50", "167.28"),
        (Decision.UP_TO, "7", "7.00", "137.76"),
        (Decision.REFUSED, "", "7.00", "137.76"),
    ],
)
def test_a_decision_releases_a_week_for_the_invoice_at_what_it_decides(
    office: Office, decision: Decision, up_to: str, payable: str, pounds: str
) -> None:
    actual = week(office.line, OCT_16, TEN)
    assert office.decide(actual, decision, up_to) == 1
    assert again(actual).payable == Decimal(payable)
    assert not actual.is_held
    sent = office.invoiced()
    assert (sent.net, sum(line.units for line in sent.lines)) == (Decimal(pounds), Decimal(payable))
    assert again(actual).state is ActualState.INVOICED


def test_a_cap_on_a_week_with_two_rates_comes_off_the_last_days(office: Office) -> None:
    line = office.world.line(office.organisation, ("1.25",) * 7)
    World.confirmed()
    line.rates[0].end = date(2017, 10, 18)
    line.rates.append(Rate(organisation_id=office.organisation.id, rate=Decimal("20.25"), start=date(2017, 10, 19)))
    db.session.commit()
    actual = week(line, OCT_16, ("2", "2", "2", "2", "1.25", "1.25", "1.25"))
    office.decide(actual, Decision.UP_TO, "9")
    # 6.00 hours until Wednesday at £19.68, and of the 5.75 from Thursday on only the first 3.00 at £20.25.
    assert [(each.units, each.rate, each.net) for each in office.invoiced().lines] == [
        (Decimal("6.00"), Decimal("19.6800"), Decimal("118.08")),
        (Decimal("3.00"), Decimal("20.2500"), Decimal("60.75")),
    ]


def test_who_decided_when_and_why_is_kept_and_shown_in_the_history_of_the_week(office: Office) -> None:
    actual = week(office.line, OCT_16, TEN)
    office.decide(actual, Decision.UP_TO, "8.50")
    made = db.session.scalars(select(ExceptionCheck)).one().decided
    assert made is not None
    assert (made.decision, made.units, made.reason, made.decided_by_id, made.actual_version) == (
        Decision.UP_TO,
        Decimal("8.50"),
        "Agreed by telephone",
        office.officer.id,
        1,
    )
    assert (made.planned, made.claimed) == (Decimal("7.00"), Decimal("10.00"))
    assert (made.start, made.end) == (OCT_16, OCT_16 + LAST_DAY)
    latest = db.session.scalars(select(ActualVersion).order_by(ActualVersion.version.desc())).first()
    assert latest
    assert (latest.payable, latest.saved_by_id, latest.source) == (
        Decimal("8.50"),
        office.officer.id,
        "Decision of Service Brokerage",
    )
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.record == "exception_decision")).one()
    assert (event.after or {})["decision"] == "approved up to"


def test_a_later_change_of_figures_voids_the_decision_and_holds_the_week_again(office: Office) -> None:
    actual = week(office.line, NOV_6, TEN)
    office.decide(actual, Decision.UP_TO, "8.50")
    with acting_for(office.organisation.id):
        entry = Entry(office.line.id, ("4.5", *TEN[1:]), "EXTRA")
        assert save_week(NOV_6, [entry], None, confirm=True).held == 1
        (row,) = sheet(NOV_6).rows
        assert (row.held, row.decision) == (True, "")
    assert again(actual).payable == Decimal("10.50")
    assert office.decide(again(actual)) == 1


def test_a_week_that_changed_since_the_page_was_shown_is_refused_in_words(office: Office) -> None:
    actual = week(office.line, NOV_6, TEN)
    seen = Chosen(actual.id, actual.version)
    with acting_for(office.organisation.id):
        provider = db.session.get_one(PortalUser, office.contact.user_id)
        save_week(NOV_6, [Entry(office.line.id, ("5", *TEN[1:]), "EXTRA")], provider, confirm=True)
    with pytest.raises(Refused) as refused:
        decide([seen], Decision.AS_CLAIMED, "Agreed", office.officer)
    assert "saved it after you opened this page. 11.00 are claimed now, 7.00 planned." in str(refused.value)
    assert [problem.field for problem in refused.value.problems] == [f"week-{actual.id}"]
    assert again(actual).is_held


def test_what_somebody_else_decided_meanwhile_is_told_with_who_and_when(office: Office) -> None:
    actual = week(office.line, OCT_16, TEN)
    seen = Chosen(actual.id, actual.version)
    office.decide(actual, Decision.UP_TO, "8.50")
    other = office.world.officer("Service Brokerage", "dave@council.example")
    with pytest.raises(Refused, match=r"Carol Lane decided it on \d+ \w+ \d{4} at \d+:\d\d[ap]m: approved up to"):
        decide([seen], Decision.REFUSED, "No", other)
    assert again(actual).payable == Decimal("8.50")


def test_a_week_that_is_invoiced_already_is_refused(office: Office) -> None:
    actual = week(office.line, OCT_16, TEN)
    office.decide(actual)
    office.invoiced()
    assert "It is on an invoice now." in refusal(office, again(actual), Decision.REFUSED)
    assert again(actual).payable == Decimal("10.00")


def test_a_held_correction_of_an_invoiced_week_can_be_decided_and_its_difference_is_invoiced(office: Office) -> None:
    actual = week(office.line, OCT_16)
    assert office.invoiced().net == Decimal("137.76")
    with acting_for(office.organisation.id):
        entry = Entry(office.line.id, TEN, "EXTRA")
        assert save_week(OCT_16, [entry], None, correct=True).held == 1
    office.decide(again(actual), Decision.UP_TO, "9")
    draft = invoice.draft_for(office.organisation, office.world.period(1).id, office.contact.user_id or 0)
    back, now = invoice.preview_of(draft).lines
    assert (back.units, now.units) == (Decimal("-7.00"), Decimal("9.00"))
    assert back.amount.net + now.amount.net == Decimal("39.36")


def test_a_week_that_a_changed_setting_holds_waits_for_a_decision_once_an_invoice_leaves_it_out(office: Office) -> None:
    actual = week(office.line, OCT_16, ("1.5", *("1",) * 6))
    week(office.world.line(office.organisation), OCT_16)
    assert waiting_weeks(1, 25).rows == []
    db.session.add(PolicySetting(name="exception_units", value="0.25", scope=PolicyScope.COUNCIL, valid_from=OCT_16))
    db.session.add(PolicySetting(name="exception_percent", value="1", scope=PolicyScope.COUNCIL, valid_from=OCT_16))
    db.session.commit()
    policy.forget()
    assert office.invoiced().net == Decimal("137.76")
    assert [each.actual.id for each in waiting_weeks(1, 25).rows] == [actual.id]
    assert office.decide(again(actual)) == 1


def test_many_weeks_are_decided_at_once_or_none(office: Office) -> None:
    first, second = (week(office.line, monday, TEN) for monday in (OCT_16, OCT_23))
    chosen = [Chosen(first.id, first.version), Chosen(second.id, second.version + 1)]
    with pytest.raises(Refused):
        decide(chosen, Decision.AS_CLAIMED, "Agreed", office.officer)
    assert again(first).is_held
    chosen[1] = Chosen(second.id, second.version)
    assert decide(chosen, Decision.AS_CLAIMED, "Agreed", office.officer) == 2
    assert not again(first).is_held
    assert not again(second).is_held


@pytest.mark.parametrize("up_to", ["", "6.75", "10", "eight", "8.125", "-8"])
def test_units_below_the_plan_or_not_below_the_claim_are_refused_at_their_field(office: Office, up_to: str) -> None:
    actual = week(office.line, OCT_16, TEN)
    with pytest.raises(Refused) as refused:
        office.decide(actual, Decision.UP_TO, up_to)
    assert [problem.field for problem in refused.value.problems] == [f"up_to-{actual.id}"]
    assert again(actual).is_held


@pytest.mark.parametrize("reason", ["", "   ", "x" * 1001, "Agreed\u202e"])
def test_a_decision_needs_a_reason_people_can_read(office: Office, reason: str) -> None:
    actual = week(office.line, OCT_16, TEN)
    with pytest.raises(Refused) as refused:
        decide([Chosen(actual.id, actual.version)], Decision.REFUSED, reason, office.officer)
    assert [problem.field for problem in refused.value.problems] == ["reason"]
    assert again(actual).is_held


def test_officers_who_decide_at_the_same_moment_make_one_decision_which_the_others_are_told(office: Office) -> None:
    officers = [office.officer, *(office.world.officer("Service Brokerage") for _ in range(3))]

    def by(officer: PortalUser, decision: Decision, seen: Chosen) -> Any:
        return lambda: decide([seen], decision, "Agreed", officer)

    for monday in (OCT_16, OCT_23, OCT_30, NOV_6, NOV_13):
        actual = week(office.line, monday, TEN)
        seen = Chosen(actual.id, actual.version, "8")
        decisions = [Decision.AS_CLAIMED, Decision.UP_TO, Decision.REFUSED, Decision.UP_TO]
        results = at_once(
            office.world.app, *(by(who, what, seen) for who, what in zip(officers, decisions, strict=True))
        )
        refused = [str(each) for each in results if isinstance(each, Refused)]
        assert (len(refused), results.count(1)) == (3, 1), results
        assert all("decided it on" in each for each in refused), refused
        won = decisions[results.index(1)]
        payable = {Decision.AS_CLAIMED: 10, Decision.UP_TO: 8, Decision.REFUSED: 7}[won]
        assert again(actual).payable == Decimal(payable)
        check = db.session.scalars(select(ExceptionCheck).where(ExceptionCheck.actual_id == actual.id)).one()
        assert check.decided
        assert check.decided.decision is won


def test_a_week_somebody_is_saving_at_this_moment_is_not_waited_for(office: Office, world: World) -> None:
    actual = week(office.line, OCT_16, TEN)
    with db.engines[COUNCIL_POOL].connect() as saver:
        saver.execute(text("SELECT id FROM actual WHERE id = :id FOR UPDATE"), {"id": actual.id}).one()
        assert "Somebody is saving one of these weeks at this moment" in refusal(office, actual)
    assert office.decide(actual) == 1


def test_an_approval_is_posted_into_the_conversation_about_the_week_and_closes_it(office: Office) -> None:
    actual = week(office.line, OCT_16, TEN)
    asked = office.ask(actual)
    office.decide(actual)
    asked = again(asked)
    assert (asked.state, asked.closed_reason) == (ConversationState.CLOSED, "Approved as claimed")
    question, answer = db.session.scalars(select(Message).order_by(Message.id))
    assert (question.from_council, answer.from_council, answer.author_id) == (False, True, office.officer.id)
    assert answer.body.startswith("Approved as claimed: 10.00 hours are payable.\n\nAgreed by telephone")


@pytest.mark.parametrize(("decision", "up_to"), [(Decision.UP_TO, "8.50"), (Decision.REFUSED, "")])
def test_anything_less_than_was_claimed_hands_the_conversation_to_the_provider(
    office: Office, decision: Decision, up_to: str
) -> None:
    actual = week(office.line, OCT_16, TEN)
    asked = office.ask(actual)
    office.decide(actual, decision, up_to)
    asked = again(asked)
    assert (asked.state, asked.target_on) == (ConversationState.WAITING_FOR_PROVIDER, None)
    body = db.session.scalars(select(Message.body).where(Message.from_council)).one()
    assert ("8.50" in body, "10.00" in body) == (decision is Decision.UP_TO, True)


def test_a_decision_nobody_asked_for_starts_no_conversation(office: Office) -> None:
    office.decide(week(office.line, OCT_16, TEN))
    assert db.session.scalar(select(func.count(Conversation.id))) == 0


def test_the_provider_is_told_by_e_mail_without_names_or_figures(office: Office) -> None:
    carer = office.world.contact(office.organisation, "carer@provider.example", may_actuals=True)
    actual = week(office.line, OCT_16, TEN)
    office.ask(actual)
    office.decide(actual)
    written = db.session.scalars(select(Email)).all()
    assert [each.recipient for each in written] == [office.contact.email]
    assert carer.email not in {each.recipient for each in written}
    assert all(word not in written[0].body for word in ("10.00", "Bell", office.line.reference, "Agreed"))


hours = st.integers(0, 40).map(lambda quarters: Decimal(quarters) / 4)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    plan=st.lists(hours, min_size=7, max_size=7).filter(any),
    extra=st.lists(hours, min_size=7, max_size=7),
    decision=st.sampled_from(Decision),
    share=st.decimals(0, 1, places=2),
    second_rate=st.integers(0, 6),
)
def test_whatever_is_decided_what_is_paid_lies_between_plan_and_claim_and_is_priced_by_the_rule(
    office: Office, plan: list[Decimal], extra: list[Decimal], decision: Decision, share: Decimal, second_rate: int
) -> None:
    line = office.world.line(office.organisation, tuple(map(str, plan)))
    if second_rate:
        World.confirmed()
        line.rates[0].end = date(2017, 11, 12 + second_rate)
        start = date(2017, 11, 13 + second_rate)
        line.rates.append(Rate(organisation_id=office.organisation.id, rate=Decimal("20.2537"), start=start))
        db.session.commit()
    delivered = [min(Decimal(24), each + more) for each, more in zip(plan, extra, strict=True)]
    actual = week(line, NOV_13, [str(each) for each in delivered])
    if not actual.is_held:
        return
    planned, claimed = sum(plan, Decimal(0)), sum(delivered, Decimal(0))
    up_to = (planned + (claimed - planned) * share).quantize(Decimal("0.01"))
    if up_to >= claimed:
        up_to = planned
    office.decide(actual, decision, f"{up_to}")
    paid = again(actual).payable
    assert planned <= paid <= claimed
    draft = invoice.draft_for(office.organisation, _period_id(office), office.contact.user_id or 0)
    lines = [each for each in invoice.preview_of(draft).lines if each.actual.id == actual.id]
    days = tuple(delivered)
    due = amount_of(price_week(line.plan, NOV_13, paid, days, line.rate_versions))  # type: ignore[arg-type]
    assert sum(each.amount.net for each in lines) == due


def _period_id(office: Office) -> int:
    found = db.session.scalar(text("SELECT id FROM payment_period WHERE number = 1"))
    return int(found) if found else office.world.period(1).id
