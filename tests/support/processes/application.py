"""What a process of a test does in the application; the process it is forked from has imported all of it before."""

import io
import os
from contextlib import redirect_stdout
from multiprocessing.connection import Connection
from typing import NoReturn

from flask.cli import FlaskGroup, ScriptInfo
from sqlalchemy import true
from sqlalchemy.orm import configure_mappers

from app import create_app
from config import connections
from database import Urls
from models import enter
from workflows.weeks import write

configure_mappers()  # once, for every process that is forked from this one


def do(urls: Urls, scope: int | str, deed: str, guarded: bool, test: Connection) -> None:
    """Do a deed, a program that knows its connection to the `test`, and answer with what it printed.

    Unguarded, it overwrites what it has not read.
    """
    if not guarded:
        write.is_as_read = lambda new: true()
    app = create_app(
        **connections(urls, pooled=False), SECRET_KEY="a key for tests",
        PORTAL_TODAY="2017-11-20",
    )  # fmt: skip
    said = io.StringIO()
    with app.app_context(), redirect_stdout(said):
        enter(scope)
        exec(deed, {"test": test})
    test.send(said.getvalue().strip())


def command(environment: dict[str, str], *words: str) -> NoReturn:
    """Be `flask --app app` with these words in this environment, until it ends."""
    os.environ.update(environment)
    group = FlaskGroup(add_default_commands=False)
    group.main(words, "flask", obj=ScriptInfo(create_app=lambda: create_app()))
    raise AssertionError("a command ends its process")
