"""One-off payments: proposed by one officer, confirmed by another, and nothing is paid before."""

from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from models import OneOffPayment, Organisation, PortalUser, db
from rules.agreement_states import ProposalKind
from rules.problem_codes import Code
from rules.refusal import Refused
from rules.states import OneOffState, VatCode
from tests.support.worlds.world import World
from workflows.confirm import desk
from workflows.payments import one_off
from workflows.payments.one_off import OneOff


@pytest.fixture
def officer(world: World) -> PortalUser:
    return world.officer("Payments officer")


def payment(organisation: Organisation, net: str = "12.34", reason: str = "Taxi in snow", line: int = 0) -> OneOff:
    return OneOff(organisation.id, line or None, None, Decimal(net), VatCode.EXEMPT, reason)


def stored() -> list[OneOffPayment]:
    return list(db.session.scalars(select(OneOffPayment).order_by(OneOffPayment.id)))


def test_a_payment_is_made_when_another_officer_confirms(
    world: World, organisation: Organisation, officer: PortalUser
) -> None:
    proposal = one_off.propose(payment(organisation), officer)
    assert (proposal.kind, proposal.title) == (ProposalKind.ONE_OFF, "Pay Fenland Homecare Ltd £12.34 once")
    assert stored() == []
    with pytest.raises(Refused, match="another officer"):
        desk.confirm(proposal.id, officer, [])
    assert stored() == []
    desk.confirm(proposal.id, world.officer("Payments officer"), [])
    (made,) = stored()
    assert (made.net, made.state, made.proposal_id) == (Decimal("12.34"), OneOffState.WAITING, proposal.id)


def test_many_are_one_proposal(world: World, organisation: Organisation, officer: PortalUser) -> None:
    proposal = one_off.propose_payments([payment(organisation), payment(organisation, "0.66")], officer)
    db.session.commit()
    assert proposal.title == "Make 2 one-off payments, £13.00 together"
    desk.confirm(proposal.id, world.officer("Payments officer"), [])
    assert [each.net for each in stored()] == [Decimal("12.34"), Decimal("0.66")]


def test_what_waits_is_shown_with_the_names_of_what_it_is_for(
    world: World, organisation: Organisation, officer: PortalUser
) -> None:
    line = world.line(organisation)
    proposal = one_off.propose_payments([payment(organisation, line=line.id), payment(organisation, "1.00")], officer)
    first, second = one_off.shown(proposal)
    assert (first.organisation, first.line, first.net) == (organisation, line, Decimal("12.34"))
    assert (second.line, second.period) == (None, None)


@pytest.mark.parametrize(
    ("net", "reason", "problem"),
    [
        ("0", "Taxi", ("net", Code.NOTHING_PAYABLE)),
        ("-1", "Taxi", ("net", Code.NEGATIVE)),
        ("NaN", "Taxi", ("net", Code.NOT_A_NUMBER)),
        ("1.005", "Taxi", ("net", Code.WRONG_STEP)),
        ("1", " ", ("reason", Code.REASON_NEEDED)),
        ("1", "Ta\u202exi", ("reason", Code.UNSEEN)),
    ],
)
def test_what_is_no_payment_is_refused_at_its_field(
    organisation: Organisation, officer: PortalUser, net: str, reason: str, problem: tuple[str, Code]
) -> None:
    with pytest.raises(Refused) as refused:
        one_off.propose(payment(organisation, net, reason), officer)
    assert [(each.field, each.code) for each in refused.value.problems] == [problem]


def test_a_line_of_another_organisation_is_refused(
    world: World, organisation: Organisation, officer: PortalUser
) -> None:
    line = world.line(world.organisation("Another"))
    with pytest.raises(Refused, match="another organisation’s"):
        one_off.propose(payment(organisation, line=line.id), officer)


def test_the_database_takes_no_payment_that_nobody_confirmed(organisation: Organisation) -> None:
    db.session.add(OneOffPayment(organisation_id=organisation.id, net=Decimal(1), reason="Taxi"))
    with pytest.raises(DBAPIError, match="confirmed proposal"):
        db.session.commit()
    db.session.rollback()


def test_the_money_of_a_payment_stays_as_it_was_confirmed(
    world: World, organisation: Organisation, officer: PortalUser
) -> None:
    proposal = one_off.propose(payment(organisation), officer)
    desk.confirm(proposal.id, world.officer("Payments officer"), [])
    (made,) = stored()
    made.net = Decimal(99)
    with pytest.raises(DBAPIError, match="confirmed proposal"):
        db.session.commit()
    db.session.rollback()
    made.state = OneOffState.IN_RUN
    db.session.commit()
