"""Before every step that binds somebody they prove again who they are: by their code or their own passkey, once."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import pytest
from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import Connection, func, select, update

from models import ChangeRequest, Contact, Passkey, PasskeyChallenge, PortalUser, Proposal, WrongTry, db
from rules.bank_account import BankDetails
from rules.states import ChangeKind, ChangeState, PasskeyPurpose
from tests.support.authenticator import Authenticator, enrolled
from tests.support.pages.browser import Browser
from tests.support.worlds.people import DIGITS, regular, with_code
from tests.support.worlds.world import World
from workflows.organisations import change_requests

NEW = BankDetails("Fenland Homecare Ltd", "089999", "66374958")


class Step(NamedTuple):
    """A form that asks again: who sends it, where to, with what; its field of the code; how often it was done."""

    who: Contact | PortalUser
    address: str
    form: dict[str, Any]
    code: str
    done: Callable[[], int]
    page: str = ""


def bank_details(world: World) -> Step:
    who = regular(world, world.organisation(account=False))
    form = {"name": "Fenland Homecare Ltd", "sort_code": "08-99-99", "account_number": "66374958"}
    return Step(who, "/organisation/ask?what=bank-details", form, "security_code", lambda: count(ChangeRequest))


def giving_a_role(world: World) -> Step:
    role = db.session.scalars(select(Role.id).where(Role.name == "Payments approver")).one()
    form = {
        "first_name": "Pat", "last_name": "Moss", "email": "pat@council.example",
        "given_password": "given-by-council-1",
        "roles": str(role),
    }  # fmt: skip
    who = with_code(world.officer("Administrator"))
    return Step(who, "/admin/users/add", form, "own_code", lambda: count(Proposal))


def adding_a_passkey(world: World) -> Step:
    to_add = (PasskeyChallenge.purpose == PasskeyPurpose.ADD,)
    return Step(regular(world), "/account/passkeys", {}, "security_code", lambda: count(PasskeyChallenge, *to_add))


def asked_for_account(world: World) -> int:
    contact = world.contact(world.organisation(account=False))
    assert contact.user
    return change_requests.ask(contact.organisation, ChangeKind.BANK_DETAILS, NEW, contact.user)


def confirming_bank_details(world: World) -> Step:
    who, request_id = with_code(world.officer("Procurement")), asked_for_account(world)
    checked = (ChangeRequest.state == ChangeState.CHECKED,)
    address = f"/staff/change-requests/{request_id}"
    return Step(who, f"{address}/confirm", {}, "security_code", lambda: count(ChangeRequest, *checked), address)


def recording_a_call_back(world: World) -> Step:
    officers = [with_code(world.officer(role)) for role in ("Procurement", "Payments officer")]
    request_id = asked_for_account(world)
    for each in officers:
        change_requests.confirm(request_id, each)
    called = (ChangeRequest.called_at.is_not(None),)
    form = {"who": "Mary Lane", "number": "01553 600000", "told": "theirs"}
    address = f"/staff/change-requests/{request_id}"
    done = partial(count, ChangeRequest, *called)
    return Step(officers[0], f"{address}/call-back", form, "security_code", done, address)


STEPS = (bank_details, confirming_bank_details, recording_a_call_back, giving_a_role, adding_a_passkey)


def count(model: Any, *where: Any) -> int:
    return db.session.scalar(select(func.count(model.id)).where(*where)) or 0


def user_id(who: Contact | PortalUser) -> int:
    return who.id if isinstance(who, PortalUser) else who.user_id or 0


def asked(browser: Browser) -> dict[str, Any]:
    found: dict[str, Any] = browser.get("/account/passkeys/asked").json  # type: ignore[assignment]
    return found


@pytest.fixture(params=STEPS, ids=[each.__name__.replace("_", " ") for each in STEPS])
def step(world: World, request: pytest.FixtureRequest) -> Step:
    """Each step in turn."""
    found: Step = request.param(world)
    return found


def test_without_a_proof_or_with_a_wrong_one_nothing_is_done_and_the_try_counts(browser: Browser, step: Step) -> None:
    browser.sign_in(step.who)
    for wrong in ({}, {step.code: "135790"}, {"passkey": "{}"}, {"passkey": "{}", step.code: DIGITS}):
        assert browser.post(step.address, step.form | wrong).status_code == 422
    assert step.done() == 0
    tries = select(func.sum(WrongTry.tries)).where(WrongTry.user_id == user_id(step.who))
    assert db.session.scalar(tries) == 3


def test_the_code_does(browser: Browser, step: Step) -> None:
    assert browser.sign_in(step.who).post(step.address, step.form | {step.code: DIGITS}).status_code == 200
    assert step.done() == 1


def test_the_own_passkey_does_and_what_it_signed_does_once(browser: Browser, step: Step, owner: Connection) -> None:
    device = enrolled(owner, user_id(step.who), Authenticator())
    browser.sign_in(step.who)
    proof = {"passkey": device.prove(asked(browser))}
    assert browser.post(step.address, step.form | proof).status_code == 200
    assert step.done() == 1
    assert browser.post(step.address, step.form | proof).status_code in (200, 422)
    assert step.done() == 1
    assert count(PasskeyChallenge, PasskeyChallenge.purpose == PasskeyPurpose.CONFIRM) == 0


def test_a_passkey_of_somebody_else_or_signed_for_another_purpose_does_not(
    world: World, browser: Browser, step: Step, owner: Connection
) -> None:
    own = enrolled(owner, user_id(step.who), Authenticator())
    other = enrolled(owner, world.officer("Auditor").id, Authenticator())
    browser.sign_in(step.who)
    for device, purpose in ((other, PasskeyPurpose.CONFIRM), (own, PasskeyPurpose.SIGN_IN)):
        answer = device.prove(asked(browser))
        owner.execute(update(PasskeyChallenge).values(purpose=purpose))
        owner.commit()
        assert browser.post(step.address, step.form | {"passkey": answer}).status_code == 422
    assert step.done() == 0


def test_a_passkey_is_offered_to_who_has_one_alone(browser: Browser, step: Step, owner: Connection) -> None:
    page = "/account" if step.address.startswith("/account") else step.page or step.address
    assert "data-passkey" not in browser.sign_in(step.who).get(page).text
    enrolled(owner, user_id(step.who), Authenticator())
    assert "data-passkey" in browser.get(page).text


def test_another_browser_of_the_same_person_cannot_use_what_was_signed(
    browser: Browser, step: Step, owner: Connection
) -> None:
    device = enrolled(owner, user_id(step.who), Authenticator())
    answer = device.prove(asked(browser.sign_in(step.who)))
    elsewhere = Browser(browser.app).sign_in(step.who)
    assert elsewhere.post(step.address, step.form | {"passkey": answer}).status_code == 422
    assert step.done() == 0
    assert count(Passkey) == 1
