"""Confirmed paper ISOs become what is there, something new, or a question, each once (rules.md 12 and 17)."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from models import (
    Actual,
    ContractDocument,
    DocumentVersion,
    Email,
    JobRun,
    LineItem,
    Organisation,
    PaperOrder,
    Person,
    Proposal,
    acting_for,
    db,
)
from rules.agreement_states import DocumentState, PaperState, ProposalKind
from rules.states import JobState, PaymentMethod, PlanKind, Unit
from tests.models.test_promises import confirmed_week
from tests.support.queries import Queries
from tests.support.worlds.papers import ISSUED, officers, paper
from tests.support.worlds.world import START, World
from workflows.paper_isos.match import judge, judge_papers
from workflows.paper_isos.migration import migrate_now, migrate_papers, run_migration
from workflows.paper_isos.register import count_papers

DAY = timedelta(days=1)


@pytest.fixture
def organisation(world: World) -> Organisation:
    """A provider with one service."""
    return world.organisation()


def became(reference: str = "PAP-0412") -> PaperOrder:
    """A paper ISO as it is now."""
    migrate_papers()
    found: PaperOrder = db.session.scalars(
        select(PaperOrder).where(PaperOrder.reference == reference).execution_options(populate_existing=True)
    ).one()
    return found


def lines() -> int:
    return db.session.scalar(select(func.count(LineItem.id))) or 0


@pytest.mark.parametrize("away", [-7, 0, 7])
def test_one_live_line_that_starts_within_seven_days_replaces_the_paper(
    world: World, organisation: Organisation, away: int
) -> None:
    line = world.line(organisation, start=START + away * DAY)
    paper(world, organisation, person_reference=line.person.reference, person_name="")
    found = became()
    assert (found.state, found.document_id, found.line_item_id) == (PaperState.REPLACED, line.document_id, line.id)
    assert lines() == 1


def test_an_actual_that_was_entered_on_the_line_stays_single(world: World, organisation: Organisation) -> None:
    line = world.line(organisation)
    confirmed_week(line)
    paper(world, organisation, person_reference=line.person.reference, person_name="")
    assert became().line_item_id == line.id
    assert (lines(), db.session.scalar(select(func.count(Actual.id)))) == (1, 1)


def test_a_complete_paper_becomes_a_published_iso_with_its_line(world: World, organisation: Organisation) -> None:
    contact = world.contact(organisation)
    paper(world, organisation)
    found = became()
    line = db.session.scalars(select(LineItem)).one()
    assert (found.state, found.document, found.line_item) == (PaperState.MIGRATED, line.document, line)
    assert (line.document.reference, line.reference) == ("PAP-0412", "PAP-0412-1")
    assert (line.document.state, line.document.version) == (DocumentState.PUBLISHED, 1)
    assert (line.plan.versions[0].days, line.rates[0].rate) == ((1, 1, 1, 1, 1, 0, 0), Decimal("19.6800"))
    assert (line.person.reference, line.person.name) == ("P900001", "Nora Ollett")
    assert db.session.scalars(select(Email.recipient)).all() == [contact.email]
    with acting_for(organisation.id):
        assert db.session.scalars(select(DocumentVersion)).one().document_id == line.document_id


def test_the_second_officer_s_confirmation_is_the_proposal_behind_it(world: World, organisation: Organisation) -> None:
    first, second = officers(world)
    paper(world, organisation)
    became()
    proposal = db.session.scalars(select(Proposal)).one()
    assert (proposal.kind, proposal.proposed_by, proposal.decided_by) == (ProposalKind.PUBLISH, first, second)
    assert db.session.scalars(select(DocumentVersion)).one().proposal == proposal


def test_what_nobody_confirmed_is_not_taken(world: World, organisation: Organisation) -> None:
    paper(world, organisation, confirmed=False)
    assert (became().state, lines()) == (PaperState.WAITING, 0)


def test_two_candidates_are_never_guessed_between(world: World, organisation: Organisation) -> None:
    person = world.person()
    one = world.line(organisation, person=person, rate="19.6800")
    two = world.line(organisation, person=person, start=START + 4 * DAY)
    paper(world, organisation, person_reference=person.reference, person_name="", rate=Decimal("19.8600"))
    found = became()
    assert found.state is PaperState.REVIEW
    assert found.review_reasons.splitlines() == [
        f"2 live lines of this person and element start within 7 days of the paper: {one} and {two}."
        " Somebody has to choose.",
        "The rate on the paper, £19.86, is on neither line. The digits of £19.68 may be swapped.",
    ]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"rate": None}, "The paper has no rate. Enter its price per unit."),
        ({"plan_kind": None}, "The paper does not say how it is planned. Say whether it is by day or by week."),
        ({"person_name": ""}, "P900001 is somebody new, and the paper has no name. Enter the person's name."),
        ({"element_name": "Persnal"}, "There is no element of care “Persnal”. Use a name of the council's list."),
        ({"service_name": "Hove"}, "The organisation has no one service “Hove”. It has Fenland Homecare Ltd branch."),
        ({"days": ("0",) * 7}, "Nothing is planned. Enter the units that are wanted."),
        ({"mon": Decimal(25)}, "A day has 24 hours. Enter 24 or less."),
        (
            {"end": START - DAY},
            "The line ends before it starts. Enter 16 October 2017 or a later day, or leave it empty.",
        ),
        ({"weekly_quantity": Decimal(5)}, "A plan by day has no quantity a week. Empty it, or plan by week."),
        ({"start": date(2017, 8, 1)}, "Line PAP-0412-1: 1 August 2017 is 111 days back, more than 90."),
    ],
)  # fmt: skip
def test_each_field_that_is_missing_or_wrong_is_listed(
    world: World, organisation: Organisation, fields: dict[str, Any], sentence: str
) -> None:
    paper(world, organisation, **fields)
    found = became()
    assert (found.state, found.review_reasons, lines()) == (PaperState.REVIEW, sentence, 0)


def test_everything_that_is_missing_is_said_at_once(world: World, organisation: Organisation) -> None:
    paper(world, organisation, rate=None, person_name="", plan_kind=None)
    assert len(became().review_reasons.splitlines()) == 3


def test_another_person_under_the_reference_is_noticed(world: World, organisation: Organisation) -> None:
    world.person("P900001", "Peter Smith")
    paper(world, organisation)
    assert became().review_reasons == (
        "P900001 is Peter Smith; the paper is for Nora Ollett. Check the person's reference."
    )


@pytest.mark.parametrize("name", ["N. Ollett", "nora OLLETT", ""])
def test_a_known_person_written_shorter_is_the_same(world: World, organisation: Organisation, name: str) -> None:
    world.person("P900001", "Nora Ollett")
    paper(world, organisation, person_name=name, person_reference="p900001")
    assert became().state is PaperState.MIGRATED
    assert db.session.scalar(select(func.count(Person.id))) == 1


def test_a_rate_far_from_the_others_of_its_element_needs_somebody(world: World, organisation: Organisation) -> None:
    world.line(organisation, rate="19.6800")
    paper(world, organisation, rate=Decimal("196.8000"))
    assert "900% above the median rate of its element, which is £19.68" in became().review_reasons


def test_a_new_line_never_stands_beside_a_live_line_of_the_person_and_element(
    world: World, organisation: Organisation
) -> None:
    line = world.line(organisation, start=START - 30 * DAY)
    paper(world, organisation, person_reference=line.person.reference, person_name="")
    found = became()
    assert (found.state, lines()) == (PaperState.REVIEW, 1)
    assert found.review_reasons.startswith(
        f"Line {line} is for the same person and element from 16 October 2017 on. Are both meant?"
    )


def test_a_line_of_another_organisation_is_no_candidate(world: World, organisation: Organisation) -> None:
    other = world.line(world.organisation("Broadland Care CIC"))
    paper(world, organisation, person_reference=other.person.reference, person_name="")
    assert became().state is PaperState.MIGRATED


def test_a_line_that_ended_before_the_paper_begins_is_no_obstacle(world: World, organisation: Organisation) -> None:
    line = world.line(organisation, start=START - 60 * DAY, end=START - DAY)
    paper(world, organisation, person_reference=line.person.reference, person_name="")
    assert became().state is PaperState.MIGRATED


def test_a_draft_is_no_live_line(world: World, organisation: Organisation) -> None:
    line = world.line(organisation, state=DocumentState.DRAFT)
    paper(world, organisation, person_reference=line.person.reference, person_name="")
    assert became().state is PaperState.MIGRATED


def test_a_paper_that_was_issued_twice_becomes_one_line(world: World, organisation: Organisation) -> None:
    paper(world, organisation, "PAP-1")
    paper(world, organisation, "PAP-2", start=START + DAY)
    assert (became("PAP-1").state, became("PAP-2").state, lines()) == (PaperState.MIGRATED, PaperState.REPLACED, 1)


def test_a_week_s_price_is_paid_by_schedule(world: World, organisation: Organisation) -> None:
    world.element("Residential week")
    paper(
        world, organisation, element_name="Residential week", unit=Unit.WEEK, plan_kind=PlanKind.WEEKLY,
        days=("0",) * 7, weekly_quantity=Decimal(1), rate=Decimal("748.3700"),
    )  # fmt: skip
    became()
    line = db.session.scalars(select(LineItem)).one()
    assert (line.payment_method, line.plan.versions[0].weekly) == (PaymentMethod.SCHEDULED, 1)


def test_a_reference_that_is_taken_needs_somebody(world: World, organisation: Organisation) -> None:
    document = db.session.scalars(
        select(ContractDocument).where(ContractDocument.id == world.line(organisation).document_id)
    ).one()
    paper(world, organisation, document.reference.lower())
    assert "already" in became(document.reference.lower()).review_reasons


def test_received_is_replaced_and_migrated_and_needs_review(world: World, organisation: Organisation) -> None:
    line = world.line(organisation)
    paper(world, organisation, "PAP-1", person_reference=line.person.reference, person_name="")
    paper(world, organisation, "PAP-2")
    paper(world, organisation, "PAP-3", person_reference="P900003", rate=None)
    report = run_migration("paper-isos", date(2017, 11, 20))
    assert str(report) == (
        "3 paper ISOs taken = 1 replaced + 1 migrated + 1 needs review (PAP-3)."
        " Altogether 3 received = 1 replaced + 1 migrated + 1 needs review."
    )
    run = db.session.scalars(select(JobRun)).one()
    assert (run.job, run.state, run.result) == ("paper-isos", JobState.DONE, str(report))
    assert count_papers().received == 3


def test_a_run_with_nothing_to_take_leaves_no_trace(world: World) -> None:
    assert str(run_migration("paper-isos", date(2017, 11, 20))).startswith("0 paper ISOs taken")
    assert db.session.scalars(select(JobRun)).all() == []


def test_many_at_once_tell_a_contact_once(world: World, organisation: Organisation) -> None:
    world.contact(organisation)
    for number in range(3):
        paper(world, organisation, f"PAP-{number}", person_reference=f"P90000{number}")
    migrate_papers()
    assert db.session.scalar(select(func.count(Email.id))) == 1


def test_more_than_a_request_takes_is_left_to_the_worker(
    world: World, organisation: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        paper(world, organisation, f"PAP-{number}", person_reference=f"P90000{number}")
    monkeypatch.setattr("workflows.paper_isos.migration.MOST_AT_ONCE", 2)
    report, left = migrate_now()
    assert (sum(report.became.values()), left) == (2, 1)


def test_many_papers_are_judged_in_a_handful_of_queries(world: World, organisation: Organisation) -> None:
    papers = [paper(world, organisation, f"PAP-{number}", person_reference=f"P9{number:05}") for number in range(12)]
    with Queries() as queries:
        assert len(judge_papers(papers)) == 12
    assert len(queries) <= 10


def test_the_paper_is_judged_by_the_policy_s_window(world: World, organisation: Organisation) -> None:
    line = world.line(organisation, start=START + 8 * DAY)
    found = paper(world, organisation, person_reference=line.person.reference, person_name="")
    assert judge(found).outcome is PaperState.REVIEW
    world.policy("paper_match_days", "8")
    assert judge(found).outcome is PaperState.REPLACED
    assert found.issued_on == ISSUED
