"""A workbook is written row by row, and nothing of it is left behind."""

import io
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest

from files.writing.workbook import open_workbook


def test_a_workbook_that_fails_half_way_leaves_no_row_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    waiting = []
    with suppress(ZeroDivisionError), open_workbook(io.BytesIO()) as book:
        book.add_worksheet().write_string(0, 0, "Ada Bell")
        waiting = [path for path in tmp_path.rglob("*") if path.is_file()]
        raise ZeroDivisionError
    assert waiting
    assert list(tmp_path.rglob("*")) == []
