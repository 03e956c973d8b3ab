"""Files of actuals as providers send them, and what is stored after them."""

import io
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy import select

from models import Actual, LineItem, Organisation, PaymentPeriod, Upload, UploadFinding, acting_for, db
from workflows.actuals.download import write_download
from workflows.uploads import steps as uploads
from workflows.uploads.matching.columns import first_draft, save_match, table_of
from workflows.uploads.results.read import Question, check_of
from workflows.uploads.work import work_on

Figures = dict[tuple[int, date], tuple[tuple[str, ...], str, str]]


def send(organisation: Organisation, content: bytes | str | Sequence[str], filename: str = "actuals.csv") -> Upload:
    """Send a file for an organisation, as text or as its lines; a big one is checked too."""
    if not isinstance(content, bytes):
        content = (content if isinstance(content, str) else "\n".join(content)).encode()
    with acting_for(organisation.id):
        return worked_on(uploads.store_upload(filename, content, None, organisation.id))


def matched(organisation: Organisation, kept: Upload) -> Upload:
    """Match the columns of a file as they are guessed; what nobody recognises is not used."""
    with acting_for(organisation.id):
        upload, table = table_of(kept.id)
        draft = first_draft(upload, table)
        draft.columns = [name or "-" for name in draft.columns]
        draft.name = f"Match of file {kept.id}"
        return save_match(upload.id, draft, None)


def big_file(*lines: LineItem) -> bytes:
    """A file that is too big to be checked while somebody waits, of a week of some lines, with much else in it."""
    rows = [f"{line.reference},{16 + day}/10/2017,1.5,EXTRA,{'x' * 400}" for line in lines for day in range(7)]
    rows += [f"no-{number},16/10/2017,1,,{'y' * 400}" for number in range(500)]
    return "\n".join(["CPLI,Service date,Delivered units,Reason,Comment", *rows]).encode()


def put_in(organisation: Organisation, kept: Upload, ticked: Sequence[int] = ()) -> Upload:
    """Put a checked file into the portal."""
    with acting_for(organisation.id):
        return worked_on(uploads.ask_to_apply(kept.id, ticked, None))


def worked_on(kept: Upload) -> Upload:
    """Do here what a worker would do with a big file."""
    work_on(kept.id)
    return uploads.find_upload(kept.id)


def asked(organisation: Organisation, kept: Upload) -> Sequence[Question]:
    """What a checked file asks about, the first page of it."""
    with acting_for(organisation.id):
        return check_of(uploads.find_upload(kept.id, changes=True)).questions.rows


def found(kept: Upload) -> list[tuple[str, str, int, str]]:
    """What was found in a file: kind, code, row and column."""
    query = select(UploadFinding).where(UploadFinding.upload_id == kept.id).order_by(UploadFinding.id)
    return [(each.kind.value, each.code, each.row, each.column) for each in db.session.scalars(query)]


def download(
    organisation: Organisation, period: PaymentPeriod, edit: Callable[[Worksheet], Any] | None = None
) -> bytes:
    """The workbook of a period, edited as somebody would in a spreadsheet program."""
    with acting_for(organisation.id):
        written = write_download(organisation, period.id, ())
    with written.file as file:
        content = file.read()
    if edit is None:
        return content
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book["Actuals"]
    assert isinstance(sheet, Worksheet)
    edit(sheet)
    changed = io.BytesIO()
    book.save(changed)
    return changed.getvalue()


def stored() -> Figures:
    """Every stored week: the units of its days, or of the week, with reason and comment."""
    db.session.expire_all()
    return {
        (each.line_item_id, each.week_starting): (
            tuple(map(str, (each.delivered,) if each.line_item.plans[0].weekly_quantity else each.days)),
            each.reason,
            each.comment,
        )
        for each in db.session.scalars(select(Actual))
    }
