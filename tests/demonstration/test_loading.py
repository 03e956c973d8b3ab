"""The demonstration is loaded into an empty database and nowhere else."""

import pytest

import demonstration
from rules.refusal import Refused
from tests.support.worlds.world import World


def test_nothing_is_loaded_beside_organisations_of_a_real_council(world: World) -> None:
    world.organisation("Trafford House")
    with pytest.raises(Refused):
        demonstration.steps()
    assert not demonstration.is_loaded()
