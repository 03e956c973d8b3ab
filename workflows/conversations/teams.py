"""Council teams: which there are, and whose conversations each role answers."""

from typing import Final

from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import select

from models import PortalUser, Team, db

TEAMS_OF_ROLES: Final = {
    "Payments officer": ("Payments", "Billing"),
    "Service Brokerage": ("Service Brokerage",),
    "Procurement": ("Procurement",),
    "Administrator": ("Payments", "Billing", "Service Brokerage", "Procurement"),
}


def officers_teams(officer: PortalUser) -> tuple[str, ...]:
    """Return the names of the teams an officer answers for, none where their roles answer for nobody."""
    return tuple(team for role in officer.roles for team in TEAMS_OF_ROLES.get(role.name, ()))


def officers_of(team: str) -> list[PortalUser]:
    """Return the officers who answer for a team and can sign in, by name."""
    roles = [role for role, names in TEAMS_OF_ROLES.items() if team in names]
    statement = (
        select(PortalUser)
        .where(PortalUser.council, PortalUser.active, PortalUser.roles.any(Role.name.in_(roles)))
        .order_by(PortalUser.last_name, PortalUser.first_name, PortalUser.id)
    )
    return list(db.session.scalars(statement))


def teams() -> list[Team]:
    """Return the teams a conversation can be started with, by name."""
    return list(db.session.scalars(select(Team).order_by(Team.name)))
