"""A key typed in the week of Actuals with 200 lines, in Chromium: how long until what it changes is painted."""

from dataclasses import dataclass
from statistics import median

from flask import Flask
from playwright.sync_api import Page

from bench.world import Signed
from tests.support.pages.live import launched, serving, window

MOST = 30
# In lines at the top, in the middle and near the end; the first key of a line brings the row that asks for its reason.
LINES = (3, 100, 190)
KEYS = ("1", ".", "5", "ArrowRight", "2", "Tab", "0", ".", "7", "5")
# As fast as a quick typist: 150 ms from key to key.
PAUSE = 150
# The browser's own measure (Event Timing): from the key to the next paint, in steps of 8 ms, from 16 on.
OBSERVE = """() => {
  window.painted = [];
  const keys = (list) => list.getEntries().filter(({ name }) => name === "keydown");
  const note = (list) => painted.push(...keys(list).map(({ duration }) => duration));
  new PerformanceObserver(note).observe({ type: "event", durationThreshold: 16 });
}"""


@dataclass(frozen=True)
class TypedKeys:
    """Milliseconds from a key to the paint that shows it: the median and the most."""

    median: float
    most: float


def measure_typing(app: Flask, who: Signed, address: str) -> TypedKeys:
    """Type into the week at `address` in a real browser, and measure each key."""
    assert who.contact is not None
    with serving(app) as served, launched() as browser, window(app, served, browser) as live:
        page = live.sign_in(who.contact).open(address)
        page.evaluate(OBSERVE)
        rows = page.locator("tr.line:has(input[data-plan])")
        for line in LINES:
            # As a person goes there: the page is scrolled, the box clicked, and then typed in.
            rows.nth(line).locator("input[data-plan]").first.click()
            page.wait_for_timeout(PAUSE)
            _type(page)
        page.wait_for_timeout(PAUSE)  # a paint is told of after it
        taken: list[float] = page.evaluate("painted")
        page.on("dialog", lambda dialog: dialog.accept())  # what was typed is left behind
    # What is not told took less than 16 ms.
    taken += [16.0] * (len(LINES) * len(KEYS) - len(taken))
    return TypedKeys(median(taken), max(taken))


def _type(page: Page) -> None:
    for key in KEYS:
        page.keyboard.press(key)
        page.wait_for_timeout(PAUSE)


def words(typed: TypedKeys) -> str:
    """Return what was measured beside what is to be reached."""
    late = "" if typed.most < MOST else "  <- too slow"
    return (
        f"A key typed among 200 lines is painted after {typed.median:.0f} ms, the slowest after {typed.most:.0f},"
        f" to stay under {MOST}.{late}"
    )
