"""What two browsers do at the same moment: tries are counted one by one, a code lets in one of them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select

from models import PortalUser, UserSession, db
from rules.refusal import Refused
from rules.states import CodeKind, SignInStep
from tests.support.worlds.people import PASSWORD, regular
from tests.support.worlds.world import World
from workflows.access import security_codes, sign_in, wrong_tries
from workflows.access.security_codes import codes_behind
from workflows.clock import now


def at_once(app: Flask, jobs: list[Callable[[], object]]) -> list[object]:
    """Run each job in a thread and an application context of its own; what it returned, or why it was refused."""
    gate = Barrier(len(jobs))

    def run(job: Callable[[], object]) -> object:
        with app.app_context():
            gate.wait()
            try:
                return job()
            except Refused as refused:
                return str(refused)

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def test_twelve_guesses_at_once_are_five_tries(app: Flask, world: World) -> None:
    user_id = world.user("manager@fenland.example").id
    answers = at_once(app, [lambda: wrong_tries.take_try(user_id, "password")] * 12)
    assert len([answer for answer in answers if isinstance(answer, wrong_tries.Try) and not answer.locked_until]) == 4
    assert len([answer for answer in answers if str(answer).startswith("Too many")]) == 7


def test_a_code_sent_twice_at_once_lets_one_in(app: Flask, world: World) -> None:
    user = regular(world).user
    assert user
    user.code_kind, user.totp_secret = CodeKind.APP, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    db.session.commit()
    tokens = [sign_in.begin(user.email, PASSWORD).token for _ in range(3)]
    code = pyotp.TOTP("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP").at(now())

    def send(token: str) -> object:
        found = sign_in.find(token)
        assert found
        return security_codes.check(found, code).step

    answers = at_once(app, [lambda token=token: send(token) for token in tokens])  # type: ignore[misc]
    assert sorted(map(str, answers)) == ["This code has been used. Wait for the next code in your app."] * 2 + ["done"]
    assert len(db.session.scalars(select(UserSession)).all()) == 1


def test_recovery_codes_follow_from_the_step_and_from_nothing_else(world: World) -> None:
    assert codes_behind("one") == codes_behind("one")
    assert not set(codes_behind("one")) & set(codes_behind("other"))


def test_a_step_taken_once_cannot_be_taken_again(world: World) -> None:
    user = regular(world).user
    assert user
    token = sign_in.begin(user.email, PASSWORD).token
    found = sign_in.find(token)
    assert found
    db.session.expunge(found)
    assert security_codes.check(found, "246810").step is SignInStep.DONE
    with pytest.raises(sign_in.StartAgain):
        security_codes.check(found, "246810")
    db.session.rollback()
    db.session.rollback()
    db.session.expire_all()
    assert db.session.get_one(PortalUser, user.id).login_count == 1
