"""A file is what its content says it is, and is kept under a name that does no harm."""

import pytest

from rules.attachment import ending_of, safe_name, why_not_attached
from rules.policy import SETTINGS
from tests.support.files.attachments import BAD, GOOD, HTML, PDF, SVG

KINDS = SETTINGS["attachment_kinds"].default


@pytest.mark.parametrize("name", GOOD)
def test_a_file_of_every_kind_of_the_policy_can_be_attached(name: str) -> None:
    assert why_not_attached(name, GOOD[name], KINDS, 10) is None


def test_there_is_a_good_file_of_every_kind() -> None:
    assert {ending_of(name) for name in GOOD} == set(KINDS)


@pytest.mark.parametrize(("name", "content", "said"), BAD, ids=[name for name, *_ in BAD])
def test_what_is_no_such_file_is_refused_with_the_reason_and_what_to_do(name: str, content: bytes, said: str) -> None:
    problem = why_not_attached(name, content, KINDS, 10)
    assert problem
    assert said in problem.wrong
    assert problem.remedy
    assert problem.field == "attachments"


def test_only_the_kinds_that_the_policy_names_are_taken() -> None:
    assert why_not_attached("letter.pdf", PDF, ("png",), 10)


def test_markup_in_a_text_file_is_text() -> None:
    assert why_not_attached("page.txt", HTML, KINDS, 10) is None
    assert why_not_attached("page.txt", SVG, KINDS, 10) is None


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("letter.pdf", "letter.pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("..\\..\\windows\\system.pdf", "system.pdf"),
        ("letter.exe.pdf", "letter_exe.pdf"),
        ("Zoë’s hours (2).pdf", "Zoë_s hours (2).pdf"),
        ("gpj.\u202egnp.pdf", "gpj_gnp.pdf"),
        ("a\x00b\r\nSet-Cookie: x.pdf", "a_b_Set-Cookie_x.pdf"),
        ("<script>.pdf", "script.pdf"),
        ("..pdf", "attachment.pdf"),
        (".pdf", "attachment.pdf"),
        ("x" * 300 + ".pdf", "x" * 80 + ".pdf"),
    ],
)
def test_a_name_is_made_safe(name: str, kept: str) -> None:
    assert safe_name(name, "pdf") == kept


def test_a_jpeg_is_a_jpg_and_capitals_do_not_matter() -> None:
    assert ending_of("PHOTO.JPEG") == "jpg"
    assert ending_of("no ending") == ""
