"""A payment run beside the one released last before it: who is new in it, who is gone, who gets more or less."""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from sqlalchemy import and_, func, select

from models import Organisation, PaymentRun, PaymentSource, Remittance, db
from rules.money import NOTHING

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

    @property
    def difference(self) -> Decimal:
        """The pounds it gets more than before; below zero: less."""
        return self.now - self.before

    @property
    def percent(self) -> Decimal | None:
        """The same in per cent of what it got before, None where it got nothing."""
        return self.difference / self.before * 100 if self.before else None

    @property
    def change(self) -> ChangeOfPay:
        """How it differs."""
        return change_of(self.before, self.now)


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


def change_of(before: Decimal, now: Decimal) -> ChangeOfPay:
    """Return how two payments to one organisation differ, in pounds; nothing paid is nought."""
    if before == now:
        return ChangeOfPay.SAME
    if not before or not now:
        return ChangeOfPay.GONE if before else ChangeOfPay.NEW
    return ChangeOfPay.MORE if now > before else ChangeOfPay.LESS


def compare(run: PaymentRun, most: int | None = CHANGES) -> RunCompared | None:
    """Return a run beside the one released last before it, with `most` changes or all; None where it is the first.

    Three queries, however many organisations are in them.
    """
    before: PaymentRun | None = db.session.scalar(
        select(PaymentRun)
        .where(PaymentRun.id < run.id, PaymentRun.released_at.is_not(None))
        .order_by(PaymentRun.id.desc())
        .limit(1)
    )
    if before is None:
        return None
    pays = _pays(before, run)
    changed = [key for key, (was, is_) in pays.items() if was != is_]
    changed.sort(key=lambda key: (-abs(pays[key][1] - pays[key][0]), key))
    counts = Counter(change_of(*each) for each in pays.values())
    difference = sum((is_ - was for was, is_ in pays.values()), NOTHING)
    return RunCompared(before, _shown(before, changed[:most], pays), dict(counts), difference)


def _pays(before: PaymentRun, run: PaymentRun) -> dict[int, tuple[Decimal, Decimal]]:
    """Return what two runs pay each organisation that is paid something in one of them, by its id."""
    total = func.sum(PaymentSource.gross)
    statement = (
        select(PaymentSource.organisation_id, PaymentSource.run_id, total)
        .where(PaymentSource.run_id.in_((before.id, run.id)))
        .group_by(PaymentSource.organisation_id, PaymentSource.run_id)
        .having(total > 0)
    )
    found: dict[int, tuple[Decimal, Decimal]] = {}
    for organisation_id, run_id, pounds in db.session.execute(statement):
        was, is_ = found.get(organisation_id, (NOTHING, NOTHING))
        found[organisation_id] = (pounds, is_) if run_id == before.id else (was, pounds)
    return found


def _shown(before: PaymentRun, ids: list[int], pays: dict[int, tuple[Decimal, Decimal]]) -> list[ComparedPay]:
    of_before = and_(Remittance.organisation_id == Organisation.id, Remittance.run_id == before.id)
    rows = db.session.execute(
        select(Organisation, Remittance).outerjoin(Remittance, of_before).where(Organisation.id.in_(ids))
    )
    found = {each.id: ComparedPay(each, remittance, *pays[each.id]) for each, remittance in rows}
    return [found[key] for key in ids]
