"""Files that officers of the demonstration gave to be imported: one waits to go in, one has to be put right."""

from sqlalchemy import select

from models import Person, PortalUser, db
from workflows.imports import steps

BROKERAGE, PROCUREMENT = "brokerage@council.example", "procurement@council.example"
HOMES = """Organisation ref,Organisation,Sector,Service
NCC-2071,Marsh Farm Care Ltd,Residential,Marsh Farm
NCC-2072,Staithe Lodge,Nursery,Staithe Lodge
NCC-2073,The Old Rectory,Nursing,
"""


def tell() -> None:
    """Check two files: names that were misspelt, and homes of which two rows are wrong. Commits."""
    known = db.session.scalars(select(Person).order_by(Person.id).limit(3)).all()
    rows = "".join(f"{each.reference},{each.name}-Smith\n" for each in known)
    names = f"Person ref,Person name\n{rows}P109950,Winifred Gayton\n"
    steps.check_file("people", "names after the review.csv", names.encode(), _officer(BROKERAGE))
    steps.check_file("organisations", "new homes.csv", HOMES.encode(), _officer(PROCUREMENT))


def _officer(email: str) -> PortalUser:
    found: PortalUser = db.session.scalars(select(PortalUser).where(PortalUser.email == email)).one()
    return found
