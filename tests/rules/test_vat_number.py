"""What a VAT number is."""

import pytest

from rules.vat_number import NotAVatNumber, read_vat_number


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("GB123456782", "GB 123 4567 82"),
        ("123 4567 82", "GB 123 4567 82"),
        ("gb 123456782001", "GB 123 4567 82 001"),
        ("123456727", "GB 123 4567 27"),  # as they are given out since 2010
    ],
)
def test_however_it_is_typed_it_is_kept_in_one_way(typed: str, kept: str) -> None:
    assert read_vat_number(typed) == kept


@pytest.mark.parametrize("typed", ["", "12345678", "123456783", "FR12345678901", "GBABCDEFGHI"])
def test_what_is_none_is_refused(typed: str) -> None:
    with pytest.raises(NotAVatNumber):
        read_vat_number(typed)
