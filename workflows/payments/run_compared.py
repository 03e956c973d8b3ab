"""A payment run beside the one released last before it: who is new in it, who is gone, who gets more or less."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Subquery, and_, case, func, select, true
from sqlalchemy.orm import aliased

from models import Organisation, PaymentRun, PaymentSource, Remittance, db

# The page shows so many changes; all of them where that is asked for.
CHANGES: Final = 10


class ChangeOfPay(StrEnum):
    """How what a run pays an organisation differs from what the run before paid it."""

    NEW = "new"
    GONE = "gone"
    MORE = "more"
    LESS = "less"
    SAME = "same"


@dataclass(frozen=True)
class ComparedPay:
    """What two runs pay one organisation, in pounds with VAT, nothing where a total is below £0.00.

    `remittance` is that of the run before, if it has one there.
    """

    organisation: Organisation
    remittance: Remittance | None
    before: Decimal
    now: Decimal
    change: ChangeOfPay

    @property
    def difference(self) -> Decimal:
        """The pounds it gets more than before; below zero: less."""
        return self.now - self.before

    @property
    def percent(self) -> Decimal | None:
        """The same in per cent of what it got before, None where it got nothing."""
        return self.difference / self.before * 100 if self.before else None


@dataclass(frozen=True)
class RunCompared:
    """A run beside the one `before`: its changes, the largest first, and how many organisations differ in which way.

    `changes` are at most so many as were asked for; of all of them together the differences are `difference`.
    """

    before: PaymentRun
    changes: list[ComparedPay]
    counts: dict[ChangeOfPay, int]
    difference: Decimal

    @property
    def change_count(self) -> int:
        """How many organisations get something else than before."""
        return sum(count for change, count in self.counts.items() if change is not ChangeOfPay.SAME)


def compare(run: PaymentRun, most: int | None = CHANGES) -> RunCompared | None:
    """Return a run beside the one released last before it, with `most` changes or all; None where it is the first.

    One query, however many organisations are in them.
    """
    rows = db.session.execute(_changes(run).limit(most)).all()
    if not rows:
        return None
    first = rows[0]
    return RunCompared(
        before=first.PaymentRun,
        changes=[
            ComparedPay(row.Organisation, row.Remittance, row.was, row.now, ChangeOfPay(row.change))
            for row in rows
            if row.Organisation and row.change != ChangeOfPay.SAME
        ],
        counts={each: count for each in ChangeOfPay if (count := getattr(first, f"{each}_count"))},
        difference=first.difference,
    )


def _changes(run: PaymentRun) -> Any:
    """Return the query of what the run before and this one pay each organisation, the largest change first.

    Each row has the run before, and counts and sum of all rows; where neither pays anything it is alone in one row.
    """
    pays = _pays(run)
    was, now = pays.c.was, pays.c.now
    change = case(
        (was == now, ChangeOfPay.SAME.value),
        (was == 0, ChangeOfPay.NEW.value),
        (now == 0, ChangeOfPay.GONE.value),
        (now > was, ChangeOfPay.MORE.value),
        else_=ChangeOfPay.LESS.value,
    )
    counts = (
        func.count(pays.c.organisation_id).filter(change == each.value).over().label(f"{each}_count")
        for each in ChangeOfPay
    )
    difference = func.coalesce(func.sum(now - was).over(), 0).label("difference")
    of_before = and_(Remittance.organisation_id == Organisation.id, Remittance.run_id == PaymentRun.id)
    return (
        select(PaymentRun, Organisation, Remittance, was, now, change.label("change"), *counts, difference)
        .select_from(PaymentRun)
        .outerjoin(pays, true())
        .outerjoin(Organisation, Organisation.id == pays.c.organisation_id)
        .outerjoin(Remittance, of_before)
        .where(PaymentRun.id == _id_before(run))
        .order_by(func.abs(now - was).desc().nulls_last(), pays.c.organisation_id)
    )


def _pays(run: PaymentRun) -> Subquery:
    """Return what the run before and this one pay each organisation that is paid something in one of them."""
    total = func.sum(PaymentSource.gross)
    each = (
        select(PaymentSource.organisation_id, PaymentSource.run_id, total.label("pounds"))
        .where(PaymentSource.run_id.in_((run.id, _id_before(run))))
        .group_by(PaymentSource.organisation_id, PaymentSource.run_id)
        .having(total > 0)
        .subquery()
    )
    of_run = each.c.run_id == run.id
    return (
        select(
            each.c.organisation_id,
            func.coalesce(func.sum(each.c.pounds).filter(~of_run), 0).label("was"),
            func.coalesce(func.sum(each.c.pounds).filter(of_run), 0).label("now"),
        )
        .group_by(each.c.organisation_id)
        .subquery()
    )


def _id_before(run: PaymentRun) -> Any:
    """Return the SQL of the id of the run released last before a run."""
    before = aliased(PaymentRun)
    return (
        select(before.id)
        .where(before.id < run.id, before.released_at.is_not(None))
        .order_by(before.id.desc())
        .limit(1)
        .scalar_subquery()
    )
