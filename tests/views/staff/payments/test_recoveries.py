"""Recoveries, one-off payments and bank returns as officers work on them."""

import io

import pytest
from sqlalchemy import select

from models import Proposal, Recovery, Remittance, db
from tests.support.pages.browser import Browser
from tests.support.queries import Queries
from tests.workflows.payments.test_returns import file_of, row_of
from tests.workflows.payments.test_run import Story, one_off, owes, reload, story
from workflows.payments import one_off as one_offs

__all__ = ["story"]


def test_instalments_are_proposed_on_the_page_of_a_recovery_and_nothing_typed_is_lost(
    story: Story, browser: Browser
) -> None:
    debt = owes(story, story.world.organisation().id, "25.00")
    page = browser.sign_in(story.preparer)
    assert "£25.00" in page.get("/staff/recoveries").text
    path = f"/staff/recoveries/{debt.id}"
    answer = page.post(f"{path}/instalments", {"instalment": "99", "reason": "Agreed with Jo"})
    assert answer.status_code == 422
    assert 'value="99"' in answer.text
    assert "Agreed with Jo" in answer.text
    assert 'id="instalment-error"' in answer.text
    answer = page.post(f"{path}/instalments", {"instalment": "10", "reason": "Agreed with Jo"})
    assert "Sent for confirmation." in answer.text
    assert "by £10.00 in each run" in answer.text
    proposal = db.session.scalars(select(Proposal)).one()
    browser.sign_in(story.world.officer("Payments officer")).post(f"/staff/confirm/{proposal.id}/confirm")
    assert str(reload(debt).instalment) == "10.00"


def test_a_recovery_is_paused_and_goes_on(story: Story, browser: Browser) -> None:
    debt = owes(story, story.world.organisation().id, "25.00")
    path = f"/staff/recoveries/{debt.id}"
    page = browser.sign_in(story.preparer)
    assert page.post(f"{path}/pause", {"why": ""}).status_code == 422
    assert "They disagree" in page.post(f"{path}/pause", {"why": "They disagree"}).text
    assert "Paused" in page.get("/staff/recoveries").text
    page.post(f"{path}/go-on")
    assert reload(debt).paused_on is None


def test_a_recovery_is_proposed_on_its_form(story: Story, browser: Browser) -> None:
    organisation = story.world.organisation()
    form = {"organisation": organisation.reference, "amount": "12.50", "reason": "Paid twice"}
    page = browser.sign_in(story.preparer).post("/admin/recoveries/add", form)
    assert f"Recover £12.50 from {organisation}" in page.text
    assert db.session.scalars(select(Recovery)).all() == []


def test_one_off_payments_are_listed_with_what_waits(story: Story, browser: Browser) -> None:
    organisation = story.world.organisation()
    payment = one_off(organisation.id, "12.34")
    wanted = one_offs.OneOff(organisation.id, None, None, payment.net, payment.vat_code, "A taxi")
    one_offs.propose(wanted, story.preparer)
    page = browser.sign_in(story.preparer).get("/staff/one-offs").text
    assert payment.number in page
    assert f"Pay {organisation} £12.34 once" in page
    assert "/admin/one-off-payments/add" in page
    assert "/admin/one-off-payments/add" not in browser.sign_in(story.approver).get("/staff/one-offs").text


def test_a_file_of_the_bank_is_brought_in_once_and_the_remittance_says_so(story: Story, browser: Browser) -> None:
    sent = story.invoiced()
    run = story.released()
    remittance = db.session.scalars(select(Remittance)).one()
    page = browser.sign_in(story.preparer)

    def bring(content: bytes) -> str:
        answer = page.post("/staff/bank-returns/record", {"file": (io.BytesIO(content), "returns.csv")})
        return f"{answer.status_code} {answer.text}"

    assert bring(b"").startswith("422")
    assert "no payment of the council has the reference" in bring(file_of(row_of(remittance, reference="X1")))
    assert "1 payment came back and waits again." in bring(file_of(row_of(remittance)))
    assert "Nothing new came back. 1 payment had come back before." in bring(file_of(row_of(remittance)))
    shown = page.get(f"/staff/payment-run/{run.id}").text
    assert "£137.76 on 20 November 2017, no such account" in shown
    theirs = browser.sign_in(sent.organisation.contacts[0])
    assert "Returned on 20 November 2017: no such account." in theirs.get(f"/remittances/{remittance.id}").text
    assert "returned on 20 November 2017" in theirs.get("/remittances").text


@pytest.mark.parametrize("path", ["/staff/recoveries", "/staff/one-offs", "/staff/bank-returns"])
def test_who_reads_and_who_changes(story: Story, browser: Browser, path: str) -> None:
    owes(story, story.world.organisation().id, "25.00")
    for role, status in (("Payments approver", 200), ("Auditor", 200), ("Service Brokerage", 403)):
        page = browser.sign_in(story.world.officer(role)).get(path)
        assert page.status_code == status, role
        assert '<form method="post" action="/staff' not in page.text
    browser.sign_in(story.preparer)
    browser.get(path)
    with Queries() as queries:
        browser.get(path)
    assert len(queries) <= 8
