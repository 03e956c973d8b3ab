"""Values of policy settings as they are typed and stored: read from text, and written as text."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

from rules.number import read_number
from rules.period import NotADate, read_date, uk_date
from rules.policy import AbsenceTier, Setting, SettingKind
from rules.problem_codes import Code
from rules.refusal import Problem, Refused

# How an empty list of dates is written: a value of a setting is never empty.
NO_DATES = "none"


def read_value(setting: Setting, text: str) -> Any:
    """Read a setting's value from the text staff typed or the table holds. Raises Refused, field `value`."""
    typed = text.strip()
    match setting.kind:
        case SettingKind.NUMBER | SettingKind.WHOLE:
            return _read_number(setting, typed)
        case SettingKind.YES_NO:
            if typed.lower() not in ("yes", "no"):
                raise _refused(Code.NOT_ON_LIST, "Enter yes or no.")
            return typed.lower() == "yes"
        case SettingKind.DAY:
            return _read_day(setting, typed)
        case SettingKind.DAYS:
            return _read_days(setting, typed)
        case SettingKind.LIST:
            return tuple(_read_word(setting, word.strip()) for word in typed.split(","))
        case SettingKind.TIERS:
            return _read_tiers(typed)
        case _:
            return _read_word(setting, typed)


def write_value(setting: Setting, value: Any) -> str:
    """Write a setting's value as the text `read_value` reads: "0.25", "yes", "2017-10-16", "pdf, png", "none"."""
    match setting.kind:
        case SettingKind.YES_NO:
            return "yes" if value else "no"
        case SettingKind.DAY:
            return str(value.isoformat())
        case SettingKind.DAYS:
            return ", ".join(day.isoformat() for day in value) or NO_DATES
        case SettingKind.LIST:
            return ", ".join(value)
        case SettingKind.TIERS:
            return ", ".join(f"from day {tier.from_day}: {tier.percent}%" for tier in value)
        case _:
            return str(value)


def _refused(code: Code, wrong: str, remedy: str = "") -> Refused:
    return Refused(Problem(code, wrong, remedy, "value"))


def _read_number(setting: Setting, typed: str) -> Decimal | int:
    whole = setting.kind is SettingKind.WHOLE
    if not re.fullmatch("[0-9]{1,6}" if whole else r"[0-9]{1,6}(\.[0-9]{1,4})?", typed):
        wrong = "Enter a whole number, such as 4." if whole else "Enter a number, such as 0.25."
        raise _refused(Code.NOT_A_NUMBER, wrong)
    number = read_number(typed)
    if number < setting.least:
        raise _refused(Code.OUT_OF_RANGE, f"Enter {setting.least} or more.")
    return int(number) if whole else number


def _read_day(setting: Setting, typed: str) -> date:
    try:
        day = read_date(typed)
    except NotADate as error:
        raise Refused(error.problem.at("value")) from None
    # Weeks are counted from this day, and a service week begins on Monday (rules.md 1).
    if setting.name == "period_anchor" and day.weekday() != 0:
        raise _refused(Code.NOT_A_MONDAY, f"{uk_date(day)} is not a Monday.")
    return day


def _read_days(setting: Setting, typed: str) -> tuple[date, ...]:
    if typed.lower() == NO_DATES:
        return ()
    return tuple(sorted({_read_day(setting, part) for part in typed.split(",")}))


def _read_word(setting: Setting, word: str) -> str:
    if not word:
        raise _refused(Code.MISSING, "Enter a value.")
    if setting.choices and word not in setting.choices:
        raise _refused(Code.NOT_ON_LIST, f"“{word}” cannot be chosen.", f"Enter {' or '.join(setting.choices)}.")
    return word


def _read_tiers(typed: str) -> tuple[AbsenceTier, ...]:
    found = [
        re.fullmatch(r"from day ([0-9]{1,4}): ([0-9]{1,3}(?:\.[0-9]{1,2})?)%", part.strip())
        for part in typed.split(",")
    ]
    tiers = tuple(AbsenceTier(int(match[1]), read_number(match[2])) for match in found if match)
    days = [tier.from_day for tier in tiers]
    if len(tiers) < len(found) or days != sorted(set(days)) or days[0] != 1:
        example = "from day 1: 100%, from day 8: 0%"
        raise _refused(Code.NOT_TIERS, f"Enter tiers in order, the first from day 1, such as: {example}")
    if any(tier.percent > 100 for tier in tiers):
        raise _refused(Code.OUT_OF_RANGE, "Enter percentages from 0% to 100%.")
    return tiers
