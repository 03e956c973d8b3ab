"""Line items as pages of the provider."""

from io import BytesIO

import openpyxl
from sqlalchemy import select

from models import Conversation, LineItem, Team, db
from rules.agreement_states import DocumentState
from rules.states import PlanKind
from tests.support.pages.browser import Browser
from tests.support.queries import Queries
from tests.support.worlds.weeks import OCT_16, OCT_23, send, week
from tests.support.worlds.world import World
from tests.workflows.weeks.test_corrections import Desk
from workflows.conversations.thread import open_conversation
from workflows.invoices.desk import dispute
from workflows.payments import run as payment_run


def test_the_list_shows_initials_plan_and_rate(browser: Browser, world: World) -> None:
    line = world.line(world.organisation(), person=world.person("P000777", "Ada Bell"))
    page = browser.sign_in(world.contact(line.organisation)).get("/line-items").text
    for words in (
        line.reference,
        "A. B.",
        "P000777",
        "7.00",
        "£19.68",
        "£137.76",
        "ended more than 28 days ago are hidden",
    ):
        assert words in page
    assert "Ada Bell" not in page


def test_one_line_shows_its_plan_rates_and_weeks(browser: Browser, world: World) -> None:
    line = world.line(world.organisation(), person=world.person("P000777", "Ada Bell"))
    page = browser.sign_in(world.contact(line.organisation)).get(f"/line-items/{line.id}").text
    for words in ("Ada Bell", "£19.68", "£137.76", "Not started", "5 weeks from 16 October 2017", "13 November 2017"):
        assert words in page


def test_a_weekly_line_shows_its_quantity(browser: Browser, world: World) -> None:
    line: LineItem = world.line(world.organisation(), weekly="3.5")
    assert line.plan_kind is PlanKind.WEEKLY
    page = browser.sign_in(world.contact(line.organisation)).get(f"/line-items/{line.id}").text
    assert "3.50 hours" in page
    assert "planned a week since 16 October 2017" in page


def test_one_of_a_unit_is_called_by_its_one_word(browser: Browser, world: World) -> None:
    line = world.line(world.organisation(), weekly="1")
    browser.sign_in(world.contact(line.organisation))
    assert "1.00 hour</span>" in browser.get(f"/line-items/{line.id}").text
    assert "1.00 <small>hour</small>" in browser.get("/line-items").text


def test_others_and_drafts_answer_as_what_does_not_exist(browser: Browser, world: World) -> None:
    fenland = world.organisation()
    lines = (
        world.line(world.organisation("Broadland Care Ltd")),
        world.line(fenland, state=DocumentState.DRAFT),
    )
    browser.sign_in(world.contact(fenland))
    for line in lines:
        assert browser.get(f"/line-items/{line.id}").status_code == 404


def test_nonsense_in_the_address_is_passed_over(browser: Browser, world: World) -> None:
    browser.sign_in(world.contact(world.organisation()))
    for asked in ("page=x", "page=99999999999", "rows=7", "service=²", "element=9999999999", "q=%25"):
        assert browser.get(f"/line-items?{asked}").status_code == 200


def test_the_list_is_handed_out_as_a_workbook_with_what_was_chosen(browser: Browser, world: World) -> None:
    fenland = world.organisation()
    line = world.line(fenland, reference="0048210", person=world.person("P000777", "Ada Bell"))
    world.line(fenland, reference="50000", person=world.person("P000778", "Ben Cole"))
    world.line(world.organisation("Broadland Care Ltd"), reference="60000")
    browser.sign_in(world.contact(fenland))
    assert "/line-items/workbook.xlsx?q=ada" in browser.get("/line-items?q=ada").text
    answer = browser.get("/line-items/workbook.xlsx?q=ada")
    sheet = openpyxl.load_workbook(BytesIO(answer.data))["Line items"]
    assert [[cell.value for cell in row[:4]] for row in sheet.iter_rows(min_row=2)] == [
        ["0048210", line.document.reference, "P000777", "A. B."]
    ]
    assert answer.headers["Content-Disposition"] == "attachment; filename=line-items-2017-11-20.xlsx"


def test_list_and_workbook_take_eight_queries_however_many_the_lines(browser: Browser, world: World) -> None:
    fenland = world.organisation()
    for _ in range(40):
        world.line(fenland)
    browser.sign_in(world.contact(fenland))
    for address in ("/line-items?rows=200", "/line-items/workbook.xlsx"):
        with Queries() as queries:
            assert browser.get(address).status_code == 200
        assert len(queries) <= 8, "\n".join(queries)


def test_the_life_of_a_line_leads_to_its_money_and_says_why_the_rest_is_not_paid(
    browser: Browser, world: World
) -> None:
    contact = world.contact(world.organisation())
    line = world.line(contact.organisation, person=world.person("P000777", "Ada Bell"))
    held = week(line, OCT_16, ["2"] * 7)
    week(line, OCT_23, ["1"] * 7)
    invoice = send(contact, world.period())
    assert contact.user
    open_conversation("Service Brokerage", "She fell", "Why?", contact.user, actual=held)
    db.session.commit()
    address = f"/line-items/{line.id}"
    browser.sign_in(contact)
    with Queries() as queries:
        page = browser.get(address).text
    assert len(queries) <= 8, "\n".join(queries)
    for words in (
        "16 October 2017 is held.</b> You recorded 14.00 hours; 7.00 were planned and 1.00 more is allowed.",
        f'23 October 2017 is on its way.</b> £137.76 on <a class="govuk-link" href="/invoices/{invoice.id}">',
        "Service Brokerage has had your question",
        "She fell",
        f"/conversations/start?about={line.reference}",
    ):
        assert words in page, words


def test_of_a_week_on_two_invoices_what_was_paid_is_told_apart_from_what_is_to_come(
    browser: Browser, world: World
) -> None:
    desk = Desk(world)
    desk.correct("1.5", "1", "1", "1", "1", "1", "1", reason="LONGER")
    correction = send(desk.contact, desk.period)
    dispute(correction.id, "The visit is longer than the next allows.")
    officer, approver = world.officer("Payments officer"), world.officer("Payments approver")
    run = payment_run.prepare("27/11/2017", officer)
    payment_run.approve(run.id, approver)
    payment_run.release(run.id, officer)
    browser.sign_in(desk.contact)
    for day, words in (("2017-11-24", "reaches your bank on 27 November"), ("2017-11-28", "was paid on 27 November")):
        world.app.config["PORTAL_TODAY"] = day
        page = browser.get(f"/line-items/{desk.line.id}").text
        assert f"{desk.invoice.number}</a> {words} 2017." in page
        assert f"{correction.number}</a> is accepted and due by" in page


def test_a_question_about_a_line_arrives_as_the_line(browser: Browser, world: World) -> None:
    line = world.line(world.organisation())
    contact = world.contact(line.organisation)
    browser.sign_in(contact)
    assert f'value="{line.reference}"' in browser.get(f"/conversations/start?about={line.reference}").text
    team = db.session.scalars(select(Team.id).where(Team.name == "Payments")).one()
    form = {"team": str(team), "subject": "Hours", "about": line.reference.lower(), "message": "Why?"}
    page = browser.post("/conversations/start", form).text
    assert f'<a class="govuk-link" href="/line-items/{line.id}">CPLI {line.reference}</a>' in page
    conversation = db.session.scalars(select(Conversation)).one()
    assert (conversation.line_item_id, conversation.document_id) == (line.id, None)
    assert "Hours" in browser.get(f"/line-items/{line.id}").text
