"""What can be typed behind `flask --app app`."""

from flask import Flask


def register_commands(app: Flask) -> None:
    """Give `app` its commands."""
