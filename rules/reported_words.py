"""Words that care systems use for what became of a visit, and for why: the one table of them.

A word is known in any case, whatever marks and spaces stand between its letters.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from rules import aborted_visit, actual
from rules.visit import Outcome

_OUTCOMES: Mapping[Outcome, str] = {
    Outcome.DELIVERED: (
        "delivered, completed, complete, attended, done, visited, provided, fulfilled, visit completed, call completed,"
        " visit delivered, call attended"
    ),
    Outcome.CANCELLED: (
        "cancelled, canceled, cancelled by client, cancelled by person, cancelled by family, cancelled by customer,"
        " cancelled by service user, visit cancelled, call cancelled"
    ),
    Outcome.MISSED: (
        "missed, missed visit, missed call, visit missed, call missed, not attended, not delivered, not completed,"
        " no carer, no carer available, no staff"
    ),
    Outcome.ABORTED: (
        "aborted, aborted visit, visit aborted, abandoned, no reply, no answer, no response, no access, not at home,"
        " not in, nobody in, client out, refused, refused entry, refused care, entry refused, care refused,"
        " refused visit"
    ),
}
# Why a week differs from its plan: code of rules/actual.py -> words for it beside the code and its meaning.
_WEEKS: Mapping[str, str] = {
    "LONGER": "longer visit, overran, visit overran, ran over, took longer",
    "SHORTER": "shorter visit, cut short, left early, short visit",
    "EXTRA": "extra visit, additional visit, extra call, additional call, extra care",
    "AGREED": "agreed change, agreed with council, agreed with the council",
    "CANCELLED": (
        "canceled, cancelled by client, cancelled by person, cancelled by family, cancelled by customer,"
        " cancelled by service user, refused, refused care, refused entry"
    ),
    "HOSPITAL": "in hospital, hospitalised, hospital admission, admitted to hospital",
    "AWAY": "on holiday, holiday, away from home, respite",
    "MISSED": "missed visit, missed call, visit missed",
    "NO_CARER": "no carer available, no staff, staff shortage, carer sick, carer off sick",
    "STARTED": "care started, care restarted, start of care, new package",
    "ENDED": "care ended, end of care, package ended",
    "DECEASED": "died, death, passed away, rip",
    "OTHER": "other reason, see comment",
}
_ABORTED: Mapping[str, str] = {
    "NO_REPLY": "no answer, no response, no access, not at home, not in, nobody in, client out, no reply at door",
    "REFUSED": "refused entry, refused care, entry refused, care refused, refused visit",
    "HOSPITAL": "in hospital, hospitalised, hospital admission, admitted to hospital",
    "AWAY": "on holiday, holiday, away from home, respite",
    "DECEASED": "died, death, passed away, rip",
    "OTHER": "other reason, see comment",
}


def _bare(text: str) -> str:
    return re.sub("[^a-z0-9]+", " ", text.casefold()).strip()


def _by_word(words: Mapping[str, str], meanings: Mapping[str, str]) -> dict[str, str]:
    known = {_bare(word): code for code, listed in words.items() for word in listed.split(",")}
    named = {_bare(name): code for code, meaning in meanings.items() for name in (code, meaning)}
    return known | named


_OUTCOME_OF: Final = {_bare(word): outcome for outcome, words in _OUTCOMES.items() for word in words.split(",")}
_REASON_OF_WEEK: Final = _by_word(_WEEKS, actual.REASONS)
_REASON_OF_ABORTED: Final = _by_word(_ABORTED, aborted_visit.REASONS)


@lru_cache(maxsize=1024)
def outcome_of(text: str) -> Outcome | None:
    """Return the outcome that a word stands for, None where it is none of the usual ones."""
    return _OUTCOME_OF.get(_bare(text))


@lru_cache(maxsize=1024)
def reason_within(text: str) -> str:
    """Return the reason that the word of an outcome gives with it, empty where it gives none.

    "No reply" and "refused entry" say why a visit was aborted, "no carer" why it was missed.
    """
    word, outcome = _bare(text), outcome_of(text)
    if outcome is Outcome.ABORTED:
        return _REASON_OF_ABORTED.get(word, "")
    return "NO_CARER" if outcome is Outcome.MISSED and _REASON_OF_WEEK.get(word) == "NO_CARER" else ""


@lru_cache(maxsize=1024)
def reason_of_week(text: str) -> str:
    """Return the code of why a week differs from its plan, by code, meaning or usual word; empty where it is none."""
    return _REASON_OF_WEEK.get(_bare(text), "")


@lru_cache(maxsize=1024)
def reason_of_aborted(text: str) -> str:
    """Return the code of why a visit was aborted, by code, meaning or usual word; empty where it is none."""
    return _REASON_OF_ABORTED.get(_bare(text), "")
