"""Every date of every period from 2017 to 2040, beside bank holidays that are worked out here a second time."""

from datetime import date, timedelta

from rules.period import plan_period, why_deadlines_moved

ANCHOR = date(2017, 10, 16)
LAST = date(2040, 12, 31)
SUBMIT_BY_DAYS, BANK_DAYS = 15, 2
DAY = timedelta(days=1)
# What was proclaimed once, and the days that were moved for it.
ONCE = {date(2020, 5, 8), date(2022, 6, 2), date(2022, 6, 3), date(2022, 9, 19), date(2023, 5, 8)}
MOVED = {date(2020, 5, 4), date(2022, 5, 30)}


def easter(year: int) -> date:
    """Easter Sunday, by the rule of the Gregorian calendar (Oudin)."""
    century, golden = year // 100, year % 19
    corrected = (century - century // 4 - (8 * century + 13) // 25 + 19 * golden + 15) % 30
    moon = corrected - (corrected // 28) * (1 - (29 // (corrected + 1)) * ((21 - golden) // 11))
    sunday = moon - (year + year // 4 + moon + 2 - century + century // 4) % 7
    month = 3 + (sunday + 40) // 44
    return date(year, month, sunday + 28 - 31 * (month // 4))


def first_monday(day: date) -> date:
    return day + (-day.weekday() % 7) * DAY


def holidays(year: int) -> set[date]:
    """The bank holidays of a year in England; what falls on a weekend has its day on the next that is free."""
    found = {
        easter(year) - 2 * DAY, easter(year) + DAY, first_monday(date(year, 5, 1)), first_monday(date(year, 5, 25)),
        first_monday(date(year, 8, 25)),
    }  # fmt: skip
    for day in (date(year, 1, 1), date(year, 12, 25), date(year, 12, 26)):
        while day.weekday() > 4 or day in found:
            day += DAY
        found.add(day)
    return (found | {day for day in ONCE if day.year == year}) - MOVED


HOLIDAYS = set().union(*(holidays(year) for year in range(2017, 2042)))


def works(day: date) -> bool:
    return day.weekday() < 5 and day not in HOLIDAYS


def working_days_between(first: date, last: date) -> int:
    return sum(works(first + days * DAY) for days in range(1, (last - first).days + 1))


def test_no_date_from_2017_to_2040_is_on_a_day_nobody_works_and_the_bank_can_meet_each_pay_day() -> None:
    number, begins = 0, ANCHOR
    while True:
        period = plan_period(number, ANCHOR, 4, SUBMIT_BY_DAYS, BANK_DAYS, ())
        if period.pay_on > LAST:
            break
        assert period.start == begins, "no gap, no overlap"
        for name in ("submit_by", "amend_by", "finalise_on", "pay_on"):
            assert works(getattr(period, name)), (number, name, getattr(period, name))
        assert working_days_between(period.finalise_on, period.pay_on) >= BANK_DAYS, number
        reasons = why_deadlines_moved(period, SUBMIT_BY_DAYS, BANK_DAYS, ())
        nominal = period.end + SUBMIT_BY_DAYS * DAY
        assert ("submit_by" in reasons) == (period.submit_by != nominal) == (not works(nominal)), number
        monday = first_monday(nominal + 7 * DAY)
        assert ("pay_on" in reasons) == (period.pay_on != monday) == (not works(monday)), number
        number, begins = number + 1, period.end + DAY
    assert number > 300
