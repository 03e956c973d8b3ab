"""The council's side of the demonstration: officers, teams, sectors in turn, policy values, an announcement."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import select, update

from models import Announcement, PolicySetting, PortalUser, Rollout, Sector, Team, db
from rules.mail_states import Audience
from rules.period import WEEK
from rules.states import CodeKind
from workflows import policy
from workflows.hashes import hash_password

PASSWORD = "correct-horse-portal"
CODE = "246810"
GIVEN = "given-by-council-1"


class DemoSignIn(NamedTuple):
    """Somebody who can sign in to the demonstration."""

    email: str
    who: str


# e-mail -> role, first name, last name
OFFICERS = {
    "admin@council.example": ("Administrator", "Helen", "Marsh"),
    "payments@council.example": ("Payments officer", "Nadia", "Rahman"),
    "approver@council.example": ("Payments approver", "Tom", "Buxton"),
    "brokerage@council.example": ("Service Brokerage", "Carol", "Denny"),
    "brokerage.lead@council.example": ("Service Brokerage", "Ruth", "Gedge"),
    "procurement@council.example": ("Procurement", "Pat", "Green"),
    "auditor@council.example": ("Auditor", "Ifor", "Bevan"),
    "admin.second@council.example": ("Administrator", "Olive", "Sands"),
}

SIGN_INS = (
    *(DemoSignIn(email, role) for email, (role, _, _) in OFFICERS.items()),
    DemoSignIn("manager@fenland-homecare.example", "Fenland Homecare Ltd, home support: every function"),
    DemoSignIn("carers@fenland-homecare.example", "Fenland Homecare Ltd: Actuals only"),
    DemoSignIn("manager@broadland-care.example", "Broadland Care CIC, home support: every function"),
    DemoSignIn("owner@holt-house.example", "Holt House, a care home on scheduled payments"),
    DemoSignIn("new@wensum-support.example", f"Wensum Support: never signed in, password {GIVEN}, no code yet"),
    DemoSignIn("early@yare-lodge.example", "Yare Lodge, residential: before its roll-out date"),
)

TEAMS = {
    "Payments": ("provider.payments@council.example", "01603 495702, option 1"),
    "Service Brokerage": ("brokerage.team@council.example", "01603 495702, option 2"),
    "Procurement": ("care.procurement@council.example", "01603 495702, option 3"),
    "Billing": ("care.billing@council.example", "01603 495702, option 4"),
}

# Weeks from the portal's start to each sector's turn.
ROLLOUT_WEEKS = {
    "Home support": 0,
    "Nursing": 4,
    "Residential": 24,
    "Supported living": 32,
    "Day opportunities": 40,
    "Housing with care": 48,
}

# The figures the council decided for its financial year.
DECIDED = {
    "exception_percent": "10",
    "exception_units": "1.00",
    "aborted_minutes": "30",
    "aborted_fraction": "0.50",
    "aborted_notice_hours": "24",
    "absence_tiers": "from day 1: 100%, from day 8: 0%",
    "hour_step": "0.25",
    "payment_terms_days": "30",
    # Everybody in the demonstration signs in with the same six digits, officers too; no council should allow it.
    "officer_code_kinds": "authenticator app, own six digits",
}


@dataclass(frozen=True)
class Hashes:
    """What the password and the code are kept as: slow to make, so they are made once for everybody."""

    password: str
    code: str
    given: str

    @classmethod
    def make(cls) -> "Hashes":
        """Return the hashes of the demonstration's password, code, and given password."""
        return cls(hash_password(PASSWORD), hash_password(CODE), hash_password(GIVEN))


def user(email: str, first: str, last: str, hashes: Hashes, *, council: bool = False, new: bool = False) -> PortalUser:
    """Return somebody who has been through the first sign-in, or (`new`) has it before them."""
    return PortalUser(
        first_name=first,
        last_name=last,
        username=email,
        email=email,
        active=True,
        council=council,
        must_change_password=new,
        password=hashes.given if new else hashes.password,
        code_kind=None if new else CodeKind.DIGITS,
        security_code=None if new else hashes.code,
    )


def add_officers(hashes: Hashes) -> None:
    """Add the officers with their roles."""
    roles = {role.name: role for role in db.session.scalars(select(Role))}
    for email, (role, first, last) in OFFICERS.items():
        officer = user(email, first, last, hashes, council=True)
        officer.roles = [roles[role]]
        db.session.add(officer)
    for team, (email, phone) in TEAMS.items():
        db.session.execute(update(Team).where(Team.name == team).values(email=email, phone=phone))
    db.session.commit()


def add_policy(portal_start: date, today: date) -> None:
    """Set what the council decided, dated, admit the sectors in turn, and announce it."""
    sectors = db.session.scalars(select(Sector)).all()
    for sector in sectors:
        db.session.add(Rollout(sector=sector, opens_on=portal_start + ROLLOUT_WEEKS[sector.name] * WEEK))
    year_begins = date(portal_start.year - (portal_start < date(portal_start.year, 4, 1)), 4, 1)
    for name, value in DECIDED.items():
        db.session.add(
            PolicySetting(name=name, value=value, valid_from=year_begins, why="Decided for the financial year")
        )
    db.session.add(
        PolicySetting(
            name="portal_start",
            value=portal_start.isoformat(),
            valid_from=portal_start,
            why="Home support begins to use the portal",
        )
    )
    db.session.add(
        Announcement(
            title="Home support providers: send the invoice for your last four weeks",
            body="Confirm your actuals for each week, then create your invoice. Weeks over the exception level wait "
            "for Service Brokerage and do not hold up the rest. Payments Team: 01603 495702, option 1.",
            audience=Audience.SECTOR,
            sector=next(each for each in sectors if each.name == "Home support"),
            start=today - timedelta(days=5),
            end=today + timedelta(days=60),
        )
    )
    db.session.commit()
    policy.forget()  # read before these were there
