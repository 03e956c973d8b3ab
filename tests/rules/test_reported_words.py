"""Words that care systems use for outcomes and reasons."""

import pytest

from rules import aborted_visit, actual
from rules.reported_words import outcome_of, reason_of_aborted, reason_of_week, reason_within
from rules.visit import Outcome


@pytest.mark.parametrize(
    ("word", "outcome"),
    [("delivered", "DELIVERED"), ("Completed", "DELIVERED"), ("ATTENDED", "DELIVERED"), ("Cancelled", "CANCELLED"),
     ("canceled", "CANCELLED"), ("missed", "MISSED"), ("No carer", "MISSED"), ("no_carer", "MISSED"),
     ("Aborted", "ABORTED"), ("No reply", "ABORTED"), ("NO-REPLY", "ABORTED"), ("Refused entry", "ABORTED"),
     ("  Visit   completed ", "DELIVERED"), ("perhaps", None), ("", None)],
)  # fmt: skip
def test_an_outcome_is_known_in_any_case_by_its_usual_words(word: str, outcome: str | None) -> None:
    assert outcome_of(word) == outcome


@pytest.mark.parametrize(
    ("word", "reason"),
    [("No reply", "NO_REPLY"), ("refused entry", "REFUSED"), ("aborted", ""), ("no carer", "NO_CARER"), ("missed", ""),
     ("delivered", "")],
)  # fmt: skip
def test_the_word_of_an_outcome_may_say_why(word: str, reason: str) -> None:
    assert reason_within(word) == reason


@pytest.mark.parametrize(
    ("text", "week", "aborted"),
    [("missed", "MISSED", ""), ("We missed a visit", "MISSED", ""), ("no carer", "NO_CARER", ""),
     ("In hospital", "HOSPITAL", "HOSPITAL"), ("refused entry", "CANCELLED", "REFUSED"), ("No reply", "", "NO_REPLY"),
     ("Other", "OTHER", "OTHER"), ("bored", "", "")],
)  # fmt: skip
def test_a_reason_is_known_by_its_code_its_meaning_and_its_usual_words(text: str, week: str, aborted: str) -> None:
    assert (reason_of_week(text), reason_of_aborted(text)) == (week, aborted)


def test_every_code_and_meaning_is_known() -> None:
    for reasons, known in ((actual.REASONS, reason_of_week), (aborted_visit.REASONS, reason_of_aborted)):
        for code, meaning in reasons.items():
            assert known(code.lower()) == known(meaning) == code
    assert [outcome_of(outcome.lower()) for outcome in Outcome] == list(Outcome)
