"""What can be attached as a scan is known by its content, not by its name."""

import pytest

from rules.problem_codes import Code
from rules.scan import MEBIBYTE, kind_of, why_no_scan

ALLOWED = ("pdf", "png", "jpg", "docx")


@pytest.mark.parametrize(
    ("content", "kind"),
    [(b"%PDF-1.7 ...", "pdf"), (b"\x89PNG\r\n\x1a\n...", "png"), (b"\xff\xd8\xff\xe0", "jpg"), (b"PK\x03\x04", "")],
)
def test_the_content_says_its_kind(content: bytes, kind: str) -> None:
    assert kind_of(content) == kind


def test_a_scan_of_an_allowed_kind_and_size_is_kept() -> None:
    assert why_no_scan(b"%PDF-" + b"." * (MEBIBYTE - 5), ALLOWED, 1) is None


@pytest.mark.parametrize(
    ("content", "allowed", "code"),
    [
        (b"", ALLOWED, Code.MISSING),
        (b"%PDF-" + b"." * MEBIBYTE, ALLOWED, Code.TOO_LONG),
        (b"PK\x03\x04 a document", ALLOWED, Code.BROKEN_FILE),
        (b"%PDF-1.7", ("png",), Code.BROKEN_FILE),
    ],
)
def test_what_is_no_scan_is_refused(content: bytes, allowed: tuple[str, ...], code: Code) -> None:
    problem = why_no_scan(content, allowed, 1)
    assert problem
    assert (problem.code, problem.field) == (code, "file")
