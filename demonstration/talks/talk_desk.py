"""What the council's officers do with conversations in the demonstration: answer in time or late, note, move, close."""

from datetime import date, timedelta
from typing import Final

from sqlalchemy import select

from demonstration.history import History
from models import Conversation, PortalUser, Team, db, say_who
from rules.conversation_topics import Topic
from rules.period import DAY
from workflows.clock import story_at
from workflows.conversations.attach import AttachedFile
from workflows.conversations.desk import add_note, assign, move
from workflows.conversations.teams import officers_teams
from workflows.conversations.write import Typed, Writer, close, start

PAYMENTS: Final = "payments@council.example"
ROTA: Final = (
    "Day,Planned,Delivered,Why\nMonday,7:00,7:00,\nTuesday,7:00,6:15,Hospital visit\nWednesday,7:00,7:00,\n"
    "Thursday,7:00,7:00,\nFriday,7:00,5:30,Daughter was there\n"
)
OVERDUE: Final = timedelta(days=9)


class TalkAtDesks:
    """Tells of conversations that one officer has, that moved, that nobody answered, and that were closed."""

    def __init__(self, history: History, today: date) -> None:
        self.history, self.today = history, today

    def in_each_state(self, first: int, second: int) -> None:
        """Let two providers, by their ids, have one conversation of each kind."""
        self._answered_by_one(second)
        self._moved(first)
        self._overdue(first)
        self._closed(second)

    def _answered_by_one(self, organisation_id: int) -> None:
        typed = self._typed("Payments", Topic.ACTUALS, "Our rota for two short days", (
            "Two days of last week are shorter than planned. Our rota is attached. Is a reason enough, or do you need"
            " the visit notes as well?"
        ))  # fmt: skip
        asked = self._asked(organisation_id, self.today - DAY, typed, AttachedFile("rota last week.csv", ROTA.encode()))
        officer = self.history.officer(PAYMENTS)
        with story_at(self.today - DAY, hour=15):
            say_who(officer.id, "")
            assign(asked, officer.id, self._writer(officer))
            add_note(asked, "The rota agrees with the actuals. Visit notes are not needed.", self._writer(officer))
            say_who(None, "")

    def _moved(self, organisation_id: int) -> None:
        typed = self._typed("Payments", Topic.HOSPITAL, "", (
            "One of our people went to hospital on Saturday. May we keep the morning visits for when she comes back?"
        ))  # fmt: skip
        asked = self._asked(organisation_id, self.today - 2 * DAY, typed)
        officer = self.history.officer(PAYMENTS)
        with story_at(self.today - DAY):
            say_who(officer.id, "")
            note = "This is about the plan, not the payment. I rang them and said that you answer."
            move(asked, self._team("Service Brokerage"), note, self._writer(officer))
            say_who(None, "")

    def _overdue(self, organisation_id: int) -> None:
        typed = self._typed("Procurement", Topic.UPLIFT, "Uplift for next April", (
            "When will the rates from April be published? Our board sets wages in January."
        ))  # fmt: skip
        self._asked(organisation_id, self.today - OVERDUE, typed)

    def _closed(self, organisation_id: int) -> None:
        typed = self._typed("Billing", Topic.OVERPAYMENT, "", (
            "We think that one week was paid twice in the last run. Will it be taken from the next payment?"
        ))  # fmt: skip
        asked = self._asked(organisation_id, self.today - 4 * DAY, typed)
        officer = self.history.officer(PAYMENTS)
        with story_at(self.today - 3 * DAY):
            say_who(officer.id, "")
            seen = db.session.get_one(Conversation, asked).messages[-1].id
            reason = "It was paid once: the second line is a correction of the week before. The remittance says so."
            close(asked, reason, self._writer(officer), seen=seen)
            say_who(None, "")

    def _asked(self, organisation_id: int, day: date, typed: Typed, *files: AttachedFile) -> int:
        with self.history.provider(organisation_id, day) as user:
            return start(typed, user, organisation_id, files).id

    def _typed(self, team: str, topic: Topic, subject: str, message: str) -> Typed:
        return Typed(team=self._team(team), topic=topic.value, subject=subject, message=message)

    def _team(self, name: str) -> str:
        return str(db.session.scalars(select(Team.id).where(Team.name == name)).one())

    def _writer(self, officer: PortalUser) -> Writer:
        return Writer(officer, from_council=True, teams=officers_teams(officer))
