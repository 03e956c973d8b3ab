"""What the database refuses by itself, whatever the code above it does."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError

from models import (
    NOTHING,
    AbsenceClaim,
    Actual,
    AuditEvent,
    Contact,
    Conversation,
    DocumentVersion,
    Invoice,
    InvoiceLine,
    LineItem,
    Message,
    OneOffPayment,
    Organisation,
    PaymentPeriod,
    PaymentRun,
    PaymentSource,
    Person,
    PolicySetting,
    Rate,
    Team,
    db,
    enter,
    metadata,
    say_who,
)
from models.audit_event import AUDITED
from models.base import Tenanted
from rules.agreement_states import DocumentState
from rules.states import ActualState, InvoiceState, LineKind, RunState, Unit
from tests.support.worlds.world import World
from workflows.clock import now

WEEK = date(2017, 10, 16)


def confirmed_week(line: LineItem, week: date = WEEK) -> Actual:
    """A week delivered as planned."""
    seven = Decimal(7)
    actual = Actual(
        organisation_id=line.organisation_id, line_item_id=line.id, week_starting=week, state=ActualState.CONFIRMED,
        mon=1, tue=1, wed=1, thu=1, fri=1, sat=1, sun=1,
        delivered=seven, planned=seven, missed=0, extra=0, payable=seven,
    )  # fmt: skip
    db.session.add(actual)
    db.session.commit()
    return actual


def invoice_of(actual: Actual, period: PaymentPeriod, **more: object) -> Invoice:
    """A submitted invoice with one line for one week."""
    invoice = Invoice(
        organisation_id=actual.organisation_id, period_id=period.id, state=InvoiceState.SUBMITTED, submitted_at=now(),
        net=Decimal("137.76"), gross=Decimal("137.76"), **more,
    )  # fmt: skip
    invoice.lines = [
        InvoiceLine(
            organisation_id=actual.organisation_id, number=1, kind=LineKind.CURRENT, line_item_id=actual.line_item_id,
            actual_id=actual.id, week_starting=actual.week_starting, planned=7, delivered=7, units=7, unit=Unit.HOUR,
            rate=Decimal("19.68"), net=Decimal("137.76"), gross=Decimal("137.76"),
        )
    ]  # fmt: skip
    db.session.add(invoice)
    db.session.commit()
    return invoice


def refuses(constraint: str, kind: type[DBAPIError] = IntegrityError) -> pytest.RaisesExc[DBAPIError]:
    """Expect the database to refuse, naming its constraint."""
    return pytest.raises(kind, match=constraint)


def test_a_week_is_on_one_live_invoice(world: World) -> None:
    actual = confirmed_week(world.line(world.organisation()))
    invoice_of(actual, world.period())
    with refuses("uq_invoice_line_live_week"):
        invoice_of(actual, world.period(1))


def test_a_rejected_invoice_frees_its_week(world: World) -> None:
    actual = confirmed_week(world.line(world.organisation()))
    first = invoice_of(actual, world.period())
    first.state, first.rejected_reason = InvoiceState.REJECTED, "Wrong person"
    db.session.commit()
    again = invoice_of(actual, world.period(1))
    assert again.live
    assert not first.lines[0].live or db.session.scalar(
        select(InvoiceLine.live).where(InvoiceLine.invoice_id == first.id)
    ) is False  # fmt: skip


def test_a_sent_invoice_has_its_number_and_the_day_it_was_received_whoever_sends_it(world: World) -> None:
    organisation, period = world.organisation(), world.period()
    draft = Invoice(organisation_id=organisation.id, period_id=period.id)
    db.session.add(draft)
    db.session.commit()
    assert draft.number is None
    statement = update(Invoice).values(state=InvoiceState.SUBMITTED, submitted_at=text("'2017-11-20 23:30+00'"))
    db.session.execute(statement.execution_options(synchronize_session=False))
    (sent,) = db.session.execute(select(Invoice.number, Invoice.received_on))
    assert (str(sent.number)[:4], sent.received_on) == ("INV-", date(2017, 11, 20))
    with refuses("kept as it was written"):
        db.session.execute(update(Invoice).values(number="INV-1"))


def test_a_draft_has_no_number(world: World) -> None:
    db.session.add(Invoice(organisation_id=world.organisation().id, period_id=world.period().id, number="INV-1"))
    with refuses("ck_invoice_numbered_when_sent"):
        db.session.flush()


def test_an_own_reference_stands_on_one_live_invoice(world: World) -> None:
    line = world.line(world.organisation())
    first = invoice_of(confirmed_week(line), world.period(), own_reference="FH 17")
    later = confirmed_week(line, date(2017, 10, 23))
    with refuses("uq_invoice_own_reference"):
        invoice_of(later, first.period, own_reference="fh17")
    db.session.rollback()
    first.state, first.withdrawn_reason, first.closed_at = InvoiceState.WITHDRAWN, "Wrong reference", now()
    db.session.commit()
    assert invoice_of(db.session.merge(later), first.period, own_reference="fh17").live


@pytest.mark.parametrize(
    ("values", "refused"),
    [
        ({"state": InvoiceState.WITHDRAWN}, "ck_invoice_withdrawn_why"),
        ({"state": InvoiceState.WITHDRAWN, "withdrawn_reason": "Why"}, "ck_invoice_withdrawn_why"),
        ({"disputed_on": date(2017, 11, 20)}, "ck_invoice_disputed_why"),
        ({"dispute_reason": "Why"}, "ck_invoice_disputed_why"),
        ({"due_by": date(2018, 1, 1)}, "kept as it was written"),
    ],
)
def test_an_invoice_is_withdrawn_and_disputed_with_a_reason(world: World, values: Any, refused: str) -> None:
    invoice_of(confirmed_week(world.line(world.organisation())), world.period())
    with refuses(refused):
        db.session.execute(update(Invoice).values(values))


@pytest.mark.parametrize("state", [InvoiceState.REJECTED, InvoiceState.WITHDRAWN])
def test_an_invoice_in_a_payment_run_is_not_taken_back(world: World, state: InvoiceState) -> None:
    invoice = invoice_of(confirmed_week(world.line(world.organisation())), world.period())
    invoice.state = InvoiceState.IN_RUN
    db.session.commit()
    why = {"rejected_reason": "Why", "withdrawn_reason": "Why", "closed_at": now()}
    with refuses("kept as it was written"):
        db.session.execute(update(Invoice).values(why | {"state": state}))


def test_an_organisation_has_one_draft_invoice_for_a_period(world: World) -> None:
    organisation, period = world.organisation(), world.period()
    db.session.add_all(Invoice(organisation_id=organisation.id, period_id=period.id) for _ in range(2))
    with refuses("uq_invoice_draft"):
        db.session.flush()


def test_periods_do_not_overlap(world: World) -> None:
    first = world.period()
    values = {name: getattr(first, name) for name in ("start", "end", "submit_by", "amend_by", "finalise_on", "pay_on")}
    db.session.add(PaymentPeriod(number=99, **values))
    with refuses("ex_payment_period_overlap"):
        db.session.flush()


def test_rates_of_a_line_do_not_overlap(world: World) -> None:
    line = world.line(world.organisation())
    db.session.add(Rate(organisation_id=line.organisation_id, line_item_id=line.id, rate=20, start=date(2018, 1, 1)))
    with refuses("ex_rate_overlap"):
        db.session.flush()


def test_a_day_of_a_line_is_in_one_live_absence_claim(world: World) -> None:
    line = world.line(world.organisation())
    for first, last in ((2, 12), (12, 14)):
        db.session.add(
            AbsenceClaim(
                organisation_id=line.organisation_id, line_item_id=line.id, reason="hospital",
                first_day=date(2017, 11, first), last_day=date(2017, 11, last),
            )
        )  # fmt: skip
    with refuses("ex_absence_claim_overlap"):
        db.session.flush()


def test_who_prepared_a_run_does_not_approve_it(world: World) -> None:
    officer = world.officer("Payments officer")
    db.session.add(
        PaymentRun(
            pay_date=date(2017, 12, 4), state=RunState.APPROVED, prepared_by_id=officer.id, approved_by_id=officer.id
        )
    )
    with refuses("ck_payment_run_two_officers"):
        db.session.flush()


def test_a_source_is_paid_in_one_run(world: World) -> None:
    officer = world.officer("Payments officer")
    organisation = world.organisation()
    world.confirmed()
    payment = OneOffPayment(organisation_id=organisation.id, net=Decimal(10), reason="Mileage agreed by telephone")
    runs = [PaymentRun(pay_date=date(2017, 12, 4), prepared_by_id=officer.id) for _ in range(2)]
    db.session.add_all([payment, *runs])
    db.session.flush()
    for run in runs:
        db.session.add(
            PaymentSource(
                organisation_id=organisation.id, run_id=run.id, one_off_payment_id=payment.id, net=10, gross=10
            )
        )
    with refuses("uq_payment_source_one_off_payment_id"):
        db.session.flush()


def test_derived_figures_must_agree(world: World) -> None:
    actual = confirmed_week(world.line(world.organisation()))
    with refuses("ck_actual_missed"):
        db.session.execute(update(Actual).where(Actual.id == actual.id).values(missed=1))


def test_a_difference_is_confirmed_only_with_a_reason(world: World) -> None:
    actual = confirmed_week(world.line(world.organisation()))
    with refuses("ck_actual_reason_where_differs"):
        db.session.execute(update(Actual).where(Actual.id == actual.id).values(delivered=6, missed=1, payable=6, sun=0))


def test_an_invoiced_week_keeps_its_figures(world: World) -> None:
    actual = confirmed_week(world.line(world.organisation()))
    invoice_of(actual, world.period())
    db.session.execute(update(Actual).where(Actual.id == actual.id).values(state=ActualState.INVOICED))
    with refuses("has become money"):
        db.session.execute(
            update(Actual).where(Actual.id == actual.id).values(delivered=6, missed=1, payable=6, reason="x")
        )


def test_an_invoiced_week_cannot_leave_its_live_invoice(world: World) -> None:
    actual = confirmed_week(world.line(world.organisation()))
    invoice_of(actual, world.period())
    db.session.execute(update(Actual).where(Actual.id == actual.id).values(state=ActualState.INVOICED))
    with refuses("live invoice"):
        db.session.execute(update(Actual).where(Actual.id == actual.id).values(state=ActualState.DRAFT))


@pytest.mark.parametrize(
    "change", ["UPDATE invoice_line SET units = 1, net = 19.68, gross = 19.68", "DELETE FROM invoice_line"]
)
def test_invoice_lines_are_written_once(world: World, change: str) -> None:
    invoice_of(confirmed_week(world.line(world.organisation())), world.period())
    with refuses("has become money"):
        db.session.execute(text(change))


@pytest.mark.parametrize("change", ["UPDATE invoice SET net = 1, gross = 1", "DELETE FROM invoice"])
def test_a_submitted_invoice_keeps_its_amount(world: World, change: str) -> None:
    invoice_of(confirmed_week(world.line(world.organisation())), world.period())
    with refuses("has become money"):
        db.session.execute(text(change))


def test_an_invoiced_rate_is_history(world: World) -> None:
    line = world.line(world.organisation())
    invoice_of(confirmed_week(line), world.period())
    with refuses("has been invoiced"):
        db.session.execute(update(Rate).where(Rate.line_item_id == line.id).values(rate=Decimal("25.0000")))


def test_a_policy_setting_that_has_begun_is_not_changed(world: World) -> None:
    db.session.add(PolicySetting(name="exception_percent", value="5", valid_from=date(2017, 10, 16)))
    db.session.commit()
    with refuses("kept as it was written"):
        db.session.execute(update(PolicySetting).values(value="50"))


def test_messages_are_not_rewritten(world: World) -> None:
    team = db.session.scalars(select(Team).where(Team.name == "Payments")).one()
    conversation = Conversation(organisation_id=world.organisation().id, team_id=team.id, subject="A question")
    conversation.messages = [
        Message(organisation_id=conversation.organisation_id, from_council=False, body="When are we paid?")
    ]
    db.session.add(conversation)
    db.session.commit()
    with refuses("kept as it was written"):
        db.session.execute(delete(Message))


def test_a_row_cannot_point_into_another_organisation(world: World) -> None:
    own, other = world.organisation(), world.organisation("Broadland Care CIC")
    line = world.line(other)
    db.session.add(
        Rate(organisation_id=own.id, line_item_id=line.id, rate=20, start=date(2016, 1, 1), end=date(2016, 2, 1))
    )
    with refuses("fk_rate_organisation_id_line_item_id"):
        db.session.flush()


def test_every_change_leaves_a_trace_with_who_and_what(world: World) -> None:
    officer = world.officer("Procurement")
    organisation = world.organisation()
    say_who(officer.id, "192.0.2.7")
    db.session.execute(update(Organisation).values(phone="01603 222222"))
    db.session.commit()
    event = db.session.scalars(
        select(AuditEvent).where(AuditEvent.record == "organisation", AuditEvent.action == "changed")
    ).one()
    assert (event.user_id, event.from_address, event.organisation_id) == (officer.id, "192.0.2.7", organisation.id)
    assert (event.before, event.after) == ({"phone": ""}, {"phone": "01603 222222"})


def test_every_table_that_is_audited_is_named_for_the_search_of_the_trail(world: World) -> None:
    traced = "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE '%_audit%' ORDER BY 1"
    assert tuple(db.session.scalars(text(traced))) == AUDITED


def test_the_trace_holds_no_secrets(world: World) -> None:
    world.user("somebody@provider.example")
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.record == "ab_user")).one()
    assert event.after is not None
    assert not {"password", "security_code", "totp_secret"} & event.after.keys()


def test_the_trace_of_a_version_has_every_column_but_its_text(world: World) -> None:
    world.line(world.organisation())
    version = db.session.scalars(select(DocumentVersion)).one()
    added = db.session.scalars(select(AuditEvent).where(AuditEvent.record == "document_version")).one()
    assert (added.action, added.record_id, added.organisation_id) == ("added", version.id, version.organisation_id)
    assert added.after is not None
    assert added.after.keys() == {column.name for column in metadata.tables["document_version"].c} - {"content"}
    db.session.execute(update(DocumentVersion).values(state=DocumentState.REPLACED))
    changed = db.session.scalars(select(AuditEvent).where(AuditEvent.id > added.id)).one()
    assert (changed.before, changed.after) == ({"state": added.after["state"]}, {"state": "replaced"})
    assert (changed.record, changed.record_id) == ("document_version", version.id)


def test_the_web_role_cannot_write_the_trace(world: World) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        db.session.execute(text("DELETE FROM audit_event"))


def test_the_queue_does_nothing_for_the_web_role_that_it_could_not_do_itself(world: World) -> None:
    functions = text(
        "SELECT proname, prosecdef, has_function_privilege(0::oid, oid, 'EXECUTE') FROM pg_proc"
        " WHERE starts_with(proname, 'procrastinate_')"
    )
    found = db.session.execute(functions).all()
    assert found
    assert not [name for name, as_owner, for_everybody in found if as_owner or for_everybody]
    for statement in ("DELETE FROM procrastinate_events", "INSERT INTO procrastinate_periodic_defers DEFAULT VALUES"):
        with pytest.raises(ProgrammingError, match="permission denied"), db.session.begin_nested():
            db.session.execute(text(statement))


def test_every_table_with_an_organisation_is_behind_row_level_security(world: World) -> None:
    protected = set(db.session.scalars(text("SELECT relname FROM pg_class WHERE relrowsecurity")))
    unprotected = {
        name for name, table in metadata.tables.items() if "organisation_id" in table.columns and name not in protected
    }
    assert unprotected == set()
    assert {"organisation", "person"} <= protected


def test_a_query_that_forgets_its_filter_returns_own_rows_only(world: World) -> None:
    own, other = world.organisation(), world.organisation("Broadland Care CIC")
    for organisation in (own, other):
        world.line(organisation)
        world.contact(organisation)
    enter(own.id)
    for table in ("organisation", "contact", "service", "line_item", "rate", "contract_document", "person"):
        assert db.session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() == 1, table
    assert db.session.scalars(select(LineItem.__table__.c.organisation_id)).all() == [own.id]


def test_without_a_scope_nothing_is_seen(world: World) -> None:
    world.line(world.organisation())
    enter(NOTHING)
    for query in (select(LineItem), text("SELECT count(*) FROM line_item")):
        with pytest.raises(ProgrammingError, match="permission denied"), db.session.begin_nested():
            db.session.execute(query)


def test_an_organisation_cannot_write_a_row_of_another(world: World) -> None:
    own, other = world.organisation(), world.organisation("Broadland Care CIC")
    enter(own.id)
    with pytest.raises(ProgrammingError, match="row-level security"):
        db.session.execute(text("INSERT INTO upload (organisation_id) VALUES (:o)"), {"o": other.id})


def test_the_session_refuses_a_row_of_another_organisation_before_the_database_does(world: World) -> None:
    own, other = world.organisation(), world.organisation("Broadland Care CIC")
    enter(own.id)
    db.session.add(Contact(organisation_id=other.id, name="x", email="x@y.example", start=WEEK))
    with pytest.raises(PermissionError):
        db.session.flush()


def test_people_are_seen_by_the_organisations_that_care_for_them(world: World) -> None:
    own, other = world.organisation(), world.organisation("Broadland Care CIC")
    ada, bea = world.person(name="Ada Bell"), world.person(name="Bea Cole")
    world.line(own, person=ada)
    world.line(other, person=bea)
    world.line(other, person=ada)
    enter(own.id)
    assert [person.name for person in db.session.scalars(select(Person))] == ["Ada Bell"]
    enter(other.id)
    assert {person.name for person in db.session.scalars(select(Person))} == {"Ada Bell", "Bea Cole"}


def test_what_was_loaded_in_one_scope_is_not_handed_on_in_another(world: World) -> None:
    own, other = world.organisation(), world.organisation("Broadland Care CIC")
    line_id = world.line(other).id
    assert db.session.get(LineItem, line_id) is not None
    enter(own.id)
    assert db.session.get(LineItem, line_id) is None


def test_money_and_units_are_never_floating_point(world: World) -> None:
    floating = db.session.execute(
        text(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
            " AND data_type IN ('real', 'double precision', 'money')"
        )
    ).all()
    assert floating == []


def test_every_tenanted_model_has_the_organisation_it_belongs_to(world: World) -> None:
    models = [each.class_ for each in Actual.registry.mappers if issubclass(each.class_, Tenanted)]
    assert models
    for model in models:
        assert hasattr(model, "organisation"), model.__name__
