"""An ISO has numbered versions and keeps its lines for life; plans are dated; what decides money takes two officers.

A new version of a document used to be a row of its own, which left the lines behind on the old one. Now the contract
document is the ISO, and each published version is kept as it was shown, with a digest that accepting signs. A line's plan
is a row that begins on a day, like its rate. Plans, rates, dates and publication change only in the transaction in which
a proposal about them is confirmed, and the database refuses to have it confirmed by who proposed it.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ALL_DAYS = ", ".join(DAYS)
KINDS = ("publishing", "rate change", "plan change", "line end", "new version", "uplift", "one-off payment",
         "policy value", "role")  # fmt: skip
STATES = ("proposed", "confirmed", "sent back", "withdrawn")
DOCUMENT_STATES = ("draft", "published", "accepted", "rejected", "replaced", "withdrawn", "ended")
SEES = {
    "insert": "NEW TABLE AS new_rows",
    "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "delete": "OLD TABLE AS old_rows",
}

# Of a reference the version that was published last is the ISO; the lines of all its versions are the ISO's. A draft of
# a later version becomes a draft of its own.
MERGED = """
CREATE TEMPORARY TABLE merged ON COMMIT DROP AS
SELECT id, first_value(id) OVER (PARTITION BY reference ORDER BY state = 'draft', version DESC) AS kept,
  count(*) FILTER (WHERE state <> 'draft') OVER (PARTITION BY reference) AS published
FROM contract_document;
UPDATE contract_document SET reference = reference || '/' || version
FROM merged WHERE merged.id = contract_document.id AND state = 'draft' AND kept <> merged.id;
DELETE FROM merged USING contract_document AS own WHERE own.id = merged.id AND own.state = 'draft';
"""
# What each was when it was published, as rules/document_content.py writes it.
VERSIONS = """
INSERT INTO document_version (organisation_id, document_id, number, state, content, digest, published_at, answered_at,
  answered_by_id, signed_digest, rejected_reason)
SELECT organisation_id, kept, version, state, content, encode(sha256(convert_to(content, 'UTF8')), 'hex'), published_at,
  CASE WHEN state = 'rejected' THEN rejected_at ELSE accepted_at END, accepted_by_id,
  CASE WHEN accepted_at IS NOT NULL THEN encode(sha256(convert_to(content, 'UTF8')), 'hex') END, rejected_reason
FROM (SELECT document.*, kept, jsonb_build_object('council', 'The council',
    'organisation', organisation.name, 'organisation_reference', organisation.reference, 'service', service.name,
    'person_reference', person.reference, 'reference', document.reference, 'version', document.version,
    'terms', document.terms, 'published_on', (published_at AT TIME ZONE 'Europe/London')::date,
    'lines', coalesce((SELECT jsonb_agg(jsonb_build_object(
      'reference', line.reference, 'element', element.name, 'unit', line.unit, 'plan_kind', line.plan_kind,
      'start', line.start, 'end', line."end", 'payment_method', line.payment_method,
      'payment_basis', line.payment_basis, 'contribution', line.contribution::text, 'top_up', line.top_up::text,
      'vat_code', line.vat_code, 'extras_allowed', line.extras_allowed,
      'plans', (SELECT coalesce(jsonb_agg(jsonb_build_object('start', plan.start,
          'weekly', plan.weekly_quantity::text, 'days', jsonb_build_array(plan.mon::text, plan.tue::text,
          plan.wed::text, plan.thu::text, plan.fri::text, plan.sat::text, plan.sun::text)) ORDER BY plan.start), '[]')
        FROM plan WHERE plan.line_item_id = line.id),
      'rates', (SELECT coalesce(jsonb_agg(jsonb_build_object('rate', rate.rate::text, 'start', rate.start,
          'end', rate."end") ORDER BY rate.start), '[]') FROM rate WHERE rate.line_item_id = line.id))
      ORDER BY line.reference) FROM line_item AS line JOIN element ON element.id = line.element_id
      WHERE line.document_id = document.id), '[]'))::text AS content
  FROM contract_document AS document JOIN merged ON merged.id = document.id
  JOIN organisation ON organisation.id = document.organisation_id JOIN service ON service.id = document.service_id
  JOIN person ON person.id = document.person_id
  WHERE published_at IS NOT NULL) AS published
"""
ONE_ISO = """
UPDATE line_item SET document_id = kept FROM merged WHERE merged.id = document_id AND kept <> merged.id;
UPDATE hold SET document_id = kept FROM merged WHERE merged.id = document_id AND kept <> merged.id;
UPDATE conversation SET document_id = kept FROM merged WHERE merged.id = document_id AND kept <> merged.id;
UPDATE paper_order SET document_id = kept FROM merged WHERE merged.id = document_id AND kept <> merged.id;
DELETE FROM contract_document USING merged WHERE merged.id = contract_document.id AND kept <> merged.id;
UPDATE contract_document SET version = 0 WHERE state = 'draft';
UPDATE contract_document SET state = 'ended' WHERE state = 'replaced';
"""

PROMISES = """
CREATE FUNCTION proposal_is_decided_once() RETURNS trigger LANGUAGE plpgsql
  SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  decides text[] := ARRAY['state', 'ticked', 'reason', 'decided_at', 'decided_by_id', 'decided_in'];
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF OLD.state <> 'proposed' OR to_jsonb(OLD) - decides <> to_jsonb(NEW) - decides THEN
      RAISE EXCEPTION 'a proposal is kept as it was made, and decided once' USING ERRCODE = 'restrict_violation';
    END IF;
  ELSIF NEW.officers = 1 AND NOT EXISTS (SELECT FROM policy_setting
      WHERE name = 'two_officers_' || replace(replace(NEW.kind, ' ', '_'), '-', '_') AND value = 'no') THEN
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
CREATE TRIGGER proposal_is_decided_once BEFORE INSERT OR UPDATE ON proposal
  FOR EACH ROW EXECUTE FUNCTION proposal_is_decided_once();
CREATE TRIGGER proposal_stays BEFORE DELETE ON proposal FOR EACH ROW EXECUTE FUNCTION stays_as_it_is();

-- Of a version only its answer changes, and what became of it.
CREATE TRIGGER document_version_stays BEFORE UPDATE ON document_version FOR EACH ROW
  WHEN ((OLD.document_id, OLD.number, OLD.content, OLD.published_at, OLD.proposal_id)
    IS DISTINCT FROM (NEW.document_id, NEW.number, NEW.content, NEW.published_at, NEW.proposal_id)
    OR OLD.signed_digest IS NOT NULL AND OLD.signed_digest IS DISTINCT FROM NEW.signed_digest
    OR OLD.answered_at IS NOT NULL AND (OLD.answered_at, OLD.answered_by_id)
      IS DISTINCT FROM (NEW.answered_at, NEW.answered_by_id))
  EXECUTE FUNCTION stays_as_it_is();
CREATE TRIGGER document_version_not_deleted BEFORE DELETE ON document_version
  FOR EACH ROW EXECUTE FUNCTION stays_as_it_is();

CREATE FUNCTION is_confirmed() RETURNS boolean LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT EXISTS (SELECT FROM proposal WHERE decided_in = pg_current_xact_id_if_assigned()::text::bigint
    AND state = 'confirmed')
$$;
CREATE FUNCTION price_is_confirmed() RETURNS trigger LANGUAGE plpgsql
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
CREATE FUNCTION line_is_confirmed() RETURNS trigger LANGUAGE plpgsql
  SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM changed_rows JOIN contract_document AS document ON document.id = changed_rows.document_id
      WHERE document.version > 0) AND NOT is_confirmed() THEN
    RAISE EXCEPTION 'a line that was published changes by a confirmed proposal' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE FUNCTION publication_is_confirmed() RETURNS trigger LANGUAGE plpgsql
  SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF NOT is_confirmed() THEN
    RAISE EXCEPTION 'a document is published by a confirmed proposal' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER document_version_is_confirmed AFTER INSERT ON document_version
  FOR EACH STATEMENT EXECUTE FUNCTION publication_is_confirmed();
CREATE FUNCTION line_keeps_its_kind() RETURNS trigger LANGUAGE plpgsql
  SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM document_version WHERE document_id = OLD.document_id) THEN
    RAISE EXCEPTION 'person, element, unit, kind of plan and ISO of a line never change'
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER line_item_keeps_its_kind BEFORE UPDATE ON line_item FOR EACH ROW
  WHEN ((OLD.document_id, OLD.reference, OLD.person_id, OLD.element_id, OLD.unit, OLD.plan_kind)
    IS DISTINCT FROM
    (NEW.document_id, NEW.reference, NEW.person_id, NEW.element_id, NEW.unit, NEW.plan_kind))
  EXECUTE FUNCTION line_keeps_its_kind();
"""
FUNCTIONS = ("line_keeps_its_kind", "publication_is_confirmed", "line_is_confirmed", "price_is_confirmed",
             "is_confirmed", "proposal_is_decided_once")  # fmt: skip


def _words(name: str, vocabulary: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*vocabulary, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    _make_proposal()
    _make_plan()
    _make_version()
    op.execute(MERGED)
    op.execute(
        f"INSERT INTO plan (organisation_id, line_item_id, start, {ALL_DAYS}, weekly_quantity)"
        f" SELECT organisation_id, id, start, {ALL_DAYS}, weekly_quantity FROM line_item"
        f" WHERE weekly_quantity + {' + '.join(DAYS)} > 0"
    )
    op.execute(VERSIONS)
    op.drop_index("uq_contract_document_in_force", "contract_document")
    op.execute("SET CONSTRAINTS ALL IMMEDIATE")
    op.execute(ONE_ISO)
    op.drop_constraint("uq_contract_document_reference_version", "contract_document")
    op.create_unique_constraint("uq_contract_document_reference", "contract_document", ["reference"])
    op.create_check_constraint(op.f("ck_contract_document_versions_are_replaced"), "contract_document", "state <> 'replaced'")
    op.alter_column("contract_document", "version", server_default="0")
    for name in ("plan_not_negative", "plan_of_its_kind"):
        op.drop_constraint(op.f(f"ck_line_item_{name}"), "line_item")
    for name in (*DAYS, "weekly_quantity"):
        op.drop_column("line_item", name)
    op.add_column("rate", sa.Column("proposal_id", sa.Integer(), sa.ForeignKey("proposal.id", name="fk_rate_proposal_id")))
    op.create_index("ix_rate_proposal_id", "rate", ["proposal_id"])
    _promise()


def _make_proposal() -> None:
    op.create_table(
        "proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", _words("proposalkind", KINDS), nullable=False),
        sa.Column("state", _words("proposalstate", STATES), nullable=False),
        sa.Column("organisation_id", sa.Integer()),
        sa.Column("document_id", sa.Integer()),
        sa.Column("line_item_id", sa.Integer()),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(), nullable=False),
        sa.Column("unusual", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.Column("ticked", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column("officers", sa.SmallInteger(), server_default="2", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("proposed_by_id", sa.Integer(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("decided_by_id", sa.Integer()),
        sa.Column("decided_in", sa.BigInteger()),
        sa.CheckConstraint("officers IN (1, 2)", name=op.f("ck_proposal_officers")),
        sa.CheckConstraint(
            "state <> 'confirmed' OR officers = 1 OR decided_by_id <> proposed_by_id",
            name=op.f("ck_proposal_two_officers"),
        ),
        sa.CheckConstraint(
            "(state = 'proposed') = (decided_at IS NULL) AND (state = 'proposed') = (decided_by_id IS NULL)",
            name=op.f("ck_proposal_decided_by_whom"),
        ),
        sa.CheckConstraint("state <> 'sent back' OR reason <> ''", name=op.f("ck_proposal_sent_back_why")),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_proposal_{column}"))
            for column, table in (
                ("organisation_id", "organisation"), ("document_id", "contract_document"), ("line_item_id", "line_item"),
                ("proposed_by_id", "ab_user"), ("decided_by_id", "ab_user"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
    )  # fmt: skip
    for column in ("organisation_id", "document_id", "line_item_id"):
        op.create_index(op.f(f"ix_proposal_{column}"), "proposal", [column])
    op.create_index("ix_proposal_waiting", "proposal", ["proposed_at"], postgresql_where=sa.text("state = 'proposed'"))
    op.create_index(
        "ix_proposal_decided_in", "proposal", ["decided_in"], postgresql_where=sa.text("decided_in IS NOT NULL")
    )


def _make_plan() -> None:
    total = " + ".join(("weekly_quantity", *DAYS))
    op.create_table(
        "plan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("line_item_id", sa.Integer(), nullable=False),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("weekly_quantity", sa.Numeric(10, 2), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("proposal_id", sa.Integer()),
        *(sa.Column(day, sa.Numeric(10, 2), nullable=False) for day in DAYS),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "least(mon, tue, wed, thu, fri, sat, sun, weekly_quantity) >= 0", name=op.f("ck_plan_not_negative")
        ),
        sa.CheckConstraint(
            "weekly_quantity = 0 OR mon + tue + wed + thu + fri + sat + sun = 0", name=op.f("ck_plan_one_of_two")
        ),
        sa.CheckConstraint(f"{total} > 0", name=op.f("ck_plan_not_nothing")),
        *(
            sa.CheckConstraint(f"{name} <> 'NaN'", name=op.f(f"ck_plan_{name}_is_a_number"))
            for name in (*DAYS, "weekly_quantity")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "line_item_id"], ["line_item.organisation_id", "line_item.id"],
            name=op.f("fk_plan_organisation_id_line_item_id"),
        ),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_plan_proposal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan")),
        sa.UniqueConstraint("line_item_id", "start", name=op.f("uq_plan_line_item_id_start")),
    )  # fmt: skip
    op.create_index(op.f("ix_plan_proposal_id"), "plan", ["proposal_id"])


def _make_version() -> None:
    op.create_table(
        "document_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", _words("documentstate", DOCUMENT_STATES), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposal_id", sa.Integer()),
        sa.Column("answered_at", sa.DateTime(timezone=True)),
        sa.Column("answered_by_id", sa.Integer()),
        sa.Column("signed_digest", sa.Text()),
        sa.Column("rejected_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_document_version_number")),
        sa.CheckConstraint("state <> 'draft'", name=op.f("ck_document_version_published")),
        sa.CheckConstraint(
            "digest = encode(sha256(convert_to(content, 'UTF8')), 'hex')",
            name=op.f("ck_document_version_digest_of_content"),
        ),
        sa.CheckConstraint(
            "signed_digest IS NULL OR signed_digest = digest", name=op.f("ck_document_version_signed_what_was_shown")
        ),
        sa.CheckConstraint(
            "state <> 'accepted' OR signed_digest IS NOT NULL", name=op.f("ck_document_version_accepted_is_signed")
        ),
        sa.CheckConstraint(
            "state <> 'rejected' OR rejected_reason <> ''", name=op.f("ck_document_version_rejected_why")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "document_id"], ["contract_document.organisation_id", "contract_document.id"],
            name=op.f("fk_document_version_organisation_id_document_id"),
        ),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_document_version_proposal_id")),
        sa.ForeignKeyConstraint(["answered_by_id"], ["ab_user.id"], name=op.f("fk_document_version_answered_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_version")),
        sa.UniqueConstraint("document_id", "number", name=op.f("uq_document_version_document_id_number")),
    )  # fmt: skip
    op.create_index(op.f("ix_document_version_proposal_id"), "document_version", ["proposal_id"])
    op.create_index(
        "uq_document_version_one_answerable", "document_version", ["document_id"], unique=True,
        postgresql_where=sa.text("state IN ('published', 'accepted')"),
    )  # fmt: skip


def _promise() -> None:
    op.execute(PROMISES)
    for table, function in (("plan", "price_is_confirmed"), ("rate", "price_is_confirmed"), ("line_item", "line_is_confirmed")):
        for change in SEES:
            rows = "OLD TABLE AS changed_rows" if change == "delete" else "NEW TABLE AS changed_rows"
            op.execute(
                f"CREATE TRIGGER {table}_{change}_is_confirmed AFTER {change} ON {table} REFERENCING {rows}"
                f" FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
            )
    for table in ("plan", "proposal", "document_version"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY every_row ON {table} TO portal_council USING (true)")
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO portal_council")
        op.execute(f"GRANT USAGE ON SEQUENCE {table}_id_seq TO portal_council")
        for change, rows in SEES.items():
            op.execute(
                f"CREATE TRIGGER {table}_audit_{change} AFTER {change} ON {table} REFERENCING {rows}"
                " FOR EACH STATEMENT EXECUTE FUNCTION keep_audit()"
            )
    for table in ("plan", "document_version"):
        op.execute(
            f"CREATE POLICY own_rows ON {table} TO portal_web USING (organisation_id = (SELECT app_organisation()))"
        )
        op.execute(f"GRANT SELECT ON {table} TO portal_web")
    # A provider answers what was published, and signs what it was shown.
    op.execute(
        "GRANT UPDATE (state, answered_at, answered_by_id, signed_digest, rejected_reason) ON document_version TO portal_web"
    )


def downgrade() -> None:
    for table in ("plan", "rate", "line_item"):
        for change in SEES:
            op.execute(f"DROP TRIGGER {table}_{change}_is_confirmed ON {table}")
    op.execute("DROP TRIGGER line_item_keeps_its_kind ON line_item")
    op.drop_column("rate", "proposal_id")
    for name in (*DAYS, "weekly_quantity"):
        op.add_column("line_item", sa.Column(name, sa.Numeric(10, 2), server_default="0", nullable=False))
        op.alter_column("line_item", name, server_default=None)
        op.create_check_constraint(op.f(f"ck_line_item_{name}_is_a_number"), "line_item", f"{name} <> 'NaN'")
    op.execute(
        f"UPDATE line_item SET {', '.join(f'{name} = plan.{name}' for name in (*DAYS, 'weekly_quantity'))} FROM plan"
        " WHERE plan.id = (SELECT id FROM plan AS last WHERE last.line_item_id = line_item.id ORDER BY start DESC LIMIT 1)"
    )
    op.create_check_constraint(
        op.f("ck_line_item_plan_not_negative"), "line_item",
        "least(mon, tue, wed, thu, fri, sat, sun, weekly_quantity) >= 0",
    )  # fmt: skip
    op.create_check_constraint(
        op.f("ck_line_item_plan_of_its_kind"), "line_item",
        "CASE plan_kind WHEN 'TIMETABLED' THEN weekly_quantity = 0"
        " ELSE mon + tue + wed + thu + fri + sat + sun = 0 END",
    )  # fmt: skip
    op.drop_constraint(op.f("ck_contract_document_versions_are_replaced"), "contract_document")
    op.execute("UPDATE contract_document SET version = 1 WHERE version = 0")
    op.alter_column("contract_document", "version", server_default=None)
    op.drop_constraint("uq_contract_document_reference", "contract_document")
    op.create_unique_constraint("uq_contract_document_reference_version", "contract_document", ["reference", "version"])
    op.create_index(
        "uq_contract_document_in_force", "contract_document", ["reference"], unique=True,
        postgresql_where=sa.text("state IN ('published', 'accepted')"),
    )  # fmt: skip
    for table in ("document_version", "plan", "proposal"):
        op.drop_table(table)
    for function in FUNCTIONS:
        op.execute(f"DROP FUNCTION {function}")
