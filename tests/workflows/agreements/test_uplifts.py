"""Uplifts: looked at first, proposed, and done for all lines at once when another officer confirms."""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random

import pytest
from sqlalchemy import select

from models import ContractDocument, DocumentVersion, Email, LineItem, Organisation, PortalUser, Rate, Sector, db
from rules.agreement_states import DocumentState, ProposalKind
from rules.document_content import from_text
from rules.problem_codes import Code
from rules.refusal import Refused
from rules.states import Unit
from rules.uplift import Uplift
from tests.support.worlds.weeks import NOV_6, OCT_23, week
from tests.support.worlds.world import START, World
from workflows.agreements import uplifts
from workflows.confirm import desk
from workflows.contracts.versions import content_of, load_documents

SINCE = date(2018, 4, 2)
DAY = timedelta(days=1)


@pytest.fixture
def second(world: World) -> PortalUser:
    return world.officer("Service Brokerage")


def rates_of(line: LineItem) -> list[tuple[str, date, date | None]]:
    rows = db.session.execute(
        select(Rate.rate, Rate.start, Rate.end).where(Rate.line_item_id == line.id).order_by(Rate.start, Rate.id)
    )
    return [(f"{row.rate:.4f}", row.start, row.end) for row in rows]


def of_element(line: LineItem, percent: str = "10", start: date = SINCE) -> Uplift:
    return Uplift(start, percent=Decimal(percent), element_id=line.element_id)


def confirmed(uplift: Uplift, officer: PortalUser, second: PortalUser) -> None:
    proposal = uplifts.propose_uplift([uplift], officer, "Annual uplift", "care")
    db.session.commit()
    desk.confirm(proposal.id, second, [each["code"] for each in proposal.unusual])


def test_all_lines_of_an_element_get_a_new_rate_from_a_day_on_when_another_officer_confirms(
    world: World, organisation: Organisation, officer: PortalUser, second: PortalUser
) -> None:
    line = world.line(organisation, rate="20.00")
    other = world.line(organisation, rate="20.00", element=world.element("Sitting service"))
    proposal = uplifts.propose_uplift([of_element(line)], officer, "Annual uplift", "Personal care")
    db.session.commit()
    assert proposal.kind is ProposalKind.UPLIFT
    assert proposal.title == "Uplift of Personal care: 10.00% more from 2 April 2018, 1 line"
    with pytest.raises(Refused, match="another officer"):
        desk.confirm(proposal.id, officer, [])
    assert rates_of(line) == [("20.0000", START, None)]
    desk.confirm(proposal.id, second, [])
    assert rates_of(line) == [("20.0000", START, SINCE - DAY), ("22.0000", SINCE, None)]
    assert rates_of(other) == [("20.0000", START, None)]


def test_the_totals_are_those_of_a_whole_week_before_and_after(world: World, organisation: Organisation) -> None:
    line = world.line(organisation, rate="20.00")
    world.line(organisation, weekly="3", rate="10.00")
    found = uplifts.preview([of_element(line)])
    assert (found.changed, found.stay, found.before, found.after) == (2, 0, Decimal("170.00"), Decimal("187.00"))


def test_a_rate_that_is_known_for_later_stays(
    world: World, organisation: Organisation, officer: PortalUser, second: PortalUser
) -> None:
    line = world.line(organisation, rate="20.00")
    later = SINCE + 30 * DAY
    world.confirmed()
    line.rates[0].end = later - DAY
    db.session.flush()
    db.session.add(Rate(organisation=organisation, line_item_id=line.id, rate=Decimal(30), start=later))
    db.session.commit()
    confirmed(of_element(line), officer, second)
    assert rates_of(line) == [
        ("20.0000", START, SINCE - DAY), ("22.0000", SINCE, later - DAY), ("30.0000", later, None),
    ]  # fmt: skip


def test_an_uplift_repeated_changes_nothing(
    world: World, organisation: Organisation, officer: PortalUser, second: PortalUser
) -> None:
    line = world.line(organisation, rate="20.00")
    confirmed(of_element(line), officer, second)
    found = uplifts.preview([of_element(line)])
    assert (found.changed, found.stay) == (0, 1)
    with pytest.raises(Refused, match="changes no line"):
        uplifts.propose_uplift([of_element(line)], officer, "Annual uplift", "care")


def test_a_new_rate_puts_right_one_that_begins_on_the_very_day(
    world: World, organisation: Organisation, officer: PortalUser, second: PortalUser
) -> None:
    line = world.line(organisation, rate="20.00")
    confirmed(of_element(line), officer, second)
    confirmed(Uplift(SINCE, rate=Decimal("21.50"), line_item_id=line.id), officer, second)
    assert rates_of(line) == [("20.0000", START, SINCE - DAY), ("22.0000", SINCE, None), ("21.5000", SINCE, None)]
    replaced = select(Rate.rate).where(Rate.replaced_at.is_not(None))
    assert db.session.scalars(replaced).all() == [Decimal("22.0000")]


def test_the_uplift_of_one_line_goes_before_that_of_its_element_and_sector(
    world: World, organisation: Organisation, officer: PortalUser, second: PortalUser
) -> None:
    one, two = world.line(organisation, rate="20.00"), world.line(organisation, rate="20.00")
    three = world.line(organisation, rate="20.00", element=world.element("Sitting service"))
    sector = db.session.scalars(select(Sector.id).where(Sector.name == "Home support")).one()
    wanted = [
        Uplift(SINCE, percent=Decimal(1), sector_id=sector), of_element(one, "2"),
        Uplift(SINCE, rate=Decimal("20.60"), line_item_id=one.id),
    ]  # fmt: skip
    proposal = uplifts.propose_uplift(wanted, officer, "Annual uplift", "care")
    db.session.commit()
    desk.confirm(proposal.id, second, [])
    assert [rates_of(line)[-1][0] for line in (one, two, three)] == ["20.6000", "20.4000", "20.2000"]


def test_lines_that_are_drafts_over_or_begin_later_are_left(world: World, organisation: Organisation) -> None:
    line = world.line(organisation)
    world.line(organisation, state=DocumentState.DRAFT)
    world.line(organisation, end=SINCE - DAY)
    world.line(organisation, start=SINCE + DAY)
    world.line(organisation, state=DocumentState.WITHDRAWN)
    world.line(organisation, state=DocumentState.REJECTED)
    found = uplifts.preview([of_element(line)])
    assert (found.changed, found.stay) == (1, 0)


def test_outliers_stand_first_and_have_to_be_ticked(
    world: World, organisation: Organisation, officer: PortalUser, second: PortalUser
) -> None:
    usual = [world.line(organisation, rate="20.00") for _ in range(3)]
    far = world.line(organisation, rate="29.00")
    found = uplifts.preview([of_element(usual[0])])
    assert found.outliers == 1
    assert [line.reference for line in uplifts.lines_of(found, 1, 2)] == [far.reference, usual[0].reference]
    (each,) = found.unusual
    assert each.sentence == (
        f"Line {far.reference}: £31.90 is 60% above the median rate of its element, which is £20.00."
    )
    proposal = uplifts.propose_uplift([of_element(usual[0])], officer, "Annual uplift", "care")
    db.session.commit()
    with pytest.raises(Refused, match="unusual"):
        desk.confirm(proposal.id, second, [])
    desk.confirm(proposal.id, second, [each.code])


def test_many_outliers_of_an_element_are_one_tick(world: World, organisation: Organisation) -> None:
    line = world.line(organisation, rate="20.00")
    world.line(organisation, rate="20.00")
    found = uplifts.preview([of_element(line, "30")])
    assert len(found.unusual) == 2
    assert "30% above the line's last rate, which is £20.00. 1 other line of Personal care" in found.unusual[0].sentence


def test_an_uplift_from_long_ago_has_to_be_ticked(world: World, organisation: Organisation) -> None:
    line = world.line(organisation, start=START - 700 * DAY)
    found = uplifts.preview([of_element(line, start=START - 600 * DAY)])
    assert any(each.code == "start" for each in found.unusual)


def test_what_changed_since_it_was_proposed_is_not_confirmed(
    world: World, organisation: Organisation, officer: PortalUser, second: PortalUser
) -> None:
    line = world.line(organisation)
    proposal = uplifts.propose_uplift([of_element(line)], officer, "Annual uplift", "care")
    db.session.commit()
    another = world.line(organisation)
    with pytest.raises(Refused, match="changed since"):
        desk.confirm(proposal.id, second, [])
    assert len(rates_of(line)) == len(rates_of(another)) == 1


def test_what_changed_since_it_was_looked_at_is_not_proposed(
    world: World, organisation: Organisation, officer: PortalUser
) -> None:
    line = world.line(organisation)
    seen = uplifts.preview([of_element(line)]).digest
    world.line(organisation)
    with pytest.raises(Refused, match="after this was looked at"):
        uplifts.propose(of_element(line), officer, "Annual uplift", seen, "")


def test_every_document_is_published_anew_and_says_what_it_says_now(
    world: World, organisation: Organisation, officer: PortalUser, second: PortalUser
) -> None:
    line = world.line(organisation, rate="20.00", state=DocumentState.ACCEPTED)
    weekly = world.line(organisation, weekly="2.5", end=SINCE + 300 * DAY, extras_allowed=False)
    contact = world.contact(organisation)
    confirmed(of_element(line), officer, second)
    for each in load_documents([line.document_id, weekly.document_id]):
        newest = db.session.scalars(
            select(DocumentVersion).where(DocumentVersion.document_id == each.id, DocumentVersion.number == 2)
        ).one()
        content = from_text(newest.content)
        assert content == content_of(each, content.published_on)
        assert (each.version, each.state, newest.state) == (2, DocumentState.PUBLISHED, DocumentState.PUBLISHED)
    states = select(DocumentVersion.state).where(DocumentVersion.number == 1)
    assert set(db.session.scalars(states)) == {DocumentState.REPLACED}
    assert contact.email in db.session.scalars(select(Email.recipient))


def test_every_rate_is_what_a_plain_sum_makes_of_it(
    world: World, organisation: Organisation, officer: PortalUser, second: PortalUser
) -> None:
    chance = Random(7)
    old = [Decimal(chance.randrange(1, 5_000_000)).scaleb(-4 if chance.random() < 0.5 else -2) for _ in range(12)]
    lines = [world.line(organisation, rate=str(rate)) for rate in old]
    percent = Decimal("3.37")
    confirmed(of_element(lines[0], str(percent)), officer, second)
    for line, rate in zip(lines, old, strict=True):
        step = Decimal("0.01") if rate == round(rate, 2) else Decimal("0.0001")
        new = (rate * (100 + percent) / 100).quantize(step, ROUND_HALF_UP)
        assert rates_of(line)[-1] == (f"{new:.4f}", *((SINCE, None) if new != rate else (START, None)))


@pytest.mark.parametrize(
    ("uplift", "field", "code"),
    [
        (Uplift(SINCE, percent=Decimal(3)), "element", Code.MISSING),
        (Uplift(SINCE, element_id=1), "percent", Code.ONE_OF_TWO),
        (Uplift(SINCE, percent=Decimal(3), rate=Decimal(3), unit=Unit.HOUR, element_id=1), "percent", Code.ONE_OF_TWO),
        (Uplift(SINCE, percent=Decimal(0), element_id=1), "percent", Code.SAME_AS_BEFORE),
        (Uplift(SINCE, percent=Decimal(101), element_id=1), "percent", Code.OUT_OF_RANGE),
        (Uplift(SINCE, percent=Decimal(-51), element_id=1), "percent", Code.OUT_OF_RANGE),
        (Uplift(SINCE, percent=Decimal("NaN"), element_id=1), "percent", Code.NOT_A_NUMBER),
        (Uplift(SINCE, rate=Decimal(0), line_item_id=1), "rate", Code.OUT_OF_RANGE),
        (Uplift(SINCE, rate=Decimal(-1), line_item_id=1), "rate", Code.NEGATIVE),
        (Uplift(SINCE, rate=Decimal(9), element_id=1), "unit", Code.MISSING),
        (Uplift(SINCE, rate=Decimal(9), sector_id=1, unit=Unit.HOUR), "element", Code.MISSING),
        (Uplift(date(1999, 1, 1), percent=Decimal(3), element_id=1), "start", Code.OUT_OF_RANGE),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(
    officer: PortalUser, uplift: Uplift, field: str, code: Code
) -> None:
    with pytest.raises(Refused) as refused:
        uplifts.propose_uplift([uplift], officer, "Annual uplift", "care")
    assert [(each.field, each.code) for each in refused.value.problems] == [(field, code)]


def test_a_line_of_a_rejected_new_version_goes_on_at_the_new_rate(
    world: World, organisation: Organisation, officer: PortalUser, second: PortalUser
) -> None:
    line = world.line(organisation, state=DocumentState.ACCEPTED)
    world.confirmed()
    line.document.state, line.document.rejected_reason = DocumentState.REJECTED, "Too few hours"
    line.document.rejected_at = line.document.published_at
    db.session.commit()
    confirmed(of_element(line), officer, second)
    assert db.session.get_one(ContractDocument, line.document_id).state is DocumentState.PUBLISHED


def test_weeks_entered_are_shown_with_the_pounds_by_which_they_become_dearer(world: World) -> None:
    line = world.line(world.organisation(), rate="20.00")
    other = world.line(line.organisation, rate="20.00", element=line.element)
    for monday in (OCT_23, NOV_6):
        week(line, monday)
    week(other, NOV_6)
    db.session.commit()
    # From a Thursday: four days of the first week, all seven of the two after it; a pound more an hour.
    seen = uplifts.preview([Uplift(date(2017, 10, 26), None, Decimal("21.00"), element_id=line.element_id)])
    assert (seen.open_weeks, seen.more) == (3, Decimal("18.00"))
    rows = list(uplifts.rows_of(uplifts.lines_of(seen, 1, seen.changed)))
    assert [row[0] for row in rows] == [line.reference, other.reference]
    assert rows[0][6:11] == (
        Decimal("20.0000"), Decimal("21.00"), Decimal("140.00"), Decimal("147.00"), Decimal("7.00"),
    )  # fmt: skip
    assert len(rows[0]) == len(uplifts.HEADINGS)
