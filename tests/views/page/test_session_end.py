"""Shortly before a session ends its page says so and offers to stay; no connection loses nothing."""

from playwright.sync_api import expect

from tests.support.pages.accessibility import check_accessible
from tests.support.pages.live import Live, follow
from tests.support.pages.typed import idle_out
from tests.support.worlds.world import World

WARNING = "because the portal was not used for a while"


def test_five_minutes_before_the_page_offers_to_stay_and_takes_no_focus(world: World, live: Live) -> None:
    live.page.clock.install()
    page = live.sign_in(world.contact(world.organisation())).open("/conversations/start")
    page.focus("#message")
    page.clock.fast_forward("24:00")
    expect(page.locator("#session-end")).to_have_text("")
    page.clock.fast_forward("01:10")
    expect(page.locator("#session-end")).to_contain_text(WARNING)
    assert page.evaluate("document.activeElement.id") == "message"
    check_accessible(page)
    page.get_by_role("button", name="Stay signed in").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#session-end")).to_have_text("")
    page.clock.fast_forward("20:00")
    expect(page.locator("#session-end")).to_have_text("")


def test_a_session_that_has_ended_says_that_what_was_typed_is_still_there(world: World, live: Live) -> None:
    live.page.clock.install()
    page = live.sign_in(world.contact(world.organisation())).open("/conversations/start")
    page.fill("#message", "Six hours")
    page.clock.fast_forward("30:05")
    expect(page.locator("#session-end")).to_contain_text("Your session has ended. What you typed is still here")
    idle_out()
    page.click("text=Send message")
    expect(page.locator("h1")).to_have_text("Sign in")


def test_being_there_in_one_tab_is_being_there_in_the_other(world: World, live: Live) -> None:
    live.page.clock.install()
    page = live.sign_in(world.contact(world.organisation())).open("/conversations/start")
    page.clock.fast_forward("25:10")
    expect(page.locator("#session-end")).to_contain_text(WARNING)
    page.evaluate("""() => dispatchEvent(new StorageEvent('storage',
        { key: 'session-ends', newValue: String(Date.now() + 30 * 60 * 1000) }))""")
    expect(page.locator("#session-end")).to_have_text("")


def test_the_greatest_age_of_a_session_cannot_be_put_off(world: World, live: Live) -> None:
    live.page.clock.install()
    live.sign_in(world.contact(world.organisation()))
    world.policy("session_hours", "1")
    world.policy("idle_minutes", "60")
    page = live.open("/conversations/start")
    page.clock.fast_forward("56:00")
    expect(page.locator("#session-end")).to_contain_text("because you signed in long ago")
    expect(page.get_by_role("button", name="Stay signed in")).to_have_count(0)


def test_without_a_connection_the_page_stays_and_says_so(world: World, live: Live) -> None:
    page = live.sign_in(world.contact(world.organisation())).open("/conversations/start")
    page.fill("#message", "Six hours")
    live.context.set_offline(True)
    page.click("text=Send message")
    expect(page.locator("#session-end")).to_contain_text("There is no connection to the portal, so nothing was sent.")
    expect(page.locator("#message")).to_have_value("Six hours")
    live.context.set_offline(False)
    page.click("text=Send message")
    expect(page.locator(".govuk-error-summary")).to_be_visible()


def test_what_somebody_typed_is_gone_from_the_window_when_they_sign_out(world: World, live: Live) -> None:
    page = live.sign_in(world.contact(world.organisation())).open("/conversations/start")
    page.fill("#message", "Six hours")
    follow(page.get_by_role("button", name="Send message"))
    assert "Six hours" in page.evaluate("sessionStorage.getItem('typed')")
    page.click("text=Sign out")
    expect(page.locator("h1")).to_have_text("Sign in")
    assert "Six hours" not in (page.evaluate("sessionStorage.getItem('typed')") or "")
