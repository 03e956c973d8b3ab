"""Whether documents are published by a confirmed proposal is looked at once for all that a statement publishes.

An uplift publishes every document of a council; a look for each took a twentieth of its time (`python -m bench`).
"""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

ONCE = """
DROP TRIGGER contract_document_is_confirmed ON contract_document;
CREATE FUNCTION publications_are_confirmed() RETURNS trigger LANGUAGE plpgsql
  SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM old_rows JOIN new_rows USING (id) WHERE old_rows.version <> new_rows.version)
      AND NOT is_confirmed() THEN
    RAISE EXCEPTION 'a document is published by a confirmed proposal' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER contract_document_is_confirmed AFTER UPDATE ON contract_document
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION publications_are_confirmed();
"""
EACH = """
DROP TRIGGER contract_document_is_confirmed ON contract_document;
DROP FUNCTION publications_are_confirmed();
CREATE TRIGGER contract_document_is_confirmed AFTER UPDATE ON contract_document FOR EACH ROW
  WHEN (OLD.version <> NEW.version) EXECUTE FUNCTION publication_is_confirmed();
"""


def upgrade() -> None:
    """Look once."""
    op.execute(ONCE)


def downgrade() -> None:
    """Look at each."""
    op.execute(EACH)
