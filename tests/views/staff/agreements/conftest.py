"""What tests of the pages of agreements start from."""

import pytest

from models import PortalUser
from tests.support.pages.browser import Browser
from tests.support.worlds.agreements import broadland, care, officer, vera  # noqa: F401 - fixtures


@pytest.fixture
def desk(browser: Browser, carol: PortalUser) -> Browser:
    """The officer who drafts and proposes, signed in."""
    return browser.sign_in(carol)
