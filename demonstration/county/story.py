"""How the county is told: what is set up first, then one period after the other, each in a few statements."""

from datetime import date, datetime, time
from functools import partial
from random import Random

from sqlalchemy import select, update

from demonstration import council, providers
from demonstration.council import Hashes
from demonstration.county import claims, lines, organisations, talk, weeks
from demonstration.county.desk import invitations, papers
from demonstration.county.desk.change_requests import Requests
from demonstration.county.owner import Owner
from demonstration.county.paid import invoices, scheduled
from demonstration.county.scale import County
from demonstration.history import History
from demonstration.payments import accounts
from demonstration.story import FULL, StoryStep, may_be_loaded
from models import Organisation, PaymentPeriod, Rollout, db
from rules.period import WEEK, period_dates, period_number, uk_date
from rules.problem_codes import Code
from rules.refusal import Problem, Refused
from rules.states import ActualState
from workflows import policy
from workflows.clock import LONDON, today
from workflows.scheduled.prepare import prepare_due
from workflows.upkeep import periods

# Those of the small demonstration, so that everybody in its table signs in to a county as well.
KNOWN = (providers.FENLAND, providers.BROADLAND, providers.WENSUM, providers.HOLT_HOUSE, providers.YARE_LODGE)
ANALYZED_AFTER = (0, 2, 8)  # periods: later ones are as these


def steps(owner: Owner, county: County) -> list[StoryStep]:
    """Return the steps of loading a county, to be done in order in the council's scope, with a connection of the owner.

    Raises Refused where there are organisations.
    """
    if not may_be_loaded():
        raise Refused(Problem(Code.NOT_EMPTY, FULL))
    return _CountyStory(owner, county, today()).steps()


class _CountyStory:
    def __init__(self, owner: Owner, county: County, now: date) -> None:
        self.owner, self.county, self.today = owner, county, now
        self.chance = Random(county.seed)
        self.history = History(self.chance)
        self.length, anchor = policy.for_council("period_weeks"), policy.for_council("period_anchor")
        self.current = period_number(now, anchor, self.length)
        self.portal_start = period_dates(self.current - county.periods, anchor, self.length)[0]
        self.last_day = period_dates(self.current - 1, anchor, self.length)[1]
        self.hashes: Hashes
        self.lines: list[lines.CountyLine] = []
        self.teams: talk.Teams
        self.contacts: dict[int, int] = {}  # who claims, by organisation

    def steps(self) -> list[StoryStep]:
        before = range(self.county.periods, 0, -1)
        ends = [uk_date(self.last_day - (ago - 1) * (self.length * WEEK)) for ago in before]
        return [
            StoryStep("Officers and policy", self._council),
            StoryStep(f"{self.county.organisations:,} organisations", self._organisations),
            StoryStep(f"{self.county.lines:,} line items", self._lines),
            StoryStep("What weeks are like", self._look_ups),
            *(StoryStep(f"Period to {end}", partial(self._period, ago)) for ago, end in zip(before, ends, strict=True)),
            StoryStep("Scheduled payments to check", self._scheduled),
            StoryStep("What is on the officers’ desks", self._desk),
            StoryStep("Statistics", self._vacuum),
        ]

    def _council(self) -> None:
        self.hashes = Hashes.make()
        council.add_officers(self.hashes)
        council.add_policy(self.portal_start, self.today)
        # In a county every sector has had its turn.
        db.session.execute(update(Rollout).values(opens_on=self.portal_start))
        db.session.commit()

    def _organisations(self) -> None:
        for known in KNOWN:
            providers.add_provider(known, self.hashes, self.chance, self.portal_start)
        organisations.add_organisations(self.owner, self.county, self.chance, self.hashes, self.portal_start)

    def _lines(self) -> None:
        with_care = organisations.providers(self.owner)
        self.lines = lines.add_lines(self.owner, self.county, self.chance, with_care, self.portal_start, self.last_day)
        periods.keep_periods(self.today)
        paid = db.session.scalars(select(Organisation).order_by(Organisation.id))
        accounts.take_over(list(paid), self.portal_start)

    def _look_ups(self) -> None:
        sectors = dict(self.owner.ask("SELECT name, id FROM sector"))
        weeks.prepare(self.owner, self.lines, sectors, self.portal_start, self.today)
        team, officer = dict(self.owner.ask("SELECT name, id FROM team")), self.history.officer
        self.teams = talk.Teams(
            team["Service Brokerage"],
            team["Payments"],
            officer("brokerage@council.example").id,
            officer("payments@council.example").id,
        )
        scheduled.prepare(self.owner)
        self.contacts = dict(self.owner.ask("SELECT organisation_id, pays FROM county_provider"))

    def _period(self, ago: int) -> None:
        """Tell a period: paid, on invoices that wait (two periods ago), or not invoiced yet (the last)."""
        period, teams = self._found(ago), self.teams
        settled = {1: None, 2: ActualState.INVOICED}.get(ago, ActualState.PAID)
        span = weeks.Span(period.id, period.number, period.start, period.end, settled)
        away = claims.absences(self.owner, self.chance, self.lines, span, self.county.claims)
        weeks.deliver(self.owner, span, self.county.seed, teams.brokerage_officer, self.today)
        claims.claim(self.owner, span, away, self.contacts, teams.payments_officer)
        if settled:
            invoices.invoice(self.owner, span)
            scheduled.pay(self.owner, period)
        talk.talk(self.owner, span, teams, self.county.seed, datetime.combine(self.today, time(0), LONDON))
        if self.county.periods - ago in ANALYZED_AFTER:
            self.owner.run("ANALYZE")
        if settled is ActualState.PAID:
            self.history.pay(period)
            self.history.settle_mail()  # now, for a worker may be running

    def _scheduled(self) -> None:
        prepare_due(self.today)
        self.history.settle_mail()

    def _desk(self) -> None:
        invitations.invite(self.owner, self.history, self.portal_start, self.today)
        papers.register(self.owner, self.history, self.county.papers, self.today)
        Requests(self.history, self.chance, self.contacts, self.today).ask(self.county.requests)
        self.history.settle_mail()

    def _found(self, ago: int) -> PaymentPeriod:
        statement = select(PaymentPeriod).where(PaymentPeriod.number == self.current - ago)
        found: PaymentPeriod = db.session.scalars(statement).one()
        return found

    def _vacuum(self) -> None:
        db.session.commit()
        self.owner.run("VACUUM ANALYZE")
