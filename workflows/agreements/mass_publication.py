"""Publishing the next version of many documents at once: three statements, however many there are."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import current_app
from sqlalchemy import CursorResult, select, text

from models import DocumentVersion, Proposal, db
from workflows.agreements import mass_publication_sql as sql
from workflows.clock import now, today
from workflows.contracts.versions import tell_contacts

# A parameter, but not a cast.
_NAMED: Final = re.compile(r"(?<!:):([a-z]+)\b")


def publish_many(document_ids: Sequence[int], proposal: Proposal) -> None:
    """Publish the next version of documents as they stand now, as `publish_versions` does. Does not commit.

    For as many documents as a council has: what is loaded of them is refreshed when it is next looked at.
    """
    values = sql.STATES | {
        "documents": list(document_ids), "now": now(), "today": today(), "proposal": proposal.id,
        "council": current_app.config["COUNCIL_NAME"],
    }  # fmt: skip
    for statement in (sql.REPLACE, sql.NEXT, sql.PUBLISH):
        run(statement, values)
    db.session.expire_all()
    published = select(DocumentVersion.organisation_id).where(DocumentVersion.proposal_id == proposal.id).distinct()
    tell_contacts(set(db.session.scalars(published)))


def run(statement: str, values: Mapping[str, Any]) -> CursorResult[Any]:
    """Execute a statement with those of some values that it names."""
    named = {name: values[name] for name in set(_NAMED.findall(statement))}
    done: CursorResult[Any] = db.session.execute(text(statement), named)
    return done
