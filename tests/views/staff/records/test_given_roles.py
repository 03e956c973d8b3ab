"""Nobody pays alone: a role that pays is given by two administrators, by screen and command and SQL alike."""

from decimal import Decimal

import pytest
from click.testing import Result
from flask import Flask
from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from models import PortalUser, Proposal, db, say_who
from rules.agreement_states import ProposalState
from rules.paying_roles import GIVEN_BY_TWO
from rules.refusal import Refused
from tests.support.pages.browser import Browser
from tests.support.pages.forms import form_on
from tests.support.worlds.people import DIGITS, with_code
from tests.support.worlds.world import World
from tests.workflows.payments.test_run import one_off
from views.access.roles import CONFIRMED_BY, STAFF_ROLES
from views.staff.desks.change_requests import ChangeRequestsView
from workflows.access.first_administrator import create_administrator
from workflows.confirm import desk
from workflows.payments import run as payment_run

NEW = {"first_name": "Pat", "last_name": "Moss", "email": "pat@council.example", "given_password": "given-by-council-1"}
CODE = {"own_code": DIGITS}


@pytest.fixture
def ann(world: World) -> PortalUser:
    return with_code(world.officer("Administrator", "ann@council.example"))


@pytest.fixture
def second(world: World) -> PortalUser:
    return with_code(world.officer("Administrator", "second@council.example"))


def role(name: str) -> str:
    return str(db.session.scalars(select(Role.id).where(Role.name == name)).one())


def pat() -> PortalUser:
    found: PortalUser = db.session.scalars(select(PortalUser).where(PortalUser.email == NEW["email"])).one()
    return found


def roles_of(user: PortalUser) -> list[str]:
    db.session.expire_all()
    return sorted(each.name for each in user.roles)


def waiting() -> Proposal:
    found: Proposal = db.session.scalars(select(Proposal).where(Proposal.state == ProposalState.PROPOSED)).one()
    return found


@pytest.mark.parametrize("name", GIVEN_BY_TWO)
def test_one_administrator_makes_nobody_who_pays_or_manages_users(browser: Browser, ann: PortalUser, name: str) -> None:
    page = browser.sign_in(ann)
    page.post("/admin/users/add", NEW | CODE | {"roles": role(name)})
    new = pat()
    assert (roles_of(new), new.active) == ([], False)
    proposal = waiting()
    answer = page.post(f"/staff/confirm/{proposal.id}/confirm", {"security_code": DIGITS})
    assert answer.status_code == 422
    assert "another officer has to confirm it" in answer.text
    assert (roles_of(new), new.active) == ([], False)
    page.post("/admin/users/action_post", {"action": "switch_on", "rowid": str(new.id)})
    assert roles_of(new) == []


def test_another_administrator_confirms_it_with_the_security_code(
    browser: Browser, ann: PortalUser, second: PortalUser
) -> None:
    form = NEW | CODE | {"roles": role("Payments approver"), "approval_limit": "2500.00"}
    browser.sign_in(ann).post("/admin/users/add", form)
    proposal, new = waiting(), pat()
    assert proposal.title == "Roles of Pat Moss: Payments approver, up to £2,500.00"
    page = browser.sign_in(second)
    assert "Payments approver, up to £2,500.00" in page.get(f"/staff/confirm/{proposal.id}").text
    for wrong in ("", "135790"):
        answer = page.post(f"/staff/confirm/{proposal.id}/confirm", {"security_code": wrong})
        assert answer.status_code == 422
        assert 'id="security_code-error"' in answer.text
    assert roles_of(new) == []
    page.post(f"/staff/confirm/{proposal.id}/confirm", {"security_code": DIGITS})
    assert (roles_of(new), new.active, str(new.approval_limit)) == (["Payments approver"], True, "2500.00")


def test_giving_such_a_role_asks_for_the_security_code(browser: Browser, ann: PortalUser) -> None:
    page = browser.sign_in(ann)
    for wrong in ({}, {"own_code": "135790"}):
        answer = page.post("/admin/users/add", NEW | wrong | {"roles": role("Payments approver")})
        assert answer.status_code == 422
        assert 'id="own_code-error"' in answer.text
    assert not db.session.scalars(select(PortalUser.id).where(PortalUser.email == NEW["email"])).all()


def test_an_officer_keeps_their_roles_until_the_new_ones_are_confirmed(
    world: World, browser: Browser, ann: PortalUser, second: PortalUser
) -> None:
    officer = world.officer("Procurement", "bob@council.example")
    address = f"/admin/users/edit/{officer.id}"
    page = browser.sign_in(ann)
    form = form_on(page.get(address)) | CODE | {"roles": role("Payments officer"), "last_name": "Moss"}
    assert "Sent for confirmation" in page.post(address, form).text
    assert roles_of(officer) == ["Procurement"]
    assert officer.last_name == "Moss"
    again = page.post(address, form_on(page.get(address)) | CODE | {"roles": role("Payments officer")})
    assert "waits to be confirmed" in again.text
    desk.confirm(waiting().id, second, ())
    assert roles_of(officer) == ["Payments officer"]


def test_a_limit_is_raised_by_two_and_lowered_by_one(
    world: World, browser: Browser, ann: PortalUser, second: PortalUser
) -> None:
    officer = world.officer("Payments approver", "bob@council.example")
    address = f"/admin/users/edit/{officer.id}"
    page = browser.sign_in(ann)
    page.post(address, form_on(page.get(address)) | {"approval_limit": "100.00"})
    db.session.expire_all()
    assert str(officer.approval_limit) == "100.00"
    for higher in ("100.01", ""):
        page.post(address, form_on(page.get(address)) | CODE | {"approval_limit": higher})
        db.session.expire_all()
        assert str(officer.approval_limit) == "100.00"
        proposal = waiting()
        desk.confirm(proposal.id, second, ())
        db.session.expire_all()
        assert officer.approval_limit == (None if not higher else officer.approval_limit)
        if higher:
            assert str(officer.approval_limit) == "100.01"
            page.post(address, form_on(page.get(address)) | {"approval_limit": "100.00"})


def test_who_manages_users_is_refused_a_role_that_pays(browser: Browser, ann: PortalUser) -> None:
    both = [role("Administrator"), role("Payments approver")]
    answer = browser.sign_in(ann).post("/admin/users/add", NEW | CODE | {"roles": both})
    assert answer.status_code == 422
    assert "Who manages users cannot approve or release payment runs. Choose one or the other." in answer.text


def test_nobody_confirms_their_own_roles(world: World, browser: Browser, ann: PortalUser, second: PortalUser) -> None:
    address = f"/admin/users/edit/{second.id}"
    page = browser.sign_in(ann)
    page.post(address, form_on(page.get(address)) | CODE | {"roles": role("Payments approver")})
    with pytest.raises(Refused, match="These are your own roles"):
        desk.confirm(waiting().id, second, ())
    assert roles_of(second) == ["Administrator"]


def test_the_database_gives_no_such_role_to_whoever_acts_alone(world: World, ann: PortalUser) -> None:
    officer = world.officer("Auditor", "bob@council.example")
    officer.approval_limit = Decimal(10)
    db.session.commit()
    for statement in (
        f"INSERT INTO ab_user_role (id, user_id, role_id) SELECT max(id) + 1, {officer.id}, {role('Payments approver')}"
        " FROM ab_user_role",
        *(f"UPDATE ab_user_role SET role_id = {role(name)} WHERE user_id = {officer.id}" for name in GIVEN_BY_TWO),
        f"UPDATE ab_user SET approval_limit = 11 WHERE id = {officer.id}",
    ):
        say_who(ann.id, "")
        with pytest.raises(IntegrityError, match="by a confirmed proposal"):
            db.session.execute(text(statement))
        db.session.rollback()
    say_who(None, "")


def test_the_command_makes_administrators_only_until_there_are_two(world: World) -> None:
    who = {"first_name": "Jo", "last_name": "Pegg", "password": "three-otters-asleep"}
    create_administrator(email="a@council.example", **who)
    create_administrator(email="b@council.example", **who)
    with pytest.raises(Refused, match="The portal has two administrators"):
        create_administrator(email="c@council.example", **who)


def test_one_administrator_cannot_make_an_approver_sign_in_as_it_approve_and_release(
    world: World, app: Flask, browser: Browser, ann: PortalUser
) -> None:
    """What could be done until now, step by step: each step is closed."""
    one_off(world.organisation().id, "5.00")
    run = payment_run.prepare("04/12/2017", ann)
    page = browser.sign_in(ann)
    page.post("/admin/users/add", NEW | CODE | {"roles": role("Payments approver")})
    puppet = with_code(pat())
    puppet.must_change_password = False
    puppet.active = True  # the worst case: somebody switched it on
    db.session.commit()
    theirs = Browser(app).sign_in(puppet)
    for step in ("approve", "release"):
        for each in (page, theirs):
            answer = each.post(f"/staff/payment-run/{run.id}/{step}", {"security_code": DIGITS})
            assert answer.status_code == 403, step
    done: Result = app.test_cli_runner().invoke(
        args=["create-user", "--email", "x@council.example", "--first-name", "X", "--last-name", "Y",
              "--password", "three-otters-asleep"]
    )  # fmt: skip
    assert done.exit_code == 0, "a second administrator, from the machine itself"
    other = with_code(db.session.scalars(select(PortalUser).where(PortalUser.email == "x@council.example")).one())
    again = app.test_cli_runner().invoke(
        args=["create-user", "--email", "z@council.example", "--first-name", "X", "--last-name", "Y",
              "--password", "three-otters-asleep"]
    )  # fmt: skip
    assert again.exit_code == 1
    with pytest.raises(Refused, match="Who manages users cannot approve"):
        payment_run.approve(run.id, other)


def test_nobody_who_confirms_what_another_proposes_is_made_by_one_administrator(world: World) -> None:
    """Whom one alone could make, whose given password they know, would be the second of two officers."""
    confirming = {role for roles in CONFIRMED_BY.values() for role in roles} | {*ChangeRequestsView.roles["can_decide"]}
    assert confirming <= set(GIVEN_BY_TWO)
    assert set(STAFF_ROLES) - set(GIVEN_BY_TWO) == {"Auditor"}
