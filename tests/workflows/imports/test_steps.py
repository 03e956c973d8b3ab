"""Staff imports: checked first, then written, all or nothing, and once."""

import csv
import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import func, select, update

from models import (
    Contact,
    ContractDocument,
    Email,
    ImportFile,
    LineItem,
    Organisation,
    Person,
    Proposal,
    Service,
    db,
    say_who,
)
from rules.agreement_states import DocumentState
from rules.problem_codes import Code
from rules.refusal import Refused
from rules.states import OrganisationState
from rules.upload_states import ImportState
from tests.support.worlds.world import World
from workflows.clock import now
from workflows.imports import steps as imports
from workflows.imports.kinds import KINDS

TRAFFORD = Path(__file__).parents[2] / "cases" / "trafford_care_homes.csv"
ROW = {
    "Organisation ref": "ORG-0001",
    "Service": "Fenland Homecare Ltd branch",
    "ISO": "ISO-9001",
    "CPLI": "48210",
    "Person ref": "P000777",
    "Person name": "Ada Bell",
    "Element": "Personal care",
    "Unit": "HOUR",
    "Plan kind": "TIMETABLED",
    "Mon": "1.25",
    "Rate": "19.68",
    "Start": "16/10/2017",
    "Payment method": "ACTUALS",
    "Status": "PUBLISHED",
}


def a_csv(*rows: dict[str, str]) -> bytes:
    target = io.StringIO()
    writer = csv.DictWriter(target, list(dict.fromkeys(name for row in rows for name in row)))
    writer.writeheader()
    writer.writerows(rows)
    return target.getvalue().encode()


def lines(*changes: dict[str, str]) -> bytes:
    return a_csv(*(ROW | change for change in changes))


def bring_in(kind: str, content: bytes) -> ImportFile:
    kept = imports.check_file(kind, "file.csv", content, None)
    assert kept.findings["problems"] == []
    return imports.confirm(kept.id)


def problem_of(kind: str, content: bytes) -> dict[str, Any]:
    kept = imports.check_file(kind, "file.csv", content, None)
    assert kept.state is ImportState.REFUSED
    assert kept.findings["problem_count"] == 1, kept.findings["problems"]
    found: dict[str, Any] = kept.findings["problems"][0]
    return found


@pytest.fixture
def fenland(world: World) -> Organisation:
    world.element("Personal care")
    world.element("Sitting service")
    return world.organisation()


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_the_directory_comes_in_as_it_was_published(world: World) -> None:
    kept = imports.check_file("organisations", TRAFFORD.name, TRAFFORD.read_bytes(), None)
    assert (kept.findings["rows"], kept.findings["new"], kept.findings["problems"]) == (56, 56, [])
    assert kept.findings["notices"] == ["46 organisations are new."]
    assert count(Organisation) == 0
    imports.confirm(kept.id)
    assert (count(Organisation), count(Service)) == (46, 56)
    stockdales = db.session.scalars(select(Organisation).where(Organisation.name.startswith("Stockdales"))).one()
    assert stockdales.sector.name == "Residential"
    assert stockdales.state is OrganisationState.WAITING
    assert len(stockdales.services) == 5
    home = db.session.scalars(select(Service).where(Service.cqc_location == "1-466088203")).one()
    assert [home.name, home.phone, home.postcode] == ["10 Spennithorne Road", "0161 748 6414", "M41 5BU"]
    several = db.session.scalars(select(Service).where(Service.name == "Ashlands Manor Care Home")).one()
    assert several.service_type == "Nursing homes, Residential homes"
    assert several.organisation.sector.name == "Nursing"
    without = db.session.scalars(select(Service).where(Service.name == "Davyhulme Road")).one()
    assert without.phone == ""
    references = db.session.scalars(select(Organisation.reference).order_by(Organisation.id)).all()
    assert references[0] == "ORG-0001"
    assert references[-1] == "ORG-0046"


def test_the_directory_again_changes_nothing(world: World) -> None:
    bring_in("organisations", TRAFFORD.read_bytes())
    again = bring_in("organisations", TRAFFORD.read_bytes())
    assert again.findings["unchanged"] == 56
    assert (count(Organisation), count(Service)) == (46, 56)


def test_the_commissions_own_download_is_read_below_its_preamble(world: World) -> None:
    heading = (
        "Name,Also known as,Address,Postcode,Phone number,Service's website (if available),Service types,"
        "Date of latest check,Specialisms/services,Provider name,Local authority,Region,Location URL,"
        "CQC Location (for office use only),CQC Provider ID (for office use only)"
    )
    text = (
        "CQC directory\n\nPublished on 1 November 2017\nSee our website,for more\n"
        f"{heading}\n"
        'Yare Lodge,,"1 Yare Lane, Norwich",NR1 1AA,01603 100200,,Nursing homes,,,YARE CARE LTD,Norfolk,East,,1-1,1-9\n'
        "Broad Street Dental,,1 Broad St,NR1 1AB,01603 100201,,Dentist,,,Smile Ltd,Norfolk,East,,1-2,1-8\n"
    )
    world.organisation("Yare Care Ltd", sector="Residential")
    kept = bring_in("organisations", text.encode())
    assert (kept.findings["rows"], kept.findings["new"]) == (2, 1)
    assert kept.findings["notices"][0].startswith("Rows left out")
    assert kept.findings["notices"][0].endswith(": 1.")
    service = db.session.scalars(select(Service).where(Service.cqc_location == "1-1")).one()
    assert service.organisation.name == "Yare Care Ltd"


def test_own_columns_make_and_change_organisations(world: World) -> None:
    row = {
        "organisation_REF": "A-7",
        "Organisation": "=Wensum Support",
        "Sector": "supported living",
        "Service": "Wensum House",
        "Service phone": "1603100200",
        "E mail": "office@wensum.example",
        "Colour": "blue",
    }
    first = bring_in("organisations", a_csv(row))
    assert first.findings["notices"] == ["1 organisation is new.", "Columns that were passed over: Colour."]
    changed = bring_in("organisations", a_csv(row | {"E mail": "new@wensum.example"}))
    assert changed.findings["changed"] == 1
    found = db.session.scalars(select(Organisation)).one()
    assert [found.reference, found.name, found.email] == ["A-7", "=Wensum Support", "new@wensum.example"]
    assert found.services[0].phone == "01603 100200"


def test_a_reference_that_differs_by_case_and_blanks_is_the_same_organisation(world: World) -> None:
    row = {"Organisation ref": "A-7", "Organisation": "Wensum", "Sector": "Nursing", "Service": "Wensum House"}
    bring_in("organisations", a_csv(row))
    again = bring_in("organisations", a_csv(row | {"Organisation ref": "a-7", "Service": "WENSUM HOUSE"}))
    assert (again.findings["new"], count(Organisation), count(Service)) == (0, 1, 1)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"Organisation ref": "=1+1"}, "not-a-reference"),
        ({"Organisation": "x" * 3_000}, "too-long"),
        ({"E-mail": "not-an-email"}, "not-an-address"),
        ({"Phone": "ask for Mary"}, "not-a-telephone-number"),
        ({"Service postcode": "Norwich"}, "not-a-postcode"),
    ],
)
def test_a_file_is_refused_what_a_form_is_refused(world: World, change: dict[str, str], code: str) -> None:
    row = {"Organisation ref": "A-7", "Organisation": "Wensum", "Sector": "Nursing", "Service": "Wensum House"}
    found = problem_of("organisations", a_csv(row | change))
    assert (found["column"], found["code"]) == (next(iter(change)), code)


def test_a_sector_that_is_nearly_right_is_suggested(world: World) -> None:
    row = {"Organisation ref": "A", "Organisation": "B", "Sector": "Residental", "Service": "C"}
    found = problem_of("organisations", a_csv(row))
    assert (found["row"], found["column"], found["value"]) == (2, "Sector", "Residental")
    assert "Did you mean “Residential”?" in found["remedy"]


def test_a_missing_column_is_one_problem(world: World) -> None:
    found = problem_of("organisations", a_csv({"Organisation ref": "A", "Organisation": "B", "Service": "C"}))
    assert (found["row"], found["column"]) == (1, "Sector")


def test_a_file_that_cannot_be_read_is_refused_at_its_field(world: World) -> None:
    with pytest.raises(Refused) as refused:
        imports.check_file("organisations", "a.xlsx", b"PK\x03\x04 nonsense", None)
    assert refused.value.problems[0].field == "file"
    assert count(ImportFile) == 0


def test_contacts_come_in_with_their_functions(fenland: Organisation) -> None:
    row = {
        "Organisation ref": fenland.reference,
        "Name": "Mary Lane",
        "E-mail": "Mary@Fenland.example",
        "Functions": "Contract documents | actuals",
        "From": "16/10/2017",
    }
    bring_in("contacts", a_csv(row))
    contact = db.session.scalars(select(Contact)).one()
    assert (contact.email, contact.may_documents, contact.may_actuals, contact.may_payments) == (
        "mary@fenland.example",
        True,
        True,
        False,
    )
    assert bring_in("contacts", a_csv(row)).findings["unchanged"] == 1


def test_documents_come_in_with_lines_and_rates(world: World, fenland: Organisation) -> None:
    content = lines(
        {},
        {"Rate": "20.25", "Rate from": "09/11/2017"},
        {"CPLI": "48211", "Element": "sitting service", "Plan kind": "weekly", "Mon": "", "Weekly quantity": "3"},
    )
    kept = imports.check_file("contract-documents", "lines.csv", content, None)
    assert (kept.findings["new"], kept.findings["problems"]) == (3, [])
    assert count(ContractDocument) == 0
    imports.confirm(kept.id)
    document = db.session.scalars(select(ContractDocument)).one()
    assert (document.state, document.person.reference) == (DocumentState.DRAFT, "P000777")
    assert [line.reference for line in document.line_items] == ["48210", "48211"]
    rates = document.line_items[0].rates
    assert [(str(rate.rate), f"{rate.start}", str(rate.end)) for rate in rates] == [
        ("19.6800", "2017-10-16", "2017-11-08"),
        ("20.2500", "2017-11-09", "None"),
    ]
    assert count(Email) == count(Proposal) == 0, "nobody is known to have done it, so nobody proposed to publish it"


def test_the_same_documents_again_change_nothing(world: World, fenland: Organisation) -> None:
    say_who(world.officer("Service Brokerage").id, "")
    bring_in("contract-documents", lines({}))
    again = bring_in("contract-documents", lines({}))
    assert (again.findings["unchanged"], again.findings["changed"]) == (1, 0)
    assert count(Proposal) == 1
    assert (count(LineItem), count(Email), count(Person)) == (1, 0, 1)


def test_references_are_the_same_whatever_their_case(world: World, fenland: Organisation) -> None:
    bring_in("contract-documents", lines({"ISO": "ISO-A1", "CPLI": "L-1", "Person ref": "P-1", "Status": ""}))
    lower = {"ISO": "iso-a1", "CPLI": "l-1", "Person ref": "p-1", "Status": ""}
    assert bring_in("contract-documents", lines(lower)).findings["unchanged"] == 1
    assert (count(LineItem), count(Person), count(ContractDocument)) == (1, 1, 1)


def test_a_draft_follows_the_file_and_waits_to_be_published(world: World, fenland: Organisation) -> None:
    say_who(world.officer("Service Brokerage").id, "")
    bring_in("contract-documents", lines({"Status": ""}))
    assert bring_in("contract-documents", lines({"Status": "", "Rate": "20"})).findings["changed"] == 1
    bring_in("contract-documents", lines({"Rate": "20"}))
    db.session.expire_all()
    line = db.session.scalars(select(LineItem)).one()
    assert (str(line.rates[0].rate), line.document.state) == ("20.0000", DocumentState.DRAFT)
    assert db.session.scalars(select(Proposal)).one().payload["documents"] == [line.document_id]


def test_what_no_file_may_change_of_a_published_line_is_told_at_its_column(world: World, fenland: Organisation) -> None:
    bring_in("contract-documents", lines({}))
    world.publish(db.session.scalars(select(ContractDocument)).one())
    db.session.commit()
    found = problem_of("contract-documents", lines({"Top-up": "5"}))
    assert found["column"] == "Top-up"
    assert "was published and differs from this row: Top-up." in found["wrong"]
    assert "end the line and add another" in found["remedy"]


@pytest.mark.parametrize(
    ("change", "column", "code", "words"),
    [
        ({"Organisation ref": "ORG-001"}, "Organisation ref", "not-found", "Did you mean “ORG-0001”?"),
        ({"Service": "Fenland Homecare branch"}, "Service", "not-found", "Did you mean “Fenland Homecare Ltd branch”?"),
        ({"Element": "Personal car"}, "Element", "not-found", "Did you mean “Personal care”?"),
        ({"Unit": "HOURS"}, "Unit", "not-on-list", "Use HOUR, VISIT"),
        ({"Rate": "nineteen"}, "Rate", "not-a-number", "amount alone"),
        ({"Rate": "19.68123"}, "Rate", "wrong-step", "Round it to 4"),
        ({"Start": "10/25/2017"}, "Start", "not-a-date", "day, month and year"),
        ({"End": "01/10/2017"}, "End", "dates-reversed", "or a later day"),
        ({"Mon": "1:75"}, "Mon", "not-a-number", "1.75"),
        ({"Mon": "25"}, "Mon", "over-24-hours", "24 or less"),
        ({"Mon": ""}, "Mon", "nothing-planned", "units that are wanted"),
        ({"Weekly quantity": "3"}, "Weekly quantity", "one-of-two", "plan by week"),
        ({"Rate from": "01/11/2017"}, "Rate from", "no-rate", "from the start of the line"),
        ({"Person name": ""}, "Person name", "missing", "person's name"),
        ({"Unit": "WEEK"}, "Payment method", "no-actuals", "payment every four weeks"),
        ({"CPLI": ""}, "CPLI", "missing", "Fill in CPLI"),
        ({"Status": "accepted"}, "Status", "not-on-list", "DRAFT, PUBLISHED, WITHDRAWN or ENDED"),
    ],
)
def test_each_problem_names_its_column_and_what_to_do(
    fenland: Organisation, change: dict[str, str], column: str, code: str, words: str
) -> None:
    found = problem_of("contract-documents", lines(change))
    assert (found["row"], found["column"], found["code"]) == (2, column, code)
    assert words in found["remedy"]


def test_a_problem_is_kept_with_its_code_and_one_without_still_reads(fenland: Organisation) -> None:
    kept = imports.check_file("contract-documents", "a.csv", lines({"Rate": "-1"}), None)
    (found,) = imports.problems_of(kept)
    assert (found.row, found.column, found.value, found.problem.code) == (2, "Rate", "-1", Code.NEGATIVE)
    (stored,) = kept.findings["problems"]
    del stored["code"]
    (found,) = imports.problems_of(kept)
    assert (found.problem.code, found.wrong) == (Code.HAS_PROBLEMS, stored["wrong"])


@pytest.mark.parametrize("kind", KINDS)
def test_no_column_takes_a_character_that_nobody_can_see(fenland: Organisation, kind: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(imports.template(kind)))
    sheet = book.worksheets[0]
    for place in range(1, sheet.max_column + 1):
        sheet.cell(2, place).value = "a_x0000_b"  # as a workbook writes a character that it has no place for
    sheet.cell(1, sheet.max_column + 1).value = "Colour_x0000_"
    target = io.BytesIO()
    book.save(target)
    kept = imports.check_file(kind, "a.xlsx", target.getvalue(), None)
    assert kept.state is ImportState.REFUSED
    assert {problem.value for problem in imports.problems_of(kept)} == {"a\N{REPLACEMENT CHARACTER}b"}
    assert "Colour\N{REPLACEMENT CHARACTER}" in str(kept.findings["notices"])


def test_every_problem_of_a_row_is_found_at_once(fenland: Organisation) -> None:
    change = {"Mon": "1:75", "Element": "Personal car", "Service": "Nowhere", "Start": "x"}
    kept = imports.check_file("contract-documents", "a.csv", lines(change), None)
    assert {problem.column for problem in imports.problems_of(kept)} == set(change)


def test_one_problem_keeps_every_row_out(fenland: Organisation) -> None:
    kept = imports.check_file(
        "contract-documents", "a.csv", lines({}, {"ISO": "ISO-2", "CPLI": "2", "Rate": "x"}), None
    )
    with pytest.raises(Refused):
        imports.confirm(kept.id)
    assert (count(ContractDocument), count(Person)) == (0, 0)


def test_a_file_is_imported_once(fenland: Organisation) -> None:
    kept = bring_in("contract-documents", lines({}))
    with pytest.raises(Refused, match="imported already"):
        imports.confirm(kept.id)


def test_a_file_that_no_longer_fits_is_not_written(world: World, fenland: Organisation) -> None:
    first = imports.check_file("contract-documents", "a.csv", lines({}), None)
    bring_in("contract-documents", lines({"Top-up": "25"}))
    world.publish(db.session.scalars(select(ContractDocument)).one())
    db.session.commit()
    with pytest.raises(Refused, match="Nothing was written"):
        imports.confirm(first.id)
    assert imports.import_file(first.id).state is ImportState.REFUSED
    assert imports.problems_of(first)[0].column == "Top-up"


def test_the_correction_file_has_the_faulty_rows_and_why(fenland: Organisation) -> None:
    kept = imports.check_file("contract-documents", "a.csv", lines({}, {"CPLI": "2", "Element": "Personal car"}), None)
    sheet = openpyxl.load_workbook(io.BytesIO(imports.correction(kept.id))).active
    assert sheet is not None
    assert sheet.max_row == 2
    headings = [cell.value for cell in sheet[1]]
    faulty = sheet.cell(2, headings.index("Element") + 1)
    assert (faulty.value, faulty.fill.fgColor.rgb) == ("Personal car", "FFFBDAD7")
    assert "Did you mean “Personal care”?" in str(sheet.cell(2, headings.index("Message") + 1).value)


def test_a_template_filled_in_comes_back(fenland: Organisation) -> None:
    book = openpyxl.load_workbook(io.BytesIO(imports.template("contract-documents")))
    sheet = book.worksheets[0]
    headings = [str(cell.value).rstrip("*") for cell in sheet[1]]
    for name, value in ROW.items():
        sheet.cell(2, headings.index(name) + 1).value = 48210 if name == "CPLI" else value
    target = io.BytesIO()
    book.save(target)
    bring_in("contract-documents", target.getvalue())
    assert db.session.scalars(select(LineItem.reference)).one() == "48210"


def changes_of(kept: ImportFile) -> list[tuple[str, str, str, str]]:
    return [(each["record"], each["column"], each["before"], each["after"]) for each in kept.findings["changes"]]


def test_what_changes_of_an_organisation_is_shown_before_and_after(world: World) -> None:
    row = {
        "Organisation ref": "A-7", "Organisation": "Wensum Support", "Sector": "Supported living",
        "Service": "Wensum House", "Service phone": "01603100200",
    }  # fmt: skip
    bring_in("organisations", a_csv(row))
    changed = row | {"Sector": "Nursing", "Service phone": "01603100299"}
    kept = imports.check_file("organisations", "file.csv", a_csv(changed), None)
    assert changes_of(kept) == [
        ("Wensum Support", "Sector", "Supported living", "Nursing"),
        ("Wensum House", "Service phone", "01603 100200", "01603 100299"),
    ]


def test_what_changes_of_a_contact_is_shown_before_and_after(fenland: Organisation) -> None:
    row = {
        "Organisation ref": "ORG-0001", "Name": "Ada Bell", "E-mail": "ada@fenland.example",
        "Functions": "Actuals", "From": "16/10/2017",
    }  # fmt: skip
    bring_in("contacts", a_csv(row))
    changed = row | {"Name": "Ada Bell-Ray", "Functions": "Actuals | Conversations", "To": "31/12/2017"}
    kept = imports.check_file("contacts", "file.csv", a_csv(changed), None)
    assert changes_of(kept) == [
        ("Ada Bell, ada@fenland.example", "Name", "Ada Bell", "Ada Bell-Ray"),
        ("Ada Bell, ada@fenland.example", "To", "", "31 December 2017"),
        ("Ada Bell, ada@fenland.example", "Functions", "Actuals", "Actuals | Conversations"),
    ]


def test_what_changes_of_a_draft_is_shown_before_and_after(fenland: Organisation) -> None:
    bring_in("contract-documents", lines({"Status": "DRAFT"}))
    changed = lines({"Status": "DRAFT", "Mon": "1.5", "Rate": "20.25", "Element": "Sitting service"})
    kept = imports.check_file("contract-documents", "file.csv", changed, None)
    assert changes_of(kept) == [
        ("Line 48210", "Mon", "1.25", "1.50"),
        ("Line 48210", "Element", "Personal care", "Sitting service"),
        ("Line 48210", "Rate", "£19.68 from 16 October 2017", "£20.25 from 16 October 2017"),
    ]


def test_a_document_whose_reference_is_a_formula_is_rejected(fenland: Organisation) -> None:
    assert problem_of("contract-documents", lines({"ISO": "=1+1"}))["column"] == "ISO"


def test_a_checked_file_can_be_left_and_is_marked_so(world: World) -> None:
    officer = world.officer("Procurement")
    kept = imports.check_file("organisations", TRAFFORD.name, TRAFFORD.read_bytes(), officer)
    left = imports.abandon(kept.id, officer)
    assert (left.state, left.done_by, count(Organisation)) == (ImportState.ABANDONED, officer, 0)
    with pytest.raises(Refused, match=r"This import was abandoned\. Check the file again."):
        imports.confirm(kept.id)
    again = imports.check_again(kept.id, officer)
    assert (again.state, again.findings["new"], again.id != kept.id) == (ImportState.CHECKED, 56, True)


def test_what_nobody_confirms_in_a_week_is_abandoned_unless_there_is_nothing_in_it(world: World) -> None:
    bring_in("organisations", TRAFFORD.read_bytes())
    row = {"Organisation ref": "A-7", "Organisation": "Wensum", "Sector": "Nursing", "Service": "Wensum House"}
    new = imports.check_file("organisations", "new.csv", a_csv(row), None).id
    same = imports.check_file("organisations", TRAFFORD.name, TRAFFORD.read_bytes(), None).id
    assert imports.abandon_old() == 0
    db.session.execute(update(ImportFile).values(given_at=now() - imports.ABANDONED_AFTER - timedelta(minutes=1)))
    db.session.commit()
    assert imports.abandon_old() == 1
    db.session.expire_all()
    assert imports.import_file(new).state is ImportState.ABANDONED
    assert imports.import_file(same).state is ImportState.CHECKED
