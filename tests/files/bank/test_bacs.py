"""A Bacs file read back by a reader of its own: lengths, positions, names, the contra and the totals."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from files.bank.bacs import MOST_PENCE, TRIAL, Payment, Submission, bacs_lines, bacs_name, bacs_text, credits_in
from rules.bank_account import BankDetails
from rules.payment_run import ControlTotals
from tests.support.second.bacs_reader import BacsFile, NotBacs, read_bacs

COUNCIL = BankDetails("Norfolk County Council", "200000", "55779911")
SUBMISSION = Submission(COUNCIL, "123456", 34, date(2017, 11, 30), date(2017, 12, 1))
BROADLAND = Payment(BankDetails("Broadland Care CIC", "089999", "66374958"), 866_438, "NCC R000031")

digits = st.text("0123456789", min_size=8, max_size=8)
payments = st.builds(
    Payment,
    st.builds(lambda name, code, account: BankDetails(name, code[:6], account), st.text(max_size=40), digits, digits),
    st.integers(1, 1_000_000_000),
    st.text(max_size=30),
)


def read(*paid: Payment) -> BacsFile:
    return read_bacs(bacs_text(bacs_lines(SUBMISSION, paid)))


def test_a_payment_stands_where_the_layout_says() -> None:
    line = bacs_lines(SUBMISSION, [BROADLAND])[4]
    assert line == (
        "08999966374958099" + "20000055779911" + "    00000866438" + "NORFOLK COUNTY COU" + "NCC R000031       "
        "BROADLAND CARE CIC"
    )


def test_the_file_says_who_pays_and_when_it_is_processed() -> None:
    found = read(BROADLAND)
    assert (found.user_number, found.processed_on) == ("123456", "2017-12-01")
    assert (found.contra.sort_code, found.contra.account) == ("200000", "55779911")


@given(st.lists(payments, min_size=1, max_size=20))
def test_any_names_and_amounts_make_a_file_that_balances(paid: list[Payment]) -> None:
    found = read(*paid)
    assert [item.pence for item in found.credits] == [payment.pence for payment in paid]
    assert [item.account for item in found.credits] == [payment.to.account_number for payment in paid]
    assert credits_in(bacs_lines(SUBMISSION, paid)) == ControlTotals(len(paid), sum(each.pence for each in paid))


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("José’s Café Ltd", "JOSES CAFE LTD"),
        ("Straße & Söhne", "STRASSE & SOHNE"),
        ("Łódź Ægir Þór", "LODZ AEGIR THOR"),
        ("St. Mary's (Cromer)", "ST. MARYS CROMER"),
        ("Homes 24/7 – East", "HOMES 24/7 - EAST"),
        ("A very long name of a home", "A VERY LONG NAME O"),
        ("Eighteen letters, a blank", "EIGHTEEN LETTERS A"),
        ("½ fl", "1 2 FL"),
    ],
)
def test_a_name_is_written_in_the_characters_of_bacs(typed: str, name: str) -> None:
    assert bacs_name(typed) == name


@pytest.mark.parametrize("nothing", ["", "   ", "中文", "***", "-./&"])
def test_a_name_of_which_nothing_can_be_kept_is_another_and_never_empty(nothing: str) -> None:
    assert bacs_name(nothing, "ORG-0001") == "ORG-0001"
    assert bacs_name(nothing) == "PAYEE"
    unnamed = replace(BROADLAND, to=replace(BROADLAND.to, name=nothing))
    assert read(unnamed).credits[0].name == "NCC R000031"


@pytest.mark.parametrize("pence", [[], [0], [-1], [100, 0], [MOST_PENCE, 1]])
def test_what_pays_nothing_or_more_than_a_record_holds_is_no_file(pence: list[int]) -> None:
    with pytest.raises(ValueError, match="pays something"):
        bacs_lines(SUBMISSION, [replace(BROADLAND, pence=each) for each in pence])


def test_a_trial_is_read_by_no_bank() -> None:
    lines = bacs_lines(replace(SUBMISSION, trial=True), [BROADLAND])
    assert lines[0] == TRIAL
    with pytest.raises(NotBacs):
        read_bacs(bacs_text(lines))
    assert read_bacs(bacs_text(lines[1:])).contra.pence == BROADLAND.pence


def test_nothing_that_prints_a_payment_prints_an_account() -> None:
    assert "66374958" not in repr(BROADLAND)
    assert "55779911" not in repr(SUBMISSION)


@pytest.mark.parametrize(("position", "written"), [(40, "9"), (16, "1"), (15, "1"), (33, "X"), (83, "é")])
def test_the_reader_refuses_a_file_of_which_one_character_is_changed(position: int, written: str) -> None:
    lines = bacs_lines(SUBMISSION, [BROADLAND])
    lines[4] = lines[4][: position - 1] + written + lines[4][position:]
    with pytest.raises(NotBacs):
        read_bacs(bacs_text(lines))
