"""The accessibility check as a step of a story: axe-core's rules for WCAG 2.2 A and AA, and best practice."""

from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).resolve().parents[3] / "node_modules" / "axe-core" / "axe.min.js"


def check_accessible(page: Page) -> None:
    """Fail where axe-core finds anything wrong on the page as it stands, naming rule and element."""
    # Evaluated through the debugger: the content policy rightly lets no foreign script onto the page.
    page.evaluate(AXE.read_text())
    found = page.evaluate("async () => (await axe.run(document)).violations")
    wrong = [f"{each['id']}: {each['nodes'][0]['html'][:160]}" for each in found]
    assert not wrong, f"{page.url}: {wrong}"
