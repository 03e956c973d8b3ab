"""A claim is decided once, what is approved is fixed as it stood, and a payment run pays it week by week, once."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import IntegrityError

from models import (
    AbsenceClaim,
    AbsenceClaimLine,
    AuditEvent,
    Contact,
    Email,
    Hold,
    LineItem,
    PaymentSource,
    PortalUser,
    Rate,
    Remittance,
    RemittanceLine,
    db,
)
from rules.refusal import Refused, Unknown
from rules.states import ClaimState, LineKind, VatCode
from tests.support.processes.at_once import at_once
from tests.support.worlds.claims import make, nov, stored
from tests.support.worlds.weeks import NOV_6, OCT_30, send, week
from tests.support.worlds.world import World
from workflows.absences import decide as decisions
from workflows.absences.read import claim_page, claims_page, decided_lately, queue_page
from workflows.payments import run as payment_run
from workflows.payments.run_read import waiting


class Desk:
    """A provider with a line of an hour a day at £20.00, and the officers who decide and pay."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.contact: Contact = world.contact(world.organisation())
        self.line: LineItem = world.line(self.contact.organisation, rate="20.0000")
        self.officer: PortalUser = world.officer("Payments officer")

    @property
    def user(self) -> PortalUser:
        assert self.contact.user
        return self.contact.user

    def claim(self, *days: date, **more: Any) -> AbsenceClaim:
        return make(self.line, self.user, *days, **more)

    def pay(self) -> None:
        run = payment_run.prepare("04/12/2017", self.officer)
        payment_run.approve(run.id, self.world.officer("Payments approver"))
        payment_run.release(run.id, self.officer)


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world)


def lines() -> list[AbsenceClaimLine]:
    return list(db.session.scalars(select(AbsenceClaimLine).order_by(AbsenceClaimLine.id)))


def test_approving_fixes_what_each_week_comes_to_and_by_which_rule(desk: Desk) -> None:
    claim = decisions.approve(desk.claim().id, desk.officer)
    assert (claim.state, claim.net, claim.gross, claim.decided_by_id) == (
        ClaimState.APPROVED, Decimal("140.00"), Decimal("140.00"), desk.officer.id,
    )  # fmt: skip
    first, second = lines()
    assert (first.week_starting, first.first_day, first.last_day) == (OCT_30, nov(2), nov(5))
    assert (first.units, first.rate, first.net) == (Decimal(4), Decimal("20.0000"), Decimal("80.00"))
    assert (second.week_starting, second.net, second.rule) == (NOV_6, Decimal("60.00"), "AB-1")
    assert (first.explained, second.explained) == ("days 1 to 4 at 100%", "days 5 to 7 at 100%")


def test_approving_in_part_pays_up_to_the_earlier_day_and_says_what_was_claimed(desk: Desk) -> None:
    claim = decisions.approve_in_part(desk.claim().id, nov(5), "Home on the 6th", desk.officer)
    assert (claim.state, claim.last_day, claim.until) == (ClaimState.IN_PART, nov(12), nov(5))
    assert (claim.claimed_net, claim.net, claim.units) == (Decimal("140.00"), Decimal("80.00"), Decimal("4.00"))
    assert claim.refused_reason == "Home on the 6th"
    assert [line.net for line in lines()] == [Decimal("80.00")]


@pytest.mark.parametrize("last", [nov(1), nov(12), nov(13)])
def test_in_part_is_an_earlier_last_day(desk: Desk, last: date) -> None:
    claim = desk.claim()
    with pytest.raises(Refused, match="Enter a day from 2 November 2017 to 11 November 2017") as refused:
        decisions.approve_in_part(claim.id, last, "", desk.officer)
    assert refused.value.problems[0].field == "last_day"
    assert stored(claim.id).state is ClaimState.SUBMITTED


def test_refusing_takes_a_reason_and_pays_nothing(desk: Desk) -> None:
    claim = desk.claim()
    with pytest.raises(Refused, match="Say why"):
        decisions.refuse(claim.id, "  ", desk.officer)
    refused = decisions.refuse(claim.id, " Not away on these days ", desk.officer)
    assert (refused.state, refused.refused_reason, refused.net) == (
        ClaimState.REFUSED, "Not away on these days", Decimal("0.00"),
    )  # fmt: skip
    assert (refused.claimed_net, lines()) == (Decimal("140.00"), [])


def test_the_second_officer_is_told_what_the_first_decided(desk: Desk) -> None:
    claim, second = desk.claim(), desk.world.officer("Payments officer")
    decisions.refuse(claim.id, "Not away", desk.officer)
    deeds: tuple[Callable[[], Any], ...] = (
        lambda: decisions.approve(claim.id, second),
        lambda: decisions.approve_in_part(claim.id, nov(5), "", second),
        lambda: decisions.refuse(claim.id, "Again", second),
    )
    for deed in deeds:
        with pytest.raises(Refused, match=f"{claim.number} was refused by {desk.officer} on .* Nothing was changed"):
            deed()
    assert stored(claim.id).refused_reason == "Not away"


def test_two_officers_deciding_at_once_make_one_decision(desk: Desk) -> None:
    claim_id, one, two = desk.claim().id, desk.officer, desk.world.officer("Payments officer")
    results = at_once(
        desk.world.app,
        lambda: decisions.approve(claim_id, one),
        lambda: decisions.refuse(claim_id, "No", two),
        lambda: decisions.approve_in_part(claim_id, nov(4), "", two),
    )
    assert len([each for each in results if isinstance(each, Refused)]) == 2
    claim = stored(claim_id)
    assert sum(line.net for line in lines()) == claim.net
    assert db.session.scalar(select(func.count(Email.id))) == 1


def test_care_recorded_since_keeps_a_claim_from_being_approved(desk: Desk) -> None:
    claim = desk.claim()
    week(desk.line, NOV_6)
    with pytest.raises(Refused, match="6 to 12 November 2017: care is recorded"):
        decisions.approve(claim.id, desk.officer)
    assert decisions.approve_in_part(claim.id, nov(5), "", desk.officer).net == Decimal("80.00")


def test_a_decision_pays_the_rate_in_force_when_it_is_made_and_keeps_it(desk: Desk) -> None:
    claim = desk.claim()
    World.confirmed()
    db.session.execute(update(Rate).values(rate=Decimal("21.0000")))
    db.session.commit()
    db.session.expire_all()
    decisions.approve(claim.id, desk.officer)
    assert (stored(claim.id).claimed_net, stored(claim.id).net) == (Decimal("140.00"), Decimal("147.00"))
    World.confirmed()
    with pytest.raises(IntegrityError, match="was approved at the rate"):
        db.session.execute(update(Rate).values(rate=Decimal("25.0000")))
    db.session.rollback()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE absence_claim SET net = 1, gross = 1",
        "UPDATE absence_claim SET approved_last_day = first_day",
        "UPDATE absence_claim SET state = 'submitted'",
        "UPDATE absence_claim SET state = 'refused', refused_reason = 'x'",
        "DELETE FROM absence_claim",
    ],
)
def test_what_was_decided_stays_in_the_database(desk: Desk, change: str) -> None:
    decisions.approve(desk.claim().id, desk.officer)
    with pytest.raises(IntegrityError, match="has become money"):
        db.session.execute(text(change))
    db.session.rollback()


def test_what_was_sent_stays_in_the_database(desk: Desk) -> None:
    desk.claim()
    for change in ("UPDATE absence_claim SET last_day = last_day + 1", "DELETE FROM absence_claim"):
        with pytest.raises(IntegrityError, match="has become money"):
            db.session.execute(text(change))
        db.session.rollback()


def test_lines_belong_to_a_decision_and_are_written_once(desk: Desk) -> None:
    decisions.approve(desk.claim().id, desk.officer)
    copy = (
        "INSERT INTO absence_claim_line (organisation_id, absence_claim_id, number, week_starting, first_day, last_day,"
        " planned, units, unit, rate, net, vat_code, vat, gross, explained, rule) SELECT organisation_id,"
        " absence_claim_id, 9, week_starting, first_day, last_day, planned, units, unit, rate, net, vat_code, vat,"
        " gross, explained, rule FROM absence_claim_line"
    )
    with pytest.raises(IntegrityError, match="not waiting for a decision"):
        db.session.execute(text(copy))
    db.session.rollback()
    with pytest.raises(Exception, match="permission denied"):
        db.session.execute(text("DELETE FROM absence_claim_line"))
    db.session.rollback()


def test_payments_contacts_are_told_without_figures_names_or_the_decision(desk: Desk) -> None:
    desk.world.contact(desk.contact.organisation, "carer@provider.example", may_actuals=True)
    claim = decisions.refuse(desk.claim().id, "Ada Bell was at home", desk.officer)
    letter = db.session.scalars(select(Email)).one()
    assert letter.recipient == desk.contact.email
    assert f"/absence-claims/{claim.id}" in letter.body
    for word in ("£", "140", "Ada", "refused", "at home"):
        assert word not in letter.body + letter.subject


def test_every_step_leaves_its_trace(desk: Desk) -> None:
    decisions.approve_in_part(desk.claim().id, nov(5), "", desk.officer)
    statement = select(AuditEvent).where(AuditEvent.record == "absence_claim").order_by(AuditEvent.id)
    states = [(event.after or {}).get("state") for event in db.session.scalars(statement)]
    assert [state for state in states if state] == ["draft", "submitted", "approved in part"]


def test_an_approved_claim_is_paid_once_and_explained_by_week(desk: Desk) -> None:
    World.confirmed()
    desk.line.vat_code = VatCode.STANDARD
    db.session.commit()
    claim = decisions.approve(desk.claim().id, desk.officer)
    assert waiting().others == 1
    desk.pay()
    found = db.session.scalars(select(RemittanceLine).order_by(RemittanceLine.number)).all()
    rows = [
        (each.kind, each.source, each.week_starting, each.units, each.rate, each.net, each.vat, each.reason)
        for each in found
    ]
    rate = Decimal("20.0000")
    assert rows == [
        (LineKind.ABSENCE, claim.number, OCT_30, Decimal(4), rate, Decimal("80.00"), Decimal("16.00"),
         "Absence, hospital: days 1 to 4 at 100%"),
        (LineKind.ABSENCE, claim.number, NOV_6, Decimal(3), rate, Decimal("60.00"), Decimal("12.00"),
         "Absence, hospital: days 5 to 7 at 100%"),
    ]  # fmt: skip
    assert [each.absence_claim_line_id for each in found] == [line.id for line in lines()]
    assert {each.person_reference for each in found} == {desk.line.person.reference}
    paid = db.session.scalars(select(Remittance)).one()
    assert (paid.net, paid.vat, paid.total) == (Decimal("140.00"), Decimal("28.00"), Decimal("168.00"))
    assert stored(claim.id).state is ClaimState.PAID
    assert claim_page(claim.id).remittance == paid
    with pytest.raises(Refused, match="There is nothing to pay"):
        payment_run.prepare("04/12/2017", desk.officer)
    with pytest.raises(Refused, match=r"was approved by .* and has been paid. Nothing was changed"):
        decisions.refuse(claim.id, "Too late", desk.officer)


def test_a_claim_is_paid_beside_the_invoice_of_the_same_weeks(desk: Desk) -> None:
    week(desk.line, OCT_30, ("1", "1", "1", "0", "0", "0", "0"))
    decisions.approve(desk.claim(nov(2), nov(5)).id, desk.officer)
    send(desk.contact, desk.world.period(0))
    desk.pay()
    assert db.session.scalar(select(Remittance.total)) == Decimal("140.00")
    kinds = db.session.scalars(select(RemittanceLine.kind).order_by(RemittanceLine.number)).all()
    assert kinds == [LineKind.CURRENT, LineKind.ABSENCE]


def test_sevenths_of_a_week_are_paid_to_the_penny_of_the_rule(desk: Desk) -> None:
    desk.line = desk.world.line(desk.contact.organisation, weekly="10", rate="19.6800")
    decisions.approve(desk.claim(nov(6), nov(8)).id, desk.officer)
    (line,) = lines()
    # 30 sevenths × £19.68 = £84.342857…; 4.29 × £19.68 would be £84.43.
    assert (line.units, line.net) == (Decimal("4.285714"), Decimal("84.34"))
    desk.pay()
    assert db.session.scalar(select(Remittance.total)) == Decimal("84.34")


@pytest.mark.parametrize("target", ["organisation", "document", "line"])
def test_a_claim_waits_while_what_it_is_for_is_on_hold(desk: Desk, target: str) -> None:
    other = desk.world.line(desk.contact.organisation)
    claim = decisions.approve(desk.claim().id, desk.officer)
    document, line = desk.line.document_id, desk.line.id
    values: dict[str, Any] = {"document": {"document_id": document}, "line": {"line_item_id": line}}.get(target, {})
    hold = Hold(organisation_id=desk.contact.organisation_id, reason="Under review", start=nov(1), **values)
    beside = Hold(organisation_id=other.organisation_id, line_item_id=other.id, reason="Another", start=nov(1))
    db.session.add_all([hold, beside])
    db.session.commit()
    assert claim_page(claim.id).holds == ["Under review"]
    assert waiting().others == 0
    with pytest.raises(Refused, match="There is nothing to pay"):
        payment_run.prepare("04/12/2017", desk.officer)
    hold.end = nov(19)
    db.session.commit()
    assert payment_run.prepare("04/12/2017", desk.officer).total == Decimal("140.00")


def test_two_runs_prepared_at_once_take_a_claim_once(desk: Desk) -> None:
    decisions.approve(desk.claim().id, desk.officer)
    officer = desk.officer
    results = at_once(desk.world.app, *[lambda: payment_run.prepare("04/12/2017", officer)] * 2)
    assert len([each for each in results if isinstance(each, Refused)]) == 1
    assert db.session.scalar(select(func.count(PaymentSource.id))) == 1


def test_a_discarded_run_leaves_its_claim_to_be_paid(desk: Desk) -> None:
    decisions.approve(desk.claim().id, desk.officer)
    payment_run.discard(payment_run.prepare("04/12/2017", desk.officer).id)
    assert waiting().others == 1


def test_claims_that_are_not_approved_are_not_paid(desk: Desk) -> None:
    desk.claim()
    refused = desk.claim(nov(14), nov(15))
    decisions.refuse(refused.id, "Not away", desk.officer)
    with pytest.raises(Refused, match="There is nothing to pay"):
        payment_run.prepare("04/12/2017", desk.officer)


def test_the_queue_is_oldest_first_with_its_age(desk: Desk) -> None:
    first, second = desk.claim(nov(13), nov(14)), desk.claim(nov(2), nov(3))
    found = queue_page(1)
    assert [(each.claim.id, each.days) for each in found.rows] == [(first.id, 0), (second.id, 0)]
    decisions.approve(first.id, desk.officer)
    assert [each.claim.id for each in queue_page(1).rows] == [second.id]
    assert [each.id for each in decided_lately()] == [first.id]
    assert [each.id for each in claims_page(1).rows] == [second.id, first.id]


def test_a_claim_that_touches_another_is_shown_beside_it(desk: Desk) -> None:
    first = desk.claim(nov(2), nov(5))
    second, apart = desk.claim(nov(6), nov(8)), desk.claim(nov(10), nov(11))
    assert [each.id for each in claim_page(second.id).adjoining] == [first.id]
    assert claim_page(apart.id).adjoining == []


def test_an_unknown_claim_is_unknown(desk: Desk) -> None:
    deeds: tuple[Callable[[], Any], ...] = (
        lambda: decisions.approve(999, desk.officer),
        lambda: decisions.approve_in_part(999, nov(5), "", desk.officer),
        lambda: decisions.refuse(999, "No", desk.officer),
    )
    for deed in deeds:
        with pytest.raises(Unknown):
            deed()
