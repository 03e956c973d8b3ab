"""The policy settings in force, read once in a request."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Protocol

from flask import g
from sqlalchemy import select

from models import PolicySetting, db
from models.as_one import as_one
from rules.policy import COUNCIL, SETTINGS, Resolved, Target, Version, resolve
from rules.policy_values import read_value
from rules.states import PolicyScope
from workflows.clock import today

# Every version of every setting, for whoever asks the database for something else as well.
ALL = as_one(
    select(
        PolicySetting.name, PolicySetting.value, PolicySetting.scope, PolicySetting.scope_id, PolicySetting.valid_from
    )
)
_ALL = select(ALL)


def remember(all_: list[list[Any]]) -> None:
    """Keep what `ALL` came to until the end of the request."""
    found = [
        Version(name, _read(name, value), PolicyScope(scope), scope_id, date.fromisoformat(valid_from))
        for name, value, scope, scope_id, valid_from in all_
        if name in SETTINGS
    ]
    g.policy_known = Known(found, {each.scope_id for each in found if each.scope is PolicyScope.LINE})


@lru_cache(maxsize=1024)
def _read(name: str, value: str) -> Any:
    """Return a value as its setting reads it: each page reads all that were ever given."""
    return read_value(SETTINGS[name], value)


def versions() -> list[Version]:
    """Return every version of every setting, read from the table once in a request."""
    return known().versions


def forget() -> None:
    """Read the settings anew from now on: one of them was written in this request."""
    g.pop("policy_known", None)


def for_council(name: str, on: date | None = None) -> Any:
    """Return the value of a setting for the whole council on a day, today where none is given."""
    return known().resolved(name, COUNCIL, on or today()).value


def days_given(name: str) -> list[date]:
    """Return the days from which staff gave a setting a value for the whole council."""
    return [each.valid_from for each in versions() if each.name == name and each.scope is PolicyScope.COUNCIL]


def for_team(name: str, team_id: int) -> Any:
    """Return the value of a setting as it applies today to a council team."""
    return known().resolved(name, Target(team_id=team_id), today()).value


def claimed_since() -> date:
    """Return the day since when a line may have ended and still be claimed for (policy: claim window)."""
    window: int = for_council("claim_window_days")
    return today() - timedelta(days=window)


class Targeted(Protocol):
    """Whom a setting can be asked for: a line, mapped or plain, or an organisation."""

    @property
    def policy_target(self) -> Target: ...


def of(name: str, whom: Targeted, on: date) -> Resolved:
    """Return a setting as it applies to a line or an organisation on a day: the narrowest that is valid then."""
    return known().of(name, whom, on)


@dataclass(frozen=True)
class Known:
    """What was resolved from these versions so far: most lines share their answers, few have settings of their own.

    `worked_out` keeps what others make of what they asked.
    """

    versions: list[Version]
    lines: set[int | None]
    found: dict[tuple[object, ...], Resolved] = field(default_factory=dict)
    worked_out: dict[tuple[object, ...], Any] = field(default_factory=dict)

    def shared(self, whom: Targeted) -> Target:
        """Return the widest target for which every setting is as for this one."""
        target = whom.policy_target
        return target if target.line_id is None or target.line_id in self.lines else target._replace(line_id=None)

    def of(self, name: str, whom: Targeted, on: date) -> Resolved:
        """Return a setting as it applies to a line or an organisation on a day."""
        return self.resolved(name, self.shared(whom), on)

    def resolved(self, name: str, target: Target, on: date) -> Resolved:
        """Return a setting as it applies to a target on a day."""
        key = (name, target, on)
        if key not in self.found:
            self.found[key] = resolve(self.versions, name, on, target)
        return self.found[key]


def known() -> Known:
    """Return what is known of the settings in this request; they are read from the table once in it."""
    found: Known | None = g.get("policy_known")
    if found is None:
        # Not tenanted, so the session's tenant filter has nothing to do here and would cost more than the query.
        remember(db.session.connection().execute(_ALL).scalar_one())
        found = g.policy_known
    return found


def rule_words(resolved: Resolved) -> str:
    """Return how pages name the rule behind a figure: "EL-1 of 1 April 2026", or "EL-1" if it never changed."""
    return f"{resolved.code} of {resolved.valid_from:%-d %B %Y}" if resolved.valid_from else resolved.code
