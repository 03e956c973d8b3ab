"""Calendar files are what RFC 5545 says: escaped, folded at 75 octets, with CRLF."""

from datetime import UTC, date, datetime

from files.calendar import DayEvent, calendar_file

MADE = datetime(2017, 11, 20, 9, 30, tzinfo=UTC)


def test_a_day_is_an_event_of_a_whole_day_with_a_name_that_stays() -> None:
    found = calendar_file("Dates", [DayEvent("pay-3@portal", date(2017, 12, 31), "Care payment day")], MADE).decode()
    assert found.split("\r\n")[7:15] == [
        "BEGIN:VEVENT",
        "UID:pay-3@portal",
        "DTSTAMP:20171120T093000Z",
        "DTSTART;VALUE=DATE:20171231",
        "DTEND;VALUE=DATE:20180101",
        "SUMMARY:Care payment day",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]
    assert found.endswith("END:VCALENDAR\r\n")


def test_commas_semicolons_backslashes_and_line_breaks_are_escaped() -> None:
    event = DayEvent("a", date(2017, 12, 1), "Norfolk, Suffolk; both\\neither", "one\r\ntwo")
    found = calendar_file("Dates", [event], MADE).decode()
    assert "SUMMARY:Norfolk\\, Suffolk\\; both\\\\neither\r\n" in found
    assert "DESCRIPTION:one\\ntwo\r\n" in found


def test_no_line_is_longer_than_75_octets_and_none_cuts_a_character_in_two() -> None:
    title = "Zahltag für Pflege £ " * 12
    found = calendar_file("Dates", [DayEvent("a", date(2017, 12, 1), title)], MADE)
    lines = found.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert all(line.decode() for line in lines if line)
    assert f"SUMMARY:{title}" in found.replace(b"\r\n ", b"").decode()
