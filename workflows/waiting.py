"""What waits for somebody: the counts beside the navigation, each page's in one query."""

from sqlalchemy import text

from models import db

_OF_PROVIDER = text(
    "SELECT (SELECT count(*) FROM contract_document WHERE state = 'published') AS documents,"
    " (SELECT count(*) FROM exception_check WHERE over AND decision IS NULL) AS held,"
    " organisations_of(:user) AS organisations"
)
_OF_COUNCIL = text(
    "SELECT (SELECT count(*) FROM contract_document WHERE state = 'draft') AS documents,"
    " (SELECT count(*) FROM invoice WHERE state = 'submitted') AS invoices,"
    " (SELECT count(*) FROM payment_run WHERE state IN ('draft', 'approved')) AS runs"
)


def for_provider(user_id: int) -> dict[str, int]:
    """Return what waits for the organisation in scope: documents to accept, weeks held; and of how many organisations
    the person is a contact.

    Counted by the database under its own row-level security, which knows whose rows these are.
    """
    row = db.session.connection().execute(_OF_PROVIDER, {"user": user_id}).one()
    return {"documents": row.documents, "held": row.held, "organisations": row.organisations}


def for_council() -> dict[str, int]:
    """Return what waits for council officers: documents to publish, invoices to check, runs to approve or release."""
    row = db.session.connection().execute(_OF_COUNCIL).one()
    return {"documents": row.documents, "invoices": row.invoices, "runs": row.runs}
