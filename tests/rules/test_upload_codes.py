"""The catalogue of codes against the code: what is said is explained, and what is explained is said."""

import ast
import re
from collections.abc import Iterator

from rules.problem_codes import Code
from rules.upload_codes import CATALOGUE, SKIPPED, Acts, Meaning
from tests.support.source import modules

# Where what is said of a file of actuals comes from.
SAID_BY = (
    "workflows/uploads/", "files/actuals/", "files/reading/", "rules/actual.py", "rules/aborted_visit.py",
    "workflows/aborted_visits/check.py", "workflows/weeks/claimed_days.py",
)  # fmt: skip
# What these places refuse elsewhere: a step of an upload, a week that is confirmed on a page, a form.
NOT_OF_A_ROW = {
    Code.MISSING, Code.WRONG_STATE, Code.DONE_ALREADY, Code.CHANGED_MEANWHILE, Code.NOT_OVER, Code.TAKEN,
    Code.TOO_MANY, Code.ONE_OF_TWO,
}  # fmt: skip
# Words with a hyphen that are no codes.
NO_CODES = {"utf-8-sig", "utf-8", "utf-16", "utf-16-le", "utf-16-be", "en-gb", "sub-t"}


def trees() -> Iterator[ast.Module]:
    return (tree for path, tree in modules().items() if path.startswith(SAID_BY))


def named() -> set[Code]:
    """Every code that is named there."""
    return {
        Code[node.attr]
        for tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Code"
    }


def texts() -> set[str]:
    """Every text that stands there as it is."""
    return {
        node.value
        for tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def literals() -> set[str]:
    """Those of them that look like a code: several words joined by hyphens."""
    return {text for text in texts() if re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", text)} - NO_CODES


def said() -> set[Code]:
    """Every code that a row of a file, or the file, can have: named, or written out."""
    codes = {code.value: code for code in Code}
    return named() | {codes[text] for text in literals() if text in codes}


def test_a_code_that_is_written_out_is_one_of_the_list() -> None:
    assert literals() - {code.value for code in Code} == set()


def test_every_code_that_can_be_said_is_in_the_catalogue() -> None:
    assert said() - NOT_OF_A_ROW - CATALOGUE.keys() == set()


def test_every_code_of_the_catalogue_can_be_said() -> None:
    assert CATALOGUE.keys() - said() - {code for code in CATALOGUE if code.value in texts()} == set()


def test_an_entry_says_what_it_means_who_acts_and_how_it_is_mended() -> None:
    for entry in CATALOGUE.values():
        assert all(text.endswith((".", "50")) for text in (entry.means, entry.mend)), entry.code
        assert bool(entry.supplier) == (entry.acts is Acts.SUPPLIER) or entry.supplier, entry.code
        assert entry.acts is not Acts.NOBODY or entry.meaning is Meaning.SKIPPED


def test_rows_that_repeat_or_say_nothing_are_skipped() -> None:
    assert {Code.DUPLICATE_ROW, Code.NO_QUANTITY, Code.SENT_BEFORE} <= SKIPPED
    assert Code.OVER_LEVEL not in SKIPPED
