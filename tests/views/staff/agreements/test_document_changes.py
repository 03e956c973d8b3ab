"""New version, End and Withdraw of a published contract document."""

from sqlalchemy import select

from models import LineItem, db
from rules.agreement_states import DocumentState
from tests.support.pages.browser import Browser
from tests.support.pages.shown import words
from tests.support.worlds.agreements import proposals
from tests.support.worlds.weeks import NOV_6, week
from tests.support.worlds.world import World
from workflows.confirm.desk import confirm


def path(line: LineItem, verb: str) -> str:
    return f"/staff/contract-documents/{line.document_id}/{verb}"


def new_line(line: LineItem, **more: str) -> dict[str, str]:
    return {
        "service": str(line.service_id), "terms": "", "reason": "Sitting as well", "count": "1", "do": "show",
        "line-0-reference": "49000", "line-0-element": str(line.element_id), "line-0-unit": "HOUR",
        "line-0-rate": "20.25", "line-0-start": "20/11/2017", "line-0-end": "", "line-0-paid": "ACTUALS",
        "line-0-kind": "TIMETABLED", "line-0-mon": "2", "line-0-weekly": "",
    } | more  # fmt: skip


def test_the_documents_page_offers_what_makes_sense(world: World, line: LineItem, desk: Browser) -> None:
    page = desk.get(f"/admin/contract-documents/show/{line.document_id}").text
    for verb in ("new-version", "end", "withdraw"):
        assert path(line, verb) in page
    accepted = world.line(line.organisation, state=DocumentState.ACCEPTED)
    page = desk.get(f"/admin/contract-documents/show/{accepted.document_id}").text
    assert path(accepted, "withdraw") not in page
    draft = world.line(line.organisation, state=DocumentState.DRAFT)
    assert desk.get(path(draft, "end")).status_code == 404
    payments = desk.sign_in(world.officer("Payments officer"))
    assert payments.get(path(line, "end")).status_code in (403, 404)


def test_a_new_version_adds_a_line_which_is_shown_first(line: LineItem, desk: Browser) -> None:
    address = path(line, "new-version")
    assert "Lines, which keep their CPLI" in words(desk.get(address))
    shown = words(desk.post(address, new_line(line)))
    assert "Line 49000 – Personal care, Mon 2.00: 2.00 hours a week, from 20 November 2017" in shown
    assert f"Line 49000 is for the same person and element as line {line}" in shown
    assert proposals() == []
    desk.post(address, new_line(line, do="send"))
    assert [each.title for each in proposals()] == [f"New version of {line.document}"]
    assert line.document.version == 1


def test_what_others_pay_of_a_new_line_is_typed_with_it_and_shown_to_who_confirms(
    world: World, line: LineItem, desk: Browser
) -> None:
    net = {
        "line-0-paid": "SCHEDULED", "line-0-basis": "NET", "line-0-contribution": "139.75", "line-0-top_up": "-25",
        "do": "send",
    }  # fmt: skip
    address = path(line, "new-version")
    assert 'href="#line-0-top_up"' in desk.post(address, new_line(line, **net)).text
    desk.post(address, new_line(line, **net | {"line-0-top_up": "25"}))
    ruth = desk.sign_in(world.officer("Service Brokerage"))
    page = words(ruth.get(f"/staff/confirm/{proposals()[0].id}"))
    assert "Net of £139.75 from the person, £25.00 top-up a week, from 20 November 2017" in page


def test_whether_a_new_line_may_exceed_its_plan_is_typed_with_it_and_confirmed(
    world: World, line: LineItem, desk: Browser
) -> None:
    address = path(line, "new-version")
    form = new_line(line, **{"line-0-extras": "no"})
    assert '<option value="no" selected>Not allowed' in desk.post(address, form).text
    desk.post(address, form | {"do": "send"})
    second = world.officer("Service Brokerage")
    (proposal,) = proposals()
    ruth = desk.sign_in(second)
    assert "More than planned: not allowed" in words(ruth.get(f"/staff/confirm/{proposal.id}"))
    confirm(proposal.id, second, [each["code"] for each in proposal.unusual])
    added = db.session.scalars(select(LineItem).where(LineItem.reference == "49000")).one()
    assert added.extras_allowed is False


def test_rows_are_added_and_removed_without_losing_what_stands_in_others(line: LineItem, desk: Browser) -> None:
    address = path(line, "new-version")
    more = desk.post(address, new_line(line, do="add"))
    assert 'name="line-1-reference"' in more.text
    assert 'value="49000"' in more.text
    second = {"line-1-reference": "49001", "count": "2", "do": "remove-0"}
    fewer = desk.post(address, new_line(line, **second))
    assert 'value="49001"' in fewer.text
    assert 'name="line-1-reference"' not in fewer.text


def test_all_that_is_wrong_with_a_new_line_stands_at_its_fields(line: LineItem, desk: Browser) -> None:
    wrong = {"line-0-reference": line.reference, "line-0-rate": "x", "line-0-mon": "25", "line-0-start": ""}
    refused = desk.post(path(line, "new-version"), new_line(line, **wrong))
    assert refused.status_code == 422
    for field in ("reference", "rate", "mon", "start"):
        assert f'href="#line-0-{field}"' in refused.text, field
    assert 'value="25"' in refused.text


def test_a_document_is_ended_with_all_its_lines(line: LineItem, desk: Browser) -> None:
    typed = {"end": "3/12/2017", "reason": "Contract ends", "do": "show"}
    assert f"Line {line}: last day no end date 3 December 2017" in words(desk.post(path(line, "end"), typed))
    desk.post(path(line, "end"), typed | {"do": "send"})
    assert [each.title for each in proposals()] == [f"End {line.document} on 3 December 2017"]


def test_a_document_is_withdrawn_with_a_reason_or_says_why_not(world: World, line: LineItem, desk: Browser) -> None:
    assert "Say why it is withdrawn." in words(desk.post(path(line, "withdraw"), {"reason": " "}))
    desk.post(path(line, "withdraw"), {"reason": "Meant for somebody else"})
    assert line.document.state is DocumentState.WITHDRAWN
    kept = world.line(line.organisation)
    week(kept, NOV_6)
    page = words(desk.get(path(kept, "withdraw")))
    assert "Care is recorded on" in page
    assert "End it instead." in page
    contact = world.contact(line.organisation)
    assert "Meant for somebody else" in words(desk.sign_in(contact).get(f"/contract-documents/{line.document_id}"))
