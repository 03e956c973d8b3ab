"""What pays and takes back, for somebody to act on: runs to approve and release, a recovery, a payment returned."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from models import PortalUser, Recovery, Remittance, RunFinding, db, say_who
from rules.bank_return import COLUMNS
from rules.period import DAY
from rules.run_checks import STOPS
from rules.states import VatCode
from workflows.clock import now, today
from workflows.confirm import desk
from workflows.payments import one_off, recoveries, returns
from workflows.payments import run as payment_run

if TYPE_CHECKING:
    from demonstration.history import History

MEANT = "Checked against the agreement: it is meant"
# The bank's reason: the account is closed.
CLOSED = "B"


def look_at_everything(run_id: int, officer: PortalUser) -> None:
    """Let an officer have looked at what can be looked away of a run, at once: a county's find hundreds. Commits."""
    found = update(RunFinding).where(
        RunFinding.run_id == run_id, RunFinding.looked_at.is_(None), RunFinding.kind.not_in(STOPS)
    )
    looked = {"looked_at": now(), "looked_by_id": officer.id, "looked_reason": MEANT}
    db.session.execute(found.values(looked).execution_options(synchronize_session=False))
    db.session.commit()


def wait_for_officers(history: History, organisation_ids: Sequence[int]) -> None:
    """Leave a run that is approved, and one whose two equal payments somebody has to look at. Commits."""
    payments, approver = (history.officer(email) for email in ("payments@council.example", "approver@council.example"))
    pay_date = f"{payment_run.first_pay_date():%d/%m/%Y}"
    first, second = organisation_ids[0], organisation_ids[1]
    _pay(second, "112.00", "Training day that the council cancelled", payments, approver)
    run = payment_run.prepare(pay_date, payments)
    _take_out_what_stops(run.id)
    look_at_everything(run.id, approver)
    payment_run.approve(run.id, approver)
    for night in ("Friday", "Saturday"):
        _pay(first, "64.00", f"Taxi for a carer in the snow, {night} night", payments, approver)
    _pay(second, "250.00", "Equipment left with a person at their request", payments, approver)
    payment_run.prepare(pay_date, payments)
    _owe(second, payments, approver)
    history.settle_mail()
    say_who(None, "")


def _take_out_what_stops(run_id: int) -> None:
    """Take out who waits for a call-back: the run after it shows them."""
    stopped = select(RunFinding.organisation_id).where(RunFinding.run_id == run_id, RunFinding.kind.in_(STOPS))
    for organisation_id in db.session.scalars(stopped.distinct().order_by(RunFinding.organisation_id)).all():
        payment_run.take_out(run_id, organisation_id=organisation_id)


def send_back(history: History, organisation_id: int) -> None:
    """Let the bank return the last payment of an organisation: what it was for waits for the next run. Commits."""
    of_theirs = select(Remittance).where(Remittance.organisation_id == organisation_id, Remittance.total > 0)
    last = db.session.scalars(of_theirs.order_by(Remittance.pay_date.desc()).limit(1)).one()
    pence, day = int(last.total * 100), min(last.pay_date + DAY, today())
    item = (last.bank_reference, "089999", "66374958", pence, CLOSED, f"{day:%d/%m/%Y}")
    returns.record_returns(
        "\n".join((",".join(COLUMNS), ",".join(map(str, item)))).encode(), history.officer("payments@council.example")
    )
    history.settle_mail()


def _owe(organisation_id: int, payments: PortalUser, approver: PortalUser) -> None:
    """Leave a recovery that nothing was taken of yet, with instalments that wait to be confirmed."""
    say_who(payments.id, "")
    wanted = recoveries.propose_recovery(organisation_id, Decimal("750.00"), "A sleep-in was paid twice", payments)
    say_who(approver.id, "")
    desk.confirm(wanted.id, approver, ())
    say_who(payments.id, "")
    owed = db.session.scalars(select(Recovery.id).where(Recovery.proposal_id == wanted.id)).one()
    recoveries.propose_instalments(owed, "125.00", "They asked for six months", payments)


def _pay(organisation_id: int, net: str, reason: str, payments: PortalUser, approver: PortalUser) -> None:
    payment = one_off.OneOff(organisation_id, None, None, Decimal(net), VatCode.EXEMPT, reason)
    say_who(payments.id, "")
    proposal = one_off.propose(payment, payments)
    say_who(approver.id, "")
    desk.confirm(proposal.id, approver, ())
    say_who(payments.id, "")
