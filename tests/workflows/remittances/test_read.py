"""An organisation sees its own remittances and the runs they were paid in, and nobody else's."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select, text

from models import PaymentRun, Recovery, Remittance, acting_for, db
from rules.refusal import Unknown
from rules.remittance import AdjustmentCode
from rules.states import LineKind
from tests.support.worlds.weeks import OCT_16, OCT_23, send, week
from tests.support.worlds.world import World
from workflows.payments import run as payment_run
from workflows.remittances.explain import explain_line, remittances_page
from workflows.remittances.read import LineChoice, by_person, whole_remittance


@pytest.fixture
def paid(world: World) -> Remittance:
    """A remittance of two lines, from which £20.00 owed from an earlier run is taken."""
    officer, approver = world.officer("Payments officer"), world.officer("Payments approver")
    contact = world.contact(world.organisation())
    line = world.line(contact.organisation)
    week(line, OCT_16)
    week(line, OCT_23)
    send(contact, world.period(0))
    before = PaymentRun(pay_date=OCT_16, prepared_by_id=officer.id)
    db.session.add(before)
    db.session.flush()
    debt = Recovery(organisation_id=contact.organisation_id, from_run_id=before.id, amount=Decimal("20.00"))
    db.session.add(debt)
    run = payment_run.prepare("04/12/2017", officer)
    payment_run.approve(run.id, approver)
    payment_run.release(run.id, officer)
    remittance: Remittance = db.session.scalars(select(Remittance)).one()
    return remittance


def test_what_was_claimed_less_what_was_taken_off_is_what_was_paid(paid: Remittance) -> None:
    whole = whole_remittance(paid.id)
    totals = whole.totals
    assert (totals.claimed, totals.adjustments) == (Decimal("275.52"), {AdjustmentCode.RECOVERY: Decimal("20.00")})
    assert totals.claimed - sum(totals.adjustments.values()) == totals.paid == paid.total == Decimal("255.52")
    assert [line.kind for line in whole.lines] == [LineKind.CURRENT, LineKind.CURRENT, LineKind.RECOVERY]
    assert whole.care_days == (date(2017, 10, 16), date(2017, 10, 29))


def test_lines_stand_by_person_and_those_about_nobody_apart(paid: Remittance) -> None:
    found = by_person(whole_remittance(paid.id), LineChoice())
    assert [(person.shown, len(person.lines), person.total) for person in found.people] == [
        ("A. B.", 2, Decimal("275.52"))
    ]
    assert [line.kind for line in found.others] == [LineKind.RECOVERY]


@pytest.mark.parametrize(
    ("sought", "lines"),
    [("ada", 2), ("A. B.", 2), ("£137.76", 2), ("137.76", 2), ("INV-", 2), ("48", 2), ("zz", 0), ("137.7", 0)],
)
def test_a_line_is_found_by_person_reference_invoice_or_amount(paid: Remittance, sought: str, lines: int) -> None:
    found = by_person(whole_remittance(paid.id), LineChoice(sought=sought))
    assert found.count == lines


def test_only_lines_of_a_kind_or_a_service_are_shown_when_asked_for(paid: Remittance) -> None:
    whole = whole_remittance(paid.id)
    ((service, _),) = whole.services
    for choice, lines in (
        (LineChoice(show="differs"), 0), (LineChoice(show="corrections"), 0), (LineChoice(show="absences"), 0),
        (LineChoice(service_id=service), 2), (LineChoice(service_id=service + 1), 0),
    ):  # fmt: skip
        assert by_person(whole, choice).count == lines


def test_a_line_leads_back_to_units_and_rate(paid: Remittance) -> None:
    story = explain_line(paid.id, 1)
    assert story.week
    assert story.week.product == story.line.units * story.line.rate == story.line.gross == Decimal("137.76")  # type: ignore[operator]


def test_what_is_recovered_has_no_week_behind_it(paid: Remittance) -> None:
    story = explain_line(paid.id, 3)
    assert story.week is None
    assert story.line.reason.startswith("Carried forward from payment run")


def test_others_see_neither_the_remittance_nor_its_run(paid: Remittance, world: World) -> None:
    other = world.organisation("Broadland Care")
    with acting_for(other.id):
        assert remittances_page(1).total == 0
        for deed in (lambda: whole_remittance(paid.id), lambda: explain_line(paid.id, 1)):
            with pytest.raises(Unknown):
                deed()
        # The database itself, asked without any filter of ours.
        seen = "SELECT (SELECT count(*) FROM payment_run) + (SELECT count(*) FROM remittance_line)"
        assert db.session.execute(text(seen)).scalar_one() == 0
    with acting_for(paid.organisation_id):
        assert db.session.execute(text("SELECT count(*) FROM payment_run")).scalar_one() == 1
