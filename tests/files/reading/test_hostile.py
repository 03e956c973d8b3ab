"""Hostile and broken files: each is refused with its own sentence, quickly, and costs nothing but its child process."""

import io
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from files.actuals.layouts import read_actuals_file
from files.reading import sheet as reader
from rules.refusal import Refused
from tests.support.files.reading import message
from tests.support.files.workbooks import DAILY, headed, raw_sheet, workbook
from tests.support.pages.hostile import A_ROW, CORPUS, GOOD, MEBIBYTE, far_apart


@pytest.fixture(autouse=True)
def _nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    yield
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", CORPUS)
def test_each_gets_its_own_sentence(name: str) -> None:
    make, words = CORPUS[name]
    content = make()
    assert len(content) <= 20 * MEBIBYTE + 1
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "CHILD_SECONDS", 10)
        found = message(content)
    assert found.startswith("actuals.xlsx: ")
    assert found.count("actuals.xlsx") == 1
    assert re.search(words, found), found


def test_no_process_is_left_behind() -> None:
    for content in (GOOD, far_apart(), GOOD[:-200]):
        with suppress(Refused):
            read_actuals_file("actuals.xlsx", content)
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    assert not [child for child in children if "sheet_child" in Path(f"/proc/{child}/cmdline").read_text()]


def test_a_reader_given_up_half_way_is_ended() -> None:
    content = workbook(headed(DAILY, *[A_ROW] * 5_000))
    batches = reader.read_batches(content)
    next(batches)
    batches.close()  # type: ignore[attr-defined]
    assert len(read_actuals_file("actuals.xlsx", content).rows) == 5_000


FUZZ = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@FUZZ
@given(st.binary(max_size=3_000))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    _read_or_refused(content)


@FUZZ
@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), min_size=1, max_size=8))
def test_a_workbook_with_changed_bytes_is_read_or_refused(changes: list[tuple[int, int]]) -> None:
    content = bytearray(GOOD)
    for place, value in changes:
        content[place] = value
    _read_or_refused(bytes(content))


@FUZZ
@given(st.text("<>&;/c vftrs='\"=1A!-[]\x85\u202e", max_size=60))
def test_a_workbook_with_any_markup_in_a_sheet_is_read_or_refused(markup: str) -> None:
    _read_or_refused(workbook(raw_sheet(f'<row r="1"><c r="A1" t="str"><v>{markup}</v></c></row>')))


@FUZZ
@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(content: str) -> None:
    _read_or_refused(f"CPLI,Service date,Delivered units,Comment\n{content}".encode())


def _read_or_refused(content: bytes) -> None:
    try:
        file = read_actuals_file("actuals", content)
    except Refused:
        return
    assert file.row_count == len(file.rows) + len(file.aborted)


def test_what_other_programs_put_beside_the_sheets_is_passed_over() -> None:
    more: dict[str, str | bytes] = {
        "customXml/item1.xml": '<?xml version="1.0"?><label/>'.encode("utf-16"),
        "xl/printerSettings/printerSettings1.bin": bytes(200),
        "xl/media/image1.png": b"\x89PNG\r\n\x1a\n",
        "xl/drawings/drawing1.vml": "<xml/>",
        "docProps/empty.xml": "",
    }
    assert read_actuals_file("x", workbook(headed(DAILY, A_ROW), more=more)).rows == read_actuals_file("x", GOOD).rows


def test_a_workbook_changed_by_openpyxl_is_still_read() -> None:
    book = openpyxl.load_workbook(io.BytesIO(GOOD))
    target = io.BytesIO()
    book.save(target)
    assert read_actuals_file("actuals.xlsx", target.getvalue()).rows == read_actuals_file("x", GOOD).rows
