"""The downloaded workbook in LibreOffice: opened, changed and saved there, it comes back as exactly those changes."""

from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from files.actuals.layouts import WeekRow, read_actuals_file
from models import DAYS, AbortedVisit, Actual, LineItem, Organisation, PaymentPeriod, acting_for, db
from rules.states import ActualState
from rules.upload_states import UploadState
from tests.support.files.libreoffice import Typed, edit
from tests.support.worlds.weeks import OCT_16, OCT_23, week
from tests.support.worlds.world import World
from workflows.actuals.download import write_download
from workflows.clock import LONDON
from workflows.uploads import steps as uploads

# Text that a spreadsheet could run, take for a number or a date, or break its lines and cells at.
COMMENT = '=1+1, "said" Ann;\nthen -2'
TYPED = (
    Typed("Actuals", "R2", "0.25"),  # the first line is timetabled: Tuesday of its stored week
    Typed("Actuals", "Y2", "SHORTER"),
    Typed("Actuals", "Q3", "1.5"),  # its second week was not started: a day alone, so with a reason
    Typed("Actuals", "Y3", "LONGER"),
    Typed("Actuals", "Z3", "+44 is no sum"),
    Typed("Actuals", "X6", "5.5"),  # the second line is weekly
    Typed("Actuals", "Y6", "AGREED"),
    Typed("Actuals", "C2", "99999"),  # locked
    Typed("Actuals", "Q6", "3"),  # locked: days of a weekly line
    Typed("Aborted visits", "A3", "0048210"),
    Typed("Aborted visits", "B3", "24/10/2017"),
    Typed("Aborted visits", "C3", "07:30"),
    Typed("Aborted visits", "D3", "45"),
    Typed("Aborted visits", "E3", "24/10/2017 06:45"),
    Typed("Aborted visits", "I3", "NO_REPLY"),
)


@pytest.fixture
def lines(world: World, organisation: Organisation) -> list[LineItem]:
    """A timetabled line with a stored week, a weekly one, one of a part week, and an aborted visit."""
    first = world.line(organisation, reference="0048210")
    weekly = world.line(organisation, reference="48211", weekly="7")
    part = world.line(organisation, reference="48212", start=date(2017, 10, 25), end=date(2017, 11, 3))
    week(first, OCT_16, ["1", "0.5", "0", "1", "1", "1", "1"], state=ActualState.DRAFT).comment = COMMENT
    week(weekly, OCT_23, "6")
    db.session.add(
        AbortedVisit(
            organisation_id=organisation.id, line_item_id=part.id, visit_date=date(2017, 10, 26),
            planned_start=time(9), planned_minutes=60, told_at=datetime(2017, 10, 26, 8, tzinfo=LONDON),
            reason="REFUSED", planned_units=Decimal(1), payable=Decimal("0.50"), rule="AV-1",
        )
    )  # fmt: skip
    db.session.commit()
    return [first, weekly, part]


@pytest.fixture
def downloaded(world: World, organisation: Organisation, lines: list[LineItem], tmp_path: Path) -> Path:
    period: PaymentPeriod = world.period()
    path = tmp_path / "actuals.xlsx"
    with acting_for(organisation.id):
        download = write_download(organisation, period.id, [])
        path.write_bytes(download.file.read())
        download.file.close()
    return path


def weeks_in(path: Path) -> list[WeekRow]:
    """The rows of a file as an upload reads them; a total of nothing is the same as none."""
    rows = [row for row in read_actuals_file(path.name, path.read_bytes()).rows if isinstance(row, WeekRow)]
    assert not [row.problems for row in rows if row.problems]
    return [row._replace(sheet="", total=row.total or None) for row in rows]


def stored() -> list[tuple[str, date, list[Decimal], Decimal, str, str]]:
    """What the portal holds: line, week, days, total, reason and comment."""
    db.session.expire_all()
    found = db.session.scalars(select(Actual).order_by(Actual.line_item_id, Actual.week_starting))
    return [
        (str(row.line_item), row.week_starting, [getattr(row, day) for day in DAYS], row.delivered, row.reason,
         row.comment)
        for row in found
    ]  # fmt: skip


def test_saved_again_as_xlsx_ods_and_csv_nothing_has_changed(downloaded: Path) -> None:
    saved = [downloaded.with_name(f"again{kind}") for kind in (".xlsx", ".csv", ".ods")]
    edit(downloaded, [], saved)
    before = weeks_in(downloaded)
    assert (len(before), before[0].comment) == (10, COMMENT)
    for path in saved[:2]:
        assert weeks_in(path) == before, path.suffix
    # An .ods is not taken; it holds the same, so that it can be saved as one of the others.
    sheets = [
        CalamineWorkbook.from_path(path).get_sheet_by_name("Actuals").to_python() for path in (downloaded, saved[2])
    ]
    assert sheets[0] == sheets[1]


@pytest.mark.parametrize("kind", [".xlsx", ".csv"])
def test_what_was_typed_in_libreoffice_is_exactly_what_the_upload_changes(
    kind: str, organisation: Organisation, downloaded: Path
) -> None:
    before = stored()
    saved = downloaded.with_name(f"typed{kind}")
    edit(downloaded, TYPED, [saved])
    # A .csv holds the first sheet alone.
    added = [(date(2017, 10, 24), time(7, 30))] if kind == ".xlsx" else []
    with acting_for(organisation.id):
        kept = uploads.store_upload(saved.name, saved.read_bytes(), None, organisation.id)
        assert kept.state is UploadState.CHECKED
        assert (kept.counts["new"] - len(added), kept.counts["changed"], kept.counts["rejected"]) == (2, 1, 0)
        uploads.ask_to_apply(kept.id, (), None)
    first, weekly = before
    one, none = Decimal("1.00"), Decimal("0.00")
    assert stored() == [
        (*first[:2], [one, Decimal("0.25"), none, one, one, one, one], Decimal("5.25"), "SHORTER", COMMENT),
        ("0048210", OCT_23, [Decimal("1.50"), *[none] * 6], Decimal("1.50"), "LONGER", "+44 is no sum"),
        ("48211", OCT_16, [none] * 7, Decimal("5.50"), "AGREED", ""),
        weekly,
    ]
    recorded = db.session.scalars(select(AbortedVisit).order_by(AbortedVisit.id))
    visits = [(visit.visit_date, visit.planned_start) for visit in recorded]
    assert visits == [(date(2017, 10, 26), time(9)), *added]
