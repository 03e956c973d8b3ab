"""What a provider has to say of a missing care package, and what brokerage reads."""

from dataclasses import replace
from datetime import date

from rules.missing_package import LONGEST, MissingEntry, check_entry, words_of

TODAY = date(2017, 11, 20)
ENTRY = MissingEntry(
    person_reference="P105118", person_name="", born_on=None, service="Aylsham", element="Personal care",
    start=date(2017, 11, 9), plan="7 hours a week", agreed_with="Discharge team", agreed_on=date(2017, 11, 6),
    paper_reference="PAP-0412", comment="",
)  # fmt: skip
EMPTY = MissingEntry("", "", None, "", "", None, "", "", None, "", "")


def fields(**changed: object) -> list[str]:
    return [problem.field for problem in check_entry(replace(ENTRY, **changed), TODAY)]  # type: ignore[arg-type]


def test_everything_that_is_missing_is_named_at_once() -> None:
    found = [problem.field for problem in check_entry(EMPTY, TODAY)]
    assert found == ["person_reference", "service", "start", "plan", "agreed_with", "agreed_on"]


def test_a_person_is_known_by_the_reference_or_by_name_and_date_of_birth() -> None:
    born = date(1940, 5, 3)
    assert fields() == []
    assert fields(person_reference="", person_name="Ada Bell", born_on=born) == []
    assert fields(person_reference="", person_name="Ada Bell") == ["born_on"]
    assert fields(person_reference="", born_on=born) == ["person_name"]


def test_element_paper_and_comment_may_be_left_out() -> None:
    assert fields(element="", paper_reference="", comment="") == []


def test_an_agreement_is_not_still_to_come_but_care_may_be() -> None:
    assert fields(agreed_on=date(2017, 11, 21)) == ["agreed_on"]
    assert fields(start=date(2017, 12, 1)) == []


def test_what_is_too_long_or_cannot_be_seen_is_refused_at_its_field() -> None:
    assert fields(plan="x" * (LONGEST + 1)) == ["plan"]
    assert fields(comment="a\x00b") == ["comment"]


def test_brokerage_reads_everything_that_was_said() -> None:
    words = words_of(replace(ENTRY, person_name="Ada Bell", born_on=date(1940, 5, 3), comment="Please hurry."))
    assert words.splitlines() == [
        "We give this care and do not find it in the portal.",
        "",
        "Person: reference P105118, Ada Bell, born 3 May 1940",
        "Service: Aylsham",
        "Element of care: Personal care",
        "First day: 9 November 2017",
        "Agreed care: 7 hours a week",
        "Agreed with: Discharge team",
        "Agreed on: 6 November 2017",
        "Reference on paper: PAP-0412",
        "",
        "Please hurry.",
    ]
