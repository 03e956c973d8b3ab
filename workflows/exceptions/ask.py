"""Asking Service Brokerage about a week over the exception level: once, with its line and figures (rules.md 5)."""

from typing import Final

from sqlalchemy import select

from models import Actual, Conversation, PortalUser, db
from rules.conversation_topics import Topic
from rules.period import uk_date
from rules.plan import unit_words
from rules.problem_codes import Code
from rules.refusal import Problem, Refused, Unknown
from rules.states import ConversationState
from workflows.conversations import thread as conversation
from workflows.conversations.notify import tell_team
from workflows.exceptions.queue import FIGURES_THEN, TEAM, ExceptionWeek, week_over_level

FIELD: Final = "why"
NO_WHY: Final = Problem(Code.REASON_NEEDED, "Say why more was needed.", field=FIELD)


class Asked(Refused):
    """It is Service Brokerage's turn already: `conversation_id` is where they were asked."""

    def __init__(self, found: Conversation) -> None:
        by = f"They answer by {uk_date(found.target_on)}." if found.target_on else ""
        super().__init__(Problem(Code.ASKED_ALREADY, "Service Brokerage has been asked about this week already.", by))
        self.conversation_id = found.id


def week_to_ask_about(actual_id: int) -> ExceptionWeek:
    """Return a held week of the organisation in scope that Service Brokerage can be asked about.

    Raises Unknown where there is no such week, Asked where they were asked, Refused where it is not held (any more).
    """
    found = week_over_level(actual_id)
    if found is None:
        if db.session.scalar(select(Actual.id).where(Actual.id == actual_id)) is None:
            raise Unknown
        not_held = "This week is not over the exception level, so there is nothing to ask about."
        raise Refused(Problem(Code.NOT_HELD, not_held))
    if found.check.decision_id is not None:
        decided = "Service Brokerage has decided about this week."
        raise Refused(Problem(Code.DECIDED_ALREADY, decided, "Its answer is below."))
    if found.conversation and found.conversation.state is ConversationState.WAITING_FOR_COUNCIL:
        raise Asked(found.conversation)
    return found


def ask(actual_id: int, why: str, user: PortalUser) -> Conversation:
    """Ask Service Brokerage about a held week, in the open conversation about it where there is one. Commits.

    `why` is what the provider wrote; line, week, figures and the reason in the week go with it. Raises as
    `week_to_ask_about`, and Refused at the field `why`.
    """
    # Two colleagues who ask at the same moment ask one after the other.
    db.session.execute(select(Actual.id).where(Actual.id == actual_id).with_for_update())
    try:
        found = week_to_ask_about(actual_id)
        figures = FIGURES_THEN + _figures(found)
        if problem := conversation.why_no_message(why, NO_WHY, beside=len(figures)):
            raise Refused(problem)
    except (Refused, Unknown):
        db.session.rollback()
        raise
    body = why.strip() + figures
    if found.conversation:
        asked = found.conversation
        conversation.post(asked, body, user, from_council=False)
    else:
        subject = f"Over exception level: line {found.line.reference}, week of {uk_date(found.actual.week_starting)}"
        asked = conversation.open_conversation(TEAM, subject, body, user, actual=found.actual, topic=Topic.OVER_LEVEL)
    tell_team(asked)
    db.session.commit()
    return asked


def _figures(found: ExceptionWeek) -> str:
    check, line = found.check, found.line
    allowed = f"{check.allowance:.2f} above the plan are allowed" if check.extras_allowed else "no extras are allowed"
    reason = f" Reason in the week: {found.reason}." if found.reason else ""
    return (
        f"line {line.reference}, {line.element.name}, week of {uk_date(found.actual.week_starting)},"
        f" {check.claimed:.2f} {unit_words(line.unit, check.claimed)} against {check.planned:.2f} planned;"
        f" {allowed}, rule {check.rule}.{reason}"
    )
