"""What the council is about to decide in the demonstration: a draft agreement, and one proposal of each other kind."""

from datetime import date
from decimal import Decimal

from sqlalchemy import select

from models import Element, LineItem, Organisation, Person, PortalUser, db
from rules.period import uk_date
from rules.states import PlanKind, Unit, VatCode
from rules.uplift import Uplift
from workflows.access import given_roles
from workflows.agreements import deductions, draft, uplifts
from workflows.agreements.draft_reading import typed_of
from workflows.payments import one_off, recoveries

BROKERAGE, PAYMENTS = "brokerage@council.example", "payments@council.example"
ADMIN, APPROVER = "admin@council.example", "approver@council.example"


def draft_agreement(organisation_id: int, start: date) -> None:
    """Draft an agreement of two lines that nobody has sent yet. Commits."""
    organisation = db.session.get_one(Organisation, organisation_id)
    person = Person(reference="P109911", name="Vera Shreeve")
    db.session.add(person)
    db.session.flush()
    elements = {row.name: row.id for row in db.session.execute(select(Element.name, Element.id))}
    lines = (
        _line("Personal care", Unit.HOUR, "19.68", mon="1.00", tue="1.00", wed="1.50", thu="1.00", fri="1.00"),
        _line("Sitting service", Unit.HOUR, "19.68", weekly_quantity="3.00"),
    )
    form = {
        "organisation": organisation.reference, "service": organisation.services[0].name, "person": person.reference,
        "reference": "ISO-20799", "start": uk_date(start), "payment_method": "ACTUALS", "vat_code": "EXEMPT",
        "terms": "", "seen": "",
    }  # fmt: skip
    for number, (name, line) in enumerate(lines, 1):
        typed = line | {"element": str(elements[name]), "reference": f"{48790 + number}"}
        form |= {f"line-{number}-{field}": text for field, text in typed.items()}
    draft.save(typed_of(form))


def _line(element: str, unit: Unit, rate: str, **plan: str) -> tuple[str, dict[str, str]]:
    kind = PlanKind.WEEKLY if "weekly_quantity" in plan else PlanKind.TIMETABLED
    return element, {"unit": unit.value, "plan_kind": kind.value, "rate": rate} | plan


def uplift_that_waits(start: date) -> None:
    """Propose the uplift of a financial year for one element; another officer has not confirmed it yet. Commits."""
    element = db.session.scalars(select(Element).where(Element.name == "Sitting service")).one()
    wanted = Uplift(start, percent=Decimal("3.20"), element_id=element.id)
    seen = uplifts.preview([wanted])
    uplifts.propose(wanted, _officer(BROKERAGE), "Uplift agreed by cabinet", seen.digest, element.name)


def payment_that_waits(organisation_id: int) -> None:
    """Propose a payment for one line; another officer has not confirmed it yet. Commits."""
    line = _first_line(organisation_id)
    reason = "Taxi for a carer on the night of the flood"
    payment = one_off.OneOff(organisation_id, line.id, None, Decimal("48.50"), VatCode.EXEMPT, reason)
    one_off.propose(payment, _officer(PAYMENTS))


def contribution_that_waits(home_id: int, start: date) -> None:
    """Propose what a person in a home pays after their reassessment; another officer has not confirmed it. Commits."""
    line = _first_line(home_id)
    more = line.contribution + Decimal("18.40")
    deductions.propose_deduction(line.id, start, more, line.top_up, _officer(BROKERAGE), "Financial reassessment")


def recovery_that_waits(home_id: int) -> None:
    """Propose to take back what was paid too much; another officer has not confirmed it yet. Commits."""
    reason = "Paid for three days after she had moved to her daughter"
    recoveries.propose_recovery(home_id, Decimal("320.73"), reason, _officer(PAYMENTS))


def limit_that_waits() -> None:
    """Propose a higher limit for who approves payment runs; another administrator has not confirmed it. Commits."""
    approver = _officer(APPROVER)
    given_roles.propose_roles(approver, [role.name for role in approver.roles], Decimal(500_000), _officer(ADMIN))
    db.session.commit()


def _first_line(organisation_id: int) -> LineItem:
    own = select(LineItem).where(LineItem.organisation_id == organisation_id)
    line: LineItem = db.session.scalars(own.order_by(LineItem.id).limit(1)).one()
    return line


def _officer(email: str) -> PortalUser:
    found: PortalUser = db.session.scalars(select(PortalUser).where(PortalUser.email == email)).one()
    return found
