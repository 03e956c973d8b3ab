"""What a file asks, as its page shows it: headings, boxes, what ticks would do, and page after page of questions."""

import io
import re

import pytest
from sqlalchemy import update

from models import Actual, Contact, LineItem, Organisation, db
from rules.states import ActualState
from tests.support.files.cases import case
from tests.support.files.uploads import stored
from tests.support.pages.browser import Browser
from tests.support.worlds.weeks import OCT_16, week
from tests.support.worlds.world import World
from tests.views.provider.actuals.test_upload import form
from workflows.uploads.results import read


def test_what_a_tick_about_a_visit_would_do_stands_at_its_question_and_in_its_week(
    contact: Contact, line: LineItem, browser: Browser
) -> None:
    heading = "Visit ref,CPLI,Planned start,Planned end,Actual start,Actual end,Outcome,Reason"
    times = "16/10/2017 08:00,16/10/2017 09:00,16/10/2017 08:00,16/10/2017"
    rows = [f"A-{hours},{line.reference},{times} {8 + hours:02}:00,DELIVERED,OTHER" for hours in (1, 2)]
    content = "\n".join([heading, *rows]).encode()
    page = browser.sign_in(contact).post("/actuals/upload", {"file": (io.BytesIO(content), "visits.csv")})
    words = " ".join(re.sub("<[^>]+>", " ", page.text).split())
    assert "1.00 → becomes 3.00 hours , £19.68 → becomes £59.04 (+£39.36)" in words, "at the question"
    assert "1.00 → becomes 3.00 hours £19.68 → becomes £59.04 (+£39.36) Row 3. Only if you tick it" in words
    assert f"{line.reference} gains 2.00 hours (£39.36) in the week of 16 October 2017." in words
    (asked,) = re.findall(r'id="ask-(\d+)"', page.text)
    assert f'href="#ask-{asked}"' in page.text
    browser.post(page.request.path, {"shown": asked, "tick": asked})
    assert stored()[line.id, OCT_16][0][0] == "3.00"


def test_many_overlaps_of_a_week_are_one_question_with_a_box_for_each(
    contact: Contact, line: LineItem, browser: Browser
) -> None:
    given = {"file": (io.BytesIO(case("overlaps-many.csv", line).encode()), "visits.csv")}
    page = browser.sign_in(contact).post("/actuals/upload", given)
    words = " ".join(re.sub("<[^>]+>", " ", page.text).split())
    assert "1 question about 4 rows." in words
    assert "4 visits at the same time as others row 3, row 6, row 8, row 10 overlap" in words
    assert f"All 4: {line.reference} gains 4.00 hours (£78.72) in the week of 16 October 2017. Tick all 4" in words
    assert "Decide about each 0 of 4 ticked Row 3: " in words
    (asked,) = re.findall(r'id="ask-(\d+)"', page.text)
    boxes = re.findall(r'name="tick" value="(\d+)"', page.text)
    assert (len(boxes), re.findall(r'name="shown" value="(\d+)"', page.text)) == (4, boxes)
    ticks = f"{page.request.path}/ticks"
    browser.post(ticks, {"shown": boxes, "every": f"yes.{asked}"})
    some = browser.post(ticks, {"shown": boxes, "tick": boxes[:1]})
    assert "1 of 4 ticked" in some.text
    every = browser.post(ticks, {"shown": boxes, "every": f"yes.{asked}"})
    assert "4 of 4 ticked" in every.text
    assert "0 of 4 ticked" in browser.post(ticks, {"shown": boxes, "tick": boxes, "every": f"no.{asked}"}).text
    browser.post(page.request.path, {"shown": boxes, "tick": boxes[1:2]})
    assert stored()[line.id, OCT_16][0][:2] == ("2.00", "2.00")
    done = browser.get(page.request.path).text
    assert (done.count("The file was used."), done.count("Left as it was.")) == (1, 3)
    assert "4 visits at the same time as others <small>row 3, row 6, row 8, row 10</small>" in done


def corrections(world: World, organisation: Organisation, count: int) -> tuple[list[LineItem], list[str]]:
    """Lines with an invoiced week, and the rows of a file that asks about each of them."""
    lines = [world.line(organisation) for _ in range(count)]
    for each in lines:
        week(each)
    db.session.execute(update(Actual).values(state=ActualState.INVOICED))
    db.session.commit()
    return lines, [f"{each.reference},16/10/2017,0.5,SHORTER" for each in lines]


def test_ticks_are_kept_from_page_to_page_of_the_questions(
    contact: Contact, world: World, organisation: Organisation, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read, "QUESTIONS_ON_PAGE", 2)
    lines, rows = corrections(world, organisation, 3)
    page = browser.sign_in(contact).post("/actuals/upload", form(*rows))
    path, shown = page.request.path, re.findall(r'name="shown" value="(\d+)"', page.text)
    assert (len(shown), "Page 1 of 2" in page.text) == (2, True)
    following = re.findall(r'name="to" value="([^"]+)">Next page', page.text)[0]
    second = browser.post(f"{path}/ticks", {"shown": shown, "tick": shown[:1], "to": following}).text
    assert "1 box is ticked so far" in second
    (last,) = re.findall(r'name="shown" value="(\d+)"', second)
    assert re.findall(r'value="(\d+)" type="checkbox" checked', browser.get(path).text) == shown[:1]
    browser.post(path, {"shown": last, "tick": last})
    there = stored()
    assert [there[each.id, OCT_16][0][0] for each in lines] == ["0.50", "1.00", "0.50"]
    assert browser.get(path).text.count("Left as it was") == 2, "at the line and at the question"


def test_all_questions_can_be_ticked_at_once(
    contact: Contact, world: World, organisation: Organisation, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read, "QUESTIONS_ON_PAGE", 1)
    _lines, rows = corrections(world, organisation, 2)
    path = browser.sign_in(contact).post("/actuals/upload", form(*rows)).request.path
    assert "2 boxes are ticked so far" in browser.post(f"{path}/ticks", {"every": "yes"}).text
    assert "0 boxes are ticked so far" in browser.post(f"{path}/ticks", {"every": "no"}).text


def test_a_question_is_headed_with_what_it_is_about(
    contact: Contact, world: World, organisation: Organisation, line: LineItem, browser: Browser
) -> None:
    other = world.line(organisation)
    heading = "Visit ref,CPLI,Planned start,Planned end,Actual start,Actual end,Outcome,Carer ID,Reason"

    def visit(ref: str, of: LineItem, day: int, hour: int, carer: str) -> str:
        times = f"{day}/10/2017 {hour:02}:00,{day}/10/2017 {hour + 1:02}:00"
        return f"{ref},{of.reference},{times},{times},DELIVERED,{carer},OTHER"

    def send(*rows: str) -> str:
        content = "\n".join([heading, *rows]).encode()
        return browser.post("/actuals/upload", {"file": (io.BytesIO(content), "visits.csv")}).request.path

    browser.sign_in(contact)
    stay = [visit(f"S-{number}", line, 16 + number % 6, 9 + number // 6, "C2") for number in range(30)]
    browser.post(send(*stay, visit("A-1", line, 16, 7, "C1"), visit("B-1", line, 17, 7, "C3")))
    page = browser.get(
        send(*stay, visit("A-1", line, 18, 7, "C1"), visit("B-1", other, 17, 7, "C3"), visit("D-1", other, 16, 9, "C2"))
    ).text
    for words in ("Visit A-1 has moved to another day", "Visit B-1 has moved to another line",
                  "Carer C2 is in two places at once", "Move the visit", "Count the second visit as well"):  # fmt: skip
        assert words in page, words


def test_a_file_that_numbers_anew_names_the_better_remedy_before_the_tick(
    contact: Contact, line: LineItem, browser: Browser
) -> None:
    pages = []
    browser.sign_in(contact)
    for number in (1, 2):
        content = case(f"numbered-anew-{number}.csv", line).encode()
        pages.append(browser.post("/actuals/upload", {"file": (io.BytesIO(content), "visits.csv")}))
        browser.post(pages[0].request.path)
    page = pages[1].text
    assert re.search(r"For you to decide</a> \(1\)", page)
    assert page.index("ask your software supplier") < page.index("These are the same visits: move all 3")


def test_a_day_that_somebody_typed_over_says_so_above_both_figures(
    contact: Contact, line: LineItem, browser: Browser
) -> None:
    heading = "Visit ref,CPLI,Planned start,Planned end,Actual start,Actual end,Outcome,Reason"

    def send(*hours: int) -> str:
        times = [(hour, f"16/10/2017 {hour:02}:00,16/10/2017 {hour + 1:02}:00") for hour in hours]
        rows = [f"A-{hour},{line.reference},{time},{time},DELIVERED,OTHER" for hour, time in times]
        content = "\n".join([heading, *rows]).encode()
        return browser.post("/actuals/upload", {"file": (io.BytesIO(content), "visits.csv")}).request.path

    browser.sign_in(contact)
    browser.post(send(7))
    daily = browser.post("/actuals/upload", form(f"{line.reference},16/10/2017,1.5,EXTRA,"))
    browser.post(daily.request.path)
    page = browser.get(send(7, 9)).text
    assert "Somebody typed over this day after visits came for it" in page
    assert re.search(r"1.50 there, 2.00 in the file", page)
    assert "Use the file" in page
