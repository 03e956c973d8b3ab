"""What tests of a provider's pages start from, where a module does not say otherwise."""

from tests.support.pages.actuals_page import contact, organisation, period, provider  # noqa: F401 - fixtures
