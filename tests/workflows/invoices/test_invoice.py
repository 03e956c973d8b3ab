"""An invoice holds what can be paid, says what it leaves out and why, and is sent once, as it was previewed."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from models import (
    AbortedVisit,
    Actual,
    Contact,
    ContractDocument,
    Hold,
    Invoice,
    InvoiceLine,
    Organisation,
    PaymentPeriod,
    PolicySetting,
    Rate,
    acting_for,
    db,
)
from rules.agreement_states import DocumentState
from rules.bank_account import BankDetails
from rules.refusal import Refused, Unknown
from rules.states import ActualState, ChangeKind, Decision, InvoiceState, LineKind, PolicyScope, VatCode
from tests.support.processes.at_once import at_once
from tests.support.worlds.decisions import decided
from tests.support.worlds.weeks import NOV_6, NOV_13, OCT_16, OCT_23, OCT_30, send, week
from tests.support.worlds.world import World
from workflows import policy
from workflows.invoices import invoice
from workflows.invoices.desk import accept, reject
from workflows.invoices.preview import Preview
from workflows.invoices.read import periods_to_invoice
from workflows.organisations import change_requests


class Story:
    """One home support organisation with a contact and period 0."""

    def __init__(self, world: World, sector: str = "Home support") -> None:
        self.world = world
        self.organisation: Organisation = world.organisation(sector=sector)
        self.contact: Contact = world.contact(self.organisation)
        self.user_id = self.contact.user_id or 0
        self.period: PaymentPeriod = world.period(0)

    def draft(self) -> Invoice:
        return invoice.draft_for(self.organisation, self.period.id, self.user_id)

    def preview(self) -> Preview:
        return invoice.preview_of(self.draft())


@pytest.fixture
def story(world: World) -> Story:
    return Story(world)


def reload(row: Any) -> Any:
    db.session.refresh(row)
    return row


def left_out(preview: Preview) -> set[tuple[date, str]]:
    return {(each.week, each.why.code) for each in preview.left_out}


def test_a_confirmed_week_is_priced_at_its_rate(story: Story) -> None:
    line = story.world.line(story.organisation, weekly="6.25", rate="17.2820")
    week(line)
    found = story.preview()
    assert [(each.kind, each.units, each.rate, each.amount.net) for each in found.lines] == [
        (LineKind.CURRENT, Decimal("6.25"), Decimal("17.2820"), Decimal("108.01"))
    ]
    assert found.total.total == Decimal("108.01")


def test_a_week_with_two_rates_has_two_lines(story: Story) -> None:
    line = story.world.line(story.organisation, ("1.25",) * 7)
    World.confirmed()
    line.rates[0].end = date(2017, 10, 18)
    line.rates.append(Rate(organisation_id=story.organisation.id, rate=Decimal("20.2500"), start=date(2017, 10, 19)))
    db.session.commit()
    week(line)
    priced = [(each.segment, each.units, each.amount.net) for each in story.preview().lines]
    assert priced == [(1, Decimal("3.75"), Decimal("73.80")), (2, Decimal("5.00"), Decimal("101.25"))]
    sent = send(story.contact, story.period)
    assert sent.net == Decimal("175.05")


def test_a_week_over_its_level_is_left_out_with_its_figures(story: Story) -> None:
    line = story.world.line(story.organisation)
    week(line, OCT_16)
    week(line, OCT_23, ("1", "1", "1", "1", "1", "2", "2"))
    found = story.preview()
    assert [each.actual.week_starting for each in found.lines] == [OCT_16]
    held = next(each for each in found.left_out if each.week == OCT_23)
    assert held.why.code == "over-level"
    assert held.figures == "9.00 hours against 7.00 planned; 1.00 above the plan are allowed. Rule EL-1."


def test_a_decision_releases_the_week_at_what_was_decided(story: Story) -> None:
    actual = week(story.world.line(story.organisation), OCT_16, ("1", "1", "1", "1", "1", "2", "2"))
    decided(actual.id, Decision.UP_TO, "8")
    assert [each.units for each in story.preview().lines] == [Decimal("8.00")]


def test_a_level_changed_by_staff_holds_a_week_saved_before(story: Story) -> None:
    week(story.world.line(story.organisation), OCT_16, ("1", "1", "1", "1", "1", "1", "2"))
    assert len(story.preview().lines) == 1
    db.session.add(
        PolicySetting(name="exception_units", value="0.50", scope=PolicyScope.COUNCIL, valid_from=OCT_16, why="test")
    )
    db.session.commit()
    policy.forget()  # as in the next request
    assert (OCT_16, "over-level") in left_out(story.preview())


def test_weeks_not_confirmed_are_left_out_once_they_are_over(story: Story) -> None:
    line = story.world.line(story.organisation)
    week(line, OCT_16, state=ActualState.DRAFT)
    assert left_out(story.preview()) == {(monday, "not-confirmed") for monday in (OCT_16, OCT_23, OCT_30, NOV_6)}


def test_a_week_that_is_not_over_is_no_news(story: Story) -> None:
    story.world.app.config["PORTAL_TODAY"] = "2017-11-01"
    story.world.line(story.organisation)
    assert {monday for monday, _ in left_out(story.preview())} == {OCT_16, OCT_23}


def test_weeks_of_earlier_periods_are_late(story: Story) -> None:
    line = story.world.line(story.organisation)
    week(line, NOV_6)
    story.period = story.world.period(1)
    week(line, NOV_13)
    assert [(each.kind, each.actual.week_starting) for each in story.preview().lines] == [
        (LineKind.CURRENT, NOV_13),
        (LineKind.LATE, NOV_6),
    ]


def test_a_residential_week_waits_until_the_document_is_accepted(world: World) -> None:
    story = Story(world, "Residential")
    line = world.line(story.organisation)
    week(line)
    assert (OCT_16, "document") in left_out(story.preview())
    values = {"state": DocumentState.ACCEPTED, "accepted_at": datetime.now(UTC)}
    db.session.execute(update(ContractDocument).values(values))
    db.session.commit()
    assert len(story.preview().lines) == 1


@pytest.mark.parametrize("what", ["organisation", "document", "line"])
def test_a_hold_keeps_weeks_off_the_invoice_and_says_why(story: Story, what: str) -> None:
    line = story.world.line(story.organisation)
    week(line)
    target = {"document": {"document_id": line.document_id}, "line": {"line_item_id": line.id}}.get(what, {})
    db.session.add(Hold(organisation_id=story.organisation.id, reason="Safeguarding.", start=OCT_16, **target))
    db.session.commit()
    found = story.preview()
    assert not found.lines
    assert "Payment is on hold: Safeguarding." in {each.why.reason for each in found.left_out}


def test_care_is_invoiced_while_new_bank_details_wait_for_their_call_back(story: Story) -> None:
    week(story.world.line(story.organisation))
    new = BankDetails("Fenland", "107999", "88837491")
    asked = change_requests.ask(story.organisation, ChangeKind.BANK_DETAILS, new, story.world.officer("Procurement"))
    for role in ("Payments officer", "Procurement"):
        change_requests.confirm(asked, story.world.officer(role))
    assert db.session.scalars(select(Hold.change_request_id)).one() == asked
    assert len(story.preview().lines) == 1


def test_a_hold_that_has_ended_holds_nothing(story: Story) -> None:
    week(story.world.line(story.organisation))
    db.session.add(Hold(organisation_id=story.organisation.id, reason="x", start=OCT_16, end=date(2017, 11, 19)))
    db.session.commit()
    assert len(story.preview().lines) == 1


def test_a_week_without_a_rate_names_the_day(story: Story) -> None:
    line = story.world.line(story.organisation)
    World.confirmed()
    line.rates[0].end = date(2017, 10, 18)
    db.session.commit()
    week(line)
    found = next(each for each in story.preview().left_out if each.week == OCT_16)
    assert found.why.code == "no-rate"
    assert "19 October 2017" in found.why.reason


def test_an_aborted_visit_is_paid_on_its_day(story: Story) -> None:
    line = story.world.line(story.organisation)
    week(line, OCT_16, ("1", "1", "0", "1", "1", "1", "1"), aborted="1.00", aborted_payable="0.50")
    story.world._keep(
        AbortedVisit(
            organisation_id=story.organisation.id, line_item_id=line.id, visit_date=date(2017, 10, 18),
            planned_start=datetime(2017, 10, 18, 9, tzinfo=UTC).time(), planned_minutes=60, planned_units=1,
            payable=Decimal("0.50"), reason="NO_REPLY", rule="AV-1",
        )
    )  # fmt: skip
    assert [each.units for each in story.preview().lines] == [Decimal("6.50")]


def test_vat_is_rounded_for_each_line_and_kept_apart(story: Story) -> None:
    line = story.world.line(story.organisation, weekly="1.00", rate="10.0300", vat_code=VatCode.STANDARD)
    week(line, OCT_16)
    week(line, OCT_23)
    total = story.preview().total
    assert (total.net, total.vat, total.total) == (Decimal("20.06"), Decimal("4.02"), Decimal("24.08"))


def test_a_week_with_nothing_payable_is_settled_at_nothing(story: Story) -> None:
    actual = week(story.world.line(story.organisation), OCT_16, ("0",) * 7)
    sent = send(story.contact, story.period)
    assert sent.gross == 0
    assert reload(actual).state is ActualState.INVOICED


def test_sending_writes_lines_takes_weeks_and_accepts_at_once(story: Story) -> None:
    actual = week(story.world.line(story.organisation))
    sent = reload(send(story.contact, story.period))
    assert (sent.state, sent.gross, sent.due_by) == (InvoiceState.ACCEPTED, Decimal("137.76"), date(2017, 12, 20))
    assert sent.accepted_at == sent.submitted_at
    assert reload(actual).state is ActualState.INVOICED
    assert db.session.scalars(select(InvoiceLine.gross)).all() == [Decimal("137.76")]


def test_it_waits_to_be_checked_where_policy_says_so(story: Story) -> None:
    db.session.add(
        PolicySetting(
            name="invoices_accepted_at_once", value="no", scope=PolicyScope.ORGANISATION,
            scope_id=story.organisation.id, valid_from=OCT_16, why="new provider",
        )
    )  # fmt: skip
    week(story.world.line(story.organisation))
    sent = reload(send(story.contact, story.period))
    assert (sent.state, sent.accepted_at) == (InvoiceState.SUBMITTED, None)
    assert accept([sent.id]) == 1
    assert reload(sent).state is InvoiceState.ACCEPTED
    with pytest.raises(Refused, match="cannot be accepted"):
        accept([sent.id])


def test_care_on_a_document_that_was_withdrawn_is_looked_at_first(story: Story) -> None:
    week(story.world.line(story.organisation, state=DocumentState.WITHDRAWN))
    assert reload(send(story.contact, story.period)).state is InvoiceState.SUBMITTED


def test_figures_that_changed_since_the_preview_send_nothing(story: Story) -> None:
    line = story.world.line(story.organisation)
    week(line, OCT_16)
    draft = story.draft()
    digest = invoice.preview_of(draft).digest
    week(line, OCT_23)
    with pytest.raises(invoice.InvoiceChanged):
        invoice.submit(draft.id, digest=digest, own_reference="", user_id=story.user_id)
    assert reload(draft).state is InvoiceState.DRAFT
    assert db.session.scalar(select(func.count(InvoiceLine.id))) == 0


def test_nothing_to_invoice_is_refused(story: Story) -> None:
    draft = story.draft()
    digest = invoice.preview_of(draft).digest
    with pytest.raises(Refused, match="nothing to invoice"):
        invoice.submit(draft.id, digest=digest, own_reference="", user_id=story.user_id)


def test_sending_again_changes_nothing(story: Story) -> None:
    week(story.world.line(story.organisation))
    draft = story.draft()
    digest = invoice.preview_of(draft).digest
    assert invoice.submit(draft.id, digest=digest, own_reference="A 1", user_id=story.user_id)
    assert not invoice.submit(draft.id, digest=digest, own_reference="A 2", user_id=story.user_id)
    assert reload(draft).own_reference == "A 1"
    assert story.draft().id != draft.id


def test_one_draft_for_an_organisation_and_period(story: Story) -> None:
    assert story.draft().id == story.draft().id


def test_another_organisations_invoice_is_unknown(story: Story) -> None:
    draft = story.draft()
    other = story.world.organisation("Broadland Care")
    with acting_for(other.id), pytest.raises(Unknown):
        invoice.submit(draft.id, digest="", own_reference="", user_id=story.user_id)
    with acting_for(other.id), pytest.raises(Unknown):
        invoice.get_invoice(draft.id)


def test_rejecting_frees_the_weeks_for_another_invoice(story: Story) -> None:
    actual = week(story.world.line(story.organisation))
    sent = send(story.contact, story.period)
    with pytest.raises(Refused, match="Enter why"):
        reject(sent.id, " ", 1)
    reject(sent.id, "Wrong period", 1)
    assert reload(sent).state is InvoiceState.REJECTED
    assert reload(actual).state is ActualState.CONFIRMED
    again = send(story.contact, story.period)
    assert again.id != sent.id
    live = db.session.scalars(select(InvoiceLine.live).order_by(InvoiceLine.id)).all()
    assert live == [False, True]
    with pytest.raises(Refused, match="cannot be rejected"):
        reject(sent.id, "Twice", 1)


def test_periods_offer_what_is_ready_and_what_is_over(story: Story) -> None:
    week(story.world.line(story.organisation), NOV_6)
    story.world.period(1)
    assert [(each.period.number, each.ready, each.late) for each in periods_to_invoice(story.organisation)] == [
        (0, 1, 0)
    ]
    week(story.world.line(story.organisation), NOV_13)
    assert [(each.period.number, each.ready, each.late) for each in periods_to_invoice(story.organisation)] == [
        (1, 2, 1),
        (0, 1, 0),
    ]


def test_a_period_that_has_not_begun_cannot_be_invoiced(story: Story) -> None:
    later = story.world.period(2)
    with pytest.raises(Refused, match="Choose the period"):
        invoice.draft_for(story.organisation, later.id, story.user_id)


def test_two_people_sending_at_once_make_one_invoice(story: Story) -> None:
    line = story.world.line(story.organisation)
    for monday in (OCT_16, OCT_23, OCT_30):
        week(line, monday)
    draft = story.draft()
    digest, user_id, draft_id = invoice.preview_of(draft).digest, story.user_id, draft.id
    db.session.commit()

    def send_it() -> bool:
        return invoice.submit(draft_id, digest=digest, own_reference="", user_id=user_id)

    assert sorted(at_once(story.world.app, send_it, send_it, send_it)) == [False, False, True]
    assert db.session.scalar(select(func.count(InvoiceLine.id))) == 3


def test_two_drafts_of_different_periods_cannot_take_the_same_week(story: Story) -> None:
    week(story.world.line(story.organisation), NOV_6)
    user_id, first = story.user_id, story.draft()
    second = invoice.draft_for(story.organisation, story.world.period(1).id, user_id)
    sends = [(each.id, invoice.preview_of(each).digest) for each in (first, second)]
    db.session.commit()

    def send_one(draft_id: int, digest: str) -> bool:
        return invoice.submit(draft_id, digest=digest, own_reference="", user_id=user_id)

    results = at_once(story.world.app, lambda: send_one(*sends[0]), lambda: send_one(*sends[1]))
    assert [each for each in results if each is True] == [True]
    assert any(isinstance(each, Refused) for each in results)
    assert db.session.scalar(select(func.count(InvoiceLine.id))) == 1


def test_a_change_of_figures_at_the_same_moment_comes_before_or_not_at_all(story: Story) -> None:
    actual = week(story.world.line(story.organisation))
    draft = story.draft()
    digest, user_id, draft_id, actual_id = invoice.preview_of(draft).digest, story.user_id, draft.id, actual.id
    db.session.commit()

    def send_it() -> bool:
        return invoice.submit(draft_id, digest=digest, own_reference="", user_id=user_id)

    def change_it() -> int:
        lower = {"mon": 0, "delivered": 6, "missed": 1, "payable": 6, "reason": "MISSED"}
        changed = db.session.execute(update(Actual).where(Actual.id == actual_id).values(lower))
        db.session.commit()
        return int(changed.rowcount)

    sent, changed = at_once(story.world.app, send_it, change_it)
    lines = db.session.execute(select(InvoiceLine.units)).scalars().all()
    if sent is True:
        assert isinstance(changed, IntegrityError)
        assert lines == [Decimal("7.00")]
    else:
        assert isinstance(sent, invoice.InvoiceChanged)
        assert changed == 1
        assert lines == []
