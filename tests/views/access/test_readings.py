"""Who read whose record, who took it away as a file, and who came in or did not: the audit trail has it all."""

from typing import Any, Final

import pytest
from flask import Flask
from sqlalchemy import Connection, Engine, event, func, select, text

from models import (
    AbsenceClaim,
    AuditEvent,
    Contact,
    ContractDocument,
    Conversation,
    Invoice,
    LineItem,
    Organisation,
    PortalUser,
    Remittance,
    ScheduledPayment,
    db,
)
from tests.support.pages.browser import Browser
from tests.support.queries import OF_THE_TRAIL
from tests.support.worlds import everything
from tests.support.worlds.world import World
from tests.views.test_every_route import FILE, everywhere, filled
from views.access.readings import ABOUT_ONE, OF_ONE
from workflows.hashes import hash_password
from workflows.upkeep.person_export import rows_about

PASSWORD = "grey heron wades at noon"


@pytest.fixture
def full(world: World) -> Organisation:
    """An organisation with a record of every kind."""
    everything.build(world, world.officer("Administrator"))
    found: Organisation = db.session.scalars(select(Organisation)).one()
    return found


def newest(model: Any) -> int:
    return int(db.session.scalars(select(func.max(model.id))).one())


def noted(action: str = "read") -> list[tuple[int | None, int | None, str, str]]:
    """What was noted of people: who, of which organisation, from where, and on which page."""
    events = db.session.scalars(
        select(AuditEvent).where(AuditEvent.record == "person", AuditEvent.action == action).order_by(AuditEvent.id)
    )
    return [(each.user_id, each.organisation_id, each.from_address, (each.after or {})["page"]) for each in events]


PAGES = {
    "/line-items/{}": LineItem, "/contract-documents/{}": ContractDocument, "/remittances/{}": Remittance,
    "/invoices/{}": Invoice, "/scheduled-payments/{}": ScheduledPayment, "/absence-claims/{}": AbsenceClaim,
    "/conversations/{}": Conversation,
}  # fmt: skip


@pytest.mark.parametrize("address", PAGES)
def test_opening_a_record_is_noted_once_for_each_person_it_is_about(
    full: Organisation, browser: Browser, address: str
) -> None:
    contact = db.session.scalars(select(Contact).order_by(Contact.id)).first()
    assert contact is not None
    page = address.format(newest(PAGES[address]))
    assert browser.sign_in(contact).get(page).status_code == 200
    assert noted() == [(contact.user_id, full.id, "127.0.0.1", page)]


def test_a_file_that_is_handed_out_is_an_export(full: Organisation, browser: Browser) -> None:
    contact = db.session.scalars(select(Contact).order_by(Contact.id)).first()
    assert contact is not None
    page = f"/remittances/{newest(Remittance)}.pdf"
    assert browser.sign_in(contact).get(page).status_code == 200
    assert noted("exported") == [(contact.user_id, full.id, "127.0.0.1", page)]


def test_a_week_of_actuals_is_one_event_with_everybody_in_it(world: World, browser: Browser) -> None:
    organisation = world.organisation()
    people = [world.line(organisation, person=world.person(f"P{number}")).person_id for number in (1, 2, 3)]
    contact = world.contact(organisation)
    assert browser.sign_in(contact).get("/actuals?week=2017-11-06").status_code == 200
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "read")).one()
    assert (event.user_id, event.organisation_id, event.from_address) == (contact.user_id, organisation.id, "127.0.0.1")
    assert (event.record, event.record_id) == ("person", 0)
    assert event.after == {"page": "/actuals", "people": people}
    assert len(event.request_id) == 16


def test_a_week_of_actuals_of_one_person_is_an_event_of_that_person_and_one_of_nobody_none(
    world: World, browser: Browser
) -> None:
    organisation = world.organisation()
    browser.sign_in(world.contact(organisation)).get("/actuals?week=2017-11-06")
    assert noted() == []
    line = world.line(organisation)
    browser.get("/actuals?week=2017-11-06")
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "read")).one()
    assert (event.record_id, event.after) == (line.person_id, {"page": "/actuals"})


def test_a_page_of_another_organisation_is_neither_shown_nor_noted(world: World, browser: Browser) -> None:
    line = world.line(world.organisation("Other Ltd"))
    assert browser.sign_in(world.contact(world.organisation())).get(f"/line-items/{line.id}").status_code == 404
    assert noted() == []


def test_an_officer_who_opens_a_person_is_noted_and_a_list_that_is_exported(world: World, browser: Browser) -> None:
    person, officer = world.person(), world.officer("Service Brokerage")
    browser.sign_in(officer)
    assert browser.get(f"/admin/people/show/{person.id}").status_code == 200
    assert noted() == [(officer.id, None, "127.0.0.1", f"/admin/people/show/{person.id}")]
    assert browser.get("/admin/people/export/csv?_flt_0_reference=P").status_code == 200
    took = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "exported")).one()
    assert (took.user_id, took.record, took.record_id) == (officer.id, "person", 0)
    assert (took.after or {})["sought"] == "_flt_0_reference=P"


def test_a_reading_is_no_change_in_the_history_of_the_person(world: World, browser: Browser) -> None:
    person = world.person()
    browser.sign_in(world.officer("Service Brokerage"))
    browser.get(f"/admin/people/show/{person.id}")
    assert "Read" not in browser.get(f"/admin/people/show/{person.id}").text.split("History")[-1]


def test_the_trail_shows_readings_and_who_signed_in(world: World, browser: Browser) -> None:
    person = world.person()
    browser.sign_in(world.officer("Administrator")).get(f"/admin/people/show/{person.id}")
    page = browser.get("/admin/audit/list/?_flt_0_action=read")
    assert (page.status_code, "Read" in page.text, person.reference in page.text) == (200, True, True)
    assert "Signed in" in browser.get("/admin/audit/list/").text


def test_signing_in_and_being_refused_are_noted_by_account_and_address(world: World, browser: Browser) -> None:
    contact = world.contact(world.organisation(), "jo@provider.example")
    user = db.session.get_one(PortalUser, contact.user_id)
    user.password = hash_password(PASSWORD)
    db.session.commit()
    for email in ("jo@provider.example", "nobody@provider.example"):
        browser.post("/sign-in", {"email": email, "password": "wrong"})
    refused = db.session.scalars(
        select(AuditEvent).where(AuditEvent.action == "sign-in refused").order_by(AuditEvent.id)
    ).all()
    assert [(each.record_id, each.from_address) for each in refused] == [(user.id, "127.0.0.1"), (0, "127.0.0.1")]
    assert len((refused[1].after or {})["address"]) == 64  # a hash, not the address
    browser.sign_in(contact).post("/sign-out")
    came = db.session.execute(
        select(AuditEvent.action, AuditEvent.user_id)
        .where(AuditEvent.action.in_(["signed in", "signed out"]))
        .order_by(AuditEvent.id)
    ).all()
    assert [tuple(each) for each in came] == [("signed in", user.id), ("signed out", user.id)]


def test_every_page_that_is_noted_is_there(portal: Flask) -> None:
    rules = {rule.endpoint: rule.arguments for rule in portal.url_map.iter_rules()}
    assert {
        endpoint for endpoint, (_, name, _) in (ABOUT_ONE | OF_ONE).items() if name not in rules.get(endpoint, ())
    } == set()


def exported() -> list[tuple[str, int, list[int]]]:
    """Of each file that was handed out: its table, its record, and who is in it."""
    events = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "exported").order_by(AuditEvent.id))
    return [(each.record, each.record_id, (each.after or {})["people"]) for each in events]


def test_a_list_that_is_exported_is_one_event_with_everybody_in_it_and_nobody_else(
    world: World, browser: Browser
) -> None:
    lines = [world.line(world.organisation(), person=world.person(f"P{number}")) for number in (1, 2, 3)]
    world.line(lines[0].organisation, person=lines[0].person)
    people = [line.person_id for line in lines]
    browser.sign_in(world.officer("Service Brokerage"))
    for table, route in (("line_item", "line-items"), ("person", "people"), ("plan", "plans")):
        for kind in ("csv", "xlsx"):
            assert browser.get(f"/admin/{route}/export/{kind}").status_code == 200
            assert exported()[-1] == (table, 0, people)
    assert browser.get("/admin/people/export/csv?_flt_0_reference=P2").status_code == 200
    assert exported()[-1] == ("person", 0, [people[1]])
    assert browser.get("/admin/organisations/export/csv").status_code == 200
    assert exported()[-1] == ("organisation", 0, [])
    assert len(exported()) == 8


def test_who_has_seen_a_person_is_answered_from_the_person(world: World, browser: Browser) -> None:
    seen, other = world.person("SEEN"), world.person("OTHER")
    page = f"/staff/people/{seen.id}/seen"
    browser.sign_in(world.officer("Administrator"))
    assert "Nobody has." in browser.get(page).text
    reader = Browser(browser.app).sign_in(world.officer("Service Brokerage", "reader@council.example"))
    reader.get("/admin/people/export/csv?_flt_0_reference=OTHER")
    reader.get(f"/admin/people/show/{other.id}")
    assert "Nobody has." in browser.get(page).text
    reader.get("/admin/people/export/csv?_flt_0_reference=SEEN")
    reader.get(f"/admin/people/show/{seen.id}")
    text = browser.get(page).text
    for words in ("Took a file", "/admin/people/export/csv", "Read", f"/admin/people/show/{seen.id}", "127.0.0.1"):
        assert words in text, words
    assert "Who has seen it" in browser.get(f"/admin/people/show/{seen.id}").text
    assert "Who has seen it" not in reader.get(f"/admin/people/show/{seen.id}").text


def test_who_has_seen_a_person_names_pages_that_show_several(world: World, browser: Browser) -> None:
    organisation = world.organisation()
    lines = [world.line(organisation, person=world.person(f"P{number}")) for number in (1, 2)]
    stranger = world.line(world.organisation("Other Ltd"), person=world.person("P3"))
    contact = world.contact(organisation)
    Browser(browser.app).sign_in(contact).get("/actuals?week=2017-11-06")
    browser.sign_in(world.officer("Administrator"))
    for line in lines:
        text = browser.get(f"/staff/people/{line.person_id}/seen").text
        assert "/actuals" in text
        assert organisation.name in text
        trail = rows_about(line.person)["audit_event"]
        assert "read" in [row[trail.columns.index("action")] for row in trail.rows]
        assert all("people" not in (row[trail.columns.index("after")] or {}) for row in trail.rows)
    assert "Nobody has." in browser.get(f"/staff/people/{stranger.person_id}/seen").text


def test_a_person_gets_what_they_were_exported_in_without_who_else_was(world: World, browser: Browser) -> None:
    own, other = world.person("OWN"), world.person("OTHER")
    browser.sign_in(world.officer("Administrator")).get("/admin/people/export/csv")
    assert exported() == [("person", 0, [own.id, other.id])]
    events = rows_about(own)["audit_event"]
    assert [row[events.columns.index("action")] for row in events.rows].count("exported") == 1
    assert all("people" not in (row[events.columns.index("after")] or {}) for row in events.rows)


def test_an_export_of_fifteen_thousand_people_is_noted_by_one_statement(
    world: World, browser: Browser, owner: Connection
) -> None:
    many = "INSERT INTO person (reference, name) SELECT 'P' || n, 'Somebody' FROM generate_series(1, 15000) AS n"
    owner.execute(text(many))
    owner.commit()
    browser.sign_in(world.officer("Service Brokerage"))
    noted_by: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        noted_by.extend([statement] if OF_THE_TRAIL in statement else [])

    event.listen(Engine, "before_cursor_execute", note)
    try:
        assert browser.get("/admin/people/export/csv").status_code == 200
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    ((table, _, people),) = exported()
    assert (table, len(people), len(noted_by)) == ("person", 15_000, 1)
    assert people == sorted(set(people))


# Files in which nobody's care stands: what they hold instead.
NOBODY_IN: Final = {
    "/staff/conversations/figures.csv": "counts of teams and months",
    "/staff/go-live/list.xlsx": "organisations and their contacts",
    "/staff/imports/template/<name>.xlsx": "headings alone",
    "/staff/invoices/payment-times.csv": "how soon each organisation was paid",
}


def test_every_file_that_somebody_can_take_away_is_an_export_in_the_trail(full: Organisation, app: Flask) -> None:
    administrator = db.session.scalars(select(PortalUser).where(PortalUser.council).order_by(PortalUser.id)).first()
    silent, noted_at = set[str](), set[str]()
    for who in (full.contacts[0], administrator):
        assert who
        browser = Browser(app).sign_in(who)
        for address in {address for method, address in everywhere() if method == "GET" and FILE.search(address)}:
            before = count_exports()
            answer = browser.get(filled(address, full), follow=False)
            if "attachment" in answer.headers.get("Content-Disposition", ""):
                (noted_at if count_exports() > before else silent).add(address)
    assert len(noted_at) > 10
    assert silent == NOBODY_IN.keys()


def count_exports() -> int:
    return db.session.scalar(select(func.count(AuditEvent.id)).where(AuditEvent.action == "exported")) or 0
