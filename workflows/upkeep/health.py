"""How the portal is: database, scheduler and mail queue."""

from typing import Any

from sqlalchemy import text

from models import COUNCIL, acting_for, db


def state_of_things() -> dict[str, Any]:
    """Return the state of database, scheduler (when a job last ended) and mail queue (how many e-mails wait, since
    when, and how many failed or may not have arrived).

    Raises SQLAlchemyError where the database does not answer.
    """
    with acting_for(COUNCIL):
        row = db.session.execute(
            text(
                "SELECT (SELECT max(ended_at) FROM job_run WHERE state = 'done') AS job,"
                " count(*) FILTER (WHERE state = 'waiting') AS waiting,"
                " count(*) FILTER (WHERE state = 'failed') AS failed,"
                " count(*) FILTER (WHERE state IN ('sending', 'unclear')) AS unclear,"
                " min(written_at) FILTER (WHERE state = 'waiting') AS oldest"
                " FROM email WHERE state <> 'sent'"
            )
        ).one()
    return {
        "database": "ok",
        "last_job_ended": row.job.isoformat() if row.job else None,
        "emails_waiting": row.waiting,
        "oldest_email_waits_since": row.oldest.isoformat() if row.oldest else None,
        "emails_failed": row.failed,
        "emails_unclear": row.unclear,
    }
