"""After any history of a scheduled line, all that was paid is the price of what is true at the end."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from models import AbsenceReport, Hold, LineItem, PaymentPeriod, ScheduledPayment, ScheduledPaymentLine, db
from rules.absence_claim import Tiers
from rules.money import NOTHING
from rules.period import weeks_of
from rules.policy import AbsenceTier
from rules.scheduled import Away, ScheduledLine, price_scheduled_week
from rules.states import ScheduledState
from tests.support.worlds.scheduled import CareHome
from tests.support.worlds.world import START, World
from workflows.payments.money_checks import check_money
from workflows.scheduled.prepare import finalise, preview

PERIODS = 4
DAYS = st.integers(0, 28 * PERIODS - 1)
TIERS = Tiers((AbsenceTier(1, Decimal(100)), AbsenceTier(8, Decimal(0))), "AB-1")

# What happens before each period is finalised.
EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("rate"), DAYS),
        st.tuples(st.just("end"), DAYS),
        st.tuples(st.just("goes on"), DAYS),
        st.tuples(st.just("away"), DAYS),
        st.tuples(st.just("back"), DAYS),
        st.tuples(st.just("hold"), DAYS),
        st.tuples(st.just("release"), DAYS),
    ),
    max_size=3,
)


class _Story:
    """One line of a home of its own, and what happens to it."""

    def __init__(self, world: World) -> None:
        self.home = CareHome.of(world, world.organisation("Holt House"))
        self.line = self.home.line(contribution=Decimal("139.75"), top_up=Decimal("25.05"))

    def happens(self, what: str, day: date) -> None:
        if what == "rate" and all(rate.start < day for rate in self.line.rates):
            self.home.change_rate(self.line, f"{700 + day.day}.{day.month:02}", day)
        elif what in ("end", "goes on"):
            World.confirmed()
            self.line.end = day if what == "end" else None
        elif what == "away" and not self._reports(AbsenceReport.last_day.is_(None) | (AbsenceReport.last_day >= day)):
            self.home.away(self.line, day)
        elif what == "back":
            for report in self._reports(AbsenceReport.last_day.is_(None), AbsenceReport.first_day <= day):
                report.last_day = day
        elif what == "hold":
            self.home.hold(self.line)
        elif what == "release":
            self.release()
        db.session.commit()

    def release(self) -> None:
        own = Hold.organisation_id == self.home.organisation.id
        db.session.execute(update(Hold).where(own, Hold.end.is_(None)).values(end=START))
        db.session.commit()

    def pay(self, period: PaymentPeriod) -> None:
        """Preview a period and finalise it: it is what was previewed."""
        organisation_id = self.home.organisation.id
        preview(organisation_id, period)
        own = select(ScheduledPayment.gross).where(
            ScheduledPayment.organisation_id == organisation_id, ScheduledPayment.period_id == period.id
        )
        previewed = db.session.scalar(own)
        finalise(organisation_id, period)
        assert db.session.scalar(own) == previewed

    def paid(self) -> Decimal:
        own = ScheduledPayment.organisation_id == self.home.organisation.id
        finalised = ScheduledPayment.state == ScheduledState.FINALISED
        return db.session.scalar(select(func.sum(ScheduledPayment.gross)).where(own, finalised)) or NOTHING

    def true(self, until: date) -> Decimal:
        line = db.session.get_one(LineItem, self.line.id, populate_existing=True)
        away = [
            Away(each.first_day, each.last_day, each.id)
            for each in sorted(self._reports(), key=lambda report: report.first_day)
        ]
        truth = ScheduledLine(line.plan, line.rate_versions, line.deducted, away)
        weeks = weeks_of(START, until)
        return sum((each.net for week in weeks for each in price_scheduled_week(truth, week, lambda _: TIERS)), NOTHING)

    def _reports(self, *which: object) -> list[AbsenceReport]:
        own = select(AbsenceReport).where(AbsenceReport.line_item_id == self.line.id, *which)  # type: ignore[arg-type]
        return list(db.session.scalars(own))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(EVENTS, min_size=PERIODS, max_size=PERIODS))
def test_all_that_was_paid_is_the_price_of_what_is_true_at_the_end(
    world: World, history: list[list[tuple[str, int]]]
) -> None:
    db.session.rollback()
    periods = _periods(world)
    story = _Story(world)
    for events, period in zip(history, periods, strict=False):
        for what, offset in events:
            story.happens(what, START + timedelta(days=offset))
        story.pay(period)
    story.release()
    story.pay(periods[-1])
    assert story.paid() == story.true(periods[-1].end)
    taken_back = select(func.count(ScheduledPaymentLine.id)).group_by(ScheduledPaymentLine.adjusts_id)
    of_minus = taken_back.where(ScheduledPaymentLine.takes_back, ScheduledPaymentLine.kept_back == "")
    assert set(db.session.scalars(of_minus)) <= {1}
    assert check_money() == []


def _periods(world: World) -> list[PaymentPeriod]:
    there = list(db.session.scalars(select(PaymentPeriod).order_by(PaymentPeriod.number)))
    return there or [world.period(number) for number in range(PERIODS + 1)]
