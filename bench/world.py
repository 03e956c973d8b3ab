"""What is measured: one organisation of 25 rows and one of 200, with all that lists show of them."""

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from random import Random

from sqlalchemy import create_engine, select, text

from demonstration import council, providers
from demonstration.agreements import care
from demonstration.history import History
from demonstration.payments import accounts
from models import Contact, Invoice, Organisation, PaymentPeriod, PaymentRun, PortalUser, Remittance, acting_for, db
from rules.period import WEEK
from rules.states import InvoiceState, RunState
from workflows.actuals import save as actuals
from workflows.clock import LONDON, story_at
from workflows.upkeep.periods import keep_periods

START = date(2017, 10, 16)
TODAY = date(2018, 1, 15)
WEEK_SHOWN = START + 4 * WEEK
NOBODY = council.Hashes("!", "!", "!")  # nobody signs in by typing


@dataclass(frozen=True)
class Signed:
    """Who is signed in: the id of a user, for a provider with the contact they are."""

    id: int
    contact: Contact | None


class Steady(care.Commissioning):
    """Commissions lines that all go on, so that a week has exactly as many rows as there are lines."""

    def _dates(self, index: int) -> tuple[date, date | None]:
        return START - (5 + index % 40) * WEEK, None


class BenchWorld:
    """Fills an empty database, in the council's scope; `owner` is the address its owner uses."""

    def __init__(self, owner: str) -> None:
        self.owner = owner
        self.chance = Random(2017)
        self.commissioning = Steady(self.chance, START, START)
        self.history = History(self.chance)

    def council(self) -> Signed:
        """Add the officers; the administrator, who sees every list, is the one to measure with."""
        council.add_officers(NOBODY)
        keep_periods(START)
        return Signed(db.session.scalars(select(PortalUser.id).where(PortalUser.username.like("admin@%"))).one(), None)

    def organisation(self, rows: int) -> Signed:
        """Add an organisation with so many line items, weeks, invoices and remittances."""
        organisation = self._with_lines(rows)
        periods = db.session.scalars(select(PaymentPeriod).order_by(PaymentPeriod.number)).all()
        self.history.deliver(organisation.id, periods[0])
        self.history.invoice(organisation.id, periods[0])
        self.history.pay(periods[0])
        with story_at(WEEK_SHOWN + WEEK), acting_for(organisation.id):
            actuals.confirm_as_planned([WEEK_SHOWN], None)
        self._more_money(organisation, periods[0], rows - 1)
        return self._settled(organisation)

    def large_organisation(self, lines: int) -> Signed:
        """Add an organisation with so many line items, and what was delivered on them in the first period."""
        organisation = self._with_lines(lines)
        period = db.session.scalars(select(PaymentPeriod).order_by(PaymentPeriod.number)).first()
        if period:
            self.history.deliver(organisation.id, period)
        return self._settled(organisation)

    def _settled(self, organisation: Organisation) -> Signed:
        """Let the database count what came in, as it does by itself within a minute, and return who signs in."""
        manager = self._manager(organisation)
        engine = create_engine(self.owner, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text("ANALYZE"))
        engine.dispose()
        return manager

    def _with_lines(self, count: int) -> Organisation:
        provider = providers.FENLAND._replace(
            reference=f"ORG-{count}",
            name=f"Organisation of {count}",
            services=[(f"Branch {number}", "Holt", "NR25 6BW") for number in range(3)],
            contacts=[providers.InventedContact(f"manager@{count}.example", "Mary Lane", "Manager")],
        )
        organisation = providers.add_provider(provider, NOBODY, self.chance, START)
        self.commissioning.commission(organisation, care.HOME_SUPPORT, count, waiting=range(count // 5))
        self.commissioning.publish(organisation)
        accounts.take_over([organisation], START)
        return organisation

    def _manager(self, organisation: Organisation) -> Signed:
        contact = db.session.scalars(select(Contact).where(Contact.organisation_id == organisation.id)).one()
        return Signed(contact.user_id or 0, contact)

    def _more_money(self, organisation: Organisation, period: PaymentPeriod, count: int) -> None:
        """Add so many more invoices and remittances: empty ones, for lists show no more of them."""
        at = datetime.combine(TODAY, time(9), LONDON)
        first, second = db.session.scalars(select(PortalUser).order_by(PortalUser.id).limit(2))
        owner = organisation.id
        paid = dict.fromkeys(("net", "vat", "total"), Decimal(0))
        for _ in range(count):
            run = PaymentRun(pay_date=TODAY, prepared_by_id=first.id)
            db.session.add(Invoice(organisation_id=owner, period=period, state=InvoiceState.SUBMITTED, submitted_at=at))
            db.session.add(Remittance(organisation_id=owner, run=run, pay_date=TODAY, bank_reference="NCC", **paid))
            db.session.flush()
            run.state, run.approved_by_id, run.released_at = RunState.RELEASED, second.id, at
        db.session.commit()
