"""A whole sector is invited: everybody at its ready organisations who has not been, by a worker."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import SQLColumnExpression, func, literal, select, text, update
from sqlalchemy.dialects.postgresql import insert

from models import Contact, Email, Invitation, InvitationWave, PortalUser, db
from rules.agreement_states import InvitationState
from rules.mail_states import EmailState
from rules.problem_codes import Code
from rules.refusal import Problem, Refused, Unknown
from workflows.clock import now
from workflows.organisations.go_live import Readiness, not_invited
from workflows.organisations.invitations import WAITS
from workflows.upkeep.queue import Task, defer

RUNNING = Problem(
    Code.ASKED_ALREADY, "The invitations of this sector are being sent already.", "Nobody is invited twice."
)
NOBODY = Problem(Code.DONE_ALREADY, "Everybody at the providers who are ready has been invited.")


@dataclass(frozen=True)
class Progress:
    """How far the last invitation of a sector has come; `came_back` are e-mails that could not be delivered."""

    wave: InvitationWave
    total: int
    waiting: int
    sent: int
    not_sent: int
    came_back: int

    @property
    def running(self) -> bool:
        """Whether e-mails are still being written."""
        return self.wave.ended_at is None


def start(sector_id: int, ready: Sequence[Readiness], officer: PortalUser | None) -> int:
    """Have everybody invited at a sector's ready organisations who has not been; return how many. Commits.

    Raises Refused where that is being done already, or nobody is left.
    """
    by = officer.id if officer else None
    wave_id = db.session.scalar(
        insert(InvitationWave)
        .values(sector_id=sector_id, asked_at=now(), asked_by_id=by)
        .on_conflict_do_nothing(index_elements=["sector_id"], index_where=text("ended_at IS NULL"))
        .returning(InvitationWave.id)
    )
    if wave_id is None:
        raise _refused(RUNNING)
    people = (
        select(
            Contact.organisation_id,
            Contact.id,
            literal(wave_id),
            literal(InvitationState.WAITING.value),
            literal(now()),
            literal(by),
        )
        .outerjoin(PortalUser, PortalUser.id == Contact.user_id)
        .where(Contact.organisation_id.in_([row.organisation_id for row in ready]), not_invited())
        .order_by(Contact.organisation_id, Contact.id)
    )
    columns = ["organisation_id", "contact_id", "wave_id", "state", "asked_at", "invited_by_id"]
    asked = db.session.scalars(
        insert(Invitation.__table__)
        .from_select(columns, people)
        .on_conflict_do_nothing(index_elements=["contact_id"], index_where=WAITS)
        .returning(Invitation.__table__.c.id)
    ).all()
    if not asked:
        raise _refused(NOBODY)
    defer(Task.INVITATIONS)
    db.session.commit()
    return len(asked)


def stop(wave_id: int) -> int:
    """Invite nobody else of a wave; return how many were left. Who is invited already stays invited. Commits."""
    left = db.session.scalars(
        update(Invitation)
        .where(Invitation.wave_id == wave_id, Invitation.state == InvitationState.WAITING)
        .values(state=InvitationState.STOPPED)
        .execution_options(synchronize_session=False)
        .returning(Invitation.id)
    ).all()
    db.session.execute(
        update(InvitationWave)
        .where(InvitationWave.id == wave_id, InvitationWave.ended_at.is_(None))
        .values(ended_at=now())
        .execution_options(synchronize_session=False)
    )
    db.session.commit()
    return len(left)


def last_of(sector_id: int) -> Progress | None:
    """Return how far the last invitation of a sector is; nothing where there was none."""
    return _progress(InvitationWave.sector_id == sector_id)


def progress_of(wave_id: int) -> Progress:
    """Return how far an invitation is. Raises Unknown."""
    found = _progress(InvitationWave.id == wave_id)
    if found is None:
        raise Unknown
    return found


def _progress(which: SQLColumnExpression[bool]) -> Progress | None:
    def in_state(*states: InvitationState) -> SQLColumnExpression[int]:
        return func.count().filter(Invitation.state.in_(states))

    row = db.session.execute(
        select(
            InvitationWave,
            func.count(Invitation.id),
            in_state(InvitationState.WAITING),
            in_state(InvitationState.SENT),
            in_state(InvitationState.NOT_SENT, InvitationState.STOPPED),
            func.count().filter(Email.state == EmailState.FAILED),
        )
        .outerjoin(Invitation, Invitation.wave_id == InvitationWave.id)
        .outerjoin(Email, Email.id == Invitation.email_id)
        .where(which)
        .group_by(InvitationWave.id)
        .order_by(InvitationWave.id.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    wave: InvitationWave = row[0]
    return Progress(wave, *row[1:])


def _refused(problem: Problem) -> Refused:
    db.session.rollback()
    return Refused(problem)
