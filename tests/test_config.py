"""Settings that only show with a server behind them."""

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from sqlalchemy import create_engine, text

import database
from app import create_app
from config import connections, settings
from models import close_pools
from tests.support.pages.browser import Browser
from tests.support.worlds.world import World

NEEDED = {
    "SECRET_KEY": "a key for tests only",
    "SECRETS_KEY": Fernet.generate_key().decode(),
    "BANK_DETAILS_KEY": Fernet.generate_key().decode(),
    "MAIL_URL": "smtp://mail.example:587",
}


@pytest.mark.parametrize("missing", NEEDED)
def test_where_real_accounts_are_nothing_starts_without(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MAIL_SERVER", raising=False)
    monkeypatch.setenv("PORTAL_HTTPS", "1")
    for name, value in NEEDED.items():
        monkeypatch.setenv(name, value)
    assert settings()["BEHIND_HTTPS"]
    monkeypatch.delenv(missing)
    with pytest.raises(RuntimeError, match=f"Set {missing}"):
        settings()
    monkeypatch.setenv("PORTAL_DEMONSTRATION", "1")
    assert settings()["BEHIND_HTTPS"]


def test_a_page_is_answered_after_the_database_has_closed_the_connections(
    app: Flask, world: World, test_database: database.Urls
) -> None:
    pooled = create_app(
        **connections(test_database, pooled=True),
        SECRET_KEY="a key for tests only",
    )
    client = pooled.test_client()
    assert client.get("/health").status_code == 200
    officer = Browser(pooled).sign_in(world.officer("Administrator"))
    assert officer.get("/admin/people/list/").status_code == 200
    owner = create_engine(test_database.owner)
    with owner.connect() as connection:
        # They end as those of a server that is restarted do.
        ended = connection.scalars(
            text(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        ).all()
    owner.dispose()
    assert ended
    assert all(ended)
    assert client.get("/health").status_code == 200
    assert officer.get("/admin/people/list/", follow=False).status_code == 200
    with pooled.app_context():
        close_pools()
