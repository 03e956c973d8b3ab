"""A rule of the database that was broken is a sentence at its field."""

from decimal import Decimal

import pytest
from sqlalchemy.exc import IntegrityError

from models import OneOffPayment, Rate, db
from rules.number import NotANumber
from tests.support.worlds.world import START, World
from views.page.constraint_messages import problem_of


def test_a_figure_that_is_no_number_is_told_at_its_field(world: World) -> None:
    line = world.line(world.organisation())
    own = {"organisation_id": line.organisation_id, "line_item_id": line.id}
    rows = {
        "rate": Rate(**own, rate=Decimal("NaN"), start=START.replace(year=2010), end=START.replace(year=2011)),
        "net": OneOffPayment(**own, net=Decimal("NaN"), reason="Mileage"),
    }
    for field, row in rows.items():
        db.session.add(row)
        with pytest.raises(IntegrityError) as broken:
            db.session.flush()
        db.session.rollback()
        assert problem_of(broken.value) == NotANumber().problem.at(field)
