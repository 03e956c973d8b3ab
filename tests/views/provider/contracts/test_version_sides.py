"""Two versions of a contract document row by row."""

from dataclasses import replace
from datetime import date

from files.documents.iso_paper import paper_of
from rules.document_content import DocumentContent, PlanContent
from tests.support.worlds.documents import content_of, line_of, seven_days
from views.provider.contracts.version_sides import Section, side_by_side

NOVEMBER = date(2026, 11, 9)


def sides(old: DocumentContent, new: DocumentContent) -> list[Section]:
    return side_by_side(paper_of(old, {}), paper_of(new, {}))


def test_versions_that_say_the_same_differ_in_no_row() -> None:
    old = content_of(line_of())
    assert [section.changes for section in sides(old, replace(old, version=2, published_on=NOVEMBER))] == [0, 0]


def test_a_new_plan_is_a_row_of_its_own() -> None:
    plans = (*line_of().plans, PlanContent(NOVEMBER, seven_days("1"), line_of().plans[0].weekly))
    document, line = sides(content_of(line_of()), content_of(line_of(plans=plans)))
    assert (document.changes, line.change) == (0, "1 difference")
    assert [(row.name, row.old, row.change) for row in line.rows if row.change] == [
        ("Plan from 9 November 2026", "", "New")
    ]


def test_a_line_that_came_or_went_is_shown_with_all_it_says() -> None:
    came = sides(content_of(line_of()), content_of(line_of(), line_of("48214")))[-1]
    gone = sides(content_of(line_of(), line_of("48214")), content_of(line_of()))[-1]
    assert came.title == gone.title == "Line 48214: Personal care"
    assert (came.change, gone.change) == ("new", "no longer in the document")
    assert {row.change for row in came.rows} == {"New"}
    assert {row.change for row in gone.rows} == {"No longer"}


def test_terms_are_compared_as_a_whole() -> None:
    document = sides(content_of(terms="First."), content_of(terms="Second."))[0]
    assert [(row.name, row.old, row.new, row.change) for row in document.rows if row.change] == [
        ("Terms", "First.", "Second.", "Changed")
    ]
