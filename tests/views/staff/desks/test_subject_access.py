"""Everything about one person as one archive: for who may, with a reason that the trail keeps."""

import io
import json
from zipfile import ZipFile

import pytest
from sqlalchemy import select

from models import AuditEvent, LineItem, Person, db, metadata
from tests.support.pages.browser import Browser
from tests.support.worlds import everything
from tests.support.worlds.world import World
from workflows.upkeep.person_export import rows_about

# They lead to a person in more than one step, or by the reference alone.
ABOUT_A_PERSON = {
    "person", "contract_document", "document_version", "line_item", "plan", "rate", "deduction", "hold", "actual",
    "actual_version", "aborted_visit", "absence_claim", "absence_claim_line", "absence_report", "exception_check",
    "exception_decision", "invoice_line", "scheduled_payment_line", "remittance_line", "conversation", "message",
    "visit", "typed_over_day", "paper_order", "missing_package", "audit_event", "attachment", "conversation_note",
    "upload_finding", "one_off_payment",
}  # fmt: skip


@pytest.fixture
def person(world: World) -> Person:
    """Somebody with a record of every kind."""
    everything.build(world, world.officer("Administrator"), (1, 2))
    line = db.session.scalars(select(LineItem).order_by(LineItem.id.desc())).first()
    assert line is not None
    found: Person = line.person
    return found


def test_it_holds_every_record_about_the_person_and_nobody_elses(person: Person) -> None:
    found = rows_about(person)
    assert found.keys() - ABOUT_A_PERSON <= {"payment_source", "journal_event", "journal_entry", "proposal"}
    assert len(found) > 20, sorted(found)
    lines = set(db.session.scalars(select(LineItem.id).where(LineItem.person_id == person.id)))
    for name, each in found.items():
        if "line_item_id" in each.columns:
            assert {row[each.columns.index("line_item_id")] for row in each.rows} <= {*lines, None}, name


def test_every_table_that_leads_to_a_person_is_among_them(person: Person) -> None:
    direct = {
        table.name
        for table in metadata.sorted_tables
        if {"person_id", "line_item_id", "person_reference"} & {*table.c.keys()}
    }
    # Of these the world holds none about this line.
    assert direct - rows_about(person).keys() <= {
        "one_off_payment", "proposal", "upload_finding", "hold", "deduction", "absence_report", "paper_order",
        "missing_package", "remittance_line", "conversation",
    }  # fmt: skip


def test_an_administrator_gets_the_archive_and_the_trail_keeps_why(
    person: Person, browser: Browser, world: World
) -> None:
    officer = world.officer("Administrator", "dpo@council.example")
    browser.sign_in(officer)
    address = f"/staff/people/{person.id}/subject-access"
    assert address in browser.get(f"/admin/people/show/{person.id}").text
    assert browser.get(address).status_code == 200
    got = browser.post(address, {"why": "Request of 3 November"})
    assert (got.status_code, got.mimetype) == (200, "application/zip")
    assert got.headers["Content-Disposition"].endswith(f"filename=subject-access-{person.id}.zip")
    archive = ZipFile(io.BytesIO(got.data))
    data = json.loads(archive.read("data.json"))
    assert [each["name"] for each in data["person"]] == [person.name]
    assert {"readme.txt", "tables/line_item.csv", "tables/actual.csv"} <= set(archive.namelist())
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "exported")).one()
    assert (event.user_id, event.record_id, event.why) == (officer.id, person.id, "Request of 3 November")


def test_without_a_reason_nothing_is_handed_out(person: Person, browser: Browser, world: World) -> None:
    browser.sign_in(world.officer("Administrator", "dpo@council.example"))
    answer = browser.post(f"/staff/people/{person.id}/subject-access", {"why": " "})
    assert (answer.status_code, "Say who asked for it and why." in answer.text) == (422, True)
    assert db.session.scalars(select(AuditEvent).where(AuditEvent.action == "exported")).all() == []


@pytest.mark.parametrize("role", ["Service Brokerage", "Auditor", "Payments officer"])
def test_other_officers_are_not_offered_it(world: World, browser: Browser, role: str) -> None:
    person = world.person()
    browser.sign_in(world.officer(role))
    assert "Subject access" not in browser.get(f"/admin/people/show/{person.id}").text
    assert browser.post(f"/staff/people/{person.id}/subject-access", {"why": "x"}).status_code in (403, 404)
