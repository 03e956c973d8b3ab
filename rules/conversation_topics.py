"""What conversations are about, in words from a list for each council team."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Topic(StrEnum):
    """The subject of a conversation, beside which there may be own words."""

    ACTUALS = "actuals"
    MISSING_PACKAGE = "missing care package"
    OVER_LEVEL = "over exception level"
    SCHEDULED_PAYMENT = "scheduled payment"
    REMITTANCE = "remittance"
    OVERPAYMENT = "overpayment"
    DEATH = "notification of death"
    HOSPITAL = "hospital admission"
    UPLIFT = "price uplift"
    DOCUMENT_REJECTED = "document rejected"
    OTHER = "other"


_PEOPLE: Final = (Topic.DEATH, Topic.HOSPITAL)
_MONEY: Final = (Topic.REMITTANCE, Topic.OVERPAYMENT)
TOPICS_OF_TEAMS: Final[Mapping[str, tuple[Topic, ...]]] = {
    "Billing": (*_MONEY, Topic.OTHER),
    "Payments": (Topic.ACTUALS, Topic.SCHEDULED_PAYMENT, *_MONEY, *_PEOPLE, Topic.OTHER),
    "Procurement": (Topic.UPLIFT, Topic.OTHER),
    "Service Brokerage": (
        Topic.MISSING_PACKAGE,
        Topic.OVER_LEVEL,
        Topic.DOCUMENT_REJECTED,
        *_PEOPLE,
        Topic.UPLIFT,
        Topic.OTHER,
    ),
}


def topics_of(team: str) -> tuple[Topic, ...]:
    """Return the subjects that a team answers about: all, for a team the council has added."""
    return TOPICS_OF_TEAMS.get(team, tuple(Topic))
