"""Scheduled payments: previewed, finalised, kept back, adjusted; once, whoever runs the job however often."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from models import Email, Hold, JournalEntry, PaymentPeriod, ScheduledPayment, ScheduledPaymentLine, db
from rules.agreement_states import DocumentState
from rules.period import DAY, plan_period
from rules.states import JournalAccount, LineKind, PaymentMethod, ScheduledState, Unit
from tests.support.worlds.scheduled import (
    AMEND_BY,
    FINALISED,
    NEXT_FINALISED,
    NEXT_PREVIEWED,
    PREVIEWED,
    WEDNESDAY,
    CareHome,
    lines_of,
    payment_of,
    pounds_of,
)
from tests.support.worlds.world import ANCHOR, START, World
from workflows.payments.money_checks import check_money
from workflows.scheduled.prepare import NotPrepared, prepare_due

WHOLE = "748.37"


@pytest.fixture
def home(world: World) -> CareHome:
    return CareHome(world)


def test_a_preview_is_there_five_days_before_changes_close_and_not_before(home: CareHome) -> None:
    home.line(start=WEDNESDAY)
    prepare_due(PREVIEWED - DAY)
    assert db.session.scalar(select(func.count(ScheduledPayment.id))) == 0
    assert prepare_due(PREVIEWED).previews == 1
    payment = payment_of(home.first)
    assert (payment.state, payment.gross) == (ScheduledState.PREVIEW, Decimal("2779.66"))
    assert pounds_of(payment) == ["534.55", WHOLE, WHOLE, WHOLE]


def test_payments_contacts_are_told_once_without_a_figure_or_a_name(home: CareHome) -> None:
    home.line()
    home.world.contact(home.organisation, may_documents=True)
    for day in (PREVIEWED, PREVIEWED + DAY, FINALISED):
        prepare_due(day)
    (email,) = db.session.scalars(select(Email)).all()
    assert email.recipient == home.contact.email
    assert "£" not in email.body
    assert f"/scheduled-payments/{payment_of(home.first).id}" in email.body


def test_it_is_finalised_on_its_day_with_what_is_true_then(home: CareHome) -> None:
    line = home.line()
    prepare_due(PREVIEWED)
    home.change_rate(line, "770.00", date(2017, 11, 6))
    assert prepare_due(AMEND_BY).finalised == 0
    assert prepare_due(FINALISED).finalised == 1
    payment = payment_of(home.first)
    assert payment.state is ScheduledState.FINALISED
    assert payment.finalised_at
    assert pounds_of(payment) == [WHOLE, WHOLE, WHOLE, "770.00"]
    assert {each.rate_id for each in lines_of(payment)} == {rate.id for rate in line.rates}


def test_running_the_job_again_pays_nothing_again(home: CareHome) -> None:
    home.line()
    for day in (PREVIEWED, PREVIEWED, FINALISED, FINALISED, FINALISED + DAY):
        prepare_due(day)
    before = [each.id for each in lines_of(payment_of(home.first))]
    assert len(before) == 4
    assert prepare_due(FINALISED + DAY).finalised == 0
    assert [each.id for each in lines_of(payment_of(home.first))] == before


def test_what_was_missed_is_caught_up_for_the_right_periods(home: CareHome) -> None:
    home.line()
    prepare_due(FINALISED)
    for number in (2, 3):
        dates = plan_period(number, ANCHOR, 4, 15, 2, ())
        db.session.add(PaymentPeriod(**{name: getattr(dates, name) for name in dates.__dataclass_fields__}))
    db.session.commit()
    prepare_due(plan_period(2, ANCHOR, 4, 15, 2, ()).finalise_on)
    found = db.session.execute(
        select(PaymentPeriod.number, ScheduledPayment.state, ScheduledPayment.gross)
        .join(ScheduledPayment, ScheduledPayment.period_id == PaymentPeriod.id)
        .order_by(PaymentPeriod.number)
    ).all()
    four = 4 * Decimal(WHOLE)
    assert found == [(number, ScheduledState.FINALISED, four) for number in range(3)]
    assert not db.session.scalars(select(ScheduledPaymentLine).where(ScheduledPaymentLine.kind != "SCHEDULED")).all()


def test_an_absence_lowers_the_payment_and_is_named_on_its_line(home: CareHome) -> None:
    line = home.line(contribution=Decimal("139.75"), top_up=Decimal(25))
    report = home.away(line, date(2017, 10, 23), date(2017, 11, 1))
    prepare_due(PREVIEWED)
    lines = lines_of(payment_of(home.first))
    assert [(each.amount, each.contribution, each.top_up) for each in lines] == [
        (Decimal(amount), Decimal("139.75"), Decimal(25)) for amount in (WHOLE, WHOLE, "427.64", WHOLE)
    ]
    assert [each.absence_report_id for each in lines] == [None, None, report.id, None]
    assert (lines[2].days, lines[2].paid_days, lines[2].units) == (7, 4, Decimal("0.571429"))
    assert (lines[2].explained, lines[2].rule) == ("days 8 to 10 of the absence at 0%", "AB-1")


def test_a_hold_keeps_its_line_back_and_the_next_payment_takes_it_up_once_it_ends(home: CareHome) -> None:
    home.line("100.00")
    held = home.line()
    hold = home.hold(held)
    prepare_due(FINALISED)
    payment = payment_of(home.first)
    assert (payment.state, payment.gross) == (ScheduledState.FINALISED, Decimal(400))
    kept = [each for each in lines_of(payment) if each.kept_back]
    assert [(each.line_item_id, each.hold_id) for each in kept] == [(held.id, hold.id)] * 4
    assert kept[0].kept_back == "Payment is on hold: Safeguarding"
    db.session.execute(update(Hold).values(end=START))
    db.session.commit()
    prepare_due(NEXT_FINALISED)
    following = lines_of(payment_of(home.second))
    late = [each for each in following if each.kind is LineKind.LATE]
    assert [(each.line_item_id, each.net) for each in late] == [(held.id, Decimal(WHOLE))] * 4
    assert payment_of(home.second).gross == 4 * Decimal(100) + 8 * Decimal(WHOLE)


def test_where_everything_is_kept_back_nothing_goes_to_the_bank_and_all_is_paid_later(home: CareHome) -> None:
    home.hold(home.line())
    prepare_due(FINALISED)
    assert (payment_of(home.first).state, payment_of(home.first).gross) == (ScheduledState.ON_HOLD, Decimal(0))
    db.session.execute(update(Hold).values(end=START))
    db.session.commit()
    prepare_due(NEXT_FINALISED)
    assert payment_of(home.second).gross == 8 * Decimal(WHOLE)


def test_a_document_that_has_to_be_accepted_first_keeps_its_line_back(world: World) -> None:
    home = CareHome(world, sector="Nursing")
    waiting = home.line(state=DocumentState.PUBLISHED)
    home.line("100.00")
    prepare_due(PREVIEWED)
    payment = payment_of(home.first)
    assert payment.gross == Decimal(400)
    (why,) = {each.kept_back for each in lines_of(payment) if each.line_item_id == waiting.id}
    assert why == "The contract document is not accepted. Accept it, then this line is paid."


def test_a_week_without_a_rate_is_kept_back_and_says_so(home: CareHome) -> None:
    line = home.line()
    World.confirmed()
    line.rates[0].start = date(2017, 10, 23)
    db.session.commit()
    prepare_due(PREVIEWED)
    first = lines_of(payment_of(home.first))[0]
    assert "There is no rate for 16 October 2017." in first.kept_back
    assert payment_of(home.first).gross == 3 * Decimal(WHOLE)


def test_a_change_of_rate_after_finalising_is_the_old_week_with_a_minus_and_the_new_one(home: CareHome) -> None:
    line = home.line()
    prepare_due(FINALISED)
    paid = lines_of(payment_of(home.first))
    home.change_rate(line, "770.00", date(2017, 11, 6))
    prepare_due(NEXT_FINALISED)
    payment = payment_of(home.second)
    minus, plus = [each for each in lines_of(payment) if each.kind is LineKind.RATE_DIFF]
    assert (minus.takes_back, minus.adjusts_id, minus.net) == (True, paid[3].id, -Decimal(WHOLE))
    assert (plus.takes_back, plus.adjusts_id, plus.net) == (False, paid[3].id, Decimal(770))
    assert payment.gross == 5 * Decimal(770) - Decimal(WHOLE)


def test_an_absence_told_too_late_is_corrected_once_and_again_where_it_was_longer(home: CareHome) -> None:
    line = home.line()
    prepare_due(FINALISED)
    report = home.away(line, date(2017, 10, 23), date(2017, 11, 1))
    prepare_due(NEXT_PREVIEWED)
    diffs = [each for each in lines_of(payment_of(home.second)) if each.kind is LineKind.UNITS_DIFF]
    assert [(each.week_starting, each.net) for each in diffs] == [
        (date(2017, 10, 30), -Decimal(WHOLE)), (date(2017, 10, 30), Decimal("427.64"))
    ]  # fmt: skip
    report.last_day = date(2017, 11, 5)
    db.session.commit()
    prepare_due(NEXT_FINALISED)
    assert payment_of(home.second).gross == 4 * Decimal(WHOLE) - Decimal(WHOLE)  # the seven days are 23 to 29 October
    prepare_due(NEXT_FINALISED + DAY)
    third = home.world.period(2)
    prepare_due(third.finalise_on)
    assert payment_of(third).gross == 4 * Decimal(WHOLE)


def test_a_line_that_ended_long_ago_gives_back_what_was_paid_after_its_end(home: CareHome) -> None:
    line = home.line()
    prepare_due(FINALISED)
    home.end(line, date(2017, 10, 29))
    prepare_due(NEXT_FINALISED)
    payment = payment_of(home.second)
    assert pounds_of(payment) == [f"-{WHOLE}", f"-{WHOLE}"]
    World.confirmed()
    line.end = None
    db.session.commit()
    third = home.world.period(2)
    prepare_due(third.finalise_on)
    assert payment_of(third).gross == 10 * Decimal(WHOLE)  # two of them are given again
    assert db.session.scalar(select(func.sum(ScheduledPayment.gross))) == 12 * Decimal(WHOLE)


def test_an_adjustment_that_is_kept_back_is_made_once_the_hold_ends(home: CareHome) -> None:
    line = home.line()
    prepare_due(FINALISED)
    home.change_rate(line, "770.00", date(2017, 11, 6))
    home.hold(line)
    prepare_due(NEXT_FINALISED)
    assert payment_of(home.second).state is ScheduledState.ON_HOLD
    db.session.execute(update(Hold).values(end=START))
    db.session.commit()
    third = home.world.period(2)
    prepare_due(third.finalise_on)
    assert payment_of(third).gross == 9 * Decimal(770) - Decimal(WHOLE)


def test_care_before_the_start_of_the_portal_is_not_paid(home: CareHome) -> None:
    home.line(start=date(2016, 1, 4))
    prepare_due(FINALISED)
    assert payment_of(home.first).gross == 4 * Decimal(WHOLE)


def test_a_preview_whose_lines_are_all_gone_goes_too(home: CareHome) -> None:
    line = home.line(start=date(2017, 10, 30))
    prepare_due(PREVIEWED)
    World.confirmed()
    line.start = date(2017, 12, 1)
    db.session.commit()
    prepare_due(PREVIEWED + DAY)
    assert db.session.scalar(select(func.count(ScheduledPayment.id))) == 0


def test_the_database_pays_a_week_once_and_keeps_what_was_finalised(home: CareHome) -> None:
    home.line()
    prepare_due(FINALISED)
    paid = lines_of(payment_of(home.first))[0]
    with pytest.raises(IntegrityError, match="has been finalised"):
        db.session.execute(update(ScheduledPaymentLine).values(explained="Not so"))
    db.session.rollback()
    with pytest.raises(IntegrityError, match="kept as it was written"):
        db.session.execute(update(ScheduledPayment).values(state=ScheduledState.PREVIEW, finalised_at=None))
    db.session.rollback()
    other = ScheduledPayment(organisation_id=home.organisation.id, period_id=home.second.id)
    db.session.add(other)
    db.session.flush()
    again = ScheduledPaymentLine(
        organisation_id=paid.organisation_id, scheduled_payment_id=other.id, line_item_id=paid.line_item_id,
        week_starting=paid.week_starting, units=paid.units, unit=paid.unit, rate=paid.rate, rate_id=paid.rate_id,
        amount=paid.amount, net=paid.net, gross=paid.gross, kind=LineKind.LATE, segment=9,
    )  # fmt: skip
    db.session.add(again)
    with pytest.raises(IntegrityError, match="ex_scheduled_payment_line_one_payment"):
        db.session.flush()
    db.session.rollback()
    values = {name: getattr(paid, name) for name in ("organisation_id", "scheduled_payment_id", "line_item_id", "unit")}
    values |= {"week_starting": START - 7 * DAY, "units": 0, "rate": 1, "rate_id": paid.rate_id}
    one_more = insert(ScheduledPaymentLine).values(**values, amount=0, net=0, gross=0)
    with pytest.raises(IntegrityError, match="has been finalised"):
        db.session.execute(one_more)


def test_what_was_kept_back_of_a_finalised_payment_cannot_be_taken_out_of_it(home: CareHome) -> None:
    home.hold(home.line())
    prepare_due(FINALISED)
    with pytest.raises(IntegrityError, match="has been finalised"):
        db.session.execute(delete(ScheduledPaymentLine))


def test_the_ledger_owes_what_is_paid_and_not_what_is_kept_back(home: CareHome) -> None:
    home.line("100.00", contribution=Decimal("10.00"))
    home.hold(home.line())
    prepare_due(FINALISED)
    owed = select(func.sum(JournalEntry.amount)).where(JournalEntry.account == JournalAccount.OWED)
    assert db.session.scalar(owed) == -payment_of(home.first).gross == Decimal(-360)
    assert check_money() == []


def test_a_home_that_cannot_be_worked_out_stops_no_other(home: CareHome) -> None:
    broken = CareHome.of(home.world, home.world.organisation("Broken House"))
    # No total can hold what four weeks of this come to.
    home.world.line(
        broken.organisation, weekly="168", unit=Unit.HOUR, rate="99999999.9999", start=START,
        payment_method=PaymentMethod.SCHEDULED, state=DocumentState.ACCEPTED,
    )  # fmt: skip
    home.line()
    others = CareHome.of(home.world, home.world.organisation("Other House"))
    others.line("100.00")
    organisation_id = broken.organisation.id
    with pytest.raises(NotPrepared, match=f"organisations \\[{organisation_id}\\]"):
        prepare_due(FINALISED)
    own = {home.organisation.id, others.organisation.id}
    paid = select(ScheduledPayment.organisation_id).where(ScheduledPayment.state == ScheduledState.FINALISED)
    assert set(db.session.scalars(paid)) == own


def test_finalising_leaves_the_lines_of_a_preview_that_is_still_right_as_they_are(home: CareHome) -> None:
    line = home.line()
    prepare_due(PREVIEWED)
    before = [each.id for each in lines_of(payment_of(home.first))]
    prepare_due(PREVIEWED + DAY)
    assert [each.id for each in lines_of(payment_of(home.first))] == before
    home.change_rate(line, "770.00", date(2017, 11, 6))
    prepare_due(FINALISED)
    after = lines_of(payment_of(home.first))
    assert not set(before) & {each.id for each in after}
    assert pounds_of(payment_of(home.first)) == [WHOLE, WHOLE, WHOLE, "770.00"]
