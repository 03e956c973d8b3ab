"""What can stand in a field that people type, and what is kept of it."""

import pytest

from rules.record_fields import FIELDS, read_field, same_key
from rules.refusal import NotUnderstood


def read(field: str, typed: str) -> str:
    table, _, column = field.partition(".")
    return read_field(table, column, typed)


@pytest.mark.parametrize(
    ("field", "typed", "kept"),
    [
        ("organisation.reference", "  ORG-0001\u200b ", "ORG-0001"),
        ("organisation.name", " Fenland\u00a0 Homecare\tLtd ", "Fenland Homecare Ltd"),
        ("organisation.postcode", "nr12dh", "NR1 2DH"),
        ("organisation.phone", "01603495702", "01603 495702"),
        ("organisation.email", " Office@Fenland.example ", "office@fenland.example"),
        ("organisation.email", "   ", ""),
        ("service.address", "1 High Street\r\nNorwich\n", "1 High Street\nNorwich"),
        ("service.name", "=Wensum", "=Wensum"),
        ("person.name", "Seán O’Brien-Łęcki", "Seán O’Brien-Łęcki"),
        ("contract_document.terms", "", ""),
    ],
)
def test_what_was_typed_is_kept_as_it_was_meant(field: str, typed: str, kept: str) -> None:
    assert read(field, typed) == kept
    assert read(field, kept) == kept


@pytest.mark.parametrize(
    ("field", "typed", "code"),
    [
        ("organisation.reference", "=1+1", "not-a-reference"),
        ("line_item.reference", "@48210", "not-a-reference"),
        ("person.reference", "-1", "not-a-reference"),
        ("person.reference", "P 000 777", "not-a-reference"),
        ("organisation.reference", " \u200b\t", "missing"),
        ("organisation.reference", "A" * 41, "too-long"),
        ("organisation.name", "x" * 3_000, "too-long"),
        ("organisation.name", "---", "missing"),
        ("organisation.email", "not-an-email", "not-an-address"),
        ("contact.email", "", "missing"),
        ("contact.phone", "ask for Mary", "not-a-telephone-number"),
        ("service.postcode", "Norwich", "not-a-postcode"),
        ("service.name", "Holt\u202e House", "unseen-character"),
    ],
)
def test_what_cannot_stand_in_a_field_is_refused(field: str, typed: str, code: str) -> None:
    with pytest.raises(NotUnderstood) as refused:
        read(field, typed)
    assert refused.value.problem.code == code


def test_references_are_the_same_whatever_their_case_and_blanks() -> None:
    assert same_key("ORG 0001 ") == same_key("org-0001").replace("-", "") == "org0001"


def test_no_field_takes_more_than_it_keeps() -> None:
    for table, fields in FIELDS.items():
        for column, rule in fields.items():
            with pytest.raises(NotUnderstood):
                read_field(table, column, "a" * (rule.most + 1))
