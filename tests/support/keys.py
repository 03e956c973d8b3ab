"""Working a page by keys alone."""

from playwright.sync_api import Locator, expect

MOST_TABS = 150


class Keys:
    """Somebody with a keyboard alone: what cannot be reached by Tab cannot be used."""

    def press(self, what: Locator) -> None:
        self._reach(what)
        what.page.keyboard.press("Enter")

    def write(self, what: Locator, text: str) -> None:
        self._reach(what)
        what.page.keyboard.press("Control+A")
        what.page.keyboard.type(text)

    def _reach(self, what: Locator) -> None:
        expect(what).to_be_visible()
        for _ in range(MOST_TABS):
            if what.evaluate("each => each === document.activeElement"):
                return
            what.page.keyboard.press("Tab")
        raise AssertionError(f"{what} cannot be reached by Tab")
