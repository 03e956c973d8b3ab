"""What may stand in the fields of records that people type: one table for forms, imports, commands and the database."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from rules.email_address import read_email
from rules.problem_codes import Code
from rules.refusal import NotUnderstood, Problem
from rules.telephone import read_telephone
from rules.text import LONGEST_REFERENCE, refuse_longer, refuse_unseen

LONGEST_NAME: Final = 200
LONGEST_LINE: Final = 500
LONGEST_TEXT: Final = 7_500
LONGEST_TERMS: Final = 50_000

# What copying leaves behind and nobody sees: soft hyphens, blanks of no width, marks of direction and of byte order.
_INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u2060\ufeff]")
_BLANKS = re.compile(r"\s+")
# A spreadsheet takes what begins so for a formula.
_FORMULA = "=+-@"
_POSTCODE = re.compile(r"([A-Z]{1,2}[0-9][A-Z0-9]?) ?([0-9][A-Z]{2})")


class NotInField(NotUnderstood):
    """What was typed cannot stand in its field."""


def read_line(text: str) -> str:
    """Return one line of text as it is kept: nothing invisible, single blanks, none around it."""
    return _BLANKS.sub(" ", _INVISIBLE.sub("", text)).strip()


def read_text(text: str) -> str:
    """Return text of several lines as it is kept: nothing invisible, line breaks alike, no blanks around it."""
    return _INVISIBLE.sub("", text).replace("\r\n", "\n").replace("\r", "\n").strip()


def read_name(text: str) -> str:
    """Return a name as it is kept. Raises NotInField where it holds no letter and no figure."""
    name = read_line(text)
    if name and not any(map(str.isalnum, name)):
        raise NotInField(Problem(Code.MISSING, "This is not a name.", "Write it in letters or figures."))
    return name


def read_reference(text: str) -> str:
    """Return a reference as it is kept. Raises NotInField where it has blanks in it or looks like a formula."""
    reference = read_line(text)
    if reference[:1] and reference[0] in _FORMULA:
        begins = f"A reference does not begin with {reference[0]}: a spreadsheet would take it for a formula."
        raise NotInField(Problem(Code.NOT_A_REFERENCE, begins, "Begin it with a letter or a figure."))
    if " " in reference:
        suggestion = reference.replace(" ", "")
        raise NotInField(Problem(Code.NOT_A_REFERENCE, "A reference has no spaces in it.", f"Write {suggestion}."))
    return reference


def read_postcode(text: str) -> str:
    """Return a postcode in capitals with its one space. Raises NotInField where it is none."""
    typed = read_line(text).upper()
    found = _POSTCODE.fullmatch(typed.replace(" ", ""))
    if typed and not found:
        raise NotInField(Problem(Code.NOT_A_POSTCODE, "This is not a postcode.", "Write it like NR1 2DH."))
    return f"{found[1]} {found[2]}" if found else ""


def same_key(text: str) -> str:
    """Return by what two references are the same, whatever their case and blanks (the database has its own)."""
    return _BLANKS.sub("", text).lower()


@dataclass(frozen=True)
class FieldRule:
    """A field: at most `most` characters, `read` cleans what was typed, empty only where it is not `needed`."""

    most: int
    read: Callable[[str], str] = read_text
    needed: bool = False


_REFERENCE = FieldRule(LONGEST_REFERENCE, read_reference, needed=True)
_NAME = FieldRule(LONGEST_NAME, read_name, needed=True)
_NAME_OR_NOTHING = FieldRule(LONGEST_NAME, read_name)
_LINE = FieldRule(LONGEST_LINE, read_line)
_REASON = FieldRule(LONGEST_LINE, needed=True)
_ADDRESS = FieldRule(LONGEST_LINE)
_POSTCODE_FIELD = FieldRule(10, read_postcode)
_PHONE = FieldRule(40, read_telephone)
_EMAIL = FieldRule(254, read_email)
_LONG = FieldRule(LONGEST_TEXT)
_CODE = FieldRule(LONGEST_REFERENCE, read_line)

# table -> column -> its rule; the database holds each to its length.
FIELDS: Final[Mapping[str, Mapping[str, FieldRule]]] = {
    "organisation": {
        "reference": _REFERENCE, "name": _NAME, "address": _ADDRESS, "postcode": _POSTCODE_FIELD, "phone": _PHONE,
        "email": _EMAIL, "vat_number": FieldRule(40, read_line),
    },
    "service": {
        "name": _NAME, "service_type": _LINE, "address": _ADDRESS, "postcode": _POSTCODE_FIELD, "phone": _PHONE,
        "email": _EMAIL, "cqc_location": FieldRule(LONGEST_REFERENCE, read_reference),
    },
    "contact": {
        "name": _NAME, "job": _NAME_OR_NOTHING, "phone": _PHONE, "email": FieldRule(254, read_email, needed=True),
    },
    "proposed_contact": {
        "name": _NAME, "job": _NAME_OR_NOTHING, "phone": _PHONE, "email": FieldRule(254, read_email, needed=True),
    },
    "change_request": {
        "wanted": _REASON, "sent_back_reason": _LONG, "called_who": _NAME_OR_NOTHING,
        "called_number": FieldRule(40, read_line),
    },
    "missing_package": {
        "person_reference": FieldRule(LONGEST_REFERENCE, read_reference), "person_name": _NAME_OR_NOTHING,
        "plan": _LONG, "paper_reference": FieldRule(LONGEST_NAME, read_line),
        "agreed_with": FieldRule(LONGEST_NAME, read_line), "comment": _LONG,
    },
    "person": {"reference": _REFERENCE, "name": _NAME},
    "element": {"name": _NAME, "cost_centre": _CODE, "subjective_code": _CODE},
    "ledger_column": {"heading": _NAME},
    "sector": {"name": _NAME},
    "team": {"name": _NAME, "email": _EMAIL, "phone": _PHONE},
    "contract_document": {
        "reference": _REFERENCE, "terms": FieldRule(LONGEST_TERMS), "rejected_reason": FieldRule(LONGEST_TEXT),
        "withdrawn_reason": _LONG,
    },
    "line_item": {"reference": _REFERENCE},
    "document_version": {"rejected_reason": _LONG},
    "plan": {"reason": FieldRule(LONGEST_LINE)},
    "rate": {"reason": FieldRule(LONGEST_LINE)},
    "proposal": {"note": _LONG, "reason": _LONG},
    "hold": {"reason": _REASON},
    "paper_order": {
        "reference": _REFERENCE, "service_name": _NAME_OR_NOTHING, "person_reference": _REFERENCE,
        "person_name": _NAME_OR_NOTHING, "element_name": _NAME,
        "note": _LONG,
    },
    "passkey": {"name": _NAME},
    "one_off_payment": {"reason": _REASON},
    "recovery": {"reason": _LONG, "paused_reason": _LONG},
    "run_finding": {"looked_reason": _LONG},
    "announcement": {"title": _NAME, "body": FieldRule(LONGEST_TEXT, needed=True)},
    "policy_setting": {"value": FieldRule(LONGEST_TEXT, read_line, needed=True), "why": FieldRule(LONGEST_LINE)},
    "invoice": {"own_reference": _LINE, "rejected_reason": _LONG, "dispute_reason": _LONG, "withdrawn_reason": _LONG},
    "absence_report": {"notified_to": _LINE, "comment": _LONG},
    "deduction": {"reason": FieldRule(LONGEST_LINE)},
    "absence_claim": {"notified_to": _LINE, "comment": _LONG, "refused_reason": _LONG},
    "aborted_visit": {"informed": _LINE, "reason": _LONG, "comment": _LONG},
    "actual": {"reason": _LONG, "comment": _LONG},
    "exception_decision": {"reason": _LONG},
    "conversation": {"subject": _LINE, "closed_reason": _LONG},
    "conversation_note": {"body": _LONG},
    # How long a message may be is a policy; this is where the database ends.
    "message": {"body": FieldRule(100_000)},
}  # fmt: skip


def rule_of(table: str, column: str) -> FieldRule | None:
    """Return the rule of a column, nothing where people do not type into it."""
    return FIELDS.get(table, {}).get(column)


def read_field(table: str, column: str, typed: str) -> str:
    """Return what is kept of what was typed into a field that has a rule.

    Raises NotUnderstood where it cannot stand there: empty where something is needed, too long, or not of its kind.
    """
    rule = FIELDS[table][column]
    if unseen := refuse_unseen(typed):
        raise NotInField(unseen)
    if not read_line(typed):
        if rule.needed:
            raise NotInField(Problem(Code.MISSING, "Fill this in."))
        return ""
    if too_long := refuse_longer(read_text(typed), rule.most):
        raise NotInField(too_long)
    return rule.read(typed)
