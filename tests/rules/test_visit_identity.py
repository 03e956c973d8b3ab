"""Which stored visit a visit of a file is, whatever its reference (rules.md 15)."""

from datetime import datetime

import pytest

from rules.visit_identity import VisitMark, recognise

EIGHT, NINE, TUESDAY = map(datetime.fromisoformat, ("2017-10-16T08:00", "2017-10-16T09:00", "2017-10-17T08:00"))


def mark(reference: str, begins: datetime = EIGHT, carer: str = "", slot: str = "", line: int = 1) -> VisitMark:
    return VisitMark(reference, line, begins, carer, slot)


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        pytest.param(mark("A"), mark("A"), id="all is the same"),
        pytest.param(mark("B", carer="C1"), mark("A", carer="C1"), id="another reference"),
        pytest.param(mark("B", carer="C1", slot="2"), mark("A", carer="C1"), id="a slot is named now"),
        pytest.param(mark("B", slot="1"), mark("A", carer="C1", slot="1"), id="only the slot is named"),
        pytest.param(mark("A", NINE), mark("A"), id="another time under its reference"),
        pytest.param(mark("A", carer="C2"), mark("A", carer="C1"), id="another carer under its reference"),
    ],
)
def test_a_visit_is_the_same(sent: VisitMark, stored: VisitMark) -> None:
    found = recognise([sent], [stored])
    assert (found.same, found.moved) == ([0], [None])


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        pytest.param(mark("B", NINE), mark("A"), id="another time under another reference"),
        pytest.param(mark("B", carer="C2"), mark("A", carer="C1"), id="another carer"),
        pytest.param(mark("B", carer="C1"), mark("A"), id="a carer beside nobody named"),
        pytest.param(mark("B", slot="2"), mark("A", slot="1"), id="another slot"),
        pytest.param(mark("B", line=2), mark("A"), id="another line"),
    ],
)
def test_a_visit_is_another(sent: VisitMark, stored: VisitMark) -> None:
    found = recognise([sent], [stored])
    assert (found.same, found.moved) == ([None], [None])


@pytest.mark.parametrize("sent", [mark("A", TUESDAY), mark("A", line=2)])
def test_a_known_reference_on_another_day_or_line_moves(sent: VisitMark) -> None:
    found = recognise([sent], [mark("A")])
    assert (found.same, found.moved, found.numbered_anew) == ([None], [0], False)


def test_a_reference_used_again_moves_nothing_whose_visit_the_file_has_too() -> None:
    found = recognise([mark("B"), mark("A", TUESDAY)], [mark("A")])
    assert (found.same, found.moved) == ([0, None], [None, None])


def test_two_carers_of_one_reference_are_each_themselves() -> None:
    stored = [mark("A", carer="C1"), mark("A", carer="C2")]
    assert recognise([mark("A", carer="C2"), mark("A", carer="C3")], stored).same == [1, 0]
    assert recognise([mark("A", carer="C1"), mark("A", carer="C2"), mark("A", carer="C3")], stored).same == [0, 1, None]


def test_of_stored_visits_alike_each_of_the_file_is_one_the_surest() -> None:
    stored = [mark("B"), mark("A"), mark("C")]
    assert recognise([mark("A")], stored).same == [1]
    assert recognise([mark("A"), mark("B"), mark("D")], stored).same == [1, 0, 2]


def many(moved: int, of: int) -> tuple[list[VisitMark], list[VisitMark]]:
    stored = [mark(f"{number}", line=number) for number in range(of)]
    moved_marks = [mark(f"{number}", TUESDAY, line=number) for number in range(moved)]
    return [*moved_marks, *stored[moved:]], stored


@pytest.mark.parametrize(
    ("moved", "of", "anew"),
    [(1, 1, False), (2, 2, False), (3, 3, True), (3, 30, False), (3, 29, True), (4, 40, False), (5, 40, True)],
)
def test_more_than_a_tenth_of_moving_references_number_a_file_anew(moved: int, of: int, anew: bool) -> None:
    found = recognise(*many(moved, of))
    assert (found.moving, found.known, found.numbered_anew) == (moved, of, anew)


def test_in_a_file_numbered_anew_a_reference_is_nothing_to_go_by() -> None:
    sent, stored = many(3, 4)
    sent[3] = mark("3", NINE, line=3)
    found = recognise(sent, stored)
    assert found.same == [None, None, None, None]
    assert found.moved == [0, 1, 2, None]
