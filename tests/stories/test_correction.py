"""A week already paid is corrected in a browser: typed, sent with the next invoice, and explained where it was paid."""

from playwright.sync_api import Page, expect
from sqlalchemy import select

from models import Remittance, db
from tests.support.pages.accessibility import check_accessible
from tests.support.pages.live import Live
from tests.support.worlds.world import World
from tests.workflows.weeks.test_corrections import Desk
from workflows.payments import run as payment_run


def _pay(world: World, pay_date: str) -> Remittance:
    officer, approver = world.officer("Payments officer"), world.officer("Payments approver")
    run = payment_run.prepare(pay_date, officer)
    payment_run.approve(run.id, approver)
    payment_run.release(run.id, officer)
    paid: Remittance = db.session.scalars(select(Remittance).order_by(Remittance.id.desc()).limit(1)).one()
    return paid


def _correct(page: Page, line_id: int) -> None:
    page.get_by_role("link", name="Correct this week").click()
    page.locator(f"#d6-{line_id}").fill("0.5")
    page.locator(f"#d5-{line_id}").fill("2")
    page.locator(f"#reason-{line_id}").select_option("LONGER")
    check_accessible(page)
    page.get_by_role("button", name="Save correction").click()
    expect(page.get_by_text("1 week corrected")).to_be_visible()


def test_a_correction_from_the_sheet_to_the_bank(world: World, live: Live) -> None:
    desk = Desk(world)
    _pay(world, "27/11/2017")
    page = live.sign_in(desk.contact).open("/actuals?week=2017-10-16")
    _correct(page, desk.line.id)

    page.goto(f"{live.address}/actuals/history?line={desk.line.id}&week=2017-10-16")
    expect(page.get_by_text("Saturday: 2.00, before 1.00")).to_be_visible()
    expect(page.get_by_text("£9.84 more will be on your next invoice")).to_be_visible()
    check_accessible(page)

    page.goto(f"{live.address}/invoices/create")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text(f"as on {desk.invoice.number}")).to_be_visible()
    check_accessible(page)
    page.get_by_role("button", name="Submit invoice").click()
    expect(page.get_by_text("Every check passed.")).to_be_visible()
    expect(page.get_by_text(f"as on {desk.invoice.number}")).to_be_visible()
    check_accessible(page)

    paid = _pay(world, "04/12/2017")
    page.goto(f"{live.address}/remittances/{paid.id}")
    check_accessible(page)
    page.get_by_role("link", name="Open all").click()
    page.get_by_role("link", name="Why £147.60").click()
    for words in ("7.50 hours", "A visit took longer than planned"):
        expect(page.get_by_text(words).first).to_be_visible()
    check_accessible(page)
