"""The application with its forms' tokens looked at, as in production."""

from collections.abc import Iterator

import pytest
from flask import Flask


@pytest.fixture
def guarded(app: Flask) -> Iterator[Flask]:
    """The application that looks at the token of every form."""
    app.config["WTF_CSRF_ENABLED"] = True
    yield app
    app.config["WTF_CSRF_ENABLED"] = False
