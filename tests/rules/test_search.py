"""Words that were typed to find something."""

import pytest

from rules.search import is_found, plain


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("obrien", "Seán O’Brien"),
        ("O'Brien", "Sean O’Brien"),
        ("SEAN", "Seán O’Brien"),
        ("Seán", "Sean Brown"),
        ("o brien", "O'Brien"),
        ("brien sean", "Seán O’Brien"),
        ("macdonald", "Mac Donald"),
        ("mac donald", "MacDonald"),
        ("Łukasz", "lukasz"),
        ("strasse", "Straße"),
        ("48 210", "48210"),
        ("E. K.", "E. K."),
        ("", "anybody"),
        ("   ", "anybody"),
        ("%", "100% cotton"),
    ],
)
def test_a_name_is_found_whatever_its_case_accents_blanks_and_apostrophes(typed: str, name: str) -> None:
    assert is_found(typed, "something else", name)


@pytest.mark.parametrize(
    ("typed", "name"), [("%", "anybody"), ("_", "anybody"), ("48_10", "48210"), ("x y", "x"), ("E. K.", "K. E.")]
)
def test_signs_are_letters_and_each_word_has_to_be_found(typed: str, name: str) -> None:
    assert not is_found(typed, name)


def test_letters_and_digits_are_left_of_words() -> None:
    assert plain(" O’Brien-Smith, 2nd ") == "obriensmith2nd"
