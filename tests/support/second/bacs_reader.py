"""Reads a Bacs Standard 18 file by its layout alone: written from the table of positions, not from what writes it."""

import re
from dataclasses import dataclass
from datetime import datetime

NAME = re.compile("[A-Z0-9.&/ -]{18}")
DIGITS = re.compile("[0-9]+")


class NotBacs(ValueError):
    """The file breaks the layout."""


@dataclass(frozen=True)
class Item:
    """One record of 100 characters; names and reference without the blanks that fill them."""

    sort_code: str
    account: str
    code: str
    from_sort_code: str
    from_account: str
    pence: int
    payer: str
    reference: str
    name: str


@dataclass(frozen=True)
class BacsFile:
    """What a bank reads: the items, and what the labels say of them."""

    user_number: str
    processed_on: str
    credits: list[Item]
    contra: Item


def between(line: str, first: int, last: int) -> str:
    """Return the characters of two positions, both inclusive, counted from 1 as the layout counts them."""
    return line[first - 1 : last]


def digits(line: str, first: int, last: int) -> str:
    found = between(line, first, last)
    must(DIGITS.fullmatch(found) is not None, f"digits at {first}-{last}", line)
    return found


def must(holds: bool, what: str, line: str) -> None:
    if not holds:
        raise NotBacs(f"{what}: {line!r}")


def read_bacs(text: str) -> BacsFile:
    """Read a file, or raise NotBacs where a length, a position, a label or a total is not as the layout has it."""
    must(text.endswith("\r\n"), "ends with a line", text[-4:])
    lines = text.split("\r\n")[:-1]
    must([between(line, 1, 4) for line in lines[:4]] == ["VOL1", "HDR1", "HDR2", "UHL1"], "labels before", lines[0])
    must([between(line, 1, 4) for line in lines[-3:]] == ["EOF1", "EOF2", "UTL1"], "labels after", lines[-1])
    labels, records = [*lines[:4], *lines[-3:]], lines[4:-3]
    for label in labels:
        must(len(label) == 80, "80 characters", label)
    volume, header, second, user, end, end_second, totals = labels
    number, serial = digits(volume, 42, 47), between(volume, 5, 10)
    must(between(volume, 80, 80) == "1", "level of the standard", volume)
    for line in (header, end):
        must(between(line, 5, 5) == "A" and between(line, 12, 12) == "S", "file identifier", line)
        must((digits(line, 6, 11), digits(line, 16, 21)) == (number, number), "user number", line)
        must(between(line, 22, 27) == serial, "serial number of VOL1", line)
        must(between(line, 28, 35) == "00010001", "first and only section", line)
    must(between(header, 5, 80) == between(end, 5, 80), "EOF1 is as HDR1", end)
    must(between(second, 5, 80) == between(end_second, 5, 80), "EOF2 is as HDR2", end_second)
    must(between(second, 5, 15) == "F0200000100", "records of 100 characters", second)
    must(between(user, 11, 20) == "999999    " and between(user, 29, 37) == "1 DAILY  ", "to Bacs, one day", user)
    items = [read_item(line) for line in records]
    paid = [item for item in items if item.code == "99"]
    contras = [item for item in items if item.code == "17"]
    must(len(paid) + len(contras) == len(items) and len(contras) == 1, "credits and one contra", str(len(items)))
    contra = contras[0]
    must(contra.pence == sum(item.pence for item in paid), "the contra balances", str(contra))
    must((contra.sort_code, contra.account) == (contra.from_sort_code, contra.from_account), "own account", str(contra))
    must(contra.reference == "CONTRA", "the contra says so", str(contra))
    must(int(digits(totals, 5, 17)) == contra.pence, "debits in pence", totals)
    must(int(digits(totals, 18, 30)) == sum(item.pence for item in paid), "credits in pence", totals)
    must(int(digits(totals, 31, 37)) == 1, "count of debits", totals)
    must(int(digits(totals, 38, 44)) == len(paid), "count of credits", totals)
    return BacsFile(number, read_day(between(user, 5, 10)), paid, contra)


def read_item(line: str) -> Item:
    must(len(line) == 100, "100 characters", line)
    must(between(line, 15, 15) == "0", "0 at 15", line)
    must(between(line, 32, 35) == "    ", "four blanks", line)
    names = [between(line, 47, 64), between(line, 65, 82), between(line, 83, 100)]
    for name in names:
        must(NAME.fullmatch(name) is not None and name.strip() != "" and name[0] != " ", "a name", line)
    return Item(
        digits(line, 1, 6), digits(line, 7, 14), digits(line, 16, 17), digits(line, 18, 23), digits(line, 24, 31),
        int(digits(line, 36, 46)), *(name.rstrip() for name in names),
    )  # fmt: skip


def read_day(text: str) -> str:
    """Return a day of a label (a blank, year, day of the year) as 2017-12-01."""
    must(len(text) == 6 and text[0] == " ", "a day", text)
    return datetime.strptime(text[1:], "%y%j").strftime("%Y-%m-%d")  # noqa: DTZ007 - a day, no moment
