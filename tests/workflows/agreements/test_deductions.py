"""A contribution or top-up that changes while its line goes on: confirmed, published, and deducted on its days."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from models import Deduction, DocumentVersion, LineItem, PortalUser, Proposal, acting_for, db
from rules.document_content import from_text
from rules.period import DAY
from rules.refusal import Refused
from rules.scheduled import Deductions
from rules.states import LineKind
from tests.support.worlds.scheduled import FINALISED, NEXT_FINALISED, PREVIEWED, CareHome, lines_of, payment_of
from tests.support.worlds.world import START, World
from workflows.agreements import deductions
from workflows.agreements.change_effect import effect_of
from workflows.confirm import desk
from workflows.contracts.line_items import LineFilter, line_rows
from workflows.contracts.line_life import line_life
from workflows.payments.money_checks import check_money
from workflows.scheduled.prepare import prepare_due

NOV_8 = date(2017, 11, 8)
BEFORE, AFTER, TOP_UP = Decimal("140.00"), Decimal("161.00"), Decimal("35.00")


@pytest.fixture
def home(world: World) -> CareHome:
    return CareHome(world)


@pytest.fixture
def line(home: CareHome) -> LineItem:
    return home.line("700.00", contribution=BEFORE, top_up=TOP_UP)


def confirm(proposal: Proposal, officer: PortalUser) -> None:
    desk.confirm(proposal.id, officer, [each["code"] for each in proposal.unusual])
    db.session.expire_all()


def contributions(home: CareHome, kind: LineKind = LineKind.SCHEDULED) -> list[Decimal]:
    return [each.contribution for each in lines_of(payment_of(home.first)) if each.kind is kind]


def test_it_is_deducted_from_its_day_on_once_it_is_confirmed(
    home: CareHome, line: LineItem, carol: PortalUser, ruth: PortalUser
) -> None:
    proposal = deductions.propose_deduction(line.id, NOV_8, AFTER, TOP_UP, carol, "Reassessed")
    prepare_due(PREVIEWED)
    assert contributions(home) == [BEFORE] * 4
    confirm(proposal, ruth)
    prepare_due(FINALISED)
    # Monday and Tuesday of the last week as before: 2 x 20.00 and 5 x 23.00.
    assert contributions(home) == [BEFORE, BEFORE, BEFORE, Decimal("155.00")]


def test_what_was_paid_before_it_was_known_is_put_right_with_the_next_payment(
    home: CareHome, line: LineItem, carol: PortalUser, ruth: PortalUser
) -> None:
    prepare_due(FINALISED)
    confirm(deductions.propose_deduction(line.id, NOV_8, AFTER, TOP_UP, carol, "Reassessed"), ruth)
    prepare_due(NEXT_FINALISED)
    corrected = [each for each in lines_of(payment_of(home.second)) if each.adjusts_id]
    assert [(each.week_starting, each.contribution, each.net) for each in corrected] == [
        (date(2017, 11, 6), -BEFORE, Decimal("-525.00")), (date(2017, 11, 6), Decimal("155.00"), Decimal("510.00")),
    ]  # fmt: skip
    assert check_money() == []


def test_one_officer_alone_changes_nothing(line: LineItem, carol: PortalUser) -> None:
    proposal = deductions.propose_deduction(line.id, NOV_8, AFTER, TOP_UP, carol, "Reassessed")
    with pytest.raises(Refused, match="yourself"):
        desk.confirm(proposal.id, carol, [])
    db.session.add(
        Deduction(organisation_id=line.organisation_id, line_item_id=line.id, start=NOV_8, contribution=1, top_up=0)
    )
    with pytest.raises(IntegrityError, match="change by a confirmed proposal"):
        db.session.flush()


def test_a_second_one_of_the_same_day_takes_the_place_of_the_first(
    line: LineItem, carol: PortalUser, ruth: PortalUser
) -> None:
    for sum_ in (AFTER, Decimal("170.00")):
        confirm(deductions.propose_deduction(line.id, NOV_8, sum_, TOP_UP, carol, "Reassessed"), ruth)
    assert line.deducted == [Deductions(line.start, BEFORE, TOP_UP), Deductions(NOV_8, Decimal("170.00"), TOP_UP)]


def test_the_next_version_of_the_document_says_both(line: LineItem, carol: PortalUser, ruth: PortalUser) -> None:
    confirm(deductions.propose_deduction(line.id, NOV_8, AFTER, TOP_UP, carol, "Reassessed"), ruth)
    newest = db.session.scalars(select(DocumentVersion).order_by(DocumentVersion.number.desc())).first()
    assert newest
    (told,) = from_text(newest.content).lines
    assert told.facts["Deducted"] == (
        "£140.00 a week from the person, £35.00 a week top-up;"
        " from 8 November 2017 £161.00 a week from the person, £35.00 a week top-up"
    )


def test_the_officer_sees_both_sums_and_the_weeks_that_were_paid(
    line: LineItem, carol: PortalUser, ruth: PortalUser
) -> None:
    prepare_due(FINALISED)
    effect = effect_of(deductions.propose_deduction(line.id, date(2017, 10, 30), AFTER, TOP_UP, carol, "Reassessed"))
    assert list(effect.rows) == [
        ("Contribution a week", "£140.00", "£161.00"),
        ("Third-party top-up a week", "£35.00", "£35.00"),
        ("Valid", "Until then", "From 30 October 2017, no end date"),
        ("Paid for a week at plan", "£525.00", "£504.00"),
        ("2 weeks paid already", "Paid as before", "Put right with the next payment"),
    ]


def test_what_cannot_be_is_refused_with_all_that_is_wrong(home: CareHome, line: LineItem) -> None:
    with pytest.raises(Refused) as refused:
        deductions.deduction_change(line.id, Deductions(START - DAY, Decimal(-1), Decimal("0.001")), "")
    assert {problem.field for problem in refused.value.problems} == {"reason", "start", "contribution", "top_up"}
    with pytest.raises(Refused, match="deducted on 8 November 2017 already"):
        deductions.deduction_change(line.id, Deductions(NOV_8, BEFORE, TOP_UP), "Same")
    gross = home.line("700.00")
    with pytest.raises(Refused, match="is paid in full, so nothing is deducted"):
        deductions.deduction_change(gross.id, Deductions(NOV_8, AFTER, TOP_UP), "Reassessed")


def test_more_than_a_week_costs_has_to_be_looked_at(line: LineItem) -> None:
    (unusual,) = deductions.deduction_change(line.id, Deductions(NOV_8, Decimal(700), TOP_UP), "Sold").unusual
    assert unusual.sentence == f"Line {line}: £735.00 a week are more than the £700.00 that a week costs."


def test_the_providers_page_and_excel_show_what_is_deducted_on_their_day(
    line: LineItem, carol: PortalUser, ruth: PortalUser
) -> None:
    for start, sum_ in ((NOV_8, AFTER), (date(2017, 12, 4), Decimal("170.00"))):
        confirm(deductions.propose_deduction(line.id, start, sum_, TOP_UP, carol, "Reassessed"), ruth)
    with acting_for(line.organisation_id):
        (row,) = line_rows(LineFilter())
        life = line_life(line.id)
    assert row.cost == life.now.cost
    assert row.cost
    assert (row.cost.contribution, row.cost.net) == (AFTER, Decimal("504.00"))
    said = [(each.start, each.cost.contribution if each.cost else None, each.reason) for each in life.changes]
    assert said == [
        (date(2017, 12, 4), Decimal("170.00"), "Reassessed"), (NOV_8, AFTER, "Reassessed"), (line.start, BEFORE, ""),
    ]  # fmt: skip
