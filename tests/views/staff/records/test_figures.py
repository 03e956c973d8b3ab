"""Figures in the generated forms, lists and records: only numbers go in, and each is shown as what it is."""

import re
from typing import Any

import html5lib
import pytest
from sqlalchemy import Numeric, func, select

from models import PaperOrder, PolicySetting, Proposal, db
from models.base import PerCent, Pounds, PoundsPerUnit, Units
from rules.number import NotANumber
from rules.policy import SETTINGS, SettingKind
from tests.support.pages.browser import Browser
from tests.support.pages.forms import form_on
from tests.support.worlds import everything
from tests.support.worlds.world import World
from views.generated.forms.fields import FigureField
from views.staff.records import RECORD_VIEWS

DAYS = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), "1.25")
# Every generated form to add that takes a figure, filled in as it can be stored, and what that makes.
FORMS: dict[str, tuple[dict[str, str], type]] = {
    "OneOffPaymentView": (
        {"organisation": "ORG-9", "net": "10.00", "vat_code": "EXEMPT", "reason": "Mileage"},
        Proposal,
    ),
    "RecoveryView": ({"organisation": "ORG-9", "amount": "10.00", "reason": "Paid twice"}, Proposal),
    "PaperOrderView": (
        {
            "reference": "PAPER-9", "organisation": "ORG-9", "person_reference": "P1",
            "element_name": "Personal care", "unit": "HOUR", "plan_kind": "TIMETABLED", **DAYS,
            "weekly_quantity": "0", "rate": "19.6800", "start": "16/10/2017", "issued_on": "16/10/2017",
        },
        PaperOrder,
    ),
}  # fmt: skip
# Every generated form to edit that takes a figure.
EDITED = ("LineItemView", "PaperOrderView", "PlanView", "RateView")
# Who approves up to how much is proposed with a role: test_given_roles tries that form.
WITH_A_ROLE = {"UserView"}
NO_NUMBERS = ("NaN", "sNaN", "Infinity", "-inf", "1e400", "1_000", "1,5", "ten")
VIEWS = {view.__name__: view for view in RECORD_VIEWS}


@pytest.fixture
def admin(world: World, browser: Browser) -> Browser:
    return browser.sign_in(world.officer("Administrator", "admin@council.example"))


def figures_of(world: World, name: str, form: str) -> list[str]:
    """The fields of a generated form that take a figure."""
    view = next(each for each in world.app.appbuilder.baseviews if type(each).__name__ == name)  # type: ignore[attr-defined]
    fields = vars(getattr(view, form)).items()
    return [key for key, field in fields if getattr(field, "field_class", None) is FigureField]


def test_every_generated_form_that_takes_a_figure_is_tried_here(world: World) -> None:
    def taking(change: str) -> set[str]:
        return {
            name for name, view in VIEWS.items() if change in view.changes and figures_of(world, name, f"{change}_form")
        }

    assert taking("add") == {*FORMS, *WITH_A_ROLE}
    assert taking("edit") == {*EDITED, *WITH_A_ROLE}


def refuse_no_numbers(admin: Browser, address: str, form: dict[str, Any], figures: list[str]) -> None:
    """Send a form with something that is no number in each of its figures: refused there, and it stays typed."""
    for number, field in enumerate(figures):
        typed = NO_NUMBERS[number % len(NO_NUMBERS)]
        for no_number in {typed, "NaN"}:
            page = admin.post(address, form | {field: no_number})
            assert page.status_code == 422, (field, no_number)
            assert problems_of(page)[field].endswith(f": {NotANumber()}"), "which field is named"
            assert re.search(rf'name="{field}" value="{no_number}"', page.text), (field, no_number)


@pytest.mark.parametrize("name", FORMS)
def test_what_is_no_number_is_refused_where_a_record_is_added(name: str, world: World, admin: Browser) -> None:
    (form, made), view = FORMS[name], VIEWS[name]
    world.organisation(reference="ORG-9")
    rows = select(func.count()).select_from(made)
    before = db.session.scalar(rows)
    refuse_no_numbers(admin, f"{view.route_base}/add", form, figures_of(world, name, "add_form"))
    assert db.session.scalar(rows) == before
    assert admin.post(f"{view.route_base}/add", form).status_code == 200
    assert db.session.scalar(rows) == (before or 0) + 1, "the form was refused for another reason"


@pytest.mark.parametrize("name", EDITED)
def test_what_is_no_number_is_refused_where_a_record_is_edited(name: str, world: World, admin: Browser) -> None:
    view = VIEWS[name]
    everything.build(world, world.officer("Auditor"))
    drafted = world.draft_of_records(world.organisation("Other Ltd"))
    ids = {"LineItemView": drafted.id, "PlanView": drafted.plans[0].id, "RateView": drafted.rates[0].id}
    key = ids.get(name) or db.session.scalar(select(func.max(view.datamodel.obj.id)))
    address = f"{view.route_base}/edit/{key}"
    form = form_on(admin.get(address))
    refuse_no_numbers(admin, address, form, figures_of(world, name, "edit_form"))
    assert "Saved." in admin.post(address, form).text, "the form was refused for another reason"


# How a figure of each kind reads; nothing is a dash.
READS: dict[type, str] = {
    Pounds: r"–|−?£[0-9,]+\.[0-9]{2}",
    PoundsPerUnit: r"–|£[0-9,]+\.[0-9]{4}",
    Units: r"–|[0-9,]+\.[0-9]{2,6}",
    PerCent: r"–|[0-9.]+%",
}


@pytest.mark.parametrize("typed", [*NO_NUMBERS, "9" * 30, "9" * 5000, "2147483648"])
def test_a_search_for_what_is_no_number_finds_nothing(typed: str, world: World, admin: Browser) -> None:
    period = world.period()
    search = "/admin/payment-periods/list/?_flt_0_number="
    assert f'/show/{period.id}"' in admin.get(f"{search}{period.number}").text
    page = admin.get(search + typed)
    assert page.status_code == 200
    assert f'/show/{period.id}"' not in page.text


def kinds_of(view: Any) -> dict[str, type]:
    """What kind of figure each numeric column of a view is, by the column's name."""
    columns = view.datamodel.obj.__table__.columns
    return {each.name: type(each.type) for each in columns if isinstance(each.type, Numeric)}


def test_every_figure_of_every_list_and_record_reads_as_what_it_is(world: World, admin: Browser) -> None:
    everything.build(world, world.officer("Auditor"))
    seen: set[type] = set()
    for view in VIEWS.values():
        kinds = kinds_of(view)
        record = db.session.scalars(select(func.max(view.datamodel.obj.id))).one()
        written = zip(view.list_columns, first_row(admin.get(f"{view.route_base}/list/")), strict=True)
        shown = zip(view.show_columns, record_of(admin.get(f"{view.route_base}/show/{record}")), strict=True)
        for column, words in [*written, *shown]:
            if column in kinds:
                assert re.fullmatch(READS[kinds[column]], words), (view.__name__, column, words)
                seen.add(kinds[column])
    assert seen == set(READS)


def test_an_exception_check_shows_units_as_units_and_per_cent_as_per_cent(world: World, admin: Browser) -> None:
    everything.build(world, world.officer("Auditor"))
    view = VIEWS["ExceptionCheckView"]
    shown = dict(zip(view.show_columns, record_of(admin.get(f"{view.route_base}/show/1")), strict=True))
    assert (shown["planned"], shown["claimed"], shown["percent"]) == ("7.00", "9.00", "10%")
    assert (shown["least_units"], shown["allowance"]) == ("1.00", "1.00")


def first_row(page: Any) -> list[str]:
    """The words in the cells of the first row of a list, without those that offer something to do."""
    row = html5lib.parse(page.text, namespaceHTMLElements=False).find(".//main//tbody/tr")
    assert row is not None
    cells = [cell for cell in row if not {"pick", "row-actions"} & set(cell.get("class", "").split())]
    return [" ".join("".join(cell.itertext()).split()) for cell in cells]


def record_of(page: Any) -> list[str]:
    """The values of a record, in the order of its columns."""
    record = html5lib.parse(page.text, namespaceHTMLElements=False).find(".//main//dl")
    assert record is not None
    return [" ".join("".join(value.itertext()).split()) for value in record.iter("dd")]


def problems_of(page: Any) -> dict[str, str]:
    """What a form says is wrong, by field."""
    found = html5lib.parse(page.text, namespaceHTMLElements=False).iterfind(".//p[@class='govuk-error-message']")
    said = {each.get("id", "").removesuffix("-error"): " ".join("".join(each.itertext()).split()) for each in found}
    return {field: words.removeprefix("Error: ") for field, words in said.items()}


@pytest.mark.parametrize("typed", NO_NUMBERS)
def test_no_policy_setting_has_a_value_that_is_no_number(typed: str, world: World, admin: Browser) -> None:
    figures = [each.name for each in SETTINGS.values() if each.kind in (SettingKind.NUMBER, SettingKind.WHOLE)]
    form = {"value": typed, "scope": "council", "valid_from": "1 January 2100", "why": ""}
    for name in (figures[0], figures[-1], "exception_percent", "absence_tiers"):
        page = admin.post("/admin/policy-settings/add", form | {"name": name})
        assert page.status_code == 422, name
        assert set(problems_of(page)) == {"value"}
    assert db.session.scalar(select(func.count(PolicySetting.id))) == 0


@pytest.mark.parametrize(
    ("weekly", "shown"),
    [(None, ["1.00"] * 7 + ["7.00"]), ("3.5", ["–"] * 7 + ["3.50"])],
    ids=["by day", "by week"],
)
def test_a_plan_shows_the_units_of_its_week_and_no_zero_that_nobody_agreed(
    world: World, admin: Browser, weekly: str | None, shown: list[str]
) -> None:
    line = world.line(world.organisation(), weekly=weekly)
    page = html5lib.parse(admin.get("/admin/plans/list/").text, namespaceHTMLElements=False)
    figures = [" ".join("".join(cell.itertext()).split()) for cell in page.findall(".//td")]
    assert figures[2:10] == shown
    record = admin.get(f"/admin/plans/show/{line.plans[0].id}").text
    assert f">{shown[-1]}<" in re.sub(r"\s+", "", record)
    assert re.search(rf"(?m)^.*,{shown[-1]},", admin.get("/admin/plans/export/csv").text)


def test_what_goes_on_until_further_notice_has_no_end_date(world: World, admin: Browser) -> None:
    line = world.line(world.organisation())
    for address in ("/admin/rates/list/", "/admin/line-items/list/", f"/admin/line-items/show/{line.id}"):
        assert "no end date" in admin.get(address).text, address


@pytest.mark.parametrize("typed", ["2147483648", "-2147483649", "9" * 30])
@pytest.mark.parametrize("page", ["add", "edit"])
def test_a_whole_number_beyond_its_column_is_refused_at_its_field(
    world: World, admin: Browser, page: str, typed: str
) -> None:
    address = f"/admin/payment-periods/{page}" + (f"/{world.period(0).id}" if page == "edit" else "")
    answer = admin.post(address, {"number": typed, "start": "01/01/2018", "end": "28/01/2018"})
    assert answer.status_code == 422
    assert "2,147,483,647" in problems_of(answer)["number"]
