"""Whether a sort code and an account number can belong together, by the examples of VocaLink's own description."""

from dataclasses import replace

import pytest

from rules.bank_account import (
    BankDetails,
    DigitCheck,
    NotAnAccountNumber,
    NotASortCode,
    NotWeights,
    check,
    read_account_number,
    read_sort_code,
    read_weights,
)

# Accounts are those of the published examples; the weights are such that each example comes out as it is published.
TABLE = read_weights("""
089000 089999 MOD10    0    0    0    0    0    0    7    1    3    7    1    3    7    1
107000 107999 MOD11    0    0    0    0    0    0    8    7    6    5    4    3    2    1
202900 203099 MOD11    0    0    0    0    0    0    0    7    6    5    4    3    2    1   6
202900 203099 DBLAL    2    1    2    1    2    1    2    1    2    1    2    1    2    1   6
200900 200999 MOD11    0    0    0    0    0    0    0    7    6    5    4    3    2    1   6
200900 200999 DBLAL    2    1    2    1    2    1    2    1    2    1    2    1    2    1   6
118765 118765 DBLAL    0    0    0    0    0    0    2    1    2    1    2    1    2    1   1
820000 827999 MOD11    0    0    0    0    0    0    0    0    7    3    4    9    2    1
820000 827999 DBLAL    2    1    2    1    2    1    2    1    2    1    2    1    2    1   3
134012 134020 MOD11    0    0    0    7    5    9    8    4    6    3    5    2    0    0   4
086090 086090 MOD11    0    0    0    0    0    0    8    7    6    5    4    3    2    1   8
309070 309070 MOD11    0    0    0    0    0    0    8    7    6    5    4    3    2    1   2
309070 309070 MOD11    0    0    3    2    9    8    1    7    6    5    4    3    2    1   9
180002 180002 MOD11    0    0    0    0    0    0    8    7    6    5    4    3    2    1  14
938000 938696 MOD11    7    6    5    4    3    2    7    6    5    4    3    2    0    0   5
""")


@pytest.mark.parametrize(
    ("sort_code", "account", "found"),
    [
        ("089999", "66374958", DigitCheck.PASSED),
        ("089999", "66374959", DigitCheck.FAILED),
        ("107999", "88837491", DigitCheck.PASSED),
        ("107999", "88837493", DigitCheck.FAILED),
        ("202959", "63748472", DigitCheck.PASSED),
        ("203099", "66831036", DigitCheck.FAILED),  # eleven passes, double alternate does not
        ("203099", "58716970", DigitCheck.FAILED),  # the other way round
        ("118765", "64371381", DigitCheck.PASSED),  # own example: 33 and 27 are 60
        ("118765", "64371388", DigitCheck.FAILED),
        ("820000", "73688637", DigitCheck.PASSED),
        ("827999", "73988638", DigitCheck.PASSED),
        ("827101", "28748352", DigitCheck.PASSED),
        ("134020", "63849203", DigitCheck.PASSED),
        ("180002", "00000190", DigitCheck.PASSED),
    ],
)
def test_the_published_examples_come_out_as_published(sort_code: str, account: str, found: DigitCheck) -> None:
    assert check(sort_code, account, TABLE) is found


def test_a_second_check_is_left_out_for_accounts_that_exception_3_names() -> None:
    lines = [line for line in TABLE if line.first == "820000"]
    eleven, double = ([line] for line in lines)
    assert check("820000", "73688637", eleven) is DigitCheck.PASSED
    assert check("820000", "73688637", [*eleven, *double]) is DigitCheck.PASSED
    # Of another account both count.
    assert check("827101", "28748352", eleven) is DigitCheck.PASSED
    assert check("827101", "28748352", lines) is DigitCheck.PASSED
    assert check("827101", "28748352", [*eleven, replace(double[0], weights=(1,) * 14)]) is DigitCheck.FAILED


@pytest.mark.parametrize(
    ("sort_code", "account", "why"),
    [
        ("010101", "12345678", "the table does not know the sort code"),
        ("200915", "41011166", "an account in a foreign currency (exception 6)"),
        ("938611", "07806039", "its exception takes a second table (exception 5)"),
    ],
)
def test_what_nobody_can_check_is_said_to_be_unchecked(sort_code: str, account: str, why: str) -> None:
    assert check(sort_code, account, TABLE) is DigitCheck.UNCHECKED, why


def test_one_mistyped_digit_is_found() -> None:
    good = "66374958"
    for place in range(8):
        wrong = good[:place] + str((int(good[place]) + 1) % 10) + good[place + 1 :]
        assert check("089999", wrong, TABLE) is DigitCheck.FAILED, wrong


@pytest.mark.parametrize(("typed", "kept"), [("20-00-00", "200000"), (" 20 00 00 ", "200000"), ("200000", "200000")])
def test_a_sort_code_may_be_typed_with_dashes(typed: str, kept: str) -> None:
    assert read_sort_code(typed) == kept


@pytest.mark.parametrize(
    ("typed", "kept"), [("12345678", "12345678"), ("1234 5678", "12345678"), ("123456", "00123456")]
)
def test_a_short_account_number_gets_noughts_before_it(typed: str, kept: str) -> None:
    assert read_account_number(typed) == kept


@pytest.mark.parametrize("typed", ["", "20-00-0", "20-00-000", "ab-cd-ef", "２００００0"])
def test_what_is_no_sort_code_is_refused(typed: str) -> None:
    with pytest.raises(NotASortCode):
        read_sort_code(typed)


@pytest.mark.parametrize("typed", ["", "12345", "123456789", "GB29NWBK60161331926819"])
def test_what_is_no_account_number_is_refused(typed: str) -> None:
    with pytest.raises(NotAnAccountNumber):
        read_account_number(typed)


@pytest.mark.parametrize(
    "text",
    ["", "089000 089999 MOD12 0 0 0 0 0 0 7 1 3 7 1 3 7 1", "089000 089999 MOD10 0 0", "a b c",
     "089000 089999 MOD10 0 0 0 0 0 0 7 1 3 7 1 3 7 x"],
)  # fmt: skip
def test_what_is_no_table_of_weights_is_refused(text: str) -> None:
    with pytest.raises(NotWeights):
        read_weights(text)


def test_an_account_is_never_printed_in_full() -> None:
    assert "12345678" not in repr(BankDetails("Fenland Homecare Ltd", "200000", "12345678"))
