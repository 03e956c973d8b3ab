"""Values read alike on every page, and nothing reads as "None"."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum

import pytest
from markupsafe import Markup

from rules import agreement_states, mail_states, states, upload_states
from views.page.format import TONES, all_units, label, per_cent, pounds, price, shown, tone, uk_time, unbroken, units


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        ("", "–"),
        ([], "–"),
        (True, "Yes"),
        (False, "No"),
        (0, "0"),
        (date(2017, 10, 16), "16 October 2017"),
        (datetime(2017, 10, 16, 8, 14, tzinfo=UTC), "16 October 2017, 9:14am"),
        (Decimal("1234.5"), "1,234.50"),
        (Decimal("19.7550"), "19.7550"),
        (states.Unit.HOUR, "Hour"),
        (["Actuals", "Contacts"], "Actuals, Contacts"),
    ],
)
def test_a_value_reads_as_people_write_it(value: object, text: str) -> None:
    assert shown(value) == text


def test_a_state_is_a_word_on_a_tint() -> None:
    assert shown(states.InvoiceState.IN_RUN) == Markup('<span class="tag info">In a payment run</span>')


def test_text_that_somebody_typed_is_never_markup() -> None:
    assert "<b>" not in shown(["<b>", "x"])
    assert not isinstance(shown("<b>"), Markup)


@pytest.mark.parametrize(
    "vocabulary",
    [
        each
        for module in (states, agreement_states, mail_states, upload_states)
        for name, each in vars(module).items()
        if name.endswith("State")
    ],
)
def test_every_state_has_a_tone(vocabulary: type[StrEnum]) -> None:
    assert {word.value for word in vocabulary} <= set(TONES)


def test_what_is_no_state_is_grey() -> None:
    assert tone("something else") == "grey"


def test_nothing_is_a_dash_among_figures_too() -> None:
    assert (pounds(None), units(None), uk_time(None)) == ("–", "–", "–")


def test_a_sum_of_nothing_is_no_pounds() -> None:
    assert pounds(sum([])) == "£0.00"


@pytest.mark.parametrize(
    ("hour", "text"),
    [(0, "12:05am"), (11, "11:05am"), (12, "12:05pm"), (23, "11:05pm")],
)
def test_the_clock_reads_am_and_pm(hour: int, text: str) -> None:
    assert uk_time(datetime(2017, 12, 4, hour, 5, tzinfo=UTC)) == f"4 December 2017, {text}"


@pytest.mark.parametrize(
    ("write", "figure", "text"),
    [
        (price, "19.7550", "£19.7550"),
        (price, "1234.5", "£1,234.5000"),
        (per_cent, "10.0000", "10%"),
        (per_cent, "12.5000", "12.5%"),
        (per_cent, "0.0000", "0%"),
        (all_units, "1.0000", "1.00"),
        (all_units, "0.7250", "0.725"),
        (all_units, "3.428571", "3.428571"),
        (all_units, "1200", "1,200.00"),
    ],
)
def test_a_figure_reads_as_what_it_is_and_loses_nothing(
    write: Callable[[Decimal | None], str], figure: str, text: str
) -> None:
    assert (write(Decimal(figure)), write(None)) == (text, "–")


def test_a_word_begins_with_a_capital() -> None:
    assert (label("not started"), label(states.LineKind.RATE_DIFF)) == ("Not started", "Change of rate")


@pytest.mark.parametrize(
    ("heading", "html"),
    [
        ("Invoice INV-000012", 'Invoice <span class="one-line">INV-000012</span>'),
        ("ISO-31-2, version 2", '<span class="one-line">ISO-31-2</span>, version 2'),
        ("A & B-12", 'A &amp; <span class="one-line">B-12</span>'),
        ("Four-week overview", "Four-week overview"),
        ("Line 48213", "Line 48213"),
        ("ISO-2026-SOMEWHERE-LONG-000012", "ISO-2026-SOMEWHERE-LONG-000012"),
        (Markup("<b>A-1</b>"), "<b>A-1</b>"),
        ("<A-1>", '<span class="one-line">&lt;A-1&gt;</span>'),
    ],
)
def test_no_reference_in_a_heading_is_broken_at_its_hyphens(heading: str, html: str) -> None:
    assert unbroken(heading) == html
