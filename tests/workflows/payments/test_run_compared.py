"""A run beside the one before it: each organisation that gets something else, the largest change first."""

from decimal import Decimal

from tests.support.worlds.world import World
from tests.workflows.payments.test_run import Story, one_off
from workflows.payments import run as payment_run
from workflows.payments.run_compared import ChangeOfPay, compare


def test_who_is_new_gone_and_paid_otherwise_is_told_with_the_largest_change_first(world: World) -> None:
    story = Story(world)
    same, more, less, gone, new = (world.organisation(f"Provider {name}") for name in ("A", "B", "C", "D", "E"))
    for organisation, pounds in ((same, "100"), (more, "100"), (less, "100"), (gone, "40")):
        one_off(organisation.id, pounds)
    first = story.released()
    assert compare(first) is None
    for organisation, pounds in ((same, "100"), (more, "125"), (less, "90"), (new, "400")):
        one_off(organisation.id, pounds)
    run = payment_run.prepare("05/12/2017", story.preparer)
    found = compare(run)
    assert found
    assert found.before.id == first.id
    assert [(each.organisation.name[-1], each.change, each.difference) for each in found.changes] == [
        ("E", ChangeOfPay.NEW, Decimal(400)),
        ("D", ChangeOfPay.GONE, Decimal(-40)),
        ("B", ChangeOfPay.MORE, Decimal(25)),
        ("C", ChangeOfPay.LESS, Decimal(-10)),
    ]
    assert found.counts == dict.fromkeys(ChangeOfPay, 1)
    assert found.difference == run.total - first.total == sum(each.difference for each in found.changes)
    assert [each.percent for each in found.changes] == [None, Decimal(-100), Decimal(25), Decimal(-10)]
    assert [each.organisation.id for each in found.changes if each.remittance] == [gone.id, more.id, less.id]
    few = compare(run, most=1)
    assert few
    assert (len(few.changes), few.change_count, few.difference) == (1, 4, found.difference)
