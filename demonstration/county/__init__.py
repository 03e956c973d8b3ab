"""A county of the demonstration: as much as a large council has, poured in by COPY and made by statements over sets."""

from demonstration.county.organisations import SIGN_INS
from demonstration.county.owner import Owner
from demonstration.county.scale import County
from demonstration.county.story import steps

__all__ = ["SIGN_INS", "County", "Owner", "steps"]
