"""The contacts form of an organisation before its go-live: whom it names for payments and for ISOs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from rules.email_address import read_email
from rules.problem_codes import Code
from rules.record_fields import LONGEST_NAME
from rules.refusal import NotUnderstood, Problem, Refused
from rules.telephone import read_telephone
from rules.text import refuse_longer, refuse_unseen

# What somebody is named for is the first part of their fields' names: payments_email.
PAYMENTS, DOCUMENTS = "payments", "documents"
SAME: Final = "documents_same"
WHO: Final = {PAYMENTS: "payments contact", DOCUMENTS: "ISOs contact"}
WHAT: Final = {"name": "name", "job": "job", "email": "e-mail address", "phone": "telephone number"}


@dataclass(frozen=True)
class NamedPerson:
    """Somebody an organisation names; `email` and `phone` as they are kept."""

    name: str
    job: str
    email: str
    phone: str
    for_payments: bool
    for_documents: bool


def read_named(typed: Mapping[str, str], wants_payments: bool, wants_documents: bool) -> list[NamedPerson]:
    """Return who is named on a form; who is named for both, by a tick or the same e-mail address, is one person.

    Raises Refused with every problem, each at its field.
    """
    reading = _FormReading(typed)
    payments = reading.person(PAYMENTS) if wants_payments else None
    same = wants_payments and bool(typed.get(SAME))
    documents = reading.person(DOCUMENTS) if wants_documents and not same else None
    if payments and documents and payments.email and payments.email == documents.email:
        if payments.name.casefold() != documents.name.casefold():
            reading.problems.append(
                Problem(
                    Code.TAKEN, "Two people cannot share an e-mail address.", "Each signs in with their own.",
                    "documents_email",
                )
            )  # fmt: skip
        same, documents = True, None
    if reading.problems:
        raise Refused(*reading.problems)
    if payments and same:
        payments = replace(payments, for_documents=wants_documents)
    return [each for each in (payments, documents) if each]


class _FormReading:
    def __init__(self, typed: Mapping[str, str]) -> None:
        self.typed = typed
        self.problems: list[Problem] = []

    def person(self, kind: str) -> NamedPerson:
        return NamedPerson(
            self._text(kind, "name"),
            self._text(kind, "job", needed=False),
            self._text(kind, "email", read_email),
            self._text(kind, "phone", read_telephone),
            for_payments=kind == PAYMENTS,
            for_documents=kind == DOCUMENTS,
        )

    def _text(self, kind: str, part: str, reader: Callable[[str], str] = str, *, needed: bool = True) -> str:
        field = f"{kind}_{part}"
        text = " ".join(self.typed.get(field, "").split())
        what = f"This {WHAT[part]}"
        problem = refuse_unseen(text, what) or refuse_longer(text, LONGEST_NAME, what)
        if not text and needed:
            problem = Problem(Code.MISSING, f"Enter the {WHAT[part]} of the {WHO[kind]}.")
        if problem is None and text:
            try:
                return reader(text)
            except NotUnderstood as error:
                problem = error.problem
        if problem:
            self.problems.append(problem.at(field))
        return ""
