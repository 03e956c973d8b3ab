"""Bank details are encrypted where they are kept, and checked by the table the council loaded."""

from pathlib import Path

import pytest
from cryptography.fernet import Fernet, InvalidToken
from flask import Flask
from sqlalchemy import select, text

from models import ModulusWeight, acting_for, db
from rules.bank_account import BankDetails, DigitCheck, NotWeights
from tests.support.worlds.world import World
from workflows.organisations import bank_details

DETAILS = BankDetails("Fenland Homecare Ltd", "089999", "66374958")
TABLE = "089000 089999 MOD10    0    0    0    0    0    0    7    1    3    7    1    3    7    1\n"


def test_what_is_sealed_is_read_again_and_shows_nothing(world: World) -> None:
    sealed = bank_details.seal(DETAILS)
    assert bank_details.unseal(sealed) == DETAILS
    assert "66374958" not in sealed
    assert "089999" not in sealed


def test_a_newer_key_reads_what_an_older_one_sealed_and_a_foreign_one_nothing(world: World, app: Flask) -> None:
    sealed, old = bank_details.seal(DETAILS), app.config["BANK_DETAILS_KEY"]
    new = Fernet.generate_key().decode()
    try:
        app.config["BANK_DETAILS_KEY"] = f"{new},{old}"
        assert bank_details.unseal(sealed) == DETAILS
        app.config["BANK_DETAILS_KEY"] = new
        with pytest.raises(InvalidToken):
            bank_details.unseal(sealed)
    finally:
        app.config["BANK_DETAILS_KEY"] = old


def test_without_a_table_every_account_is_unchecked(world: World) -> None:
    assert bank_details.check_digits(DETAILS) is DigitCheck.UNCHECKED


def test_an_organisation_checks_by_the_table_that_was_loaded(world: World) -> None:
    assert bank_details.load_weights(TABLE) == 1
    with acting_for(world.organisation().id):
        assert bank_details.check_digits(DETAILS) is DigitCheck.PASSED
        assert bank_details.check_digits(BankDetails("x", "089999", "66374959")) is DigitCheck.FAILED


def test_a_new_table_replaces_the_old_one_and_a_broken_one_changes_nothing(world: World) -> None:
    bank_details.load_weights(TABLE)
    bank_details.load_weights(TABLE.replace("089000", "080000"))
    with pytest.raises(NotWeights):
        bank_details.load_weights("nonsense")
    assert db.session.scalars(select(ModulusWeight.first)).all() == ["080000"]


def test_the_command_loads_a_file_and_says_which_line_is_wrong(world: World, app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "valacdos.txt"
    file.write_text(TABLE)
    done = app.test_cli_runner().invoke(args=["load-modulus-weights", str(file)])
    assert done.output == "1 line loaded. Accounts are checked by them from now on.\n"
    file.write_text(TABLE + "x")
    done = app.test_cli_runner().invoke(args=["load-modulus-weights", str(file)])
    assert done.exit_code == 1
    assert "Line 2 is not a line of modulus weights." in done.output
    assert db.session.scalar(text("SELECT count(*) FROM modulus_weight")) == 1
