"""Wrong passwords and codes are counted by account and place, so that a stranger keeps nobody but themselves out."""

from alembic import op

revision = "0042"
down_revision = "0038"
branch_labels = None
depends_on = None

TABLE = """
CREATE TABLE wrong_try (
  id serial CONSTRAINT pk_wrong_try PRIMARY KEY,
  user_id integer CONSTRAINT fk_wrong_try_user_id REFERENCES ab_user (id) ON DELETE CASCADE,
  email_hash text,
  place text NOT NULL,
  tries integer NOT NULL DEFAULT 0,
  locked_until timestamptz,
  first_at timestamptz NOT NULL DEFAULT now(),
  told boolean NOT NULL DEFAULT false,
  CONSTRAINT uq_wrong_try_user_id_email_hash_place UNIQUE NULLS NOT DISTINCT (user_id, email_hash, place),
  CONSTRAINT ck_wrong_try_one_account CHECK (num_nonnulls(user_id, email_hash) <= 1),
  CONSTRAINT ck_wrong_try_tries CHECK (tries >= 0)
);
CREATE INDEX ix_wrong_try_first_at ON wrong_try (first_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON wrong_try TO portal_council, portal_sign_in;
GRANT USAGE ON SEQUENCE wrong_try_id_seq TO portal_council, portal_sign_in;
DROP TABLE unknown_address;
ALTER TABLE ab_user DROP COLUMN failed_attempts, DROP COLUMN locked_until;
"""

BEFORE = """
ALTER TABLE ab_user ADD COLUMN failed_attempts integer NOT NULL DEFAULT 0, ADD COLUMN locked_until timestamptz;
GRANT UPDATE (failed_attempts, locked_until) ON ab_user TO portal_sign_in;
DROP TABLE wrong_try;
CREATE TABLE unknown_address (
  id serial CONSTRAINT pk_unknown_address PRIMARY KEY,
  email_hash text NOT NULL CONSTRAINT uq_unknown_address_email_hash UNIQUE,
  failed_attempts integer NOT NULL DEFAULT 0,
  locked_until timestamptz,
  first_typed_at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT, INSERT, UPDATE, DELETE ON unknown_address TO portal_council, portal_sign_in;
GRANT USAGE ON SEQUENCE unknown_address_id_seq TO portal_council, portal_sign_in;
"""


def upgrade() -> None:
    """Count anew from here: what was locked is open."""
    op.execute(TABLE)


def downgrade() -> None:
    """Count by account alone."""
    op.execute(BEFORE)
