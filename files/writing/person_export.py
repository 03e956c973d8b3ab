"""Everything about one person as one archive: a workbook's worth of CSV files, the same as JSON, and the files sent."""

import json
from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from typing import Any, NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile

from files.writing.record_list import csv_lines, plain


class TableRows(NamedTuple):
    """What one table holds of the person: the columns, in their order, and the rows."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]


def write_person_archive(about: str, tables: Mapping[str, TableRows], sent: Iterable[tuple[str, bytes]]) -> bytes:
    """Return a zip: `about` as readme.txt, all tables as data.json and one CSV each, and files by name and content."""
    archive = BytesIO()
    with ZipFile(archive, "w", ZIP_DEFLATED) as file:
        file.writestr("readme.txt", about)
        rows = {name: [dict(zip(each.columns, row, strict=True)) for row in each.rows] for name, each in tables.items()}
        file.writestr("data.json", json.dumps(rows, default=str, ensure_ascii=False, indent=1))
        for name, each in tables.items():
            safe = ([plain(value) if isinstance(value, str) else value for value in row] for row in each.rows)
            file.writestr(f"tables/{name}.csv", b"".join(csv_lines(each.columns, safe)))
        for name, content in sent:
            file.writestr(f"files/{name}", content)
    return archive.getvalue()
