"""What can be a telephone number, and how it is kept."""

import pytest

from rules.problem_codes import Code
from rules.telephone import NotATelephoneNumber, read_telephone


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("01603495702", "01603 495702"),
        ("(01603) 495 702", "01603 495702"),
        ("+44 1603 495702", "01603 495702"),
        ("+44 (0)1603 495702", "01603 495702"),
        ("07700900123", "07700 900123"),
        ("01632 960123", "01632 960123"),
        ("020 7946 0123 ext 7", "020 7946 0123 x7"),
        ("+33 1 70 18 99 00", "+33 1 70 18 99 00"),
    ],
)
def test_however_a_number_is_typed_it_is_kept_in_one_way(typed: str, kept: str) -> None:
    assert read_telephone(typed) == kept
    assert read_telephone(kept) == kept


@pytest.mark.parametrize(
    "typed", ["", "ask Mary", "999", "0160", "01603 495702 or 07700 900123", "01603 495702, option 1"]
)
def test_what_cannot_be_a_number_is_refused(typed: str) -> None:
    with pytest.raises(NotATelephoneNumber) as refused:
        read_telephone(typed)
    assert refused.value.problem.code == Code.NOT_A_TELEPHONE_NUMBER
