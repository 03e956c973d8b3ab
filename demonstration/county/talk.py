"""What organisations of the county asked, and what the council's teams answered."""

from datetime import datetime
from typing import NamedTuple

from demonstration.county import talk_sql
from demonstration.county.owner import Owner
from demonstration.county.weeks import Span
from demonstration.talks.talk import ASKED
from rules.states import ActualState

QUESTION = "When will this invoice be paid? Our accountant asks."
ANSWER = "It is paid with the payment run of its period; the remittance advice names every week."


class Teams(NamedTuple):
    """The ids of the two teams that are written to, and of the officers who answer for them."""

    brokerage: int
    payments: int
    brokerage_officer: int
    payments_officer: int


def talk(owner: Owner, span: Span, teams: Teams, seed: int, latest: datetime) -> None:
    """Let organisations ask about the weeks and invoices of a period that were made last, none after `latest`."""
    past = span.settled is ActualState.PAID
    with owner.at_once():
        first = owner.next_id("conversation")
        owner.run(talk_sql.ABOUT_WEEKS, team=teams.brokerage, past=past, latest=latest)
        owner.run(
            talk_sql.ABOUT_INVOICES, team=teams.payments, past=past, latest=latest, seed=seed, period=span.id,
            number=span.number,
        )  # fmt: skip
        for statement in talk_sql.MESSAGES:
            owner.run(
                statement, first=first, latest=latest, question=QUESTION, answer=ANSWER,
                asked_back=ASKED[-1].asked_back, brokerage=teams.brokerage_officer, payments=teams.payments_officer,
            )  # fmt: skip
