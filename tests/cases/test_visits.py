"""Files of visits as rostering systems send them: what the portal has after each, and what it asks."""

from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import select

from models import LineItem, Organisation, Upload, UploadFinding, Visit, db
from tests.support.files.uploads import put_in, send, stored
from tests.support.worlds.weeks import OCT_16, OCT_23
from workflows.payments.money_checks import check_money

HERE = Path(__file__).parent
DAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
NAMED = {name: OCT_16 + timedelta(days=index) for index, name in enumerate(DAYS)} | {
    f"{name}2": OCT_23 + timedelta(days=index) for index, name in enumerate(DAYS)
}


def case(name: str, *lines: LineItem) -> str:
    """A file with the lines and days of this test in it."""
    content = (HERE / f"{name}.csv").read_text()
    for number, line in enumerate(lines):
        content = content.replace(f"{{LINE{number + 1 if number else ''}}}", line.reference)
    for day, moment in NAMED.items():
        content = content.replace(f"{{{day}}}", f"{moment:%d/%m/%Y}")
    assert "{" not in content
    return content


def asked(kept: Upload) -> list[UploadFinding]:
    query = select(UploadFinding).where(UploadFinding.upload_id == kept.id, UploadFinding.choice != "")
    return list(db.session.scalars(query.order_by(UploadFinding.id)))


def codes(kept: Upload) -> list[tuple[str, int]]:
    """What was found in a file: code and row."""
    query = select(UploadFinding.code, UploadFinding.row).where(UploadFinding.upload_id == kept.id)
    return [(code, row) for code, row in db.session.execute(query.order_by(UploadFinding.id))]


def tick_all(organisation: Organisation, kept: Upload) -> Upload:
    return put_in(organisation, kept, [each.id for each in asked(kept)])


def days(line: LineItem, week: date = OCT_16) -> tuple[str, ...]:
    """What the portal has of a week, without its days of nothing."""
    figures = stored().get((line.id, week), ((),))[0]
    return tuple(f"{name} {units}" for name, units in zip(DAYS, figures, strict=False) if units != "0.00")


def agrees() -> bool:
    """Whether every day has what its visits come to, or who typed over it is known."""
    return [each for each in check_money() if each.holds.startswith("A day with visits")] == []


def put(organisation: Organisation, *contents: str) -> Upload:
    """Put files in one after the other, nothing ticked; what became of the last."""
    for content in contents:
        kept = put_in(organisation, send(organisation, content))
    return kept


def test_a_visit_that_moves_to_another_week_is_asked_about_and_stays_unless_ticked(
    organisation: Organisation, line: LineItem
) -> None:
    put(organisation, case("moved-week-1", line))
    kept = send(organisation, case("moved-week-2", line))
    (found,) = asked(kept)
    assert (found.code, found.row, kept.counts["asked"]) == ("conflict", 2, 1)
    assert "22 Oct, 08:00, in the portal" in found.wrong or "22 Oct, 08:00 in the portal" in found.wrong
    assert "23 Oct, 08:00 in the file" in found.wrong
    put_in(organisation, kept)
    assert (days(line), days(line, OCT_23)) == (("SUN 1.00",), ())
    assert agrees()


def test_a_visit_that_moved_leaves_its_old_week_though_no_row_names_it(
    organisation: Organisation, line: LineItem
) -> None:
    put(organisation, case("moved-week-1", line))
    tick_all(organisation, send(organisation, case("moved-week-2", line)))
    assert (days(line), days(line, OCT_23)) == ((), ("MON 1.00",))
    assert agrees()
    again = send(organisation, case("moved-week-2", line))
    assert (again.counts["unchanged"], codes(again)) == (1, [])


def test_a_visit_that_moves_to_another_line_is_paid_on_one(
    organisation: Organisation, line: LineItem, other: LineItem
) -> None:
    put(organisation, case("moved-line-1", line))
    kept = send(organisation, case("moved-line-2", line, other))
    (found,) = asked(kept)
    assert line.reference in found.wrong
    assert other.reference in found.wrong
    put_in(organisation, kept)
    assert (days(line), days(other)) == (("TUE 1.00", "WED 1.00"), ())
    tick_all(organisation, send(organisation, case("moved-line-2", line, other)))
    assert (days(line), days(other)) == (("WED 1.00",), ("TUE 1.00",))
    assert agrees()


def test_a_file_that_numbers_its_rows_anew_takes_nothing_from_the_week_before(
    organisation: Organisation, line: LineItem
) -> None:
    put(organisation, case("numbered-anew-1", line))
    kept = send(organisation, case("numbered-anew-2", line))
    assert codes(kept) == [("numbered-anew", 2)]
    assert (kept.counts["new"], kept.counts["asked"]) == (3, 0)
    put_in(organisation, kept)
    assert days(line) == days(line, OCT_23) == ("MON 1.00", "TUE 1.00", "WED 1.00")
    for name in ("numbered-anew-1", "numbered-anew-2"):
        again = send(organisation, case(name, line))
        assert again.counts["unchanged"] == again.counts["read"] == 3
    assert agrees()


def test_visits_numbered_anew_move_where_somebody_says_that_they_are_the_same(
    organisation: Organisation, line: LineItem
) -> None:
    put(organisation, case("numbered-anew-1", line))
    tick_all(organisation, send(organisation, case("numbered-anew-2", line)))
    assert (days(line), days(line, OCT_23)) == ((), ("MON 1.00", "TUE 1.00", "WED 1.00"))
    assert agrees()


def test_two_carers_at_one_time_both_count(organisation: Organisation, line: LineItem) -> None:
    kept = put(organisation, case("two-carers", line))
    assert days(line) == ("FRI 2.00",)
    assert codes(kept) == [("over-level", 2)] or codes(kept) == []
    again = send(organisation, case("two-carers", line))
    assert again.counts["unchanged"] == 2


def test_the_second_of_two_overlapping_visits_counts_only_where_ticked(
    organisation: Organisation, line: LineItem
) -> None:
    kept = send(organisation, case("overlap", line))
    (found,) = asked(kept)
    assert (found.code, found.row) == ("overlap", 3)
    assert "O-1" in found.wrong
    assert "O-2" in found.wrong
    put_in(organisation, kept)
    assert days(line) == ("MON 1.00",)
    again = send(organisation, case("overlap", line))
    assert (again.counts["unchanged"], again.counts["asked"]) == (1, 1)
    tick_all(organisation, again)
    assert days(line) == ("MON 2.00",)
    assert send(organisation, case("overlap", line)).counts["unchanged"] == 2


def test_outcomes_are_understood_in_their_usual_words(organisation: Organisation, line: LineItem) -> None:
    put(organisation, case("outcome-words", line))
    outcomes = db.session.scalars(select(Visit.outcome).order_by(Visit.reference)).all()
    assert [each.value for each in outcomes] == ["DELIVERED", "DELIVERED", "MISSED", "CANCELLED"]
    assert days(line) == ("MON 1.00", "TUE 1.00")
