"""What can be typed behind `flask --app app`."""

from flask import Flask

from commands.audit_verify import audit_verify
from commands.check_money import check_money
from commands.data_map import data_map
from commands.imports import import_command
from commands.jobs import job, jobs, worker
from commands.load_demo import load_demo
from commands.modulus_weights import load_modulus_weights
from commands.rotate_key import rotate_key
from commands.serve import serve
from commands.set_up import set_up
from commands.users import create_user
from commands.web import web


def register_commands(app: Flask) -> None:
    """Give `app` its commands."""
    for command in (
        set_up,
        serve,
        web,
        load_demo,
        import_command,
        create_user,
        jobs,
        worker,
        job,
        check_money,
        audit_verify,
        data_map,
        load_modulus_weights,
        rotate_key,
    ):
        app.cli.add_command(command)
