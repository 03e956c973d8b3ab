"""An approved absence claim is put right where a rate, a plan, a tier or the absence is another afterwards."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from jobs import absence_corrections
from models import (
    AbsenceClaim,
    AbsenceClaimLine,
    JournalEntry,
    LineItem,
    PolicySetting,
    PortalUser,
    RemittanceLine,
    RunFinding,
    acting_for,
    db,
)
from rules.money import NOTHING
from rules.plan import PlanVersion
from rules.states import ClaimState, JournalAccount, LineKind, PolicyScope
from tests.support.worlds.agreements import propose_plan, propose_rate
from tests.support.worlds.claims import make, nov, stored
from tests.support.worlds.world import World
from workflows import policy
from workflows.absences import decide as decisions
from workflows.absences.corrections import correct_all
from workflows.absences.read import claim_page
from workflows.confirm import desk
from workflows.payments import run as payment_run
from workflows.payments import run_checks
from workflows.payments.money_checks import CHECKS, check_money, rows_that_break

TWO_A_DAY = PlanVersion(nov(6), (Decimal(2),) * 7, NOTHING)


def corrections() -> list[AbsenceClaim]:
    found = select(AbsenceClaim).where(AbsenceClaim.corrects_id.is_not(None)).order_by(AbsenceClaim.id)
    return list(db.session.scalars(found.execution_options(populate_existing=True)))


def paid(claim: AbsenceClaim) -> Decimal:
    """All that a claim and its corrections come to."""
    own = func.coalesce(AbsenceClaim.corrects_id, AbsenceClaim.id) == claim.id
    return db.session.scalar(select(func.sum(AbsenceClaim.gross)).where(own)) or NOTHING


def change_rate(line: LineItem, start: date, rate: str, carol: PortalUser, ruth: PortalUser) -> None:
    proposal = propose_rate(line.id, start, Decimal(rate), carol, "Agreed")
    desk.confirm(proposal.id, ruth, [each["code"] for each in proposal.unusual])


@pytest.fixture
def approver(world: World) -> PortalUser:
    return world.officer("Payments approver", "approver@council.example")


def pay(officer: PortalUser, approver: PortalUser) -> int:
    """Release a payment run of all that is due, and return its id."""
    run = payment_run.prepare("04/12/2017", officer)
    for finding in db.session.scalars(select(RunFinding).where(RunFinding.run_id == run.id)).all():
        run_checks.look_at(run.id, finding.id, "As it is meant", officer)
    payment_run.approve(run.id, approver)
    payment_run.release(run.id, officer)
    return run.id


def test_a_backdated_rate_is_the_old_days_with_a_minus_and_the_new_ones_after_them(
    line: LineItem, user: PortalUser, officer: PortalUser, carol: PortalUser, ruth: PortalUser
) -> None:
    claim = make(line, user)
    decisions.approve(claim.id, officer)
    change_rate(line, nov(6), "21.00", carol, ruth)
    (correction,) = corrections()
    assert (correction.corrects_id, correction.state, correction.net) == (claim.id, ClaimState.APPROVED, Decimal(3))
    lines = [(each.kind, each.week_starting, each.units, each.rate, each.net) for each in correction.lines]
    assert lines == [
        (LineKind.RATE_DIFF, nov(6), Decimal(-3), Decimal(20), Decimal(-60)),
        (LineKind.RATE_DIFF, nov(6), Decimal(3), Decimal(21), Decimal(63)),
    ]
    assert (stored(claim.id).net, paid(claim)) == (Decimal(140), Decimal(143))
    assert correct_all() == 0
    assert check_money() == []


def test_a_changed_plan_is_units_and_a_second_change_takes_back_the_first(
    line: LineItem, user: PortalUser, officer: PortalUser, carol: PortalUser, ruth: PortalUser
) -> None:
    claim = make(line, user)
    decisions.approve(claim.id, officer)
    for version in (TWO_A_DAY, TWO_A_DAY._replace(days=(Decimal(3),) * 7)):
        proposal = propose_plan(line.id, version, carol, "Review")
        desk.confirm(proposal.id, ruth, [each["code"] for each in proposal.unusual])
    first, second = corrections()
    assert [each.kind for each in first.lines] == [LineKind.UNITS_DIFF] * 2
    assert second.lines[0].adjusts_id == first.lines[1].id
    assert paid(claim) == Decimal(80 + 3 * 60)
    assert check_money() == []


def test_other_tiers_from_a_day_on_are_put_right(line: LineItem, user: PortalUser, officer: PortalUser) -> None:
    claim = make(line, user)
    decisions.approve(claim.id, officer)
    db.session.add(
        PolicySetting(
            name="absence_tiers",
            value="from day 1: 100%, from day 8: 50%",
            scope=PolicyScope.COUNCIL,
            valid_from=date(2017, 10, 1),
            why="X",
        )
    )
    db.session.commit()
    policy.forget()
    assert correct_all() == 1
    # Days 8 to 11 at half: 9 to 12 November.
    assert paid(claim) == Decimal(180)
    assert check_money() == []


def test_where_an_earlier_claim_is_refused_the_later_ones_days_count_from_its_own_first(
    line: LineItem, user: PortalUser, officer: PortalUser
) -> None:
    earlier, later = make(line, user, nov(1), nov(5)), make(line, user, nov(6), nov(12))
    decisions.approve(later.id, officer)
    assert paid(later) == Decimal(40)  # days 6 and 7 of twelve
    decisions.refuse(earlier.id, "At home", officer)
    assert paid(later) == Decimal(140)
    (correction,) = corrections()
    assert [(each.takes_back, each.explained) for each in correction.lines] == [
        (True, "days 6 to 7 at 100%"), (False, "days 1 to 7 at 100%"),
    ]  # fmt: skip
    assert check_money() == []


def test_the_next_run_pays_it_or_takes_it_back_and_its_days_are_claimed_once(
    line: LineItem,
    user: PortalUser,
    officer: PortalUser,
    approver: PortalUser,
    carol: PortalUser,
    ruth: PortalUser,
) -> None:
    claim = make(line, user)
    decisions.approve(claim.id, officer)
    pay(officer, approver)
    change_rate(line, nov(6), "19.00", carol, ruth)
    run_id = pay(officer, approver)
    told = select(RemittanceLine.kind, RemittanceLine.net, RemittanceLine.reason).order_by(RemittanceLine.number)
    rows = db.session.execute(told.where(RemittanceLine.remittance.has(run_id=run_id))).all()
    assert [(kind, net) for kind, net, _ in rows] == [
        (LineKind.RATE_DIFF, Decimal(-60)), (LineKind.RATE_DIFF, Decimal(57)),
    ]  # fmt: skip
    assert rows[0].reason == f"Correction of {claim.number}. Absence, hospital: days 5 to 7 at 100%"
    recoverable = select(func.sum(JournalEntry.amount)).where(JournalEntry.account == JournalAccount.RECOVERABLE)
    assert db.session.scalar(recoverable) == Decimal(3)
    assert check_money() == []
    with acting_for(line.organisation_id):
        found = claim_page(claim.id)
    assert ([each.number for each in found.corrections], found.adjoining) == ([corrections()[0].number], [])
    assert found.comes_to == Decimal(137)


def test_a_provider_cannot_make_a_correction(line: LineItem, user: PortalUser, officer: PortalUser) -> None:
    claim = make(line, user)
    decisions.approve(claim.id, officer)
    made = AbsenceClaim(
        organisation_id=claim.organisation_id, line_item_id=line.id, corrects_id=claim.id, reason=claim.reason,
        first_day=claim.first_day, last_day=claim.last_day,
    )  # fmt: skip
    with pytest.raises(ProgrammingError, match="row-level security"), acting_for(line.organisation_id):
        keep(made)


def keep(row: AbsenceClaim) -> None:
    db.session.add(row)
    db.session.flush()


def test_the_database_takes_a_line_back_once(
    line: LineItem, user: PortalUser, officer: PortalUser, carol: PortalUser, ruth: PortalUser
) -> None:
    decisions.approve(make(line, user).id, officer)
    change_rate(line, nov(6), "21.00", carol, ruth)
    taken = db.session.scalars(select(AbsenceClaimLine).where(AbsenceClaimLine.takes_back)).one()
    columns = (each.name for each in AbsenceClaimLine.__table__.c if each.name not in ("id", "number"))
    values = {name: getattr(taken, name) for name in columns}
    again = AbsenceClaim(
        organisation_id=taken.organisation_id, line_item_id=line.id, corrects_id=taken.adjusts.absence_claim_id,
        first_day=nov(2), last_day=nov(12), reason=taken.absence_claim.reason, state=ClaimState.SUBMITTED,
        submitted_at=taken.absence_claim.submitted_at,
    )  # fmt: skip
    db.session.add(again)
    db.session.flush()
    db.session.add(AbsenceClaimLine(**values | {"number": 1, "absence_claim_id": again.id}))
    with pytest.raises(IntegrityError, match="uq_absence_claim_line_taken_back"):
        db.session.flush()


def test_the_money_check_finds_a_correction_that_takes_back_something_else(
    line: LineItem, user: PortalUser, officer: PortalUser, carol: PortalUser, ruth: PortalUser, owner: Connection
) -> None:
    decisions.approve(make(line, user).id, officer)
    change_rate(line, nov(6), "21.00", carol, ruth)
    (check,) = [each for each in CHECKS if each.holds == "What a correction takes back is what was paid."]
    assert rows_that_break(check, owner) == []
    owner.execute(text("SET session_replication_role = replica"))
    owner.execute(text("UPDATE absence_claim_line SET vat = vat - 1, gross = gross - 1 WHERE takes_back"))
    (broken,) = rows_that_break(check, owner)
    assert "takes back £61.00" in broken[1]
    owner.rollback()


def test_the_job_says_what_it_corrected(line: LineItem, user: PortalUser, officer: PortalUser) -> None:
    decisions.approve(make(line, user).id, officer)
    setting = PolicySetting(
        name="absence_tiers", value="from day 1: 50%", scope=PolicyScope.COUNCIL, valid_from=date(2017, 10, 1)
    )
    db.session.add(setting)
    db.session.commit()
    policy.forget()
    assert absence_corrections.run(date(2017, 11, 20)) == "1 absence claim corrected."
    assert absence_corrections.run(date(2017, 11, 21)) == "Every approved absence claim is right."
