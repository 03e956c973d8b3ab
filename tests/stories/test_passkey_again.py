"""A passkey instead of the security code before every step that binds, in Chromium, with its own virtual device."""

from flask_appbuilder.security.sqla.models import Role
from playwright.sync_api import Page, expect
from sqlalchemy import Connection, func, select

from models import ChangeRequest, Contact, Passkey, PortalUser, Proposal, db
from tests.support.authenticator import Authenticator, enrolled
from tests.support.pages.accessibility import check_accessible
from tests.support.pages.live import Live, follow
from tests.support.worlds.people import DIGITS, regular, with_code
from tests.support.worlds.world import World
from tests.workflows.payments.test_run import one_off
from workflows.payments import run as payment_run


def with_passkey(named: Live, who: Contact | PortalUser) -> Page:
    """Sign somebody in and add the device's passkey."""
    page = named.sign_in(who).open("/account")
    page.get_by_label("Your security code").fill(DIGITS)
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_label("Name").fill("My laptop")
    page.get_by_role("button", name="Create passkey").click()
    expect(page.get_by_text("Your passkey has been added.")).to_be_visible()
    return page


def test_on_the_own_account_a_passkey_opens_the_way_to_another_and_removes_itself(world: World, named: Live) -> None:
    page = with_passkey(named, regular(world))
    expect(page.get_by_text("This browser cannot ask for your passkey")).to_be_hidden()
    page.get_by_role("button", name="Add another, by a passkey you have").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Add a passkey")
    page = named.open("/account")
    page.get_by_label("My laptop").check()
    page.get_by_role("button", name="Remove those ticked, by a passkey you have").click()
    expect(page.get_by_text("1 passkey removed.")).to_be_visible()
    assert db.session.scalar(select(func.count(Passkey.id))) == 0


def test_bank_details_are_asked_for_with_a_passkey(world: World, named: Live) -> None:
    with_passkey(named, regular(world, world.organisation(account=False)))
    page = named.open("/organisation/ask?what=bank-details")
    for label, typed in (
        ("Name on the account", "Fenland Homecare Ltd"), ("Sort code", "08 99 99"), ("Account number", "66374958"),
    ):  # fmt: skip
        page.get_by_label(label).fill(typed)
    check_accessible(page)
    page.get_by_role("button", name="Ask with a passkey").click()
    expect(page.get_by_text("You have asked the council to change your bank details.")).to_be_visible()
    assert db.session.scalar(select(func.count(ChangeRequest.id))) == 1


def test_a_role_is_given_and_confirmed_with_passkeys(world: World, named: Live) -> None:
    bob = world.officer("Procurement", "bob@council.example")
    with_passkey(named, with_code(world.officer("Administrator", "ann@council.example")))
    page = named.open(f"/admin/users/edit/{bob.id}")
    page.get_by_label("Payments officer").check()
    check_accessible(page)
    page.get_by_role("button", name="Save with a passkey").click()
    expect(page.get_by_text("Sent for confirmation")).to_be_visible()
    proposal = db.session.scalars(select(Proposal)).one()
    follow(page.get_by_role("button", name="Sign out"))
    with_passkey(named, with_code(world.officer("Administrator", "second@council.example")))
    page = named.open(f"/staff/confirm/{proposal.id}")
    page.get_by_role("button", name="Confirm with a passkey").click()
    expect(page.get_by_text("Confirmed: Roles of")).to_be_visible()
    given = select(Role.name).join(PortalUser.roles).where(PortalUser.id == bob.id)
    assert sorted(db.session.scalars(given)) == ["Payments officer", "Procurement"]


def test_a_run_is_approved_and_released_with_passkeys(world: World, named: Live) -> None:
    preparer, approver = (with_code(world.officer(each)) for each in ("Payments officer", "Payments approver"))
    one_off(world.organisation().id, "30.00")
    run = payment_run.prepare("04/12/2017", preparer)
    address = f"/staff/payment-run/{run.id}"
    for who, step, done in ((approver, "Approve", "It is approved."), (preparer, "Release", "It is released.")):
        with_passkey(named, who)
        page = named.open(address)
        page.get_by_role("button", name=f"{step} with a passkey").click()
        expect(page.get_by_text(done)).to_be_visible()
        follow(page.get_by_role("button", name="Sign out"))


def test_without_scripts_the_code_does_and_a_sentence_says_so(world: World, live: Live, owner: Connection) -> None:
    contact = regular(world, world.organisation(account=False))
    enrolled(owner, contact.user_id, Authenticator())
    browser = live.context.browser
    assert browser
    plain = browser.new_context(java_script_enabled=False, base_url=live.address)
    plain.add_cookies(live.sign_in(contact).context.cookies())  # type: ignore[arg-type]
    page = plain.new_page()
    for address, words in (("/account", "Add another"), ("/organisation/ask?what=bank-details", "Ask with a passkey")):
        page.goto(address)
        expect(
            page.get_by_text("This browser cannot ask for your passkey, so enter your security code.")
        ).to_be_visible()
        expect(page.get_by_text("If you no longer have it")).to_be_visible()
        expect(page.get_by_role("button", name=words)).to_have_count(0)
    page.goto("/account")
    page.get_by_label("My phone").check()
    page.get_by_label("Your security code").fill(DIGITS)
    page.get_by_role("button", name="Remove those ticked").click()
    expect(page.get_by_text("1 passkey removed.")).to_be_visible()
    plain.close()
