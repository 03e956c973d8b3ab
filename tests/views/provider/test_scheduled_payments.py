"""Scheduled payments as their provider sees them: checked, explained, queried, lowered by an absence, taken away."""

import re
from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from models import AbsenceReport, Conversation, Email, Remittance, ScheduledPayment, acting_for, db
from rules.agreement_states import DocumentState
from rules.period import DAY
from rules.refusal import Refused
from tests.support.files.pdf import calls_itself_accessible, open_pdf, text_of, title_of
from tests.support.pages.browser import Browser
from tests.support.processes.queue import work_off
from tests.support.queries import Queries
from tests.support.worlds.scheduled import (
    AMEND_BY,
    FINALISED,
    NEXT_PREVIEWED,
    PREVIEWED,
    WEDNESDAY,
    CareHome,
    payment_of,
)
from tests.support.worlds.world import START, World
from workflows.hashes import hash_password
from workflows.payments import run as payment_run
from workflows.scheduled.prepare import prepare_due


@pytest.fixture
def home(world: World, browser: Browser) -> CareHome:
    home = CareHome(world)
    on(world.app, PREVIEWED)
    browser.sign_in(home.contact)
    return home


def on(app: Flask, day: date) -> None:
    app.config["PORTAL_TODAY"] = day.isoformat()


def address(payment: ScheduledPayment) -> str:
    return f"/scheduled-payments/{payment.id}"


def test_the_list_says_what_happens_before_there_is_a_payment(home: CareHome, browser: Browser) -> None:
    page = browser.get("/scheduled-payments").text
    assert "No scheduled payments yet" in page
    home.line(start=WEDNESDAY)
    prepare_due(PREVIEWED)
    page = browser.get("/scheduled-payments?show=to-check").text
    assert "16 October to 12 November 2017" in page
    assert "£2,779.66" in page
    assert "To check" in page
    on(home.world.app, AMEND_BY + DAY)
    assert "No payment to check" in browser.get("/scheduled-payments?show=to-check").text


def test_a_payment_has_one_word_on_the_list_its_page_and_the_page_of_its_line(home: CareHome, browser: Browser) -> None:
    line = home.line()
    prepare_due(PREVIEWED)
    found = payment_of(home.first)
    browser.post(f"{address(found)}/query", {"message": "Is it right?"})
    for day, word, tint in ((AMEND_BY, "To check", "warn"), (AMEND_BY + DAY, "Preview", "info")):
        on(home.world.app, day)
        for page in ("/scheduled-payments", address(found), f"/line-items/{line.id}"):
            words = re.findall(r'<span class="tag (\w+)">([^<]*)', browser.get(page).text)
            assert (tint, word) in words, (day, page)
            assert not {"To check", "Preview"} - {word} & {each for _, each in words}, (day, page)
    assert "Waiting for the council" in browser.get(address(found)).text


def test_a_payment_says_until_when_it_can_be_queried_and_what_it_is_made_of(home: CareHome, browser: Browser) -> None:
    line = home.line(contribution=Decimal("139.75"), top_up=Decimal(25))
    home.away(line, date(2017, 10, 23), date(2017, 11, 1))
    prepare_due(PREVIEWED)
    page = browser.get(f"{address(payment_of(home.first))}?why={line.id}").text
    assert "Query it until the end of Monday 27 November. It is fixed on Tuesday 28 November" in page
    assert "first scheduled payment in the portal" in page
    assert "25 of 28 days" in page
    assert "4 ÷ 7 × £748.37" in page
    assert "days 8 to 10 of the absence at 0% (rule AB-1)" in page
    assert "£2,672.75" in page  # for care
    assert "−£659.00" in page  # deducted
    assert "Why £2,013.75 for" in page


def test_what_changed_since_the_last_payment_adds_up_in_words_and_pounds(home: CareHome, browser: Browser) -> None:
    same, dearer = home.line("700.00"), home.line("800.00")
    ended, away = home.line("100.00"), home.line("200.00")
    prepare_due(FINALISED)
    home.change_rate(dearer, "861.25", date(2017, 11, 27))
    home.end(ended, date(2017, 11, 19))
    home.away(away, date(2017, 11, 13), date(2017, 11, 20))
    home.line("300.00", start=date(2017, 12, 4))
    on(home.world.app, NEXT_PREVIEWED)
    prepare_due(NEXT_PREVIEWED)
    page = browser.get(address(payment_of(home.second))).text
    assert "£861.25 a week from the week of 27 Nov, was £800" in page
    assert "Ended on Sunday 19 November: 7 days paid" in page
    assert "In hospital from 13 to 20 November 2017: " in page
    assert "day 8 of the absence at 0% (rule AB-1)" in page
    assert "New, from Monday 4 December: 7 days paid" in page
    # 122.50 more, 300 less, 28.57 less, 300 new
    assert "+£93.93" in page
    assert "4 lines make the difference" in page
    assert page.count("Same as last time") == 1
    assert f"/line-items/{same.id}" in page


def test_a_line_that_is_kept_back_says_why_and_what_it_would_come_to(home: CareHome, browser: Browser) -> None:
    home.line("100.00")
    home.hold(home.line())
    prepare_due(PREVIEWED)
    page = browser.get(address(payment_of(home.first))).text
    assert "Payment is on hold: Safeguarding" in page
    assert "£2,993.48" in page


def test_a_hold_on_the_organisation_leaves_the_figures_and_says_why_no_run_takes_them(
    home: CareHome, browser: Browser
) -> None:
    home.line()
    home.hold(reason="New bank details")
    prepare_due(FINALISED)
    payment = payment_of(home.first)
    assert payment.gross == 4 * Decimal("748.37")
    page = browser.get(address(payment)).text
    assert "Payment to your organisation is on hold:</b> New bank details." in page
    with pytest.raises(Refused, match="There is nothing to pay"):
        payment_run.prepare("04/12/2017", home.world.officer("Payments officer"))


def test_a_query_becomes_a_conversation_with_the_payments_team_until_the_day_shown(
    home: CareHome, browser: Browser
) -> None:
    home.line()
    prepare_due(PREVIEWED)
    payment = payment_of(home.first)
    form = browser.get(f"{address(payment)}/query").text
    assert "can be sent until the end of Monday 27 November" in form
    refused = browser.post(f"{address(payment)}/query", {"message": " "})
    assert refused.status_code == 422
    assert "Say what is wrong, and for whom." in refused.text
    for _ in range(2):
        page = browser.post(f"{address(payment)}/query", {"message": "A. B. came home on the 1st."}).text
    assert "You asked about this payment" in page
    (conversation,) = db.session.scalars(select(Conversation)).all()
    assert (conversation.team.name, conversation.scheduled_payment_id) == ("Payments", payment.id)
    assert f"scheduled payment {payment.number}" in browser.get(f"/conversations/{conversation.id}").text
    on(home.world.app, AMEND_BY + DAY)
    late = browser.post(f"{address(payment)}/query", {"message": "And one more thing"})
    assert late.status_code == 422
    assert "could be queried until 27 November 2017" in late.text
    assert "And one more thing" in late.text


def test_an_absence_that_is_reported_lowers_the_payment_and_its_last_day_can_come_later(
    home: CareHome, browser: Browser
) -> None:
    line = home.line()
    prepare_due(PREVIEWED)
    new = "/scheduled-payments/absences/new"
    refused = browser.post(new, {"line": str(line.id), "first_day": "31/31/2017", "comment": "Ward 3"})
    assert refused.status_code == 422
    assert "is not a date" in refused.text
    assert "Choose why the person was away." in refused.text
    assert "Ward 3" in refused.text
    typed = {"line": str(line.id), "first_day": "30/10/2017", "reason": "hospital"}
    page = browser.post(new, typed).text
    assert "from 30 October 2017, no last day yet" in page
    assert "Away now" in page
    work_off(home.world.app)
    assert payment_of(home.first).gross == 3 * Decimal("748.37")
    again = browser.post(new, typed | {"first_day": "02/11/2017"})
    assert "reported already (from 30 October 2017, no last day yet)" in again.text
    (report,) = db.session.scalars(select(AbsenceReport)).all()
    browser.post(f"/scheduled-payments/absences/{report.id}", {"last_day": "05/11/2017"})
    work_off(home.world.app)
    assert payment_of(home.first).gross == 4 * Decimal("748.37")


def test_a_report_is_withdrawn_until_a_payment_is_fixed_with_it(home: CareHome, browser: Browser) -> None:
    line = home.line()
    report = home.away(line, START, date(2017, 10, 29))
    here = f"/scheduled-payments/absences/{report.id}/withdraw"
    prepare_due(FINALISED)
    refused = browser.post(here)
    assert refused.status_code == 422
    assert "is fixed already, so it cannot be withdrawn" in refused.text
    mistaken = home.away(line, date(2017, 11, 20), None)
    page = browser.post(f"/scheduled-payments/absences/{mistaken.id}/withdraw").text
    assert "The report was withdrawn" in page
    with acting_for(home.organisation.id):
        assert [each.withdrawn_at is None for each in db.session.scalars(select(AbsenceReport).order_by("id"))] == [
            True,
            False,
        ]


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({"first_day": "01/12/2017"}, "1 December 2017 is in the future."),
        ({"first_day": "10/10/2017"}, "10 October 2017 is outside the line, which began on 16 October 2017."),
        ({"first_day": "30/10/2017", "last_day": "29/10/2017"}, "The last day is before the first day."),
        ({"first_day": "30/10/2017", "reason": "other"}, "Say in the comment why the person was away."),
    ],
)
def test_a_report_that_cannot_be_is_refused(home: CareHome, browser: Browser, typed: dict[str, str], why: str) -> None:
    line = home.line()
    answer = browser.post("/scheduled-payments/absences/new", {"line": str(line.id), "reason": "holiday"} | typed)
    assert answer.status_code == 422
    assert why in answer.text


def test_a_payment_is_taken_away_with_every_week(home: CareHome, browser: Browser) -> None:
    line = home.line(contribution=Decimal("139.75"))
    prepare_due(PREVIEWED)
    here = address(payment_of(home.first))
    rows = browser.get(f"{here}/csv").text.splitlines()
    assert len(rows) == 5
    assert line.reference in rows[1]
    assert "748.37,139.75,0.00,608.62" in rows[1]
    assert browser.get(f"{here}/excel").data[:2] == b"PK"


def test_the_paper_is_tagged_adds_up_and_pays_nothing_that_is_kept_back(home: CareHome, browser: Browser) -> None:
    line = home.line(contribution=Decimal("139.75"), top_up=Decimal(25))
    home.away(line, date(2017, 10, 23), date(2017, 11, 1))
    home.hold(home.line("100.00"))
    prepare_due(PREVIEWED)
    payment = payment_of(home.first)
    assert f'href="{address(payment)}/pdf"' in browser.get(address(payment)).text
    answer = browser.get(f"{address(payment)}/pdf")
    assert answer.headers["Content-Disposition"] == f"attachment; filename={payment.number}.pdf"
    paper = open_pdf(answer.data)
    assert calls_itself_accessible(paper)
    assert title_of(paper) == f"Scheduled payment {payment.number}"
    for words in (
        "StateTocheck", "Queryituntil27November2017", "Reachesyourbank", line.reference, "4÷7", "(ruleAB-1)",
        "£2,672.75forcare−£559.00contributions−£100.00top-ups+£0.00VAT=£2,013.75tobepaid;£400.00iskeptback",
        "Keptback,£100.00:Paymentisonhold:Safeguarding", "Total£2,672.75−£559.00−£100.00£0.00£2,013.75",
    ):  # fmt: skip
        assert words in text_of(paper), words
    browser.sign_in(home.world.contact(home.world.organisation("Broadland Care")))
    assert browser.get(f"{address(payment)}/pdf").status_code == 404


def test_the_e_mail_leads_to_the_payment(home: CareHome, browser: Browser) -> None:
    home.line()
    prepare_due(PREVIEWED)
    (body,) = db.session.scalars(select(Email.body)).all()
    assert browser.get(body[body.index("/scheduled-payments") :].strip()).status_code == 200


def test_the_queries_of_a_payment_do_not_grow_with_its_lines(home: CareHome, browser: Browser) -> None:
    counts = []
    for lines in (1, 6):
        for _ in range(lines):
            home.line(contribution=Decimal(10))
        prepare_due(PREVIEWED)
        here = address(payment_of(home.first))
        browser.get(here)
        with Queries() as queries:
            browser.get(here)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 12, queries


def test_what_was_paid_stands_on_the_remittance_and_leads_to_its_payment_run(home: CareHome, browser: Browser) -> None:
    line = home.line(contribution=Decimal("139.75"))
    home.away(line, date(2017, 10, 23), date(2017, 11, 1))
    prepare_due(FINALISED)
    on(home.world.app, FINALISED)
    officer = home.world.officer("Payments officer")
    run = payment_run.prepare("04/12/2017", officer)
    payment_run.approve(run.id, home.world.officer("Payments approver"))
    payment_run.release(run.id, officer)
    payment = payment_of(home.first)
    assert "Released for payment on 4 December 2017" in browser.get(address(payment)).text
    (remittance,) = db.session.scalars(select(Remittance)).all()
    assert remittance.total == payment.gross
    page = browser.get(f"/remittances/{remittance.id}")
    assert page.status_code == 200
    assert payment.number in page.text
    why = browser.get(f"/remittances/{remittance.id}/lines/3")
    assert why.status_code == 200
    assert "days 8 to 10 of the absence at 0%" in why.text
    assert "less £139.75 contribution" in why.text


def test_a_document_that_is_accepted_lets_its_line_be_paid_at_once(world: World, browser: Browser) -> None:
    home = CareHome(world, sector="Nursing")
    line = home.line(state=DocumentState.PUBLISHED)
    assert home.contact.user
    home.contact.user.password = hash_password("correct-horse-portal")
    db.session.commit()
    on(world.app, PREVIEWED)
    prepare_due(PREVIEWED)
    browser.sign_in(home.contact)
    assert "Accept it, then this line is paid." in browser.get(address(payment_of(home.first))).text
    here = f"/contract-documents/{line.document_id}/accept"
    assert browser.post(here, {"password": "correct-horse-portal"}).status_code == 200
    work_off(world.app)
    assert payment_of(home.first).gross == 4 * Decimal("748.37")
