"""How often an account and an address sign in, upload and write is counted, for all web processes together."""

from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

TABLE = """
CREATE TABLE rate_count (
  id serial CONSTRAINT pk_rate_count PRIMARY KEY,
  kind text NOT NULL,
  who text NOT NULL,
  began_at timestamptz NOT NULL,
  requests integer NOT NULL,
  CONSTRAINT uq_rate_count_kind_who UNIQUE (kind, who),
  CONSTRAINT ck_rate_count_requests CHECK (requests > 0)
);
CREATE INDEX ix_rate_count_began_at ON rate_count (began_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON rate_count TO portal_council, portal_sign_in;
GRANT USAGE ON SEQUENCE rate_count_id_seq TO portal_council, portal_sign_in;
ALTER TABLE rate_count ENABLE ROW LEVEL SECURITY;
CREATE POLICY every_row ON rate_count TO portal_council USING (true);
CREATE POLICY who_may_come_in ON rate_count TO portal_sign_in USING (true);
"""


def upgrade() -> None:
    """Count by account and address; a provider's login neither reads nor changes what is counted."""
    op.execute(TABLE)


def downgrade() -> None:
    """Count no more."""
    op.execute("DROP TABLE rate_count")
