"""What every table and column is for, whom it is about, and how long it is kept: the map that docs/data-map.md shows.

A column without a purpose fails a test. What a column is for is said once for a name that many tables share; where a
name means something else in one table, as `table.column`.
"""

from typing import Final, NamedTuple

from rules.retention import FOR_GOOD


class TablePurpose(NamedTuple):
    """What a table is for, and the kind of retention its rows have (rules/retention.py), or FOR_GOOD."""

    purpose: str
    kept: str = FOR_GOOD


_T = TablePurpose
_SIGNING_IN, _ROLES = "Lets somebody sign in", "Says who may do what (Flask-AppBuilder)"
TABLES: Final[dict[str, TablePurpose]] = {
    **dict.fromkeys(
        ("ab_api_key", "ab_group", "ab_group_role", "ab_permission", "ab_permission_view", "ab_permission_view_role",
         "ab_register_user", "ab_role", "ab_user_group", "ab_user_role", "ab_view_menu"),
        _T(_ROLES),
    ),
    "ab_user": _T("Who may sign in: officers of the council and contacts of providers"),
    "aborted_visit": _T("Care that could not take place, and what is paid for it"),
    "absence_claim": _T("Claims for planned care that a person's absence prevented"),
    "absence_claim_line": _T("What a claim comes to, week by week"),
    "absence_report": _T("Absences that a provider told us of, for scheduled payments"),
    "actual": _T("Care delivered on a line in a week"),
    "actual_version": _T("Every version of a week that was saved, to explain what was paid"),
    "announcement": _T("Notices to providers"),
    "announcement_organisation": _T("Which providers a notice is for"),
    "announcement_read": _T("Who has read a notice"),
    "attachment": _T("Files sent with messages", "messages"),
    "audit_event": _T("Who changed, read or exported what, and who signed in", "trail"),
    "audit_seal": _T("Hashes that show whether the audit trail was altered"),
    "bank_return": _T("Payments that a bank sent back"),
    "calendar_feed": _T("Calendars of deadlines that a provider subscribed to"),
    "change_request": _T("Changes of bank details that a provider asked for, and how they were checked"),
    "column_match": _T("Which columns of a provider's own files mean what"),
    "contact": _T("Named people at a provider, with what they may do", "contacts"),
    "contact_review": _T("When a provider last confirmed its contacts"),
    "contact_service": _T("Services a contact is limited to"),
    "contacts_form": _T("Forms by which a provider names its first contacts"),
    "contract_document": _T("The contract for one person's care"),
    "conversation": _T("Questions and answers between a provider and a council team", "messages"),
    "conversation_note": _T("Notes of officers about a conversation", "messages"),
    "deduction": _T("What a person pays themselves towards their care"),
    "detail_change": _T("Which details of an organisation changed"),
    "document_version": _T("Every published version of a contract document, as it was answered"),
    "element": _T("Kinds of care and the accounts they are booked to"),
    "email": _T("E-mails that wait or were sent", "e-mails"),
    "exception_check": _T("Whether a week is above its plan"),
    "exception_decision": _T("What Service Brokerage decided about a week above its plan"),
    "hold": _T("Why something is not paid for now"),
    "import_file": _T("Files given to staff imports", "files"),
    "invitation": _T("Invitations of contacts to sign in"),
    "invitation_wave": _T("Invitations of a whole sector"),
    "invoice": _T("A provider's claim for the actuals of a period"),
    "invoice_line": _T("What an invoice comes to, line by line"),
    "job_run": _T("What the portal did by itself, and when"),
    "journal_entry": _T("The ledger: one side of an event in pounds"),
    "journal_event": _T("The ledger: what made, paid or took back money"),
    "kept_form": _T("What somebody typed and could not save, for a day"),
    "ledger_column": _T("The layout of the file for the council's ledger"),
    "letter_wording": _T("Words of e-mails that the council changed"),
    "line_item": _T("One element of care that was commissioned for a person"),
    "message": _T("Messages of conversations", "messages"),
    "missing_package": _T("Care that a provider gives and the portal does not know", "people"),
    "modulus_weight": _T("Pay.UK's table to check account numbers by"),
    "one_off_payment": _T("Payments beside the rules, with their reason"),
    "organisation": _T("Providers of care"),
    "paper_order": _T("Agreements that were made on paper while a system was down", "people"),
    "paper_scan": _T("Scans of agreements on paper"),
    "passkey": _T(f"{_SIGNING_IN}: keys on their own devices, until they or an officer remove them"),
    "passkey_challenge": _T(f"{_SIGNING_IN}: what a device is asked to sign, for minutes"),
    "password_reset": _T(_SIGNING_IN),
    "payment_period": _T("Periods of four weeks with their deadlines"),
    "payment_run": _T("Everything paid on one day, and who approved it"),
    "payment_source": _T("What a payment run pays"),
    "person": _T("People who receive care", "people"),
    "plan": _T("How much care was commissioned, from which day"),
    "policy_setting": _T("The council's settings, dated"),
    "proposal": _T("What one officer proposes and another confirms"),
    "proposed_contact": _T("Contacts that a provider named in its form"),
    "rate": _T("Prices, dated"),
    "rate_count": _T("Requests of an account or address, counted to slow down who sends too many; for minutes"),
    "reminder": _T("Reminders that were sent, so that none is sent twice"),
    "recovery": _T("Money that was paid too much and is taken back"),
    "recovery_code": _T(_SIGNING_IN),
    "remittance": _T("What one organisation was paid in a run"),
    "remittance_line": _T("What was paid, line by line, and why"),
    "rollout": _T("When a sector gets the portal"),
    "run_finding": _T("What has to be looked at before a payment run is approved"),
    "scheduled_payment": _T("Payments without an invoice"),
    "scheduled_payment_line": _T("What a scheduled payment comes to, line by line"),
    "sector": _T("Kinds of provider"),
    "sent_form": _T("Which forms were carried out, so that none is twice; for a week"),
    "service": _T("Homes, branches and offices of a provider"),
    "sign_in": _T(f"{_SIGNING_IN}: steps that are half done, for minutes"),
    "team": _T("Teams of the council"),
    "typed_over_day": _T("Days whose visits somebody replaced by hand"),
    "upload": _T("Files of actuals that a provider gave", "files"),
    "upload_finding": _T("What the check of such a file found", "files"),
    "user_session": _T("Who is signed in", "sessions"),
    "visit": _T("Visits out of a provider's care-management system"),
    "wrong_try": _T("Wrong passwords and codes, counted to keep strangers out; for a day"),
}  # fmt: skip

# Columns whose name says it: by how they end.
BY_ENDING: Final = {
    "_id": "Which record it belongs to, or who did it",
    "_ids": "Which records it belongs to",
    "_fk": "Who did it (Flask-AppBuilder)",
    "_at": "When it happened",
    "_on": "The day it happened, or is to happen",
}
NAME_OF_PERSON: Final = "Name of a person who receives care"
ABOUT_PERSON: Final = "Says which person who receives care it is about"
NAME_OF_CONTACT: Final = "Reaches or names somebody at a provider"
NAME_OF_USER: Final = "Names somebody who signs in"
FREE_TEXT: Final = "Written by people in their own words; may name anybody"
FILE: Final = "A file as it was given; may name anybody"
SECRET: Final = "Checks who signs in; hashed or encrypted"
TRACE: Final = "Shows what was changed or read, and from where"
# The map marks these: they are about people.
PERSONAL: Final = (NAME_OF_PERSON, ABOUT_PERSON, NAME_OF_CONTACT, NAME_OF_USER, FREE_TEXT, FILE, SECRET, TRACE)

_NAMED: Final[dict[str, str]] = {
    NAME_OF_PERSON: "person.name person_name",
    ABOUT_PERSON: "person_id person_reference person.reference born_on person.id",
    NAME_OF_CONTACT: "contact.name contact.job contact.email contact.phone proposed_contact.name proposed_contact.job"
    " proposed_contact.email proposed_contact.phone email.recipient called_who called_number notified_to agreed_with",
    NAME_OF_USER: "first_name last_name username ab_user.email ab_register_user.email",
    FREE_TEXT: "comment reason message.body conversation_note.body subject note rejected_reason withdrawn_reason"
    " dispute_reason refused_reason closed_reason sent_back_reason looked_reason paused_reason review_reasons"
    " missing_package.plan conversation.topic why proposal.title proposal.payload proposal.unusual proposal.ticked"
    " upload_finding.value ab_group.description ab_group.label waits_because document_version.content terms"
    " was wanted became",
    FILE: "attachment.content import_file.content paper_scan.content upload.content filename upload.weeks upload.visits"
    " upload.changes upload.rows upload.own_table upload.aborted import_file.findings sealed kept_form.files",
    SECRET: "password security_code totp_secret totp_last_step reset_code reset_until token_hash code_hash"
    " registration_hash key_hash lookup_hash key_prefix uuid scopes email_hash code_kind page_hash digest fingerprint"
    " digits rate_count.who credential_id public_key sign_count challenge",
    TRACE: "audit_event.action audit_event.record audit_event.before audit_event.after from_address request_id"
    " place location notices user_session.address browser",
    "Its own number in the table": "id",
    "What it is called": "name number reference ab_permission.name ab_role.name title line_reference"
    " own_reference paper_reference bank_reference service_name element_name heading job_run.job",
    "From and until when it applies": "start end first_day last_day approved_last_day valid_from day week_starting"
    " visit_date submit_by amend_by resolve_by first_answer_by due_by given_until locked_until pay_date begins",
    "When it happened": "at last_login created_on changed_on ab_register_user.registration_date",
    "How far it has come": "state live active attempt attempts result problem step informed told over counted moved"
    " must_change_password held_against choice version segment actual_version decided_in takes_back holds_secret"
    " kept_form.refused rows_total rows_done counts upload.ticked decision officers outcome twin signed_digest",
    "Of which kind it is": "audience widespread for_staff by_email is_notice email.letter kind row_kind headings"
    " columns column_match.words purpose layout code sheet row column plan_kind payment_method payment_basis unit"
    " vat_code"
    " service_type scope field method account council source",
    "How much care: planned, delivered, counted": "mon tue wed thu fri sat sun planned delivered aborted"
    " aborted_payable aborted_days missed extra payable units in_hours weekly_quantity planned_units planned_minutes"
    " waited_minutes minutes days paid_days claimed percent least_units allowance extras_allowed",
    "When care was planned and given": "planned_start planned_end actual_start actual_end",
    "Which carer gave it, as the provider's system calls them": "carer slot",
    "Money, and how it came about": "net vat gross rate amount contribution top_up total balance instalment recovered"
    " adjustments carried_forward claimed_net kept_back pounds pounds_before pounds_after payment_count approval_limit"
    " explained rule cost_centre subjective_code",
    "How an organisation is reached and registered": "address postcode phone email vat_number cqc_location",
    "What a contact may do": "may_actuals may_conversations may_documents may_organisation may_payments contact.mail",
    "What is said to the reader": "announcement.body letter_wording.body email.body what about wrong remedy",
    "What the council decided": "policy_setting.value",
    "Where it stands in a list": "ledger_column.place",
    "Shows that a file or a row is what it was": "sha256 size digests hash audit_seal.before",
    "Who wrote it: the council or a provider": "from_council",
    "How often somebody signed in or was wrong": "login_count fail_login_count tries reads reads_since requests",
    "How account numbers are checked": "first last weights exception",
}
COLUMNS: Final = {name: purpose for purpose, names in _NAMED.items() for name in names.split()}


def purpose_of(table: str, column: str) -> str:
    """Return what a column is for, nothing where nobody said so."""
    said = COLUMNS.get(f"{table}.{column}") or COLUMNS.get(column)
    return said or next((purpose for ending, purpose in BY_ENDING.items() if column.endswith(ending)), "")
