"""What is an e-mail address, and how it is kept."""

import pytest

from rules.email_address import NotAnEmailAddress, read_email
from rules.problem_codes import Code


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("manager@fenland-homecare.example", "manager@fenland-homecare.example"),
        ("  Manager@Fenland-Homecare.Example ", "manager@fenland-homecare.example"),
        ("mary.o'brien+care@provider.co.uk", "mary.o'brien+care@provider.co.uk"),
        ("josé@provider.co.uk", "josé@provider.co.uk"),
    ],
)
def test_an_address_is_kept_in_small_letters_without_blanks_around(typed: str, kept: str) -> None:
    assert read_email(typed) == kept


@pytest.mark.parametrize(
    "typed",
    ["", "manager", "manager@provider", "manager@@provider.co.uk", "a b@provider.co.uk", "a@provider.co.uk; b@x.co.uk",
     "Mary <mary@provider.co.uk>", "mary@provider..uk", "mary@provider.co.uk\nBcc: all@x.co.uk"],
)  # fmt: skip
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(NotAnEmailAddress) as refused:
        read_email(typed)
    assert refused.value.problem.code == Code.NOT_AN_ADDRESS
