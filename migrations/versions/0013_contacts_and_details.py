"""Contacts are limited, ended and reviewed; an organisation's details have a history, and two officers change its bank.

What a provider changes itself (address, telephone, e-mail) is kept by a trigger, whoever changed it. Legal name, VAT
number and bank details are asked for: the database refuses one officer who would both check and confirm, keeps what was
asked for as it was, and a payment hold until somebody rang back.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
KINDS = ("legal name", "VAT number", "bank details")
STATES = ("asked for", "confirmed once", "confirmed", "sent back", "withdrawn", "replaced")
DIGITS = ("digits checked", "digits do not fit", "digits not checked")
METHODS = ("MOD10", "MOD11", "DBLAL")

# Of the table change_request: name -> condition.
CHECKS = {
    "changekind": f"kind IN {KINDS}",
    "changestate": f"state IN {STATES}",
    "checked": "(checked_by_id IS NULL) = (checked_at IS NULL)",
    "two_officers": "checked_by_id <> decided_by_id",
    "decided": "(decided_by_id IS NULL) = (decided_at IS NULL)",
    "decided_state": "(decided_at IS NOT NULL) = (state IN ('confirmed', 'replaced', 'sent back'))",
    "asked_state": "state <> 'asked for' OR checked_at IS NULL",
    "checked_state": "state NOT IN ('confirmed once', 'confirmed', 'replaced') OR checked_at IS NOT NULL",
    "sent_back_why": "(state = 'sent back') = (sent_back_reason <> '')",
    "sealed": "(kind = 'bank details') = (sealed IS NOT NULL)",
    "digitcheck": f"digits IN {DIGITS}",
    "called": "num_nulls(called_at, called_by_id, called_who, called_number) IN (0, 4)",
    "called_state": "called_at IS NULL OR kind = 'bank details' AND state IN ('confirmed', 'replaced')",
    "wanted": "wanted <> ''",
}

PROMISES = """
CREATE FUNCTION keep_detail() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  before jsonb := to_jsonb(OLD);
  after jsonb := to_jsonb(NEW);
BEGIN
  INSERT INTO detail_change (organisation_id, service_id, changed_by_id, field, was, became)
  SELECT coalesce((after ->> 'organisation_id')::integer, NEW.id),
    CASE WHEN TG_TABLE_NAME = 'service' THEN NEW.id END,
    nullif(current_setting('app.user', true), '')::integer, field, before ->> field, after ->> field
  FROM unnest(ARRAY['address', 'postcode', 'phone', 'email']) AS field
  WHERE before ->> field IS DISTINCT FROM after ->> field;
  RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION keep_detail FROM PUBLIC;
CREATE TRIGGER organisation_detail AFTER UPDATE OF address, postcode, phone, email ON organisation
  FOR EACH ROW EXECUTE FUNCTION keep_detail();
CREATE TRIGGER service_detail AFTER UPDATE OF address, postcode, phone, email ON service
  FOR EACH ROW EXECUTE FUNCTION keep_detail();

CREATE TRIGGER change_request_asked_stays BEFORE UPDATE ON change_request FOR EACH ROW
  WHEN ((OLD.organisation_id, OLD.kind, OLD.was, OLD.wanted, OLD.sealed, OLD.digits, OLD.asked_at, OLD.asked_by_id)
    IS DISTINCT FROM (NEW.organisation_id, NEW.kind, NEW.was, NEW.wanted, NEW.sealed, NEW.digits, NEW.asked_at, NEW.asked_by_id))
  EXECUTE FUNCTION stays_as_it_is();
CREATE TRIGGER change_request_closed_stays BEFORE UPDATE ON change_request FOR EACH ROW
  WHEN (OLD.state NOT IN ('asked for', 'confirmed once') AND (
    NEW.state <> OLD.state AND NOT (OLD.state = 'confirmed' AND NEW.state = 'replaced')
    OR (OLD.checked_at, OLD.checked_by_id, OLD.decided_at, OLD.decided_by_id, OLD.sent_back_reason)
      IS DISTINCT FROM (NEW.checked_at, NEW.checked_by_id, NEW.decided_at, NEW.decided_by_id, NEW.sent_back_reason)
    OR OLD.called_at IS NOT NULL AND (OLD.called_at, OLD.called_by_id, OLD.called_who, OLD.called_number)
      IS DISTINCT FROM (NEW.called_at, NEW.called_by_id, NEW.called_who, NEW.called_number)))
  EXECUTE FUNCTION stays_as_it_is();
CREATE TRIGGER change_request_not_deleted BEFORE DELETE ON change_request
  FOR EACH ROW EXECUTE FUNCTION stays_as_it_is();
CREATE TRIGGER contact_review_stays BEFORE UPDATE OR DELETE ON contact_review
  FOR EACH ROW EXECUTE FUNCTION stays_as_it_is();

CREATE FUNCTION hold_waits_for_call() RETURNS trigger LANGUAGE plpgsql
  SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM change_request WHERE id = OLD.change_request_id AND state = 'confirmed' AND called_at IS NULL) THEN
    RAISE EXCEPTION 'nobody has rung back about the new bank details' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER hold_until_called BEFORE UPDATE OR DELETE ON hold FOR EACH ROW
  WHEN (OLD.change_request_id IS NOT NULL) EXECUTE FUNCTION hold_waits_for_call();
"""

SECRETS = """
CREATE OR REPLACE FUNCTION without_secrets(record jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT record - ARRAY['password', 'security_code', 'totp_secret', 'totp_last_step', 'content',
    'failed_attempts', 'login_count'{more}]
$$;
"""

ORGANISATIONS_OF = """
CREATE OR REPLACE FUNCTION organisations_of(person integer, day date) RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT count(*) FROM contact JOIN organisation ON organisation.id = contact.organisation_id
  WHERE contact.user_id = person AND organisation.state = 'live' AND contact.start <= day
    AND coalesce(contact."end", 'infinity') >= day{more}
$$;
"""

# A contact who is limited to services sees and writes nothing of other services: the session says which, for the length
# of a transaction, as it says the organisation. Rows that pages reach only through one of these have no rule of their own.
SERVICES = """
CREATE FUNCTION app_services() RETURNS integer[] LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT nullif(current_setting('app.services', true), '')::integer[]
$$;
"""
OF_SERVICE = "service_id = ANY ((SELECT app_services())::integer[])"
OF_LINE = "EXISTS (SELECT FROM line_item WHERE line_item.id = line_item_id)"
OWN_SERVICES = {
    "line_item": OF_SERVICE,
    "contract_document": OF_SERVICE,
    "actual": OF_LINE,
    "aborted_visit": OF_LINE,
    "absence_claim": OF_LINE,
    "exception_check": "EXISTS (SELECT FROM actual WHERE actual.id = actual_id)",
    "conversation": "document_id IS NULL"
    " OR EXISTS (SELECT FROM contract_document WHERE contract_document.id = document_id)",
    "upload": "given_by_id = nullif(current_setting('app.user', true), '')::integer",
}

SEES = {
    "INSERT": "NEW TABLE AS new_rows",
    "UPDATE": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "DELETE": "OLD TABLE AS old_rows",
}
AUDITED = ("change_request", "contact_service")
OWN = ("contact_service", "contact_review", "change_request", "detail_change")

# What each login may do beside reading. A provider asks, withdraws what it asked for, and decides nothing.
RIGHTS = """
GRANT SELECT ON contact_service, contact_review, change_request, detail_change, modulus_weight TO portal_web, portal_council;
GRANT INSERT, DELETE ON contact_service TO portal_web;
GRANT INSERT, UPDATE, DELETE ON contact_service TO portal_council;
GRANT INSERT ON contact_review TO portal_web, portal_council;
GRANT INSERT (organisation_id, kind, state, was, wanted, sealed, digits, asked_by_id), UPDATE (state)
  ON change_request TO portal_web;
GRANT INSERT, UPDATE ON change_request TO portal_council;
GRANT INSERT, UPDATE, DELETE ON modulus_weight TO portal_council;
GRANT USAGE ON SEQUENCE contact_service_id_seq, contact_review_id_seq, change_request_id_seq TO portal_web, portal_council;
GRANT USAGE ON SEQUENCE modulus_weight_id_seq TO portal_council;
GRANT UPDATE (address, postcode, phone, email) ON organisation, service TO portal_web;
REVOKE DELETE ON contact FROM portal_web;
"""


def _key(name: str) -> list:
    return [sa.Column("id", sa.Integer(), nullable=False), sa.PrimaryKeyConstraint("id", name=f"pk_{name}")]


def _words(name: str, *, optional: bool = False) -> sa.Column:
    return sa.Column(name, sa.Text(), nullable=optional)


def _who(table: str, name: str, *, optional: bool = True) -> list:
    return [
        sa.Column(name, sa.Integer(), nullable=optional),
        sa.ForeignKeyConstraint([name], ["ab_user.id"], name=f"fk_{table}_{name}"),
    ]


def _whose(table: str) -> list:
    return [
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=f"fk_{table}_organisation_id"),
    ]


def upgrade() -> None:
    _contacts()
    _details()
    _requests()
    op.execute(PROMISES)
    op.execute(SECRETS.format(more=", 'sealed'"))
    op.execute(ORGANISATIONS_OF.format(more=" AND contact.ended_at IS NULL"))
    for table in AUDITED:
        for change, rows in SEES.items():
            op.execute(
                f"CREATE TRIGGER {table}_audit_{change.lower()} AFTER {change} ON {table} REFERENCING {rows}"
                " FOR EACH STATEMENT EXECUTE FUNCTION keep_audit()"
            )
    for table in OWN:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY own_rows ON {table} TO portal_web USING (organisation_id = (SELECT app_organisation()))"
        )
        op.execute(f"CREATE POLICY every_row ON {table} TO portal_council USING (true)")
    op.execute(RIGHTS)
    op.execute(SERVICES)
    for table, rule in OWN_SERVICES.items():
        op.execute(
            f"CREATE POLICY own_services ON {table} AS RESTRICTIVE TO portal_web"
            f" USING ((SELECT app_services()) IS NULL OR {rule})"
        )


def _contacts() -> None:
    op.add_column("contact", sa.Column("ended_at", INSTANT))
    op.add_column("contact", sa.Column("ended_by_id", sa.Integer()))
    op.create_foreign_key("fk_contact_ended_by_id", "contact", "ab_user", ["ended_by_id"], ["id"])
    op.create_check_constraint(op.f("ck_contact_ended_on"), "contact", 'ended_at IS NULL OR "end" IS NOT NULL')
    op.create_table(
        "contact_service",
        *_key("contact_service"),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.UniqueConstraint("contact_id", "service_id", name="uq_contact_service_contact_id_service_id"),
        sa.ForeignKeyConstraint(
            ["organisation_id", "contact_id"], ["contact.organisation_id", "contact.id"],
            name="fk_contact_service_organisation_id_contact_id", ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "service_id"], ["service.organisation_id", "service.id"],
            name="fk_contact_service_organisation_id_service_id",
        ),
    )
    op.create_table(
        "contact_review",
        *_key("contact_review"),
        *_whose("contact_review"),
        sa.Column("reviewed_at", INSTANT, server_default=sa.func.now(), nullable=False),
        *_who("contact_review", "reviewed_by_id", optional=False),
    )
    op.create_index("ix_contact_review_organisation_id", "contact_review", ["organisation_id"])


def _details() -> None:
    op.add_column("organisation", sa.Column("vat_number", sa.Text(), server_default="", nullable=False))
    op.add_column("service", sa.Column("email", sa.Text(), server_default="", nullable=False))
    op.create_table(
        "detail_change",
        *_key("detail_change"),
        *_whose("detail_change"),
        sa.Column("changed_at", INSTANT, server_default=sa.func.now(), nullable=False),
        *_who("detail_change", "changed_by_id"),
        sa.Column("service_id", sa.Integer()),
        _words("field"), _words("was"), _words("became"),
        sa.ForeignKeyConstraint(
            ["organisation_id", "service_id"], ["service.organisation_id", "service.id"],
            name="fk_detail_change_organisation_id_service_id", ondelete="CASCADE",
        ),
    )
    for column in ("organisation_id", "service_id"):
        op.create_index(f"ix_detail_change_{column}", "detail_change", [column])
    op.create_table(
        "modulus_weight",
        *_key("modulus_weight"),
        _words("first"), _words("last"),
        sa.Column("method", sa.String(40), nullable=False),
        sa.Column("weights", sa.ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column("exception", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint(f"method IN {METHODS}", name=op.f("ck_modulus_weight_method")),
        sa.CheckConstraint("cardinality(weights) = 14", name=op.f("ck_modulus_weight_fourteen")),
    )


def _requests() -> None:
    table = "change_request"
    op.create_table(
        table,
        *_key(table),
        *_whose(table),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("was", sa.Text(), server_default="", nullable=False),
        _words("wanted"),
        _words("sealed", optional=True),
        sa.Column("digits", sa.String(40)),
        sa.Column("asked_at", INSTANT, server_default=sa.func.now(), nullable=False),
        *_who(table, "asked_by_id", optional=False),
        sa.Column("checked_at", INSTANT),
        *_who(table, "checked_by_id"),
        sa.Column("decided_at", INSTANT),
        *_who(table, "decided_by_id"),
        sa.Column("sent_back_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("called_at", INSTANT),
        *_who(table, "called_by_id"),
        _words("called_who", optional=True), _words("called_number", optional=True),
        sa.UniqueConstraint("organisation_id", "id", name="uq_change_request_organisation_id_id"),
        *(sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}")) for name, condition in CHECKS.items()),
    )
    op.create_index("ix_change_request_organisation_id", table, ["organisation_id"])
    op.create_index(
        "uq_change_request_open", table, ["organisation_id", "kind"], unique=True,
        postgresql_where=sa.text("state IN ('asked for', 'confirmed once')"),
    )
    op.create_index(
        "uq_change_request_account", table, ["organisation_id"], unique=True,
        postgresql_where=sa.text("kind = 'bank details' AND state = 'confirmed'"),
    )
    op.add_column("hold", sa.Column("change_request_id", sa.Integer()))
    op.create_unique_constraint("uq_hold_change_request_id", "hold", ["change_request_id"])
    op.create_foreign_key(
        "fk_hold_organisation_id_change_request_id", "hold", table,
        ["organisation_id", "change_request_id"], ["organisation_id", "id"],
    )


def downgrade() -> None:
    for table in OWN_SERVICES:
        op.execute(f"DROP POLICY own_services ON {table}")
    op.execute("DROP FUNCTION app_services()")
    op.execute("GRANT DELETE ON contact TO portal_web")
    op.execute("REVOKE UPDATE (address, postcode, phone, email) ON organisation, service FROM portal_web")
    op.execute("DROP TRIGGER hold_until_called ON hold")
    for table in ("organisation", "service"):
        op.execute(f"DROP TRIGGER {table}_detail ON {table}")
    op.execute(ORGANISATIONS_OF.format(more=""))
    op.execute(SECRETS.format(more=""))
    op.drop_column("hold", "change_request_id")
    for table in ("detail_change", "contact_service", "contact_review", "change_request", "modulus_weight"):
        op.drop_table(table)
    for function in ("keep_detail", "hold_waits_for_call"):
        op.execute(f"DROP FUNCTION {function}")
    op.drop_column("organisation", "vat_number")
    op.drop_column("service", "email")
    op.drop_column("contact", "ended_by_id")
    op.drop_column("contact", "ended_at")
