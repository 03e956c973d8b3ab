"""What a generated screen has to say about itself before it is one."""

from typing import Any

import pytest
from flask import Flask
from flask_appbuilder.actions import action

from views.access.roles import PROCUREMENT
from views.generated.record_view import EVERY_CHANGE, RecordView
from views.staff.records import RECORD_VIEWS


@pytest.mark.parametrize(
    ("declared", "missing"),
    [
        ({}, "group, readers"),
        ({"group": "Care"}, "readers"),
        ({"readers": (PROCUREMENT,)}, "group"),
        ({"group": "Care", "readers": (PROCUREMENT,), "changes": EVERY_CHANGE}, "writers"),
    ],
)
def test_a_screen_without_a_group_or_without_who_may_do_what_is_an_error_at_import(
    declared: dict[str, Any], missing: str
) -> None:
    with pytest.raises(TypeError, match=f"NewView does not declare {missing}.$"):
        type("NewView", (RecordView,), declared)


def test_an_action_has_to_say_who_may_take_it() -> None:
    with pytest.raises(TypeError, match=r"NewView does not declare action_roles\['approve'\].$"):

        class NewView(RecordView):
            """Approves without saying who may."""

            group = "Care"
            readers = (PROCUREMENT,)

            @action("approve", "Approve")  # type: ignore[untyped-decorator]
            def approve(self, found: list[Any]) -> None:
                """Approve."""


def test_every_screen_that_is_written_is_registered_and_stands_on_all_records() -> None:
    written = {view for view in RecordView.__subclasses__() if view.__module__.startswith("views.")}
    assert written == set(RECORD_VIEWS)


def test_related_lists_stand_in_the_order_of_the_class_whichever_was_registered_first(portal: Flask) -> None:
    records = [view for view in portal.appbuilder.baseviews if isinstance(view, RecordView)]  # type: ignore[attr-defined]
    assert len(records) == len(RECORD_VIEWS)
    for view in records:
        assert [type(each) for each in view._related_views] == view.related_views
