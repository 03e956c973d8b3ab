"""A version's content is one text, comes back from it whole, and says in words how it differs from another."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from rules.document_content import DocumentContent, LineContent, PlanContent, RateContent, digest_of, from_text, to_text
from rules.document_differences import Difference, differences
from rules.plan import NO_DAYS
from rules.states import PlanKind
from tests.support.worlds.documents import APRIL, content_of, line_of, seven_days

NOVEMBER = date(2026, 11, 9)

quantities = st.decimals(min_value=0, max_value=168, places=2)
days = st.dates(min_value=date(2017, 1, 1), max_value=date(2040, 1, 1))
seven = st.tuples(*[quantities] * 7)
lines = st.builds(
    LineContent,
    plans=st.lists(st.builds(PlanContent, start=days, days=seven, weekly=quantities), max_size=3).map(tuple),
    rates=st.lists(
        st.builds(RateContent, rate=st.decimals(0, 9999, places=4), start=days, end=st.none() | days), max_size=3
    ).map(tuple),
    start=days,
    end=st.none() | days,
    contribution=quantities,
    top_up=quantities,
)
contents = st.builds(DocumentContent, published_on=days, lines=st.lists(lines, max_size=3).map(tuple))


def words(old: LineContent, new: LineContent) -> list[str]:
    return [each.words for each in differences(content_of(old), content_of(new, version=2, published_on=NOVEMBER))]


@given(contents)
def test_a_content_comes_back_whole_from_its_text(content: DocumentContent) -> None:
    assert from_text(to_text(content)) == content


@given(contents)
def test_its_text_and_with_it_its_digest_outlives_reading_it(content: DocumentContent) -> None:
    text = to_text(content)
    assert to_text(from_text(text)) == text
    assert digest_of(to_text(from_text(text))) == digest_of(text)


@given(contents, contents)
def test_two_contents_have_one_text_only_where_they_are_equal(one: DocumentContent, other: DocumentContent) -> None:
    assert (to_text(one) == to_text(other)) == (one == other)


def test_an_equal_number_with_other_places_makes_no_other_text() -> None:
    short = line_of(rates=(RateContent(Decimal("19.68"), APRIL, None),), contribution=Decimal("0.00"))
    assert to_text(content_of(short)) == to_text(content_of(line_of()))


def test_numbers_stand_in_the_text_as_words_not_as_floats() -> None:
    assert '"rate":"19.68"' in to_text(content_of(line_of()))
    assert '"days":["1.00","1.00","0.75",' in to_text(content_of(line_of()))


@given(contents)
def test_a_content_does_not_differ_from_itself(content: DocumentContent) -> None:
    assert differences(content, replace(content, version=content.version + 1)) == []


@given(contents, contents)
def test_whatever_differs_says_so_in_words(old: DocumentContent, new: DocumentContent) -> None:
    for each in differences(old, new):
        assert each.old != each.new
        assert each.words.startswith(f"{each.about}: {each.what} " if each.what else f"{each.about} is ")


def test_a_new_plan_says_which_days_it_changes_and_from_when() -> None:
    plans = (*line_of().plans, PlanContent(NOVEMBER, seven_days("1"), Decimal(0)))
    new = line_of(plans=plans)
    assert words(line_of(), new) == ["Line 48213: Wednesday 1.00 hour instead of 0.75 hours from 9 November 2026"]


def test_a_plan_that_was_wrong_from_the_start_needs_no_date() -> None:
    new = line_of(plans=(PlanContent(APRIL, seven_days("1"), Decimal(0)),))
    assert words(line_of(), new) == ["Line 48213: Wednesday 1.00 hour instead of 0.75 hours"]


def test_a_change_for_a_while_says_until_when() -> None:
    first = line_of().plans[0]
    away = PlanContent(NOVEMBER, seven_days("1"), Decimal(0))
    back = replace(first, start=date(2026, 12, 7))
    assert words(line_of(), line_of(plans=(first, away, back))) == [
        "Line 48213: Wednesday 1.00 hour instead of 0.75 hours from 9 November 2026 to 6 December 2026"
    ]


def test_a_weekly_plan_is_compared_by_the_week() -> None:
    old = line_of(plan_kind=PlanKind.WEEKLY, plans=(PlanContent(APRIL, NO_DAYS, Decimal(10)),))
    new = replace(old, plans=(*old.plans, PlanContent(NOVEMBER, NO_DAYS, Decimal("12.5"))))
    assert words(old, new) == ["Line 48213: Plan 12.50 hours a week instead of 10.00 hours a week from 9 November 2026"]


def test_a_rate_that_follows_another_says_from_when() -> None:
    old = line_of().rates[0]
    ended, raised = replace(old, end=date(2026, 11, 8)), RateContent(Decimal("20.2525"), NOVEMBER, None)
    assert words(line_of(), line_of(rates=(ended, raised))) == [
        "Line 48213: Rate £20.2525 per hour instead of £19.68 per hour from 9 November 2026"
    ]


def test_an_end_says_what_it_was() -> None:
    assert words(line_of(), line_of(end=NOVEMBER)) == ["Line 48213: End 9 November 2026 instead of no end date"]


def test_lines_that_came_or_went_say_what_they_commission() -> None:
    one, two = line_of(), line_of("48214", element="Sitting service")
    assert [each.words for each in differences(content_of(one), content_of(two))] == [
        "Line 48213 is no longer in the document",
        "Line 48214 is new: Sitting service, 6.75 hours a week at £19.68 per hour",
    ]


def test_terms_differ_like_any_other_field_of_the_document() -> None:
    assert differences(content_of(terms="A"), content_of(terms="B")) == [Difference("Document", "Terms", "A", "B")]
