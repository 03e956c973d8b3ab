"""The narrowest policy setting that is valid on the date applies, and staff write its value as text."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from rules.policy import (
    SECTOR_DEFAULTS,
    SETTINGS,
    AbsenceTier,
    Resolved,
    Setting,
    Target,
    Version,
    resolve,
    sector_slug,
)
from rules.policy_values import read_value, write_value
from rules.refusal import Refused
from rules.states import CodeKind, PolicyScope

APRIL, MAY, JUNE = date(2026, 4, 1), date(2026, 5, 1), date(2026, 6, 1)


def percent(value: int, scope: PolicyScope, scope_id: int | None, valid_from: date = APRIL) -> Version:
    return Version("exception_percent", Decimal(value), scope, scope_id, valid_from)


VERSIONS = [
    percent(11, PolicyScope.COUNCIL, None),
    percent(12, PolicyScope.COUNCIL, None, JUNE),
    percent(20, PolicyScope.SECTOR, 1, MAY),
    percent(30, PolicyScope.ORGANISATION, 2, MAY),
    percent(40, PolicyScope.LINE, 3, MAY),
]


def test_without_a_version_the_default_applies() -> None:
    assert resolve([], "exception_percent", MAY) == Resolved(Decimal(10), "EL-1", None, PolicyScope.COUNCIL)


def test_a_version_applies_from_its_date_on() -> None:
    assert resolve(VERSIONS, "exception_percent", date(2026, 3, 31)).value == 10
    assert resolve(VERSIONS, "exception_percent", APRIL) == Resolved(Decimal(11), "EL-1", APRIL, PolicyScope.COUNCIL)
    assert resolve(VERSIONS, "exception_percent", JUNE).value == 12


@pytest.mark.parametrize(
    ("scopes", "value"),
    [
        ({"sector_id": 1}, 20),
        ({"sector_id": 1, "organisation_id": 2}, 30),
        ({"sector_id": 1, "organisation_id": 2, "line_id": 3}, 40),
        ({"sector_id": 9, "organisation_id": 9, "line_id": 9}, 12),
        ({"organisation_id": 1}, 12),
    ],
)
def test_the_narrowest_scope_wins_even_over_a_later_version(scopes: dict[str, int], value: int) -> None:
    assert resolve(VERSIONS, "exception_percent", JUNE, Target(**scopes)).value == value  # type: ignore[arg-type]


def test_a_council_team_has_a_value_of_its_own() -> None:
    days = [
        Version("first_response_days", 3, PolicyScope.COUNCIL, None, APRIL),
        Version("first_response_days", 1, PolicyScope.TEAM, 7, MAY),
    ]
    assert resolve(days, "first_response_days", JUNE, Target(team_id=7)).value == 1
    assert resolve(days, "first_response_days", APRIL, Target(team_id=7)).value == 3
    assert resolve(days, "first_response_days", JUNE, Target(team_id=8)).value == 3


def test_a_narrow_version_that_is_not_yet_valid_does_not_apply() -> None:
    assert resolve(VERSIONS, "exception_percent", APRIL, Target(line_id=3)).value == 11


def test_sectors_come_with_defaults_of_their_own() -> None:
    assert resolve([], "extras_allowed", MAY, Target(sector="Supported living")).value is False
    assert resolve([], "extras_allowed", MAY, Target(sector="Home support")).value is True
    assert resolve([], "acceptance_required", MAY, Target(sector="Residential")).value is True
    assert resolve([], "acceptance_required", MAY, Target(sector="Nursing")).scope is PolicyScope.SECTOR


def test_a_version_for_the_sector_replaces_what_it_came_with() -> None:
    versions = [
        Version("extras_allowed", True, PolicyScope.COUNCIL, None, APRIL),
        Version("extras_allowed", True, PolicyScope.SECTOR, 4, JUNE),
    ]
    assert resolve(versions, "extras_allowed", MAY, Target(sector_id=4, sector="Supported living")).value is False
    assert resolve(versions, "extras_allowed", JUNE, Target(sector_id=4, sector="Supported living")).value is True


def test_sector_defaults_name_settings() -> None:
    for slug, values in SECTOR_DEFAULTS.items():
        assert sector_slug(slug) == slug
        assert set(values) <= set(SETTINGS)


def test_a_name_that_is_no_setting_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        resolve([], "exception_per_cent", MAY)


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=SETTINGS)
def test_every_default_is_written_and_read_back(setting: Setting) -> None:
    read = read_value(setting, write_value(setting, setting.default))
    assert read == setting.default
    assert type(read) is type(setting.default)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("exception_percent", " 12.5 ", Decimal("12.5")),
        ("aborted_minutes", "45", 45),
        ("extras_allowed", "No", False),
        ("portal_start", "16/10/2017", date(2017, 10, 16)),
        ("attachment_kinds", "pdf,csv", ("pdf", "csv")),
        ("closure_days", "28/12/2017, 27 December 2017,2017-12-28", (date(2017, 12, 27), date(2017, 12, 28))),
        ("closure_days", " None ", ()),
        ("days_before_pay_day", "3", 3),
        (
            "absence_tiers",
            "from day 1: 100%, from day 8: 50%, from day 29: 0%",
            (AbsenceTier(1, Decimal(100)), AbsenceTier(8, Decimal(50)), AbsenceTier(29, Decimal(0))),
        ),
    ],
)
def test_values_are_read_as_staff_type_them(name: str, text: str, value: Any) -> None:
    assert read_value(SETTINGS[name], text) == value


def test_dates_are_kept_as_they_are_read() -> None:
    setting = SETTINGS["closure_days"]
    assert write_value(setting, (date(2017, 12, 27), date(2017, 12, 28))) == "2017-12-27, 2017-12-28"
    assert write_value(setting, ()) == "none"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("exception_percent", "-1"),
        ("exception_percent", "ten"),
        ("aborted_minutes", "30.5"),
        ("period_weeks", "0"),
        ("hour_step", "0"),
        ("extras_allowed", "perhaps"),
        ("portal_start", "10/16/2017"),
        ("period_anchor", "17/10/2017"),
        ("week_starts", "Sunday"),
        ("word_person", " "),
        ("attachment_kinds", "pdf, exe"),
        ("closure_days", ""),
        ("closure_days", "27/12/2017, 31/02/2018"),
        ("closure_days", "27/12/2017,"),
        ("days_before_pay_day", "-1"),
        ("absence_tiers", "from day 2: 100%"),
        ("absence_tiers", "from day 1: 100%, from day 1: 0%"),
        ("absence_tiers", "from day 1: 101%"),
        ("absence_tiers", "100%"),
    ],
)
def test_a_value_that_cannot_be_is_refused_at_its_field(name: str, text: str) -> None:
    with pytest.raises(Refused) as refusal:
        read_value(SETTINGS[name], text)
    assert [problem.field for problem in refusal.value.problems] == ["value"]


def test_kinds_of_security_code_are_those_the_portal_knows() -> None:
    assert SETTINGS["code_kinds"].choices == tuple(CodeKind)
