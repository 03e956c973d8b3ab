"""Legal name, VAT number and bank details: two officers, both sides, and no payment before somebody rang back."""

from decimal import Decimal
from random import Random

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import IntegrityError, ProgrammingError

from models import (
    AuditEvent,
    ChangeRequest,
    Contact,
    Email,
    Hold,
    OneOffPayment,
    Organisation,
    PortalUser,
    RunFinding,
    acting_for,
    db,
)
from rules.bank_account import BankDetails
from rules.problem_codes import Code
from rules.refusal import Refused, Unknown
from rules.states import ChangeKind, ChangeState
from tests.support.worlds.world import World
from workflows.clock import now
from workflows.organisations import bank_details, change_requests
from workflows.organisations.change_requests import CallBack
from workflows.payments import run as payment_run

NEW = BankDetails("Fenland Homecare Ltd", "089999", "66374958")
NEWER = BankDetails("Fenland Homecare Ltd", "107999", "88837491")
CALL = CallBack("Mary Lane, registered manager", "01553 600000")


class Office:
    """An organisation with a contact, and two officers."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.organisation: Organisation = world.organisation(email="office@fenland.example", account=False)
        self.contact: Contact = world.contact(self.organisation, "mary@fenland.example")
        assert self.contact.user
        self.user: PortalUser = self.contact.user
        self.first: PortalUser = world.officer("Payments officer")
        self.second: PortalUser = world.officer("Procurement")

    def ask(self, kind: ChangeKind = ChangeKind.BANK_DETAILS, wanted: str | BankDetails = NEW) -> int:
        with acting_for(self.organisation.id):
            return change_requests.ask(self.organisation, kind, wanted, self.user)

    def confirmed(self, wanted: str | BankDetails = NEW, kind: ChangeKind = ChangeKind.BANK_DETAILS) -> ChangeRequest:
        request_id = self.ask(kind, wanted)
        change_requests.confirm(request_id, self.first)
        return change_requests.confirm(request_id, self.second)

    def called(self, wanted: BankDetails = NEW) -> ChangeRequest:
        return change_requests.record_call(self.confirmed(wanted).id, CALL, self.first)

    def account(self) -> BankDetails | None:
        request = bank_details.request_in_force(self.organisation.id)
        return bank_details.unseal(request.sealed or "") if request else None


@pytest.fixture
def office(world: World) -> Office:
    return Office(world)


def state_of(request_id: int) -> ChangeState:
    found: ChangeState = db.session.scalars(select(ChangeRequest.state).where(ChangeRequest.id == request_id)).one()
    return found


def test_nothing_goes_live_before_a_second_officer_has_confirmed(office: Office) -> None:
    request_id = office.ask(ChangeKind.LEGAL_NAME, "Fenland Care Group Ltd")
    change_requests.confirm(request_id, office.first)
    assert db.session.scalar(select(Organisation.name)) == "Fenland Homecare Ltd"
    with pytest.raises(Refused, match="Another officer has to confirm it too") as refused:
        change_requests.confirm(request_id, office.first)
    assert refused.value.problems[0].code is Code.OWN_CHECK
    change_requests.confirm(request_id, office.second)
    assert db.session.scalar(select(Organisation.name)) == "Fenland Care Group Ltd"


def test_a_vat_number_goes_live_where_it_is_shown(office: Office) -> None:
    office.confirmed("GB 123 4567 82", ChangeKind.VAT_NUMBER)
    organisation = db.session.scalars(select(Organisation)).one()
    assert change_requests.current_value(organisation, ChangeKind.VAT_NUMBER) == "GB 123 4567 82"


def test_the_database_refuses_one_officer_for_both(office: Office) -> None:
    request_id = office.ask()
    who = {"checked_by_id": office.first.id, "checked_at": now(), "decided_by_id": office.first.id, "decided_at": now()}
    with pytest.raises(IntegrityError, match="ck_change_request_two_officers"):
        db.session.execute(
            update(ChangeRequest).where(ChangeRequest.id == request_id).values(state=ChangeState.CONFIRMED, **who)
        )
    db.session.rollback()
    with pytest.raises(IntegrityError, match="ck_change_request"):
        db.session.execute(
            update(ChangeRequest).where(ChangeRequest.id == request_id).values(state=ChangeState.CONFIRMED)
        )
    db.session.rollback()


@pytest.mark.parametrize(
    "attempt",
    [
        "UPDATE change_request SET checked_by_id = asked_by_id",
        "UPDATE change_request SET wanted = 'another'",
        "INSERT INTO change_request (organisation_id, kind, state, wanted, asked_by_id, checked_by_id)"
        " SELECT organisation_id, kind, 'confirmed', 'mine', asked_by_id, asked_by_id FROM change_request",
        "DELETE FROM change_request",
        'UPDATE hold SET "end" = start',
    ],
)
def test_an_organisation_decides_nothing_itself(office: Office, attempt: str) -> None:
    office.ask()
    with acting_for(office.organisation.id), pytest.raises(ProgrammingError, match="permission denied"):
        db.session.execute(text(attempt))


@pytest.mark.parametrize("state", [ChangeState.CHECKED, ChangeState.CONFIRMED, ChangeState.REPLACED])
def test_an_organisation_brings_a_request_to_no_state_but_withdrawn(office: Office, state: ChangeState) -> None:
    office.ask()
    with acting_for(office.organisation.id), pytest.raises(ProgrammingError, match="row-level security"):
        db.session.execute(update(ChangeRequest).values(state=state))


def test_an_organisation_does_not_replace_the_account_that_waits_for_its_call_back(office: Office) -> None:
    office.confirmed()
    with acting_for(office.organisation.id), pytest.raises(ProgrammingError, match="row-level security"):
        db.session.execute(update(ChangeRequest).values(state=ChangeState.REPLACED))


def test_an_account_stands_in_clear_nowhere_in_the_database(office: Office) -> None:
    office.called()
    assert office.account() == NEW
    tables = db.session.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).all()
    for table in tables:
        if table != "scope_key":
            rows = db.session.scalars(text(f'SELECT t::text FROM "{table}" AS t')).all()
            assert [row for row in rows if "66374958" in row or "089999" in row] == [], table
    kept = db.session.scalars(select(AuditEvent.after).where(AuditEvent.record == "change_request")).all()
    assert kept
    assert [event for event in kept if event and "sealed" in event] == []


def test_pages_and_e_mails_name_the_last_four_digits_at_most(office: Office) -> None:
    request = office.confirmed()
    assert request.wanted == "Fenland Homecare Ltd, account ending 4958"
    assert [email for email in db.session.scalars(select(Email.body)) if "4958" in email] == []


def test_who_looks_after_the_organisation_hears_of_a_request(office: Office) -> None:
    office.ask()
    assert set(db.session.scalars(select(Email.recipient))) == {"mary@fenland.example", "office@fenland.example"}


def test_digits_that_do_not_fit_are_refused_and_unknown_ones_are_said_to_be_unchecked(office: Office) -> None:
    bank_details.load_weights("089000 089999 MOD10 0 0 0 0 0 0 7 1 3 7 1 3 7 1")
    with pytest.raises(Refused, match="does not belong to this sort code"):
        office.ask(wanted=BankDetails("Fenland", "089999", "66374959"))
    request = change_requests.get_request(office.ask(wanted=BankDetails("Fenland", "200000", "66374959")))
    assert request.digits == "digits not checked"


def test_one_change_of_a_kind_waits_at_a_time(office: Office) -> None:
    office.ask()
    with pytest.raises(Refused, match="waiting for the council already"):
        office.ask()
    office.ask(ChangeKind.LEGAL_NAME, "Fenland Care Group Ltd")


def test_the_name_that_stands_is_no_change(office: Office) -> None:
    with pytest.raises(Refused) as refused:
        office.ask(ChangeKind.LEGAL_NAME, office.organisation.name)
    assert refused.value.problems[0].code is Code.SAME_AS_BEFORE


def test_a_request_can_be_withdrawn_until_it_is_decided(office: Office) -> None:
    request_id = office.ask()
    change_requests.confirm(request_id, office.first)
    with acting_for(office.organisation.id):
        change_requests.withdraw(request_id)
    assert state_of(request_id) is ChangeState.WITHDRAWN
    with pytest.raises(Refused, match="withdrawn already"):
        change_requests.confirm(request_id, office.second)
    confirmed = office.confirmed()
    with acting_for(office.organisation.id), pytest.raises(Refused, match="confirmed already"):
        change_requests.withdraw(confirmed.id)


def test_a_request_of_another_organisation_is_unknown(world: World, office: Office) -> None:
    request_id = office.ask()
    with acting_for(world.organisation("Broadland Care CIC", account=False).id), pytest.raises(Unknown):
        change_requests.withdraw(request_id)


def test_what_goes_back_has_a_reason_and_changes_nothing(office: Office) -> None:
    request_id = office.ask(ChangeKind.LEGAL_NAME, "Fenland Care Group Ltd")
    with pytest.raises(Refused) as refused:
        change_requests.send_back(request_id, " ", office.first)
    assert refused.value.problems[0].field == "reason"
    change_requests.confirm(request_id, office.first)
    change_requests.send_back(request_id, "Companies House has another name", office.first)
    assert state_of(request_id) is ChangeState.SENT_BACK
    assert db.session.scalar(select(Organisation.name)) == "Fenland Homecare Ltd"
    assert "mary@fenland.example" in set(db.session.scalars(select(Email.recipient)))


def waiting_payment(office: Office) -> None:
    """Something that the next payment run would pay."""
    World.confirmed()
    db.session.add(OneOffPayment(organisation=office.organisation, net=Decimal(10), reason="Mileage"))
    db.session.commit()


def found(office: Office) -> list[str]:
    """What the checks of a run find that is prepared now."""
    run = payment_run.prepare(f"{payment_run.suggested_pay_date():%d/%m/%Y}", office.first)
    kinds = list(db.session.scalars(select(RunFinding.kind).where(RunFinding.run_id == run.id)))
    payment_run.discard(run.id)
    return kinds


def test_a_run_takes_payments_up_and_waits_until_somebody_rang_back(office: Office) -> None:
    waiting_payment(office)
    assert found(office) == ["no bank account"]
    request = office.confirmed()
    assert found(office) == ["no call-back"]
    change_requests.record_call(request.id, CALL, office.second)
    assert found(office) == []
    called = change_requests.get_request(request.id)
    assert (called.called_who, called.called_number, called.called_by_id) == (CALL.who, CALL.number, office.second.id)


def test_a_new_account_is_not_in_force_before_the_call_and_the_old_one_stays(office: Office) -> None:
    first = office.called()
    second = office.confirmed(NEWER)
    assert (state_of(first.id), state_of(second.id)) == (ChangeState.CONFIRMED, ChangeState.CONFIRMED)
    assert office.account() == NEW
    assert change_requests.current_value(office.organisation, ChangeKind.BANK_DETAILS) == first.wanted
    change_requests.record_call(second.id, CALL, office.first)
    assert (state_of(first.id), state_of(second.id)) == (ChangeState.REPLACED, ChangeState.CONFIRMED)
    assert office.account() == NEWER


def test_a_call_before_the_second_officer_holds_no_payment(office: Office) -> None:
    office.called()
    request_id = office.ask(wanted=NEWER)
    change_requests.confirm(request_id, office.first)
    change_requests.record_call(request_id, CALL, office.first)
    assert office.account() == NEW
    change_requests.confirm(request_id, office.second)
    assert office.account() == NEWER
    assert db.session.scalars(select(Hold.id)).all() == []


def test_who_did_not_ask_is_paid_into_the_old_account_again(office: Office) -> None:
    office.called()
    waiting_payment(office)
    request = office.confirmed(NEWER)
    db.session.execute(delete(Email))
    denied = change_requests.deny(request.id, CALL, "Nobody here asked for it", office.second)
    assert (denied.state, denied.sent_back_reason) == (ChangeState.SENT_BACK, "Nobody here asked for it")
    assert denied.was_denied
    assert office.account() == NEW
    assert found(office) == []
    assert db.session.scalars(select(Hold.id)).all() == []
    assert set(db.session.scalars(select(Email.recipient))) == {"mary@fenland.example", "office@fenland.example"}


def test_a_denial_has_a_reason_and_comes_after_two_officers(office: Office) -> None:
    request_id = office.ask()
    with pytest.raises(Refused, match="Send the request back instead"):
        change_requests.deny(request_id, CALL, "Not theirs", office.first)
    request = change_requests.confirm(request_id, office.first)
    change_requests.confirm(request_id, office.second)
    with pytest.raises(Refused) as refused:
        change_requests.deny(request_id, CALL, " ", office.first)
    assert refused.value.problems[0].field == "reason"
    change_requests.record_call(request.id, CALL, office.first)
    with pytest.raises(Refused, match="No call-back is waited for"):
        change_requests.deny(request_id, CALL, "Not theirs", office.first)


def test_who_looks_after_the_organisation_hears_that_an_account_is_in_force(office: Office) -> None:
    request = office.confirmed()
    db.session.execute(delete(Email))
    change_requests.record_call(request.id, CALL, office.second)
    assert set(db.session.scalars(select(Email.recipient))) == {"mary@fenland.example", "office@fenland.example"}


def test_a_hold_of_former_days_is_kept_as_what_it_was(world: World, office: Office) -> None:
    request = office.confirmed()
    world.app.config["PORTAL_TODAY"] = "2017-11-23"
    change_requests.record_call(request.id, CALL, office.first)
    assert [str(end) for end in db.session.scalars(select(Hold.end))] == ["2017-11-22"]


def test_the_hold_cannot_be_taken_away_before_the_call(office: Office) -> None:
    office.confirmed()
    held = db.session.scalars(select(Hold)).one()
    with pytest.raises(IntegrityError, match="nobody has rung back"):
        db.session.execute(update(Hold).where(Hold.id == held.id).values(end=held.start))
    db.session.rollback()
    with pytest.raises(IntegrityError, match="nobody has rung back"):
        db.session.execute(delete(Hold).where(Hold.id == held.id))
    db.session.rollback()


def test_a_call_is_recorded_once_and_has_a_name(office: Office) -> None:
    request = office.confirmed()
    with pytest.raises(Refused) as refused:
        change_requests.record_call(request.id, CallBack("", CALL.number), office.first)
    assert refused.value.problems[0].field == "who"
    change_requests.record_call(request.id, CALL, office.first)
    with pytest.raises(Refused, match="No call-back is waited for"):
        change_requests.record_call(request.id, CALL, office.first)


def test_a_newer_account_replaces_the_older_one_and_its_hold(office: Office) -> None:
    first = office.confirmed()
    second = office.confirmed(NEWER)
    assert (state_of(first.id), state_of(second.id)) == (ChangeState.REPLACED, ChangeState.CONFIRMED)
    assert office.account() is None
    assert db.session.scalars(select(Hold.change_request_id)).all() == [second.id]
    change_requests.record_call(second.id, CALL, office.first)
    third = office.confirmed()
    assert third.was == "Fenland Homecare Ltd, account ending 7491"


STEPS = ("ask", "ask", "withdraw", "first", "first", "second", "second", "back", "call", "call", "deny")


def take(step: str, request_id: int, wanted: BankDetails, office: Office) -> int:
    """Take one step with the newest request, and return which is the newest then. Raises Refused."""
    if step == "ask":
        return office.ask(wanted=wanted)
    if step == "withdraw":
        change_requests.withdraw(request_id)
    elif step in ("first", "second"):
        change_requests.confirm(request_id, office.first if step == "first" else office.second)
    elif step == "back":
        change_requests.send_back(request_id, "No", office.first)
    elif step == "call":
        change_requests.record_call(request_id, CALL, office.first)
    else:
        change_requests.deny(request_id, CALL, "No", office.first)
    return request_id


@pytest.mark.parametrize("seed", range(8))
def test_whatever_is_done_only_an_account_confirmed_twice_and_rung_back_about_is_in_force(
    office: Office, seed: int
) -> None:
    chance, number = Random(seed), 11111111
    newest, wanted, said, done = office.ask(), NEW, set[str](), list[str]()
    in_force = None
    for _ in range(60):
        step = chance.choice(STEPS)
        number += 1
        asked = BankDetails("Fenland Homecare Ltd", "107999", str(number))
        try:
            newest = take(step, newest, asked, office)
        except Refused:
            continue
        done.append(step)
        said, wanted = (set(), asked) if step == "ask" else (said | {step}, wanted)
        if said == {"first", "second", "call"}:
            in_force = wanted
        assert office.account() == in_force, done
        waits = {"first", "second"} == said
        held = db.session.scalars(select(Hold.change_request_id)).all()
        assert (newest in held) == waits, done
    assert len(done) >= 10


@pytest.mark.parametrize(
    "change",
    ["wanted = 'x'", "sent_back_reason = 'x'", "decided_by_id = asked_by_id", "state = 'withdrawn'", "sealed = 'x'",
     "state = 'sent back', sent_back_reason = 'x'", "called_who = 'x'"],
)  # fmt: skip
def test_what_was_decided_stays_as_it_was(office: Office, change: str) -> None:
    office.called()
    with pytest.raises(IntegrityError):
        db.session.execute(text(f"UPDATE change_request SET {change}"))
    db.session.rollback()
    with pytest.raises(ProgrammingError, match="permission denied"):
        db.session.execute(text("DELETE FROM change_request"))
    db.session.rollback()
