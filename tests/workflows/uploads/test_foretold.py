"""What a tick about single visits would do stands on the page before it is ticked, and is what goes in (files.md 4)."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest

from models import LineItem, Organisation, acting_for
from tests.support.files.uploads import asked, put_in, stored
from tests.support.worlds.weeks import OCT_16, OCT_23
from tests.support.worlds.world import World
from tests.workflows.uploads.test_visits import put, sent, visit
from workflows.uploads.results.read import AskedWeek, changes_of
from workflows.uploads.steps import find_upload
from workflows.uploads.visits import foretell
from workflows.weeks.line_week import WeekKey


def figures(weeks: Sequence[AskedWeek]) -> dict[WeekKey, str]:
    """Units before and after, by line and week."""
    return {(each.change.line_id, each.change.week): f"{each.change.before} to {each.change.after}" for each in weeks}


def total(line: LineItem, week: date = OCT_16) -> float:
    days, *_ = stored()[line.id, week]
    return sum(map(float, days))


def test_a_moved_visit_shows_the_week_it_leaves_and_the_one_it_comes_to(
    organisation: Organisation, line: LineItem
) -> None:
    put(organisation, visit("A-1", line), visit("A-2", line, hours=(12, 13)), visit("B-1", line, day=23))
    kept = sent(organisation, visit("A-1", line, day=24))
    (question,) = asked(organisation, kept)
    assert figures(question.weeks) == {(line.id, OCT_16): "2.00 to 1.00", (line.id, OCT_23): "1.00 to 2.00"}
    rate = question.weeks[0].change.pounds_after
    assert [each.change.difference for each in question.weeks] == [-(rate or 0), rate]
    assert kept.pounds_before == kept.pounds_after == Decimal(0), "nothing counts before the tick"
    put_in(organisation, kept, [question.finding.id])
    assert (total(line, OCT_16), total(line, OCT_23)) == (1, 2)


def test_a_visit_moved_to_another_line_shows_what_both_come_to(
    organisation: Organisation, line: LineItem, other: LineItem
) -> None:
    put(organisation, visit("A-1", line), visit("B-1", other, hours=(12, 13), carer="C2"))
    kept = sent(organisation, visit("A-1", other))
    (question,) = asked(organisation, kept)
    assert figures(question.weeks) == {(line.id, OCT_16): "1.00 to 0.00", (other.id, OCT_16): "1.00 to 2.00"}
    put_in(organisation, kept, [question.finding.id])
    assert (total(line), total(other)) == (0, 2)


def test_what_goes_in_without_the_tick_stands_before_it(organisation: Organisation, line: LineItem) -> None:
    kept = sent(organisation, visit("A-1", line), visit("A-2", line, hours=(8, 10)))
    (question,) = asked(organisation, kept)
    assert figures(question.weeks) == {(line.id, OCT_16): "1.00 to 3.00"}
    with acting_for(organisation.id):
        (week,) = changes_of(find_upload(kept.id, changes=True)).weeks
    assert [f"{each.asked} {each.before} {each.after}" for each in week.shown] == ["False None 1.00", "True 1.00 3.00"]
    assert (week.of.lines, week.of.asked) == (1, 1)
    put_in(organisation, kept, [question.finding.id])
    assert total(line) == 3


def test_two_questions_about_one_week_each_say_what_they_do_alone(organisation: Organisation, line: LineItem) -> None:
    rows = [visit("A-1", line), visit("A-2", line, hours=(8, 10)), visit("A-3", line, day=17)]
    kept = sent(organisation, *rows, visit("A-4", line, day=17, hours=(8, 11)))
    first, second = asked(organisation, kept)
    assert figures(first.weeks) == {(line.id, OCT_16): "2.00 to 4.00"}
    assert figures(second.weeks) == {(line.id, OCT_16): "2.00 to 5.00"}
    assert [each.others for each in (*first.weeks, *second.weeks)] == [1, 1]
    put_in(organisation, kept, [second.finding.id])
    assert total(line) == 5


def test_a_file_that_asks_about_one_week_without_end_says_how_many_questions_have_no_figures(
    organisation: Organisation, line: LineItem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(foretell, "MOST_TURNS", 1)
    rows = [visit("A-1", line), visit("A-2", line, hours=(8, 10)), visit("A-3", line, day=17)]
    kept = sent(organisation, *rows, visit("A-4", line, day=17, hours=(8, 11)))
    first, second = asked(organisation, kept)
    assert (len(first.weeks), len(second.weeks)) == (1, 0)
    assert kept.notices == [
        "1 question of this file has no figures: so many are about one week that what each tick does is not worked out."
    ]


def test_a_file_that_numbers_anew_shows_every_week_its_one_tick_changes(
    world: World, organisation: Organisation
) -> None:
    lines = [world.line(organisation) for _ in range(3)]
    put(organisation, *(visit(f"V-{number}", each, carer=f"C{number}") for number, each in enumerate(lines)))
    shifted = [visit(f"V-{number}", each, day=17, carer=f"C{number}") for number, each in enumerate(lines)]
    kept = sent(organisation, *shifted)
    (question,) = asked(organisation, kept)
    assert question.finding.code == "numbered-anew"
    assert figures(question.weeks) == {(each.id, OCT_16): "2.00 to 1.00" for each in lines}
    put_in(organisation, kept, [question.finding.id])
    assert [total(each) for each in lines] == [1, 1, 1]
