"""Who hands a run in at the bank fetches its file; the ledger file is for everybody in Payments; nobody else."""

import logging

import pytest
from sqlalchemy import select

from models import AuditEvent, PaymentRun, Person, db
from tests.support.pages.browser import Browser
from tests.support.second.bacs_reader import read_bacs
from tests.support.worlds.weeks import send, week
from tests.support.worlds.world import World
from workflows.payments import run as payment_run

ACCOUNT = "66374958"


def prepared(world: World) -> PaymentRun:
    organisation = world.organisation("Broadland Care CIC")
    world.account(organisation, ACCOUNT)
    week(world.line(organisation))
    send(world.contact(organisation), world.period(0))
    return payment_run.prepare("04/12/2017", world.officer("Payments officer", "preparer@council.example"))


def released(world: World) -> PaymentRun:
    run = prepared(world)
    officer = run.prepared_by
    payment_run.approve(run.id, world.officer("Payments approver"))
    payment_run.release(run.id, officer)
    return run


def test_a_payments_officer_fetches_both_files_and_the_log_holds_no_account(
    world: World, browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    run = released(world)
    caplog.set_level(logging.DEBUG)
    browser.sign_in(world.officer("Payments officer"))
    bank = browser.get(f"/staff/payment-run/{run.id}/bacs.txt")
    assert bank.headers["Content-Disposition"] == f"attachment; filename=bacs-run-{run.number}.txt"
    assert read_bacs(bank.data.decode("ascii")).credits[0].account == ACCOUNT
    ledger = browser.get(f"/staff/payment-run/{run.id}/ledger.csv")
    assert ledger.headers["Content-Disposition"] == f"attachment; filename=ledger-run-{run.number}.csv"
    assert ledger.data.decode("utf-8-sig").startswith("Payment run,Pay date,")
    for secret in (ACCOUNT, "Ada Bell", "137.76"):
        assert secret not in caplog.text


@pytest.mark.parametrize("is_released", [True, False])
def test_a_ledger_file_is_noted_with_the_people_it_pays_for(world: World, browser: Browser, is_released: bool) -> None:
    run = released(world) if is_released else prepared(world)
    world.line(world.organisation("Other Ltd"), person=world.person("UNPAID"))
    paid = db.session.scalars(select(Person.id).where(Person.reference != "UNPAID")).all()
    answer = browser.sign_in(world.officer("Payments officer")).get(f"/staff/payment-run/{run.id}/ledger.csv")
    assert answer.mimetype == "text/csv"
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "exported")).one()
    assert (event.record, event.record_id, (event.after or {})["people"]) == ("payment_run", run.id, paid)


@pytest.mark.parametrize(
    ("role", "bank", "ledger"),
    [
        ("Payments officer", 200, 200),
        ("Payments approver", 403, 200),
        ("Auditor", 403, 200),
        ("Administrator", 200, 200),
        ("Service Brokerage", 403, 403),
    ],
)
def test_accounts_are_for_who_hands_them_in(world: World, browser: Browser, role: str, bank: int, ledger: int) -> None:
    run = released(world)
    browser.sign_in(world.officer(role))
    assert browser.get(f"/staff/payment-run/{run.id}/bacs.txt", follow=False).status_code == bank
    assert browser.get(f"/staff/payment-run/{run.id}/ledger.csv", follow=False).status_code == ledger


def test_the_runs_page_offers_what_its_reader_may_fetch(world: World, browser: Browser) -> None:
    run = released(world)
    page = browser.sign_in(world.officer("Payments officer")).get(f"/staff/payment-run/{run.id}").text
    assert f'href="/staff/payment-run/{run.id}/bacs.txt">Download Bacs file' in page
    assert f'href="/staff/payment-run/{run.id}/ledger.csv">Download ledger file' in page
    page = browser.sign_in(world.officer("Payments approver")).get(f"/staff/payment-run/{run.id}").text
    assert "bacs.txt" not in page
    assert "ledger.csv" in page


def test_before_release_the_files_are_called_trials(world: World, browser: Browser) -> None:
    organisation = world.organisation()
    week(world.line(organisation))
    send(world.contact(organisation), world.period(0))
    officer = world.officer("Payments officer")
    run = payment_run.prepare("04/12/2017", officer)
    page = browser.sign_in(officer).get(f"/staff/payment-run/{run.id}").text
    assert "Trial of the Bacs file" in page
    assert "not for the bank" in page


def test_why_there_is_no_file_is_said_on_the_runs_page(world: World, browser: Browser) -> None:
    organisation = world.organisation("Broadland Care CIC", account=False)
    week(world.line(organisation))
    send(world.contact(organisation), world.period(0))
    officer = world.officer("Payments officer")
    run = payment_run.prepare("04/12/2017", officer)
    page = browser.sign_in(officer).get(f"/staff/payment-run/{run.id}/bacs.txt").text
    assert f"Payment run {run.number}" in page
    assert "Broadland Care CIC has no confirmed bank details." in page


def test_an_unknown_run_and_a_provider_get_nothing(world: World, browser: Browser) -> None:
    run = released(world)
    browser.sign_in(world.officer("Payments officer"))
    assert browser.get("/staff/payment-run/99999/bacs.txt").status_code == 404
    browser.sign_in(world.contact(world.organisation("Holt House")))
    for path in ("bacs.txt", "ledger.csv"):
        assert browser.get(f"/staff/payment-run/{run.id}/{path}", follow=False).status_code in (403, 404)
