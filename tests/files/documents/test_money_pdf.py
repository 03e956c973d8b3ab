"""The PDF of a remittance: tagged, titled, and with every figure of its lines as its page has it."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from files.documents.money_pdf import money_pdf
from files.payments.money_sheet import in_text
from files.payments.remittance_file import remittance_sheet
from rules.remittance import Remitted
from rules.states import LineKind
from tests.support.files.pdf import (
    calls_itself_accessible,
    open_pdf,
    structure,
    tags,
    text_of,
    title_of,
    without_blanks,
)
from tests.support.worlds.remitted import LINES, line, no_product, remittance

words = st.text("ab#*_$\\`'\"[]<>@=-~/ ŵłé", min_size=1, max_size=60).map(str.strip).filter(bool)


def read(lines: list[Remitted] = LINES) -> PdfReader:
    return open_pdf(money_pdf(remittance_sheet(remittance(lines), lines), "Norfolk County Council"))


def test_it_is_titled_tagged_and_calls_itself_accessible() -> None:
    paper = read()
    assert title_of(paper) == "Remittance R-000031"
    assert calls_itself_accessible(paper)
    counted = Counter(each["/S"] for each in tags(structure(paper)))
    assert (counted["/H1"], counted["/H2"], counted["/Table"], counted["/TH"]) == (1, 1, 1, 12)
    headings = [each for each in tags(structure(paper)) if each["/S"] == "/TH"]
    assert {each["/A"][0]["/Scope"] for each in headings} == {"/Column"}


def test_every_value_stands_on_the_paper() -> None:
    sheet, text = remittance_sheet(remittance(LINES), LINES), text_of(read())
    for fact in sheet.facts:
        assert without_blanks(fact.heading + in_text(fact.value, fact.holds)) in text
    for row in sheet.rows:
        for column, value in zip(sheet.columns, row, strict=True):
            assert without_blanks(in_text(value, column.holds)) in text
    for words_ in ("18÷7", "£748.375", "−£137.76", without_blanks(sheet.balance), "Total£3,162.29£27.55£3,189.84"):
        assert words_ in text, words_


def test_a_long_remittance_repeats_its_headings_and_counts_its_pages() -> None:
    paper = read([line(number, LineKind.CURRENT) for number in range(1, 101)])
    assert len(paper.pages) > 2
    for number, page in enumerate(paper.pages, start=1):
        text = without_blanks(page.extract_text())
        assert "Weekstarting" in text
        assert f"Page{number}of{len(paper.pages)}" in text


@settings(max_examples=20, deadline=None)  # a busy machine lays out slowly
@given(words, words)
def test_nothing_that_somebody_wrote_is_read_as_markup_or_cut(reason: str, reference: str) -> None:
    lines = [no_product(1, LineKind.ONE_OFF, "1.00", reason * 3, source=reference)]
    text = text_of(read(lines))
    assert without_blanks(reason * 3) in text
    assert without_blanks(reference) in text


@pytest.mark.parametrize("odd", ["中文", "🙂", "\x01"])
def test_a_character_that_no_font_has_still_makes_a_tagged_paper(odd: str) -> None:
    paper = read([no_product(1, LineKind.ONE_OFF, "1.00", f"Before {odd} after.")])
    assert "Before" in text_of(paper)
    assert any(each["/S"] == "/TH" for each in tags(structure(paper)))
