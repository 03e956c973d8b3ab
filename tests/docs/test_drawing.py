"""The drawing of the imports is the code's, not yesterday's."""

from docs.drawing import PAGE, drawn


def test_the_drawing_in_the_architecture_is_as_the_imports_are() -> None:
    page = PAGE.read_text()
    assert drawn(page) == page, "The imports have changed: make drawing"
