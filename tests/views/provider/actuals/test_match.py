"""Match columns as pages: what is asked, what is refused, what is remembered, and whose it is."""

import io
from html import unescape

import pytest
from sqlalchemy import select

from models import AuditEvent, ColumnMatch, Contact, LineItem, Upload, acting_for, db
from rules.upload_states import UploadState
from tests.support.files.cases import case
from tests.support.files.uploads import stored
from tests.support.pages.browser import Browser
from tests.support.queries import Queries
from tests.support.worlds.weeks import OCT_16
from tests.support.worlds.world import World

HOURS = "Agreement,Care date,Hours (decimal),Shortfall reason"
CHOSEN = {"kind": "day", "c0": "line", "c1": "day", "c2": "units", "c3": "reason", "name": "Hours"}


def table(*rows: str, heading: str = HOURS, name: str = "hours.csv") -> dict[str, object]:
    return {"file": (io.BytesIO("\n".join([heading, *rows]).encode()), name)}


@pytest.fixture
def provider(browser: Browser, contact: Contact) -> Browser:
    browser.sign_in(contact)
    return browser


@pytest.fixture
def waiting(provider: Browser, line: LineItem) -> str:
    """The address of a file of two days that waits for its columns to be matched."""
    rows = (f"{line.reference},16/10/2017,1.25,", f"{line.reference},17/10/2017,0,Nobody free")
    return provider.post("/actuals/upload", table(*rows)).request.path


def match() -> ColumnMatch:
    found: ColumnMatch = db.session.scalars(select(ColumnMatch)).one()
    return found


def upload() -> Upload:
    db.session.expire_all()
    return db.session.scalars(select(Upload).order_by(Upload.id.desc())).first() or Upload()


def test_a_file_with_headings_of_its_own_asks_what_they_are(provider: Browser, waiting: str) -> None:
    text = unescape(provider.get(waiting).text)
    assert waiting == "/actuals/matches/file/1"
    for words in ("hours.csv</a> has 2 rows", "Words in Shortfall reason", "Nobody free", "How your first row is read"):
        assert words in text
    assert "1.25 units delivered" in text
    assert stored() == {}


def test_everything_wrong_is_told_at_once_and_nothing_chosen_is_lost(provider: Browser, waiting: str) -> None:
    page = provider.post(waiting, CHOSEN | {"c0": "", "c1": "units", "name": "  "})
    text = unescape(page.text)
    assert page.status_code == 422
    for words in (
        "No column says whom it was for: a CPLI or a person reference.", "No column says the date.",
        "Say what “Agreement” is.",
        "Both “Care date” and “Hours (decimal)” are “Delivered units”.", "Say what “Nobody free” means.",
        "Enter a name for this match.",
    ):  # fmt: skip
        assert words in text
    assert text.count('<option value="units" selected>') == 2
    assert db.session.scalars(select(ColumnMatch)).all() == []


def test_a_match_is_the_organisations_and_reads_its_colleagues_files_in_any_order_of_columns(
    provider: Browser, waiting: str, world: World, contact: Contact, line: LineItem
) -> None:
    words = {"reason-word": "Nobody free", "reason-code": "NO_CARER"}
    page = provider.post(waiting, CHOSEN | words)
    assert "Read as" in page.text
    assert (upload().state, upload().counts["new"]) == (UploadState.CHECKED, 2)
    colleague = world.contact(contact.organisation, "colleague@fenland.example")
    provider.sign_in(colleague)
    heading = "shortfall_REASON,Care  Date,hours decimal,AGREEMENT"
    page = provider.post("/actuals/upload", table(f"nobody FREE,18/10/2017,1,{line.reference}", heading=heading))
    assert page.request.path == "/actuals/upload/2"
    assert "Hours</a>" in page.text
    provider.post(page.request.path)
    assert stored()[line.id, OCT_16][1] == "NO_CARER"
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.record == "column_match")).one()
    assert event.user_id == contact.user_id


def test_a_word_nobody_has_matched_asks_again_with_everything_else_chosen(
    provider: Browser, waiting: str, line: LineItem
) -> None:
    provider.post(waiting, CHOSEN | {"reason-word": "Nobody free", "reason-code": "NO_CARER"})
    page = provider.post("/actuals/upload", table(f"{line.reference},18/10/2017,1,Gone fishing"))
    text = unescape(page.text)
    assert "It is read by your match <b>Hours</b>, but it holds words that nobody has matched yet" in text
    assert '<option value="line" selected>' in text
    provider.post(page.request.path, CHOSEN | {"reason-word": "Gone fishing", "reason-code": "AWAY"})
    assert match().words == {"reason": {"nobody free": "NO_CARER", "gone fishing": "AWAY"}}
    assert upload().state is UploadState.CHECKED


def test_headings_that_changed_say_what_changed(provider: Browser, waiting: str, line: LineItem) -> None:
    provider.post(waiting, CHOSEN | {"reason-word": "Nobody free", "reason-code": "NO_CARER"})
    heading = "Agreement,Care date,Hours (decimal),Branch office"
    page = provider.post("/actuals/upload", table(f"{line.reference},18/10/2017,1,North", heading=heading))
    text = unescape(page.text)
    assert "does not fit it any more: new in this file is Branch office; gone is Shortfall reason" in text
    assert '<option value="units" selected>' in text


def test_a_match_is_renamed_and_forgotten(provider: Browser, waiting: str, line: LineItem) -> None:
    provider.post(waiting, CHOSEN | {"reason-word": "Nobody free", "reason-code": "NO_CARER"})
    assert "Hours" in provider.get("/actuals/matches").text
    address = f"/actuals/matches/{match().id}"
    assert "Enter a name" in provider.post(address, {"name": ""}).text
    assert "is now called “Office hours”" in unescape(provider.post(address, {"name": " Office  hours "}).text)
    provider.post(f"{address}/forget")
    assert "Nothing has been matched yet" in provider.get("/actuals/matches").text
    page = provider.post("/actuals/upload", table(f"{line.reference},18/10/2017,1,"))
    assert "Match columns" in page.text
    assert "Office hours" in provider.get("/actuals/upload/1").text


def test_two_matches_have_two_names(provider: Browser, waiting: str, line: LineItem) -> None:
    provider.post(waiting, CHOSEN | {"reason-word": "Nobody free", "reason-code": "NO_CARER"})
    page = provider.post("/actuals/upload", table(f"{line.reference},18/10/2017,1", heading="Agreement,Care date,Hrs"))
    chosen = {"kind": "day", "c0": "line", "c1": "day", "c2": "units", "name": "HOURS"}
    assert "Another match is called “HOURS”." in unescape(provider.post(page.request.path, chosen).text)


def test_a_file_that_was_cancelled_waits_in_the_list(provider: Browser, waiting: str) -> None:
    page = provider.get("/actuals/upload")
    assert "Columns to match" in page.text
    assert provider.get("/actuals/upload/1").request.path == waiting


def test_other_rows_have_other_choices(provider: Browser, waiting: str) -> None:
    page = provider.post(waiting, {"kind": "visit", "do": "kind", "name": "Mine"})
    assert page.status_code == 200
    assert "Actual length in minutes" in page.text
    assert 'value="Mine"' in page.text


def test_a_file_that_is_checked_is_not_matched_again(provider: Browser, waiting: str) -> None:
    words = {"reason-word": "Nobody free", "reason-code": "NO_CARER"}
    provider.post(waiting, CHOSEN | words)
    page = provider.post(waiting, CHOSEN | words | {"name": "Once more"})
    assert "not waiting for its columns" in page.text
    assert match().name == "Hours"


def test_a_text_without_a_table_is_refused_as_before(provider: Browser, line: LineItem) -> None:
    page = provider.post("/actuals/upload", table("We gave care", "every day", heading="Dear council"))
    assert page.status_code == 422
    assert "The headings fit no layout." in page.text


def test_a_rejected_row_names_the_senders_column_and_its_correction_file_is_read_again(
    provider: Browser, line: LineItem
) -> None:
    text = case("own_systems/rota.csv", line).replace("08:02", "25:61")
    page = provider.post("/actuals/upload", {"file": (io.BytesIO(text.encode()), "rota.csv")})
    names = ("person", "date", "planned_start", "planned_end", "actual_start", "actual_end", "outcome", "carer", "-")
    chosen = {f"c{place}": name for place, name in enumerate(names)} | {"kind": "visit", "name": "Rota"}
    words = {"outcome-word": ["Completed", "No reply"], "outcome-code": ["DELIVERED", "ABORTED NO_REPLY"]}
    page = provider.post(page.request.path, chosen | words)
    assert "Clock In" in page.text
    assert upload().counts["rejected"] == 1
    again = provider.get(f"{page.request.path}/correction.xlsx").data
    page = provider.post("/actuals/upload", {"file": (io.BytesIO(again), "rota to correct.xlsx")})
    assert "Read as" in page.text
    assert upload().counts["read"] == 1


def test_three_hundred_columns_are_one_page_of_few_queries(provider: Browser, line: LineItem) -> None:
    heading = ",".join(["Agreement", "Care date", "Hours", *(f"Extra {number}" for number in range(297))])
    page = provider.post("/actuals/upload", table(f"{line.reference},16/10/2017,1", heading=heading))
    assert "The other 260 columns" in page.text
    with Queries() as queries:
        page = provider.get(page.request.path)
    assert len(queries) <= 30
    chosen = {f"c{number}": "-" for number in range(300)} | {"c0": "line", "c1": "day", "c2": "units"}
    page = provider.post(page.request.path, chosen | {"kind": "day", "name": "Wide"})
    assert upload().counts["new"] == 1


def test_headings_that_repeat_are_told_apart(provider: Browser, line: LineItem) -> None:
    heading = "Client,Agreement,Date,Start,End,Start,End"
    row = f"{line.person.reference},{line.reference},16/10/2017,08:00,09:00,08:00,09:30"
    page = provider.post("/actuals/upload", table(row, heading=heading))
    names = ("person", "line", "date", "planned_start", "planned_end", "actual_start", "actual_end")
    chosen = {f"c{place}": name for place, name in enumerate(names)} | {"kind": "visit", "name": "Twice"}
    provider.post(provider.post(page.request.path, chosen).request.path)
    assert stored()[line.id, OCT_16][0][0] == "1.50"


def test_another_organisations_file_and_match_are_not_there(
    provider: Browser, waiting: str, world: World, contact: Contact
) -> None:
    provider.post(waiting, CHOSEN | {"reason-word": "Nobody free", "reason-code": "NO_CARER"})
    stranger = world.contact(world.organisation("Broadland Care Ltd"), "b@broadland.example")
    provider.sign_in(stranger)
    with acting_for(contact.organisation_id):
        address = f"/actuals/matches/{match().id}"
    assert provider.get(address).status_code == 404
    assert provider.post(f"{address}/forget").status_code == 404
    assert provider.get(waiting).status_code == 404
    assert "Nothing has been matched yet" in provider.get("/actuals/matches").text
