"""On which day the money of what a payment run took reaches the bank."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from models import PaymentRun, PaymentSource, db


def pay_dates(of: InstrumentedAttribute[int | None], ids: Collection[int]) -> dict[int, date]:
    """Return the pay date of the run that each of some sources is in, by its id; none of what the bank sent back.

    `of` is the column of PaymentSource that names sources of their kind. One query, none where there are no ids. A
    provider sees a run, and so its day, from its release on.
    """
    if not ids:
        return {}
    statement = (
        select(of, PaymentRun.pay_date)
        .join(PaymentRun, PaymentRun.id == PaymentSource.run_id)
        .where(of.in_(ids), PaymentSource.bank_return_id.is_(None))
    )
    return {key: day for key, day in db.session.execute(statement) if key}
