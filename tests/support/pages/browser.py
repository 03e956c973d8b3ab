"""A client that behaves like a browser without scripts: it keeps its cookie and follows redirects."""

from collections.abc import Callable
from contextvars import Context
from typing import Any

from flask import Flask, has_app_context
from werkzeug.test import TestResponse

from models import COUNCIL, Contact, PortalUser, acting_for, db
from workflows.access.sessions import open_session


class Browser:
    """Wraps Flask's test client, and keeps requests apart from what the test itself does."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client = app.test_client()

    def sign_in(self, who: Contact | PortalUser) -> "Browser":
        """Be signed in as a contact or an officer, as after the last step (the steps have tests of their own)."""
        with self.app.app_context(), acting_for(COUNCIL):
            user_id = who.user_id if isinstance(who, Contact) else who.id
            token = open_session(_Id(user_id), who if isinstance(who, Contact) else None)  # type: ignore[arg-type]
        with self.client.session_transaction() as cookie:
            cookie["token"] = token
            cookie["_user_id"] = str(user_id)
            cookie["_fresh"] = True
        return self

    def get(self, path: str, **more: Any) -> TestResponse:
        """Open an address; redirects are followed."""
        return self._ask(self.client.get, path, follow_redirects=more.pop("follow", True), **more)

    def post(self, path: str, form: dict[str, Any] | None = None, **more: Any) -> TestResponse:
        """Send a form; redirects are followed."""
        return self._ask(self.client.post, path, data=form or {}, follow_redirects=more.pop("follow", True), **more)

    def _ask(self, method: Callable[..., TestResponse], path: str, **more: Any) -> TestResponse:
        # Outside the test's application context: a request must not find the test's scope, session or officer.
        answer = Context().run(_read, method, path, **more)
        if has_app_context():
            db.session.rollback()
            db.session.expire_all()  # what the test holds is read again
        return answer


def _read(method: Callable[..., TestResponse], path: str, **more: Any) -> TestResponse:
    """Ask, and read the answer to its end: one that is streamed is made as it is read."""
    answer = method(path, **more)
    answer.get_data()
    answer.close()
    return answer


class _Id:
    def __init__(self, user_id: int | None) -> None:
        self.id = user_id
