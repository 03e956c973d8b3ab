"""What a corrected week differs by stands on the next invoice: once, and free again if that is rejected."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, insert, inspect, select
from sqlalchemy.exc import DBAPIError

from models import ExceptionCheck, Hold, Invoice, InvoiceLine, LineItem, Rate, Recovery, Remittance, db
from rules.refusal import Refused
from rules.states import ActualState, InvoiceState, LineKind, VatCode
from tests.support.processes.at_once import at_once
from tests.support.worlds.decisions import decided
from tests.support.worlds.weeks import OCT_16, OCT_23, send, week
from tests.support.worlds.world import World
from tests.workflows.weeks.test_corrections import FIVE, NINE, Desk
from workflows.actuals.history import week_history
from workflows.actuals.save import Entry, Saved, save_week
from workflows.actuals.sheet import sheet
from workflows.clock import now
from workflows.invoices import invoice
from workflows.invoices.desk import reject
from workflows.invoices.preview import Preview
from workflows.invoices.read import periods_to_invoice
from workflows.payments import run as payment_run
from workflows.weeks.corrections import history, weeks_with_difference
from workflows.weeks.read import read_lines


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world)


def preview(desk: Desk) -> Preview:
    draft = invoice.draft_for(desk.contact.organisation, desk.period.id, desk.contact.user_id or 0)
    return invoice.preview_of(draft)


def difference_lines() -> list[InvoiceLine]:
    lines = select(InvoiceLine).where(InvoiceLine.kind == LineKind.UNITS_DIFF).order_by(InvoiceLine.id)
    return list(db.session.scalars(lines.execution_options(populate_existing=True)))


def previewed(desk: Desk) -> list[tuple[LineKind, str, str, str]]:
    """Kind, units, rate and net of each line that an invoice would have."""
    return [(each.kind, f"{each.units:.2f}", f"{each.rate:.2f}", f"{each.amount.net}") for each in preview(desk).lines]


UNITS, RATE = LineKind.UNITS_DIFF, LineKind.RATE_DIFF
BACK = (UNITS, "-7.00", "19.68", "-137.76")


def test_a_correction_takes_the_line_back_and_adds_the_week_as_it_is_now(desk: Desk) -> None:
    desk.correct(*FIVE)
    assert previewed(desk) == [BACK, (UNITS, "5.00", "19.68", "98.40")]
    assert preview(desk).total.total == Decimal("-39.36")


def test_a_correction_back_to_what_was_invoiced_is_no_difference(desk: Desk) -> None:
    desk.correct(*FIVE)
    desk.correct(*["1"] * 7, reason="OTHER")
    assert preview(desk).lines == []
    assert weeks_with_difference(desk.contact.organisation) == []


def test_a_negative_invoice_is_sent_with_what_it_settles_and_its_week_stays(desk: Desk) -> None:
    desk.correct(*FIVE)
    before = desk.stored().version
    sent = send(desk.contact, desk.period)
    db.session.refresh(sent)
    assert (sent.state, sent.gross) == (InvoiceState.ACCEPTED, Decimal("-39.36"))
    old = db.session.scalars(select(InvoiceLine).where(InvoiceLine.invoice_id == desk.invoice.id)).one()
    back, line = difference_lines()
    assert [back.adjusts_id, back.units, back.net, back.delivered] == [old.id, -7, Decimal("-137.76"), 7]
    assert [back.actual_version, back.rate_id] == [old.actual_version, old.rate_id]
    assert [line.adjusts_id, line.units, line.net, line.actual_version] == [None, 5, Decimal("98.40"), before]
    assert [line.planned, line.delivered, line.segment, line.rate_id] == [7, 5, 1, desk.line.rates[0].id]
    assert (desk.stored().state, desk.stored().version) == (ActualState.INVOICED, before)
    assert preview(desk).lines == []


def test_earlier_differences_count_as_invoiced(desk: Desk) -> None:
    desk.correct(*FIVE)
    send(desk.contact, desk.period)
    desk.correct("1", "1", "1", "1", "1", "1", "0")
    assert previewed(desk) == [(UNITS, "-5.00", "19.68", "-98.40"), (UNITS, "6.00", "19.68", "118.08")]
    assert week_history(desk.line.id, OCT_16).waiting == Decimal("19.68")


def test_the_invoice_that_was_sent_keeps_its_line(desk: Desk) -> None:
    desk.correct(*FIVE)
    send(desk.contact, desk.period)
    first = db.session.scalars(select(InvoiceLine).order_by(InvoiceLine.id)).first()
    assert first
    db.session.refresh(first)
    assert [first.units, first.net, first.delivered] == [7, Decimal("137.76"), 7]


def test_vat_after_a_difference_is_that_of_the_final_truth(world: World) -> None:
    desk = Desk(world)
    line = world.line(desk.contact.organisation, rate="10.0300", vat_code=VatCode.STANDARD)
    week(line)
    send(desk.contact, desk.period)
    save_week(OCT_16, [Entry(line.id, FIVE, "SHORTER")], desk.contact.user, correct=True)
    total = preview(desk).total
    assert (total.net, total.vat, total.total) == (Decimal("-20.06"), Decimal("-4.01"), Decimal("-24.07"))


def test_units_moved_over_a_change_of_rate_are_lines_that_multiply(world: World) -> None:
    desk = Desk(world)
    line = world.line(desk.contact.organisation, ("1",) * 7, rate="10.0000")
    World.confirmed()
    line.rates[0].end = date(2017, 10, 18)
    line.rates.append(Rate(organisation_id=line.organisation_id, rate=Decimal("12.0000"), start=date(2017, 10, 19)))
    db.session.commit()
    week(line)
    send(desk.contact, desk.period)
    moved = Entry(line.id, ("0", "1", "1", "2", "1", "1", "1"), "OTHER")
    save_week(OCT_16, [moved], desk.contact.user, correct=True)
    assert previewed(desk) == [
        (UNITS, "-3.00", "10.00", "-30.00"), (UNITS, "-4.00", "12.00", "-48.00"),
        (UNITS, "2.00", "10.00", "20.00"), (UNITS, "5.00", "12.00", "60.00"),
    ]  # fmt: skip


def change_rate(line: LineItem, start: date, rate: str) -> None:
    """Let a line cost another rate from a day on."""
    World.confirmed()
    for each in line.rates:
        if each.start == start:
            each.replaced_at = now()
        elif each.end is None:
            each.end = start - timedelta(days=1)
    db.session.flush()
    new = Rate(organisation_id=line.organisation_id, line_item_id=line.id, rate=Decimal(rate), start=start)
    db.session.add(new)
    db.session.commit()


def test_a_rate_of_a_past_day_is_owed_without_anybody_touching_the_week(desk: Desk) -> None:
    change_rate(desk.line, date(2017, 10, 19), "20.2500")
    assert previewed(desk) == [
        (RATE, "-7.00", "19.68", "-137.76"), (RATE, "3.00", "19.68", "59.04"), (RATE, "4.00", "20.25", "81.00"),
    ]  # fmt: skip
    send(desk.contact, desk.period)
    assert preview(desk).lines == []


def test_a_rate_that_was_wrong_from_its_first_day_is_replaced_and_stays_readable(desk: Desk) -> None:
    change_rate(desk.line, desk.line.rates[0].start, "19.0000")
    assert previewed(desk) == [(RATE, "-7.00", "19.68", "-137.76"), (RATE, "7.00", "19.00", "133.00")]
    send(desk.contact, desk.period)
    lines = db.session.scalars(select(InvoiceLine).order_by(InvoiceLine.id)).all()
    assert [each.priced_by and each.priced_by.rate for each in lines] == [Decimal("19.68")] * 2 + [19]


def test_a_rate_that_begins_after_what_was_invoiced_marks_nothing(desk: Desk) -> None:
    change_rate(desk.line, date(2017, 10, 23), "20.2500")
    assert desk.stored().repriced_at is None


def test_the_database_refuses_to_take_back_what_is_not_invoiced(desk: Desk) -> None:
    desk.correct(*FIVE)
    send(desk.contact, desk.period)
    back, _ = difference_lines()
    copied = {each.key: getattr(back, each.key) for each in inspect(InvoiceLine).column_attrs if each.key != "id"}
    dearer = {"net": -140, "gross": -140, "rate": Decimal(20)}
    for wrong in (dearer, {"adjusts_id": None}, {"units": 7, "net": 7}):
        with pytest.raises(DBAPIError, match="takes back exactly"):
            db.session.execute(insert(InvoiceLine), [copied | {"number": 9, "live": False} | wrong])
        db.session.rollback()
    with pytest.raises(DBAPIError, match="uq_invoice_line_live_taken_back"):
        db.session.execute(insert(InvoiceLine), [copied | {"number": 9}])
    db.session.rollback()


def test_a_correction_over_its_level_waits_for_a_decision(desk: Desk) -> None:
    desk.correct(*NINE, reason="EXTRA")
    found = preview(desk)
    assert found.lines == []
    assert ("over-level", "9.00 hours against 7.00 planned; 1.00 above the plan are allowed. Rule EL-1.") in {
        (each.why.code, each.figures) for each in found.left_out
    }
    made = decided(desk.stored().id)
    assert preview(desk).total.net == Decimal("39.36")
    send(desk.contact, desk.period)
    assert db.session.scalars(select(ExceptionCheck.decision_id)).one() == made.id


def test_a_hold_keeps_differences_off_the_invoice_too(desk: Desk) -> None:
    desk.correct(*FIVE)
    db.session.add(Hold(organisation_id=desk.line.organisation_id, reason="Safeguarding.", start=OCT_16))
    db.session.commit()
    found = preview(desk)
    assert found.lines == []
    assert (OCT_16, "on-hold") in {(each.week, each.why.code) for each in found.left_out}


def test_rejecting_an_invoice_frees_its_differences(desk: Desk) -> None:
    desk.correct(*FIVE)
    sent = send(desk.contact, desk.period)
    reject(sent.id, "Not yet", 1)
    assert desk.stored().state is ActualState.INVOICED
    send(desk.contact, desk.period)
    live = select(InvoiceLine.live).where(InvoiceLine.kind == LineKind.UNITS_DIFF).order_by(InvoiceLine.id)
    assert db.session.scalars(live).all() == [False, False, True, True]


def test_rejecting_the_first_invoice_leaves_the_difference_to_make_good(desk: Desk) -> None:
    desk.correct(*FIVE)
    send(desk.contact, desk.period)
    reject(desk.invoice.id, "Wrong period", 1)
    # What took the rejected line back stands alone by now, and is taken back itself.
    assert previewed(desk) == [
        (UNITS, "7.00", "19.68", "137.76"), (UNITS, "-5.00", "19.68", "-98.40"), (UNITS, "5.00", "19.68", "98.40"),
    ]  # fmt: skip
    send(desk.contact, desk.period)
    assert db.session.scalar(select(func.sum(InvoiceLine.net)).where(InvoiceLine.live)) == Decimal("98.40")
    for each in db.session.scalars(select(Invoice).where(Invoice.state == InvoiceState.ACCEPTED)).all():
        reject(each.id, "All wrong", 1)
    assert desk.stored().state is ActualState.CONFIRMED


def test_a_difference_changed_since_the_preview_sends_nothing(desk: Desk) -> None:
    desk.correct(*FIVE)
    draft = invoice.draft_for(desk.contact.organisation, desk.period.id, desk.contact.user_id or 0)
    digest = invoice.preview_of(draft).digest
    desk.correct("1", "1", "1", "1", "0", "0", "0")
    with pytest.raises(invoice.InvoiceChanged):
        invoice.submit(draft.id, digest=digest, own_reference="", user_id=desk.contact.user_id or 0)


def test_two_invoices_sent_at_once_settle_a_correction_once(desk: Desk) -> None:
    desk.correct(*FIVE)
    user_id = desk.contact.user_id or 0
    drafts = [
        invoice.draft_for(desk.contact.organisation, period.id, user_id)
        for period in (desk.period, desk.world.period(1))
    ]
    sends = [(each.id, invoice.preview_of(each).digest) for each in drafts]
    db.session.commit()

    def send_one(draft_id: int, digest: str) -> bool:
        return invoice.submit(draft_id, digest=digest, own_reference="", user_id=user_id)

    results = at_once(desk.world.app, lambda: send_one(*sends[0]), lambda: send_one(*sends[1]))
    assert [each for each in results if each is True] == [True]
    assert any(isinstance(each, Refused) for each in results)
    lines = db.session.scalars(select(InvoiceLine.net).where(InvoiceLine.kind == LineKind.UNITS_DIFF)).all()
    assert lines == [Decimal("-137.76"), Decimal("98.40")]


def test_what_is_paid_too_much_is_carried_forward(desk: Desk) -> None:
    def pay() -> Remittance:
        officer = desk.world.officer("Payments officer")
        run = payment_run.prepare("04/12/2017", officer)
        payment_run.approve(run.id, desk.world.officer("Payments approver"))
        payment_run.release(run.id, officer)
        remittance: Remittance = db.session.scalars(select(Remittance).order_by(Remittance.id.desc()).limit(1)).one()
        return remittance

    pay()
    assert desk.stored().state is ActualState.PAID
    desk.correct(*FIVE)
    assert desk.stored().state is ActualState.PAID
    send(desk.contact, desk.period)
    second = pay()
    assert [second.total, second.carried_forward, second.adjustments] == [0, Decimal("39.36"), Decimal("-39.36")]
    week(desk.line, OCT_23)
    send(desk.contact, desk.period)
    third = pay()
    assert (third.total, third.recovered) == (Decimal("98.40"), Decimal("39.36"))
    assert db.session.scalars(select(Recovery.amount)).all() == [Decimal("39.36")]


def test_weeks_with_a_difference_are_listed_with_their_pounds(desk: Desk) -> None:
    assert weeks_with_difference(desk.contact.organisation) == []
    assert week_history(desk.line.id, OCT_16).waiting == 0
    desk.correct(*FIVE)
    ((actual, pounds),) = weeks_with_difference(desk.contact.organisation)
    assert (actual.id, pounds) == (desk.actual.id, Decimal("-39.36"))


def test_history_tells_who_changed_what_when_and_why_and_what_it_came_to(desk: Desk) -> None:
    desk.correct(*FIVE, comment="Carer left early")
    latest, first = history(read_lines()[desk.line.id], OCT_16)
    assert first.changes == ["7.00 hours delivered, 7.00 planned"]
    assert (first.amount, first.more, first.saved_by) == (Decimal("137.76"), None, "")
    assert latest.changes == [
        "Saturday: 0.00, before 1.00", "Sunday: 0.00, before 1.00", "Delivered: 5.00, before 7.00", "Comment added",
    ]  # fmt: skip
    assert (latest.amount, latest.more) == (Decimal("98.40"), Decimal("-39.36"))
    assert (latest.saved_by, latest.source, latest.reason) == (
        str(desk.contact.user), "Actuals page", "A visit was shorter than planned",
    )  # fmt: skip


def test_a_correction_is_offered_where_an_invoice_is_made(desk: Desk) -> None:
    assert [each.corrected for each in periods_to_invoice(desk.contact.organisation)] == [0]
    desk.correct(*FIVE)
    assert [each.corrected for each in periods_to_invoice(desk.contact.organisation)] == [1]
    desk.correct(*NINE, reason="EXTRA")
    assert [each.corrected for each in periods_to_invoice(desk.contact.organisation)] == [0]


def test_two_corrections_at_the_same_moment_lose_nothing(desk: Desk) -> None:
    line_id = desk.line.id
    (row,) = sheet(OCT_16, correcting=[line_id]).rows
    db.session.commit()

    def correct(sunday: str) -> Saved:
        entry = Entry(line_id, ("1", "1", "1", "1", "1", "1", sunday), "SHORTER", "", row.seen)
        return save_week(OCT_16, [entry], None, correct=True)

    results = at_once(desk.world.app, lambda: correct("0"), lambda: correct("0.5"))
    assert sorted(each.written for each in results) == [0, 1]
    assert [each.refused[0].conflict for each in results if not each.written] == [True]
    assert len(desk.versions()) == 2
