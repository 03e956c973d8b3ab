"""A key typed in the week of Actuals with 200 lines, in Chromium: what the page has to do until it is painted again."""

from dataclasses import dataclass
from statistics import median

from flask import Flask
from playwright.sync_api import CDPSession, Page

from bench.world import Signed
from tests.support.pages.live import launched, serving, window

MOST = 30
# In lines at the top, in the middle and near the end: the first key in a line makes the row that asks for its reason.
LINES = (3, 100, 190)
KEYS = ("1", ".", "5", "ArrowRight", "2", "Tab", "0", ".", "7", "5")
PAINTED = "new Promise(done => requestAnimationFrame(() => setTimeout(done)))"


@dataclass(frozen=True)
class TypedKeys:
    """Milliseconds of the page's main thread for one key: the median of all and the most."""

    median: float
    most: float


def measure_typing(app: Flask, who: Signed, address: str) -> TypedKeys:
    """Type into the week at `address` in a real browser, and measure each key."""
    assert who.contact is not None
    with serving(app) as served, launched() as browser, window(app, served, browser) as live:
        page = live.sign_in(who.contact).open(address)
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable")
        rows = page.locator("tr.line:has(input[data-plan])")
        taken = []
        for line in LINES:
            rows.nth(line).locator("input[data-plan]").first.focus()
            taken += [_of_one_key(page, session, key) for key in KEYS]
        page.on("dialog", lambda dialog: dialog.accept())  # what was typed is left behind
    return TypedKeys(median(taken), max(taken))


def _of_one_key(page: Page, session: CDPSession, key: str) -> float:
    page.evaluate(PAINTED)
    before = _busy(session)
    page.keyboard.press(key)
    page.evaluate(PAINTED)
    return _busy(session) - before


def _busy(session: CDPSession) -> float:
    """Return the milliseconds that the page's main thread has worked so far."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    return float(next(each["value"] for each in metrics if each["name"] == "TaskDuration")) * 1000


def words(typed: TypedKeys) -> str:
    """Return what was measured beside what is to be reached."""
    late = "" if typed.most < MOST else "  <- too slow"
    return (
        f"A key typed among 200 lines: {typed.median:.0f} ms of the page's main thread until it is painted, the slowest"
        f" {typed.most:.0f}, to stay under {MOST}.{late}"
    )
