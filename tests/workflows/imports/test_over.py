"""Contract documents that a file withdraws or ends, by the rules of the pages that do it to one."""

import io
from datetime import date

import openpyxl
import pytest
from sqlalchemy import func, select

from models import ContractDocument, Email, LineItem, PortalUser, db, say_who
from rules.agreement_states import DocumentState, ProposalKind
from rules.problem_codes import Code
from rules.refusal import Refused
from rules.states import ActualState
from tests.support.worlds.agreements import propose_end
from tests.support.worlds.weeks import NOV_6, week
from tests.support.worlds.world import World
from tests.workflows.imports.test_published import (
    added,
    bring_in,
    check,
    confirm_all,
    counts,
    line,  # noqa: F401 - a fixture
    proposed,
    row,
)
from workflows.imports import steps as imports

LAST = date(2017, 12, 31)
WITHDRAWN = {"Status": "WITHDRAWN", "Reason": "Meant for somebody else"}
ENDED = {"Status": "ENDED", "End": "31/12/2017", "Reason": "Moved away"}


@pytest.fixture
def waiting(world: World) -> LineItem:
    """A line of a document that its provider has not answered yet."""
    return world.line(world.organisation())


@pytest.fixture
def second(world: World, line: LineItem, carol: PortalUser) -> LineItem:  # noqa: F811
    """Another line of the document, which became live with its second version."""
    world.element("Sitting service")
    bring_in(carol, added(line))
    confirm_all(world)
    found: LineItem = db.session.scalars(select(LineItem).where(LineItem.reference == "49000")).one()
    return found


def problems(*rows: dict[str, str]) -> list[tuple[int, str, Code]]:
    """The place and kind of each problem of a file."""
    return [(each.row, each.column, each.problem.code) for each in imports.problems_of(check(*rows))]


def shown(*rows: dict[str, str]) -> list[tuple[str, str, str, str]]:
    """What the check page lists before and after."""
    found = check(*rows).findings["changes"]
    return [(each["record"], each["column"], each["before"], each["after"]) for each in found]


def stored(line: LineItem) -> ContractDocument:  # noqa: F811
    db.session.expire_all()
    return line.document


def test_a_file_withdraws_a_document_with_its_reason_and_its_provider_is_told(
    world: World, waiting: LineItem, carol: PortalUser
) -> None:
    contact = world.contact(waiting.organisation, may_documents=True)
    rows = [row(waiting, **WITHDRAWN)]
    assert shown(*rows) == [(f"Document {waiting.document}", "Status", "Published", "Withdrawn")]
    assert check(*rows).findings["notices"][0].startswith("Withdrawing needs no second officer")
    assert stored(waiting).state is DocumentState.PUBLISHED, "a check changes nothing"
    assert counts(bring_in(carol, *rows)) == (0, 1, 0)
    document = stored(waiting)
    assert (document.state, document.withdrawn_reason) == (DocumentState.WITHDRAWN, "Meant for somebody else")
    assert document.versions[0].state is DocumentState.WITHDRAWN
    assert db.session.scalars(select(Email)).one().recipient == contact.email
    assert proposed() == [], "one officer is enough, as on its page"


def test_a_document_that_was_withdrawn_is_unchanged_when_its_file_comes_again(
    world: World, waiting: LineItem, carol: PortalUser
) -> None:
    world.contact(waiting.organisation, may_documents=True)
    bring_in(carol, row(waiting, **WITHDRAWN))
    again = bring_in(carol, row(waiting, **WITHDRAWN))
    assert (counts(again), again.findings["changes"], again.findings["notices"]) == ((0, 0, 1), [], [])
    assert db.session.scalar(select(func.count()).select_from(Email)) == 1


@pytest.mark.parametrize("asked", [WITHDRAWN, ENDED])
def test_what_says_why_on_its_page_says_why_in_a_file(waiting: LineItem, asked: dict[str, str]) -> None:
    assert problems(row(waiting, **asked | {"Reason": " "})) == [(2, "Reason", Code.REASON_NEEDED)]


@pytest.mark.parametrize("state", [DocumentState.ACCEPTED, DocumentState.ENDED])
def test_a_file_withdraws_nothing_that_was_accepted(world: World, state: DocumentState) -> None:
    accepted = world.line(world.organisation(), state=state)
    (problem,) = imports.problems_of(check(row(accepted, **WITHDRAWN)))
    assert (problem.column, problem.problem.code, problem.remedy) == ("Status", Code.WRONG_STATE, "End it instead.")
    assert "so it cannot be withdrawn" in problem.wrong


def test_a_file_withdraws_nothing_on_which_care_is_recorded(waiting: LineItem) -> None:
    week(waiting, NOV_6, state=ActualState.DRAFT)
    assert problems(row(waiting, **WITHDRAWN)) == [(2, "Status", Code.CARE_RECORDED)]


@pytest.mark.parametrize(("asked", "verb"), [(WITHDRAWN, "withdrawn"), (ENDED, "ended")])
def test_a_draft_or_an_iso_nobody_knows_is_neither_withdrawn_nor_ended(
    world: World, waiting: LineItem, asked: dict[str, str], verb: str
) -> None:
    draft = world.line(waiting.organisation, state=DocumentState.DRAFT)
    unknown = row(waiting, ISO="ISO-404", CPLI="40404", **asked)
    found = imports.problems_of(check(row(draft, **asked), unknown))
    assert [each.wrong for each in found] == [
        f"{draft.document} was never published, so it cannot be {verb}.",
        f"ISO-404 was never published, so it cannot be {verb}.",
    ]
    assert [each.remedy for each in found] == [
        "Delete the draft on its own page.", "Check the ISO, or leave these rows out.",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("first", "other", "problem"),
    [
        (WITHDRAWN, WITHDRAWN | {"Status": ""}, (3, "Status", Code.CONTRADICTION)),
        (WITHDRAWN, ENDED, (3, "Status", Code.CONTRADICTION)),
        (WITHDRAWN, WITHDRAWN | {"Reason": "Another"}, (3, "Reason", Code.CONTRADICTION)),
        (ENDED, ENDED | {"End": "30/11/2017"}, (3, "End", Code.CONTRADICTION)),
        (ENDED, ENDED | {"End": ""}, (3, "End", Code.MISSING)),
    ],
)
def test_rows_of_one_document_that_disagree_are_refused(
    line: LineItem,  # noqa: F811
    second: LineItem,
    first: dict[str, str],
    other: dict[str, str],
    problem: tuple[int, str, Code],
) -> None:
    assert problem in problems(row(line, **first), row(second, **other))


def test_rows_of_one_line_that_disagree_are_refused(waiting: LineItem) -> None:
    later = row(waiting, **WITHDRAWN | {"Status": "", "Rate": "20", "Rate from": "06/11/2017"})
    assert (3, "Status", Code.CONTRADICTION) in problems(row(waiting, **WITHDRAWN), later)


@pytest.mark.parametrize("asked", [WITHDRAWN, ENDED])
def test_a_file_that_withdraws_or_ends_a_document_changes_nothing_else_of_it(
    world: World, waiting: LineItem, asked: dict[str, str]
) -> None:
    world.element("Sitting service")
    assert problems(row(waiting, Rate="25", **asked)) == [(2, "Rate", Code.WRONG_STATE)]
    added = row(waiting, CPLI="49000", Element="Sitting service", **asked)
    assert problems(row(waiting, **asked), added) == [(3, "CPLI", Code.WRONG_STATE)]


def test_where_nobody_is_signed_in_nothing_is_withdrawn(waiting: LineItem) -> None:
    kept = check(row(waiting, **WITHDRAWN))
    say_who(None, "command")
    with pytest.raises(Refused, match="nobody is signed in"):
        imports.confirm(kept.id)
    db.session.rollback()
    assert stored(waiting).state is DocumentState.PUBLISHED


def test_a_file_ends_all_lines_of_a_document_once_another_officer_confirms(
    world: World, line: LineItem, second: LineItem, carol: PortalUser  # noqa: F811
) -> None:  # fmt: skip
    rows = [row(line, **ENDED)]
    assert shown(*rows) == [(f"Line {each}", "End", "", "31 December 2017") for each in (line, second)]
    assert counts(bring_in(carol, *rows)) == (0, 1, 0)
    proposal = proposed()[-1]
    assert (proposal.kind, proposal.document_id, proposal.line_item_id, proposal.note) == (
        ProposalKind.END_LINE, line.document_id, None, "Moved away",
    )  # fmt: skip
    assert (stored(line).state, line.end, second.end) == (DocumentState.PUBLISHED, None, None), "nobody ends it alone"
    again = check(*rows)
    assert (counts(again), again.findings["warnings"]) == (
        (0, 0, 1), [f"Row 2: “{proposal.title}” waits to be confirmed already."],
    )  # fmt: skip
    confirm_all(world)
    assert (line.end, second.end) == (LAST, LAST)
    assert counts(check(*rows)) == (0, 0, 1)


def test_a_line_that_ended_before_its_document_keeps_its_own_last_day(
    world: World, line: LineItem, second: LineItem, carol: PortalUser  # noqa: F811
) -> None:  # fmt: skip
    propose_end(second.id, date(2017, 11, 30), carol, "Sits no more")
    confirm_all(world)
    sitting = row(second, **ENDED | {"End": "30/11/2017"})
    assert counts(bring_in(carol, row(line, **ENDED), sitting)) == (0, 1, 1)
    confirm_all(world)
    assert (line.end, second.end) == (LAST, date(2017, 11, 30))


def test_the_end_of_one_line_that_waits_is_not_taken_for_the_end_of_its_document(
    line: LineItem, second: LineItem, carol: PortalUser  # noqa: F811
) -> None:  # fmt: skip
    propose_end(second.id, LAST, carol, "Sits no more")
    assert problems(row(line, **ENDED)) == [(2, "Status", Code.ASKED_ALREADY)]


def test_a_document_on_which_care_is_recorded_does_not_end_before_it(line: LineItem) -> None:  # noqa: F811
    week(line, NOV_6, state=ActualState.DRAFT)
    assert problems(row(line, **ENDED | {"End": "05/11/2017"})) == [(2, "End", Code.CARE_RECORDED)]


def test_a_document_that_was_withdrawn_does_not_end(waiting: LineItem, carol: PortalUser) -> None:
    bring_in(carol, row(waiting, **WITHDRAWN))
    assert problems(row(waiting, **ENDED)) == [(2, "Status", Code.WRONG_STATE)]


def test_a_reason_in_a_file_goes_with_what_it_proposes_of_a_line(line: LineItem, carol: PortalUser) -> None:  # noqa: F811
    later = row(line, **{"Rate": "20.25", "Rate from": "06/11/2017", "Reason": "Agreed in October"})
    bring_in(carol, row(line), later)
    assert [each.note for each in proposed()] == ["Agreed in October"]


def test_the_template_asks_for_status_and_reason_and_a_correction_keeps_both(waiting: LineItem) -> None:
    form = openpyxl.load_workbook(io.BytesIO(imports.template("contract-documents"))).active
    assert form is not None
    headings = [cell.value for cell in form[1]]
    assert {"Status", "Reason"} <= {str(each).rstrip("* ") for each in headings}
    kept = check(row(waiting, **WITHDRAWN | {"Reason": ""}))
    sheet = openpyxl.load_workbook(io.BytesIO(imports.correction(kept.id))).active
    assert sheet is not None
    given = dict(zip([cell.value for cell in sheet[1]], [cell.value for cell in sheet[2]], strict=True))
    assert given["Status"] == "WITHDRAWN"
    assert "Reason: Say why it is withdrawn. The provider reads it." in str(list(given.values()))
