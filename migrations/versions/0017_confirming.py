"""A confirmed proposal opens what it is about, and nothing else; a document goes live and is withdrawn in plain sight.

Until now any proposal that was confirmed in a transaction let every price change in it. And a draft could be given a
number and a state of its own. Who proposed something learns that it came back, until they looked at it (`seen_at`).
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

# Of a decided proposal only that it was looked at is still written. One officer is enough where the policy says so now,
# not where it said so once.
DECIDED_ONCE = """
CREATE OR REPLACE FUNCTION proposal_is_decided_once() RETURNS trigger LANGUAGE plpgsql
  SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  decides text[] := ARRAY['state', 'ticked', 'reason', 'decided_at', 'decided_by_id', 'decided_in', 'seen_at'];
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF OLD.state <> 'proposed' THEN
      IF to_jsonb(OLD) - 'seen_at' = to_jsonb(NEW) - 'seen_at' THEN
        RETURN NEW;
      END IF;
      RAISE EXCEPTION 'a proposal is kept as it was made, and decided once' USING ERRCODE = 'restrict_violation';
    END IF;
    IF to_jsonb(OLD) - decides <> to_jsonb(NEW) - decides THEN
      RAISE EXCEPTION 'a proposal is kept as it was made, and decided once' USING ERRCODE = 'restrict_violation';
    END IF;
  ELSIF NEW.officers = 1 AND (SELECT value FROM policy_setting
      WHERE name = 'two_officers_' || replace(replace(NEW.kind, ' ', '_'), '-', '_') AND scope = 'council'
      AND valid_from <= current_date ORDER BY valid_from DESC LIMIT 1) IS DISTINCT FROM 'no' THEN
    RAISE EXCEPTION 'this takes two officers' USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_proposal_two_officers';
  END IF;
  NEW.decided_in := NULL;
  IF NEW.state = 'confirmed' THEN
    IF EXISTS (SELECT FROM jsonb_array_elements(NEW.unusual) AS each WHERE NOT NEW.ticked ? (each ->> 'code')) THEN
      RAISE EXCEPTION 'what is unusual has not been looked at'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_proposal_unusual_ticked';
    END IF;
    NEW.decided_in := pg_current_xact_id()::text::bigint;
  END IF;
  RETURN NEW;
END $$;
"""

# A proposal about a line opens that line, one about a document its lines; one about neither is about many (publishing,
# uplift). The end of a line opens neither plans nor rates.
ABOUT = """
CREATE FUNCTION is_confirmed_for(line integer, document integer, price boolean) RETURNS boolean LANGUAGE sql STABLE
  SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT EXISTS (SELECT FROM proposal WHERE decided_in = pg_current_xact_id_if_assigned()::text::bigint
    AND state = 'confirmed' AND NOT (price AND kind = 'line end')
    AND CASE WHEN line_item_id IS NOT NULL THEN line_item_id = line
      WHEN document_id IS NOT NULL THEN document_id = document
      ELSE kind IN ('publishing', 'uplift') END)
$$;
CREATE OR REPLACE FUNCTION price_is_confirmed() RETURNS trigger LANGUAGE plpgsql
  SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM (SELECT DISTINCT line_item.id, document.id AS document_id
      FROM changed_rows JOIN line_item ON line_item.id = changed_rows.line_item_id
      JOIN contract_document AS document ON document.id = line_item.document_id WHERE document.version > 0) AS live
      WHERE NOT is_confirmed_for(live.id, live.document_id, true)) THEN
    RAISE EXCEPTION 'plans and rates of a line that was published change by a confirmed proposal'
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION line_is_confirmed() RETURNS trigger LANGUAGE plpgsql
  SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM changed_rows JOIN contract_document AS document ON document.id = changed_rows.document_id
      WHERE document.version > 0 AND NOT is_confirmed_for(changed_rows.id, document.id, false)) THEN
    RAISE EXCEPTION 'a line that was published changes by a confirmed proposal' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$;
"""
OF_ANY = """
CREATE OR REPLACE FUNCTION price_is_confirmed() RETURNS trigger LANGUAGE plpgsql
  SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM changed_rows JOIN line_item ON line_item.id = changed_rows.line_item_id
      JOIN contract_document AS document ON document.id = line_item.document_id WHERE document.version > 0)
      AND NOT is_confirmed() THEN
    RAISE EXCEPTION 'plans and rates of a line that was published change by a confirmed proposal'
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION line_is_confirmed() RETURNS trigger LANGUAGE plpgsql
  SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM changed_rows JOIN contract_document AS document ON document.id = changed_rows.document_id
      WHERE document.version > 0) AND NOT is_confirmed() THEN
    RAISE EXCEPTION 'a line that was published changes by a confirmed proposal' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$;
"""
DOCUMENTS = """
CREATE TRIGGER contract_document_new_is_confirmed AFTER INSERT ON contract_document FOR EACH ROW
  WHEN (NEW.version > 0) EXECUTE FUNCTION publication_is_confirmed();
CREATE TRIGGER contract_document_is_confirmed AFTER UPDATE ON contract_document FOR EACH ROW
  WHEN (OLD.version <> NEW.version) EXECUTE FUNCTION publication_is_confirmed();
"""
CHECKS = {
    "published_has_a_version": "state = 'draft' OR version > 0",
    "withdrawn_why": "state <> 'withdrawn' OR withdrawn_reason <> ''",
}


def upgrade() -> None:
    op.add_column("proposal", sa.Column("seen_at", sa.DateTime(timezone=True)))
    op.add_column("contract_document", sa.Column("withdrawn_at", sa.DateTime(timezone=True)))
    op.add_column("contract_document", sa.Column("withdrawn_reason", sa.Text(), server_default="", nullable=False))
    op.execute("UPDATE contract_document SET withdrawn_at = published_at, withdrawn_reason = 'No reason was kept'"
               " WHERE state = 'withdrawn'")  # fmt: skip
    for name, promise in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_contract_document_{name}"), "contract_document", promise)
    op.execute(DECIDED_ONCE)
    op.execute(ABOUT)
    op.execute(DOCUMENTS)


def downgrade() -> None:
    op.execute("DROP TRIGGER contract_document_new_is_confirmed ON contract_document")
    op.execute("DROP TRIGGER contract_document_is_confirmed ON contract_document")
    op.execute(OF_ANY)
    op.execute("DROP FUNCTION is_confirmed_for")
    # What decides once is left as it is: it only knows of one column more.
    for name in CHECKS:
        op.drop_constraint(op.f(f"ck_contract_document_{name}"), "contract_document")
    op.drop_column("contract_document", "withdrawn_reason")
    op.drop_column("contract_document", "withdrawn_at")
    op.drop_column("proposal", "seen_at")
