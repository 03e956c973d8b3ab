"""Files of every make are read; broken and hostile ones get one clear sentence, and nothing else happens."""

import io
import zipfile
from datetime import date, datetime

import openpyxl
import pytest

from files.reading import sheet
from files.reading.sheet import BrokenFile, pick_rows, read_grid
from tests.support.files.workbooks import raw_sheet, workbook

TEXT = "CPLI,Name\r\n48210,Zoë Bell\r\n"


def a_workbook(*cells: tuple[str, str | float | date]) -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    for place, value in cells:
        book.active[place] = value
    return _saved(book)


def _saved(book: openpyxl.Workbook) -> bytes:
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def a_zip(**parts: str | bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return target.getvalue()


@pytest.mark.parametrize("code", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\r\n", "\n", "\r"])
def test_text_is_read_in_every_code(code: str, delimiter: str, newline: str) -> None:
    content = TEXT.replace(",", delimiter).replace("\r\n", newline).encode(code)
    assert read_grid(content) == [["CPLI", "Name"], ["48210", "Zoë Bell"]]


def test_quoted_cells_keep_commas_and_newlines() -> None:
    assert read_grid(b'a,b\n"1, ""High"" St\nSale",2\n\n') == [["a", "b"], ['1, "High" St\nSale', "2"]]


def test_a_workbook_is_read_with_its_own_row_numbers() -> None:
    grid = read_grid(a_workbook(("B3", "CPLI"), ("C3", "From"), ("B5", 48210), ("C5", date(2017, 10, 16)), ("D5", 1)))
    assert grid[2] == [None, "CPLI", "From", None]
    assert grid[4] == [None, 48210.0, datetime.fromisoformat("2017-10-16"), 1.0]


def test_hidden_sheets_are_passed_over() -> None:
    book = openpyxl.Workbook()
    hidden, seen = book.active, book.create_sheet("Seen")
    assert hidden is not None
    hidden["A1"], seen["A1"], hidden.sheet_state = "no", "yes", "hidden"
    assert read_grid(_saved(book)) == [["yes"]]


def test_some_rows_are_picked_by_sheet_and_number() -> None:
    rows = [f'<row r="{place}"><c r="A{place}"><v>{place}</v></c></row>' for place in range(1, 3_001)]
    content = workbook(raw_sheet("".join(rows)), raw_sheet("".join(rows)), names=["One", "Two"])
    picked = pick_rows(content, {"Two": {20, 2_999}})
    assert list(picked) == ["Two"]
    assert list(picked["Two"]) == [*range(1, 16), 20, 2_999]
    assert picked["Two"][2_999] == [2_999.0]
    assert pick_rows(b"a,b\n1,\n", {"": ()}) == {"": {1: ["a", "b"], 2: ["1", None]}}


def test_a_sheet_is_read_by_its_name() -> None:
    content = workbook(raw_sheet("<row><c><v>1</v></c></row>"), raw_sheet("<row><c><v>2</v></c></row>"))
    assert (read_grid(content), read_grid(content, "Sheet2")) == ([[1.0]], [[2.0]])


BOOK = {"xl__workbook_dot_xml": "<x/>"}
# A camera may write so much about a photograph in words that its beginning can be read as text.
TEXT_OF_A_CAMERA = b"http://ns.adobe.com/xap/1.0/ <x:xmpmeta>, " * 200


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b",,\n,\n", "empty"),
        (b"PK\x03\x04 not really", "damaged"),
        (a_workbook(("A1", "x"))[:-300], "damaged"),
        (a_zip(**BOOK), "damaged"),
        (a_zip(word__document_dot_xml="<x/>"), "Word document"),
        (a_zip(ppt__presentation_dot_xml="<x/>", **{"[Content_Types]_dot_xml": "<x/>"}), "This is a presentation"),
        (a_zip(mimetype="application/vnd.oasis.opendocument.presentation"), "This is a presentation"),
        (a_zip(mimetype="application/vnd.oasis.opendocument.text"), "a text document"),
        (a_zip(mimetype="application/vnd.oasis.opendocument.spreadsheet"), "OpenDocument file .* Save it as .xlsx"),
        (a_zip(Index__Document_dot_iwa="x"), "a Numbers spreadsheet"),
        (a_zip(unknown__part_dot_xml="x", **{"[Content_Types]_dot_xml": "<x/>"}), "not an Excel workbook. Save"),
        (a_zip(table_dot_csv="a,b"), "packed file, such as a .zip"),
        (a_zip(**BOOK, xl__vbaProject_dot_bin=b"x"), "macros"),
        (a_zip(**BOOK, xl__worksheets__sheet1_dot_xml=b"0" * 60_000_000), "too much memory"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "old Excel format"),
        (b"\xd0\xcf\x11\xe0" + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "password"),
        (b"\xd0\xcf\x11\xe0" + bytes(600) + "WordDocument".encode("utf-16-le"), "This is a Word document"),
        (b"\xd0\xcf\x11\xe0" + bytes(600) + "PowerPoint Document".encode("utf-16-le"), "This is a presentation"),
        (b"\xd0\xcf\x11\xe0" + bytes(600) + "__nameid_version1.0".encode("utf-16-le"), "This is an e-mail"),
        (b"From: Ann <ann@x.example>\r\nSubject: Actuals\r\nMIME-Version: 1.0\r\n\r\nHello", "This is an e-mail"),
        (b"Return-Path: <ann@x.example>\nMessage-ID: <1@x.example>\nFrom: Ann\n\nHello", "This is an e-mail"),
        (b"II*\0" + bytes(100), "a picture, not a table"),
        (b"{\\rtf1\\ansi hello}", "a text document"),
        (b"BM\x36\x10\0\0\0\0\0\0" + bytes(100), "a picture, not a table"),
        (b"\x1f\x8b\x08\0" + bytes(100), "a packed file. Unpack it first"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(100), "a packed file. Unpack it first"),
        (b"Rar!\x1a\x07\x01\0" + bytes(100), "a packed file. Unpack it first"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "a picture, not a table"),
        (b"\xff\xd8\xff\xe1" + TEXT_OF_A_CAMERA, "a photograph, not a table"),
        (b"\0\0\0\x24ftypheic" + bytes(100), "a photograph, not a table"),
        (b"RIFF\x10\0\0\0WEBPVP8 " + bytes(100), "a picture, not a table"),
        (b"%PDF-1.7\n", "a PDF document"),
        (bytes(range(256)) * 8, "neither"),
        (b'a,b\n"c,d\n', "quotation marks"),
        (a_workbook(("A1", "x"), ("XFD1048576", "y")), "too much memory"),
        (b"x" * (20 * 1024 * 1024 + 1), "larger than 20 MB"),
        (b"a\n" * 100_002, "more than 100,000 rows"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_broken_file_gets_its_own_sentence(content: bytes, words: str) -> None:
    with pytest.raises(BrokenFile, match=words):
        read_grid(content)


def test_only_rows_that_hold_something_count_and_rows_keep_their_numbers() -> None:
    heading, space = '<row r="1"><c r="A1" t="str"><v>x</v></c></row>', '<c r="A{0}" t="str"><v> </v></c>'
    last = f'<row r="150000">{space.format(150_000)}</row>'
    assert read_grid(workbook(raw_sheet(heading + last))) == [["x"]]
    filled = '<row r="149000"><c r="A149000"><v>2</v></c></row>'
    grid = read_grid(workbook(raw_sheet(heading + filled)))
    assert (len(grid), grid[-1]) == (149_000, [2.0])
    assert read_grid(b"x\n" + b"\n" * 150_000 + b" \n") == [["x"]]
    grid = read_grid(b"x\n" + b"\n" * 150_000 + b"y\n")
    assert (len(grid), grid[-1]) == (150_002, ["y"])


def test_a_reader_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet, "CHILD_SECONDS", 0.01)
    with pytest.raises(BrokenFile, match="too much memory or time"):
        read_grid(workbook(raw_sheet('<row><c t="str"><v>x</v></c></row>' * 90_000)))
