"""Rows of a file that contradict each other, or what is in the portal: each says which, and what to do."""

import pytest

from models import Organisation
from tests.support.worlds.world import World
from tests.workflows.imports.test_steps import a_csv, bring_in, fenland, lines, problem_of

__all__ = ["fenland"]

CONTACT = {
    "Organisation ref": "ORG-0001",
    "Name": "Mary Lane",
    "E-mail": "mary@provider.example",
    "Functions": "Actuals",
}
SECOND_LINE = {"CPLI": "48211", "Mon": "", "Tue": "2.00"}


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        (
            {"Tue": "2.00"},
            (
                "Tue",
                "Row 2 of the same line says something else.",
                "Make all rows of a line agree; only Rate and Rate from differ.",
            ),
        ),
        ({"Rate": "20.00"}, ("Rate from", "Row 2 has another rate from this day.", "Keep one of the two.")),
        (
            SECOND_LINE | {"Person ref": "P000778"},
            (
                "Person ref",
                "Row 2 of the same document says something else.",
                "A document is for one person and one organisation.",
            ),
        ),
        (
            SECOND_LINE | {"Status": "DRAFT"},
            ("Status", "Row 2 of the same document says something else.", "Make them agree."),
        ),
    ],
)
def test_rows_of_one_agreement_that_differ_are_refused(
    fenland: Organisation, second: dict[str, str], expected: tuple[str, str, str]
) -> None:
    problem = problem_of("contract-documents", lines({}, second))
    assert (problem["row"], problem["column"], problem["wrong"], problem["remedy"]) == (3, *expected)


def test_a_line_has_a_rate_from_its_first_day(fenland: Organisation) -> None:
    problem = problem_of("contract-documents", lines({"Rate from": "01/11/2017"}))
    assert (problem["column"], problem["wrong"]) == (
        "Rate from",
        "There is no rate from the line's start on 16 October 2017 to the day before.",
    )


def test_a_row_that_repeats_another_is_said(fenland: Organisation) -> None:
    assert bring_in("contract-documents", lines({}, {})).findings["warnings"] == ["Row 3 repeats row 2."]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"Person ref": "P000778"}, ("Person ref", "This document is for somebody else.", "Check ISO and Person ref.")),
        ({"ISO": "ISO-9002"}, ("CPLI", "This line is on another contract document.", "Check the reference.")),
        (
            {"Organisation ref": "ORG-0002", "Service": "Broadland Care branch"},
            ("ISO", "This document belongs to another organisation.", "Check the reference."),
        ),
    ],
)
def test_what_belongs_to_somebody_else_in_the_portal_is_refused(
    world: World, fenland: Organisation, change: dict[str, str], expected: tuple[str, str, str]
) -> None:
    world.organisation("Broadland Care")
    bring_in("contract-documents", lines({"Status": "DRAFT"}))
    problem = problem_of("contract-documents", lines({"Status": "DRAFT"} | change))
    assert (problem["column"], problem["wrong"], problem["remedy"]) == expected


def test_one_contact_of_an_organisation_stands_once(fenland: Organisation) -> None:
    problem = problem_of("contacts", a_csv(CONTACT, CONTACT | {"Functions": "Conversations"}))
    assert (problem["column"], problem["wrong"], problem["remedy"]) == (
        "E-mail",
        "Row 2 is about the same contact.",
        "Keep one of the rows.",
    )


def test_access_does_not_end_before_it_begins(fenland: Organisation) -> None:
    problem = problem_of("contacts", a_csv(CONTACT | {"From": "04/12/2017", "To": "01/12/2017"}))
    assert (problem["column"], problem["wrong"]) == ("To", "The access ends before it begins.")


def test_a_file_without_rows_says_so(fenland: Organisation) -> None:
    problem = problem_of("contacts", ",".join(CONTACT).encode() + b"\n")
    assert problem["wrong"] == "There are no rows below the headings."
