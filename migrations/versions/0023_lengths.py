"""What people type about contacts, changes they ask for, missing packages and paper ISOs has a length."""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

# table: its columns, each with its most characters
LENGTHS = {
    "organisation": "vat_number 40",
    "service": "email 254",
    "contract_document": "withdrawn_reason 7500",
    "change_request": "wanted 500 sent_back_reason 7500 called_who 200 called_number 40",
    "proposed_contact": "name 200 job 200 email 254 phone 40",
    "missing_package": "person_reference 40 person_name 200 plan 7500 paper_reference 200 agreed_with 200 comment 7500",
    "paper_order": "note 7500",
}


CHECKS = tuple(
    (table, f"ck_{table}_{column}_length", f"char_length({column}) <= {most}")
    for table, columns in LENGTHS.items()
    for column, most in zip(columns.split()[::2], columns.split()[1::2], strict=True)
) + (("missing_package", "ck_missing_package_person_reference_plain", "person_reference !~ '^[-=+@]|[[:space:]]'"),)


def upgrade() -> None:
    """Hold each to its length."""
    for table, name, condition in CHECKS:
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({condition})")


def downgrade() -> None:
    """Let them be as long as they like."""
    for table, name, _ in CHECKS:
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
