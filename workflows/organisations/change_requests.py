"""Legal name, VAT number and bank details: asked for by the organisation, decided by two officers."""

from dataclasses import dataclass
from typing import NoReturn

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload
from sqlalchemy.sql.base import ExecutableOption

from models import ChangeRequest, Hold, Organisation, PortalUser, db
from models.change_request import OPEN
from rules.bank_account import BankDetails, DigitCheck
from rules.period import DAY
from rules.problem_codes import Code
from rules.record_fields import LONGEST_NAME
from rules.refusal import Problem, Refused, Unknown
from rules.states import ChangeKind, ChangeState
from rules.text import LONGEST_COMMENT, refuse_longer, refuse_unseen
from workflows.clock import now, today
from workflows.organisations import bank_details
from workflows.organisations.change_letters import ASKED, DECIDED, tell_asker, tell_organisation
from workflows.organisations.details import refuse_others

HOLD_REASON = "New bank details: payments wait until the council has rung back to confirm them."


@dataclass(frozen=True)
class CallBack:
    """Who was rung about new bank details, and on which number."""

    who: str
    number: str


def current_value(organisation: Organisation, kind: ChangeKind) -> str:
    """Return what stands now, in words; empty where the portal knows of nothing."""
    if kind is ChangeKind.LEGAL_NAME:
        return organisation.name
    if kind is ChangeKind.VAT_NUMBER:
        return organisation.vat_number
    request = bank_details.request_in_force(organisation.id)
    return request.wanted if request else ""


def ask(organisation: Organisation, kind: ChangeKind, wanted: str | BankDetails, by: PortalUser) -> int:
    """Ask the council for another legal name, VAT number or account, and return the request's id. Commits.

    Who looks after the organisation's contacts or payments, and its own address, hear of it. Raises Refused where the
    new value cannot be kept, is the one that stands, has digits that do not fit, or a change of the kind is waiting;
    Unknown where whoever acts is limited to services.
    """
    refuse_others(organisation)
    values = {"wanted": wanted, "sealed": None, "digits": None}
    if isinstance(wanted, BankDetails):
        digits = bank_details.check_digits(wanted)
        if digits is DigitCheck.FAILED:
            wrong = "This account number does not belong to this sort code."
            raise Refused(Problem(Code.NOT_BANK_DETAILS, wrong, "Check both with your bank.", "account_number"))
        values = {"wanted": bank_details.in_words(wanted), "sealed": bank_details.seal(wanted), "digits": digits}
    was = current_value(organisation, kind)
    field = "wanted" if kind is not ChangeKind.BANK_DETAILS else "name"
    text = str(values["wanted"])
    if problem := refuse_unseen(text) or refuse_longer(text, LONGEST_NAME):
        raise Refused(problem.at(field))
    if text == was and kind is not ChangeKind.BANK_DETAILS:
        raise Refused(Problem(Code.SAME_AS_BEFORE, f"This is the {kind.value} that the council has.", field=field))
    asked = insert(ChangeRequest).values(
        organisation_id=organisation.id, kind=kind, state=ChangeState.ASKED, was=was, asked_at=now(),
        asked_by_id=by.id, **values,
    )  # fmt: skip
    try:
        request_id: int = db.session.execute(asked.returning(ChangeRequest.id)).scalar_one()
    except IntegrityError:
        db.session.rollback()
        waiting = f"A change of your {kind.value} is waiting for the council already."
        raise Refused(Problem(Code.ASKED_ALREADY, waiting, "Withdraw that one first.", field)) from None
    tell_organisation(organisation, kind, ASKED)
    db.session.commit()
    return request_id


def requests_of(organisation_id: int) -> list[ChangeRequest]:
    """Return what an organisation asked for, newest first."""
    own = select(ChangeRequest).where(ChangeRequest.organisation_id == organisation_id)
    return list(db.session.scalars(own.options(*_people()).order_by(ChangeRequest.id.desc())))


def withdraw(request_id: int) -> None:
    """Withdraw a request of the organisation in scope. Commits; raises Unknown as `ask`, and Refused where decided."""
    request = get_request(request_id)
    refuse_others(request.organisation)
    open_one = update(ChangeRequest).where(ChangeRequest.id == request_id, ChangeRequest.state.in_(OPEN))
    gone = db.session.execute(open_one.values(state=ChangeState.WITHDRAWN).returning(ChangeRequest.id)).first()
    if gone is None:
        _refuse(Problem(Code.DECIDED_ALREADY, f"The change is {request.state.value} already.", "Nothing was changed."))
    db.session.commit()


def get_request(request_id: int) -> ChangeRequest:
    """Return a request with its organisation and who did what. Raises Unknown."""
    one = select(ChangeRequest).where(ChangeRequest.id == request_id)
    found: ChangeRequest | None = db.session.scalar(
        one.options(joinedload(ChangeRequest.organisation), *_people()).execution_options(populate_existing=True)
    )
    if found is None:
        raise Unknown
    return found


def confirm(request_id: int, officer: PortalUser) -> ChangeRequest:
    """Confirm a request: the first officer's confirmation is noted, the second's makes it live. Commits.

    New bank details that nobody has rung back about yet hold the organisation's payments, and the account before stays
    in force, until a call-back is recorded. Raises Unknown; Refused where it is closed, or one officer would be both.
    """
    request = _locked(request_id)
    if request.state is ChangeState.ASKED:
        request.state, request.checked_at, request.checked_by_id = ChangeState.CHECKED, now(), officer.id
    elif request.checked_by_id == officer.id:
        _refuse(Problem(Code.OWN_CHECK, "You confirmed this change already.", "Another officer has to confirm it too."))
    else:
        _make_live(request, officer)
        tell_asker(request)
    db.session.commit()
    return request


def send_back(request_id: int, reason: str, officer: PortalUser) -> ChangeRequest:
    """Send a request back with a reason the provider reads; nothing changes. Commits.

    Raises Unknown; Refused without a reason (field `reason`), or where it is closed.
    """
    request = _locked(request_id)
    _refuse_no_reason(reason, "Say why it goes back.")
    if request.checked_by_id == officer.id:
        # Whoever confirmed first and now knows better takes that back: the other officer's place stays free.
        request.checked_by_id = request.checked_at = None
    request.state, request.sent_back_reason = ChangeState.SENT_BACK, reason.strip()
    request.decided_at, request.decided_by_id = now(), officer.id
    tell_asker(request)
    db.session.commit()
    return request


def record_call(request_id: int, call: CallBack, officer: PortalUser) -> ChangeRequest:
    """Record that somebody was rung back about new bank details and confirmed them. Commits.

    After two officers the account is in force from now on, payments are held no longer, and who looks after the
    organisation hears of it; before, the second officer's confirmation will not hold them. `number` is as
    `read_telephone` returns it. Raises Unknown; Refused without a name (field `who`), or where no call is waited for.
    """
    request = _to_ring(request_id, call)
    goes_live = request.to_call
    if goes_live:
        _replace(bank_details.request_in_force(request.organisation_id))
    _note(request, call, officer)
    if goes_live:
        _end_hold(request)
        tell_organisation(request.organisation, request.kind, DECIDED)
    db.session.commit()
    return request


def deny(request_id: int, call: CallBack, reason: str, officer: PortalUser) -> ChangeRequest:
    """Record that who was rung back about confirmed bank details did not ask for them: they go back. Commits.

    The account before stayed in force and is paid into again; who looks after the organisation hears of it. Raises
    Unknown; Refused without a name (field `who`) or a reason (field `reason`), or where no call is waited for.
    """
    _refuse_no_reason(reason, "Say what you were told.")
    request = _to_ring(request_id, call)
    if not request.to_call:
        _refuse(Problem(Code.WRONG_STATE, "Nothing is confirmed yet.", "Send the request back instead."))
    request.state, request.sent_back_reason = ChangeState.SENT_BACK, reason.strip()
    _note(request, call, officer)
    _end_hold(request)
    tell_organisation(request.organisation, request.kind, DECIDED)
    db.session.commit()
    return request


def _make_live(request: ChangeRequest, officer: PortalUser) -> None:
    if request.kind is ChangeKind.BANK_DETAILS:
        _replace(bank_details.request_to_call(request.organisation_id))
        if request.called_at:
            _replace(bank_details.request_in_force(request.organisation_id))
        else:
            whose = {"organisation_id": request.organisation_id, "change_request_id": request.id}
            db.session.add(Hold(reason=HOLD_REASON, start=today(), **whose))
    elif request.kind is ChangeKind.LEGAL_NAME:
        request.organisation.name = request.wanted
    else:
        request.organisation.vat_number = request.wanted
    request.state, request.decided_at, request.decided_by_id = ChangeState.CONFIRMED, now(), officer.id


def _to_ring(request_id: int, call: CallBack) -> ChangeRequest:
    """Return a request that somebody may be rung back about, kept from everybody else until the transaction ends."""
    request = _by_lock(request_id)
    if not call.who:
        _refuse(Problem(Code.MISSING, "Enter the name of the person you spoke to.", field="who"))
    if problem := refuse_unseen(call.who) or refuse_longer(call.who, LONGEST_NAME):
        _refuse(problem.at("who"))
    if not request.may_be_rung:
        _refuse(Problem(Code.WRONG_STATE, "No call-back is waited for.", "Nothing was changed."))
    return request


def _note(request: ChangeRequest, call: CallBack, officer: PortalUser) -> None:
    """Note a call; flushed, for the database lets a hold end only after it."""
    request.called_at, request.called_by_id = now(), officer.id
    request.called_who, request.called_number = call.who, call.number
    db.session.flush()


def _replace(before: ChangeRequest | None) -> None:
    """Replace an account that was in force, or waited for its call-back, if there was one; flushed: one may be so."""
    if before:
        before.state = ChangeState.REPLACED
        db.session.flush()
        _end_hold(before)


def _end_hold(request: ChangeRequest) -> None:
    """End the hold of a request before today; one that began today was never in force on any other day and goes."""
    held = db.session.scalar(select(Hold).where(Hold.change_request_id == request.id))
    if held is None:
        return
    if held.start < today():
        held.end = today() - DAY
    else:
        db.session.delete(held)


def _by_lock(request_id: int) -> ChangeRequest:
    db.session.execute(select(ChangeRequest.id).where(ChangeRequest.id == request_id).with_for_update())
    return get_request(request_id)


def _locked(request_id: int) -> ChangeRequest:
    """Return a request that waits for an officer's decision, kept from everybody else until the transaction ends."""
    request = _by_lock(request_id)
    if request.state not in OPEN:
        _refuse(Problem(Code.DECIDED_ALREADY, f"The change is {request.state.value} already.", "Nothing was changed."))
    return request


def _people() -> tuple[ExecutableOption, ...]:
    columns = (ChangeRequest.asked_by, ChangeRequest.checked_by, ChangeRequest.decided_by, ChangeRequest.called_by)
    return tuple(joinedload(column) for column in columns)


def _refuse_no_reason(reason: str, wrong: str) -> None:
    if not reason.strip():
        _refuse(Problem(Code.REASON_NEEDED, wrong, "The provider reads it.", "reason"))
    if problem := refuse_unseen(reason) or refuse_longer(reason.strip(), LONGEST_COMMENT):
        _refuse(problem.at("reason"))


def _refuse(problem: Problem) -> NoReturn:
    db.session.rollback()
    raise Refused(problem)
