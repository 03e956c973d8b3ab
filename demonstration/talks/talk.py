"""What was asked and answered in the demonstration: weeks over the exception level, and conversations with teams."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from sqlalchemy import select

from demonstration.agreements.publication import publish
from demonstration.council import PASSWORD
from demonstration.history import QUARTER, History, entry_of
from models import (
    Actual,
    Contact,
    ContractDocument,
    ExceptionCheck,
    LineItem,
    PaymentPeriod,
    PortalUser,
    Team,
    db,
    say_who,
)
from rules.conversation_topics import Topic
from rules.missing_package import MissingEntry
from rules.period import DAY, WEEK, weeks_of
from rules.states import Decision
from workflows.actuals import save as actuals
from workflows.clock import story_at
from workflows.contracts import documents
from workflows.contracts.missing_package import report, tell_found
from workflows.conversations.teams import officers_teams
from workflows.conversations.write import Typed, Writer, reply, start
from workflows.exceptions.ask import ask
from workflows.exceptions.decide import Chosen, decide
from workflows.weeks.entry import Entry

BROKERAGE, PAYMENTS = "brokerage@council.example", "payments@council.example"


@dataclass(frozen=True)
class Told:
    """A week over its level: the provider's comment and question, what was decided and why, or what was asked back."""

    comment: str
    question: str
    decision: Decision | None = None
    reason: str = ""
    asked_back: str = ""


ASKED = (
    Told(
        "Back from hospital, two carers needed to move her",
        "She came back from hospital and could not be moved by one carer. The ward's letter says until Sunday.",
        Decision.AS_CLAIMED,
        "The ward's letter asks for two carers in this week.",
    ),
    Told(
        "Stayed longer in the evenings",
        "The daughter was away and nobody else could give her supper.",
        Decision.UP_TO,
        "Half of it was agreed with the daughter by telephone. Please ask us before the next time.",
    ),
    Told(
        "Extra visits asked for by a neighbour",
        "A neighbour rang us on three nights and we went.",
        Decision.REFUSED,
        "The night service covers these calls, on 01632 960555. Please pass them on.",
    ),
    Told(
        "Needed help after a fall",
        "She fell on Friday and the district nurse asked us to stay with her.",
        asked_back="Which day did the nurse visit, and does she still need the longer visits?",
    ),
)
WAITING = Told("", "A second carer was needed after his fall. The review is next week: may we go on until then?")


class Talk:
    """Tells what providers asked in the period that ended last, and what the council's teams answered."""

    def __init__(self, history: History) -> None:
        self.history = history

    def over_level(self, organisation_id: int, period: PaymentPeriod, today: date) -> None:
        """Let weeks of a provider go over the level: three decided, one asked back, one waiting, one not asked yet."""
        first, second, *_ = weeks_of(period.start, period.end)
        with self.history.provider(organisation_id, first + WEEK + DAY) as user:
            lines = self.history.whole_weeks(first)[: len(ASKED)]
            entries = [_longer(line, told.comment) for line, told in zip(lines, ASKED, strict=True)]
            actuals.save_week(first, entries, user, confirm=True)
            weeks = [_id_of(line, first) for line in lines]
        with self.history.provider(organisation_id, first + WEEK + 2 * DAY) as user:
            asked = [ask(week, told.question, user).id for week, told in zip(weeks, ASKED, strict=True)]
        officer = self.history.officer(BROKERAGE)
        with story_at(first + WEEK + 3 * DAY):
            say_who(officer.id, "")
            for week, conversation, told in zip(weeks, asked, ASKED, strict=True):
                self._answer(week, conversation, told, officer)
            say_who(None, "")
        with self.history.provider(organisation_id, today - DAY) as user:
            line = self.history.whole_weeks(second)[1]
            actuals.save_week(second, [_longer(line, "A second carer after his fall")], user, confirm=True)
            ask(_id_of(line, second), WAITING.question, user)

    def payments(self, organisation_id: int, today: date) -> None:
        """Let a provider write to Payments about an invoice that was paid, and be answered and write again."""
        with self.history.provider(organisation_id, today - 6 * DAY) as user:
            team = db.session.scalars(select(Team).where(Team.name == "Payments")).one()
            subject, body = "A remittance with two payments", "Why are there two payments on our last remittance?"
            typed = Typed(str(team.id), Topic.REMITTANCE.value, subject, "", body)
            found = start(typed, user, organisation_id).id
        officer = self.history.officer(PAYMENTS)
        with story_at(today - 5 * DAY):
            say_who(officer.id, "")
            text = "One is for a week that was confirmed late. Choose a line of the remittance to see why it is paid."
            reply(found, text, Writer(officer, from_council=True, teams=officers_teams(officer)))
        with self.history.provider(organisation_id, today - DAY) as user:
            reply(found, "Thank you. Can we have a copy for our accountant?", Writer(user))

    def rejected(self, organisation_id: int, today: date) -> None:
        """Let a provider reject the last document that waits for it: Service Brokerage has to answer."""
        with self.history.provider(organisation_id, today - 2 * DAY) as user:
            waiting = documents.documents_waiting()[-1]
            contact = db.session.scalars(select(Contact).where(Contact.user_id == user.id)).one()
            why = "We agreed forty-five minutes in the mornings, and half an hour stands here. Please look again."
            documents.reject(waiting.id, contact, user, PASSWORD, why)

    def missing(self, document: ContractDocument, today: date) -> None:
        """Let the provider of a draft miss its care package and be told when it is published, and miss another one."""
        organisation_id, line = document.organisation_id, document.line_items[0]
        found = MissingEntry(
            person_reference=document.person.reference, person_name="", born_on=None, service=document.service.name,
            element=line.element.name, start=line.start, plan="An hour each morning, every day", comment="",
            agreed_with="Hospital discharge team", agreed_on=line.start - DAY, paper_reference="",
        )  # fmt: skip
        ids = (document.id, document.service_id, line.element_id)
        with self.history.provider(organisation_id, line.start + WEEK) as user:
            report(found, ids[1], ids[2], user)
        with story_at(today - DAY):
            publish(organisation_id)
            tell_found(db.session.get_one(ContractDocument, ids[0]))
            db.session.commit()
        sought = replace(
            found, person_reference="", person_name="Doris Thirtle", born_on=date(1938, 2, 11), element="",
            plan="A sleep-in on Fridays and Saturdays", comment="Her son says that the social worker has agreed to it.",
            agreed_with="Her social worker", start=today - 3 * DAY, agreed_on=today - 5 * DAY,
        )  # fmt: skip
        with self.history.provider(organisation_id, today - DAY) as user:
            report(sought, ids[1], None, user)

    def _answer(self, week: int, conversation: int, told: Told, officer: PortalUser) -> None:
        if told.decision is None:
            reply(conversation, told.asked_back, Writer(officer, from_council=True, teams=officers_teams(officer)))
            return
        found = db.session.get_one(Actual, week)
        check = db.session.scalars(select(ExceptionCheck).where(ExceptionCheck.actual_id == week)).one()
        halfway = (check.planned + check.claimed) / 2 // QUARTER * QUARTER
        decide([Chosen(week, found.version, f"{halfway:.2f}")], told.decision, told.reason, officer)


def _longer(line: LineItem, comment: str) -> Entry:
    above = max(Decimal(2), sum(line.plans[0].days, Decimal(0)) / 5 // QUARTER * QUARTER)
    return entry_of(line, 4, above, "EXTRA", comment)


def _id_of(line: LineItem, week: date) -> int:
    statement = select(Actual.id).where(Actual.line_item_id == line.id, Actual.week_starting == week)
    found: int = db.session.scalars(statement).one()
    return found
