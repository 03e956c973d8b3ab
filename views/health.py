"""`/health`: whether the portal can do its work, for the machine that watches it."""

from flask import Flask, Response, jsonify
from sqlalchemy.exc import SQLAlchemyError

from workflows.front_pages import announced
from workflows.upkeep.health import state_of_things


def register_health(app: Flask) -> None:
    """Add `/health` to `app`; it answers without signing in and names no organisation or person."""
    app.add_url_rule("/health", "health", _health)


def _health() -> tuple[Response, int]:
    try:
        state = state_of_things()
        # Asked every minute by the machine that watches: so this process knows what to announce without a database.
        announced.widespread()
    except SQLAlchemyError:
        return jsonify(database="away"), 503
    return jsonify(state), 200
