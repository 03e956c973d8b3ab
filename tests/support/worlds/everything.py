"""One record of every kind, or several, for tests of the generated staff screens."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import select

from models import (
    AbortedVisit,
    AbsenceClaim,
    AbsenceClaimLine,
    AbsenceReport,
    Actual,
    Announcement,
    AnnouncementOrganisation,
    AnnouncementRead,
    Attachment,
    AuditSeal,
    BankReturn,
    CalendarFeed,
    ChangeRequest,
    ColumnMatch,
    Contact,
    ContactReview,
    ContactService,
    ContactsForm,
    Conversation,
    ConversationNote,
    Deduction,
    Element,
    Email,
    ExceptionCheck,
    ExceptionDecision,
    Hold,
    ImportFile,
    Invitation,
    InvitationWave,
    Invoice,
    InvoiceLine,
    JobRun,
    KeptForm,
    LedgerColumn,
    LetterWording,
    LineItem,
    Message,
    MissingPackage,
    OneOffPayment,
    Organisation,
    PaperOrder,
    PaperScan,
    PaymentPeriod,
    PaymentRun,
    PaymentSource,
    PolicySetting,
    PortalUser,
    ProposedContact,
    Recovery,
    Reminder,
    Remittance,
    RemittanceLine,
    RunFinding,
    ScheduledPayment,
    ScheduledPaymentLine,
    Sector,
    SentForm,
    Team,
    TypedOverDay,
    Upload,
    UploadFinding,
    Visit,
    db,
)
from rules.agreement_states import DocumentState
from rules.column_match import RowKind
from rules.ledger import LedgerField
from rules.mail_states import Audience, ReminderKind
from rules.run_checks import RunCheck
from rules.states import (
    AbsenceReason,
    ActualState,
    ChangeKind,
    ClaimState,
    Decision,
    InvoiceState,
    LineKind,
    PlanKind,
    PolicyScope,
    RunState,
    Unit,
)
from rules.upload_states import FindingKind, ImportState, UploadState
from rules.visit import Outcome
from tests.support.worlds.world import START, World
from workflows.imports.kinds import NOTHING_FOUND

AT = datetime(2017, 11, 14, 9, 14, tzinfo=UTC)
ONE = Decimal("7.00")
NET = Decimal("137.76")


def build(world: World, officer: PortalUser, numbers: Iterable[int] = (1,)) -> None:
    """Make a record of every kind for each number, about an organisation of its own; sectors and teams are there."""
    sectors = list(db.session.scalars(select(Sector).order_by(Sector.id)))
    approver = world.officer("Payments approver")
    for number in numbers:
        organisation = world.organisation(
            f"Provider {number:02} Ltd",
            sectors[number % len(sectors)].name,
            address="1 High Street",
            phone="01603 00000",
        )
        contact = world.contact(organisation)
        _about_itself(organisation, contact)
        _invited(organisation, contact, officer)
        drafted = world.line(organisation, state=DocumentState.DRAFT)
        drafted.document.terms = "As agreed."
        line = world.line(organisation, element=world._keep(Element(name=f"Element {number}")))
        period = world.period(number - 1)
        actual = _delivered(organisation, line, officer)
        _other(organisation, line, number, officer, period)
        invoiced = _waiting_to_be_paid(organisation, line, actual, period, officer, number)
        _paid(organisation, invoiced, officer, approver, number)
        _talked(organisation, line, actual, officer, number)
        db.session.add(LedgerColumn(place=number, heading=f"Column {number}", field=LedgerField.GROSS))
    db.session.commit()


def _about_itself(organisation: Organisation, contact: Contact) -> None:
    """A contact limited to a service, who reviewed the contacts, changed the telephone number and asked for a name."""
    service = organisation.services[0]
    db.session.add_all([
        ContactService(organisation_id=organisation.id, contact=contact, service=service),
        ContactReview(organisation=organisation, reviewed_by=contact.user),
        ChangeRequest(
            organisation=organisation, kind=ChangeKind.LEGAL_NAME, was=organisation.name, wanted="Another name Ltd",
            asked_by=contact.user,
        ),
    ])  # fmt: skip
    organisation.phone = "01603 000001"
    db.session.commit()


def _invited(organisation: Organisation, contact: Contact, officer: PortalUser) -> None:
    wave = InvitationWave(sector=organisation.sector, asked_by=officer, ended_at=AT)
    form = ContactsForm(
        organisation=organisation, token_hash=organisation.reference, sent_on=START, sent_by=officer, expires_at=AT,
        email=Email(organisation=organisation, recipient="office@provider.example", subject="Contacts", body=""),
    )  # fmt: skip
    db.session.add_all([form, Invitation(organisation=organisation, contact=contact, wave=wave, invited_by=officer)])
    db.session.flush()
    db.session.add(
        ProposedContact(
            organisation=organisation, contacts_form_id=form.id, name="Paula Hurn", email="paula@provider.example",
            may_payments=True,
        )
    )  # fmt: skip


def _delivered(organisation: Organisation, line: LineItem, officer: PortalUser) -> Actual:
    actual = Actual(
        organisation=organisation, line_item=line, week_starting=START, state=ActualState.CONFIRMED, planned=ONE,
        delivered=Decimal("9.00"), missed=Decimal(0), extra=Decimal("2.00"), payable=Decimal("9.00"),
        mon=Decimal("3.00"), reason="Unwell", confirmed_at=AT, confirmed_by=officer, changed_by=officer,
    )  # fmt: skip
    db.session.add(actual)
    db.session.flush()
    check = ExceptionCheck(
        organisation=organisation, actual_id=actual.id, planned=ONE, claimed=Decimal("9.00"), percent=Decimal(10),
        least_units=Decimal(1), extras_allowed=True, allowance=Decimal(1), over=True, rule="EL-1",
    )  # fmt: skip
    # About figures that the week had before: it is held.
    made = ExceptionDecision(
        organisation=organisation, actual_id=actual.id, actual_version=1, planned=ONE, claimed=Decimal("8.50"),
        decision=Decision.UP_TO, units=Decimal("8.00"), reason="Agreed", start=START, end=START + timedelta(days=6),
        decided_at=AT, decided_by=officer,
    )  # fmt: skip
    visit = AbortedVisit(
        organisation=organisation, line_item=line, visit_date=START, planned_start=AT.time(), planned_minutes=45,
        reason="No reply", planned_units=Decimal("0.75"), payable=Decimal("0.50"), rule="AV-1", recorded_by=officer,
    )  # fmt: skip
    claimed = Decimal("19.68")
    claim = AbsenceClaim(
        organisation=organisation, line_item=line, first_day=START, last_day=START, reason=AbsenceReason.HOSPITAL,
        state=ClaimState.SUBMITTED, submitted_at=AT, submitted_by=officer, units=Decimal(1), claimed_net=claimed,
        net=claimed, gross=claimed,
    )  # fmt: skip
    db.session.add_all([check, made, visit, claim])
    db.session.flush()
    db.session.add(
        AbsenceClaimLine(
            organisation=organisation, absence_claim=claim, number=1, week_starting=START, first_day=START,
            last_day=START, planned=Decimal(1), units=Decimal(1), unit=Unit.HOUR, rate=Decimal("19.6800"), net=claimed,
            gross=claimed, explained="day 1 at 100%", rule="AB-1",
        )
    )  # fmt: skip
    db.session.flush()
    return actual


def _other(organisation: Organisation, line: LineItem, number: int, officer: PortalUser, period: PaymentPeriod) -> None:
    World.confirmed()
    db.session.add_all([
        Hold(organisation=organisation, line_item=line, reason="Under review", start=START),
        PaperOrder(
            organisation=organisation, reference=f"PAPER-{number}", person_reference="P1", element_name="Personal care",
            unit=Unit.HOUR, plan_kind=PlanKind.WEEKLY, weekly_quantity=ONE, start=START, issued_on=START,
            rate=Decimal("19.6800"), scan=_scan(number),
        ),
        PolicySetting(
            name="aborted_minutes", value="45", scope=PolicyScope.ORGANISATION, scope_id=organisation.id,
            valid_from=date(2100, 1, 1), changed_by=officer, why="Agreed",
        ),
        OneOffPayment(organisation=organisation, line_item=line, period=period, net=NET, reason="Goodwill"),
        *_announced(organisation, officer, number),
        CalendarFeed(organisation=organisation, token_hash=f"{number:064}"),
        LetterWording(name=f"letter {number}", subject="Hello", body="Text"),
        Reminder(organisation=organisation, kind=ReminderKind.WEEKS, about="2017-10-16"),
        Email(organisation=organisation, recipient="a@provider.example", subject=f"Hello {number}", body="Text"),
        KeptForm(organisation_id=organisation.id, user_id=officer.id, page_hash="0", digest=f"{number}", sealed=""),
        SentForm(organisation_id=organisation.id, user_id=officer.id, fingerprint=f"{number}"),
        AuditSeal(
            id=number, event_ids=[number], digests=bytes([number]) * 32, before=bytes([number - 1]) * 32,
            hash=bytes([number]) * 32,
        ),
        JobRun(job="periods", due_on=START + timedelta(days=number), result="Done"),
        *_uploaded(organisation, line, number),
        ImportFile(
            kind="organisations", filename=f"file{number}.csv", sha256="0" * 64, content=b"x", state=ImportState.DONE,
            given_by=officer, findings=NOTHING_FOUND,
        ),
    ])  # fmt: skip


def _announced(
    organisation: Organisation, officer: PortalUser, number: int
) -> list[AnnouncementOrganisation | AnnouncementRead]:
    notice = Announcement(title=f"Notice {number}", body="Read this.", audience=Audience.ORGANISATIONS, start=START)
    db.session.add(notice)
    db.session.flush()
    return [
        AnnouncementOrganisation(announcement_id=notice.id, organisation_id=organisation.id),
        AnnouncementRead(announcement_id=notice.id, user_id=officer.id, organisation_id=organisation.id),
    ]


def _waiting_to_be_paid(
    organisation: Organisation, line: LineItem, actual: Actual, period: PaymentPeriod, officer: PortalUser, number: int
) -> InvoiceLine:
    """An invoice in a draft run, and beside it what waits for one; returns the line of the invoice that waits."""
    World.confirmed()
    rate = line.rates[0]
    money = {"net": NET, "vat": Decimal(0), "gross": NET}
    own = {"organisation": organisation}
    week = {"week_starting": START, "units": ONE, "unit": Unit.HOUR, "rate": Decimal("19.6800")}
    sent = {"period": period, "submitted_at": AT, "submitted_by": officer}
    invoice = Invoice(**own, **sent, state=InvoiceState.SUBMITTED, **money)
    taken = Invoice(**own, **sent, state=InvoiceState.IN_RUN, accepted_at=AT, **money)
    scheduled = ScheduledPayment(**own, period=period, **money)
    # Beyond what the sequence gives to a run that is prepared beside it.
    run = PaymentRun(
        number=1000 + number, pay_date=date(2017, 12, 1), state=RunState.DRAFT, prepared_by=officer, total=NET
    )
    db.session.add_all([taken, invoice, scheduled, run])
    db.session.flush()
    invoice_line = InvoiceLine(
        **own, invoice=invoice, number=1, kind=LineKind.CURRENT, line_item=line, actual=actual, planned=ONE,
        delivered=ONE, **week, **money,
    )  # fmt: skip
    db.session.add_all([
        invoice_line,
        ScheduledPaymentLine(
            **own, scheduled_payment=scheduled, line_item=line, rate_version=rate, amount=NET, **week, **money
        ),
        AbsenceReport(**own, line_item=line, first_day=START, reason=AbsenceReason.HOSPITAL, reported_by=officer),
        Deduction(**own, line_item=line, start=date(2018, 4, 9), contribution=Decimal("139.75"), top_up=Decimal(25)),
        PaymentSource(**own, run=run, invoice=taken, **money),
        RunFinding(run=run, organisation=organisation, kind=RunCheck.JUMP, about="", what="Far more", pounds=NET),
    ])  # fmt: skip
    db.session.flush()
    return invoice_line


def _paid(
    organisation: Organisation, invoiced: InvoiceLine, officer: PortalUser, approver: PortalUser, number: int
) -> None:
    """A run that was released before: what it paid, what came back, and what it carried forward."""
    own, line = {"organisation": organisation}, invoiced.line_item
    run = PaymentRun(
        number=2000 + number, pay_date=START, state=RunState.RELEASED, prepared_by=officer, approved_by=approver,
        approved_at=AT, released_by=approver, released_at=AT, payment_count=1, total=NET,
    )  # fmt: skip
    remittance = Remittance(
        **own, run=run, pay_date=run.pay_date, bank_reference=f"NCC{number}", net=NET, vat=Decimal(0), total=NET
    )
    db.session.add_all([run, remittance, Recovery(**own, from_run=run, amount=Decimal("5.00"))])
    db.session.flush()
    db.session.add_all([
        BankReturn(**own, run=run, amount=NET, code="5", returned_on=START, recorded_by=officer),
        RemittanceLine(
            **own, remittance=remittance, number=1, source=invoiced.invoice.number, kind=LineKind.CURRENT,
            invoice_line=invoiced, line_reference=line.reference, person_reference=line.person.reference,
            week_starting=START, units=ONE, unit=Unit.HOUR, rate=Decimal("19.6800"), net=NET, vat=Decimal(0), gross=NET,
        ),
    ])  # fmt: skip


def _talked(organisation: Organisation, line: LineItem, actual: Actual, officer: PortalUser, number: int) -> None:
    team = db.session.scalars(select(Team).order_by(Team.id)).first()
    conversation = Conversation(
        organisation=organisation, team=team, subject=f"Question {number}", document=line.document, actual=actual
    )
    db.session.add(conversation)
    db.session.flush()
    message = Message(
        organisation=organisation, conversation=conversation, author=officer, from_council=True, body="We answer."
    )
    db.session.add_all([message, ConversationNote(conversation=conversation, author=officer, body="Rang them.")])
    db.session.flush()
    db.session.add(
        Attachment(
            organisation_id=organisation.id, message_id=message.id, from_council=True, filename=f"letter{number}.txt",
            kind="txt", size=4, sha256=hashlib.sha256(b"Text").hexdigest(), content=b"Text",
        )
    )  # fmt: skip
    db.session.add(
        MissingPackage(
            organisation=organisation, person_reference=f"P9{number}", service=line.service, element=line.element,
            start=START, plan="7 hours a week", agreed_with="Discharge team", agreed_on=START, reported_by=officer,
            conversation=conversation,
        )
    )  # fmt: skip


def _uploaded(organisation: Organisation, line: LineItem, number: int) -> list[UploadFinding | Visit | TypedOverDay]:
    own = {"organisation": organisation}
    upload = Upload(
        **own, filename=f"week{number}.csv", sha256="0" * 64, content=b"CPLI", state=UploadState.CHECKED,
        given_by=organisation.contacts[0].user,
        counts=dict.fromkeys(("read", "new", "changed", "unchanged", "rejected", "asked", "warned"), 1),
    )  # fmt: skip
    db.session.add(upload)
    db.session.flush()
    found = UploadFinding(**own, upload_id=upload.id, kind=FindingKind.WARNING, code="unknown-line", row=2, wrong="Why")
    at = AT.replace(tzinfo=None)
    times = {"planned_start": at, "planned_end": at, "actual_start": at, "actual_end": at}
    visit = Visit(
        **own, upload_id=upload.id, line_item_id=line.id, day=START, reference=f"V{number}",
        outcome=Outcome.DELIVERED, **times,
    )  # fmt: skip
    headings = {"clientref": "line", "date": "day", "hours": "units"}
    upload.match = ColumnMatch(
        **own, name=f"Rota {number}", fingerprint=f"{number}" * 64, row_kind=RowKind.DAY, columns=headings, words={},
        headings=[[key, key] for key in headings], made_by=organisation.contacts[0].user,
    )  # fmt: skip
    typed_over = TypedOverDay(**own, line_item=line, day=START, units=ONE, typed_by=organisation.contacts[0].user)
    return [found, visit, typed_over]


def _scan(number: int) -> PaperScan:
    content = f"%PDF-1.4 {number}".encode()
    return PaperScan(
        filename=f"paper-{number}.pdf", kind="pdf", size=len(content), content=content,
        sha256=hashlib.sha256(content).hexdigest(),
    )  # fmt: skip
