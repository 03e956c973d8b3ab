"""What is past its time is emptied, and no sooner: by functions of the owner, for it was kept for good until now.

They refuse a period below a year whatever the settings say, change no figure, and write into the audit trail what each
of its events looks like afterwards, so that the seals still say whether anything else was altered.
"""

from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

SAFE = "LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"
DIGEST = """sha256(convert_to(jsonb_build_array(event.id, (extract(epoch FROM event.at) * 1000000)::bigint,
      event.user_id, event.organisation_id, event.action, event.record, event.record_id, event.before, event.after,
      event.why, event.from_address, event.request_id)::text, 'UTF8'))"""

# Without the values named, or without any; the function that calls it has the right to.
STRIP = f"""
CREATE FUNCTION strip_trail(of_record text, ids integer[], names text[]) RETURNS integer {SAFE} AS $$
DECLARE
  stripped integer;
BEGIN
  ALTER TABLE audit_event DISABLE TRIGGER audit_event_stays;
  WITH event AS (
    UPDATE audit_event SET before = before - names, after = after - names
    WHERE record = of_record AND record_id = ANY (ids) AND (before ?| names OR after ?| names)
    RETURNING *
  ), noted AS (
    INSERT INTO audit_event (action, record, record_id, after)
    SELECT 'emptied', 'audit_event', 0, jsonb_object_agg(event.id, encode({DIGEST}, 'hex')) FROM event
    HAVING count(*) > 0
  )
  SELECT count(*) INTO stripped FROM event;
  ALTER TABLE audit_event ENABLE TRIGGER audit_event_stays;
  RETURN stripped;
END $$;
REVOKE EXECUTE ON FUNCTION strip_trail FROM PUBLIC;
"""

# One kind at a time, at most so many rows: how many were emptied. Nothing that is empty is counted again.
FORGET = f"""
CREATE FUNCTION forget(kind text, gone_before timestamptz, most integer) RETURNS integer {SAFE} AS $$
DECLARE
  chosen integer[];
  others integer[];
BEGIN
  IF gone_before > now() - interval '1 year' THEN
    RAISE EXCEPTION 'nothing is forgotten within a year' USING ERRCODE = 'restrict_violation';
  END IF;
  CASE kind
  WHEN 'people' THEN
    chosen := ARRAY(SELECT person.id FROM person WHERE person.forgotten_at IS NULL
      AND EXISTS (SELECT FROM line_item WHERE line_item.person_id = person.id)
      AND NOT EXISTS (SELECT FROM line_item WHERE line_item.person_id = person.id
                      AND coalesce(line_item."end", 'infinity') >= gone_before::date) LIMIT most);
    ALTER TABLE paper_order DISABLE TRIGGER USER;
    ALTER TABLE missing_package DISABLE TRIGGER USER;
    UPDATE person SET name = 'Name removed', forgotten_at = now() WHERE id = ANY (chosen);
    others := ARRAY(SELECT paper_order.id FROM paper_order JOIN person ON person.reference = person_reference
                    WHERE person.id = ANY (chosen));
    UPDATE paper_order SET person_name = '' WHERE id = ANY (others);
    PERFORM strip_trail('paper_order', others, ARRAY['person_name']);
    others := ARRAY(SELECT missing_package.id FROM missing_package JOIN person ON person.reference = person_reference
                    WHERE person.id = ANY (chosen));
    UPDATE missing_package SET person_name = '', born_on = NULL WHERE id = ANY (others);
    PERFORM strip_trail('missing_package', others, ARRAY['person_name', 'born_on']);
    PERFORM strip_trail('person', chosen, ARRAY['name']);
    ALTER TABLE paper_order ENABLE TRIGGER USER;
    ALTER TABLE missing_package ENABLE TRIGGER USER;
  WHEN 'contacts' THEN
    chosen := ARRAY(SELECT id FROM contact WHERE "end" < gone_before::date AND name <> 'Former contact' LIMIT most);
    UPDATE contact SET name = 'Former contact', job = '', email = 'removed-' || id || '@removed.invalid', phone = ''
    WHERE id = ANY (chosen);
    PERFORM strip_trail('contact', chosen, ARRAY['name', 'job', 'email', 'phone']);
  WHEN 'files' THEN
    ALTER TABLE upload DISABLE TRIGGER USER;
    ALTER TABLE import_file DISABLE TRIGGER USER;
    ALTER TABLE upload_finding DISABLE TRIGGER USER;
    chosen := ARRAY(SELECT id FROM upload WHERE given_at < gone_before AND length(content) > 0 LIMIT most);
    UPDATE upload SET content = '', filename = 'removed', weeks = NULL, visits = NULL, changes = NULL, "rows" = NULL
    WHERE id = ANY (chosen);
    UPDATE upload_finding SET value = '' WHERE upload_id = ANY (chosen);
    others := ARRAY(SELECT id FROM import_file WHERE given_at < gone_before AND length(content) > 0 LIMIT most);
    UPDATE import_file SET content = '', filename = 'removed', findings = findings
      || jsonb_build_object('warnings', '[]'::jsonb, 'notices', '[]'::jsonb, 'problems', '[]'::jsonb, 'changes', '[]'::jsonb)
    WHERE id = ANY (others);
    PERFORM strip_trail('import_file', others, ARRAY['filename', 'findings']);
    chosen := chosen || others;
    ALTER TABLE upload ENABLE TRIGGER USER;
    ALTER TABLE import_file ENABLE TRIGGER USER;
    ALTER TABLE upload_finding ENABLE TRIGGER USER;
  WHEN 'messages' THEN
    ALTER TABLE message DISABLE TRIGGER USER;
    ALTER TABLE attachment DISABLE TRIGGER USER;
    ALTER TABLE conversation_note DISABLE TRIGGER USER;
    ALTER TABLE conversation DISABLE TRIGGER USER;
    chosen := ARRAY(SELECT id FROM conversation WHERE closed_at < gone_before AND state = 'closed'
                    AND subject <> 'Removed' LIMIT most);
    UPDATE attachment SET content = '\\x00', size = 1, filename = 'removed.' || attachment.kind FROM message
    WHERE message.id = message_id AND conversation_id = ANY (chosen);
    UPDATE message SET body = 'Removed when its time was over.' WHERE conversation_id = ANY (chosen);
    UPDATE conversation_note SET body = 'Removed when its time was over.' WHERE conversation_id = ANY (chosen);
    UPDATE conversation SET subject = 'Removed', closed_reason = 'Removed' WHERE id = ANY (chosen);
    PERFORM strip_trail('conversation', chosen, ARRAY['subject', 'closed_reason']);
    ALTER TABLE message ENABLE TRIGGER USER;
    ALTER TABLE attachment ENABLE TRIGGER USER;
    ALTER TABLE conversation_note ENABLE TRIGGER USER;
    ALTER TABLE conversation ENABLE TRIGGER USER;
  WHEN 'e-mails' THEN
    chosen := ARRAY(SELECT id FROM email WHERE written_at < gone_before AND state <> 'waiting'
                    AND recipient <> 'removed' LIMIT most);
    UPDATE email SET recipient = 'removed', body = '', problem = '' WHERE id = ANY (chosen);
  WHEN 'sessions' THEN
    chosen := ARRAY(SELECT id FROM user_session WHERE last_seen_at < gone_before LIMIT most);
    DELETE FROM user_session WHERE id = ANY (chosen);
  WHEN 'trail' THEN
    chosen := ARRAY(SELECT id FROM audit_event WHERE at < gone_before AND action <> 'emptied'
      AND (before IS NOT NULL OR after IS NOT NULL OR why <> '' OR from_address <> '') ORDER BY at LIMIT most);
    ALTER TABLE audit_event DISABLE TRIGGER audit_event_stays;
    WITH event AS (
      UPDATE audit_event SET before = NULL, after = NULL, why = '', from_address = '' WHERE id = ANY (chosen)
      RETURNING *
    )
    INSERT INTO audit_event (action, record, record_id, after)
    SELECT 'emptied', 'audit_event', 0, jsonb_object_agg(event.id, encode({DIGEST}, 'hex')) FROM event
    HAVING count(*) > 0;
    ALTER TABLE audit_event ENABLE TRIGGER audit_event_stays;
  END CASE;
  RETURN cardinality(chosen);
END $$;
REVOKE EXECUTE ON FUNCTION forget FROM PUBLIC;
GRANT EXECUTE ON FUNCTION forget TO portal_council;
"""


def upgrade() -> None:
    """Let what is past its time be emptied."""
    op.execute("ALTER TABLE person ADD COLUMN forgotten_at timestamptz")
    op.execute(STRIP)
    op.execute(FORGET)


def downgrade() -> None:
    """Keep everything; what was emptied stays empty."""
    op.execute("DROP FUNCTION forget(text, timestamptz, integer)")
    op.execute("DROP FUNCTION strip_trail(text, integer[], text[])")
    op.execute("ALTER TABLE person DROP COLUMN forgotten_at")
