"""What the demonstration's money goes through: providers' accounts, and the codes the ledger knows care by."""

from datetime import date, datetime, time, timedelta

from sqlalchemy import func, select

from models import ChangeRequest, Contact, Element, Organisation, PortalUser, db
from rules.bank_account import BankDetails, DigitCheck
from rules.states import ChangeKind, ChangeState
from workflows.clock import LONDON
from workflows.organisations import bank_details

# Invented: no bank has these sort codes.
SORT_CODE = "089999"
FIRST, SECOND = "payments@council.example", "procurement@council.example"


def take_over(organisations: list[Organisation], before: date) -> None:
    """Give organisations accounts that two officers confirmed before a day, and elements their codes. Commits."""
    at = datetime.combine(before - timedelta(days=7), time(10), LONDON)
    first, second = (
        db.session.scalars(select(PortalUser).where(PortalUser.email == email)).one() for email in (FIRST, SECOND)
    )
    asking = select(Contact.organisation_id, func.min(Contact.user_id)).group_by(Contact.organisation_id)
    asked_by = dict(db.session.execute(asking.where(Contact.user_id.is_not(None))).all())
    for organisation in organisations:
        if organisation.id not in asked_by:
            continue
        details = BankDetails(organisation.name, SORT_CODE, f"{66_370_000 + organisation.id:08}")
        db.session.add(
            ChangeRequest(
                organisation=organisation, kind=ChangeKind.BANK_DETAILS, state=ChangeState.CONFIRMED,
                wanted=bank_details.in_words(details), sealed=bank_details.seal(details), digits=DigitCheck.UNCHECKED,
                asked_at=at, asked_by_id=asked_by[organisation.id], checked_at=at, checked_by=first, decided_at=at,
                decided_by=second, called_at=at, called_by=second, called_who="The manager",
                called_number=organisation.phone,
            )
        )  # fmt: skip
    for number, element in enumerate(db.session.scalars(select(Element).order_by(Element.name)), start=1):
        element.cost_centre, element.subjective_code = f"ASC{number:03}", f"{4200 + number}"
    db.session.commit()
