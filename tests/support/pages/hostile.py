"""Hostile and broken files by name: what makes each, and words of the sentence with which it is refused."""

import io
import random
import struct
import warnings
import zipfile
from collections.abc import Callable

from tests.support.files.workbooks import DAILY, headed, letters, number, packed, raw_sheet, row, sheet, text, workbook

A_ROW = row(text("48210"), number(43024, 1), number(1.5))
GOOD = workbook(headed(DAILY, A_ROW))
DTD = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]>'
MEBIBYTE = 1024 * 1024


def far_apart() -> bytes:
    return workbook(
        raw_sheet('<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')
    )


def far_apart_within_the_rows() -> bytes:
    return workbook(
        raw_sheet('<row r="1"><c r="A1"><v>1</v></c></row><row r="99999"><c r="XFD99999"><v>1</v></c></row>')
    )


def a_million_rows() -> bytes:
    return workbook(
        raw_sheet("".join(f'<row r="{place}"><c r="A{place}"><v>1</v></c></row>' for place in range(1, 10**6 + 1)))
    )


def a_million_rows_written_sparsely() -> bytes:
    return workbook(
        raw_sheet('<row r="1"><c r="A1"><v>1</v></c></row><row r="1000000"><c r="A1000000"><v>1</v></c></row>')
    )


def a_long_string() -> bytes:
    return a_string(b"a" * MEBIBYTE)


def a_long_string_hard_to_pack() -> bytes:
    generator = random.Random(1)
    return a_string(b"".join(generator.randbytes(6).hex().encode() + b"a" * 2_000 for _ in range(MEBIBYTE // 2_012)))


def a_string(mebibyte: bytes) -> bytes:
    target = io.BytesIO(workbook("<x/>", more={"xl/worksheets/sheet2.xml": "<x/>"}))
    parts = zipfile.ZipFile(target)
    packed_again = io.BytesIO()
    with zipfile.ZipFile(packed_again, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name in parts.namelist()[:5]:
            archive.writestr(name, parts.read(name))
        with archive.open("xl/worksheets/sheet1.xml", "w") as part:
            before, after = raw_sheet('<row r="1"><c r="A1" t="str"><v>|</v></c></row>').split("|")
            part.write(before.encode())
            for _ in range(200):
                part.write(mebibyte)
            part.write(after.encode())
    return packed_again.getvalue()


def many_columns() -> bytes:
    return workbook(sheet(row(*(text(f"{letters(place)}") for place in range(16_384))), row(number(1))))


def many_parts() -> bytes:
    return workbook("<x/>", more={f"xl/media/image{place}.png": b"" for place in range(3_000)})


def a_very_long_directory() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for place in range(20_000):
            archive.writestr(f"{place}", b"")
    return target.getvalue()


def a_lying_directory() -> bytes:
    """The directory says that a sheet of 60 MB is 600 bytes long."""
    honest = workbook(raw_sheet("0" * 60_000_000))
    place = honest.rindex(b"PK\x01\x02", 0, honest.rindex(b"xl/worksheets/sheet1.xml"))
    size = struct.pack("<I", 600)
    return honest[: place + 24] + size + honest[place + 28 :]


def the_same_part_twice() -> bytes:
    target = io.BytesIO(GOOD)
    with zipfile.ZipFile(target, "a") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that the name is there already is the point
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return target.getvalue()


def a_locked_zip() -> bytes:
    place = GOOD.index(b"PK\x01\x02")
    flags = struct.pack("<H", 1)
    return GOOD[: place + 8] + flags + GOOD[place + 10 :]


def with_part(name: str, content: str | bytes) -> bytes:
    return workbook(headed(DAILY, A_ROW), more={name: content})


def opendocument() -> bytes:
    return packed({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<x/>"})


def prefixed_entities() -> bytes:
    return with_part("xl/sharedStrings.xml", f'<?xml version="1.0"?>{DTD}<sst>&c;</sst>')


CORPUS: dict[str, tuple[Callable[[], bytes], str]] = {
    "only cells A1 and XFD1048576": (far_apart, "too much memory"),
    "only cells A1 and XFD99999": (far_apart_within_the_rows, "too much memory"),
    "a million rows": (a_million_rows, "more than 100,000 rows"),
    "a million rows, two of them written": (a_million_rows_written_sparsely, "fit no layout"),
    "a string of 200 MB": (a_long_string, "too much memory|long texts"),
    "a string of 200 MB that is hard to pack": (a_long_string_hard_to_pack, "too much memory|long texts"),
    "16,384 columns": (many_columns, "more than 1,000 columns"),
    "3,000 parts": (many_parts, "too much memory"),
    "20,000 entries in the directory": (a_very_long_directory, "too much memory"),
    "a directory that lies": (a_lying_directory, "damaged"),
    "a part that is there twice": (the_same_part_twice, "damaged"),
    "entities in a sheet": (lambda: workbook(f"{DTD}<worksheet>&c;</worksheet>"), "no spreadsheet program writes"),
    "entities in the shared strings": (prefixed_entities, "no spreadsheet program writes"),
    "entities in the workbook": (lambda: with_part("xl/workbook.xml", f"{DTD}<workbook/>"), "no spreadsheet program"),
    "entities in relationships": (lambda: with_part("xl/_rels/workbook.xml.rels", f"{DTD}<x/>"), "no spreadsheet prog"),
    "entities in UTF-16": (lambda: with_part("xl/styles.xml", f"{DTD}<x/>".encode("utf-16")), "no spreadsheet prog"),
    "entities after a long comment": (lambda: workbook(f"<!--{'x' * 9_000}-->{DTD}<x/>"), "damaged"),
    "a zip cut off": (lambda: GOOD[:-200], "damaged"),
    "a zip with its middle missing": (lambda: GOOD[:300] + GOOD[500:], "damaged"),
    "no zip": (lambda: b"PK\x03\x04" + bytes(500), "damaged"),
    "a zip in the zip": (lambda: with_part("xl/embeddings/inside.bin", GOOD), "packed inside"),
    "a zip with a workbook": (lambda: packed({"actuals.xlsx": GOOD}), "not an Excel workbook"),
    "macros": (lambda: with_part("xl/vbaProject.bin", b"x"), "macros"),
    "links to other workbooks": (lambda: with_part("xl/externalLinks/externalLink1.xml", "<x/>"), "other workbooks"),
    "protected parts": (a_locked_zip, "password"),
    "protected by a password": (lambda: b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "password"),
    "xls called xlsx": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(5_000), "old Excel format"),
    "pdf called xlsx": (lambda: b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n", "PDF document"),
    "html called xlsx": (lambda: b"\n<!DOCTYPE html><html><table><tr><td>CPLI</td></tr></table></html>", "web page"),
    "xml called xlsx": (lambda: b'<?xml version="1.0"?><Workbook/>', "XML file"),
    "a picture called xlsx": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8, "a picture, not a table"),
    "a photograph called csv": (lambda: b"\xff\xd8\xff\xe1" + b"http://ns.adobe.com/xap/1.0/, " * 300, "a photograph"),
    "ods": (opendocument, r"OpenDocument file \(\.ods\)"),
    "ods called xlsx with a workbook in it": (lambda: packed({"mimetype": "x", "content.xml": "<x/>"}), "not an Excel"),
    "xlsb": (lambda: packed({"xl/workbook.bin": b"x"}), "binary Excel"),
    "a document": (lambda: packed({"word/document.xml": "<x/>"}), "a Word document"),
    "no sheet": (lambda: workbook(), "no layout|damaged"),
    "no cell": (lambda: workbook(sheet()), "no layout"),
    "an empty template": (lambda: workbook(headed(DAILY)), "no rows below the headings"),
    "another table": (lambda: workbook(headed(("Name", "Colour"), A_ROW)), "fit no layout"),
    "nothing": (lambda: b"", "empty"),
    "spaces": (lambda: b" \n" * 50, "empty"),
    "more than 20 MiB": (lambda: b"x" * (20 * MEBIBYTE + 1), "larger than 20 MB"),
    "20 MiB of one line": (lambda: b"x" * (20 * MEBIBYTE), "far too long"),
    "20 MiB of commas": (lambda: b"," * (20 * MEBIBYTE), "far too long"),
    "ten million rows of text": (lambda: b"\n" * (20 * MEBIBYTE - 1) + b"x", "more than 100,000 rows"),
    "one row over a million lines": (lambda: b'"\na",' * (3 * MEBIBYTE), "far too long"),
    "quotation marks that do not close": (lambda: b'CPLI,Service date\n"' + b"48210\n" * 90_000, "quotation marks"),
    "2,000 columns of text": (lambda: b"x," * 2_000, "more than 1,000 columns"),
    "half a letter in UTF-16": (lambda: "\ufeffCPLI,x\n".encode("utf-16-le") + b"\x00\xd8", "neither"),
}
