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
    "actual_version",
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
    "upload",
    "upload_finding",
    "visit",
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

# Not among them: an actual, whose every version is kept (VERSIONS), and the check that follows from it, of which what
# Service Brokerage decides leaves a trace (AUDIT).
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
    "aborted_visit",
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

-- The figures of a week that is on an invoice change by a correction only: a version of their own, which history keeps.
-- What was invoiced stands on the invoice's lines. The state follows the invoice's.
CREATE TRIGGER actual_stays BEFORE UPDATE ON actual FOR EACH ROW
  WHEN (OLD.state IN ('invoiced', 'paid') AND NEW.state IN ('invoiced', 'paid') AND (
    (OLD.line_item_id, OLD.week_starting) IS DISTINCT FROM (NEW.line_item_id, NEW.week_starting)
    OR NEW.version <= OLD.version AND (
    OLD.mon, OLD.tue, OLD.wed, OLD.thu, OLD.fri, OLD.sat, OLD.sun,
    OLD.delivered, OLD.planned, OLD.aborted, OLD.aborted_payable, OLD.payable)
    IS DISTINCT FROM (
    NEW.mon, NEW.tue, NEW.wed, NEW.thu, NEW.fri, NEW.sat, NEW.sun,
    NEW.delivered, NEW.planned, NEW.aborted, NEW.aborted_payable, NEW.payable)))
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

# What makes a version of a week: its figures, and why they are what they are.
FIGURES = (
    *("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
    *("delivered", "planned", "aborted", "aborted_payable", "payable", "reason", "comment"),
)


def _row(of: str) -> str:
    return f"({', '.join(f'{of}.{name}' for name in FIGURES)})"


def _keep_versions(saved_at: str, rows: str) -> str:
    return f"""
INSERT INTO actual_version (organisation_id, actual_id, version, state, {", ".join(FIGURES)}, source, saved_at, saved_by_id)
SELECT n.organisation_id, n.id, n.version, n.state, {", ".join(f"n.{name}" for name in FIGURES)},
  coalesce(nullif(n.source, ''), current_setting('app.why', true), ''), {saved_at},
  coalesce(nullif(current_setting('app.user', true), '')::integer, n.changed_by_id)
FROM {rows} ORDER BY n.id;"""


# By statement, not by row: ten thousand weeks are saved and ten thousand versions kept by one statement each.
# A plan is kept with the function, and a nested loop that does for one row compares ten thousand with ten thousand.
VERSIONS = f"""
CREATE FUNCTION next_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.version := OLD.version + 1;
  RETURN NEW;
END $$;
-- Other figures are another version, whoever forgets to say so.
CREATE TRIGGER actual_version_moves BEFORE UPDATE ON actual FOR EACH ROW
  WHEN (NEW.version <= OLD.version AND {_row("OLD")} IS DISTINCT FROM {_row("NEW")})
  EXECUTE FUNCTION next_version();

CREATE FUNCTION keep_versions() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public
  SET enable_nestloop = off AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    {_keep_versions("n.changed_at", "new_rows AS n")}
  ELSE
    {_keep_versions("CASE WHEN n.changed_at = o.changed_at THEN now() ELSE n.changed_at END", f"new_rows AS n JOIN old_rows AS o ON o.id = n.id WHERE {_row('o')} IS DISTINCT FROM {_row('n')}")}
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER actual_keeps_first_version AFTER INSERT ON actual REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION keep_versions();
CREATE TRIGGER actual_keeps_version AFTER UPDATE ON actual REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION keep_versions();
CREATE TRIGGER actual_version_stays BEFORE UPDATE OR DELETE ON actual_version
  FOR EACH ROW EXECUTE FUNCTION stays_as_it_is();
"""

AUDIT = """
CREATE FUNCTION without_secrets(record jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT record - ARRAY['password', 'security_code', 'totp_secret', 'totp_last_step', 'content',
    'failed_attempts', 'login_count']
$$;

-- One statement that changes many rows keeps all their traces at once.
CREATE FUNCTION keep_audit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public
  SET enable_nestloop = off AS $$
DECLARE
  whose text := CASE WHEN TG_TABLE_NAME = 'organisation' THEN 'id' ELSE 'organisation_id' END;
  who integer := nullif(current_setting('app.user', true), '')::integer;
  because text := coalesce(current_setting('app.why', true), '');
  address text := coalesce(current_setting('app.address', true), '');
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_event (user_id, organisation_id, action, record, record_id, after, why, from_address)
    SELECT who, (is_now ->> whose)::integer, 'added', TG_TABLE_NAME, (is_now ->> 'id')::integer, is_now, because, address
    FROM (SELECT without_secrets(to_jsonb(n)) AS is_now FROM new_rows AS n OFFSET 0) AS each;
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO audit_event (user_id, organisation_id, action, record, record_id, before, why, from_address)
    SELECT who, (was ->> whose)::integer, 'deleted', TG_TABLE_NAME, (was ->> 'id')::integer, was, because, address
    FROM (SELECT without_secrets(to_jsonb(o)) AS was FROM old_rows AS o OFFSET 0) AS each;
  ELSE
    INSERT INTO audit_event (user_id, organisation_id, action, record, record_id, before, after, why, from_address)
    SELECT who, (is_now ->> whose)::integer, 'changed', TG_TABLE_NAME, (is_now ->> 'id')::integer,
      changed.before, changed.after, because, address
    FROM (SELECT without_secrets(to_jsonb(o)) AS was, without_secrets(to_jsonb(n)) AS is_now
          FROM new_rows AS n JOIN old_rows AS o ON o.id = n.id OFFSET 0) AS each
    CROSS JOIN LATERAL (SELECT jsonb_object_agg(key, was -> key) AS before, jsonb_object_agg(key, value) AS after
      FROM jsonb_each(is_now) WHERE was -> key IS DISTINCT FROM value) AS changed
    WHERE was <> is_now AND changed.after IS NOT NULL;
  END IF;
  RETURN NULL;
END $$;

-- A decision stays known when a later change of the week's figures has voided it.
CREATE FUNCTION keep_decision() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public
  SET enable_nestloop = off AS $$
BEGIN
  INSERT INTO audit_event (user_id, organisation_id, action, record, record_id, before, after, why, from_address)
  SELECT nullif(current_setting('app.user', true), '')::integer, n.organisation_id, 'changed', TG_TABLE_NAME, n.id,
    jsonb_build_object('decision', o.decision, 'decided_units', o.decided_units, 'decision_reason', o.decision_reason,
      'decided_at', o.decided_at, 'decided_by_id', o.decided_by_id, 'claimed', o.claimed),
    jsonb_build_object('decision', n.decision, 'decided_units', n.decided_units, 'decision_reason', n.decision_reason,
      'decided_at', n.decided_at, 'decided_by_id', n.decided_by_id, 'claimed', n.claimed),
    coalesce(current_setting('app.why', true), ''), coalesce(current_setting('app.address', true), '')
  FROM new_rows AS n JOIN old_rows AS o ON o.id = n.id
  WHERE (o.decision, o.decided_units, o.decision_reason)
    IS DISTINCT FROM (n.decision, n.decided_units, n.decision_reason);
  RETURN NULL;
END $$;
CREATE TRIGGER exception_check_audit AFTER UPDATE ON exception_check
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION keep_decision();
"""

# A trigger that sees all rows of a statement is for one kind of change.
SEES = {
    "INSERT": "NEW TABLE AS new_rows",
    "UPDATE": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "DELETE": "OLD TABLE AS old_rows",
}

WEB = """
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'portal_web') THEN
    CREATE ROLE portal_web NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
  END IF;
END $$;
GRANT USAGE ON SCHEMA public TO portal_web;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO portal_web;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO portal_web;
REVOKE INSERT, UPDATE, DELETE ON audit_event, actual_version, alembic_version FROM portal_web;
"""

SECTORS = ("Home support", "Residential", "Nursing", "Supported living", "Day opportunities", "Housing with care")
TEAMS = ("Payments", "Service Brokerage", "Procurement", "Billing")

FUNCTIONS = (
    "keep_audit",
    "keep_decision",
    "without_secrets",
    "keep_versions",
    "next_version",
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
    for statement in (SCOPE, MONEY, VERSIONS, AUDIT):
        op.execute(statement)
    rules = {table: "organisation_id = (SELECT app_organisation())" for table in OWN} | SEEN
    for table, seen in rules.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY own_rows ON {table} USING ((SELECT app_council()) OR ({seen}))")
    for table in AUDITED:
        for change, rows in SEES.items():
            op.execute(
                f"CREATE TRIGGER {table}_audit_{change.lower()} AFTER {change} ON {table} REFERENCING {rows}"
                " FOR EACH STATEMENT EXECUTE FUNCTION keep_audit()"
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
