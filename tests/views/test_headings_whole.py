"""On a narrow phone no reference in a heading is broken: half of it at the end of a line is not one."""

import pytest
from playwright.sync_api import expect

from models import Organisation
from rules.agreement_states import DocumentState
from tests.support.pages.live import Live
from tests.support.worlds.world import World

# How many lines each reference of the heading stands on.
LINES = """(all) => all.map((each) => each.getClientRects().length)"""


@pytest.mark.parametrize("width", [320, 375])
def test_a_reference_in_a_heading_stands_on_one_line(world: World, live: Live, width: int) -> None:
    organisation: Organisation = world.organisation()
    line = world.line(organisation, reference="NCC-HS-48212-B", state=DocumentState.PUBLISHED)
    live.sign_in(world.contact(organisation))
    live.page.set_viewport_size({"width": width, "height": 740})
    pages = [f"/contract-documents/{line.document_id}{end}" for end in ("", "/accept", "/reject")]
    for path in (*pages, f"/line-items/{line.id}"):
        references = live.open(path).locator("h1 .one-line")
        expect(references).to_have_count(1)
        assert references.evaluate_all(LINES) == [1], path
        assert live.page.evaluate("document.documentElement.scrollWidth") <= width, path
