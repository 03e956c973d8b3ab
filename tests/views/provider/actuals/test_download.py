"""Download actuals: the page, what its workbook holds, and what it asks of the database."""

import io
from datetime import date, datetime, time
from decimal import Decimal

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from playwright.sync_api import expect

from files.actuals.row_key import read_row_key
from files.actuals.workbook import COLUMNS
from models import AbortedVisit, Actual, Organisation, PaymentPeriod, PolicySetting, Rate, Service, db
from rules.agreement_states import DocumentState
from rules.period import DAY_NAMES
from rules.states import ActualState, PaymentMethod, PolicyScope, Unit
from tests.support.pages.accessibility import check_accessible
from tests.support.pages.browser import Browser
from tests.support.pages.live import Live
from tests.support.queries import Queries
from tests.support.worlds.weeks import OCT_16, OCT_23, week
from tests.support.worlds.world import World
from workflows.clock import LONDON


def workbook(provider: Browser, period: PaymentPeriod, more: str = "") -> Worksheet:
    """The sheet Actuals of a download."""
    answer = provider.get(f"/actuals/download/workbook.xlsx?period={period.id}{more}")
    assert answer.status_code == 200
    assert answer.content_length == len(answer.data)
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data), data_only=True)["Actuals"]
    assert isinstance(sheet, Worksheet)
    return sheet


def rows(sheet: Worksheet) -> list[dict[str, object]]:
    """The rows of a sheet by heading."""
    return [dict(zip(COLUMNS, values, strict=True)) for values in sheet.iter_rows(min_row=2, values_only=True)]


def test_the_page_offers_the_period_that_is_due_and_every_service(
    world: World, organisation: Organisation, provider: Browser, period: PaymentPeriod
) -> None:
    world.period(1)
    world.period(2)  # has not begun
    db.session.add(Service(organisation=organisation, name="Aylsham branch"))
    db.session.commit()
    page = provider.get("/actuals/download")
    assert '<h1 class="govuk-heading-l">Download actuals</h1>' in page.text
    assert f'<option value="{period.id}" selected>16 October to 12 November 2017</option>' in page.text
    assert page.text.count("<option") == 2
    assert page.text.count('name="service"') == page.text.count(" checked") == 2


def test_the_workbook_has_a_row_for_each_line_and_week_with_what_is_stored(
    world: World, organisation: Organisation, provider: Browser, period: PaymentPeriod
) -> None:
    line = world.line(organisation, reference="0048210")
    stored = week(line, OCT_16, ["1", "0.5", "0", "1", "1", "1", "1"], state=ActualState.DRAFT)
    found = rows(workbook(provider, period))
    assert [row["Week starting"] for row in found] == [datetime.combine(day, time()) for day in (
        OCT_16, OCT_23, date(2017, 10, 30), date(2017, 11, 6),
    )]  # fmt: skip
    first, second = found[:2]
    assert (first["CPLI"], first["Person"], first["Status"], first["Rate"]) == ("0048210", "A. B.", "Draft", 19.68)
    assert [first[day] for day in ("Mon", "Tue", "Wed", "Week total", "Planned")] == [1, 0.5, 0, 5.5, 7]
    assert first["Reason"] == "EXTRA"
    assert (second["Status"], second["Mon"], second["Planned"]) == ("Not started", None, 7)
    keys = [read_row_key(str(row["Row key"])) for row in found[:2]]
    assert keys == [(line.id, OCT_16, stored.version), (line.id, OCT_23, 0)]


def test_the_plan_of_each_day_is_shown_and_fills_weeks_nobody_has_started(
    world: World, organisation: Organisation, provider: Browser, period: PaymentPeriod
) -> None:
    line = world.line(organisation, reference="1", start=date(2017, 10, 18))
    world.line(organisation, reference="2", weekly="7")
    week(line, OCT_23, ["1", "0", "0", "1", "1", "1", "1"], state=ActualState.DRAFT)
    plain, filled = (rows(workbook(provider, period, more)) for more in ("", "&fill=plan"))
    shown = [[row[f"{day} plan"] for day in DAY_NAMES] for row in plain]
    assert shown == [[None] * 2 + [1] * 5, *[[1] * 7] * 3, *[[None] * 7] * 4]
    assert [plain[0][day] for day in DAY_NAMES] == [None] * 7
    assert [filled[0][day] for day in DAY_NAMES] == [None] * 2 + [1] * 5
    assert [filled[1][day] for day in DAY_NAMES] == [1, 0, 0, 1, 1, 1, 1], "what is stored stays"
    assert [row["Week total"] for row in filled[:5]] == [5, 5, 7, 7, 7]


def test_a_week_that_is_not_over_is_filled_as_far_as_it_has_come(
    world: World, organisation: Organisation, provider: Browser
) -> None:
    period = world.period(1)
    world.line(organisation, reference="1")
    world.line(organisation, reference="2", weekly="7")
    filled = rows(workbook(provider, period, "&fill=plan"))
    come = [[row[day] for day in DAY_NAMES] for row in filled]
    assert come[1] == [1] + [None] * 6, "today is Monday 20 November 2017"
    assert come[2] == [None] * 7
    assert [row["Week total"] for row in filled[4:6]] == [7, None]


def test_its_name_says_period_and_organisation(
    world: World, organisation: Organisation, provider: Browser, period: PaymentPeriod
) -> None:
    world.line(organisation)
    answer = provider.get(f"/actuals/download/workbook.xlsx?period={period.id}")
    assert answer.headers["Content-Disposition"] == (
        'attachment; filename="actuals-2017-10-16-fenland-homecare-ltd.xlsx"'
    )
    assert answer.mimetype == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def test_part_weeks_weekly_lines_and_two_rates_in_a_week(
    world: World, organisation: Organisation, provider: Browser, period: PaymentPeriod
) -> None:
    line = world.line(organisation, reference="1", start=date(2017, 10, 25), end=date(2017, 11, 3))
    World.confirmed()
    line.rates[0].end = date(2017, 10, 27)
    line.rates.append(Rate(organisation=organisation, rate=Decimal("20.2525"), start=date(2017, 10, 28)))
    db.session.commit()
    weekly = world.line(organisation, reference="2", weekly="7", unit=Unit.VISIT)
    week(weekly, OCT_16, "6")
    sheet = workbook(provider, period)
    found = rows(sheet)
    assert [(row["CPLI"], row["Planned"]) for row in found[:2]] == [("1", 5), ("1", 5)]
    assert found[0]["Rate"] == "£19.68 from 25 Oct, £20.2525 from 28 Oct"
    assert [cell.protection.locked for cell in sheet["Q2:W2"][0]] == [True, True] + [False] * 5
    assert [cell.protection.locked for cell in sheet["Q3:W3"][0]] == [False] * 5 + [True, True]
    assert (found[2]["Week total"], found[2]["Mon"]) == (6, None)
    assert [sheet[place].protection.locked for place in ("Q4", "X4")] == [True, False]


def test_steps_follow_the_policy(
    world: World, organisation: Organisation, provider: Browser, period: PaymentPeriod
) -> None:
    lines = [world.line(organisation, reference=reference) for reference in ("1", "2")]
    db.session.add(
        PolicySetting(name="hour_step", value="0.1", scope=PolicyScope.LINE, scope_id=lines[1].id, valid_from=OCT_16)
    )
    db.session.commit()
    checks = workbook(provider, period).data_validations.dataValidation
    assert [str(each.sqref) for each in checks if "2500)" in str(each.formula1)] == ["Q2:W5"]
    assert [str(each.sqref) for each in checks if "1000)" in str(each.formula1)] == ["Q6:W9"]


def test_names_are_initials_unless_the_policy_allows_them_in_full(
    world: World, organisation: Organisation, provider: Browser, period: PaymentPeriod
) -> None:
    world.line(organisation)
    assert rows(workbook(provider, period))[0]["Person"] == "A. B."
    db.session.add(PolicySetting(name="full_names_in_lists", value="yes", scope=PolicyScope.COUNCIL, valid_from=OCT_16))
    db.session.commit()
    assert rows(workbook(provider, period))[0]["Person"] == "Ada Bell"


def test_services_can_be_chosen(
    world: World, organisation: Organisation, provider: Browser, period: PaymentPeriod
) -> None:
    world.line(organisation, reference="1")
    other = Service(organisation=organisation, name="Aylsham branch")
    db.session.add(other)
    db.session.commit()
    line = world.line(organisation, reference="2")
    World.confirmed()
    line.service = other
    db.session.commit()
    assert {row["CPLI"] for row in rows(workbook(provider, period))} == {"1", "2"}
    assert {row["CPLI"] for row in rows(workbook(provider, period, f"&service={other.id}"))} == {"2"}
    answer = provider.get(f"/actuals/download/workbook.xlsx?period={period.id}&choose=services")
    assert answer.status_code == 422
    assert '<a href="#service">Choose at least one service.</a>' in answer.text


def test_recorded_aborted_visits_come_with_it_in_london_time(
    world: World, organisation: Organisation, provider: Browser, period: PaymentPeriod
) -> None:
    line = world.line(organisation, reference="1")
    db.session.add(
        AbortedVisit(
            organisation_id=organisation.id, line_item_id=line.id, visit_date=date(2017, 10, 17),
            planned_start=time(7, 30), planned_minutes=45, told_at=datetime(2017, 10, 17, 6, 45, tzinfo=LONDON),
            reason="NO_REPLY", planned_units=Decimal("0.75"), payable=Decimal("0.50"), rule="AV-1",
        )
    )  # fmt: skip
    db.session.commit()
    answer = provider.get(f"/actuals/download/workbook.xlsx?period={period.id}")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data))["Aborted visits"]
    visit = [cell.value for cell in sheet[2]]
    told = datetime.combine(date(2017, 10, 17), time(6, 45))
    assert visit[:5] == ["1", datetime.combine(told.date(), time()), time(7, 30), 45, told]


def test_only_own_lines_that_are_paid_on_actuals_are_in_it(
    world: World, organisation: Organisation, provider: Browser, period: PaymentPeriod
) -> None:
    other = world.organisation("Broadland Care Ltd")
    world.line(other, reference="9")
    world.line(organisation, reference="1")
    world.line(organisation, reference="2", payment_method=PaymentMethod.SCHEDULED)
    world.line(organisation, reference="3", state=DocumentState.DRAFT)
    assert {row["CPLI"] for row in rows(workbook(provider, period))} == {"1"}
    address = f"/actuals/download/workbook.xlsx?period={period.id}&service={other.services[0].id}"
    assert provider.get(address).status_code == 404


@pytest.mark.parametrize("query", ["", "?period=0", "?period=x", "?period=99999999999", "?period=1&service=x"])
def test_a_period_that_is_not_there_is_a_page_that_is_not_there(provider: Browser, query: str) -> None:
    assert provider.get(f"/actuals/download/workbook.xlsx{query}").status_code == 404


def test_where_there_is_nothing_the_page_says_so(provider: Browser, period: PaymentPeriod) -> None:
    answer = provider.get(f"/actuals/download/workbook.xlsx?period={period.id}")
    assert answer.status_code == 422
    assert "There is nothing to download: no line that is paid on actuals is active in this period." in answer.text


def test_twice_the_lines_ask_the_database_no_more_often(
    world: World, organisation: Organisation, provider: Browser, period: PaymentPeriod
) -> None:
    address, asked = f"/actuals/download/workbook.xlsx?period={period.id}", []
    for _ in range(2):
        for _line in range(3):
            week(world.line(organisation))
        with Queries() as queries:
            provider.get(address)
        asked.append(len(queries))
    # Session with settings, contact; then period, services, lines, their rates, their weeks, and aborted visits.
    assert asked == [8, 8]


def test_a_contact_without_the_function_is_refused(
    world: World, organisation: Organisation, browser: Browser, period: PaymentPeriod
) -> None:
    browser.sign_in(world.contact(organisation, may_payments=True))
    for address in ("/actuals/download", f"/actuals/download/workbook.xlsx?period={period.id}"):
        assert browser.get(address).status_code == 403


def test_downloading_in_a_browser(world: World, organisation: Organisation, live: Live, period: PaymentPeriod) -> None:
    line = world.line(organisation)
    db.session.add(Service(organisation=organisation, name="Aylsham branch"))
    db.session.commit()
    page = live.sign_in(world.contact(organisation)).open("/actuals/download")
    check_accessible(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Download actuals")
    page.get_by_label("Aylsham branch").uncheck()
    page.get_by_label("Fill with the plan").check()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download Excel").click()
    assert download.value.suggested_filename == "actuals-2017-10-16-fenland-homecare-ltd.xlsx"
    book = openpyxl.load_workbook(io.BytesIO(download.value.path().read_bytes()))
    assert book["Actuals"]["C2"].value == line.reference
    assert not db.session.query(Actual).count()
