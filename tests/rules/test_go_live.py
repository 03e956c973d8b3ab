"""Before an organisation is live, a correct password gets a page that says what is missing."""

from datetime import date

import pytest

from rules.go_live import Lack, what_is_missing, what_to_see_to

TODAY = date(2017, 10, 16)


def test_nothing_is_missing_from_the_roll_out_date_on() -> None:
    assert what_is_missing(TODAY, TODAY, switched_on=True, has_payments_contact=True, has_documents_contact=True) == []


def test_a_roll_out_date_to_come_is_named() -> None:
    assert what_is_missing(date(2017, 10, 17), TODAY, True, True, True) == [
        "Your kind of service joins the portal on 17 October 2017."
    ]


def test_everything_missing_is_named_at_once() -> None:
    assert what_is_missing(None, TODAY, False, False, False) == [
        "The council has not yet set the date on which your kind of service joins the portal.",
        "The council has not yet switched the portal on for your organisation.",
        "Your organisation has not yet named a contact for payments.",
        "Your organisation has not yet named a contact for contract documents (ISOs).",
    ]


@pytest.mark.parametrize(
    ("switched_on", "payments", "documents", "named", "asked", "lack"),
    [
        (True, True, True, False, True, None),
        (False, True, True, False, True, Lack.SWITCH),
        (True, False, True, False, True, Lack.PAYMENTS),
        (True, True, False, False, True, Lack.DOCUMENTS),
        (False, False, False, False, True, Lack.BOTH),
        (True, False, False, False, False, Lack.ADDRESS),
        (True, True, True, False, False, None),  # nobody has to be asked any more
        (True, False, False, True, False, Lack.CONFIRMATION),
        (True, True, True, True, True, Lack.CONFIRMATION),
    ],
)
def test_the_next_thing_to_see_to_is_one(
    switched_on: bool, payments: bool, documents: bool, named: bool, asked: bool, lack: Lack | None
) -> None:
    found = what_to_see_to(switched_on, payments, documents, has_named=named, can_be_asked=asked)
    assert found is lack
