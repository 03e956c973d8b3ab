"""The policy settings in force, read once in a request."""

from datetime import date
from typing import Any

from flask import g
from sqlalchemy import select

from models import LineItem, Organisation, PolicySetting, db
from rules.policy import SETTINGS, Resolved, Version, read_value, resolve
from workflows.clock import today


def versions() -> list[Version]:
    """Return every version of every setting, read from the table once in a request."""
    if "policy_versions" not in g:
        g.policy_versions = [
            Version(row.name, read_value(SETTINGS[row.name], row.value), row.scope, row.scope_id, row.valid_from)
            for row in db.session.scalars(select(PolicySetting))
            if row.name in SETTINGS
        ]
    found: list[Version] = g.policy_versions
    return found


def for_council(name: str, on: date | None = None) -> Any:
    """Return the value of a setting for the whole council on a day, today where none is given."""
    return resolve(versions(), name, on or today()).value


def for_organisation(name: str, organisation: Organisation, on: date) -> Resolved:
    """Return a setting as it applies to an organisation on a day: its own, its sector's, or the council's."""
    return resolve(
        versions(),
        name,
        on,
        sector_id=organisation.sector_id,
        organisation_id=organisation.id,
        sector=organisation.sector.name,
    )


def for_line(name: str, line: LineItem, on: date) -> Resolved:
    """Return a setting as it applies to a line item on a day: the narrowest that is valid then."""
    return resolve(
        versions(),
        name,
        on,
        sector_id=line.organisation.sector_id,
        organisation_id=line.organisation_id,
        line_id=line.id,
        sector=line.organisation.sector.name,
    )


def rule_words(resolved: Resolved) -> str:
    """Return how pages name the rule behind a figure: "EL-1 of 1 April 2026", or "EL-1" if it never changed."""
    return f"{resolved.code} of {resolved.valid_from:%-d %B %Y}" if resolved.valid_from else resolved.code
