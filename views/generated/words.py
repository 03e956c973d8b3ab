"""Tables, columns and what stands in them, as people read them."""

import datetime as dt
import re
from contextlib import suppress
from decimal import Decimal
from enum import StrEnum
from typing import Any

from flask import current_app

from rules import aborted_visit, actual, agreement_states, mail_states, states, upload_states
from rules.policy import SETTINGS
from views.generated.labels import LABELS
from views.page.format import DASH, shown, uk_date, uk_time
from workflows.upkeep.trail import PEOPLE

# How the trail writes what is no text.
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MOMENT = re.compile(DATE.pattern + r"T[0-9:.+-]+")
# Tables that pages call by another name.
NAMED = {
    "ab_user": "User", "ab_user_role": "Roles", "element": "Element of care", "import_file": "Import",
    "modulus_weight": "Modulus weights", "one_off_payment": "One-off payment", "paper_order": "Paper ISO",
    "rollout": "Roll-out date",
}  # fmt: skip
# Tables without pages of their own, by the one whose record, and whose id, the trail keeps for them.
KEPT_UNDER = {"ab_user_role": "ab_user"}
VOCABULARIES = [
    each
    for module in (states, agreement_states, mail_states, upload_states)
    for each in vars(module).values()
    if isinstance(each, type) and issubclass(each, StrEnum)
]
# Reasons are codes of lists, not of a vocabulary: one that is in both reads as the vocabulary says.
WORDS = {**aborted_visit.REASONS, **actual.REASONS}
WORDS |= {word.value: states.spelled(word) for vocabulary in VOCABULARIES for word in vocabulary}
WORDS |= {setting.name: setting.wording for setting in SETTINGS.values()}


def changes_in_words(table: str, values: dict[str, Any] | None) -> str:
    """Return columns of a table with their values as people read them; keys of other tables say nothing."""
    return "; ".join(
        f"{column_in_words(table, name)}: {len(value) if name == PEOPLE else value_in_words(value)}"
        for name, value in (values or {}).items()
        if name != "id" and not name.endswith("_id")
    )


def column_in_words(table: str, name: str) -> str:
    """Return what a column is called on its record's page; a key of another record as that record."""
    plain, view = name.removesuffix("_id"), views_by_table().get(table)
    labels = view.label_columns if view else LABELS
    return labels.get(plain) or plain.replace("_", " ").capitalize()


def value_in_words(value: Any) -> str:
    """Return a value as the audit trail keeps it, in words."""
    if value in (None, "", {}, []):
        return DASH
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, float):
        return shown(Decimal(f"{value:.4f}").normalize())
    text = str(value)
    with suppress(ValueError, OverflowError):  # somebody may have typed what only looks like a date: 2017-13-45
        if DATE.fullmatch(text):
            return uk_date(dt.date.fromisoformat(text))
        if MOMENT.fullmatch(text):
            return uk_time(dt.datetime.fromisoformat(text))
    return WORDS.get(text, text)


def views_by_table() -> dict[str, Any]:
    """Return the generated view of each table that has one; they are all there once the application is."""
    known: dict[str, Any] = current_app.extensions.setdefault("views_by_table", {})
    if not known:
        views = current_app.appbuilder.baseviews  # type: ignore[attr-defined]
        generated = [each for each in views if hasattr(each, "datamodel") and hasattr(each, "list_title")]
        known |= {each.datamodel.obj.__table__.name: each for each in generated}
    return known


def record_in_words(table: str) -> str:
    """Return what a table is called: "Contract document"."""
    return NAMED.get(table) or table.replace("_", " ").capitalize()
