"""Policy settings: the dated figures behind the rules, changed by staff; the narrowest that is valid wins."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from rules.states import PolicyScope


class SettingKind(StrEnum):
    """What the value of a setting is: Decimal, int, bool, date, tuple of date, str, tuple of str or of AbsenceTier."""

    NUMBER = "number"
    WHOLE = "whole number"
    YES_NO = "yes or no"
    DAY = "date"
    DAYS = "dates"
    TEXT = "text"
    LIST = "list"
    TIERS = "absence tiers"


class AbsenceTier(NamedTuple):
    """From this day of an absence on (the first is 1) so many per cent are paid, until the next tier."""

    from_day: int
    percent: Decimal


@dataclass(frozen=True)
class Setting:
    """One setting: `code` is what pages call the rule, `wording` what the figure means, `least` the least it may be.

    Where there are `choices`, text or every member of a list is one of them. `history` are the days from which a value
    known to everybody was in force, oldest first; before the first of them, and where there are none, it is `default`.
    """

    name: str
    default: Any
    kind: SettingKind
    code: str
    wording: str
    least: Decimal = Decimal(0)
    choices: tuple[str, ...] = ()
    history: tuple[tuple[date, Any], ...] = ()

    def default_on(self, day: date) -> Any:
        """Return the value on a day where staff have given none."""
        return next((value for since, value in reversed(self.history) if since <= day), self.default)


@dataclass(frozen=True)
class Version:
    """A row of the policy table, its value read. `scope_id` is the sector, organisation, line or team it is for."""

    name: str
    value: Any
    scope: PolicyScope
    scope_id: int | None
    valid_from: date


class Target(NamedTuple):
    """For whom a setting is asked: sector (by id and name), organisation, line, council team; None: none so narrow."""

    sector_id: int | None = None
    sector: str = ""
    organisation_id: int | None = None
    line_id: int | None = None
    team_id: int | None = None


COUNCIL = Target()


@dataclass(frozen=True)
class Resolved:
    """The value that applies, of its setting's kind; `valid_from` is None where it is what the portal came with."""

    value: Any
    code: str
    valid_from: date | None
    scope: PolicyScope


_N, _W, _Y, _D, _T, _L = (
    SettingKind.NUMBER,
    SettingKind.WHOLE,
    SettingKind.YES_NO,
    SettingKind.DAY,
    SettingKind.TEXT,
    SettingKind.LIST,
)
_START = date(2017, 10, 16)
_TIERS = (AbsenceTier(1, Decimal(100)), AbsenceTier(8, Decimal(0)))
_FILES = ("pdf", "png", "jpg", "docx", "xlsx", "csv", "txt", "eml")
_CODES = ("authenticator app", "own six digits")
_ONE = Decimal(1)
# The Bank of England's, as it was published.
_BASE_RATES = tuple(
    (date.fromisoformat(day), Decimal(percent))
    for day, percent in (
        pair.split()
        for pair in (
            "2016-08-04 0.25", "2017-11-02 0.50", "2018-08-02 0.75", "2020-03-11 0.25", "2020-03-19 0.10",
            "2021-12-16 0.25", "2022-02-03 0.50", "2022-03-17 0.75", "2022-05-05 1.00", "2022-06-16 1.25",
            "2022-08-04 1.75", "2022-09-22 2.25", "2022-11-03 3.00", "2022-12-15 3.50", "2023-02-02 4.00",
            "2023-03-23 4.25", "2023-05-11 4.50", "2023-06-22 5.00", "2023-08-03 5.25", "2024-08-01 5.00",
            "2024-11-07 4.75", "2025-02-06 4.50", "2025-05-08 4.25", "2025-08-07 4.00", "2025-12-18 3.75",
        )
    )
)  # fmt: skip

_ALL = (
    Setting("word_document", "Contract document (ISO)", _T, "WO-1", "What a contract document is called"),
    Setting("word_line_item", "Care package line item", _T, "WO-2", "What a care package line item is called"),
    Setting("word_aborted_visit", "Aborted visit", _T, "WO-3", "What an aborted visit is called"),
    Setting("word_conversation", "Conversation", _T, "WO-4", "What a conversation is called"),
    Setting("word_person", "Person", _T, "WO-5", "What someone who receives care is called"),
    Setting("period_anchor", _START, _D, "PE-1", "Monday on which period 0 begins"),
    Setting("period_weeks", 4, _W, "PE-2", "Weeks in a payment period", _ONE),
    Setting("week_starts", "Monday", _T, "PE-3", "First day of a service week", choices=("Monday",)),
    Setting("periods_ahead", 13, _W, "PE-4", "Payment periods kept ahead", _ONE),
    Setting("portal_start", _START, _D, "PE-5", "First day of care that can be entered"),
    Setting("submit_by_days", 15, _W, "PE-6", "Days after a period's end by which to submit"),
    Setting("closure_days", (), SettingKind.DAYS, "WD-1", "Days on which the council is closed"),
    Setting("days_before_pay_day", 2, _W, "WD-2", "Working days from release of a payment run to its pay day"),
    Setting("scheduled_preview_days", 5, _W, "SP-1", "Days before amend-by on which scheduled payments are shown"),
    Setting("hour_step", Decimal("0.25"), _N, "AC-1", "Step in which hours are entered", Decimal("0.01")),
    Setting("visit_rounding_minutes", 15, _W, "AC-2", "Minutes to which an imported visit is rounded", _ONE),
    Setting("visit_tolerance_minutes", 0, _W, "AC-3", "Minutes of tolerance before an imported visit is rounded"),
    Setting("exception_percent", Decimal(10), _N, "EL-1", "Exception level: per cent a week may go above its plan"),
    Setting(
        "exception_units", Decimal("1.00"), _N, "EL-1", "Exception level: units a week may always go above its plan"
    ),
    Setting("extras_allowed", True, _Y, "EL-2", "Whether a week may go above its plan at all"),
    Setting("aborted_minutes", 30, _W, "AV-1", "Most minutes paid for an aborted visit, unit hour"),
    Setting("aborted_fraction", Decimal("0.50"), _N, "AV-2", "Part of one unit paid for an aborted visit, other units"),
    Setting("aborted_notice_hours", 24, _W, "AV-3", "Hours of notice from which an aborted visit is not paid"),
    Setting("absence_tiers", _TIERS, SettingKind.TIERS, "AB-1", "Per cent paid from which day of an absence on"),
    Setting("acceptance_required", False, _Y, "IN-1", "Whether a contract document must be accepted before payment"),
    Setting(
        "invoices_accepted_at_once", True, _Y, "IN-2", "Whether an invoice that passes every check is accepted at once"
    ),
    Setting("payment_terms_days", 30, _W, "IN-3", "Days from receipt of an invoice to the day it is due"),
    Setting("invoice_reminder_days", 20, _W, "IN-4", "Days from receipt on which officers are told it is unpaid", _ONE),
    Setting(
        "base_rate", Decimal("0.50"), _N, "LP-1", "Base rate of the Bank of England, per cent", history=_BASE_RATES
    ),
    Setting("paper_match_days", 7, _W, "PI-1", "Days the start of a line may differ from a paper ISO it replaces"),
    Setting("line_hidden_days", 28, _W, "LI-1", "Days after its end from which a line is hidden in lists"),
    Setting("claim_window_days", 90, _W, "LI-2", "Days after a line's end in which it can still be claimed for"),
    *(
        Setting(f"two_officers_{name}", True, _Y, "TO-1", f"Whether another officer confirms {what}")
        for name, what in (
            ("publishing", "the publishing of a contract document"),
            ("rate_change", "a change of rate"),
            ("plan_change", "a change of plan"),
            ("line_end", "the end of a line on a past day"),
            ("uplift", "an uplift"),
            ("one_off_payment", "a one-off payment"),
            ("policy_value", "a policy value"),
            ("bank_details", "a change of bank details"),
            ("instalments", "instalments of a recovery"),
        )
    ),
    Setting("unusual_rate_percent", Decimal(25), _N, "TO-2", "Per cent a rate may differ before it is unusual", _ONE),
    Setting("unusual_plan_factor", Decimal(2), _N, "TO-2", "Times its last plan from which a plan is unusual", _ONE),
    Setting("unusual_days_back", 90, _W, "TO-2", "Days back from which a start is unusual", _ONE),
    Setting("unusual_exception_percent", Decimal(50), _N, "TO-2", "Per cent from which an exception level is unusual"),
    Setting("run_jump_percent", Decimal(25), _N, "RU-1", "Per cent above its last payments that is looked at", _ONE),
    Setting("message_length", 7500, _W, "CO-1", "Most characters in a message", _ONE),
    Setting("attachment_mebibytes", 10, _W, "CO-2", "Most mebibytes in an attachment"),
    Setting("attachment_kinds", _FILES, _L, "CO-3", "Kinds of file that can be attached", choices=_FILES),
    Setting("attachments_day_mebibytes", 100, _W, "CO-6", "Most mebibytes an organisation attaches in a day", _ONE),
    Setting("attachments_total_mebibytes", 2000, _W, "CO-7", "Most mebibytes an organisation has attached", _ONE),
    Setting("first_response_days", 2, _W, "CO-4", "Working days to a team's first answer"),
    Setting("resolution_days", 10, _W, "CO-5", "Working days until a conversation should be settled"),
    Setting("reminder_weeks_days", 3, _W, "RM-1", "Days before submit-by to remind of unconfirmed weeks", _ONE),
    Setting("reminder_document_days", 5, _W, "RM-2", "Days a document waits before its provider is reminded", _ONE),
    Setting("reminder_answer_days", 3, _W, "RM-3", "Days an answer is unread before its provider is reminded", _ONE),
    Setting(
        "full_names_in_lists",
        False,
        _Y,
        "PR-1",
        "Whether providers see full names in lists and files, not only in a line",
    ),
    Setting("password_least_length", 12, _W, "SE-1", "Fewest characters in a password", Decimal(8)),
    Setting("password_deny_list", True, _Y, "SE-2", "Whether passwords known to be common are refused"),
    Setting("code_kinds", _CODES, _L, "SE-3", "Kinds of security code allowed", choices=_CODES),
    Setting("officer_code_kinds", _CODES[:1], _L, "SE-9", "Kinds of security code allowed to officers", choices=_CODES),
    Setting("given_password_days", 14, _W, "SE-10", "Days after which a given password no longer works", _ONE),
    Setting("wrong_tries", 5, _W, "SE-4", "Wrong passwords or codes before a lock", _ONE),
    Setting("lock_minutes", 15, _W, "SE-5", "Minutes a lock lasts", _ONE),
    Setting("idle_minutes", 30, _W, "SE-6", "Idle minutes after which a person is signed out", _ONE),
    Setting("session_hours", 12, _W, "SE-7", "Most hours a person stays signed in", _ONE),
    *(
        Setting(f"keep_{what}_years", years, _W, "DP-1", f"Years for which {wording}", _ONE)
        for what, years, wording in (
            ("names", 8, "a person's name is kept after their last line item"),
            ("contacts", 6, "a contact's details are kept after their access"),
            ("files", 2, "the content of uploads and imports is kept"),
            ("messages", 6, "a closed conversation is kept"),
            ("emails", 2, "an e-mail that was sent is kept"),
            ("sessions", 1, "a session is kept after its last use"),
            ("trail", 7, "the values in the audit trail are kept"),
        )
    ),
    Setting("idle_warning_minutes", 5, _W, "SE-8", "Minutes before a session ends when its page says so", _ONE),
)

SETTINGS: Mapping[str, Setting] = {setting.name: setting for setting in _ALL}

# What differs for a sector from the start: the sector's name in lower case with hyphens -> setting -> value.
SECTOR_DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "supported-living": {"extras_allowed": False},
    "residential": {"acceptance_required": True},
    "nursing": {"acceptance_required": True},
}

_NARROWEST_FIRST = (
    PolicyScope.TEAM,
    PolicyScope.LINE,
    PolicyScope.ORGANISATION,
    PolicyScope.SECTOR,
    PolicyScope.COUNCIL,
)


def sector_slug(name: str) -> str:
    """Return a sector's name as SECTOR_DEFAULTS knows it: "Supported living" is "supported-living"."""
    return re.sub("[^a-z0-9]+", "-", name.lower()).strip("-")


def resolve(versions: Iterable[Version], name: str, on: date, target: Target = COUNCIL) -> Resolved:
    """Return the value of a setting that applies on a day: of the narrowest scope valid then, the latest version.

    What the portal came with for a sector, by its name, stands behind the sector's own versions and before the
    council's. Raises KeyError for a name that is no setting.
    """
    setting = SETTINGS[name]
    ids = {
        PolicyScope.TEAM: target.team_id,
        PolicyScope.LINE: target.line_id,
        PolicyScope.ORGANISATION: target.organisation_id,
        PolicyScope.SECTOR: target.sector_id,
        PolicyScope.COUNCIL: None,
    }
    valid = [version for version in versions if version.name == name and version.valid_from <= on]
    for scope in _NARROWEST_FIRST:
        if scope is PolicyScope.COUNCIL or ids[scope] is not None:
            fitting = [version for version in valid if version.scope is scope and version.scope_id == ids[scope]]
            if fitting:
                latest = max(fitting, key=lambda version: version.valid_from)
                return Resolved(latest.value, setting.code, latest.valid_from, scope)
        if scope is PolicyScope.SECTOR and name in SECTOR_DEFAULTS.get(sector_slug(target.sector), {}):
            return Resolved(SECTOR_DEFAULTS[sector_slug(target.sector)][name], setting.code, None, scope)
    return Resolved(setting.default_on(on), setting.code, None, PolicyScope.COUNCIL)
