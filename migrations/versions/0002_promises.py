"""What the database promises by itself: whose rows are seen, what has become money stays, who changed what.

Row-level security reads the scope the portal sets at the start of each transaction; without one nothing is seen.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

OWN = (
    "service",
    "contact",
    "hold",
    "contract_document",
    "line_item",
    "rate",
    "actual",
    "aborted_visit",
    "exception_check",
    "invoice",
    "invoice_line",
    "scheduled_payment",
    "scheduled_payment_line",
    "absence_claim",
    "one_off_payment",
    "recovery",
    "payment_source",
    "remittance",
    "remittance_line",
    "conversation",
    "message",
    "paper_order",
    "email",
)

# What each table beside the plain ones shows to an organisation.
SEEN = {
    "organisation": "id = (SELECT app_organisation())",
    "person": "EXISTS (SELECT FROM line_item WHERE line_item.person_id = person.id)",
    "announcement": "(organisation_id IS NULL OR organisation_id = (SELECT app_organisation())) AND (sector_id IS NULL"
    " OR EXISTS (SELECT FROM organisation WHERE organisation.sector_id = announcement.sector_id))",
    "payment_run": "EXISTS (SELECT FROM remittance WHERE remittance.run_id = payment_run.id)",
    "audit_event": "false",
    "import_file": "false",
    "job_run": "false",
}

AUDITED = (
    "organisation",
    "service",
    "contact",
    "hold",
    "sector",
    "rollout",
    "person",
    "element",
    "contract_document",
    "line_item",
    "rate",
    "actual",
    "aborted_visit",
    "exception_check",
    "invoice",
    "scheduled_payment",
    "absence_claim",
    "one_off_payment",
    "recovery",
    "payment_run",
    "remittance",
    "conversation",
    "announcement",
    "paper_order",
    "payment_period",
    "policy_setting",
    "import_file",
    "ab_user",
)

SCOPE = """
CREATE FUNCTION app_organisation() RETURNS integer LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN current_setting('app.organisation', true) ~ '^[0-9]{1,9}$'
              THEN current_setting('app.organisation', true)::integer END
$$;
CREATE FUNCTION app_council() RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT coalesce(current_setting('app.organisation', true) = '*', false)
$$;
-- How many organisations a person is a contact of, whatever the scope: the page asks it to offer a change.
CREATE FUNCTION organisations_of(person integer) RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = public AS $$
  SELECT count(*) FROM contact JOIN organisation ON organisation.id = contact.organisation_id
  WHERE contact.user_id = person AND organisation.state = 'live' AND contact.start <= current_date
    AND coalesce(contact."end", 'infinity') >= current_date
$$;
"""

MONEY = """
CREATE FUNCTION stays_as_it_is() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is kept as it was written: it has become money or evidence', TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER message_stays BEFORE UPDATE OR DELETE ON message FOR EACH ROW EXECUTE FUNCTION stays_as_it_is();
CREATE TRIGGER audit_event_stays BEFORE UPDATE OR DELETE ON audit_event FOR EACH ROW EXECUTE FUNCTION stays_as_it_is();
CREATE TRIGGER remittance_stays BEFORE UPDATE OR DELETE ON remittance FOR EACH ROW EXECUTE FUNCTION stays_as_it_is();
CREATE TRIGGER remittance_line_stays BEFORE UPDATE OR DELETE ON remittance_line
  FOR EACH ROW EXECUTE FUNCTION stays_as_it_is();
CREATE TRIGGER recovery_stays BEFORE UPDATE OR DELETE ON recovery FOR EACH ROW EXECUTE FUNCTION stays_as_it_is();

-- A line of an invoice is written at submission; only whether its invoice is live can change.
CREATE TRIGGER invoice_line_stays BEFORE UPDATE ON invoice_line FOR EACH ROW
  WHEN (to_jsonb(OLD) - 'live' IS DISTINCT FROM to_jsonb(NEW) - 'live') EXECUTE FUNCTION stays_as_it_is();
CREATE TRIGGER invoice_line_not_deleted BEFORE DELETE ON invoice_line FOR EACH ROW EXECUTE FUNCTION stays_as_it_is();

CREATE TRIGGER invoice_stays BEFORE UPDATE ON invoice FOR EACH ROW
  WHEN (OLD.state <> 'draft' AND (OLD.organisation_id, OLD.period_id, OLD.number, OLD.net, OLD.vat, OLD.submitted_at)
    IS DISTINCT FROM (NEW.organisation_id, NEW.period_id, NEW.number, NEW.net, NEW.vat, NEW.submitted_at))
  EXECUTE FUNCTION stays_as_it_is();
CREATE TRIGGER invoice_rejected_stays BEFORE UPDATE OF state ON invoice FOR EACH ROW
  WHEN (OLD.state IN ('rejected', 'paid') AND NEW.state <> OLD.state) EXECUTE FUNCTION stays_as_it_is();
CREATE TRIGGER invoice_not_deleted BEFORE DELETE ON invoice FOR EACH ROW
  WHEN (OLD.state <> 'draft') EXECUTE FUNCTION stays_as_it_is();

-- The figures of a week that is on an invoice stay; its state follows the invoice's.
CREATE TRIGGER actual_stays BEFORE UPDATE ON actual FOR EACH ROW
  WHEN (OLD.state IN ('invoiced', 'paid') AND NEW.state IN ('invoiced', 'paid') AND (
    OLD.line_item_id, OLD.week_starting, OLD.mon, OLD.tue, OLD.wed, OLD.thu, OLD.fri, OLD.sat, OLD.sun,
    OLD.delivered, OLD.planned, OLD.aborted, OLD.aborted_payable, OLD.payable)
    IS DISTINCT FROM (
    NEW.line_item_id, NEW.week_starting, NEW.mon, NEW.tue, NEW.wed, NEW.thu, NEW.fri, NEW.sat, NEW.sun,
    NEW.delivered, NEW.planned, NEW.aborted, NEW.aborted_payable, NEW.payable))
  EXECUTE FUNCTION stays_as_it_is();
CREATE FUNCTION week_leaves_invoice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM invoice_line WHERE actual_id = OLD.id AND live) THEN
    RAISE EXCEPTION 'the week is on a live invoice' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER actual_leaves_invoice BEFORE UPDATE OF state ON actual FOR EACH ROW
  WHEN (OLD.state IN ('invoiced', 'paid') AND NEW.state NOT IN ('invoiced', 'paid'))
  EXECUTE FUNCTION week_leaves_invoice();
CREATE TRIGGER actual_not_deleted BEFORE DELETE ON actual FOR EACH ROW
  WHEN (OLD.state IN ('invoiced', 'paid')) EXECUTE FUNCTION stays_as_it_is();

-- A price that was invoiced is history; a new price is a new row from its own date.
CREATE FUNCTION price_was_invoiced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM invoice_line WHERE line_item_id = OLD.line_item_id AND rate = OLD.rate AND live
             AND week_starting + 6 >= OLD.start AND week_starting <= coalesce(OLD."end", 'infinity')) THEN
    RAISE EXCEPTION 'the rate has been invoiced' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER rate_stays BEFORE UPDATE OF rate, start, line_item_id ON rate FOR EACH ROW
  WHEN ((OLD.rate, OLD.start, OLD.line_item_id) IS DISTINCT FROM (NEW.rate, NEW.start, NEW.line_item_id))
  EXECUTE FUNCTION price_was_invoiced();
CREATE TRIGGER rate_not_deleted BEFORE DELETE ON rate FOR EACH ROW EXECUTE FUNCTION price_was_invoiced();

CREATE TRIGGER payment_run_stays BEFORE UPDATE ON payment_run FOR EACH ROW
  WHEN (OLD.state <> 'draft' AND (OLD.pay_date, OLD.total, OLD.payment_count, OLD.prepared_by_id, OLD.approved_by_id)
    IS DISTINCT FROM (NEW.pay_date, NEW.total, NEW.payment_count, NEW.prepared_by_id, NEW.approved_by_id))
  EXECUTE FUNCTION stays_as_it_is();
CREATE TRIGGER payment_run_not_deleted BEFORE DELETE ON payment_run FOR EACH ROW
  WHEN (OLD.state <> 'draft') EXECUTE FUNCTION stays_as_it_is();

CREATE FUNCTION run_is_closed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM payment_run WHERE id = coalesce(NEW.run_id, OLD.run_id) AND state <> 'draft') THEN
    RAISE EXCEPTION 'the payment run has been approved' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER payment_source_stays BEFORE INSERT OR UPDATE OR DELETE ON payment_source
  FOR EACH ROW EXECUTE FUNCTION run_is_closed();

-- A setting that has begun stands behind figures already; another value is another row from its own date.
CREATE TRIGGER policy_setting_stays BEFORE UPDATE OR DELETE ON policy_setting FOR EACH ROW
  WHEN (OLD.valid_from <= current_date) EXECUTE FUNCTION stays_as_it_is();
"""

AUDIT = """
CREATE FUNCTION keep_audit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
  secret text[] := ARRAY['password', 'security_code', 'totp_secret', 'totp_last_step', 'content',
    'failed_attempts', 'login_count'];
  was jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) - secret END;
  is_now jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) - secret END;
  changed_before jsonb := was;
  changed_after jsonb := is_now;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    SELECT jsonb_object_agg(key, was -> key), jsonb_object_agg(key, is_now -> key)
      INTO changed_before, changed_after
      FROM jsonb_object_keys(is_now) AS key WHERE was -> key IS DISTINCT FROM is_now -> key;
    IF changed_after IS NULL THEN RETURN NULL; END IF;
  END IF;
  INSERT INTO audit_event (user_id, organisation_id, action, record, record_id, before, after, why, from_address)
  VALUES (
    nullif(current_setting('app.user', true), '')::integer,
    CASE WHEN TG_TABLE_NAME = 'organisation' THEN (coalesce(is_now, was) ->> 'id')::integer
         ELSE (coalesce(is_now, was) ->> 'organisation_id')::integer END,
    CASE TG_OP WHEN 'INSERT' THEN 'added' WHEN 'UPDATE' THEN 'changed' ELSE 'deleted' END,
    TG_TABLE_NAME, (coalesce(is_now, was) ->> 'id')::integer, changed_before, changed_after,
    coalesce(current_setting('app.why', true), ''), coalesce(current_setting('app.address', true), ''));
  RETURN NULL;
END $$;
"""

WEB = """
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'portal_web') THEN
    CREATE ROLE portal_web NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
  END IF;
END $$;
GRANT USAGE ON SCHEMA public TO portal_web;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO portal_web;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO portal_web;
REVOKE INSERT, UPDATE, DELETE ON audit_event, alembic_version FROM portal_web;
"""

SECTORS = ("Home support", "Residential", "Nursing", "Supported living", "Day opportunities", "Housing with care")
TEAMS = ("Payments", "Service Brokerage", "Procurement", "Billing")

FUNCTIONS = (
    "keep_audit",
    "run_is_closed",
    "price_was_invoiced",
    "week_leaves_invoice",
    "stays_as_it_is",
    "organisations_of",
    "app_council",
    "app_organisation",
)


def upgrade() -> None:
    """Make the promises."""
    for statement in (SCOPE, MONEY, AUDIT):
        op.execute(statement)
    rules = {table: "organisation_id = (SELECT app_organisation())" for table in OWN} | SEEN
    for table, seen in rules.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY own_rows ON {table} USING ((SELECT app_council()) OR ({seen}))")
    for table in AUDITED:
        op.execute(
            f"CREATE TRIGGER {table}_audit AFTER INSERT OR UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION keep_audit()"
        )
    op.execute(WEB)
    for table, names in (("sector", SECTORS), ("team", TEAMS)):
        for name in names:
            op.execute(f"INSERT INTO {table} (name) VALUES ('{name}')")


def downgrade() -> None:
    """Take the promises back."""
    op.execute("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM portal_web")
    op.execute("REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM portal_web")
    op.execute("REVOKE ALL ON SCHEMA public FROM portal_web")
    for table in {*OWN, *SEEN}:
        op.execute(f"DROP POLICY own_rows ON {table}")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    for function in FUNCTIONS:
        op.execute(f"DROP FUNCTION {function} CASCADE")
