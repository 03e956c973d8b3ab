"""What takes long is done by workers: the tables of procrastinate, and imports that wait, are checked and written.

The package keeps the history of its schema as files that no later version changes; those up to `LAST` make the schema
of its versions 3.4 to 3.10. Its `schema.sql` would make whatever the installed version has. What a later version adds
is a migration of its own (a test says when).
"""

from importlib import resources

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

LAST = "03.04.00_50_post_add_retry_failed_job_procedure.sql"

# The queue holds ids only, and no organisation's rows: no row-level security. Its functions act as whoever calls them.
# Keys between its tables are looked after as their owner, so that events are never deleted by the portal itself.
RIGHTS = """
GRANT SELECT, INSERT, UPDATE, DELETE ON procrastinate_jobs, procrastinate_workers TO portal_web;
GRANT SELECT, INSERT ON procrastinate_events TO portal_web;
GRANT SELECT, UPDATE ON procrastinate_periodic_defers TO portal_web;
GRANT USAGE ON SEQUENCE procrastinate_jobs_id_seq, procrastinate_events_id_seq TO portal_web;
DO $$ DECLARE each regprocedure; BEGIN
  FOR each IN SELECT oid FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND starts_with(proname, 'procrastinate_')
  LOOP EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', each); END LOOP;
END $$;
"""
CALLED = (
    "defer_jobs_v1",
    "fetch_job_v2",
    "finish_job_v1",
    "retry_job_v2",
    "register_worker_v1",
    "unregister_worker_v1",
    "update_heartbeat_v1",
    "prune_stalled_workers_v1",
)

# What waited for the workers of the release before waits for those of this one.
WAITING = """
SELECT procrastinate_defer_jobs_v1(array_agg(row('files', 'upload', 0, NULL, NULL,
  jsonb_build_object('organisation_id', organisation_id, 'upload_id', id), NULL)::procrastinate_job_to_defer_v1 ORDER BY id))
FROM upload WHERE state IN ('waiting', 'checking', 'applying') HAVING count(*) > 0
"""

DROP = """
DO $$ DECLARE each text; BEGIN
  FOR each IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND starts_with(tablename, 'procrastinate_')
  LOOP EXECUTE format('DROP TABLE %I CASCADE', each); END LOOP;
  FOR each IN SELECT oid::regprocedure::text FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace AND starts_with(proname, 'procrastinate_')
  LOOP EXECUTE format('DROP FUNCTION %s', each); END LOOP;
  FOR each IN SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype IN ('e', 'c')
    AND starts_with(typname, 'procrastinate_')
  LOOP EXECUTE format('DROP TYPE %I', each); END LOOP;
END $$
"""

STATE = "ck_import_file_importstate"
STATES = ("waiting", "checking", "checked", "applying", "done", "refused", "failed")
STATES_BEFORE = ("checked", "refused", "done")


def upgrade() -> None:
    for name, statements in sorted(_history()):
        if name <= LAST:
            op.execute(statements)
    op.execute(RIGHTS)
    for function in CALLED:
        op.execute(f"GRANT EXECUTE ON FUNCTION procrastinate_{function} TO portal_web")
    op.execute(WAITING)
    op.drop_index("ix_upload_unfinished", "upload")
    op.drop_constraint(STATE, "import_file")
    op.create_check_constraint(op.f(STATE), "import_file", f"state IN {STATES}")
    op.add_column("import_file", sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"))
    op.alter_column("import_file", "attempts", server_default=None)
    op.add_column("import_file", sa.Column("done_by_id", sa.Integer()))
    op.create_foreign_key(op.f("fk_import_file_done_by_id"), "import_file", "ab_user", ["done_by_id"], ["id"])


def downgrade() -> None:
    op.drop_column("import_file", "done_by_id")
    op.drop_column("import_file", "attempts")
    # What nobody has checked cannot be said otherwise.
    op.execute("UPDATE import_file SET state = 'checked' WHERE state = 'applying'")
    op.execute(f"UPDATE import_file SET state = 'refused' WHERE state NOT IN {STATES_BEFORE}")
    op.drop_constraint(STATE, "import_file")
    op.create_check_constraint(op.f(STATE), "import_file", f"state IN {STATES_BEFORE}")
    op.create_index(
        "ix_upload_unfinished",
        "upload",
        ["id"],
        postgresql_where=sa.text("state IN ('waiting', 'checking', 'applying')"),
    )
    op.execute(DROP)


def _history() -> list[tuple[str, str]]:
    folder = resources.files("procrastinate.sql") / "migrations"
    return [(each.name, each.read_text()) for each in folder.iterdir() if each.name.endswith(".sql")]
