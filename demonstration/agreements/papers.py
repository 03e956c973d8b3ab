"""What was agreed on paper in the demonstration while brokerage's system was down: a paper ISO in each state."""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select, update

from demonstration.agreements import changes
from demonstration.history import History
from demonstration.talks.talk import BROKERAGE
from models import DAYS, JobRun, LineItem, PaperOrder, PortalUser, db, say_who
from rules.period import DAY, WEEK, monday_of
from rules.states import PlanKind, Unit
from workflows.clock import now, story_at
from workflows.paper_isos import answers, register
from workflows.paper_isos.migration import run_migration
from workflows.upkeep.queue import Task

BROKERAGE_LEAD = "brokerage.lead@council.example"
HALF_AN_HOUR = (Decimal("0.5"),) * 7
AN_HOUR_ON_WEEKDAYS = tuple(Decimal(units) for units in (1, 1, 1, 1, 1, 0, 0))


class Papers:
    """Registers paper ISOs of a provider, as one officer of Service Brokerage, and confirms them as another."""

    def __init__(self, history: History, organisation_id: int, today: date) -> None:
        self.organisation_id, self.today = organisation_id, today
        self.first, self.second = history.officer(BROKERAGE), history.officer(BROKERAGE_LEAD)
        self.issued = 406

    def in_each_state(self) -> None:
        """One that was there, a new one, three to review, one issued twice; and one of each officer to confirm."""
        newest, other = self._lines()
        with story_at(self.today - 2 * DAY):
            say_who(self.first.id, "")
            there = self._same_as(newest)
            self._register("P108412", "Hilda Cubitt")
            digits = self._same_as(other, start=self.today - 3 * WEEK, rate=_swapped(other.rates[0].rate))
            self._register("P108419", "Percy Rolfe", rate=None)
            twice = self._register("P108426", "Ivy Larter", rate=None)
            # Half-way between two lines, and far enough from the second that the first paper has one line alone.
            self._same_as(newest, start=newest.start + 4 * DAY, days=HALF_AN_HOUR)
            for each in (there, digits):
                self._scan(each)
            say_who(self.second.id, "")
            self._confirm()
        with story_at(self.today - DAY):
            changes.add_evenings(newest, newest.start + 8 * DAY)
            say_who(None, "")
            run_migration(Task.PAPER_ISOS, self.today - DAY)
            db.session.execute(
                update(JobRun).where(JobRun.job == Task.PAPER_ISOS).values(started_at=now())
            )  # not today
            say_who(self.first.id, "")
            answers.say_nothing(twice.id, "Issued twice: the first is PAP-0391, which was sent back.", self.first)
            self._register("P108433", "Arthur Pegg")
            self._register("P108440", "Daphne Moy", officer=self.second)
            db.session.commit()
        say_who(None, "")

    def _lines(self) -> tuple[LineItem, LineItem]:
        """The two newest lines of the provider that are planned by day, in hours, and go on."""
        statement = (
            select(LineItem)
            .where(LineItem.organisation_id == self.organisation_id, LineItem.plan_kind == PlanKind.TIMETABLED)
            .where(LineItem.unit == Unit.HOUR, LineItem.end.is_(None), LineItem.start <= self.today)
            .order_by(LineItem.start.desc(), LineItem.id)
        )
        newest, other = db.session.scalars(statement.limit(2))
        return newest, other

    def _same_as(self, line: LineItem, **otherwise: Any) -> PaperOrder:
        """A paper ISO of what a line is for."""
        values: dict[str, Any] = {
            "element_name": line.element.name, "rate": line.rates[0].rate, "start": line.start,
            "service_name": line.service.name, "days": line.plans[0].days,
        }  # fmt: skip
        return self._register(line.person.reference, line.person.name, **(values | otherwise))

    def _register(self, person: str, name: str, officer: PortalUser | None = None, **otherwise: Any) -> PaperOrder:
        self.issued += 1
        values: dict[str, Any] = {
            "element_name": "Personal care", "rate": Decimal("20.25"), "start": monday_of(self.today) + WEEK,
            "service_name": "Wroxham", "days": AN_HOUR_ON_WEEKDAYS,
        } | otherwise  # fmt: skip
        days = dict(zip(DAYS, values.pop("days"), strict=True))
        paper = PaperOrder(
            organisation_id=self.organisation_id, reference=f"PAP-{self.issued:04}", person_reference=person,
            person_name=name, unit=Unit.HOUR, plan_kind=PlanKind.TIMETABLED, issued_on=self.today - 9 * DAY,
            **days, **values,
        )  # fmt: skip
        register.note_registration(paper, officer or self.first)
        db.session.add(paper)
        db.session.flush()
        return paper

    def _scan(self, paper: PaperOrder) -> None:
        words = f"Paper ISO {paper}. Signed for the council and the provider. Demonstration: invented."
        register.attach_scan(paper.id, f"{paper}-signed.pdf", one_page(words), self.first)

    def _confirm(self) -> None:
        waiting = db.session.scalars(select(PaperOrder).where(PaperOrder.to_confirm()))
        register.confirm_papers({each.id: register.registration_of(each) for each in waiting}, self.second)


def _swapped(rate: Decimal) -> Decimal:
    """A rate with its last two digits of pence swapped, as somebody writes it down in a hurry: £19.68 is £19.86."""
    pounds, pence = f"{rate:.2f}".split(".")
    return Decimal(f"{pounds}.{pence[::-1]}")


def one_page(words: str) -> bytes:
    """Return a PDF of one page with one line of text in plain letters, in place of a scan."""
    text = f"BT /F1 12 Tf 60 780 Td ({words}) Tj ET".encode("ascii")
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
    )
    content, places = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    begin = b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
    return content + begin + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(content))
