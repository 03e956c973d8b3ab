"""An organisation sees its own remittances and the runs they were paid in, and nobody else's."""

from decimal import Decimal

import pytest
from sqlalchemy import select, text

from models import PaymentRun, Recovery, Remittance, acting_for, db
from rules.refusal import Unknown
from rules.states import LineKind
from tests.support.weeks import OCT_16, OCT_23, send, week
from tests.support.world import World
from workflows.payments import run as payment_run
from workflows.payments.remittance import explain_line, get_sheet, remittances_page


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


def test_the_header_adds_up(paid: Remittance) -> None:
    sheet = get_sheet(paid.id, 1)
    header = sheet.remittance
    assert sheet.earned == Decimal("275.52")
    assert sheet.earned + header.adjustments - header.recovered + header.vat == header.total == Decimal("255.52")
    assert sum(line.gross for line in sheet.lines) == header.total
    assert [line.kind for line in sheet.lines] == [LineKind.CURRENT, LineKind.CURRENT, LineKind.RECOVERY]


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
        for deed in (lambda: get_sheet(paid.id, 1), lambda: explain_line(paid.id, 1)):
            with pytest.raises(Unknown):
                deed()
        # The database itself, asked without any filter of ours.
        seen = "SELECT (SELECT count(*) FROM payment_run) + (SELECT count(*) FROM remittance_line)"
        assert db.session.execute(text(seen)).scalar_one() == 0
    with acting_for(paid.organisation_id):
        assert db.session.execute(text("SELECT count(*) FROM payment_run")).scalar_one() == 1
