"""A file of actuals, recognised by its headings: the portal's workbook or one of three layouts of own systems."""

from files.actuals_rows import (
    AbortedRow,
    ActualsFile,
    ActualsRow,
    CellProblem,
    DayRow,
    Layout,
    TotalRow,
    VisitRow,
    WeekRow,
)

__all__ = [
    "AbortedRow",
    "ActualsFile",
    "ActualsRow",
    "CellProblem",
    "DayRow",
    "Layout",
    "TotalRow",
    "VisitRow",
    "WeekRow",
    "read_actuals_file",
]


def read_actuals_file(filename: str, content: bytes) -> ActualsFile:
    """Return the rows of a file of actuals. Raises Refused with one sentence where the file as a whole is no use."""
    raise NotImplementedError
