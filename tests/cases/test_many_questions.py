"""A file that asks about many rows of one week lets each be decided, and says of every question what ticks would do."""

from decimal import Decimal

import pytest

from models import LineItem, Organisation, acting_for
from rules.refusal import Refused
from tests.support.files.cases import case
from tests.support.files.uploads import asked, put_in, stored
from tests.support.files.uploads import send as send_file
from tests.support.worlds.weeks import OCT_16
from tests.support.worlds.world import World
from tests.workflows.uploads.test_visits import is_sound, put, sent, visit
from workflows.uploads import steps
from workflows.uploads.kept.rows import HEADINGS as RESULT
from workflows.uploads.kept.rows import result_rows
from workflows.uploads.results.read import check_of, ticked_weeks


def days(line: LineItem) -> tuple[str, ...]:
    return stored()[line.id, OCT_16][0][:4]


def test_overlaps_of_one_week_are_one_question_that_says_what_they_come_to_together(
    organisation: Organisation, line: LineItem
) -> None:
    kept = send_file(organisation, case("overlaps-many.csv", line))
    (question,) = asked(organisation, kept)
    assert (question.total, [each.row for each in question.found], kept.counts["asked"]) == (4, [3, 6, 8, 10], 4)
    (week,) = question.weeks
    # D-3 overlaps D-2 alone: it counts by itself, and still counts beside it.
    assert (week.change.before, week.change.after) == (Decimal(5), Decimal(9))
    assert week.change.rows == "row 3, row 6, row 8, row 10"
    put_in(organisation, kept)
    assert days(line) == ("2.00", "1.00", "1.00", "1.00")
    again = send_file(organisation, case("overlaps-many.csv", line))
    (question,) = asked(organisation, again)
    put_in(organisation, again, question.ids)
    assert days(line) == ("3.00", "2.00", "2.00", "2.00")
    assert is_sound()
    assert send_file(organisation, case("overlaps-many.csv", line)).counts["unchanged"] == 9


def test_every_row_of_such_a_question_has_its_code_and_words_in_the_result(
    organisation: Organisation, line: LineItem
) -> None:
    kept = send_file(organisation, case("overlaps-many.csv", line))
    with acting_for(organisation.id):
        rows = [dict(zip(RESULT, row, strict=True)) for row in result_rows(kept, ticked_weeks(kept))]
    of_question = [each for each in rows if each["Fate"] == "conflict"]
    assert [(each["Row"], each["Code"]) for each in of_question] == [(row, "overlap") for row in (3, 6, 8, 10)]
    assert all("count the second visit as well" in str(each["Message"]) for each in of_question)


@pytest.mark.parametrize(
    ("which", "days_then"),
    [
        ((0,), ("3.00", "1.00", "1.00", "1.00")),  # beside row 4, which overlaps it alone and goes in by itself
        ((1,), ("2.00", "2.00", "1.00", "1.00")),
        ((0, 3), ("3.00", "1.00", "1.00", "2.00")),
        ((1, 2, 3), ("2.00", "2.00", "2.00", "2.00")),
    ],
)
def test_each_overlap_of_many_is_decided_by_itself(
    organisation: Organisation, line: LineItem, which: tuple[int, ...], days_then: tuple[str, ...]
) -> None:
    kept = send_file(organisation, case("overlaps-many.csv", line))
    (question,) = asked(organisation, kept)
    ticks = [question.ids[number] for number in which]
    with acting_for(organisation.id):
        steps.store_ticks(kept.id, ticks, question.ids)
        shown = check_of(steps.find_upload(kept.id, changes=True))
        assert (shown.boxes, shown.ticked) == (4, len(which))
    put_in(organisation, kept, ticks)
    assert days(line) == days_then
    assert is_sound()
    again = send_file(organisation, case("overlaps-many.csv", line))
    assert (again.counts["unchanged"], again.counts["asked"]) == (5 + len(which), 4 - len(which))


def test_a_week_with_more_overlaps_than_a_question_holds_has_several_of_them(
    organisation: Organisation, line: LineItem
) -> None:
    rows = [visit(f"O-{number}", line, 16 + number % 7, (9, 10), "") for number in range(7 * 9)]
    questions = asked(organisation, kept := sent(organisation, *rows))
    assert [each.total for each in questions] == [50, 6]
    assert [each.change.after for question in questions for each in question.weeks] == [Decimal(57), Decimal(13)]
    put_in(organisation, kept, [questions[0].ids[49], questions[1].ids[0]])
    assert sum(Decimal(each) for each in stored()[line.id, OCT_16][0]) == 9
    assert is_sound()


def test_few_overlaps_are_asked_about_one_by_one(organisation: Organisation, line: LineItem) -> None:
    rows = case("overlaps-many.csv", line).splitlines()[:8]
    kept = send_file(organisation, rows)
    assert [(each.finding.row, each.total) for each in asked(organisation, kept)] == [(3, 1), (6, 1), (8, 1)]


def test_visits_that_move_from_one_week_to_another_are_one_question(
    organisation: Organisation, line: LineItem, other: LineItem
) -> None:
    still = [visit(f"S-{number}", other, day=23 + number % 7, hours=(7 + number // 7,) * 2) for number in range(40)]
    put(organisation, *still, *(visit(f"M-{day}", line, day=day) for day in range(16, 20)))
    kept = sent(organisation, *still, *(visit(f"M-{day}", other, day=day) for day in range(16, 20)))
    (question,) = asked(organisation, kept)
    assert (question.finding.code, question.total, kept.counts["asked"]) == ("conflict", 4, 4)
    assert {each.change.line_id: str(each.change.after) for each in question.weeks} == {
        line.id: "0.00", other.id: "4.00",
    }  # fmt: skip
    put_in(organisation, kept, question.ids[:2])
    assert (days(line), days(other)) == (("0.00", "0.00", "1.00", "1.00"), ("1.00", "1.00", "0.00", "0.00"))
    assert is_sound()


def test_every_question_about_one_week_says_what_its_tick_would_do(
    world: World, organisation: Organisation, line: LineItem
) -> None:
    others = [world.line(organisation) for _ in range(11)]
    still = [visit(f"S-{number}-{hour}", each, hours=(hour, hour), carer="") for number, each in enumerate(others)
             for hour in range(9, 19)]  # fmt: skip
    moving = [(f"M-{number}", 16 + number % 4, 8 + number // 4) for number in range(11)]
    put(organisation, *still, *(visit(ref, line, day, (hour, hour + 1), "") for ref, day, hour in moving))
    rows = [visit(ref, to, day, (hour, hour + 1), "") for to, (ref, day, hour) in zip(others, moving, strict=True)]
    questions = asked(organisation, sent(organisation, *still, *rows))
    assert len(questions) == 11
    for question in questions:
        of_line = next(each.change for each in question.weeks if each.change.line_id == line.id)
        assert (of_line.before, of_line.after) == (Decimal(11), Decimal(10))
        assert len(question.weeks) == 2


def test_a_tick_that_another_makes_needless_is_no_matter(organisation: Organisation, line: LineItem) -> None:
    put(organisation, visit("A-1", line), visit("B-1", line, day=18, carer=""))
    kept = sent(organisation, visit("A-2", line, hours=(7, 9), carer=""), visit("A-1", line, day=17))
    questions = asked(organisation, kept)
    assert [each.finding.code for each in questions] == ["overlap", "conflict"]
    put_in(organisation, kept, [each.finding.id for each in questions])
    assert days(line) == ("2.00", "1.00", "1.00", "0.00")
    assert is_sound()


def test_a_tick_that_leads_to_another_question_says_which(
    organisation: Organisation, line: LineItem, other: LineItem
) -> None:
    put(organisation, visit("A-1", line), visit("B-1", other, hours=(7, 9), carer=""))
    kept = sent(organisation, visit("A-1", other))
    (question,) = asked(organisation, kept)
    with pytest.raises(Refused, match=r"Row 2 cannot go in as ticked: .*overlaps B-1"):
        put_in(organisation, kept, [question.finding.id])
    assert (days(line)[0], days(other)[0]) == ("1.00", "2.00")
