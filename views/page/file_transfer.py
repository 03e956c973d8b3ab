"""Spreadsheets of a page: the one that a form brings, and those that are handed out."""

from collections.abc import Iterable, Sequence
from io import BytesIO
from tempfile import TemporaryFile
from typing import Any

from flask import request, send_file
from werkzeug.wrappers import Response

from files.writing import record_list

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
AS_GIVEN = "application/octet-stream"
# What a browser is told of a file, by how its name ends.
KINDS = {
    "pdf": "application/pdf",
    "xlsx": WORKBOOK,
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "txt": "text/plain; charset=us-ascii",
}
# A page shows so many rejected rows; all of them are in the correction file.
MOST_SHOWN = 200


def given_file() -> tuple[str, bytes]:
    """Return the name and the content of the file in the form's field "file", both empty where there is none."""
    given = request.files.get("file")
    return ((given.filename or "").replace("\x00", ""), given.read()) if given else ("", b"")


def hand_out(content: bytes, name: str, kind: str = WORKBOOK) -> Response:
    """Return a file to be saved under a name."""
    return send_file(BytesIO(content), mimetype=kind, as_attachment=True, download_name=name)


def hand_out_sent(content: bytes, name: str) -> Response:
    """Return a file that somebody sent, to be saved: no browser shows it, and nothing in it runs."""
    answer = hand_out(content, name, AS_GIVEN)
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'; frame-ancestors 'none'"
    return answer


def hand_out_correction(content: bytes, filename: str) -> Response:
    """Return the rejected rows of a file, under the file's own name with what they are for."""
    return hand_out(content, f"{filename.rpartition('.')[0] or filename} to correct.xlsx")


def hand_out_lines(lines: Iterable[bytes], name: str) -> Response:
    """Return a file to be saved under a name; its lines are written to disk as they come, and sent from there."""
    file = TemporaryFile()  # noqa: SIM115 - sent, and closed with the answer
    file.writelines(lines)
    file.seek(0)
    answer = Response(file, mimetype=KINDS[name.rpartition(".")[2]])
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


def hand_out_list(name: str, title: str, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """Return rows as a workbook to be saved under a name; it is written to disk as they come, and sent from there."""
    file = TemporaryFile()  # noqa: SIM115 - sent, and closed with the answer
    record_list.write_xlsx(file, title, headings, rows)
    file.seek(0)
    answer = Response(file, mimetype=WORKBOOK)
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer
