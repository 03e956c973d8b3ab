"""Service Brokerage confirms, migrates and reviews paper ISOs; another officer confirms what becomes a price."""

import re
from datetime import timedelta
from decimal import Decimal
from html import unescape
from io import BytesIO

import pytest
from playwright.sync_api import expect
from sqlalchemy import select
from werkzeug.test import TestResponse

from models import (
    ContractDocument,
    Conversation,
    Email,
    LineItem,
    Organisation,
    PaperOrder,
    PaperScan,
    Person,
    PortalUser,
    Proposal,
    acting_for,
    db,
)
from rules.agreement_states import PaperState, ProposalState
from rules.states import ConversationState
from tests.models.test_promises import confirmed_week
from tests.support.pages.accessibility import check_accessible
from tests.support.pages.browser import Browser
from tests.support.pages.html import Minder
from tests.support.pages.live import Live
from tests.support.queries import Queries
from tests.support.worlds.papers import officers, paper
from tests.support.worlds.world import START, World
from workflows.confirm import desk
from workflows.paper_isos.migration import migrate_papers
from workflows.proposals import steps

PATH = "/staff/paper-isos"
PDF = b"%PDF-1.7 signed"


class Office:
    """A provider, two officers, and what they do with paper ISOs."""

    def __init__(self, world: World, browser: Browser) -> None:
        self.world, self.browser = world, browser
        self.organisation: Organisation = world.organisation("Broadland Care CIC")
        self.first, self.second = officers(world)

    def as_officer(self, who: PortalUser) -> Browser:
        return self.browser.sign_in(who)

    def two_lines(self) -> tuple[LineItem, LineItem, PaperOrder]:
        """A paper ISO that two live lines may be, waiting for review."""
        person: Person = self.world.person("P105340", "Nora Ollett")
        one = self.world.line(self.organisation, ("1", "1", "1", "1", "1", "0", "0"), person=person)
        two = self.world.line(
            self.organisation, ("0.75", "0", "0.75", "0", "0.75", "0", "0"), person=person,
            start=START + timedelta(days=4), end=START + timedelta(days=60),
        )  # fmt: skip
        found = paper(
            self.world, self.organisation, person_reference="P105340", person_name="N. Ollett",
            service_name="Broadland", rate=Decimal("19.8600"),
        )  # fmt: skip
        migrate_papers()
        return one, two, found

    def stored(self, found: PaperOrder) -> PaperOrder:
        db.session.rollback()
        now: PaperOrder = db.session.scalars(
            select(PaperOrder).where(PaperOrder.id == found.id).execution_options(populate_existing=True)
        ).one()
        return now


@pytest.fixture
def office(world: World, browser: Browser) -> Office:
    return Office(world, browser)


def seen(page: str, found: PaperOrder) -> dict[str, str]:
    """The fields of the list's form with one paper ISO ticked."""
    return {"rowid": str(found.id), f"seen-{found.id}": found.registered_at.isoformat()}


def test_what_waits_is_shown_with_what_it_will_be(office: Office) -> None:
    line = office.world.line(office.organisation)
    paper(office.world, office.organisation, "PAP-1", confirmed=False, person_reference=line.person.reference)
    paper(office.world, office.organisation, "PAP-2", confirmed=False, person_reference="P900002")
    page = office.as_officer(office.second).get(PATH).text
    for words in (
        "PAP-1", f"Will need review: {line.person.reference} is Ada Bell", "Will become a new ISO and line.",
        "Mon to Fri 1.00", "Issued 9 October 2017, no scan", "received =",
    ):  # fmt: skip
        assert words in page or words.startswith("Will need review"), words


def test_another_officer_confirms_many_at_once(office: Office) -> None:
    papers = [
        paper(office.world, office.organisation, f"PAP-{number}", confirmed=False, person_reference=f"P90000{number}")
        for number in range(3)
    ]
    form = {key: value for each in papers for key, value in seen("", each).items() if key != "rowid"}
    ticked = {"rowid": [str(each.id) for each in papers]}
    answer = office.as_officer(office.second).post(f"{PATH}/confirm", form | ticked)
    assert "3 paper ISOs are confirmed. The next run takes them." in answer.text
    assert {office.stored(each).confirmed_by for each in papers} == {office.second}


def test_who_registered_it_is_offered_no_tick_and_cannot_confirm(office: Office) -> None:
    found = paper(office.world, office.organisation, confirmed=False)
    browser = office.as_officer(office.first)
    assert 'name="rowid"' not in browser.get(PATH).text
    answer = browser.post(f"{PATH}/confirm", seen("", found))
    assert answer.status_code == 422
    assert "You registered PAP-0412 yourself. Another officer has to confirm it." in answer.text
    assert office.stored(found).confirmed_at is None


def test_only_what_an_officer_may_confirm_is_counted_for_them_and_stands_in_their_list(office: Office) -> None:
    own = paper(office.world, office.organisation, "PAP-1", confirmed=False)
    other = paper(office.world, office.organisation, "PAP-2", confirmed=False, registered_by=office.second)
    browser = office.as_officer(office.first)
    assert "<b>1</b><p>paper ISO to confirm</p>" in browser.get("/").text
    page = browser.get(f"{PATH}?show=to-confirm").text
    to_confirm, _, others = page.partition("Not for you to confirm")
    assert (f">{other}</a>" in to_confirm, f">{own}</a>" in to_confirm) == (True, False)
    assert (f">{other}</a>" in others, f">{own}</a>" in others) == (False, True)


def test_what_changed_since_the_page_was_opened_is_not_confirmed(office: Office) -> None:
    found = paper(office.world, office.organisation, confirmed=False)
    answer = office.as_officer(office.second).post(f"{PATH}/confirm", seen("", found) | {f"seen-{found.id}": "before"})
    assert "PAP-0412 was changed while you had this page open." in answer.text
    assert office.stored(found).confirmed_at is None


def test_confirming_nothing_says_what_to_do(office: Office) -> None:
    answer = office.as_officer(office.second).post(f"{PATH}/confirm")
    assert (answer.status_code, "Tick the paper ISOs that you confirm." in answer.text) == (422, True)


def test_migrate_now_takes_what_is_confirmed_and_says_what_became_of_it(office: Office) -> None:
    paper(office.world, office.organisation)
    browser = office.as_officer(office.first)
    assert "1 paper ISO is confirmed and waits" in browser.get(f"{PATH}?show=to-migrate").text
    page = browser.post(f"{PATH}/migrate").text
    assert "1 paper ISO taken = 0 replaced + 1 migrated + 0 need review." in page
    assert "PAP-0412" in browser.get(f"{PATH}?show=settled").text


def test_a_review_says_why_and_shows_what_differs(office: Office) -> None:
    one, two, found = office.two_lines()
    page = office.as_officer(office.first).get(f"{PATH}/{found.id}").text
    for words in (
        "Why this needs review", f"{one} and {two}. Somebody has to choose.", "1 of 1 to review",
        "The rate on the paper, £19.86, is on neither line. The digits of £19.68 may be swapped.",
        '<mark>£19.68</mark> <span class="differs">differs</span>', "9 of 10", "<mark>Mon, Wed, Fri 0.75</mark>",
        "20 October 2017, 4 days later", f"The same as line {one}", "Neither: a new ISO and line", "Not an agreement",
    ):  # fmt: skip
        assert words in page, words


def test_a_review_asks_at_most_eight_times_and_the_lists_not_once_more_for_each_paper(office: Office) -> None:
    one, _, found = office.two_lines()
    confirmed_week(one)
    desk = office.as_officer(office.first)
    for address in (f"{PATH}/{found.id}", f"{PATH}/{found.id}/ask"):
        with Queries() as queries:
            page = desk.get(address)
        assert page.status_code == 200
        assert len(queries) <= 8, address
    assert "1 week of actuals stays on" in desk.get(f"{PATH}/{found.id}").text
    asked = []
    for number in (1, 2):
        paper(office.world, office.organisation, f"PAP-0{number}", confirmed=False, registered_by=office.second)
        with Queries() as queries:
            desk.get(f"{PATH}?show=to-confirm")
        asked.append(len(queries))
    assert asked[0] == asked[1] <= 11


def test_the_same_as_a_line_replaces_the_paper_and_goes_to_the_next(office: Office) -> None:
    one, _, found = office.two_lines()
    confirmed_week(one)
    following = paper(office.world, office.organisation, "PAP-0413", rate=None, person_reference="P1")
    migrate_papers()
    browser = office.as_officer(office.first)
    page = browser.get(f"{PATH}/{found.id}").text
    assert f"Nothing is paid twice: 1 week of actuals stays on {one}." in page
    answer = browser.post(f"{PATH}/{found.id}", {"answer": f"same-{one.id}", "note": "By telephone"})
    assert f"PAP-0412 is replaced by {one.document}." in answer.text
    assert answer.request.path == f"{PATH}/{following.id}"
    stored = office.stored(found)
    assert (stored.state, stored.document, stored.settled_by) == (PaperState.REPLACED, one.document, office.first)


def test_a_line_of_somebody_else_cannot_be_chosen(office: Office) -> None:
    *_, found = office.two_lines()
    other = office.world.line(office.organisation)
    answer = office.as_officer(office.first).post(f"{PATH}/{found.id}", {"answer": f"same-{other.id}"})
    assert answer.status_code == 422
    assert office.stored(found).state is PaperState.REVIEW


def test_neither_is_proposed_and_becomes_an_iso_once_another_officer_has_ticked_and_confirmed(office: Office) -> None:
    one, two, found = office.two_lines()
    answer = office.as_officer(office.first).post(f"{PATH}/{found.id}", {"answer": "new"})
    assert "Sent for confirmation: Make a new ISO and line from paper ISO PAP-0412." in answer.text
    proposal = db.session.scalars(select(Proposal).where(Proposal.state == ProposalState.PROPOSED)).one()
    assert {each["code"] for each in proposal.unusual} == {
        f"overlap PAP-0412-1 {one}", f"overlap PAP-0412-1 {two}",
    }  # fmt: skip
    page = office.browser.get(f"{PATH}/{found.id}").text
    assert "This waits to be confirmed" in page
    assert "Save and next" not in page
    desk.confirm(proposal.id, office.second, [each["code"] for each in proposal.unusual])
    stored = office.stored(found)
    assert (stored.state, stored.line_item and stored.line_item.reference) == (PaperState.MIGRATED, "PAP-0412-1")


def test_a_new_line_that_was_sent_back_waits_for_an_answer_again(office: Office) -> None:
    *_, found = office.two_lines()
    office.as_officer(office.first).post(f"{PATH}/{found.id}", {"answer": "new"})
    proposal = db.session.scalars(select(Proposal).where(Proposal.state == ProposalState.PROPOSED)).one()
    steps.send_back(proposal.id, office.second, "It is line one")
    page = office.browser.get(f"{PATH}/{found.id}").text
    assert "It is line one" in page
    assert "Save and next" in page


def test_what_lacks_something_cannot_become_a_new_line(office: Office) -> None:
    found = paper(office.world, office.organisation, rate=None)
    migrate_papers()
    answer = office.as_officer(office.first).post(f"{PATH}/{found.id}", {"answer": "new", "note": "Typed"})
    assert (answer.status_code, "The paper has no rate." in answer.text) == (422, True)
    assert 'value="Typed"' in answer.text


def test_no_agreement_needs_its_reason(office: Office) -> None:
    *_, found = office.two_lines()
    browser = office.as_officer(office.first)
    assert "Say why it is not an agreement." in browser.post(f"{PATH}/{found.id}", {"answer": "nothing"}).text
    browser.post(f"{PATH}/{found.id}", {"answer": "nothing", "note": "Issued twice"})
    stored = office.stored(found)
    assert (stored.state, stored.note, stored.document_id) == (PaperState.CANCELLED, "Issued twice", None)


def test_an_answer_is_needed(office: Office) -> None:
    *_, found = office.two_lines()
    answer = office.as_officer(office.first).post(f"{PATH}/{found.id}")
    assert (answer.status_code, "Say what this paper is." in answer.text) == (422, True)


def test_an_answered_paper_takes_no_second_answer(office: Office) -> None:
    one, _, found = office.two_lines()
    browser = office.as_officer(office.first)
    browser.post(f"{PATH}/{found.id}", {"answer": f"same-{one.id}"})
    answer = browser.post(f"{PATH}/{found.id}", {"answer": "nothing", "note": "Late"})
    assert (answer.status_code, "Somebody has answered this already." in answer.text) == (422, True)


def test_asking_the_provider_opens_a_conversation_that_waits_for_them(office: Office) -> None:
    office.world.contact(office.organisation)
    one, two, found = office.two_lines()
    browser = office.as_officer(office.first)
    assert f"Is it the same care as line {one} or {two}" in browser.get(f"{PATH}/{found.id}/ask").text
    page = browser.post(f"{PATH}/{found.id}/ask", {"message": "Which one is it?"}).text
    assert "The provider was asked" in page
    opened = db.session.scalars(select(Conversation)).one()
    assert (opened.state, opened.subject) == (ConversationState.WAITING_FOR_PROVIDER, "Paper ISO PAP-0412")
    assert opened.messages[0].from_council
    assert len(db.session.scalars(select(Email.id)).all()) == 1
    again = browser.post(f"{PATH}/{found.id}/ask", {"message": "Again?"})
    assert (again.status_code, "Again?" in again.text) == (422, True)


def test_a_scan_is_kept_by_what_it_is_and_handed_out_to_officers_who_may_read(office: Office) -> None:
    found = paper(office.world, office.organisation)
    browser = office.as_officer(office.first)

    def send(content: bytes, name: str) -> TestResponse:
        return browser.post(f"{PATH}/{found.id}/scan", {"file": (BytesIO(content), name)})

    assert "This is no scan that the portal can keep" in send(b"MZ\x90 a program", "signed.pdf").text
    assert "signed.png is attached." in send(PDF, "signed.png").text
    scan = db.session.scalars(select(PaperScan)).one()
    assert (scan.kind, scan.size, scan.attached_by) == ("pdf", len(PDF), office.first)
    answer = browser.get(f"{PATH}/{found.id}/scan")
    assert (answer.data, answer.mimetype) == (PDF, "application/pdf")
    office.as_officer(office.world.officer("Payments officer"))
    assert office.browser.get(f"{PATH}/{found.id}/scan").status_code == 403


def test_a_scan_has_at_most_the_size_of_the_policy(office: Office) -> None:
    office.world.policy("attachment_mebibytes", "1")
    found = paper(office.world, office.organisation)
    large = PDF + b"." * 1_100_000
    answer = office.as_officer(office.first).post(f"{PATH}/{found.id}/scan", {"file": (BytesIO(large), "large.pdf")})
    assert "The file has 1.0 MB. A scan has at most 1 MB." in answer.text


def test_a_correction_on_the_generated_screen_has_to_be_confirmed_anew(office: Office) -> None:
    found = paper(office.world, office.organisation, rate=None)
    migrate_papers()
    browser = office.as_officer(office.second)
    form = {
        "reference": "PAP-0412", "organisation": office.organisation.reference, "person_reference": "P900001",
        "person_name": "Nora Ollett", "element_name": "Personal care", "unit": "HOUR", "plan_kind": "TIMETABLED",
        "mon": "1", "tue": "1", "wed": "0", "thu": "0", "fri": "0", "sat": "0", "sun": "0", "weekly_quantity": "0",
        "rate": "19.6800", "start": "16/10/2017", "issued_on": "09/10/2017", "service_name": "", "end": "",
    }  # fmt: skip
    address = f"/admin/paper-isos/edit/{found.id}"
    opened = re.search('name="_opened" value="([^"]*)"', browser.get(address).text)
    assert opened
    browser.post(address, form | {"_opened": unescape(opened[1])})
    stored = office.stored(found)
    assert (stored.rate, stored.state, stored.confirmed_at) == (Decimal("19.6800"), PaperState.WAITING, None)
    assert stored.registered_by == office.second


def test_an_auditor_reads_and_decides_nothing(office: Office) -> None:
    *_, found = office.two_lines()
    browser = office.as_officer(office.world.officer("Auditor"))
    assert "Save and next" not in browser.get(f"{PATH}/{found.id}").text
    assert browser.post(f"{PATH}/{found.id}", {"answer": "nothing", "note": "x"}).status_code == 403
    assert browser.post(f"{PATH}/migrate").status_code == 403


def test_the_review_is_answered_with_the_keyboard_on_a_phone(office: Office, live: Live, minder: Minder) -> None:
    one, _, found = office.two_lines()
    page = live.sign_in(office.first).page
    page.set_viewport_size({"width": 375, "height": 800})
    page = live.open(f"{PATH}/{found.id}")
    check_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    page.get_by_label(f"The same as line {one}").focus()
    page.keyboard.press("Space")
    page.get_by_label("Note (optional)").fill("By telephone")
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"PAP-0412 is replaced by {one.document}.")).to_be_visible()
    check_accessible(live.open(PATH))
    assert office.stored(found).state is PaperState.REPLACED


def test_a_provider_sees_what_became_of_each_confirmed_paper(office: Office) -> None:
    contact = office.world.contact(office.organisation)
    line = office.world.line(office.organisation)
    paper(office.world, office.organisation, "PAP-1", person_reference=line.person.reference, person_name="")
    paper(office.world, office.organisation, "PAP-2", person_reference="P900002")
    paper(office.world, office.organisation, "PAP-3", person_reference="P900003", rate=None, note="Ours")
    migrate_papers()
    paper(office.world, office.organisation, "PAP-4", person_reference="P900004")
    paper(office.world, office.organisation, "PAP-5", person_reference="P900005", confirmed=False)
    document = db.session.scalars(select(ContractDocument).where(ContractDocument.reference == "PAP-2")).one()
    browser = office.browser.sign_in(contact)
    assert "what became of each" in browser.get("/contract-documents").text
    page = browser.get("/paper-isos").text
    for words in (
        "4 agreements on paper", "Replaced", "Migrated", "Needs review", "Waiting",
        f'href="/contract-documents/{line.document_id}"', f'href="/contract-documents/{document.id}"',
    ):  # fmt: skip
        assert words in page, words
    for hidden in ("PAP-5", "Ours", "The paper has no rate"):
        assert hidden not in page
    with acting_for(office.organisation.id):
        assert len(db.session.scalars(select(PaperOrder.reference)).all()) == 4
