"""Subject access: everything the portal holds about one person, found by following the keys of the models."""

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import ColumnElement, ForeignKeyConstraint, LargeBinary, Table, and_, or_, select

from files.writing.person_export import TableRows, write_person_archive
from models import Attachment, AuditEvent, MissingPackage, PaperOrder, PaperScan, Person, RemittanceLine, db, metadata
from rules.problem_codes import Code
from rules.refusal import Problem, Refused, Unknown
from rules.text import refuse_longer, refuse_unseen
from workflows.clock import now
from workflows.upkeep.seen_by import is_among
from workflows.upkeep.trail import PEOPLE, Subject, note_people

LONGEST_WHY: Final = 500
NO_REASON: Final = Problem(Code.MISSING, "Say who asked for it and why.", field="why")
# They name a person by the reference alone.
_BY_REFERENCE: Final = (PaperOrder, MissingPackage, RemittanceLine)
ABOUT: Final = """Everything this portal holds about one person, made {at:%Y-%m-%d %H:%M} UTC.

tables/ has one CSV file for each table that is about the person; data.json has the same rows for programs.
files/ has what was attached to messages and paper agreements about them.
A column that ends in _id is the number of a row in another table. Officers and contacts are numbers only.
What the tables and columns are for, and how long they are kept, is in the portal's docs/data-map.md.
"""


def export_person(person_id: int, why: str, page: str) -> bytes:
    """Return everything about one person as a zip archive, and note in the trail who took it and why. Commits.

    Raises Unknown where there is no such person, Refused at `why` where no reason is given. For the council's scope.
    """
    person = db.session.get(Person, person_id)
    if person is None:
        raise Unknown
    reason = why.strip()
    problems = [refuse_unseen(reason), refuse_longer(reason, LONGEST_WHY), None if reason else NO_REASON]
    if found := [problem.at("why") for problem in problems if problem]:
        raise Refused(*found)
    # Noted before it is read: an export that breaks off half-way has been one.
    note_people("exported", Subject.PERSON, [person.id], page, reason)
    db.session.commit()
    tables = rows_about(person)
    return write_person_archive(ABOUT.format(at=now()), tables, _files(tables))


def rows_about(person: Person) -> dict[str, TableRows]:
    """Return the rows of every table that are about a person: of the person, and of whatever leads to such a row.

    Content of files is left out of the rows.
    """
    ids: dict[str, list[int]] = {"person": [person.id]}
    found: dict[str, TableRows] = {}
    for table in metadata.sorted_tables:
        which: list[ColumnElement[bool]] = (
            [table.c.id.in_(ids["person"])] if table.name == "person" else list(_leading(table, ids))
        )
        if any(model.__tablename__ == table.name for model in _BY_REFERENCE):
            which.append(table.c.person_reference == person.reference)
        if which:
            _read(table, or_(*which), found, ids)
    events = metadata.tables[AuditEvent.__tablename__]
    traces = [and_(events.c.record == name, events.c.record_id.in_(keys)) for name, keys in ids.items() if keys]
    traces.append(is_among(person.id))
    _read(events, or_(*traces), found, ids)
    return {name: each for name, each in found.items() if each.rows}


def _leading(table: Table, ids: dict[str, list[int]]) -> Iterator[ColumnElement[bool]]:
    """Yield the conditions under which a row leads to one that was found already."""
    for key in table.constraints:
        if isinstance(key, ForeignKeyConstraint) and ids.get(key.referred_table.name):
            column = next(each.parent for each in key.elements if each.column.name == "id")
            yield column.in_(ids[key.referred_table.name])


def _read(table: Table, which: ColumnElement[bool], found: dict[str, TableRows], ids: dict[str, list[int]]) -> None:
    columns = [_told(column) for column in table.c if not isinstance(column.type, LargeBinary)]
    rows = db.session.execute(select(*columns).where(which).order_by(table.c.id)).all()
    found[table.name] = TableRows([column.name for column in columns], [tuple(row) for row in rows])
    ids[table.name] = [row.id for row in rows]


def _told(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a column as one person may have it: who else was on a page or in a file is nothing to them."""
    others = AuditEvent.__table__.c.after
    return column.op("-")(PEOPLE).label("after") if column is others else column


def _files(tables: dict[str, TableRows]) -> Iterator[tuple[str, bytes]]:
    for model in (Attachment, PaperScan):
        name = model.__tablename__
        if name in tables:
            keys = [row[tables[name].columns.index("id")] for row in tables[name].rows]
            for key, kind, content in db.session.execute(
                select(model.id, model.kind, model.content).where(model.id.in_(keys)).order_by(model.id)
            ):
                yield f"{name}-{key}.{kind}", content
