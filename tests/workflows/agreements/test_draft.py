"""Drafting an agreement: what is typed becomes a draft as a whole, or every problem is told at its field."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from models import ContractDocument, Element, LineItem, Organisation, Person, Plan, PortalUser, Rate, db
from rules.agreement_states import DocumentState, ProposalState
from rules.problem_codes import Code
from rules.refusal import Refused, Unknown
from rules.states import PaymentBasis, PaymentMethod, VatCode
from tests.support.worlds.agreements import agreement, line
from tests.support.worlds.world import World
from workflows.agreements import draft as drafts
from workflows.agreements.draft_effect import effect_of_draft, next_reference
from workflows.agreements.draft_reading import typed_of
from workflows.contracts import publication
from workflows.proposals import steps


def saved(form: dict[str, str], document: ContractDocument | None = None) -> ContractDocument:
    if document:
        form = form | {"seen": drafts.fingerprint(drafts.draft_of(document.id))}
    return drafts.save(typed_of(form), document.id if document else None)


def refused(form: dict[str, str], document_id: int | None = None) -> dict[str, Code]:
    stored = select(func.count()).select_from(LineItem)
    before = db.session.scalar(stored)
    with pytest.raises(Refused) as found:
        drafts.save(typed_of(form), document_id)
    assert db.session.scalar(stored) == before
    return {problem.field: problem.code for problem in found.value.problems}


def test_what_is_typed_becomes_a_draft_with_lines_plans_and_rates(
    broadland: Organisation, vera: Person, care: Element
) -> None:
    sitting = line(2, care, "48311", plan_kind="WEEKLY", weekly_quantity="3", rate="£20.2525", start="18/12/2017")
    document = saved(agreement(broadland, vera, end="31/03/2018") | line(1, care) | sitting)
    assert (document.state, document.version, document.person.name) == (DocumentState.DRAFT, 0, "Vera Shreeve")
    first, second = document.line_items
    assert (first.reference, first.start, first.end) == ("48310", date(2017, 12, 14), date(2018, 3, 31))
    assert (sum(first.plans[0].days), first.plans[0].weekly_quantity) == (Decimal("6.50"), Decimal(0))
    assert (sum(second.plans[0].days), second.plans[0].weekly_quantity) == (Decimal(0), Decimal("3.00"))
    assert (second.rates[0].rate, second.rates[0].start) == (Decimal("20.2525"), date(2017, 12, 18))
    assert first.rates[0].end is None


def test_a_draft_is_changed_by_the_same_form(broadland: Organisation, vera: Person, care: Element) -> None:
    form = agreement(broadland, vera) | line(1, care) | line(2, care, "48311")
    document = saved(form)
    keys = [each.id for each in document.line_items]
    changed = agreement(broadland, vera, terms="As agreed") | line(1, care, "48399", id=keys[1], rate="21")
    document = saved(changed, document)
    (only,) = document.line_items
    assert (only.id, only.reference, only.rates[0].rate) == (keys[1], "48399", Decimal(21))
    assert document.terms == "As agreed"
    assert [len(list(db.session.scalars(select(table)))) for table in (LineItem, Plan, Rate)] == [1, 1, 1]


def test_what_a_draft_shows_is_what_was_typed(broadland: Organisation, vera: Person, care: Element) -> None:
    own = line(2, care, "48311", start="18/12/2017", end="31/01/2018", extras="yes")
    document = saved(agreement(broadland, vera, end="31/03/2018") | line(1, care) | own)
    shown = drafts.typed_of_draft(document)
    again = {f"line-{number}-{name}": text for number, each in enumerate(shown.lines, 1) for name, text in each.items()}
    before = drafts.fingerprint(document)
    assert drafts.fingerprint(saved(shown.document | again, document)) == before
    first, second = shown.lines
    assert (shown.document["start"], shown.document["end"]) == ("14/12/2017", "31/03/2018")
    assert (first["rate"], first["wed"], first["start"], first["end"], first["extras"]) == ("19.68", "1.50", "", "", "")
    assert (second["start"], second["end"], second["extras"]) == ("18/12/2017", "31/01/2018", "yes")


def test_the_agreements_days_move_every_line_that_has_none_of_its_own(
    broadland: Organisation, vera: Person, care: Element
) -> None:
    lines = line(1, care) | line(2, care, "48311", start="01/02/2018", end="28/02/2018")
    document = saved(agreement(broadland, vera, end="31/03/2018") | lines)
    keys = {f"line-{number}-id": str(each.id) for number, each in enumerate(document.line_items, 1)}
    document = saved(agreement(broadland, vera, start="07/12/2017", end="30/04/2018") | lines | keys, document)
    assert [(each.start, each.end) for each in document.line_items] == [
        (date(2017, 12, 7), date(2018, 4, 30)),
        (date(2018, 2, 1), date(2018, 2, 28)),
    ]
    assert [(each.plans[0].start, each.rates[0].start) for each in document.line_items] == [
        (each.start, each.start) for each in document.line_items
    ]


def test_an_agreement_of_which_a_line_goes_on_has_no_end(broadland: Organisation, vera: Person, care: Element) -> None:
    document = saved(agreement(broadland, vera) | line(1, care) | line(2, care, "48311", end="31/01/2018"))
    shown = drafts.typed_of_draft(document)
    assert [shown.document["end"], *(each["end"] for each in shown.lines)] == ["", "", "31/01/2018"]


def test_everything_wrong_is_told_at_once_at_its_field(broadland: Organisation, vera: Person, care: Element) -> None:
    empty = refused({"line-1-unit": "HOUR"})
    assert empty == dict.fromkeys(
        (
            "organisation",
            "service",
            "person",
            "reference",
            "start",
            "line-1-reference",
            "line-1-element",
            "line-1-rate",
        ),
        Code.MISSING,
    ) | {"line-1-mon": Code.NOTHING_PLANNED}
    form = agreement(broadland, vera, start="32/1/2017", service="Nowhere", end="x")
    form |= {"person": "P1"}
    wrong = refused(form | line(1, care, reference="=1", mon="25", tue="one", rate="NaN") | {"line-1-element": "999"})
    assert wrong == {
        "person": Code.NOT_FOUND, "start": Code.NOT_A_DATE, "service": Code.NOT_FOUND, "end": Code.NOT_A_DATE,
        "line-1-reference": Code.NOT_ON_LIST, "line-1-mon": Code.OVER_24_HOURS, "line-1-tue": Code.NOT_A_NUMBER,
        "line-1-rate": Code.NOT_A_NUMBER, "line-1-element": Code.MISSING,
    }  # fmt: skip


def test_a_reference_is_nobody_elses_whatever_its_case(
    world: World, broadland: Organisation, vera: Person, care: Element
) -> None:
    other = world.line(broadland, reference="48310A")
    form = agreement(broadland, vera, reference=other.document.reference.lower())
    two = line(1, care, "48310a") | line(2, care, "48400") | line(3, care, "48400")
    assert refused(form | two) == {
        "reference": Code.TAKEN, "line-1-reference": Code.TAKEN, "line-3-reference": Code.TAKEN,
    }  # fmt: skip


def test_a_block_that_nobody_filled_in_is_no_line(broadland: Organisation, vera: Person, care: Element) -> None:
    blank = {"line-2-reference": "48311", "line-2-unit": "HOUR", "line-2-start": "14/12/2017"}
    document = saved(agreement(broadland, vera) | line(1, care) | blank)
    assert [each.reference for each in document.line_items] == ["48310"]


def test_contribution_and_top_up_count_only_where_nobody_invoices(
    broadland: Organisation, vera: Person, care: Element
) -> None:
    net = {"contribution": "120", "top_up": "15.50", "payment_basis": "NET"}
    (by_invoice,) = saved(agreement(broadland, vera) | line(1, care, **net)).line_items
    assert (by_invoice.contribution, by_invoice.top_up, by_invoice.payment_basis) == (
        Decimal(0),
        Decimal(0),
        PaymentBasis.GROSS,
    )
    form = agreement(broadland, vera, reference="ISO-2", payment_method="SCHEDULED")
    week = line(1, care, "48311", unit="WEEK", rate="748.37", **net)
    (scheduled,) = saved(form | week).line_items
    assert (scheduled.contribution, scheduled.top_up, scheduled.payment_basis) == (
        Decimal(120), Decimal("15.5"), PaymentBasis.NET,
    )  # fmt: skip
    assert (scheduled.payment_method, scheduled.plans[0].weekly_quantity) == (PaymentMethod.SCHEDULED, Decimal(1))
    assert refused(agreement(broadland, vera, reference="ISO-3") | line(1, care, "48312", unit="WEEK")) == {
        "payment_method": Code.NO_ACTUALS
    }


def test_a_draft_can_go_to_another_organisation(
    world: World, broadland: Organisation, vera: Person, care: Element
) -> None:
    document = saved(agreement(broadland, vera) | line(1, care))
    key = document.line_items[0].id
    other = world.organisation("Wensum Support")
    moved = saved(agreement(other, vera) | line(1, care, id=key), document)
    assert (moved.organisation_id, moved.line_items[0].organisation_id) == (other.id, other.id)


def test_two_who_change_a_draft_do_not_overwrite_each_other(
    broadland: Organisation, vera: Person, care: Element
) -> None:
    document = saved(agreement(broadland, vera) | line(1, care))
    opened = drafts.fingerprint(document)
    saved(agreement(broadland, vera, terms="Mine") | line(1, care, id=document.line_items[0].id), document)
    late = agreement(broadland, vera, terms="Late", seen=opened) | line(1, care)
    assert refused(late, document.id) == {"": Code.CHANGED_MEANWHILE}


def test_sending_proposes_and_what_waits_stays_as_it_was_sent(
    world: World, broadland: Organisation, vera: Person, care: Element, officer: PortalUser
) -> None:
    form = agreement(broadland, vera) | line(1, care, mon="0.33")
    proposal = drafts.send(typed_of(form), officer)
    assert proposal.title == "Publish ISO-20588"
    assert [each["code"] for each in proposal.unusual] == ["step 48310"]
    document_id = proposal.document_id
    assert document_id
    assert refused(form, document_id) == {"": Code.WRONG_STATE}
    steps.withdraw(proposal.id, officer)
    again = publication.propose([document_id], officer)
    changed = db.session.scalars(select(Rate)).one()
    changed.rate = Decimal("99")
    db.session.commit()
    with pytest.raises(Refused, match=r"changed (since|after)"):
        steps.confirm(again.id, world.officer("Service Brokerage"), ["step 48310"], publication.apply_publication)
    assert db.session.get_one(ContractDocument, document_id).version == 0
    assert again.state is ProposalState.PROPOSED


def test_an_agreement_is_published_by_another_officer(
    world: World, broadland: Organisation, vera: Person, care: Element, officer: PortalUser
) -> None:
    proposal = drafts.send(typed_of(agreement(broadland, vera) | line(1, care)), officer)
    steps.confirm(proposal.id, world.officer("Service Brokerage"), [], publication.apply_publication)
    document = db.session.get_one(ContractDocument, proposal.document_id)
    assert (document.state, document.version) == (DocumentState.PUBLISHED, 1)
    with pytest.raises(Unknown):
        drafts.draft_of(document.id)


def test_a_draft_that_says_more_than_the_form_has_room_for_is_not_taken_into_it(
    broadland: Organisation, vera: Person, care: Element
) -> None:
    document = saved(agreement(broadland, vera) | line(1, care) | line(2, care, "48311"))
    assert drafts.why_not_here(document.line_items) == ""
    document.line_items[0].vat_code = VatCode.ZERO
    db.session.commit()
    assert "differ in payment or VAT" in drafts.why_not_here(drafts.draft_of(document.id).line_items)
    own = {"organisation_id": broadland.id, "line_item_id": document.line_items[0].id}
    db.session.add(Plan(**own, start=date(2018, 1, 1), mon=Decimal(1)))
    db.session.commit()
    assert "Line 48310" in drafts.why_not_here(drafts.draft_of(document.id).line_items)


def test_a_plan_from_another_day_than_its_line_is_not_moved_by_the_form(
    broadland: Organisation, vera: Person, care: Element
) -> None:
    document = saved(agreement(broadland, vera) | line(1, care))
    document.line_items[0].plans[0].start = date(2018, 1, 1)
    db.session.commit()
    assert "Line 48310" in drafts.why_not_here(drafts.draft_of(document.id).line_items)


def test_a_figure_that_cannot_be_read_says_which_of_its_line_it_is(
    broadland: Organisation, vera: Person, care: Element
) -> None:
    form = agreement(broadland, vera, payment_method="SCHEDULED") | line(
        1, care, rate="?", contribution="?", top_up="?"
    )
    with pytest.raises(Refused) as refused:
        drafts.save(typed_of(form))
    said = [each.message for each in refused.value.problems if "not an amount" in each.message]
    assert [each.partition(": This")[0] for each in said] == [
        "Line 1: First rate", "Line 1: Contribution", "Line 1: Top-up",
    ]  # fmt: skip


def test_costs_and_overlaps_are_foreseen_of_what_can_be_read(
    world: World, broadland: Organisation, vera: Person, care: Element
) -> None:
    other = world.line(broadland, person=vera, reference="48223", end=date(2017, 12, 20))
    form = agreement(broadland, vera, reference="") | line(1, care) | line(2, care, "48311", rate="?", start="1/1/2018")
    effect = effect_of_draft(typed_of(form))
    assert (effect.lines[1].units, effect.lines[1].cost, effect.cost) == (
        Decimal("6.50"), Decimal("127.92"), Decimal("127.92"),
    )  # fmt: skip
    (overlap,) = effect.lines[1].overlaps
    assert (overlap.line.reference, overlap.days, overlap.could_end) == (other.reference, 7, date(2017, 12, 13))
    assert (effect.lines[2].cost, effect.lines[2].overlaps, effect.lines[2].same_as) == (None, [], [1])


def test_the_next_reference_follows_the_highest_like_the_newest(world: World, broadland: Organisation) -> None:
    assert next_reference(LineItem, "48000") == "48001"
    world.line(broadland, reference="48420")
    world.line(broadland, reference="48309")
    assert next_reference(LineItem, "48000") == "48421"
    assert next_reference(LineItem, "48000", ["48421"]) == "48422"
    world.line(broadland, reference="C-0009")
    assert next_reference(LineItem, "48000") == "C-0010"
