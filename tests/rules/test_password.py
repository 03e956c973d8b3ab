"""A password is long and not known to others, six digits cannot be guessed at sight, recovery codes can be read."""

import time
from pathlib import Path

import pytest

import rules
from rules.password import RECOVERY_ALPHABET, check_digits, check_password, recovery_codes, words_in
from rules.refusal import Problem

DENIED = frozenset({"password1234", "correcthorsebatterystaple"})


def check(new: str, again: str | None = None) -> list[Problem]:
    typed_again = new if again is None else again
    return check_password(new, typed_again, "given-by-council-1", "manager@fenland.example", DENIED, 12)


@pytest.mark.parametrize("new", ["correct-horse-portal", "aaaa bbbb cccc", "lowercaseonly", "ünïcödé wörds"])
def test_length_is_enough_and_no_mixture_is_asked_for(new: str) -> None:
    assert check(new) == []


@pytest.mark.parametrize(
    ("new", "word"),
    [
        ("", "Enter a new password"),
        ("elevenchars", "at least 12"),
        ("x" * 257, "at most 256"),
        ("given-by-council-1", "different"),
        ("Manager@Fenland.example", "e-mail"),
        ("the-manager-of-it", "e-mail"),
        ("Password1234", "used by many"),
    ],
)
def test_a_weak_password_is_refused_with_what_to_do(new: str, word: str) -> None:
    (problem,) = check(new)
    assert problem.field == "new_password"
    assert word in problem.message


def test_a_slip_in_the_second_field_is_shown_there() -> None:
    (problem,) = check("correct-horse-portal", "correct-horse-portl")
    assert problem.field == "new_password_again"


def test_a_short_name_before_the_at_sign_is_no_hindrance() -> None:
    assert check_password("a-new-beginning", "a-new-beginning", "", "new@wensum.example", frozenset(), 12) == []


@pytest.mark.parametrize("code", ["246810", "135791", "112233", "000001"])
def test_six_digits_of_ones_own_are_taken(code: str) -> None:
    assert check_digits(code, code) == []


@pytest.mark.parametrize("code", ["", "12345", "1234567", "12345a", "١٢٣٤٥٦", "000000", "123456", "654321", "789012"])
def test_digits_guessed_at_sight_are_refused(code: str) -> None:
    assert [problem.field for problem in check_digits(code, code)] == ["security_code"]


def test_digits_that_differ_are_shown_at_the_second_field() -> None:
    assert [problem.field for problem in check_digits("246810", "246811")] == ["security_code_again"]


def test_ten_different_recovery_codes_are_made_of_letters_nobody_mixes_up() -> None:
    codes = recovery_codes()
    assert len(set(codes)) == 10
    for code in codes:
        first, second = code.split("-")
        assert len(first) == len(second) == 4
        assert set(first + second) <= set(RECOVERY_ALPHABET)
    assert not set(RECOVERY_ALPHABET) & set("ILOSZB01258")


def test_a_random_source_that_repeats_itself_still_gives_ten_codes() -> None:
    letters = iter("A" * 16 + "".join(letter * 8 for letter in RECOVERY_ALPHABET))
    assert len(set(recovery_codes(lambda _: next(letters)))) == 10


GUESSED = frozenset(Path(rules.__file__).with_name("guessed_words.txt").read_text().split())
WORDS = GUESSED | words_in("Norfolk County Council Pat O'Sullivan")


@pytest.mark.parametrize(
    "new",
    [
        "administrator", "Summer2026!!", "5umm3r-2026!!", "Winter Winter 1", "NorfolkCouncil2026", "norfolk.portal.1",
        "Sullivan123456", "FenlandHomecare1!", "P@ssw0rd-2026", "Qwertyuiop12", "!!Welcome!2026", "july+august+26",
    ],
)  # fmt: skip
def test_words_that_strangers_try_first_are_no_password_with_a_year_behind_them(new: str) -> None:
    [problem] = check_password(new, new, "", "manager@fenland-homecare.example", DENIED, 12, WORDS)
    assert problem.field == "new_password"
    assert "strangers try first" in problem.message


@pytest.mark.parametrize(
    "new", ["correct-horse-portal", "violets in summer", "three small words", "given-by-council-1"]
)
def test_one_word_of_its_own_makes_a_password_good(new: str) -> None:
    assert check_password(new, new, "", "manager@fenland-homecare.example", DENIED, 12, WORDS) == []


def test_a_long_password_of_such_words_is_judged_at_once() -> None:
    new = "summerandmaytheportal" * 12 + "x"
    began = time.perf_counter()
    assert check_password(new, new, "", "manager@fenland.example", DENIED, 12, WORDS | words_in("aaa aaaa aaaaa")) == []
    new = "a" * 255 + "x"
    check_password(new, new, "", "manager@fenland.example", DENIED, 12, words_in("aaa aaaa aaaaa"))
    assert time.perf_counter() - began < 1
