"""Before an organisation is live, a correct password gets a page that says what is missing."""

from datetime import date

from rules.go_live import what_is_missing

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
