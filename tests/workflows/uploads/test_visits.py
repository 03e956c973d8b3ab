"""Visits that come again: sent before, typed over, told twice, left out (rules.md 15)."""

from datetime import date

import pytest
from sqlalchemy import select, text

from models import (
    LineItem,
    Organisation,
    Service,
    TypedOverDay,
    Upload,
    UploadFinding,
    Visit,
    acting_for,
    db,
    limit_to_services,
    say_who,
)
from rules.refusal import Refused
from rules.upload_states import UploadState
from tests.support.files.uploads import put_in, send, stored
from tests.support.worlds.weeks import OCT_16, OCT_23
from tests.support.worlds.world import World
from workflows.actuals.save import Entry, save_week
from workflows.payments.money_checks import check_money
from workflows.uploads import steps as uploads
from workflows.uploads.work import work_on

HEADINGS = "Visit ref,CPLI,Planned start,Planned end,Actual start,Actual end,Outcome,Carer ID,Carer slot,Reason"


def visit(
    ref: str,
    line: LineItem,
    day: int = 16,
    hours: tuple[int, int] = (8, 9),
    carer: str = "C1",
    outcome: str = "DELIVERED",
) -> str:
    """A visit in October 2017."""
    start, end = (f"{day}/10/2017 {hour:02}:00" for hour in hours)
    times = f"{start},{end},{start},{end}" if outcome == "DELIVERED" else f"{start},{end},,"
    return f"{ref},{line.reference},{times},{outcome},{carer},,OTHER"


def sent(organisation: Organisation, *rows: str) -> Upload:
    return send(organisation, [HEADINGS, *rows])


def put(organisation: Organisation, *rows: str) -> Upload:
    return put_in(organisation, sent(organisation, *rows))


def monday(line: LineItem, week: date = OCT_16) -> str:
    return stored()[line.id, week][0][0]


def findings(kept: Upload) -> dict[str, str]:
    query = select(UploadFinding).where(UploadFinding.upload_id == kept.id)
    return {each.code: each.wrong for each in db.session.scalars(query)}


def is_sound() -> bool:
    return [each for each in check_money() if "visits" in each.holds] == []


def tick(organisation: Organisation, kept: Upload, code: str) -> Upload:
    query = select(UploadFinding.id).where(UploadFinding.upload_id == kept.id, UploadFinding.code == code)
    return put_in(organisation, kept, list(db.session.scalars(query)))


def type_monday(organisation: Organisation, line: LineItem, units: str) -> None:
    with acting_for(organisation.id):
        save_week(OCT_16, [Entry(line.id, (units, *["0"] * 6), "OTHER")], None)


def test_a_visit_belongs_to_the_day_it_was_planned_for_though_it_began_the_night_before(
    organisation: Organisation, line: LineItem
) -> None:
    times = "17/10/2017 00:05,17/10/2017 01:05,16/10/2017 23:58,17/10/2017 00:58"
    put(organisation, f"V1,{line.reference},{times},DELIVERED,C1,,OTHER")
    assert stored()[line.id, OCT_16][0][:2] == ("0.00", "1.00")


def test_a_visit_sent_again_under_another_reference_is_skipped_with_a_warning(
    organisation: Organisation, line: LineItem
) -> None:
    put(organisation, visit("A-1", line))
    again = sent(organisation, visit("B-1", line))
    assert "A-1" in findings(again)["sent-before"]
    assert (again.counts["new"], again.counts["changed"], again.counts["asked"]) == (0, 0, 0)
    put_in(organisation, again)
    assert monday(line) == "1.00"
    assert db.session.scalars(select(Visit.reference)).all() == ["A-1"]


def test_a_visit_sent_again_longer_and_under_another_reference_is_counted_once(
    organisation: Organisation, line: LineItem
) -> None:
    put(organisation, visit("A-1", line))
    put(organisation, visit("B-1", line, hours=(8, 10)))
    assert monday(line) == "2.00"
    assert db.session.scalars(select(Visit.reference)).all() == ["B-1"]


def test_a_file_that_names_a_visit_twice_under_two_references_pays_it_once(
    organisation: Organisation, line: LineItem
) -> None:
    kept = put(organisation, visit("A-1", line), visit("B-1", line))
    assert monday(line) == "1.00"
    assert "row 2" in findings(kept)["sent-before"]


def test_two_visits_of_one_reference_on_two_days_contradict_each_other(
    organisation: Organisation, line: LineItem
) -> None:
    kept = sent(organisation, visit("A-1", line), visit("A-1", line, day=17, carer="C2"))
    assert (kept.counts["rejected"], set(findings(kept))) == (2, {"duplicate-row"})


def test_a_day_typed_over_is_asked_about_when_visits_come_for_it_again(
    organisation: Organisation, line: LineItem
) -> None:
    put(organisation, visit("A-1", line))
    type_monday(organisation, line, "0.5")
    (noted,) = db.session.scalars(select(TypedOverDay)).all()
    assert (noted.day, str(noted.units)) == (OCT_16, "0.50")
    assert is_sound()
    kept = sent(organisation, visit("A-1", line), visit("A-2", line, hours=(12, 13)))
    assert "typed over the visits of 16 Oct" in findings(kept)["conflict"]
    assert kept.counts["asked"] == 1
    put_in(organisation, kept)
    assert monday(line) == "0.50"
    assert is_sound()
    tick(organisation, sent(organisation, visit("A-1", line), visit("A-2", line, hours=(12, 13))), "conflict")
    assert monday(line) == "2.00"
    assert db.session.scalars(select(TypedOverDay)).all() == []
    assert is_sound()


def test_a_day_typed_back_to_its_visits_is_no_longer_typed_over(organisation: Organisation, line: LineItem) -> None:
    put(organisation, visit("A-1", line))
    type_monday(organisation, line, "0.5")
    type_monday(organisation, line, "1")
    assert db.session.scalars(select(TypedOverDay)).all() == []


def test_a_daily_file_over_a_day_of_visits_is_noted_as_typed(organisation: Organisation, line: LineItem) -> None:
    put(organisation, visit("A-1", line))
    rows = ["CPLI,Service date,Delivered units,Reason", f"{line.reference},16/10/2017,1.5,OTHER"]
    put_in(organisation, send(organisation, rows))
    assert [str(units) for units in db.session.scalars(select(TypedOverDay.units))] == ["1.50"]
    assert is_sound()


def test_visits_that_a_file_no_longer_names_are_told_once_and_stay(organisation: Organisation, line: LineItem) -> None:
    put(organisation, visit("A-1", line), *(visit(f"A-{hour}", line, hours=(hour, hour + 1)) for hour in range(10, 15)))
    kept = put(organisation, visit("A-1", line))
    assert "5 visits" in findings(kept)["not-in-file"]
    assert "2 more" in findings(kept)["not-in-file"]
    assert monday(line) == "6.00"


def test_one_carer_at_two_places_at_once_is_asked_about_against_what_is_stored(
    world: World, organisation: Organisation, line: LineItem
) -> None:
    other = world.line(organisation)
    put(organisation, visit("A-1", line))
    kept = sent(organisation, visit("B-1", other))
    assert "C1, would be in two places at once" in findings(kept)["overlap"]
    tick(organisation, kept, "overlap")
    assert (monday(line), monday(other)) == ("1.00", "1.00")


def test_a_weekly_line_has_what_the_visits_of_all_its_files_come_to(world: World, organisation: Organisation) -> None:
    line = world.line(organisation, weekly="7")
    put(organisation, visit("A-1", line))
    put(organisation, visit("A-2", line, day=18, hours=(8, 10)))
    assert monday(line) == "3.00"
    assert is_sound()
    tick(organisation, sent(organisation, visit("A-2", line, day=25, hours=(8, 10))), "conflict")
    assert (monday(line), monday(line, OCT_23)) == ("1.00", "2.00")
    assert is_sound()


def test_a_recorded_aborted_visit_is_not_paid_beside_the_visit_that_took_place(
    organisation: Organisation, line: LineItem
) -> None:
    put(organisation, visit("A-1", line, outcome="ABORTED").replace("OTHER", "NO_REPLY"))
    kept = sent(organisation, visit("A-1", line))
    assert "recorded as an aborted visit" in findings(kept)["conflict"]
    assert kept.counts["rejected"] == 1


def test_a_visit_that_leaves_an_invoiced_week_corrects_it_and_says_so_before(
    organisation: Organisation, line: LineItem
) -> None:
    put(organisation, visit("A-1", line))
    db.session.execute(text("UPDATE actual SET state = 'invoiced'"))
    db.session.commit()
    kept = sent(organisation, visit("A-1", line, day=24))
    assert "the week of 16 Oct is on an invoice and would be corrected" in findings(kept)["conflict"]
    tick(organisation, kept, "conflict")
    assert (monday(line), stored()[line.id, OCT_23][0][1]) == ("0.00", "1.00")
    assert is_sound()


def test_a_tick_counts_for_what_was_said_and_no_more(organisation: Organisation, line: LineItem) -> None:
    put(organisation, visit("A-1", line))
    kept = sent(organisation, visit("A-1", line, day=24))
    db.session.execute(text("UPDATE actual SET state = 'invoiced'"))
    db.session.commit()
    with pytest.raises(Refused, match="checked again"):
        tick(organisation, kept, "conflict")
    after = db.session.get_one(Upload, kept.id)
    assert (after.state, monday(line)) == (UploadState.CHECKED, "1.00")


def test_a_tick_that_cannot_go_in_says_why_and_changes_nothing(organisation: Organisation, line: LineItem) -> None:
    put(organisation, visit("A-1", line, hours=(0, 20), carer="C1"))
    put(organisation, visit("A-9", line, day=24, hours=(2, 10), carer="C2"))
    kept = sent(organisation, visit("A-9", line, hours=(2, 10), carer="C2"))
    with pytest.raises(Refused, match="Row 2 cannot go in as ticked"):
        tick(organisation, kept, "conflict")
    assert (monday(line), stored()[line.id, OCT_23][0][1]) == ("20.00", "8.00")


def test_a_day_typed_over_that_a_visit_leaves_is_what_the_others_come_to(
    organisation: Organisation, line: LineItem
) -> None:
    put(organisation, visit("A-1", line), visit("A-2", line, hours=(12, 14)))
    type_monday(organisation, line, "0.5")
    kept = sent(organisation, visit("A-1", line, day=24))
    assert "typed over 16 Oct" in findings(kept)["conflict"]
    tick(organisation, kept, "conflict")
    assert (monday(line), stored()[line.id, OCT_23][0][1]) == ("2.00", "1.00")
    assert db.session.scalars(select(TypedOverDay)).all() == []
    assert is_sound()


def test_of_two_files_checked_with_the_same_visits_the_second_to_go_in_is_checked_again(
    organisation: Organisation, line: LineItem
) -> None:
    first, second = (sent(organisation, visit(ref, line)) for ref in ("A-1", "B-1"))
    put_in(organisation, first)
    with pytest.raises(Refused, match="checked again"):
        put_in(organisation, second)
    assert "sent-before" in findings(db.session.get_one(Upload, second.id))
    assert monday(line) == "1.00"


def test_a_visit_that_is_on_a_line_of_another_service_is_refused_to_who_may_not_see_it(
    world: World, organisation: Organisation
) -> None:
    sender, own, other = world.contact(organisation).user, world.line(organisation), world.line(organisation)
    elsewhere = Service(name="Swaffham branch", organisation_id=organisation.id)
    db.session.add(elsewhere)
    db.session.flush()
    world.confirmed()
    other.service_id = other.document.service_id = elsewhere.id
    db.session.commit()
    assert sender
    service_id, other_id, again = own.service_id, other.id, "\n".join([HEADINGS, visit("V-0", own, 24)])
    put(organisation, visit("V-0", other))
    with acting_for(organisation.id):
        say_who(sender.id, "")
        limit_to_services([service_id])
        file = uploads.store_upload("week.csv", again.encode(), sender, organisation.id)
        work_on(file.id)
        refused = db.session.scalars(select(UploadFinding)).one()
        limit_to_services([])
    assert refused.wrong == "The portal has V-0 on a line of a service that you do not look after."
    assert refused.remedy.startswith("Ask a colleague whose access is not limited")
    assert [line_id for line_id, _ in stored()] == [other_id]
