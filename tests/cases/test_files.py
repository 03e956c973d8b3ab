"""Files of the kinds people send: each kind with what is right of it, the files in this folder among them."""

from datetime import date

import pytest
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy import select

from files.actuals.workbook import COLUMNS
from models import Actual, LineItem, Organisation, PaymentPeriod, Upload, UploadFinding, acting_for, db
from rules.states import ActualState
from tests.support.files.cases import case
from tests.support.files.uploads import download, found, put_in, send, stored
from tests.support.files.workbooks import headed, workbook
from tests.support.files.workbooks import row as cells
from tests.support.files.workbooks import text as cell
from tests.support.worlds.weeks import OCT_16, OCT_23, week
from tests.support.worlds.world import World
from workflows.actuals.save import Entry, save_week
from workflows.uploads.results.correction_file import correction

DAILY = "CPLI,Service date,Delivered units,Reason,Comment"
AS_DAYS = "CPLI,Week starting,Mon,Tue,Wed,Thu,Fri,Sat,Sun,Week total,Reason,Comment"
NOTHING_BUT = {"unchanged": 0, "new": 0, "changed": 0}
HALF = ("1", "1", "1", "1", "1", "1", "0.5")


@pytest.fixture
def line(world: World, organisation: Organisation) -> LineItem:
    return world.line(organisation, reference="48212")


@pytest.fixture
def period(world: World) -> PaymentPeriod:
    return world.period()


def days(line: LineItem, monday: date = OCT_16) -> str:
    return " ".join(stored()[line.id, monday][0])


def sentences(kept: Upload) -> list[str]:
    query = select(UploadFinding.wrong).where(UploadFinding.upload_id == kept.id).order_by(UploadFinding.id)
    return list(db.session.scalars(query))


def ticks(kept: Upload) -> list[int]:
    return list(db.session.scalars(select(UploadFinding.id).where(UploadFinding.upload_id == kept.id)))


def test_a_week_total_on_a_line_filled_by_day_is_an_offer(organisation: Organisation, line: LineItem) -> None:
    text = case("week-total-on-day-line.csv", line)
    kept = send(organisation, text)
    assert found(kept) == [("conflict", "spread-offer", 2, "Week total")]
    assert kept.counts.items() >= {**NOTHING_BUT, "asked": 1}.items()
    put_in(organisation, kept)
    assert stored() == {}
    kept = send(organisation, text)
    put_in(organisation, kept, ticks(kept))
    assert days(line) == " ".join(["1.25"] * 7)
    assert send(organisation, text).counts["unchanged"] == 1


def test_a_total_of_the_weekly_layout_is_an_offer_too(organisation: Organisation, line: LineItem) -> None:
    kept = send(organisation, ["CPLI,Week starting,Delivered units,Reason", f"{line.reference},16/10/2017,3,AGREED"])
    assert found(kept) == [("conflict", "spread-offer", 2, "Delivered units")]
    put_in(organisation, kept, ticks(kept))
    assert days(line) == "0.50 0.50 0.50 0.50 0.50 0.25 0.25"


def test_a_total_that_cannot_be_spread_is_refused(organisation: Organisation, line: LineItem) -> None:
    kept = send(organisation, [AS_DAYS, f"{line.reference},16/10/2017,,,,,,,,8.8,AGREED,"])
    assert found(kept) == [("rejected", "by-day", 2, "Week total")]


def test_an_unquoted_decimal_comma_is_a_row_of_another_shape(organisation: Organisation, line: LineItem) -> None:
    kept = send(organisation, case("decimal-comma-unquoted.csv", line))
    assert [each[:3] for each in found(kept)] == [("rejected", "row-shape", 2), ("rejected", "row-shape", 3)]
    assert kept.counts.items() >= {**NOTHING_BUT, "rejected": 2}.items()


def test_its_correction_file_is_not_cut_either(organisation: Organisation, line: LineItem) -> None:
    kept = send(organisation, case("decimal-comma-unquoted.csv", line))
    with acting_for(organisation.id):
        again = correction(kept.id)
    assert [each[:3] for each in found(send(organisation, again, "a.xlsx"))] == [
        ("rejected", "row-shape", 2), ("rejected", "row-shape", 3)
    ]  # fmt: skip


def test_a_comma_in_a_comment_is_a_row_of_another_shape_and_empty_cells_behind_are_none(
    organisation: Organisation, line: LineItem
) -> None:
    rows = [f"{line.reference},16/10/2017,1.5,OTHER,late, then rain", f"{line.reference},17/10/2017,1.5,OTHER,late,,"]
    kept = send(organisation, [DAILY, *rows, f"{line.reference},18/10/2017,1.5"])
    assert [each[:3] for each in found(kept)] == [("rejected", "row-shape", 2)]
    assert kept.counts["new"] == 2


def test_a_reason_without_a_quantity_is_refused_with_what_to_do(organisation: Organisation, line: LineItem) -> None:
    put_in(organisation, send(organisation, case("empty-with-reason-1.csv", line)))
    kept = send(organisation, case("empty-with-reason-2.csv", line))
    assert found(kept) == [("rejected", "empty-with-reason", 2, "Delivered units")]
    remedy = db.session.scalars(select(UploadFinding.remedy).where(UploadFinding.upload_id == kept.id)).one()
    assert remedy == "Write 0 where nothing was delivered, or remove the row."
    assert kept.counts.items() >= {**NOTHING_BUT, "rejected": 1}.items()
    put_in(organisation, kept)
    assert days(line).startswith("1.50 ")


@pytest.mark.parametrize("row", ["16/10/2017,,,,,,,,,MISSED,", "16/10/2017,,,,,,,,0,,nobody came"])
def test_a_week_without_a_figure_and_with_a_reason_is_refused(
    organisation: Organisation, line: LineItem, row: str
) -> None:
    kept = send(organisation, [AS_DAYS, f"{line.reference},{row}"])
    assert found(kept) == [("rejected", "empty-with-reason", 2, "Week total")]


def test_semicolons_in_comments_do_not_delimit(organisation: Organisation, line: LineItem) -> None:
    put_in(organisation, send(organisation, case("semicolons-in-comments.csv", line)))
    assert stored()[line.id, OCT_16][0][2:4] == ("1.50", "1.50")
    assert stored()[line.id, OCT_16][2] == "a;b;c;d;e;f;g"


def test_invisible_characters_are_passed_over(organisation: Organisation, line: LineItem) -> None:
    kept = send(organisation, case("invisible-characters.csv", line))
    put_in(organisation, kept)
    assert (found(kept), days(line)) == ([], "0.00 0.00 1.50 1.50 0.00 0.00 0.00")


def test_a_reference_with_a_point_and_a_zero_is_the_reference(organisation: Organisation, line: LineItem) -> None:
    kept = send(organisation, case("float-reference.csv", line))
    put_in(organisation, kept)
    assert (found(kept), days(line)) == ([], "0.75 0.00 0.00 0.00 0.00 0.00 0.00")


def test_a_week_without_a_reason_is_a_draft_with_a_warning(organisation: Organisation, line: LineItem) -> None:
    kept = send(organisation, case("no-reason.csv", line))
    assert found(kept) == [("warning", "reason-needed", 2, "Reason")]
    put_in(organisation, kept)
    assert db.session.scalars(select(Actual.state)).one() is ActualState.DRAFT


def test_so_it_is_in_the_workbook(organisation: Organisation, line: LineItem, period: PaymentPeriod) -> None:
    kept = send(organisation, download(organisation, period, lambda sheet: put(sheet, 2, Mon=0.25)), "a.xlsx")
    assert found(kept) == [("warning", "reason-needed", 2, "Reason")]
    put_in(organisation, kept)
    assert days(line).startswith("0.25 ")


def test_outcomes_are_known_in_any_case_with_their_usual_words(organisation: Organisation, line: LineItem) -> None:
    kept = send(organisation, case("outcome-words.csv", line))
    assert [each for each in found(kept) if each[0] == "rejected"] == []
    put_in(organisation, kept)
    assert days(line).startswith("1.00 1.00 0.00 0.00 ")


def test_a_row_nobody_touched_asks_for_nothing_and_a_touched_one_is_a_conflict(
    organisation: Organisation, line: LineItem, period: PaymentPeriod
) -> None:
    week(line, OCT_23)
    untouched = download(organisation, period)
    touched = download(organisation, period, lambda sheet: put(sheet, 3, Mon=0.5, Reason="SHORTER"))
    with acting_for(organisation.id):
        save_week(OCT_16, [Entry(line.id, HALF, "SHORTER")], None)
        save_week(OCT_23, [Entry(line.id, HALF, "SHORTER")], None)
    kept = send(organisation, untouched, "a.xlsx")
    assert (found(kept), kept.counts["unchanged"]) == ([], kept.counts["read"])
    kept = send(organisation, touched, "a.xlsx")
    assert [each[:3] for each in found(kept)] == [("conflict", "conflict", 3)]
    assert "Mon 1.00 there, 0.50 in the file" in sentences(kept)[0]


def test_a_row_whose_key_is_of_another_line_is_a_contradiction_that_names_both(
    world: World, organisation: Organisation, line: LineItem, period: PaymentPeriod
) -> None:
    other = world.line(organisation, reference="48999")

    def swap(sheet: Worksheet) -> None:
        references = sorted((str(sheet.cell(row, 3).value) for row in range(2, sheet.max_row + 1)), reverse=True)
        for row, reference in enumerate(references, start=2):
            sheet.cell(row, 3).value = reference

    kept = send(organisation, download(organisation, period, swap), "a.xlsx")
    assert {each[:2] for each in found(kept)} == {("rejected", "contradiction")}
    assert kept.counts["rejected"] == kept.counts["read"] == 8
    assert f"The row key is that of {line.reference}, and the row says {other.reference}." in sentences(kept)


@pytest.mark.parametrize(
    ("edits", "column", "words"),
    [
        ({"Week starting": "23/10/2017"}, "Week starting", "16 October 2017, and the row says 23 October 2017"),
        ({"Person ref": "P-OTHER"}, "Person ref", "and the row says P-OTHER"),
        ({"Mon": 1, "Tue": 1, "Week total": 8.75}, "Week total", "add up to 2.00, and the week total is 8.75"),
        ({"Row key": "K0000"}, "Row key", "damaged"),
    ],
)
def test_what_a_row_says_twice_must_agree(
    organisation: Organisation,
    line: LineItem,
    period: PaymentPeriod,
    edits: dict[str, object],
    column: str,
    words: str,
) -> None:
    assert line.id
    kept = send(organisation, download(organisation, period, lambda sheet: put(sheet, 2, **edits)), "a.xlsx")
    assert found(kept) == [("rejected", "contradiction", 2, column)]
    assert words in sentences(kept)[0]


def test_a_total_equal_to_its_days_is_fine(organisation: Organisation, line: LineItem) -> None:
    kept = send(organisation, [AS_DAYS, f"{line.reference},16/10/2017,1.25,1.25,1,1,1,1,1,7.5,EXTRA,"])
    assert (found(kept), kept.counts["new"]) == ([], 1)


def test_a_person_of_another_line_is_a_contradiction_in_a_daily_file(
    world: World, organisation: Organisation, line: LineItem
) -> None:
    other = world.line(organisation)
    rows = [f"{line.reference},{other.person.reference},16/10/2017,1,OTHER"]
    kept = send(organisation, ["CPLI,Person ref,Service date,Delivered units,Reason", *rows])
    assert found(kept) == [("rejected", "contradiction", 2, "Person ref")]


def test_so_it_is_in_a_file_of_visits(world: World, organisation: Organisation, line: LineItem) -> None:
    other = world.line(organisation)
    heading = "Visit ref,CPLI,Person ref,Planned start,Planned end,Actual start,Actual end,Outcome"
    row = f"V1,{line.reference},{other.person.reference},16/10/2017 08:00,16/10/2017 09:00,,,MISSED"
    assert found(send(organisation, [heading, row])) == [("rejected", "contradiction", 2, "Person ref")]


def test_two_reasons_for_a_week_are_both_kept_and_the_first_is_stored(
    organisation: Organisation, line: LineItem
) -> None:
    rows = [f"{line.reference},16/10/2017,0.5,SHORTER,left early", f"{line.reference},17/10/2017,0,missed,nobody came"]
    kept = send(organisation, [DAILY, *rows])
    assert found(kept) == [("warning", "two-reasons", 3, "Reason")]
    put_in(organisation, kept)
    assert stored()[line.id, OCT_16][1:] == ("SHORTER", "left early\nnobody came\nAlso MISSED.")
    assert send(organisation, [DAILY, *rows]).counts["unchanged"] == 2


def test_what_a_row_says_that_stays_out_stays_out_too(organisation: Organisation, line: LineItem) -> None:
    kept = send(organisation, case("rejected-row-words.csv", line))
    assert found(kept) == [
        ("rejected", "wrong-step", 2, "Delivered units"), ("rejected", "over-24-hours", 4, "Delivered units")
    ]  # fmt: skip
    put_in(organisation, kept)
    assert stored()[line.id, OCT_16][1:] == ("LONGER", "felt unwell")


def test_so_does_a_visit_of_a_day_that_stays_out(organisation: Organisation, line: LineItem) -> None:
    heading = "Visit ref,CPLI,Planned start,Planned end,Actual start,Actual end,Outcome,Reason,Comment"
    moments = ("16/10/2017 08:00", "17/10/2017 15:00"), ("18/10/2017 08:00", "18/10/2017 09:00")
    rows = [f"V{index},{line.reference},{a},{b},{a},{b},DELIVERED" for index, (a, b) in enumerate(moments)]
    kept = send(organisation, [heading, f"{rows[0]},EXTRA,two days in one", f"{rows[1]},,"])
    assert [each[:3] for each in found(kept)] == [("rejected", "over-24-hours", 2), ("warning", "reason-needed", 3)]
    put_in(organisation, kept)
    assert stored()[line.id, OCT_16][1:] == ("", "")


def test_rows_that_say_the_same_in_other_words_are_repeats_and_others_name_what_differs(
    organisation: Organisation, line: LineItem
) -> None:
    kept = send(organisation, case("repeated-rows.csv", line))
    assert [(row, said) for (_, _, row, _), said in zip(found(kept), sentences(kept), strict=True)] == [
        (3, "Row 3 repeats row 2 and is skipped."),
        (4, "Row 6 says something else for the same line and day."),
        (5, "Row 6 says something else for the same line and day."),
        (6, "Row 4 and row 5 say something else for the same line and day."),
        (7, "Row 8 says something else for the same line and day."),
        (8, "Row 7 says something else for the same line and day."),
    ]
    put_in(organisation, kept)
    assert days(line) == "1.50 0.00 0.00 0.00 0.00 0.00 0.00"


def test_a_row_of_another_sheet_is_named_with_its_sheet(organisation: Organisation, line: LineItem) -> None:
    rows = [("16/10/2017", "1.5"), ("16/10/2017", "1.5"), ("17/10/2017", "1")]
    sheets = [headed(DAILY.split(","), cells(*map(cell, (line.reference, *each, "OTHER", "")))) for each in rows]
    more = cells(*map(cell, (line.reference, "17/10/2017", "2", "OTHER", "")))
    sheets[1] = headed(DAILY.split(","), more, cells(*map(cell, (line.reference, *rows[1], "OTHER", ""))))
    kept = send(organisation, workbook(*sheets, names=("First", "Second", "Third")), "a.xlsx")
    assert sentences(kept) == [
        "Row 2 of the sheet Third says something else for the same line and day.",
        "Row 3 repeats row 2 of the sheet First and is skipped.",
        "Row 2 of the sheet Second says something else for the same line and day.",
    ]


def test_of_a_week_that_begins_on_a_sunday_both_mondays_are_named(
    world: World, organisation: Organisation, line: LineItem
) -> None:
    kept = send(organisation, case("week-begins-on-sunday.csv", line, world.line(organisation)))
    remedies = db.session.scalars(select(UploadFinding.remedy).where(UploadFinding.upload_id == kept.id)).all()
    assert sentences(kept)[0] == "22 October 2017 is a Sunday, and a week starts on a Monday."
    assert remedies == [
        "Write 16/10/2017 for the week that ends on it, 23/10/2017 for the one after.", "Did you mean 23/10/2017?"
    ]  # fmt: skip


def test_comments_without_room_are_told_and_the_first_are_kept(organisation: Organisation, line: LineItem) -> None:
    rows = [f"{line.reference},{16 + day}/10/2017,1.5,OTHER,{str(day) * 150}" for day in range(7)]
    kept = send(organisation, [DAILY, *rows])
    assert found(kept) == [("warning", "over-level", 2, ""), ("warning", "comments-cut", 5, "Comment")]
    assert "there is no room for 4 comments of its rows, because a week keeps 500 characters" in sentences(kept)[1]
    put_in(organisation, kept)
    assert stored()[line.id, OCT_16][2] == "\n".join(str(day) * 150 for day in range(3))
    assert send(organisation, [DAILY, *rows]).counts["unchanged"] == 7


@pytest.mark.parametrize("typed", ["48221", "0048212", "4821Z", "482I2", "48122", "482012"])
def test_a_reference_that_looks_alike_is_named_with_initials(
    organisation: Organisation, line: LineItem, typed: str
) -> None:
    rows = [f"{line.reference},16/10/2017,1,OTHER,", f"{typed},17/10/2017,1,OTHER,"]
    kept = send(organisation, [DAILY, *rows])
    assert sentences(kept)[0] == "No such line. Nearest: 48212 (A. B.)."


@pytest.mark.parametrize("typed", ["48213", "58212", "99999", "4821"])
def test_another_reference_is_nobodys_suggestion(organisation: Organisation, line: LineItem, typed: str) -> None:
    kept = send(organisation, [DAILY, f"{line.reference},16/10/2017,1,OTHER,", f"{typed},17/10/2017,1,OTHER,"])
    assert sentences(kept)[0] == "You have no such line."


def test_a_file_of_strangers_is_told_so_in_one_sentence(organisation: Organisation, line: LineItem) -> None:
    assert line.id
    kept = send(organisation, [DAILY, *(f"4812{place},16/10/2017,1,OTHER," for place in range(10))])
    assert kept.notices == ["None of the references in this file is yours: it looks like another organisation's file."]
    assert set(sentences(kept)) == {"You have no such line."}


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_the_delimiter_is_the_one_by_which_the_headings_are_known(
    organisation: Organisation, line: LineItem, delimiter: str
) -> None:
    rows = [DAILY.split(","), [line.reference, "16/10/2017", "1,5", "OTHER", "a,b,c,d,e,f,g,h,i,j"]]
    put_in(organisation, send(organisation, [delimiter.join(row) for row in rows]))
    assert (days(line)[:4], stored()[line.id, OCT_16][2]) == ("1.50", "a,b,c,d,e,f,g,h,i,j")


def put(sheet: Worksheet, row: int, **edits: object) -> None:
    """Write values under headings of the sheet Actuals."""
    for heading, value in edits.items():
        sheet.cell(row, COLUMNS.index(heading) + 1).value = value  # type: ignore[assignment]


pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")
