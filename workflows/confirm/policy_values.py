"""New values of policy settings: proposed by one officer, in force when another has confirmed (rules.md 14)."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select

from models import Actual, LineItem, Organisation, PolicySetting, PortalUser, Proposal, Sector, Team, db
from rules.agreement_states import ProposalKind
from rules.period import monday_of, uk_date
from rules.policy import COUNCIL, SETTINGS, Target, resolve
from rules.policy_values import read_value, write_value
from rules.problem_codes import Code
from rules.refusal import Problem, Refused
from rules.states import ActualState, PolicyScope
from rules.unusual import Unusual
from workflows import policy
from workflows.aborted_visits.again import pay_visits_again
from workflows.absences.corrections import correct_claims
from workflows.agreements.change_effect import BeforeAfter, ChangeEffect
from workflows.agreements.changes import AgreementChange
from workflows.clock import today
from workflows.proposals import steps
from workflows.proposals.steps import NOTHING_YET
from workflows.weeks.judge_again import judge_levels

# Settings behind figures that are stored with weeks and with aborted visits.
OF_LEVEL: Final = ("exception_percent", "exception_units", "extras_allowed")
OF_ABORTED: Final = ("aborted_minutes", "aborted_fraction", "aborted_notice_hours")
NOT_BEGUN: Final = "A value that has begun stays, for figures stand on it. Choose a later day."


@dataclass(frozen=True)
class NewValue:
    """A value of a setting as the rules write it, from a day on, for everybody or for one (`scope_id`)."""

    name: str
    value: str
    scope: PolicyScope
    scope_id: int | None
    start: date
    why: str


def value_change(new: NewValue) -> AgreementChange:
    """Judge a new value; one that holds from a past day takes two officers whatever the policy says. Raises Refused."""
    setting = SETTINGS[new.name]
    value = write_value(setting, read_value(setting, new.value))
    problems = [] if new.why.strip() else [Problem(Code.REASON_NEEDED, "Say why it changes.", field="why")]
    if (same := _same_day(new)) and same.valid_from <= today():
        wrong = "There is already a value of this setting from this day."
        problems.append(Problem(Code.TAKEN, wrong, NOT_BEGUN, "valid_from"))
    if waiting := steps.waiting(
        Proposal.kind == ProposalKind.POLICY_VALUE, Proposal.payload["name"].astext == new.name
    ):
        wrong = f"“{waiting[0].title}” waits to be confirmed."
        problems.append(Problem(Code.ASKED_ALREADY, wrong, "Withdraw it first, or wait until it is decided.", "name"))
    if problems:
        raise Refused(*problems)
    payload = {
        "name": new.name, "value": value, "scope": new.scope.value, "scope_id": new.scope_id,
        "start": new.start.isoformat(), "reason": new.why.strip(),
    }  # fmt: skip
    title = f"{setting.wording}: {value} from {uk_date(new.start)}"
    back = new.start < today()
    return AgreementChange(ProposalKind.POLICY_VALUE, title, payload, NOTHING_YET, _unusual(new), two_officers=back)


def apply_value(proposal: Proposal) -> None:
    """Let a confirmed value hold from its day on, under the name of who proposed it. Raises Refused. No commit.

    What is stored since then and touched by it is judged again.
    """
    new = value_in(proposal.payload)
    same = _same_day(new)
    if same and same.valid_from <= today():
        raise Refused(Problem(Code.TAKEN, "There is already a value of this setting from this day.", NOT_BEGUN))
    row = same or PolicySetting(name=new.name, scope=new.scope, scope_id=new.scope_id, valid_from=new.start)
    row.value, row.why, row.changed_by_id = new.value, new.why, proposal.proposed_by_id
    db.session.add(row)
    db.session.flush()
    policy.forget()
    _judge_again(new, db.session.get(PortalUser, proposal.decided_by_id))


def _judge_again(new: NewValue, officer: PortalUser | None) -> None:
    if new.name in OF_LEVEL:
        judge_levels(new.start, *_lines_of(new))
    elif new.name == "absence_tiers":
        correct_claims(list(db.session.scalars(select(LineItem.id).where(*_lines_of(new)))), new.start)
    elif new.name in OF_ABORTED:
        pay_visits_again(new.start, officer, *_lines_of(new))


def _lines_of(new: NewValue) -> list[ColumnElement[bool]]:
    """Return the conditions on the lines that a value is for: none where it is for everybody."""
    match new.scope:
        case PolicyScope.SECTOR:
            return [LineItem.organisation_id.in_(select(Organisation.id).where(Organisation.sector_id == new.scope_id))]
        case PolicyScope.ORGANISATION:
            return [LineItem.organisation_id == new.scope_id]
        case PolicyScope.LINE:
            return [LineItem.id == new.scope_id]
        case _:
            return []


def value_in(payload: dict[str, Any]) -> NewValue:
    """Return the value that `value_change` wrote."""
    return NewValue(
        payload["name"],
        payload["value"],
        PolicyScope(payload["scope"]),
        payload["scope_id"],
        date.fromisoformat(payload["start"]),
        payload["reason"],
    )


def effect_of_value(proposal: Proposal) -> ChangeEffect:
    """Return what a new value changes: before and after, for whom, since when, how many weeks were entered since."""
    new = value_in(proposal.payload)
    setting, target, whom = SETTINGS[new.name], *_target(new)
    before = resolve(policy.versions(), new.name, new.start, target).value
    rows = [
        BeforeAfter(setting.wording, write_value(setting, before), new.value),
        BeforeAfter("For", "", whom),
        BeforeAfter("Valid", "Until then", f"From {uk_date(new.start)}"),
    ]
    if new.start < today():
        rows.append(BeforeAfter("Weeks since then that are on no invoice", "", str(_open_weeks(new))))
    return ChangeEffect(rows=rows)


def _same_day(new: NewValue) -> PolicySetting | None:
    own = select(PolicySetting).where(PolicySetting.name == new.name, PolicySetting.scope == new.scope)
    of = PolicySetting.scope_id.is_not_distinct_from(new.scope_id)
    found: PolicySetting | None = db.session.scalar(own.where(of, PolicySetting.valid_from == new.start))
    return found


def _unusual(new: NewValue) -> list[Unusual]:
    found = []
    if new.start < today():
        days = (today() - new.start).days
        sentence = f"It holds from {uk_date(new.start)}, {days} days back: weeks already entered are judged by it."
        found.append(Unusual(f"start {new.name}", sentence))
    limit = steps.limits().exception_percent
    if new.name == "exception_percent" and (percent := read_value(SETTINGS[new.name], new.value)) > limit:
        found.append(Unusual("exception level", f"An exception level of {percent:f}% is above {limit:f}%."))
    return found


def _target(new: NewValue) -> tuple[Target, str]:
    """Return whom a value is for, to the rules and in words."""
    match new.scope:
        case PolicyScope.SECTOR:
            sector = db.session.get_one(Sector, new.scope_id)
            return Target(sector_id=sector.id, sector=sector.name), str(sector)
        case PolicyScope.ORGANISATION | PolicyScope.LINE:
            table = Organisation if new.scope is PolicyScope.ORGANISATION else LineItem
            record = db.session.get_one(table, new.scope_id)
            return record.policy_target, str(record)
        case PolicyScope.TEAM:
            team = db.session.get_one(Team, new.scope_id)
            return Target(team_id=team.id), str(team)
        case _:
            return COUNCIL, "Everybody"


def _open_weeks(new: NewValue) -> int:
    """Return how many weeks from a value's day on are entered and on no invoice, of those it is for."""
    count = (
        select(func.count(Actual.id))
        .join(LineItem, LineItem.id == Actual.line_item_id)
        .where(Actual.week_starting >= monday_of(new.start), *_lines_of(new))
        .where(Actual.state.in_((ActualState.DRAFT, ActualState.CONFIRMED)))
    )
    return db.session.scalar(count) or 0
