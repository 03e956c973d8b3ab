"""The first administrator, created from the command line of the machine the portal runs on."""

import re

from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import func, select

from models import PortalUser, db
from rules.password import check_password
from rules.paying_roles import ADMINISTRATOR
from rules.problem_codes import Code
from rules.refusal import Problem, Refused
from workflows import policy
from workflows.access.passwords import common_passwords, known_words
from workflows.access.users import given_until
from workflows.hashes import hash_password


def create_administrator(*, email: str, first_name: str, last_name: str, password: str) -> PortalUser:
    """Create an officer with the role Administrator, who must change `password` at the first sign-in.

    Only while fewer than two officers manage users: from then on one proposes another, and a second confirms it.
    Raises Refused where there are two, the address is no e-mail address or somebody's already, a name is empty, or the
    password is one the portal refuses.
    """
    address = email.strip().lower()
    problems = [*_why_not_another(), *_why_not_address(address), *_why_not_names(first_name, last_name)]
    least = policy.for_council("password_least_length")
    words = known_words(first_name, last_name)
    problems += check_password(password, password, "", address, common_passwords(), least, words)
    if problems:
        raise Refused(*problems)
    user = PortalUser(
        first_name=first_name.strip(),
        last_name=last_name.strip(),
        username=address,
        email=address,
        active=True,
        council=True,
        must_change_password=True,
        given_until=given_until(),
        password=hash_password(password),
        roles=[db.session.scalars(select(Role).where(Role.name == ADMINISTRATOR)).one()],
    )
    db.session.add(user)
    db.session.commit()
    return user


def _why_not_another() -> list[Problem]:
    managing = (PortalUser.active, PortalUser.council, PortalUser.roles.any(Role.name == ADMINISTRATOR))
    if (db.session.scalar(select(func.count(PortalUser.id)).where(*managing)) or 0) < 2:
        return []
    remedy = "One of them proposes another one on the page Users, and another confirms it."
    return [Problem(Code.OWN_ACCESS, "The portal has two administrators.", remedy)]


def _why_not_address(address: str) -> list[Problem]:
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]+", address):
        return [Problem(Code.NOT_AN_ADDRESS, "Enter an e-mail address, such as name@council.gov.uk.", field="email")]
    if db.session.scalar(select(PortalUser.id).where(func.lower(PortalUser.email) == address)):
        return [Problem(Code.TAKEN, f"{address} can sign in already.", field="email")]
    return []


def _why_not_names(first: str, last: str) -> list[Problem]:
    wanted = (("first_name", first, "first name"), ("last_name", last, "last name"))
    return [
        Problem(Code.MISSING, f"Enter a {words}.", field=field) for field, typed, words in wanted if not typed.strip()
    ]
