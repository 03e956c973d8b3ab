"""Lists, searches and counts of tables that grow are served by indexes, and words are found without their accents.

At county size (1.5 million weeks) every list scanned its table: the actuals took 2 seconds, its last page 3.6.
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# Case, accents, blanks, apostrophes and other punctuation do not count: obrien finds O’Brien, and Sean finds Seán.
FOLDED = """
CREATE EXTENSION IF NOT EXISTS unaccent;
CREATE FUNCTION folded(words text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT regexp_replace(lower(public.unaccent('public.unaccent'::regdictionary, words)), '[[:space:][:punct:]]+', '', 'g')
$$;
"""

INDEXES = (
    "CREATE INDEX ix_aborted_visit_by_reason ON aborted_visit (reason, id)",
    "CREATE INDEX ix_aborted_visit_by_visit_date ON aborted_visit (visit_date, id)",
    "CREATE INDEX ix_absence_claim_by_state ON absence_claim (state, id)",
    "CREATE INDEX ix_absence_claim_number_begins ON absence_claim (folded(number) text_pattern_ops)",
    "CREATE INDEX ix_absence_claim_line_by_week_starting ON absence_claim_line (week_starting, id)",
    "CREATE INDEX ix_actual_by_week_starting ON actual (week_starting, id)",
    "CREATE INDEX ix_actual_saved_again ON actual (organisation_id, id) WHERE version > 1",
    "CREATE INDEX ix_actual_state ON actual (state, week_starting, id) WHERE state <> 'paid'",
    "CREATE INDEX ix_actual_to_invoice ON actual (organisation_id, week_starting) WHERE state = 'confirmed'",
    "CREATE INDEX ix_audit_event_by_action ON audit_event (action, id)",
    "CREATE INDEX ix_audit_event_by_organisation_id ON audit_event (organisation_id, id)",
    "CREATE INDEX ix_audit_event_by_record ON audit_event (record, id)",
    "CREATE INDEX ix_audit_event_by_user_id ON audit_event (user_id, id)",
    "CREATE INDEX ix_contract_document_by_state ON contract_document (state, id)",
    "CREATE INDEX ix_contract_document_reference_begins ON contract_document (folded(reference) text_pattern_ops)",
    "CREATE INDEX ix_conversation_by_opened_at ON conversation (opened_at, id)",
    "CREATE INDEX ix_conversation_by_state ON conversation (state, id)",
    "CREATE INDEX ix_email_by_state ON email (state, id)",
    "CREATE INDEX ix_email_by_written_at ON email (written_at, id)",
    "CREATE INDEX ix_email_recipient_begins ON email (folded(recipient) text_pattern_ops)",
    "CREATE INDEX ix_exception_check_decision ON exception_check (decision, id) WHERE decision IS NOT NULL",
    "CREATE INDEX ix_exception_check_held ON exception_check (organisation_id, actual_id) WHERE over AND decision IS NULL",
    "CREATE INDEX ix_exception_check_over ON exception_check (over, id) WHERE over",
    "CREATE INDEX ix_invoice_by_due_by ON invoice (due_by, id)",
    "CREATE INDEX ix_invoice_by_state ON invoice (state, id)",
    "CREATE INDEX ix_invoice_number_begins ON invoice (folded(number) text_pattern_ops)",
    "CREATE INDEX ix_invoice_line_by_week_starting ON invoice_line (week_starting, id)",
    "CREATE INDEX ix_invoice_line_kind ON invoice_line (kind, id) WHERE kind <> 'CURRENT'",
    "CREATE INDEX ix_job_run_by_due_on ON job_run (due_on, id)",
    "CREATE INDEX ix_job_run_by_job ON job_run (job, id)",
    "CREATE INDEX ix_job_run_by_started_at ON job_run (started_at, id)",
    "CREATE INDEX ix_job_run_by_state ON job_run (state, id)",
    "CREATE INDEX ix_line_item_by_payment_method ON line_item (payment_method, id)",
    "CREATE INDEX ix_line_item_reference_begins ON line_item (folded(reference) text_pattern_ops)",
    "CREATE INDEX ix_message_by_sent_at ON message (sent_at, id)",
    "CREATE INDEX ix_one_off_payment_by_state ON one_off_payment (state, id)",
    "CREATE INDEX ix_one_off_payment_number_begins ON one_off_payment (folded(number) text_pattern_ops)",
    "CREATE INDEX ix_organisation_name_parts ON organisation USING gin (folded(name) gin_trgm_ops)",
    "CREATE INDEX ix_person_name_begins ON person (folded(name) text_pattern_ops)",
    "CREATE INDEX ix_person_name_parts ON person USING gin (folded(name) gin_trgm_ops)",
    "CREATE INDEX ix_person_reference_begins ON person (folded(reference) text_pattern_ops)",
    "CREATE INDEX ix_rate_by_start ON rate (start, id)",
    "CREATE INDEX ix_remittance_by_pay_date ON remittance (pay_date, id)",
    "CREATE INDEX ix_remittance_number_begins ON remittance (folded(number) text_pattern_ops)",
    "CREATE INDEX ix_remittance_line_kind ON remittance_line (kind, id) WHERE kind <> 'CURRENT'",
    "CREATE INDEX ix_scheduled_payment_by_state ON scheduled_payment (state, id)",
    "CREATE INDEX ix_scheduled_payment_number_begins ON scheduled_payment (folded(number) text_pattern_ops)",
    "CREATE INDEX ix_scheduled_payment_line_by_week_starting ON scheduled_payment_line (week_starting, id)",
)

# What one of the new ones does as well.
NEEDLESS = {
    "ix_line_item_reference_part": "line_item USING gin (reference gin_trgm_ops)",
    "ix_organisation_name_part": "organisation USING gin (name gin_trgm_ops)",
    "ix_person_name_part": "person USING gin (name gin_trgm_ops)",
    "ix_audit_event_organisation_id": "audit_event (organisation_id)",
    "ix_audit_event_user_id": "audit_event (user_id)",
    "ix_email_state": "email (state)",
}


def upgrade() -> None:
    op.execute(FOLDED)
    for statement in INDEXES:
        op.execute(statement)
    for name in NEEDLESS:
        op.execute(f"DROP INDEX {name}")


def downgrade() -> None:
    for name, on in NEEDLESS.items():
        op.execute(f"CREATE INDEX {name} ON {on}")
    for statement in INDEXES:
        op.execute(f"DROP INDEX {statement.split()[2]}")
    op.execute("DROP FUNCTION folded")
