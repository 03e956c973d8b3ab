"""Two versions of a contract document side by side: each thing they say in a row, and a word where they differ."""

from collections.abc import Mapping
from typing import NamedTuple

from files.documents.iso_paper import IsoPaper, PaperLine
from rules.words import counted

NEW, NO_LONGER = "New", "No longer"


class SideRow(NamedTuple):
    """One thing as the older and the newer version say it, empty where one does not say it at all."""

    name: str
    old: str
    new: str

    @property
    def change(self) -> str:
        """What became of it, in a word; nothing where both say the same."""
        if self.old == self.new:
            return ""
        if not self.old:
            return NEW
        return "Changed" if self.new else NO_LONGER


class Section(NamedTuple):
    """The document or one of its lines, row by row."""

    title: str
    rows: list[SideRow]

    @property
    def changes(self) -> int:
        """In how many rows the versions differ."""
        return sum(bool(row.change) for row in self.rows)

    @property
    def change(self) -> str:
        """What became of it as a whole, in words."""
        words = {row.change for row in self.rows}
        if words == {NEW}:
            return "new"
        return "no longer in the document" if words == {NO_LONGER} else counted(self.changes, "difference")


def side_by_side(old: IsoPaper, new: IsoPaper) -> list[Section]:
    """Return two versions row by row: the document first, then its lines by reference.

    When they were published, which always differs, is left out.
    """
    before, after = ({line.reference: line for line in paper.lines} for paper in (old, new))
    lines = [
        Section((after.get(reference) or before[reference]).title, _rows(*map(_of_line, (before.get(reference), line))))
        for reference, line in sorted({**dict.fromkeys(before), **after}.items())
    ]
    return [Section("The document", _rows(_of_document(old), _of_document(new))), *lines]


def _of_document(paper: IsoPaper) -> dict[str, str]:
    facts = {name: value for name, value in paper.facts if name != "Published"}
    return {**facts, "Terms": "\n".join(paper.terms)}


def _of_line(line: PaperLine | None) -> dict[str, str]:
    if line is None:
        return {}
    plans = {
        f"Plan from {row[0]}": ", ".join(
            f"{name} {cell}" for name, cell in zip(line.headings[1:], row[1:], strict=True)
        )
        for row in line.rows
    }
    return {"Line": line.title, **dict(line.facts), **plans}


def _rows(old: Mapping[str, str], new: Mapping[str, str]) -> list[SideRow]:
    return [SideRow(name, old.get(name, ""), new.get(name, "")) for name in {**old, **new}]
