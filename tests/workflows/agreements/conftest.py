"""What tests of agreements start from."""

from tests.support.worlds.agreements import broadland, care, officer, vera  # noqa: F401 - fixtures
