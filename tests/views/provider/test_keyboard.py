"""Every provider page by the keyboard alone: all of it is reached, what one stands on is seen and never covered."""

import os
from typing import Any, Final

import pytest
from playwright.sync_api import Error
from sqlalchemy import select

from models import Contact, Organisation, db
from tests.support.pages.live import Live
from tests.support.worlds import everything
from tests.support.worlds.world import World
from tests.views.test_every_page_in_a_browser import NOT_OPENED, OPENS
from tests.views.test_every_route import FUNCTIONS, PEOPLE, filled, read_table

EACH: Final = 1 if os.environ.get("EVERY_PAGE") else 3
# More presses of Tab than any page here has things to stand on.
MOST: Final = 600

# All that one can stand on, as the page shows it: of radios with one name only the first, as Tab sees them.
STOPS: Final = """() => {
  const seen = new Set();
  const all = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")]
    .filter((each) => each.tabIndex >= 0 && !each.disabled && each.type !== "hidden"
      && each.checkVisibility({ visibilityProperty: true }) && !each.closest("[inert]"))
    .filter((each) => {
      if (each.type !== "radio") return true;
      const group = `${each.form?.action} ${each.name}`;
      return seen.has(group) ? false : seen.add(group);
    });
  all.forEach((each, index) => { each.dataset.stop = index; });
  if (all.some((each) => each.tabIndex > 0)) throw new Error("a tabindex of its own");
  return all.length;
}"""

# What is wrong with what one stands on, and where that is; nothing where one stands nowhere any more.
STANDS: Final = """() => {
  const it = document.activeElement;
  if (it === document.body || it === document.documentElement) return null;
  const wrong = [];
  const boxes = [...it.getClientRects()].filter((box) => box.width && box.height);
  const label = it.matches("input[type=radio], input[type=checkbox]") ? it.labels?.[0] : null;
  for (const box of [boxes[0], boxes.at(-1)].filter(Boolean)) {
    // A large box for text is brought into sight only as far as one writes in it.
    const shown = Math.min(box.bottom, innerHeight) - Math.max(box.top, 0);
    if (shown < Math.min(box.height - 1, 40)) wrong.push("out of sight");
    for (const [x, y] of [[0.5, 0.5], [0.5, 0.1], [0.5, 0.9]]) {
      const [left, top] = [box.left + box.width * x, box.top + box.height * y];
      if (top < 0 || top > innerHeight || left < 0 || left > innerWidth) continue;
      const found = document.elementFromPoint(left, top);
      if (!found || !(it.contains(found) || found.contains(it) || label?.contains(found))) {
        wrong.push(`under ${found?.outerHTML.slice(0, 60)}`);
      }
    }
  }
  const styles = [getComputedStyle(it), getComputedStyle(it, "::before"),
    ...(label ? [getComputedStyle(label), getComputedStyle(label, "::before")] : [])];
  const ring = (style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0
    && !/rgba\\(.*, 0\\)|transparent/.test(style.outlineColor);
  if (!boxes.length) wrong.push("nothing to see");
  if (!styles.some((style) => ring(style) || style.boxShadow !== "none")) wrong.push("not seen to have the focus");
  return { stop: it.dataset.stop, wrong: [...new Set(wrong)], what: it.outerHTML.slice(0, 140) };
}"""


@pytest.fixture
def contact(world: World) -> Contact:
    """Somebody with every function, of an organisation with a record of every kind."""
    everything.build(world, world.officer("Administrator"), (1,))
    own = db.session.scalars(select(Organisation)).one()
    return world.contact(own, "keys@provider.example")


def addresses(own: Organisation) -> list[str]:
    """The pages that a contact opens with any function."""
    places = [PEOPLE.index(each) for each in FUNCTIONS]
    return [
        filled(address, own)
        for (method, address), letters in read_table().items()
        if method == "GET"
        and any(letters[place] == OPENS for place in places)
        and not any(each in address for each in NOT_OPENED)
    ]


def walked(page: Any) -> list[str]:
    """What is wrong with a page that is walked through with Tab."""
    count, wrong, reached = page.evaluate(STOPS), [], set()
    for number in range(MOST):
        page.keyboard.press("Tab")
        at = page.evaluate(STANDS)
        if at is None:
            break
        if not number and "Skip to main content" not in at["what"]:
            wrong.append(f"no way past the navigation: {at['what']}")
        reached.add(at["stop"])
        wrong += [f"{each}: {at['what']}" for each in at["wrong"]]
    missed = [str(each) for each in range(count) if str(each) not in reached]
    for each in missed:
        html = page.locator(f"[data-stop='{each}']").evaluate("(each) => each.outerHTML.slice(0, 140)")
        wrong.append(f"not reached: {html}")
    return wrong


@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("width", [1280, 375])
def test_every_page_is_walked_by_the_keyboard(width: int, contact: Contact, live: Live) -> None:
    live.sign_in(contact)
    live.page.set_viewport_size({"width": width, "height": 740})
    found, opened = [], 0
    pages = addresses(contact.organisation)
    pages = pages if width == 1280 else pages[::EACH]
    for address in pages:
        try:
            page = live.open(address)
        except Error:  # what turns out to be a file is saved
            continue
        if not page.locator("main").count():  # an answer to a script
            continue
        opened += 1
        found += [f"{address} {each}" for each in walked(page)]
    assert not found, "\n".join(found)
    assert opened >= len(pages) // 2
