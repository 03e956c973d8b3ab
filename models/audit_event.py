"""The audit trail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask_appbuilder import Model
from sqlalchemy import Index, literal_column, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Key, Recorded, Words

if TYPE_CHECKING:
    from models.organisation import Organisation
    from models.user import PortalUser

# The tables whose changes leave a trace: a trigger sees to it. Of a check of the exception level, which decision is in
# force; of calendar_feed when an address was made, renewed or ended; of passkey that one was added or removed; of
# ab_user_role the role's name, under the id of the user; of modulus_weight one event for a whole table.
AUDITED = (
    "ab_user", "ab_user_role", "aborted_visit", "absence_claim", "absence_report",
    "announcement", "announcement_organisation", "bank_return", "calendar_feed", "change_request", "column_match",
    "contact", "contact_service", "contract_document", "conversation", "deduction",
    "document_version", "element", "exception_check", "exception_decision", "hold",
    "import_file", "invitation", "invitation_wave", "invoice", "ledger_column",
    "letter_wording", "line_item", "missing_package", "modulus_weight", "one_off_payment",
    "organisation", "paper_order", "paper_scan", "passkey", "payment_period", "payment_run",
    "person", "plan", "policy_setting", "proposal", "proposed_contact",
    "rate", "recovery", "remittance", "rollout", "run_finding",
    "scheduled_payment", "sector", "service", "team",
)  # fmt: skip


# What a row went through, what was done with a person's record, and who came in: the actions of the trail.
CHANGES = ("added", "changed", "deleted", "password changed")
ACTIONS = (*CHANGES, "read", "exported", "signed in", "signed out", "sign-in refused", "emptied")


class AuditEvent(Model):
    """One change of one row, one reading of a person's record, or one sign-in; written by the database for good.

    When, who, what, before, after, why, from where, in which request. What was read or exported stands in `after`;
    of a page or a file of several people their ids are its "people".
    """

    __tablename__ = "audit_event"
    __table_args__ = (
        Index("ix_audit_event_record", "record", "record_id"),
        Index(
            "ix_audit_event_people", literal_column("(after -> 'people')").label("people"), postgresql_using="gin",
            postgresql_ops={"people": "jsonb_path_ops"}, postgresql_where=text("after ? 'people'"),
        ),
    )  # fmt: skip
    id: Mapped[Key]
    at: Mapped[Recorded]
    user_id: Mapped[int | None]
    organisation_id: Mapped[int | None]
    action: Mapped[Words]
    record: Mapped[Words]
    record_id: Mapped[int]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    why: Mapped[Words] = mapped_column(default="", server_default="")
    from_address: Mapped[Words] = mapped_column(default="", server_default="")
    # Of the request in which it happened; every event of one request has the same.
    request_id: Mapped[Words] = mapped_column(server_default=text("coalesce(current_setting('app.request', true), '')"))
    user: Mapped[PortalUser | None] = relationship(
        primaryjoin="foreign(AuditEvent.user_id) == PortalUser.id", viewonly=True
    )
    organisation: Mapped[Organisation | None] = relationship(
        primaryjoin="foreign(AuditEvent.organisation_id) == Organisation.id", viewonly=True
    )

    def __str__(self) -> str:
        return f"{self.action} {self.record.replace('_', ' ')} {self.record_id}"
