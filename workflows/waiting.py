"""What waits for somebody: the counts beside the navigation, each page's in one query."""

from collections.abc import Sequence

from sqlalchemy import Integer, bindparam, func, select, text

from models import ContractDocument, ExceptionCheck, db
from rules.states import DocumentState

# What waits for a provider, as columns for whoever asks for something else as well. `user` is the id of the person.
OF_PROVIDER = (
    select(func.count())
    .select_from(ContractDocument)
    .where(ContractDocument.state == DocumentState.PUBLISHED)
    .scalar_subquery(),
    select(func.count())
    .select_from(ExceptionCheck)
    .where(ExceptionCheck.over, ExceptionCheck.decision.is_(None))
    .scalar_subquery(),
    func.organisations_of(bindparam("user", type_=Integer)),
)
_OF_PROVIDER = select(*OF_PROVIDER)
_OF_COUNCIL = text(
    "SELECT (SELECT count(*) FROM contract_document WHERE state = 'draft') AS documents,"
    " (SELECT count(*) FROM invoice WHERE state = 'submitted') AS invoices,"
    " (SELECT count(*) FROM payment_run WHERE state IN ('draft', 'approved')) AS runs,"
    " (SELECT count(*) FROM exception_check WHERE over AND decision IS NULL) AS held"
)


def for_provider(user_id: int) -> dict[str, int]:
    """Return what waits for the organisation in scope: documents to accept, weeks held; and of how many organisations
    the person is a contact.

    Counted by the database under its own row-level security, which knows whose rows these are.
    """
    return named(db.session.execute(_OF_PROVIDER, {"user": user_id}).one())


def named(counts: Sequence[int]) -> dict[str, int]:
    """Return counts that were asked for as OF_PROVIDER, as `for_provider` does."""
    return dict(zip(("documents", "held", "organisations"), counts, strict=True))


def for_council() -> dict[str, int]:
    """Return what waits for council officers: documents to publish, invoices to check, runs to take on, weeks held."""
    row = db.session.connection().execute(_OF_COUNCIL).one()
    return {"documents": row.documents, "invoices": row.invoices, "runs": row.runs, "held": row.held}
