"""An organisation names one person for payments and one for ISOs, or one for both."""

import pytest

from rules.contacts_form import NamedPerson, read_named
from rules.problem_codes import Code
from rules.refusal import Refused

PAULA = {
    "payments_name": " Paula  Hurn ", "payments_job": "Bursar", "payments_email": "Paula@Beech.example",
    "payments_phone": "01603495702",
}  # fmt: skip
IAN = {"documents_name": "Ian Mace", "documents_email": "ian@beech.example", "documents_phone": "07700 900123"}
PAULA_IS = NamedPerson("Paula Hurn", "Bursar", "paula@beech.example", "01603 495702", True, False)


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[tuple[Code, str]]:
    return [(problem.code, problem.field) for problem in refused.value.problems]


def test_two_people_are_read_as_they_are_kept() -> None:
    ian = NamedPerson("Ian Mace", "", "ian@beech.example", "07700 900123", False, True)
    assert read_named(PAULA | IAN, True, True) == [PAULA_IS, ian]


def test_a_tick_makes_the_payments_contact_the_one_for_isos_too() -> None:
    (both,) = read_named(PAULA | {"documents_same": "y"}, True, True)
    assert (both.name, both.for_payments, both.for_documents) == ("Paula Hurn", True, True)


def test_the_same_person_typed_twice_is_one() -> None:
    again = {"documents_name": "paula hurn", "documents_email": "paula@beech.example", "documents_phone": "1"}
    with pytest.raises(Refused) as refused:
        read_named(PAULA | again, True, True)
    assert codes(refused) == [(Code.NOT_A_TELEPHONE_NUMBER, "documents_phone")]
    (both,) = read_named(PAULA | again | {"documents_phone": "01603 495702"}, True, True)
    assert both.for_documents


def test_two_people_cannot_share_an_address() -> None:
    with pytest.raises(Refused) as refused:
        read_named(PAULA | IAN | {"documents_email": "paula@beech.example"}, True, True)
    assert codes(refused) == [(Code.TAKEN, "documents_email")]


def test_who_is_known_already_is_not_asked_for() -> None:
    assert read_named(PAULA, True, False) == [PAULA_IS]
    (ian,) = read_named(IAN | {"documents_same": "y"}, False, True)
    assert (ian.for_payments, ian.for_documents) == (False, True)


def test_everything_that_is_wrong_is_said_at_once_and_where() -> None:
    with pytest.raises(Refused) as refused:
        read_named({"payments_name": "x" * 201, "payments_email": "nobody", "payments_phone": "12"}, True, True)
    assert codes(refused) == [
        (Code.TOO_LONG, "payments_name"),
        (Code.NOT_AN_ADDRESS, "payments_email"),
        (Code.NOT_A_TELEPHONE_NUMBER, "payments_phone"),
        (Code.MISSING, "documents_name"),
        (Code.MISSING, "documents_email"),
        (Code.MISSING, "documents_phone"),
    ]
    assert refused.value.problems[3].message == "Enter the name of the ISOs contact."


def test_the_job_may_stay_empty_and_nothing_unseen_is_kept() -> None:
    assert read_named(PAULA | {"payments_job": ""}, True, False)[0].job == ""
    with pytest.raises(Refused) as refused:
        read_named(PAULA | {"payments_name": "Paula\u202eHurn"}, True, False)
    assert codes(refused) == [(Code.UNSEEN, "payments_name")]
