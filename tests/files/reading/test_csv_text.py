"""The encoding of separated text is found: Unicode first, then what offices write, Windows-1252 where in doubt."""

from random import Random
from time import process_time

import pytest

from files.reading.csv_text import BrokenFile, read_csv
from files.reading.sheet import MOST_BYTES

HEADINGS = ["CPLI", "Service date", "Delivered units", "Reason", "Comment"]
NOTES = (
    "Paid £12.50 for José at the café",
    "Siobhán said it’s too late – “no”",
    "Zoë’s daughter opened",
    "Renée Müller: temperature 38.5°, see André",
)


def text(*comments: str) -> str:
    rows = [[f"482{number:02}", "16/10/2017", "1.5", "EXTRA", comment] for number, comment in enumerate(comments)]
    return "".join(f"{','.join(row)}\r\n" for row in [HEADINGS, *rows])


def comments(content: bytes) -> list[str]:
    rows = [row for batch in read_csv(content) for row in batch]
    assert rows[0] == HEADINGS
    return [row[4] for row in rows[1:]]


@pytest.mark.parametrize(
    "comment", ["cost £5", "José said no", "£5 for José", "it’s late", "Seán", "½ hour", "38.5°", "€5"]
)
def test_one_sign_in_windows_1252_is_enough(comment: str) -> None:
    assert comments(text("", comment, "").encode("cp1252")) == ["", comment, ""]


@pytest.mark.parametrize("comment", ["cost £5", "José said no", "£5 for José", "cost €5", "Siobhán got €5"])
def test_iso_8859_15_is_read_with_its_euro(comment: str) -> None:
    assert comments(text(comment).encode("iso8859_15")) == [comment]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "mac_roman"])
def test_a_page_of_comments_is_read_in_every_encoding(encoding: str) -> None:
    notes = [NOTES[number % 4].replace(",", ";") for number in range(40)]
    assert comments(text(*notes).encode(encoding)) == notes


def test_a_sign_is_found_behind_any_number_of_plain_rows() -> None:
    assert comments(text(*["plain"] * 50_000, "José").encode("cp1252"))[-1] == "José"


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (Random(1).randbytes(5_000), r"neither a \.csv file nor an \.xlsx workbook"),
        (b"\x89PNG\r\n\x1a\n" + Random(2).randbytes(5_000), "a picture, not a table"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF" + Random(3).randbytes(5_000), "a photograph, not a table"),
    ],
    ids=["noise", "PNG", "JPEG"],
)
def test_what_is_no_text_is_refused_with_a_sentence(content: bytes, what: str) -> None:
    with pytest.raises(BrokenFile, match=rf"{what}\. Save the table as \.csv"):
        list(read_csv(content))


@pytest.mark.parametrize(
    "row",
    [text("José").encode("cp1252"), b"\xe9" * 60 + b"\n", b"48210,16/10/2017,1.5,,plain\n"],
    ids=["mixed", "signs", "plain"],
)
def test_finding_the_encoding_of_the_largest_file_takes_no_second(row: bytes) -> None:
    content = (row * (MOST_BYTES // len(row) + 1))[: MOST_BYTES - 1] + b"\xe9"
    began = process_time()
    next(read_csv(content))
    assert process_time() - began < 1
