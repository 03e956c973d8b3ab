"""What a contact has to hold, when contacts want looking through, and when somebody would be missed."""

from datetime import date

import pytest

from rules.contact import Access, ContactEntry, check_contact, left_without, reminder_is_due, review_due
from rules.problem_codes import Code
from rules.states import ProviderFunction

PAYMENTS, DOCUMENTS, ACTUALS = ProviderFunction.PAYMENTS, ProviderFunction.DOCUMENTS, ProviderFunction.ACTUALS
BOTH = Access({PAYMENTS, DOCUMENTS}, None)


def entry(**more: object) -> ContactEntry:
    values = {
        "name": "Mary Lane", "job": "", "email": "mary@provider.example", "phone": "",
        "functions": frozenset({ACTUALS}), "services": frozenset(), "start": date(2017, 11, 20), "end": None,
    }  # fmt: skip
    return ContactEntry(**(values | more))  # type: ignore[arg-type]


def test_a_contact_has_a_function_and_ends_after_it_begins() -> None:
    assert check_contact(entry()) == []
    wrong = check_contact(entry(functions=frozenset(), end=date(2017, 11, 19)))
    assert [(problem.code, problem.field) for problem in wrong] == [
        (Code.DATES_REVERSED, "end"),
        (Code.MISSING, "functions"),
    ]


def test_invoices_and_payments_are_not_limited_to_services() -> None:
    wrong = check_contact(entry(functions=frozenset({PAYMENTS}), services=frozenset({1})))
    assert [problem.field for problem in wrong] == ["services"]
    assert check_contact(entry(services=frozenset({1}))) == []


def test_contacts_are_looked_through_a_quarter_after_the_last_time_or_after_the_first_began() -> None:
    assert review_due(date(2017, 8, 21), date(2017, 1, 1)) == date(2017, 11, 20)
    assert review_due(None, date(2017, 8, 21)) == date(2017, 11, 20)


def test_a_reminder_is_sent_when_it_is_due_and_not_once_more_within_a_quarter() -> None:
    due = date(2017, 11, 20)
    assert not reminder_is_due(due, None, date(2017, 11, 19))
    assert reminder_is_due(due, None, due)
    assert not reminder_is_due(due, due, date(2018, 2, 18))
    assert reminder_is_due(due, due, date(2018, 2, 19))


@pytest.mark.parametrize(
    ("after", "others", "lost"),
    [
        (None, [], [PAYMENTS, DOCUMENTS]),
        (None, [Access({PAYMENTS}, None)], [DOCUMENTS]),
        (None, [Access({PAYMENTS, DOCUMENTS}, date(2017, 12, 1))], []),
        (Access({PAYMENTS, ACTUALS}, None), [], [DOCUMENTS]),
        (Access({PAYMENTS, DOCUMENTS}, date(2017, 12, 31)), [], [PAYMENTS, DOCUMENTS]),
        (Access({PAYMENTS, DOCUMENTS}, date(2017, 12, 31)), [Access({PAYMENTS, DOCUMENTS}, date(2017, 12, 30))],
         [PAYMENTS, DOCUMENTS]),
        (Access({PAYMENTS, DOCUMENTS}, date(2017, 12, 31)), [Access({PAYMENTS, DOCUMENTS}, date(2018, 1, 31))], []),
        (BOTH, [], []),
    ],
)  # fmt: skip
def test_who_is_the_last_for_payments_or_for_isos_is_missed(
    after: Access | None, others: list[Access], lost: list[ProviderFunction]
) -> None:
    assert left_without(BOTH, after, others) == lost


def test_an_end_that_was_set_before_is_no_new_loss() -> None:
    ends = Access({PAYMENTS}, date(2017, 12, 31))
    assert left_without(ends, ends, []) == []
