"""How the portal is: database, scheduler and mail queue."""

from typing import Any

from sqlalchemy import text

from models import COUNCIL, acting_for, db


def state_of_things() -> dict[str, Any]:
    """Return the state of database, scheduler (when a job last ended) and mail queue (how many e-mails wait).

    Raises SQLAlchemyError where the database does not answer.
    """
    with acting_for(COUNCIL):
        row = db.session.execute(
            text(
                "SELECT (SELECT max(ended_at) FROM job_run WHERE state = 'done') AS job,"
                " (SELECT count(*) FROM email WHERE state = 'waiting') AS waiting"
            )
        ).one()
    return {
        "database": "ok",
        "last_job_ended": row.job.isoformat() if row.job else None,
        "emails_waiting": row.waiting,
    }
