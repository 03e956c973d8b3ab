"""Lists read plain values: they show what whole records would, and call records as these call themselves."""

import datetime as dt
import re
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import inspect

from models import Invoice, db
from rules.states import Decision
from tests.support.pages.browser import Browser
from tests.support.worlds import everything
from tests.support.worlds.world import World
from views.generated import records
from views.generated.lists.plain_rows import NAMED_BY, PlainRows, words_of
from views.staff.records import RECORD_VIEWS

# Of its own time and of who asks: what a page says anew each time.
CHANGING = re.compile(r'(nonce|value|data-idle|data-longest)="[^"]*"')
# What was read is noted there.
TRAIL = ("/admin/audit", "/admin/audit-seals")


def sample(model: Any, column: str) -> Any:
    kind = inspect(model).columns[column].type
    samples: dict[Any, Any] = {str: "O'Hara & Sons", int: 7, dt.date: dt.date(2017, 11, 13), Decimal: Decimal("8.50")}
    return Decision.UP_TO if kind.python_type is Decision else samples[kind.python_type]


@pytest.mark.parametrize("model", NAMED_BY, ids=lambda model: model.__name__)
def test_a_record_is_called_in_a_list_as_it_calls_itself(model: Any) -> None:
    values = {column: sample(model, column) for column in NAMED_BY[model]}
    assert words_of(model)(tuple(values.values())) == str(model(**values))


def test_an_invoice_without_a_number_is_called_a_draft(app: Flask) -> None:
    assert words_of(Invoice)((None,)) == str(Invoice()) == "Draft invoice"


def all_pages(browser: Browser) -> dict[str, str]:
    found = {}
    for view in RECORD_VIEWS:
        key = db.session.query(view.datamodel.obj.id).order_by(view.datamodel.obj.id.desc()).first()
        for page in ("list/", f"show/{key[0]}"):
            if view.route_base not in TRAIL:
                answer = browser.get(f"{view.route_base}/{page}")
                assert answer.status_code == 200
                found[f"{view.route_base}/{page}"] = CHANGING.sub("", answer.text)
    return found


def forget_readings() -> None:
    for view in RECORD_VIEWS:
        for known in ("_readings", "_statements", "_firsts"):
            getattr(view.datamodel, known).clear()


def test_lists_show_of_plain_rows_what_they_would_of_whole_records(
    app: Flask, world: World, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer = world.officer("Administrator")
    everything.build(world, officer, (1, 2, 3))
    browser.sign_in(officer)
    forget_readings()
    plain = all_pages(browser)
    readings = [each for view in RECORD_VIEWS for each in view.datamodel._readings.values()]
    assert sum(isinstance(each, PlainRows) for each in readings) > len(readings) / 2
    forget_readings()
    monkeypatch.setattr(records, "plain_rows", lambda *_: None)
    whole = all_pages(browser)
    forget_readings()
    assert [address for address in plain if plain[address] != whole[address]] == []
