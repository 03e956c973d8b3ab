"""Ten thousand random histories of a line are owed the same by the rules and by a second, plain implementation.

A history saves, corrects, decides, changes rates, plans, dates, VAT and level, invoices differences, and rejects or
withdraws what was invoiced. What live invoices hold, with the next one, is what is owed at the end.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random

from rules.absence_claim import Tiers, days_of_claim, net_of, price_claim
from rules.actual import derive
from rules.correction import WeekDifference, difference_of
from rules.exception import ExceptionLevel, cap, is_over
from rules.money import round2, vat_of
from rules.plan import NO_DAYS, LinePlan, PlanVersion, SevenDays, active_days, plan_of_week
from rules.policy import AbsenceTier
from rules.price import RateVersion, Segment, price_week, rate_on
from rules.states import Decision, PlanKind, Unit, VatCode
from tests.support.second.pricing import Facts, Week

HISTORIES = 10_000
MONDAYS = [date(2017, 10, 16) + timedelta(weeks=index) for index in range(3)]
DAYS = [MONDAYS[0] + timedelta(days=index) for index in range(21)]
BEFORE_ALL = date(2017, 1, 2)
NOTHING = Decimal(0)
DECISIONS = {"as claimed": Decision.AS_CLAIMED, "up to": Decision.UP_TO, "refused": Decision.REFUSED}


@dataclass(frozen=True)
class Invoiced:
    """A line of a live invoice, by the number of its invoice."""

    invoice: int
    units: Decimal
    rate: Decimal
    net: Decimal
    vat: Decimal
    vat_code: VatCode
    takes_back: "Invoiced | None" = None


class History:
    """One line, kept twice: as the rules have it, and as the second implementation writes it down day by day."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        weekly = chance.random() < 0.4
        start = chance.choice([BEFORE_ALL, BEFORE_ALL, DAYS[chance.randrange(7)]])
        end = chance.choice([None, None, DAYS[chance.randrange(14, 21)]])
        first = Fraction(0)
        self.facts = Facts(weekly, start, end, dict.fromkeys(DAYS, first), dict.fromkeys(DAYS, first))
        self.plans: dict[date, list[Decimal]] = {}
        self.rates: dict[date, Decimal] = {}
        self.weeks: dict[date, Week] = {}
        self.lines: dict[date, list[Invoiced]] = {monday: [] for monday in MONDAYS}
        self.invoices = 0
        self.plan(BEFORE_ALL)
        self.rate(BEFORE_ALL)

    def quarter(self, most: int) -> Fraction:
        return Fraction(self.chance.randrange(most * 4 + 1), 4)

    def plan(self, since: date) -> None:
        """Another plan from a day on, until the next that is known: what was decided against the old one is void."""
        units = [self.quarter(12)] if self.facts.weekly else [self.quarter(3) for _ in range(7)]
        self.plans[since] = [decimal(each) for each in units]
        later = min((day for day in self.plans if day > since), default=date.max)
        for day in self.facts.plan:
            if since <= day < later:
                self.facts.plan[day] = units[0] if self.facts.weekly else units[day.weekday()]
        for week in self.weeks.values():
            week.decision = ""

    def rate(self, since: date) -> None:
        """Another rate from a day on, until the next that is known."""
        pounds = Fraction(self.chance.randrange(100_000, 300_000), 10_000)
        self.rates[since] = decimal(pounds)
        later = min((day for day in self.rates if day > since), default=date.max)
        for day in self.facts.rate:
            if since <= day < later:
                self.facts.rate[day] = pounds

    def save(self, monday: date) -> None:
        """Type a week, or correct it: what was decided about it is void."""
        active = self.facts.active(monday)
        if not active:
            return
        if self.facts.weekly:
            self.weeks[monday] = Week([self.quarter(14)])
            return
        days = [monday + timedelta(days=index) for index in range(7)]
        self.weeks[monday] = Week([self.quarter(3) if day in active else Fraction(0) for day in days])
        if self.chance.random() < 0.3:
            payable = Fraction(self.chance.randrange(51), 100)
            self.weeks[monday].aborted[self.chance.choice(active)] = Fraction(1), payable

    def decide(self, monday: date) -> None:
        """Decide about a week that is held."""
        week = self.weeks.get(monday)
        if week is None or self.facts.payable(monday, week) is not None:
            return
        planned, claimed = self.facts.planned(monday), self.facts.claimed(week)
        week.decision = self.chance.choice(list(DECISIONS))
        week.up_to = planned + Fraction(self.chance.randrange(int((claimed - planned) * 100)), 100)

    def line_plan(self) -> LinePlan:
        facts = self.facts
        versions = tuple(
            PlanVersion(since, NO_DAYS if facts.weekly else seven(units), units[0] if facts.weekly else NOTHING)
            for since, units in sorted(self.plans.items())
        )
        kind = PlanKind.WEEKLY if facts.weekly else PlanKind.TIMETABLED
        return LinePlan(kind, Unit.HOUR, versions, facts.start, facts.end)

    def rate_versions(self) -> list[RateVersion]:
        starts = sorted(self.rates)
        ends = [*(day - timedelta(days=1) for day in starts[1:]), None]
        return [RateVersion(self.rates[start], start, end) for start, end in zip(starts, ends, strict=True)]

    def priced(self, monday: date) -> list[Segment] | None:
        """The segments of a week as the rules price it; None while it is held."""
        plan, week = self.line_plan(), self.weeks[monday]
        delivered = [decimal(each) for each in week.delivered]
        aborted = {day: decimal(payable) for day, (_, payable) in week.aborted.items()}
        derived = derive(
            plan_of_week(plan, monday), sum(delivered, NOTHING),
            decimal(sum((units for units, _ in week.aborted.values()), Fraction(0))), sum(aborted.values(), NOTHING),
        )  # fmt: skip
        payable = derived.payable
        level = ExceptionLevel(decimal(self.facts.percent), decimal(self.facts.least), self.facts.extras)
        if is_over(derived.planned, payable, level):
            if not week.decision:
                return None
            payable = cap(derived.planned, payable, DECISIONS[week.decision], decimal(week.up_to))
        days = NO_DAYS if self.facts.weekly else seven(delivered)
        segments = price_week(plan, monday, payable, days, self.rate_versions(), aborted)
        first = active_days(plan, monday)[0]
        return segments or [Segment(rate_on(self.rate_versions(), first).rate, NOTHING, NOTHING, (first,))]

    def standing(self, monday: date) -> list[Invoiced]:
        lines = self.lines[monday]
        taken = [each.takes_back for each in lines if each.takes_back]
        return [
            each for each in lines
            if not any(each is other for other in taken) and not any(each.takes_back is other for other in lines)
        ]  # fmt: skip

    def invoice(self) -> None:
        """Send what is new and what differs."""
        self.invoices += 1
        for monday in self.weeks:
            segments = self.priced(monday)
            if segments is None:
                continue
            code, standing = VatCode(self.facts.vat), self.standing(monday)
            found = difference_of(segments, code, standing) if standing else WeekDifference((), segments)
            self.lines[monday] += [
                Invoiced(self.invoices, -old.units, old.rate, -old.net, -old.vat, old.vat_code, old)
                for old in found.taken_back
            ]
            self.lines[monday] += [
                Invoiced(self.invoices, each.units, each.rate, each.amount, vat_of(each.amount, code), code)
                for each in found.segments
            ]

    def reject(self) -> None:
        """An invoice is rejected, or withdrawn: its lines count no more."""
        if self.invoices:
            which = self.chance.randrange(self.invoices) + 1
            for monday, lines in self.lines.items():
                self.lines[monday] = [each for each in lines if each.invoice != which]

    def step(self) -> None:
        chance, monday, day = self.chance, self.chance.choice(MONDAYS), self.chance.choice(DAYS)
        match chance.randrange(12):
            case 0 | 1 | 2 | 3:
                self.save(monday)
            case 4 | 5:
                self.decide(monday)
            case 6:
                self.rate(day)
            case 7:
                self.plan(day)
            case 8:
                self.facts.vat = chance.choice(list(VatCode)).value
            case 9:
                self.reject()
            case _:
                self.invoice()


def decimal(number: Fraction) -> Decimal:
    return Decimal(number.numerator) / Decimal(number.denominator)


def seven(units: list[Decimal]) -> SevenDays:
    mon, tue, wed, thu, fri, sat, sun = units
    return mon, tue, wed, thu, fri, sat, sun


def test_ten_thousand_histories_are_owed_the_same_by_a_second_implementation() -> None:
    chance = Random(20171016)
    weeks = corrected = held = 0
    for _ in range(HISTORIES):
        history = History(chance)
        for _ in range(chance.randrange(4, 14)):
            history.step()
        history.invoice()
        for monday, week in history.weeks.items():
            lines = history.lines[monday]
            assert history.facts.planned(monday) == Fraction(plan_of_week(history.line_plan(), monday))
            assert all(each.net == round2(each.units * each.rate) for each in lines)
            weeks, corrected = weeks + 1, corrected + any(each.takes_back for each in lines)
            if history.facts.payable(monday, week) is None:
                held += 1
                continue
            net, vat = sum((each.net for each in lines), NOTHING), sum((each.vat for each in lines), NOTHING)
            assert (Fraction(net), Fraction(vat)) == history.facts.owed(monday, week)
    assert weeks > HISTORIES
    assert corrected > 1_000
    assert held > 300


def test_a_thousand_absences_come_to_the_same_pounds() -> None:
    chance = Random(20171102)
    for _ in range(1_000):
        history = History(chance)
        for _ in range(chance.randrange(3)):
            chance.choice([history.rate, history.plan])(chance.choice(DAYS))
        first = chance.randrange(20)
        days = DAYS[first], DAYS[chance.randrange(first, 21)]
        tiers = chance.choice([[(1, 100), (8, 0)], [(1, 100), (4, 50), (10, 25)], [(1, 80)]])
        known = Tiers([AbsenceTier(since, Decimal(percent)) for since, percent in tiers], "AB-1")

        def tiers_on(_day: date, known: Tiers = known) -> Tiers:
            return known

        claim = days_of_claim(history.line_plan(), history.rate_versions(), days, tiers_on)
        assert Fraction(net_of(price_claim(claim))) == history.facts.absence(*days, tiers)
