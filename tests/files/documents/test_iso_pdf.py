"""The paper of a contract document: tagged, in the council's language, and with every value of its content."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from resource import getpagesize
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from files.documents.iso_paper import USUAL_TERMS, IsoPaper, paper_of
from files.documents.iso_pdf import iso_pdf
from rules.document_content import DocumentContent, PlanContent
from rules.plan import NO_DAYS
from rules.states import PlanKind
from tests.support.files.pdf import (
    calls_itself_accessible,
    open_pdf,
    root_of,
    structure,
    tags,
    text_of,
    title_of,
    without_blanks,
)
from tests.support.worlds.documents import content_of, line_of

STATUS = {"Status": "Accepted", "Accepted": "9 November 2026, 9:14am by Ada Bell"}
CONTENT = content_of(line_of(), line_of("48214", element="Sitting service"), terms="First.\n\nSecond.")
# What typst takes for markup, code or a smart quote, and letters beyond English.
words = st.text("ab#*_$\\`'\"[]<>@=-~/ ŵłé", min_size=1, max_size=60).map(str.strip).filter(bool)


def read(content: DocumentContent = CONTENT, status: dict[str, str] = STATUS) -> PdfReader:
    return open_pdf(iso_pdf(paper_of(content, status)))


def words_of(paper: IsoPaper) -> Iterator[str]:
    """Yield every text of a paper."""
    yield paper.title
    yield from (part for fact in paper.facts for part in fact)
    for line in paper.lines:
        yield from (line.title, *(part for fact in line.facts for part in fact))
        yield from (*line.headings, *(cell for row in line.rows for cell in row))
    yield from paper.terms


def test_a_paper_says_its_title_and_its_language() -> None:
    root = root_of(read())
    assert root["/Lang"] == "en-GB"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"] == True  # noqa: E712 – a PDF's own boolean
    assert title_of(read()) == "Contract document ISO-20501, version 1"


def test_a_paper_calls_itself_accessible_and_is_tagged() -> None:
    paper = read()
    assert calls_itself_accessible(paper)
    counted = Counter(each["/S"] for each in tags(structure(paper)))
    assert (counted["/H1"], counted["/H2"], counted["/H3"], counted["/Table"]) == (1, 2, 2, 2)


def test_each_column_of_a_plan_has_a_heading_that_a_screen_reader_knows() -> None:
    headings = [each for each in tags(structure(read())) if each["/S"] == "/TH"]
    assert len(headings) == 2 * 9
    assert {each["/A"][0]["/Scope"] for each in headings} == {"/Column"}


def test_a_paper_is_set_in_the_font_of_the_portal() -> None:
    resources: list[Any] = [page["/Resources"] for page in read().pages]
    fonts = {font.get_object()["/BaseFont"] for each in resources for font in each["/Font"].values()}
    assert {font.split("+")[1] for font in fonts} == {
        "AtkinsonHyperlegibleNext-Regular",
        "AtkinsonHyperlegibleNext-Bold",
    }


def test_every_value_of_the_content_stands_on_the_paper() -> None:
    text = text_of(read())
    for value in words_of(paper_of(CONTENT, STATUS)):
        assert without_blanks(value) in text


@settings(max_examples=30, deadline=None)  # a busy machine lays out slowly
@given(words, words, words)
def test_nothing_that_somebody_wrote_is_read_as_markup(element: str, terms: str, who: str) -> None:
    content = content_of(line_of(element=element), terms=terms, organisation=who)
    text = text_of(read(content, {"Accepted": who}))
    for value in (element, terms, who):
        assert without_blanks(value) in text


def test_a_weekly_plan_has_a_column_of_its_own() -> None:
    plans = (PlanContent(date(2026, 4, 6), NO_DAYS, Decimal("12.5")),)
    text = text_of(read(content_of(line_of(plan_kind=PlanKind.WEEKLY, plans=plans))))
    assert "FromHoursaweek6April202612.50" in text


def test_a_document_without_terms_says_which_apply() -> None:
    assert without_blanks(USUAL_TERMS) in text_of(read(replace(CONTENT, terms="")))


@pytest.mark.parametrize("odd", ["中文", "🙂", "\x01"])
def test_a_character_that_no_font_has_still_makes_a_tagged_paper(odd: str) -> None:
    paper = read(replace(CONTENT, terms=f"Before {odd} after."))
    assert "Before" in text_of(paper)
    assert any(each["/S"] == "/TH" for each in tags(structure(paper)))


def test_papers_asked_for_at_once_are_each_their_own() -> None:
    contents = [replace(CONTENT, reference=f"ISO-{number}") for number in range(8)]
    with ThreadPoolExecutor(4) as pool:
        papers = list(pool.map(read, contents))
    assert [title_of(paper) for paper in papers] == [
        f"Contract document ISO-{number}, version 1" for number in range(8)
    ]


def test_long_papers_are_forgotten_once_they_are_made() -> None:
    def grown() -> float:
        return int(Path("/proc/self/statm").read_text().split()[1]) * getpagesize() / 1_000_000

    def make(number: int) -> None:
        lines = [line_of(f"{number}{line:03}") for line in range(150)]
        iso_pdf(paper_of(content_of(*lines), {}))

    for number in range(2):
        make(number)
    before = grown()
    for number in range(2, 12):
        make(number)
    assert grown() - before < 100
