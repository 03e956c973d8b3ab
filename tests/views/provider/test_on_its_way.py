"""Money that a run has released is on its way until its pay date, and paid from then on: one word on every page."""

from datetime import date

import pytest
from sqlalchemy import select

from models import Remittance, ScheduledPayment, db
from rules.period import DAY
from tests.support.files.pdf import open_pdf, text_of
from tests.support.pages.browser import Browser
from tests.support.worlds.scheduled import FINALISED, CareHome
from tests.support.worlds.world import World
from tests.workflows.payments.test_run import Story
from workflows.payments import run as payment_run
from workflows.scheduled.prepare import prepare_due

PAY_DATE = date(2017, 12, 4)


@pytest.mark.parametrize(("day", "word"), [(PAY_DATE - DAY, "On its way"), (PAY_DATE, "Paid")])
def test_an_invoice_and_its_remittance_have_one_word(world: World, browser: Browser, day: date, word: str) -> None:
    story = Story(world)
    sent = story.invoiced()
    story.released()
    remittance = db.session.scalars(select(Remittance)).one()
    browser.sign_in(sent.organisation.contacts[0])
    world.app.config["PORTAL_TODAY"] = day.isoformat()
    pages = ("/invoices", f"/invoices/{sent.id}", f"/remittances/{remittance.id}")
    assert {page: words_of(browser, page) for page in pages} == {page: {word} for page in pages}
    history = browser.get(f"/actuals/history?line={sent.lines[0].line_item_id}&week=2017-10-16").text
    assert f'{sent.number} <span class="tag {"ok" if word == "Paid" else "info"}">{word}</span>' in history
    paper = text_of(open_pdf(browser.get(f"/invoices/{sent.id}.pdf").data))
    assert f"State{word}".replace(" ", "") in paper.replace(" ", "").replace("\n", "")


@pytest.mark.parametrize(("day", "word"), [(PAY_DATE - DAY, "On its way"), (PAY_DATE, "Paid")])
def test_a_scheduled_payment_and_its_remittance_have_one_word(
    world: World, browser: Browser, day: date, word: str
) -> None:
    home = CareHome(world)
    line, officer = home.line(), world.officer("Payments officer")
    prepare_due(FINALISED)
    world.app.config["PORTAL_TODAY"] = FINALISED.isoformat()
    run = payment_run.prepare(f"{PAY_DATE:%d/%m/%Y}", officer)
    payment_run.approve(run.id, world.officer("Payments approver"))
    payment_run.release(run.id, officer)
    payment, remittance = (db.session.scalars(select(each)).one() for each in (ScheduledPayment, Remittance))
    browser.sign_in(home.contact)
    world.app.config["PORTAL_TODAY"] = day.isoformat()
    pages = ("/scheduled-payments", f"/scheduled-payments/{payment.id}", f"/remittances/{remittance.id}")
    assert {page: words_of(browser, page) for page in pages} == {page: {word} for page in pages}
    assert f">{word}</span>" in browser.get(f"/line-items/{line.id}").text
    figure = {"On its way": "to be paid", "Paid": "paid"}[word]
    page = browser.get(f"/scheduled-payments/{payment.id}").text
    assert f'<span class="big">£2,993.48</span><small>{figure}</small>' in page


def words_of(browser: Browser, page: str) -> set[str]:
    """Which of both words stand as tags on a page."""
    text = browser.get(page).text
    return {word for word in ("On its way", "Paid") if f">{word}</span>" in text}
