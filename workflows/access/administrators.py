"""The last administrator stays: somebody always manages users. The database sees to it too."""

from collections.abc import Collection

from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import exists, select

from models import PortalUser, db
from rules.paying_roles import ADMINISTRATOR
from rules.problem_codes import Code
from rules.refusal import Problem, Refused


def refuse_without_administrator(leaving: Collection[PortalUser], field: str = "") -> None:
    """Raise Refused, at `field`, where nobody would manage users once these people no longer do.

    Nothing is written. Where none of them is an administrator nothing is refused.
    """
    ids = [user.id for user in leaving if user.active and any(role.name == ADMINISTRATOR for role in user.roles)]
    # What has been changed of them so far is not asked: it may be what is to be refused.
    with db.session.no_autoflush:
        others = exists(
            select(PortalUser.id).where(
                PortalUser.id.not_in(ids),
                PortalUser.active,
                PortalUser.council,
                PortalUser.roles.any(Role.name == ADMINISTRATOR),
            )
        )
        if ids and not db.session.scalar(select(others)):
            wrong = "Nobody would be left who manages users: this is the last administrator."
            raise Refused(Problem(Code.STILL_NEEDED, wrong, "Make somebody else an administrator first.", field))
