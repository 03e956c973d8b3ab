"""What a person sees when something is not there, not allowed, or broken: the problem, and what to do about it."""

import logging

from flask import Flask, g, make_response, render_template
from flask_appbuilder.models.sqla import interface
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, OperationalError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from models import db
from rules.refusal import Unknown
from rules.words import counted
from views.access.keeping import keep_sent, lead_back
from workflows.access.rates import TooMany

log = logging.getLogger(__name__)

Answer = tuple[str, int]


def register_errors(app: Flask) -> None:
    """Give `app` a page for every kind of error; none shows a traceback."""
    logging.getLogger(interface.__name__).addFilter(_in_one_line)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(TooMany, _too_many)
    app.register_error_handler(Unknown, lambda _error: _page(404))
    app.register_error_handler(OperationalError, _database_away)
    app.register_error_handler(DBAPIError, _database_error)
    app.register_error_handler(Exception, _unexpected)


def _in_one_line(record: logging.LogRecord) -> bool:
    """Let the framework say in one line what was not stored: the page shows a sentence about it."""
    error = record.exc_info[1] if record.exc_info else None
    if error is not None:
        orig = getattr(error, "orig", None)
        what = getattr(getattr(orig, "diag", None), "constraint_name", None) or getattr(orig, "sqlstate", None)
        record.msg, record.args = f"{record.msg}: %s", (f"{type(orig or error).__name__} {what or ''}".strip(),)
        record.levelno, record.levelname, record.exc_info = logging.WARNING, "WARNING", None
    return True


def _page(status: int) -> Answer:
    g.failed = status  # the frame around an error asks no more than it must
    known = status if status in (400, 403, 404, 405, 413, 422, 429, 500, 503) else (500 if status >= 500 else 400)
    return render_template(f"errors/{known}.html"), status


def _http(error: HTTPException) -> Answer | HTTPException:
    if error.code is None or error.code < 400:
        return error  # redirects raised as exceptions are answers
    return _page(error.code)


def _stale_form(_error: CSRFError) -> Answer | Response:
    return lead_back() or _page(400)


def _too_many(error: TooMany) -> Response:
    minutes = counted(-(-error.wait // 60), "minute", "minutes")
    answer = make_response(render_template("errors/429.html", minutes=minutes, kept=keep_sent()), 429)
    answer.headers["Retry-After"] = str(error.wait)
    return answer


def _database_away(error: OperationalError) -> Answer:
    log.error("The database does not answer: %s", error.orig)
    return _page(503)


def _database_error(error: DBAPIError) -> Answer:
    if error.connection_invalidated:
        log.error("The database went away: %s", error.orig)
        return _page(503)
    return _unexpected(error)


def _unexpected(error: Exception) -> Answer:
    log.exception("A page failed", exc_info=error)
    db.session.rollback()
    return _page(500)
