"""The desk of the second officer: what waits for whom, and that nobody is both officers."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError, IntegrityError

from models import LineItem, PortalUser, Proposal, Rate, db
from rules.agreement_states import DocumentState, ProposalKind, ProposalState
from rules.refusal import Refused, Unknown
from tests.support.worlds.agreements import propose_end, propose_rate
from tests.support.worlds.weeks import NOV_6
from tests.support.worlds.world import World
from workflows.agreements import changes
from workflows.agreements.new_version import new_version
from workflows.confirm import desk
from workflows.contracts import publication
from workflows.proposals import steps

KINDS = tuple(ProposalKind)


def rate(line: LineItem, officer: PortalUser, pounds: str = "20.25") -> Proposal:
    return propose_rate(line.id, NOV_6, Decimal(pounds), officer, "Agreed")


def state(proposal: Proposal) -> ProposalState:
    db.session.expire_all()
    return proposal.state


def test_the_oldest_is_shown_first_and_the_next_is_in_reach(
    world: World, line: LineItem, carol: PortalUser, ruth: PortalUser
) -> None:
    first, second = rate(line, carol), rate(world.line(line.organisation), carol)
    shown = desk.desk_of(ruth, KINDS)
    assert (shown.proposal, shown.place, shown.following) == (first, 1, second)
    shown = desk.desk_of(ruth, KINDS, second.id)
    assert (shown.place, shown.following) == (2, first)


def test_ones_own_wait_for_others_and_other_kinds_for_other_roles(
    line: LineItem, carol: PortalUser, ruth: PortalUser
) -> None:
    proposal = rate(line, carol)
    own = desk.desk_of(carol, KINDS)
    assert (own.proposal, own.waiting, own.own) == (None, [], [proposal])
    assert desk.waiting_for(ruth, [ProposalKind.ONE_OFF]) == []
    with pytest.raises(Unknown):
        desk.confirm(proposal.id, ruth, (), [ProposalKind.ONE_OFF])
    with pytest.raises(Unknown):
        desk.send_back(proposal.id, ruth, "Why?", [ProposalKind.ONE_OFF])


def test_nobody_confirms_or_sends_back_their_own_nor_withdraws_anothers(
    line: LineItem, carol: PortalUser, ruth: PortalUser
) -> None:
    proposal = rate(line, carol)
    with pytest.raises(Refused, match="another officer"):
        desk.confirm(proposal.id, carol, ())
    with pytest.raises(Refused, match="proposed this yourself"):
        desk.send_back(proposal.id, carol, "No")
    with pytest.raises(Refused, match="Somebody else"):
        steps.withdraw(proposal.id, ruth)
    assert state(proposal) is ProposalState.PROPOSED
    steps.withdraw(proposal.id, carol)
    assert state(proposal) is ProposalState.WITHDRAWN


def test_what_is_unusual_has_to_be_ticked(line: LineItem, carol: PortalUser, ruth: PortalUser) -> None:
    proposal = rate(line, carol, "30")
    with pytest.raises(Refused) as refused:
        desk.confirm(proposal.id, ruth, ())
    assert [problem.field for problem in refused.value.problems] == ["ticked"]
    desk.confirm(proposal.id, ruth, [each["code"] for each in proposal.unusual])
    assert line.rate_on(NOV_6) == Decimal(30)


def test_what_is_decided_is_decided_once(line: LineItem, carol: PortalUser, ruth: PortalUser) -> None:
    proposal = rate(line, carol)
    desk.confirm(proposal.id, ruth, ())
    acts: list[Callable[[], object]] = [
        lambda: desk.confirm(proposal.id, ruth, ()),
        lambda: desk.send_back(proposal.id, ruth, "No"),
        lambda: steps.withdraw(proposal.id, carol),
    ]
    for act in acts:
        with pytest.raises(Refused, match="decided already: confirmed"):
            act()


def test_what_comes_back_is_told_until_it_was_looked_at_or_proposed_anew(
    line: LineItem, carol: PortalUser, ruth: PortalUser
) -> None:
    proposal = rate(line, carol)
    with pytest.raises(Refused, match="Say why"):
        desk.send_back(proposal.id, ruth, " ")
    desk.send_back(proposal.id, ruth, "From the 13th")
    assert steps.sent_back_to(carol) == [proposal]
    steps.note_seen(proposal, ruth)
    assert steps.sent_back_to(carol) == [proposal]
    again = rate(line, carol)
    assert steps.sent_back_to(carol) == []
    desk.send_back(again.id, ruth, "From the 13th")
    steps.note_seen(again, carol)
    assert steps.sent_back_to(carol) == []


def test_where_the_policy_says_so_one_officer_is_enough_but_looks_at_what_is_unusual(
    world: World, line: LineItem, carol: PortalUser
) -> None:
    world.policy("two_officers_rate_change", "no")
    far = changes.rate_change(line.id, NOV_6, Decimal(30), "Agreed")
    with pytest.raises(Refused, match="unusual"):
        desk.submit(far, carol, ())
    assert db.session.scalars(select(Proposal).where(Proposal.kind == ProposalKind.CHANGE_RATE)).all() == []
    done = desk.submit(far, carol, [each.code for each in far.unusual])
    assert (done.state, done.officers, line.rate_on(NOV_6)) == (ProposalState.CONFIRMED, 1, Decimal(30))
    plan = changes.line_end(line.id, None if line.end else NOV_6 + timedelta(days=300), "Ends")
    assert desk.submit(plan, carol, ()).state is ProposalState.PROPOSED


def test_a_draft_that_changed_after_it_was_proposed_is_not_published(
    world: World, line: LineItem, carol: PortalUser, ruth: PortalUser
) -> None:
    draft = world.line(line.organisation, state=DocumentState.DRAFT)
    proposal = publication.propose([draft.document_id], carol)
    draft.rates[0].rate = Decimal("19.99")
    db.session.commit()
    with pytest.raises(Refused, match="changed after it was proposed"):
        desk.confirm(proposal.id, ruth, ())
    assert (state(proposal), draft.document.state) == (ProposalState.PROPOSED, DocumentState.DRAFT)


def test_every_kind_shows_what_it_would_do(world: World, line: LineItem, carol: PortalUser, ruth: PortalUser) -> None:
    draft = world.line(line.organisation, state=DocumentState.DRAFT)
    published = publication.propose([draft.document_id], carol)
    shown = desk.desk_of(ruth, KINDS, published.id).documents[0]
    assert (shown.document, shown.cost) == (draft.document, Decimal("137.76"))
    assert shown.lines[0].rates == ["£19.68 per hour, from 16 October 2017"]
    change = new_version(line.document_id, line.service_id, "Other terms", [], "Agreed")
    version = changes.propose(change, carol)
    assert desk.desk_of(ruth, KINDS, version.id).documents[0].differs == [("Terms", "", "Other terms")]
    changed = desk.desk_of(ruth, KINDS, rate(line, carol).id).effect
    assert (changed.before, changed.after) == (Decimal("413.28"), Decimal("425.25"))


@pytest.mark.parametrize("officers", [1, 2])
def test_the_database_refuses_one_person_twice(line: LineItem, carol: PortalUser, officers: int) -> None:
    proposal = Proposal(
        kind=ProposalKind.CHANGE_RATE, title="Alone", payload={}, proposed_by=carol, line_item_id=line.id,
        document_id=line.document_id, state=ProposalState.CONFIRMED, decided_by=carol, officers=officers,
        decided_at=line.document.published_at,
    )  # fmt: skip
    db.session.add(proposal)
    with pytest.raises(IntegrityError, match=r"two.officers"):
        db.session.flush()
    db.session.rollback()


def test_the_database_opens_what_a_proposal_is_about_and_nothing_else(
    world: World, line: LineItem, carol: PortalUser, ruth: PortalUser
) -> None:
    other = world.line(line.organisation)
    proposal = rate(line, carol)

    def more(_: Proposal) -> None:
        db.session.execute(text("UPDATE rate SET rate = 99 WHERE line_item_id = :line"), {"line": other.id})

    with pytest.raises(DatabaseError, match="confirmed proposal"):
        steps.confirm(proposal.id, ruth, (), more)
    db.session.rollback()
    end = propose_end(line.id, NOV_6 + timedelta(days=60), carol, "Moves")
    with pytest.raises(DatabaseError, match="confirmed proposal"):
        steps.confirm(end.id, ruth, (), lambda _: db.session.execute(text("UPDATE plan SET mon = 9")))
    db.session.rollback()
    assert {each.rate for each in db.session.scalars(select(Rate))} == {Decimal("19.68")}
