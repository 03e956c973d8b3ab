"""Changes of live lines: a rate, a plan, a last day; proposed, confirmed, and then right for every day."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from models import Actual, DocumentVersion, ExceptionCheck, LineItem, PortalUser, Proposal, Rate, db
from rules.agreement_states import DocumentState
from rules.document_content import from_text
from rules.period import DAY
from rules.plan import NO_DAYS, PlanVersion, plan_of_day
from rules.refusal import Refused, Unknown
from rules.states import ActualState
from tests.support.worlds.agreements import propose_end, propose_plan, propose_rate
from tests.support.worlds.claims import make, nov
from tests.support.worlds.weeks import NOV_6, NOV_13, OCT_16, OCT_23, send, week
from tests.support.worlds.world import START, World
from workflows.agreements import changes
from workflows.agreements.change_effect import effect_of, touched
from workflows.confirm import desk

TWO_A_DAY = PlanVersion(NOV_6, (Decimal(2),) * 7, Decimal(0))
HOURS, RATE = Decimal(2), Decimal("20.25")


def confirm(proposal: Proposal, officer: PortalUser) -> None:
    """Let another officer confirm it, whatever is unusual about it."""
    desk.confirm(proposal.id, officer, [each["code"] for each in proposal.unusual])
    db.session.expire_all()


def stored(line: LineItem, monday: date) -> Actual:
    found = select(Actual).where(Actual.line_item_id == line.id, Actual.week_starting == monday)
    one: Actual = db.session.scalars(found.execution_options(populate_existing=True)).one()
    return one


def test_a_rate_holds_from_its_day_and_the_one_before_ends_the_day_before(
    line: LineItem, carol: PortalUser, ruth: PortalUser
) -> None:
    proposal = propose_rate(line.id, NOV_6, RATE, carol, "Agreed")
    assert line.rate_on(NOV_6) == Decimal("19.68")
    confirm(proposal, ruth)
    assert [line.rate_on(day) for day in (NOV_6 - DAY, NOV_6)] == [Decimal("19.68"), RATE]
    assert [(rate.start, rate.end) for rate in line.rates] == [(START, NOV_6 - DAY), (NOV_6, None)]


def test_a_second_rate_from_the_same_day_takes_the_place_of_the_first(
    line: LineItem, carol: PortalUser, ruth: PortalUser
) -> None:
    for pounds in ("20.25", "20.50"):
        confirm(propose_rate(line.id, NOV_6, Decimal(pounds), carol, "Agreed"), ruth)
    assert [rate.rate for rate in line.rates] == [Decimal("19.68"), Decimal("20.50")]


def test_a_rate_before_a_later_one_ends_where_that_begins(line: LineItem, carol: PortalUser, ruth: PortalUser) -> None:
    confirm(propose_rate(line.id, NOV_13, Decimal(21), carol, "Agreed"), ruth)
    confirm(propose_rate(line.id, NOV_6, RATE, carol, "Agreed"), ruth)
    assert [(rate.rate, rate.end) for rate in line.rates] == [
        (Decimal("19.68"), NOV_6 - DAY), (RATE, NOV_13 - DAY), (Decimal(21), None),
    ]  # fmt: skip


def test_a_plan_holds_from_its_day_and_the_line_keeps_its_cpli(
    line: LineItem, carol: PortalUser, ruth: PortalUser
) -> None:
    confirm(propose_plan(line.id, TWO_A_DAY, carol, "Review"), ruth)
    assert [plan_of_day(line.plan, day) for day in (NOV_6 - DAY, NOV_6)] == [Decimal(1), Decimal(2)]
    assert len(line.plans) == 2


def test_every_change_publishes_the_next_version_and_says_what_it_is(
    line: LineItem, carol: PortalUser, ruth: PortalUser
) -> None:
    confirm(propose_plan(line.id, TWO_A_DAY, carol, "Review"), ruth)
    confirm(propose_rate(line.id, NOV_6, RATE, carol, "Agreed"), ruth)
    versions = db.session.scalars(select(DocumentVersion).order_by(DocumentVersion.number)).all()
    assert [version.state for version in versions] == [
        DocumentState.REPLACED, DocumentState.REPLACED, DocumentState.PUBLISHED,
    ]  # fmt: skip
    told = from_text(versions[-1].content).lines[0]
    assert [plan.days[0] for plan in told.plans] == [Decimal(1), Decimal(2)]
    assert [rate.rate for rate in told.rates] == [Decimal("19.68"), RATE]


def test_a_week_on_an_invoice_keeps_its_figures(
    world: World, line: LineItem, carol: PortalUser, ruth: PortalUser
) -> None:
    contact, period = world.contact(line.organisation), world.period()
    for monday in (OCT_16, OCT_23):
        week(line, monday)
    send(contact, period)
    early = PlanVersion(START, (Decimal(2),) * 7, Decimal(0))
    change = changes.plan_change(line.id, early, "Review")
    effect = effect_of(change)
    assert {each.week: each.more for each in effect.weeks if each.stays} == {OCT_16: Decimal(0), OCT_23: Decimal(0)}
    assert "Weeks on an invoice: 2. They keep the figures they were invoiced with." in touched(effect)
    confirm(changes.propose(change, carol), ruth)
    assert [(stored(line, monday).planned, stored(line, monday).state) for monday in (OCT_16, OCT_23)] == [
        (Decimal(7), ActualState.INVOICED)
    ] * 2


def test_a_rate_at_which_weeks_were_invoiced_is_replaced_and_stays_readable(
    world: World, line: LineItem, carol: PortalUser, ruth: PortalUser
) -> None:
    contact, period = world.contact(line.organisation), world.period()
    week(line, OCT_16)
    send(contact, period)
    old = line.rates[0].rate
    confirm(changes.propose(changes.rate_change(line.id, START, RATE, "Agreed"), carol), ruth)
    rows = db.session.execute(select(Rate.rate, Rate.replaced_at.is_not(None)).order_by(Rate.id)).all()
    assert [tuple(row) for row in rows] == [(old, True), (RATE, False)]
    db.session.refresh(line)
    assert line.rate_on(OCT_16) == RATE


def test_a_week_not_yet_invoiced_is_worked_out_anew_and_looked_at_again(
    line: LineItem, carol: PortalUser, ruth: PortalUser
) -> None:
    week(line, NOV_6)
    confirm(propose_plan(line.id, TWO_A_DAY, carol, "Review"), ruth)
    after = stored(line, NOV_6)
    assert [after.planned, after.delivered, after.missed, after.payable] == [Decimal(each) for each in (14, 7, 7, 7)]
    assert after.state is ActualState.DRAFT


def test_what_a_change_does_is_what_it_was_shown_to_do(line: LineItem, carol: PortalUser, ruth: PortalUser) -> None:
    week(line, NOV_6, ["2", "1", "1", "1", "1", "1", "1"])
    change = changes.plan_change(line.id, TWO_A_DAY, "Review")
    shown = next(each for each in effect_of(change).weeks if each.week == NOV_6)
    confirm(changes.propose(change, carol), ruth)
    after = stored(line, NOV_6)
    assert shown.planned == (Decimal(7), after.planned)
    assert shown.payable[1] == after.payable
    assert shown.allowed == (Decimal(1), Decimal("1.40"))


def test_weeks_that_will_be_held_are_named(line: LineItem) -> None:
    week(line, NOV_6, ["2", "1", "1", "1", "1", "1", "1"])
    half = PlanVersion(NOV_6, (Decimal("0.5"),) * 7, Decimal(0))
    effect = effect_of(changes.plan_change(line.id, half, "Review"))
    assert any("will be over their exception level: 1" in each for each in touched(effect))


def test_a_week_with_claimed_days_is_foretold_to_be_held_as_its_check_then_says(
    world: World, line: LineItem, carol: PortalUser, ruth: PortalUser
) -> None:
    user = world.contact(line.organisation).user
    assert user
    make(line, user, nov(7), nov(8))
    week(line, NOV_6, ("0.75", "0", "0", "0.75", "0.75", "0.75", "0.75"))
    less = PlanVersion(NOV_6, (Decimal("0.5"),) * 7, Decimal(0))
    # 3.75 hours beside 3.50 planned are within the level; of these 1.00 hour is claimed, so that 2.50 are left.
    effect = effect_of(changes.plan_change(line.id, less, "Review"))
    (foretold,) = [each for each in effect.weeks if each.week == NOV_6]
    assert (foretold.planned, foretold.held) == ((Decimal(7), Decimal("3.5")), (False, True))
    assert "Weeks that will be over their exception level: 1. They are held until somebody decides." in touched(effect)
    confirm(propose_plan(line.id, less, carol, "Review"), ruth)
    check = db.session.scalars(select(ExceptionCheck).join(ExceptionCheck.actual)).one()
    assert (check.planned, check.claimed, check.over) == (Decimal("2.5"), Decimal("3.75"), True)


def test_a_line_ends_and_its_last_week_is_planned_by_its_days(
    line: LineItem, carol: PortalUser, ruth: PortalUser
) -> None:
    week(line, NOV_6, ["1", "1", "1", "0", "0", "0", "0"])
    confirm(propose_end(line.id, date(2017, 11, 8), carol, "Moved"), ruth)
    assert line.end == date(2017, 11, 8)
    assert (stored(line, NOV_6).planned, stored(line, NOV_6).missed) == (Decimal(3), Decimal(0))
    confirm(propose_end(line.id, None, carol, "Back"), ruth)
    assert (f"{line.end}", stored(line, NOV_6).planned) == ("None", Decimal(7))


def test_a_line_does_not_end_before_care_that_is_recorded(line: LineItem) -> None:
    week(line, NOV_6)
    with pytest.raises(Refused, match="Care is recorded"):
        changes.line_end(line.id, date(2017, 11, 10), "Moved")
    assert changes.line_end(line.id, date(2017, 11, 12), "Moved").unusual == []


def test_a_line_does_not_end_before_an_absence_that_is_claimed(line: LineItem, carol: PortalUser) -> None:
    make(line, carol, date(2017, 11, 8), date(2017, 11, 10))
    with pytest.raises(Refused, match="an absence claimed after that day: 9 to 10 November 2017"):
        changes.line_end(line.id, date(2017, 11, 8), "Moved")
    assert changes.line_end(line.id, date(2017, 11, 10), "Moved").unusual == []


def test_a_document_ends_with_all_lines_that_go_on_longer(line: LineItem, carol: PortalUser, ruth: PortalUser) -> None:
    last = date(2017, 12, 3)
    change = changes.document_end(line.document_id, last, "Contract ends")
    assert effect_of(change).rows[0].what == f"Line {line}: last day"
    confirm(changes.propose(change, carol), ruth)
    assert line.end == last
    with pytest.raises(Refused, match="goes on after"):
        changes.document_end(line.document_id, last, "Again")


@pytest.mark.parametrize(
    ("start", "pounds", "reason", "field"),
    [
        (START - DAY, "20", "Agreed", "start"),
        (NOV_6, "19.68", "Agreed", "rate"),
        (NOV_6, "-1", "Agreed", "rate"),
        (NOV_6, "NaN", "Agreed", "rate"),
        (NOV_6, "1.00001", "Agreed", "rate"),
        (NOV_6, "100000", "Agreed", "rate"),
        (NOV_6, "20", "  ", "reason"),
    ],
)
def test_a_rate_that_cannot_stand_is_refused(line: LineItem, start: date, pounds: str, reason: str, field: str) -> None:
    with pytest.raises(Refused) as refused:
        changes.rate_change(line.id, start, Decimal(pounds), reason)
    assert [problem.field for problem in refused.value.problems] == [field]


@pytest.mark.parametrize("units", ["25", "0", "-1", "NaN", "1.001"])
def test_a_plan_that_cannot_stand_is_refused(line: LineItem, units: str) -> None:
    version = PlanVersion(NOV_6, (Decimal(units), *NO_DAYS[1:]), Decimal(0))
    with pytest.raises(Refused) as refused:
        changes.plan_change(line.id, version, "Review")
    assert {problem.field for problem in refused.value.problems} == {"mon"}


def test_the_plan_there_is_already_is_no_change(line: LineItem) -> None:
    with pytest.raises(Refused, match="already"):
        changes.plan_change(line.id, PlanVersion(NOV_6, (Decimal(1),) * 7, Decimal(0)), "Review")


def test_far_values_are_named_with_both_figures(world: World, line: LineItem) -> None:
    old = world.line(line.organisation, start=date(2017, 5, 1), element=world.element("Sitting service"))
    far = changes.rate_change(old.id, date(2017, 5, 1), Decimal(30), "Agreed").unusual
    assert [each.code.split()[0] for each in far] == ["rate-last", "rate-median", "start"]
    assert "£30.00 is 52% above the line's last rate, which is £19.68" in far[0].sentence
    plan = changes.plan_change(old.id, PlanVersion(NOV_6, (Decimal(3),) * 7, Decimal(0)), "Review").unusual
    assert "21.00 a week is more than 2 times the 7.00 of before" in plan[0].sentence


def test_a_line_that_goes_on_beside_another_is_asked_about(world: World, line: LineItem) -> None:
    other = world.line(line.organisation, person=line.person, start=NOV_6, end=NOV_13)
    asked = changes.line_end(other.id, None, "Goes on").unusual
    assert [each.code for each in asked] == [f"overlap {other} {line}"]


def test_two_changes_of_one_line_and_kind_do_not_wait_at_once(line: LineItem, carol: PortalUser) -> None:
    propose_rate(line.id, NOV_6, RATE, carol, "Agreed")
    with pytest.raises(Refused, match="waits to be confirmed"):
        propose_rate(line.id, NOV_13, RATE, carol, "Agreed")
    propose_plan(line.id, TWO_A_DAY, carol, "Review")
    propose_end(line.id, date(2018, 3, 1), carol, "Moves")
    with pytest.raises(Refused, match="waits to be confirmed"):
        changes.propose(changes.document_end(line.document_id, date(2018, 3, 1), "Ends"), carol)


def test_what_became_unusual_or_impossible_meanwhile_is_not_confirmed(
    world: World, line: LineItem, carol: PortalUser, ruth: PortalUser
) -> None:
    proposal = propose_end(line.id, date(2017, 11, 8), carol, "Moved")
    week(line, NOV_6)
    with pytest.raises(Refused, match="Care is recorded"):
        confirm(proposal, ruth)
    assert (line.end, line.document.version) == (None, 1)
    proposal = propose_rate(line.id, NOV_6, Decimal(24), carol, "Agreed")
    confirm(propose_rate(world.line(line.organisation).id, START, Decimal(18), carol, "Less"), ruth)
    with pytest.raises(Refused, match="New since it was proposed"):
        confirm(proposal, ruth)


@pytest.mark.parametrize("state", [DocumentState.DRAFT, DocumentState.WITHDRAWN])
def test_lines_that_are_not_live_do_not_change(world: World, state: DocumentState) -> None:
    line = world.line(world.organisation(), state=state)
    with pytest.raises(Unknown if state is DocumentState.DRAFT else Refused):
        changes.rate_change(line.id, NOV_6, RATE, "Agreed")
