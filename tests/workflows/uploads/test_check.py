"""What the check of a file of actuals finds, and what goes in."""

import io
import json
from decimal import Decimal

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy import func, select, update

from models import (
    AbortedVisit,
    Actual,
    ActualVersion,
    LineItem,
    Organisation,
    PaymentPeriod,
    Upload,
    UploadFinding,
    Visit,
    acting_for,
    db,
)
from rules.refusal import Refused, Unknown
from rules.states import ActualState
from rules.upload_states import UploadState
from tests.support.files.uploads import download, found, put_in, send, stored
from tests.support.worlds.weeks import NOV_6, OCT_16, OCT_23, week
from tests.support.worlds.world import World
from workflows.actuals.save import Entry, confirm_as_planned, save_week
from workflows.uploads import steps as uploads
from workflows.uploads.results.correction_file import correction

DAILY = "CPLI,Service date,Delivered units,Reason,Comment"
WEEKLY = "CPLI,Week starting,Delivered units,Reason,Comment"
VISITS = "Visit ref,CPLI,Person ref,Planned start,Planned end,Actual start,Actual end,Outcome,Carer slot,Reason"


@pytest.fixture
def period(world: World) -> PaymentPeriod:
    return world.period()


def test_every_row_is_new_changed_unchanged_or_rejected(world: World, organisation: Organisation) -> None:
    line, other = world.line(organisation), world.line(organisation)
    week(line)
    rows = [
        f"{line.reference},16/10/2017,1,,",  # as stored
        f"{line.reference},17/10/2017,1.25,LONGER,",  # another figure
        f"{other.reference},16/10/2017,1,OTHER,",  # a week nobody has started
        f"{other.reference},17/10/2017,many,,",
    ]
    kept = send(organisation, [DAILY, *rows])
    assert [kept.counts[name] for name in ("read", "unchanged", "changed", "new", "rejected")] == [4, 1, 1, 1, 1]
    assert found(kept) == [("rejected", "not-a-number", 5, "Delivered units")]


def test_a_check_changes_nothing_and_updating_writes_the_good_rows(world: World, organisation: Organisation) -> None:
    line = world.line(organisation)
    rows = [f"{line.reference},16/10/2017,1.25,LONGER,Late bus", f"{line.reference},17/10/2017,1.1,,"]
    kept = send(organisation, [DAILY, *rows])
    assert stored() == {}
    done = put_in(organisation, kept)
    days = ("1.25", "0.00", "0.00", "0.00", "0.00", "0.00", "0.00")
    assert stored() == {(line.id, OCT_16): (days, "LONGER", "Late bus")}
    assert done.state is UploadState.DONE
    assert done.counts["written"] == 1


def test_the_same_file_twice_is_unchanged(world: World, organisation: Organisation) -> None:
    line = world.line(organisation)
    rows = [DAILY, f"{line.reference},16/10/2017,1.25,LONGER,", f"{line.reference},17/10/2017,0.75,,"]
    put_in(organisation, send(organisation, rows))
    again = send(organisation, rows)
    assert again.counts["unchanged"] == again.counts["read"] == 2
    put_in(organisation, again)
    assert db.session.scalars(select(Actual.version)).all() == [1]


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        ("{gone},06/11/2017,1", "outside-line", "Service date"),
        ("{line},13/10/2017,1", "outside-line", "Service date"),
        ("{old},13/10/2017,1", "before-portal-start", "Delivered units"),
        ("{line},21/11/2017,1", "future-date", "Delivered units"),
        ("{line},31/31/2017,1", "not-a-date", "Service date"),
        ("{line},16/10/2017,x", "not-a-number", "Delivered units"),
        ("{line},16/10/2017,-1", "negative", "Delivered units"),
        ("{line},16/10/2017,1.1", "wrong-step", "Delivered units"),
        ("{line},16/10/2017,24.25", "over-24-hours", "Delivered units"),
        ("{line},16/10/2017,1,BORED", "unknown-reason", "Reason"),
        ("nobody,16/10/2017,1", "unknown-line", "CPLI"),
    ],
)
def test_what_is_wrong_has_a_code(world: World, organisation: Organisation, row: str, code: str, column: str) -> None:
    gone = world.line(organisation, end=NOV_6.replace(day=3))
    old = world.line(organisation, start=OCT_16.replace(month=9))
    filled = row.format(line=world.line(organisation).reference, gone=gone.reference, old=old.reference)
    kept = send(organisation, [DAILY, filled + "," * (4 - filled.count(","))])
    assert found(kept) == [("rejected", code, 2, column)]
    assert kept.counts["rejected"] == 1


def test_rows_that_repeat_are_skipped_and_rows_that_contradict_are_rejected(
    world: World, organisation: Organisation
) -> None:
    line = world.line(organisation)
    rows = [f"{line.reference},{day}/10/2017,{units},OTHER," for day, units in ((16, 1), (16, 1), (17, 1), (17, 2))]
    kept = send(organisation, [DAILY, *rows])
    assert found(kept) == [
        ("warning", "duplicate-row", 3, ""),
        ("rejected", "duplicate-row", 4, "CPLI"),
        ("rejected", "duplicate-row", 5, "CPLI"),
    ]


def test_the_nearest_own_reference_is_named_and_never_another_organisations(
    world: World, organisation: Organisation
) -> None:
    own = world.line(organisation, reference="482210")
    world.line(world.organisation("Broadland Care Ltd"), reference="771100")
    rows = [
        f"{own.reference},17/10/2017,1,OTHER,",
        "48221O,16/10/2017,1,,",
        "771100,16/10/2017,1,,",
        "77110O,16/10/2017,1,,",
    ]
    kept = send(organisation, [DAILY, *rows])
    wrong = db.session.scalars(select(UploadFinding.wrong).order_by(UploadFinding.id)).all()
    assert wrong == ["No such line. Nearest: 482210 (A. B.).", *["You have no such line."] * 2]
    assert kept.counts["rejected"] == 3


def test_a_total_of_a_week_that_differs_without_a_reason_is_a_draft_with_a_warning(
    world: World, organisation: Organisation
) -> None:
    line = world.line(organisation, weekly="14")
    kept = send(organisation, [WEEKLY, f"{line.reference},16/10/2017,13,,", f"{line.reference},23/10/2017,14,,"])
    assert found(kept) == [("warning", "reason-needed", 2, "Reason")]
    put_in(organisation, kept)
    assert sorted(stored()) == [(line.id, OCT_16), (line.id, OCT_23)]


def test_a_week_that_would_be_held_is_told_of_with_its_allowance(world: World, organisation: Organisation) -> None:
    line = world.line(organisation, weekly="14")
    kept = send(organisation, [WEEKLY, f"{line.reference},16/10/2017,16,EXTRA,"])
    words = db.session.scalars(select(UploadFinding.wrong)).one()
    assert "2.00 hours over plan, allowance 1.40. The week will be held." in words
    assert put_in(organisation, kept).counts["held"] == 1


def test_the_pounds_of_the_files_weeks_are_told_before_and_after(world: World, organisation: Organisation) -> None:
    line = world.line(organisation, rate="20.0000")
    week(line)
    kept = send(organisation, [DAILY, f"{line.reference},16/10/2017,1.5,LONGER,"])
    assert (str(kept.pounds_before), str(kept.pounds_after)) == ("140.00", "150.00")


def test_a_week_changed_after_the_download_is_a_conflict_and_left_unless_ticked(
    world: World, organisation: Organisation, period: PaymentPeriod
) -> None:
    line = world.line(organisation)
    content = download(organisation, period, lambda sheet: _type(sheet, "2", "EXTRA"))
    with acting_for(organisation.id):
        save_week(OCT_16, [Entry(line.id, ("1", "1", "1", "1", "1", "1", "0.5"), "SHORTER")], None)
    kept = send(organisation, content, "a.xlsx")
    assert [each[:2] for each in found(kept)] == [("conflict", "conflict")]
    words = db.session.scalars(select(UploadFinding.wrong)).one()
    assert "6.50 there, 8.00 in the file" in words
    put_in(organisation, kept)
    assert stored()[line.id, OCT_16][1] == "SHORTER"
    again = send(organisation, content, "a.xlsx")
    tick = db.session.scalars(select(UploadFinding.id).where(UploadFinding.upload_id == again.id)).one()
    put_in(organisation, again, [tick])
    assert stored()[line.id, OCT_16][1] == "EXTRA"


def test_a_week_only_confirmed_since_the_download_is_no_conflict(
    world: World, organisation: Organisation, period: PaymentPeriod
) -> None:
    line = world.line(organisation)
    with acting_for(organisation.id):
        save_week(OCT_16, [Entry(line.id, ("1",) * 6 + ("0.5",), "SHORTER")], None)
    content = download(organisation, period, lambda sheet: _type(sheet, "2", "EXTRA"))
    with acting_for(organisation.id):
        save_week(OCT_16, [Entry(line.id, ("1",) * 6 + ("0.5",), "SHORTER")], None, confirm=True)
    assert found(send(organisation, content, "a.xlsx")) == []


def _type(sheet: Worksheet, units: str, reason: str) -> None:
    """Fill in the first week: so many units on Monday, 1.00 on the other days."""
    headings = [cell.value for cell in sheet[1]]
    for index, value in enumerate((float(units), 1, 1, 1, 1, 1, 1)):
        sheet.cell(2, headings.index("Mon") + 1 + index).value = value
    sheet.cell(2, headings.index("Reason") + 1).value = reason


def test_a_week_on_an_invoice_is_corrected_only_where_ticked(world: World, organisation: Organisation) -> None:
    line = world.line(organisation)
    week(line)
    db.session.execute(Actual.__table__.update().values(state=ActualState.INVOICED))
    db.session.commit()
    rows = [DAILY, f"{line.reference},16/10/2017,0.5,SHORTER,"]
    kept = send(organisation, rows)
    assert [each[:2] for each in found(kept)] == [("locked", "locked")]
    put_in(organisation, kept)
    assert stored()[line.id, OCT_16][1] == ""
    again = send(organisation, rows)
    tick = db.session.scalars(select(UploadFinding.id).where(UploadFinding.upload_id == again.id)).one()
    put_in(organisation, again, [tick])
    actual = db.session.scalars(select(Actual)).one()
    assert (str(actual.mon), actual.state, actual.source) == ("0.50", ActualState.INVOICED, "Upload")


def test_a_week_changed_between_check_and_update_is_not_overwritten(world: World, organisation: Organisation) -> None:
    line, other = world.line(organisation), world.line(organisation)
    kept = send(organisation, [DAILY, *(f"{each.reference},16/10/2017,1.5,EXTRA," for each in (line, other))])
    with acting_for(organisation.id):
        confirm_as_planned([OCT_16], None, only=[line.id])
    with pytest.raises(Refused, match="checked again"):
        put_in(organisation, kept)
    assert list(stored()) == [(line.id, OCT_16)], "all rows or none"
    after = db.session.scalars(select(Upload)).one()
    assert (after.state, after.counts["new"], after.counts["changed"]) == (UploadState.CHECKED, 1, 1)


def test_a_file_goes_in_once(world: World, organisation: Organisation) -> None:
    line = world.line(organisation)
    kept = send(organisation, [DAILY, f"{line.reference},16/10/2017,1.5,EXTRA,"])
    put_in(organisation, kept)
    with pytest.raises(Refused, match="already"):
        put_in(organisation, kept)


def test_visits_roll_up_to_days_and_are_kept_with_their_minutes(world: World, organisation: Organisation) -> None:
    line = world.line(organisation)
    rows = [
        f"V1,{line.reference},,16/10/2017 08:00,16/10/2017 09:00,16/10/2017 08:03,16/10/2017 08:41,DELIVERED,,",
        f"V2,,{line.person.reference},16/10/2017 18:00,16/10/2017 19:00,16/10/2017 18:00,16/10/2017 18:22,DELIVERED,,",
        f"V3,{line.reference},,17/10/2017 18:00,17/10/2017 19:00,,,MISSED,,",
    ]
    put_in(organisation, send(organisation, [VISITS, *rows]))
    assert stored()[line.id, OCT_16][0][:2] == ("1.00", "0.00")
    kept = db.session.execute(select(Visit.reference, Visit.minutes, Visit.counted).order_by(Visit.reference)).all()
    assert [tuple(row) for row in kept] == [("V1", 38, 45), ("V2", 22, 15), ("V3", 0, 0)]


def test_visits_of_an_invoiced_week_are_kept_only_where_it_is_ticked(world: World, organisation: Organisation) -> None:
    line, other = world.line(organisation), world.line(organisation)
    week(line)
    db.session.execute(Actual.__table__.update().values(state=ActualState.INVOICED))
    db.session.commit()
    times = "16/10/2017 08:00,16/10/2017 09:30,16/10/2017 08:00,16/10/2017 09:30,DELIVERED,,LONGER"
    rows = [VISITS, f"V1,{line.reference},,{times}", f"V2,{other.reference},,{times}"]
    put_in(organisation, send(organisation, rows))
    assert db.session.scalars(select(Visit.reference)).all() == ["V2"]
    again = send(organisation, rows)
    put_in(organisation, again, list(db.session.scalars(select(UploadFinding.id).filter_by(upload_id=again.id))))
    assert sorted(db.session.scalars(select(Visit.reference))) == ["V1", "V2"]
    assert stored()[line.id, OCT_16][0][0] == "1.50"


def test_a_visit_sent_again_changes_its_day_and_no_other_visit(world: World, organisation: Organisation) -> None:
    line = world.line(organisation)
    day = "16/10/2017"
    first = f"V1,{line.reference},,{day} 08:00,{day} 09:00,{day} 08:00,{day} 09:00,DELIVERED,,"
    second = f"V2,{line.reference},,{day} 18:00,{day} 19:00,{day} 18:00,{day} 19:00,DELIVERED,,"
    put_in(organisation, send(organisation, [VISITS, first, second]))
    shorter = send(organisation, [VISITS, second.replace("19:00,DELIVERED", "18:30,DELIVERED")])
    assert shorter.counts["changed"] == 1
    put_in(organisation, shorter)
    assert stored()[line.id, OCT_16][0][0] == "1.50"
    assert db.session.scalar(select(func.count(Visit.id))) == 2


def test_a_person_with_two_lines_is_rejected_naming_both(world: World, organisation: Organisation) -> None:
    line = world.line(organisation)
    other = world.line(organisation, person=line.person)
    row = f"V1,,{line.person.reference},16/10/2017 08:00,16/10/2017 09:00,,,MISSED,,"
    kept = send(organisation, [VISITS, row])
    assert [each[1] for each in found(kept)] == ["two-lines"]
    words = db.session.scalars(select(UploadFinding.wrong)).one()
    assert line.reference in words
    assert other.reference in words


def test_an_aborted_visit_of_a_file_is_recorded_once(world: World, organisation: Organisation) -> None:
    line = world.line(organisation)
    rows = [VISITS, f"V1,{line.reference},,16/10/2017 08:00,16/10/2017 09:00,,,ABORTED,,NO_REPLY"]
    put_in(organisation, send(organisation, rows))
    again = send(organisation, rows)
    assert again.counts["unchanged"] == 1
    put_in(organisation, again)
    visit = db.session.scalars(select(AbortedVisit)).one()
    assert (str(visit.planned_units), str(visit.payable)) == ("1.00", "0.50")


def test_a_version_out_of_a_file_keeps_the_aborted_visits_that_came_with_it(
    world: World, organisation: Organisation
) -> None:
    line = world.line(organisation)
    aborted = f"V1,{line.reference},,16/10/2017 08:00,16/10/2017 09:00,,,ABORTED,,NO_REPLY"
    delivered = f"V2,{line.reference},,17/10/2017 08:00,17/10/2017 09:00,17/10/2017 08:00,17/10/2017 09:00,DELIVERED,,"
    put_in(organisation, send(organisation, [VISITS, aborted, delivered]))
    versions = db.session.scalars(select(ActualVersion).order_by(ActualVersion.version)).all()
    assert versions[-1].payable == Decimal("1.50")
    assert versions[-1].aborted_days == [Decimal("0.50"), *[Decimal(0)] * 6]


def test_an_aborted_visit_of_an_invoiced_week_is_recorded_only_where_ticked(
    world: World, organisation: Organisation
) -> None:
    line = world.line(organisation)
    week(line, delivered=("0.00", *("1.00",) * 6))
    db.session.execute(Actual.__table__.update().values(state=ActualState.INVOICED))
    db.session.commit()
    rows = [VISITS, f"V1,{line.reference},,16/10/2017 08:00,16/10/2017 09:00,,,ABORTED,,NO_REPLY"]
    kept = send(organisation, rows)
    assert found(kept) == [("locked", "locked", 2, "")]
    put_in(organisation, kept)
    assert db.session.scalars(select(AbortedVisit)).all() == []
    again = send(organisation, rows)
    put_in(organisation, again, list(db.session.scalars(select(UploadFinding.id).filter_by(upload_id=again.id))))
    actual = db.session.scalars(select(Actual)).one()
    assert (str(actual.aborted), str(actual.payable), actual.state) == ("1.00", "6.50", ActualState.INVOICED)
    assert "Aborted visit" in actual.comment


def test_a_line_shortened_between_check_and_update_lets_nothing_in(world: World, organisation: Organisation) -> None:
    line = world.line(organisation)
    kept = send(organisation, [DAILY, f"{line.reference},20/10/2017,1.5,EXTRA,"])
    World.confirmed()
    db.session.execute(update(LineItem).where(LineItem.id == line.id).values(end=OCT_16))
    db.session.commit()
    with pytest.raises(Refused, match=r"line items.*checked again"):
        put_in(organisation, kept)
    assert stored() == {}
    assert [each[1] for each in found(kept)] == ["outside-line"]


def test_the_correction_file_holds_the_rejected_rows_coloured_with_their_message(
    world: World, organisation: Organisation
) -> None:
    line = world.line(organisation)
    rows = [f"{line.reference},16/10/2017,1,,", f"{line.reference},17/10/2017,many,OTHER,=1+1"]
    kept = send(organisation, [DAILY, *rows])
    with acting_for(organisation.id):
        sheet = openpyxl.load_workbook(io.BytesIO(correction(kept.id))).active
    assert sheet
    values = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert values[0] == ["CPLI", "Service date", "Delivered units", "Reason", "Comment", "Message"]
    assert values[1][:5] == [line.reference, "17/10/2017", "many", "OTHER", "=1+1"]
    assert "Delivered units" in str(values[1][5])
    assert sheet.cell(2, 3).fill.fgColor.rgb != sheet.cell(2, 1).fill.fgColor.rgb
    assert sheet.cell(2, 5).data_type == "s"


def test_a_correction_file_put_right_goes_in(world: World, organisation: Organisation) -> None:
    line = world.line(organisation)
    kept = send(organisation, [DAILY, f"{line.reference},17/10/2017,many,OTHER,"])
    with acting_for(organisation.id):
        book = openpyxl.load_workbook(io.BytesIO(correction(kept.id)))
    assert book.active
    book.active["C2"] = 1.5
    changed = io.BytesIO()
    book.save(changed)
    put_in(organisation, send(organisation, changed.getvalue(), "a to correct.xlsx"))
    assert stored()[line.id, OCT_16][0][1] == "1.50"


def test_a_file_is_remembered_with_its_sha_and_can_be_had_again(world: World, organisation: Organisation) -> None:
    line = world.line(organisation)
    content = f"{DAILY}\n{line.reference},16/10/2017,1,OTHER,".encode()
    kept = send(organisation, content, "week.csv")
    with acting_for(organisation.id):
        assert uploads.content_of(kept.id) == content
        assert [each.filename for each in uploads.earlier_uploads()] == ["week.csv"]
    assert len(kept.sha256) == 64
    with acting_for(world.organisation("Broadland Care Ltd").id):
        assert uploads.earlier_uploads() == []
        with pytest.raises(Unknown):
            uploads.find_upload(kept.id)


def test_a_file_that_cannot_be_read_is_refused_with_one_sentence(organisation: Organisation) -> None:
    kept = send(organisation, b"PK\x03\x04 broken", "broken.xlsx")
    assert kept.state is UploadState.REFUSED
    assert len(kept.notices) == 1


def test_a_comment_as_long_as_one_may_type_comes_back(
    world: World, organisation: Organisation, period: PaymentPeriod
) -> None:
    line = world.line(organisation)
    with acting_for(organisation.id):
        save_week(OCT_16, [Entry(line.id, ("0.5",) * 7, "OTHER", "x" * 500)], None)
    kept = send(organisation, download(organisation, period), "actuals.xlsx")
    assert (kept.counts["unchanged"], kept.counts["rejected"]) == (4, 0)


def test_what_nobody_can_see_in_headings_and_cells_is_marked_in_what_is_said_of_them(
    world: World, organisation: Organisation
) -> None:
    world.line(organisation)
    headings = [*DAILY.split(","), "Colour\x07"]
    kept = send(organisation, [",".join(headings), "4\x07,16/10/2017,1,OTHER\x07,Late\x07,red"])
    assert "Colour\N{REPLACEMENT CHARACTER}" in str(kept.notices)
    values = db.session.scalars(select(UploadFinding.value)).all()
    assert {value[-1] for value in values} == {"\N{REPLACEMENT CHARACTER}"}
    book = openpyxl.Workbook()
    for row in ([*DAILY.split(","), "Colour_x0000_"], ["4_x0000_", "16/10/2017", 1, "OTHER", "Late_x0000_", "red"]):
        book.worksheets[0].append(row)
    target = io.BytesIO()
    book.save(target)
    kept = send(organisation, target.getvalue(), "actuals.xlsx")
    assert "Colour\N{REPLACEMENT CHARACTER}" in str(kept.notices)


def test_an_unknown_column_is_named_in_a_notice(world: World, organisation: Organisation) -> None:
    kept = send(organisation, [f"Colour,{DAILY}", f"red,{world.line(organisation).reference},16/10/2017,1,OTHER,"])
    assert "Colour" in json.dumps(kept.notices)
