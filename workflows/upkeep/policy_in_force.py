"""Every policy setting as it stands today: its value, where that comes from, and what comes next."""

from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models import PolicySetting, Proposal, Sector, db
from rules.agreement_states import ProposalKind, ProposalState
from rules.policy import SETTINGS, Setting
from rules.policy_in_force import HEADINGS, ValueStanding, came_with, standing_by_scope, value_in_words
from rules.policy_values import read_value
from rules.states import PolicyScope
from workflows.clock import today

EVERYBODY = "Everybody"
COUNCIL = (PolicyScope.COUNCIL, None)


class NextValue(NamedTuple):
    """A value that begins later, and its row."""

    words: str
    begins: date
    row: PolicySetting


class SettingInForce(NamedTuple):
    """What counts today for `whom`: `row` is where the value comes from, None where the portal came with it.

    `words` is empty where nothing of its own counts yet.
    """

    whom: str
    words: str
    row: PolicySetting | None
    next: tuple[NextValue, ...]


class ProposedValue(NamedTuple):
    """A value that another officer has to confirm before it counts for `scope`, and its proposal."""

    words: str
    begins: date
    scope: PolicyScope
    proposal: Proposal


class SettingToday(NamedTuple):
    """A setting with the value for everybody first, then those that only some have, and what is proposed."""

    setting: Setting
    values: list[SettingInForce]
    proposed: ProposedValue | None


def settings_today() -> dict[str, list[SettingToday]]:
    """Return every setting under its heading, four queries at most."""
    rows: dict[str, list[PolicySetting]] = {}
    for row in db.session.scalars(_every()):
        rows.setdefault(row.name, []).append(row)
    sectors = {sector.id: sector.name for sector in db.session.scalars(select(Sector).order_by(Sector.name))}
    proposed = _proposed()
    found: dict[str, list[SettingToday]] = {}
    for setting in SETTINGS.values():
        own = SettingToday(setting, _values(setting, rows.get(setting.name, []), sectors), proposed.get(setting.name))
        found.setdefault(HEADINGS[setting.code[:2]], []).append(own)
    return found


def _every() -> Any:
    related = (
        PolicySetting.changed_by,
        PolicySetting.sector,
        PolicySetting.organisation,
        PolicySetting.line_item,
        PolicySetting.team,
    )
    query = select(PolicySetting).options(*(joinedload(each) for each in related))
    return query.order_by(PolicySetting.scope, PolicySetting.scope_id, PolicySetting.valid_from)


def _proposed() -> dict[str, ProposedValue]:
    """Return the value of each setting that waits to be confirmed: of one setting no more than one does."""
    query = select(Proposal).where(Proposal.kind == ProposalKind.POLICY_VALUE, Proposal.state == ProposalState.PROPOSED)
    found = {}
    for proposal in db.session.scalars(query):
        new, setting = proposal.payload, SETTINGS[proposal.payload["name"]]
        words = value_in_words(setting, read_value(setting, new["value"]))
        begins, scope = date.fromisoformat(new["start"]), PolicyScope(new["scope"])
        found[setting.name] = ProposedValue(words, begins, scope, proposal)
    return found


def _values(setting: Setting, rows: list[PolicySetting], sectors: dict[int, str]) -> list[SettingInForce]:
    standing = standing_by_scope(rows, today())
    default = value_in_words(setting, setting.default_on(today()))
    found = [_in_force(setting, EVERYBODY, standing.pop(COUNCIL, ValueStanding(None, ())), default)]
    for key, name in sectors.items():
        came = came_with(setting, name)
        own = standing.pop((PolicyScope.SECTOR, key), None)
        if own is not None or came is not None:
            words = "" if came is None else value_in_words(setting, came)
            found.append(_in_force(setting, name, own or ValueStanding(None, ()), words))
    return found + [_in_force(setting, (own.now or own.later[0]).applies_to, own, "") for own in standing.values()]


def _in_force(setting: Setting, whom: str, standing: ValueStanding[PolicySetting], came_with_it: str) -> SettingInForce:
    words = came_with_it if standing.now is None else _words(setting, standing.now)
    later = tuple(NextValue(_words(setting, row), row.valid_from, row) for row in standing.later)
    return SettingInForce(whom, words, standing.now, later)


def _words(setting: Setting, row: PolicySetting) -> str:
    return value_in_words(setting, read_value(setting, row.value))
