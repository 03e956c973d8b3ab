"""The half-years for which a council publishes how fast it pays: April to September, October to March."""

from dataclasses import dataclass
from datetime import date

from rules.period import DAY, date_range


@dataclass(frozen=True)
class HalfYear:
    """A reporting period of the Procurement Act 2023, both days inclusive."""

    start: date
    end: date

    @classmethod
    def of(cls, day: date) -> "HalfYear":
        """Return the half-year that holds a day."""
        if 4 <= day.month <= 9:
            return cls(date(day.year, 4, 1), date(day.year, 9, 30))
        year = day.year if day.month >= 10 else day.year - 1
        return cls(date(year, 10, 1), date(year + 1, 3, 31))

    @property
    def before(self) -> "HalfYear":
        """The half-year before this one."""
        return HalfYear.of(self.start - DAY)

    def __str__(self) -> str:
        return date_range(self.start, self.end)
