"""Which lines of Actuals are shown, in a week or a period: by service, by person, or by what is still to be done."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from rules.search import is_found


class Show(StrEnum):
    """What is looked for."""

    ALL = ""
    UNCONFIRMED = "unconfirmed"
    OVER = "over"
    DIFFERS = "differs"


SHOW_WORDS = {
    Show.ALL: "All lines",
    Show.UNCONFIRMED: "Not confirmed",
    Show.OVER: "Over exception level",
    Show.DIFFERS: "Differs from plan",
}
# What is hidden by each choice.
_HIDES = {
    Show.UNCONFIRMED: "lines that are confirmed",
    Show.OVER: "lines within their exception level",
    Show.DIFFERS: "lines delivered as planned",
}


class Sought(Protocol):
    """What a line is looked at by: the row of its week, or of its weeks side by side."""

    @property
    def service_id(self) -> int: ...
    @property
    def person(self) -> str: ...
    @property
    def person_name(self) -> str: ...
    @property
    def person_reference(self) -> str: ...
    @property
    def reference(self) -> str: ...
    @property
    def confirmed(self) -> bool: ...
    @property
    def over_level(self) -> bool: ...
    @property
    def differs(self) -> bool: ...


@dataclass(frozen=True)
class SheetFilter:
    """The lines to show: of one service, of a person (name, initials, reference or CPLI, in part), in a state."""

    service_id: int | None = None
    person: str = ""
    show: Show = Show.ALL

    @property
    def is_on(self) -> bool:
        """Whether anything may be hidden."""
        return bool(self.service_id or self.person.strip() or self.show)

    def takes(self, row: Sought) -> bool:
        """Say whether a row is shown."""
        if self.service_id and row.service_id != self.service_id:
            return False
        # By name too, though the sheet shows initials: whoever searches for a name knows it already.
        if not is_found(self.person, row.person, row.person_name, row.person_reference, row.reference):
            return False
        match self.show:
            case Show.UNCONFIRMED:
                return not row.confirmed
            case Show.OVER:
                return row.over_level
            case Show.DIFFERS:
                return row.differs
        return True

    def hides(self) -> str:
        """Return in words what is hidden: "lines of other services and lines that are confirmed"."""
        words = []
        if self.service_id:
            words.append("lines of other services")
        if self.person.strip():
            words.append("other people")
        if self.show:
            words.append(_HIDES[self.show])
        return ", ".join(words[:-1]) + " and " + words[-1] if len(words) > 1 else "".join(words)
