"""How the demonstration is told: one step after the other, the same people and figures every time."""

from collections.abc import Callable
from datetime import date
from functools import partial
from random import Random
from typing import NamedTuple

from sqlalchemy import exists, select

from demonstration import about_themselves, council, go_live, imports, own_files, providers
from demonstration.agreements import care, changes, proposals
from demonstration.agreements.papers import Papers
from demonstration.council import Hashes
from demonstration.history import History
from demonstration.payments import accounts, runs, scheduled
from demonstration.payments.absences import Absences
from demonstration.payments.invoices import Invoices
from demonstration.talks import notices
from demonstration.talks.talk import Talk
from demonstration.talks.talk_desk import TalkAtDesks
from models import ContractDocument, Organisation, PaymentPeriod, db
from rules.period import DAY, WEEK, monday_of, period_dates, period_number
from rules.problem_codes import Code
from rules.refusal import Problem, Refused
from workflows import policy
from workflows.clock import today
from workflows.upkeep import periods

PERIODS_BEFORE = 4
# So many periods ago an invoice was disputed that is unpaid since, and one that still is.
SETTLED, DISPUTED = 3, 2
FULL = "There are organisations in this database: the demonstration is only loaded into an empty one."


class StoryStep(NamedTuple):
    """One part of loading, with a name for the progress bar."""

    name: str
    work: Callable[[], object]


def may_be_loaded() -> bool:
    """Say whether the database is empty enough for the demonstration: it holds no organisation."""
    return not db.session.scalar(select(exists().where(Organisation.id > 0)))


def is_loaded() -> bool:
    """Say whether this database holds the demonstration, so that pages carry its banner."""
    return bool(db.session.scalar(select(exists().where(Organisation.reference == providers.FENLAND.reference))))


def steps() -> list[StoryStep]:
    """Return the steps of loading, to be done in order in the council's scope. Raises Refused where there is data."""
    if not may_be_loaded():
        raise Refused(Problem(Code.NOT_EMPTY, FULL))
    return _Story(today()).steps()


class _Story:
    def __init__(self, now: date) -> None:
        self.today = now
        self.chance = Random("Norfolk 2017")
        weeks = policy.for_council("period_weeks")
        anchor = policy.for_council("period_anchor")
        self.current = period_number(now, anchor, weeks)
        # Home support began with the portal, so many periods ago.
        self.portal_start = period_dates(self.current - PERIODS_BEFORE, anchor, weeks)[0]
        self.commissioning = care.Commissioning(self.chance, self.portal_start, now)
        self.history = History(self.chance)
        self.absences = Absences(self.history)
        self.invoices = Invoices(self.history)
        self.settled = 0
        self.hashes: Hashes
        self.home_support: list[int] = []
        self.later = self.home = 0
        last, current = (periods.planned(number, now) for number in (self.current - 1, self.current))
        self.to_check = scheduled.period_to_check(last, current, now)

    def steps(self) -> list[StoryStep]:
        return [
            StoryStep("Officers and policy", self._council),
            StoryStep("Fenland Homecare Ltd", self._fenland),
            StoryStep("Broadland Care CIC", self._broadland),
            StoryStep("Wensum Support, Holt House, Yare Lodge", self._others),
            StoryStep("Accounts that providers are paid into", self._accounts),
            StoryStep("What providers told about themselves", lambda: about_themselves.tell(self.today)),
            StoryStep("Payment periods", lambda: periods.keep_periods(self.today)),
            *(
                StoryStep(f"Four weeks, {ago} periods ago", partial(self._paid, ago))
                for ago in range(PERIODS_BEFORE, 1, -1)
            ),
            StoryStep("The last four weeks", self._open),
            StoryStep("Files of a provider's own rota", self._files),
            StoryStep("A scheduled payment to check", self._check),
            StoryStep("Questions and answers of the last four weeks", self._talk),
            StoryStep("Agreements on paper", self._papers),
            StoryStep("What one officer proposed and another decides", self._propose),
            StoryStep("A draft agreement, proposals and imports that wait", self._begin),
            StoryStep("Payment runs that wait", lambda: runs.wait_for_officers(self.history, self.home_support)),
            StoryStep(
                "A payment of those four weeks that came back",
                lambda: runs.send_back(self.history, self.home_support[-1]),
            ),
            StoryStep("Residential homes on their way to the portal", lambda: go_live.tell(self.history)),
            StoryStep("A problem that is over, and e-mails", lambda: notices.tell(self.home_support[0])),
        ]

    def _accounts(self) -> None:
        paid = [db.session.get_one(Organisation, each) for each in (*self.home_support, self.home)]
        accounts.take_over(paid, self.portal_start)

    def _council(self) -> None:
        self.hashes = Hashes.make()
        council.add_officers(self.hashes)
        council.add_policy(self.portal_start, self.today)

    def _add(self, provider: providers.Provider) -> Organisation:
        return providers.add_provider(provider, self.hashes, self.chance, self.portal_start)

    def _fenland(self) -> None:
        fenland = self._add(providers.FENLAND)
        self.home_support.append(fenland.id)
        self.commissioning.commission(fenland, care.HOME_SUPPORT, 58, waiting=(3, 21, 40))
        # Some people have nights, or somebody to sit with them, beside their personal care.
        own = select(ContractDocument).where(ContractDocument.organisation_id == fenland.id)
        documents = db.session.scalars(own.order_by(ContractDocument.id)).all()
        for index, kind in ((0, care.SLEEP_IN), (2, care.SITTING), (6, care.SITTING), (8, care.SESSION)):
            self.commissioning.add_line(documents[index], kind)
        self.commissioning.publish(fenland)

    def _broadland(self) -> None:
        broadland = self._add(providers.BROADLAND)
        self.home_support.append(broadland.id)
        self.commissioning.commission(broadland, care.HOME_SUPPORT, 25, waiting=(9,))
        self.commissioning.publish(broadland)

    def _others(self) -> None:
        for provider, kinds, lines, waiting in (
            (providers.WENSUM, care.HOME_SUPPORT, 4, range(4)),
            (providers.HOLT_HOUSE, care.NURSING, 18, ()),
            (providers.YARE_LODGE, care.RESIDENTIAL, 8, range(8)),
        ):
            organisation = self._add(provider)
            self.commissioning.commission(organisation, kinds, lines, waiting=waiting)
            if provider is providers.HOLT_HOUSE:
                self.home = organisation.id
                scheduled.somebody_moves(organisation, self.to_check)
            self.commissioning.publish(organisation)
            self.later = organisation.id  # the last one, whose turn comes later

    def _period(self, ago: int) -> PaymentPeriod:
        number = self.current - ago
        found: PaymentPeriod = db.session.scalars(select(PaymentPeriod).where(PaymentPeriod.number == number)).one()
        return found

    def _paid(self, ago: int) -> None:
        """A period that is behind everybody: delivered, invoiced, paid."""
        past = self._period(ago)
        for organisation_id in self.home_support:
            if ago == PERIODS_BEFORE - 2:
                self.absences.in_hospital(organisation_id, past)
            self.history.deliver(organisation_id, past)
            if ago == SETTLED and organisation_id == self.home_support[0]:
                self.invoices.send_and_withdraw(organisation_id, past)
            self.history.invoice(organisation_id, past)
        if ago == SETTLED:
            times = "Please send the carers' times: the visits were ended on time before."
            self.settled = self.invoices.disputed(self.home_support[1], past, times)
        elif ago == DISPUTED:
            twice = "Twelve visits of this week are longer than their carers' next visit allows."
            self.invoices.disputed(self.home_support[0], past, twice)
        scheduled.pay(past, finalise=True)
        # The last run is released; that the bank has paid it somebody has yet to say.
        self.history.pay(past, settled=ago > 2)
        self.history.settle_mail()

    def _open(self) -> None:
        """The period that ended last: what there is to do when somebody signs in."""
        for number, organisation_id in enumerate(self.home_support):
            self.history.leave_open(organisation_id, self._period(1), over=number == 0)
            self.absences.in_every_state(organisation_id, self._period(1), many=number == 0)
        self.invoices.settle(self.settled, self.today - 3 * DAY)
        self.invoices.waiting(self.home_support[1], self._period(1), self.today)

    def _files(self) -> None:
        own_files.send(self.history, self.home_support[1], self._period(1))
        self.history.settle_mail()

    def _check(self) -> None:
        """The payment of the home that is paid without invoices: to check, with somebody in hospital."""
        last = self._period(1)
        if last.number != self.to_check.number:
            scheduled.pay(last, finalise=True)
        shown = self._period(self.current - self.to_check.number)
        scheduled.to_check(self.history, self.home, shown)
        self.history.settle_mail()

    def _talk(self) -> None:
        """What providers asked about, and what the council's teams answered."""
        talk = Talk(self.history)
        talk.over_level(self.home_support[0], self._period(1), self.today)
        talk.payments(self.home_support[1], self.today)
        talk.rejected(self.home_support[0], self.today)
        TalkAtDesks(self.history, self.today).in_each_state(*self.home_support[:2])
        broadland = db.session.get_one(Organisation, self.home_support[1])
        talk.missing(self.commissioning.draft_late(broadland, care.HOME_SUPPORT[0], self.today - 16 * DAY), self.today)
        self.history.settle_mail()

    def _papers(self) -> None:
        """What was agreed on paper while brokerage's system was down, and what became of it."""
        Papers(self.history, self.home_support[1], self.today).in_each_state()
        self.history.settle_mail()

    def _propose(self) -> None:
        """Changes of agreements that wait for a second officer, and some that were decided."""
        changes.change_agreements(self.home_support[0], self.today)
        yare = db.session.get_one(Organisation, self.later)
        self.commissioning.commission(yare, care.RESIDENTIAL, 1)
        db.session.commit()
        changes.publish_later(yare.id)
        changes.change_policy(self.today)
        self.history.settle_mail()

    def _begin(self) -> None:
        """What officers have begun and another has not confirmed yet."""
        monday = monday_of(self.today) + 2 * WEEK
        proposals.draft_agreement(self.home_support[1], monday)
        proposals.uplift_that_waits(monday)
        proposals.payment_that_waits(self.home_support[0])
        proposals.contribution_that_waits(self.home, monday)
        proposals.recovery_that_waits(self.home)
        proposals.limit_that_waits()
        imports.tell()
