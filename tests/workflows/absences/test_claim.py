"""A claim is made once, for days nobody else claims and without care, and nothing is sent that was not seen."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select, text, update

from models import (
    COUNCIL,
    AbsenceClaim,
    ContractDocument,
    LineItem,
    Plan,
    PolicySetting,
    PortalUser,
    Rate,
    acting_for,
    db,
    enter,
)
from rules.agreement_states import DocumentState
from rules.refusal import Refused, Unknown
from rules.states import ActualState, ClaimState, PaymentMethod, PolicyScope
from tests.support.processes.at_once import at_once
from tests.support.worlds.claims import entry, make, nov, stored
from tests.support.worlds.visits import visit_on
from tests.support.worlds.weeks import NOV_6, week
from tests.support.worlds.world import World
from workflows.aborted_visits.record import record
from workflows.absences import claim as claims
from workflows.absences import decide as decisions


def count() -> int:
    return db.session.scalar(select(func.count(AbsenceClaim.id))) or 0


def test_a_claim_is_sent_with_what_it_comes_to(line: LineItem, user: PortalUser) -> None:
    claim = make(line, user, notified_on=nov(2), notified_to="Duty desk", comment="Fell at home")
    assert (claim.state, claim.units, claim.claimed_net) == (ClaimState.SUBMITTED, Decimal("7.00"), Decimal("140.00"))
    assert (claim.submitted_by_id, claim.notified_on, claim.notified_to) == (user.id, nov(2), "Duty desk")
    assert claim.number.startswith("AC-")


def test_what_is_foreseen_is_stored_nowhere(line: LineItem) -> None:
    judged = claims.foresee(entry(line))
    assert [day.percent for day in judged.days] == [Decimal(100)] * 7 + [Decimal(0)] * 4
    assert judged.net == Decimal("140.00")
    assert count() == 0


def test_figures_that_nobody_has_seen_are_not_sent(line: LineItem, user: PortalUser) -> None:
    seen = claims.foresee(entry(line)).seen
    World.confirmed()
    db.session.execute(update(Rate).values(rate=Decimal("21.0000")))
    db.session.commit()
    with pytest.raises(claims.ClaimChanged):
        claims.submit(entry(line), user, seen=seen)
    assert count() == 0


def test_sending_a_claim_twice_makes_one(line: LineItem, user: PortalUser) -> None:
    seen = claims.foresee(entry(line)).seen
    first, second = (claims.submit(entry(line), user, seen=seen) for _ in range(2))
    assert (first.new, second.new, second.claim.id) == (True, False, first.claim.id)
    assert count() == 1


def test_two_people_sending_the_same_claim_at_once_make_one(world: World, line: LineItem, user: PortalUser) -> None:
    wanted, seen = entry(line), claims.foresee(entry(line)).seen
    results = at_once(world.app, *[lambda: claims.submit(wanted, user, seen=seen)] * 3)
    assert sorted(sent.new for sent in results) == [False, False, True]
    assert count() == 1


def test_two_people_claiming_a_day_at_once_get_it_once(world: World, line: LineItem, user: PortalUser) -> None:
    both = [entry(line, nov(2), nov(5)), entry(line, nov(5), nov(8))]
    seen = [claims.foresee(each).seen for each in both]
    results = at_once(
        world.app,
        lambda: claims.submit(both[0], user, seen=seen[0]),
        lambda: claims.submit(both[1], user, seen=seen[1]),
    )
    (refused,) = (each for each in results if isinstance(each, Refused))
    assert str(refused).startswith("5 November 2017: already in claim AC-")
    assert count() == 1


def test_a_draft_keeps_its_days_and_is_sent_or_withdrawn(line: LineItem, user: PortalUser) -> None:
    draft = claims.save_draft(entry(line))
    assert (draft.state, draft.net) == (ClaimState.DRAFT, Decimal("140.00"))
    with pytest.raises(Refused, match=f"already in claim {draft.number}"):
        claims.save_draft(entry(line, nov(12), nov(13)))
    changed = entry(line, nov(2), nov(3))
    claims.save_draft(changed, draft.id)
    sent = claims.submit(changed, user, seen=claims.foresee(changed, draft.id).seen, claim_id=draft.id)
    assert (sent.new, sent.claim.id, sent.claim.net) == (True, draft.id, Decimal("40.00"))
    with pytest.raises(Refused, match="sent already, so it cannot be withdrawn"):
        claims.withdraw(draft.id)
    with pytest.raises(Refused, match="no longer a draft"):
        claims.save_draft(changed, draft.id)
    assert not claims.submit(changed, user, seen="", claim_id=draft.id).new
    other = claims.save_draft(entry(line, nov(4), nov(5)))
    claims.withdraw(other.id)
    assert count() == 1


def test_a_draft_may_wait_for_what_has_to_be_put_right_first(line: LineItem, user: PortalUser) -> None:
    week(line, NOV_6)
    draft = claims.save_draft(entry(line, nov(6), nov(7)))
    with pytest.raises(Refused, match="6 to 7 November 2017: care is recorded"):
        claims.submit(entry(line, nov(6), nov(7)), user, seen="", claim_id=draft.id)
    assert stored(draft.id).state is ClaimState.DRAFT


def test_a_day_with_care_or_an_aborted_visit_is_refused_by_name(line: LineItem, user: PortalUser) -> None:
    week(line, NOV_6, ("0", "0", "1", "0", "0", "0", "0"), state=ActualState.DRAFT)
    with acting_for(line.organisation_id):
        record(visit_on(line, nov(10)), user)
    with pytest.raises(Refused) as refused:
        claims.submit(entry(line, nov(6), nov(12)), user, seen="")
    messages = [problem.message for problem in refused.value.problems]
    assert messages == [
        "8 November 2017: care is recorded. If none was given, correct the week on the Actuals page.",
        "10 November 2017: an aborted visit is recorded, which is paid by its own rule.",
    ]


def test_a_weekly_line_is_held_against_the_plan_of_its_week(world: World, line: LineItem, user: PortalUser) -> None:
    weekly = world.line(line.organisation, weekly="7", rate="20.0000")
    week(weekly, NOV_6, "3.25")
    with pytest.raises(Refused, match=r"9 to 12 November 2017: 3\.25 hours are recorded"):
        claims.submit(entry(weekly, nov(9), nov(12)), user, seen="")
    assert claims.foresee(entry(weekly, nov(10), nov(12))).problems == ()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"payment_method": PaymentMethod.SCHEDULED}, "paid every four weeks"),
        ({"start": date(2017, 11, 4)}, "2 to 3 November 2017: the line starts on 4 November 2017"),
        ({"end": date(2017, 11, 10)}, "11 to 12 November 2017: the line ended on 10 November 2017"),
    ],
)
def test_lines_and_days_that_cannot_be_claimed(
    line: LineItem, user: PortalUser, change: dict[str, object], message: str
) -> None:
    World.confirmed()
    db.session.execute(update(LineItem).values(change))
    db.session.commit()
    db.session.expire_all()
    with pytest.raises(Refused, match=message):
        claims.submit(entry(line), user, seen="")


def test_days_to_come_and_days_before_the_portal_are_refused(line: LineItem, user: PortalUser) -> None:
    World.confirmed()
    line.start = date(2017, 1, 2)
    line.rates[0].start = line.start
    db.session.commit()
    with pytest.raises(Refused, match="21 to 22 November 2017: in the future"):
        claims.submit(entry(line, nov(20), nov(22)), user, seen="")
    with pytest.raises(Refused, match="15 October 2017: days before 16 October 2017"):
        claims.submit(entry(line, date(2017, 10, 15), date(2017, 10, 16)), user, seen="")


def test_a_document_that_has_to_be_accepted_first_is(line: LineItem, user: PortalUser) -> None:
    db.session.add(PolicySetting(name="acceptance_required", value="yes", valid_from=date(2017, 10, 16)))
    db.session.commit()
    with pytest.raises(Refused, match="is not accepted"):
        claims.submit(entry(line), user, seen="")
    db.session.execute(update(ContractDocument).values(state=DocumentState.REJECTED, rejected_reason="No"))
    db.session.commit()
    db.session.expire_all()
    with pytest.raises(Refused, match="not in force"):
        claims.submit(entry(line), user, seen="")


def test_a_claim_worth_nothing_is_not_sent(line: LineItem, user: PortalUser) -> None:
    World.confirmed()
    db.session.execute(update(Plan).values(sat=0, sun=0))
    db.session.commit()
    db.session.expire_all()
    with pytest.raises(Refused, match="Nothing is payable for these days"):
        claims.submit(entry(line, nov(4), nov(5)), user, seen="")


def test_the_narrowest_tiers_that_are_valid_apply_and_are_named(line: LineItem) -> None:
    for scope, scope_id, value in (
        (PolicyScope.COUNCIL, None, "from day 1: 50%"),
        (PolicyScope.LINE, line.id, "from day 1: 80%, from day 3: 25%"),
    ):
        db.session.add(
            PolicySetting(
                name="absence_tiers", value=value, scope=scope, scope_id=scope_id, valid_from=date(2017, 10, 16)
            )
        )
    db.session.commit()
    judged = claims.foresee(entry(line, nov(6), nov(9)))
    assert [day.percent for day in judged.days] == [Decimal(percent) for percent in (80, 80, 25, 25)]
    assert (judged.net, judged.segments[0].rule) == (Decimal("42.00"), "AB-1 of 16 October 2017")


def test_approving_in_part_frees_the_days_after_it_and_refusing_frees_all(
    world: World, line: LineItem, user: PortalUser
) -> None:
    officer = world.officer("Payments officer")
    claim = make(line, user)
    with pytest.raises(Refused, match="7 to 8 November 2017: already in claim"):
        make(line, user, nov(7), nov(8))
    decisions.approve_in_part(claim.id, nov(6), "", officer)
    with pytest.raises(Refused, match=r"^6 November 2017: already in claim"):
        make(line, user, nov(6), nov(8))
    again = make(line, user, nov(7), nov(12))
    decisions.refuse(again.id, "Home again on the 7th", officer)
    assert make(line, user, nov(7), nov(8)).state is ClaimState.SUBMITTED


def test_the_database_itself_keeps_a_day_out_of_a_second_claim(line: LineItem, user: PortalUser) -> None:
    make(line, user)
    copy = text(
        "INSERT INTO absence_claim (organisation_id, line_item_id, first_day, last_day, reason, state, units,"
        " claimed_net, net, vat, gross) SELECT organisation_id, line_item_id, last_day, last_day, reason, 'draft',"
        " 0, 0, 0, 0, 0 FROM absence_claim"
    )
    with pytest.raises(Exception, match="ex_absence_claim_overlap"):
        db.session.execute(copy)
    db.session.rollback()


def test_another_organisations_line_and_claim_are_not_there(world: World, line: LineItem, user: PortalUser) -> None:
    claim = make(line, user)
    other = world.organisation("Broadland Care CIC")
    wanted = entry(line, nov(13), nov(14))
    enter(other.id)
    for deed in (
        lambda: claims.foresee(wanted),
        lambda: claims.save_draft(wanted),
        lambda: claims.submit(wanted, user, seen=""),
        lambda: claims.withdraw(claim.id),
        lambda: claims.get_claim(claim.id),
    ):
        with pytest.raises(Unknown):
            deed()
    assert claims.choices() == []
    enter(COUNCIL)


def test_lines_to_choose_from_can_be_claimed_for(world: World, line: LineItem) -> None:
    organisation = line.organisation
    world.line(organisation, start=date(2018, 1, 1))
    world.line(organisation, payment_method=PaymentMethod.SCHEDULED)
    world.line(organisation, state=DocumentState.DRAFT)
    gone = world.line(organisation, start=date(2017, 1, 2), end=date(2017, 11, 20) - timedelta(days=91))
    assert [each.id for each in claims.choices()] == [line.id]
    with pytest.raises(Unknown):
        claims.line_of(gone.id)
