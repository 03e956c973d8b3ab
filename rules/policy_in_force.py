"""Which of a setting's values count on a day, which come next, and how a value reads on a page."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Generic, Protocol, TypeVar

from rules.period import uk_date
from rules.policy import SECTOR_DEFAULTS, Setting, SettingKind, sector_slug
from rules.policy_values import write_value
from rules.states import PolicyScope

# Under which heading a setting stands, by the letters its rule begins with.
HEADINGS: Final[Mapping[str, str]] = {
    "WO": "Words", "PE": "Periods and working days", "WD": "Periods and working days",
    "SP": "Periods and working days", "AC": "Care delivered", "EL": "Care delivered", "AV": "Care delivered",
    "AB": "Care delivered", "LI": "Line items and paper ISOs", "PI": "Line items and paper ISOs",
    "IN": "Invoices and payments", "LP": "Invoices and payments", "RU": "Invoices and payments",
    "TO": "Two officers", "CO": "Conversations", "RM": "Reminders", "PR": "Names and signing in",
    "SE": "Names and signing in",
    "DP": "How long things are kept",
}  # fmt: skip


class DatedValue(Protocol):
    """A value of a setting from a day on, for the council, a sector, an organisation or a line."""

    @property
    def scope(self) -> Any: ...
    @property
    def scope_id(self) -> Any: ...
    @property
    def valid_from(self) -> Any: ...


Value = TypeVar("Value", bound=DatedValue)


@dataclass(frozen=True)
class ValueStanding(Generic[Value]):
    """The values of one setting for one scope: `now` the one that counts, None before the first; `later` in order."""

    now: Value | None
    later: tuple[Value, ...]


def standing_by_scope(values: Iterable[Value], on: date) -> dict[tuple[PolicyScope, int | None], ValueStanding[Value]]:
    """Return which values of one setting count on a day, by their scopes in the order they come in."""
    by_scope: dict[tuple[PolicyScope, int | None], list[Value]] = {}
    for value in values:
        by_scope.setdefault((value.scope, value.scope_id), []).append(value)
    found = {}
    for scope, own in by_scope.items():
        own.sort(key=lambda value: value.valid_from)
        begun = [value for value in own if value.valid_from <= on]
        found[scope] = ValueStanding(begun[-1] if begun else None, tuple(own[len(begun) :]))
    return found


def came_with(setting: Setting, sector: str) -> Any:
    """Return what the portal came with for a sector, None where a setting has nothing of its own for it."""
    return SECTOR_DEFAULTS.get(sector_slug(sector), {}).get(setting.name)


def value_in_words(setting: Setting, value: Any) -> str:
    """Return a setting's value as people read it: "Yes", "16 October 2017", "from day 1: 100%, from day 8: 0%"."""
    if setting.kind is SettingKind.DAY:
        return uk_date(value)
    if setting.kind is SettingKind.DAYS and value:
        return ", ".join(map(uk_date, value))
    written = write_value(setting, value)
    return written[:1].upper() + written[1:] if setting.kind in (SettingKind.YES_NO, SettingKind.DAYS) else written
