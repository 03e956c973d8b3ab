"""Where an organisation stands today."""

from datetime import date

import pytest

from rules.organisation_standing import Standing, standing_of
from rules.states import OrganisationState

TODAY = date(2017, 11, 20)
LATER = date(2017, 12, 1)


@pytest.mark.parametrize(
    ("state", "opens_on", "has_contacts", "has_signed_in", "expected"),
    [
        ("live", TODAY, True, True, Standing.LIVE),
        ("live", TODAY, True, False, Standing.NOBODY_YET),
        ("live", TODAY, False, True, Standing.NO_CONTACTS),
        ("live", LATER, True, True, Standing.OPENS_LATER),
        ("live", None, True, True, Standing.NO_DATE),
        ("waiting", TODAY, True, True, Standing.WAITING),
        ("suspended", TODAY, True, True, Standing.SUSPENDED),
        ("ended", TODAY, True, True, Standing.ENDED),
    ],
)
def test_live_is_who_is_switched_on_rolled_out_named_and_has_come_in(
    state: str, opens_on: date | None, has_contacts: bool, has_signed_in: bool, expected: Standing
) -> None:
    found = standing_of(
        OrganisationState(state), opens_on, TODAY, has_contacts=has_contacts, has_signed_in=has_signed_in
    )
    assert found is expected
