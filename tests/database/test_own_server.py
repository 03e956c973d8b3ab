import importlib.util
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

import database
from database import own_server
from tests.support.database import User, instance

__all__ = ["instance"]

STARTED = "select pg_postmaster_start_time()"


def note(folder: Path, server: str = "postgres-tests") -> Path:
    return folder / server / "data" / "postmaster.pid"


def number(written: Path) -> int:
    return int(written.read_text().split("\n", 1)[0])


@pytest.fixture
def of_our_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setattr(database, "_latest", database._latest)


@pytest.fixture
def scratch(of_our_own: None) -> Iterator[str]:
    database.start(durable=False)
    name = f"scratch_{os.getpid()}"
    yield name
    for copy in (name, f"{name}_copy"):
        database.drop_database(copy)


def rows(url: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        answer = connection.execute(statement.encode())
        return answer.fetchall() if answer.description else []


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_a_named_server_is_used_as_it_stands(monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    monkeypatch.setattr(database, "_latest", database._latest)
    monkeypatch.setenv("DATABASE_URL", f"{scheme}://portal_web:secret@server/db?sslmode=require")
    for name in ("OWNER", "COUNCIL", "SIGN_IN"):
        monkeypatch.delenv(f"DATABASE_{name}_URL", raising=False)
    web, council, sign_in = (
        f"postgresql+psycopg://{login}:secret@server/db?sslmode=require" for login in database.LOGINS
    )
    assert database.start() == database.Urls(owner=web, web=web, council=council, sign_in=sign_in)


def test_each_login_of_a_named_server_may_have_an_address_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_latest", database._latest)
    monkeypatch.setenv("DATABASE_URL", "postgres://portal_web:one@server/db")
    monkeypatch.setenv("DATABASE_COUNCIL_URL", "postgres://portal_council:two@server/db")
    monkeypatch.setenv("DATABASE_SIGN_IN_URL", "postgres://portal_sign_in:three@server/db")
    found = database.start()
    assert found.council == "postgresql+psycopg://portal_council:two@server/db"
    assert found.sign_in == "postgresql+psycopg://portal_sign_in:three@server/db"


@pytest.mark.parametrize("variable", ["DATABASE_URL", "DATABASE_COUNCIL_URL", "DATABASE_SIGN_IN_URL"])
def test_an_address_that_logs_in_as_somebody_else_is_refused(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setattr(database, "_latest", database._latest)
    monkeypatch.setenv("DATABASE_URL", "postgres://portal_web@server/db")
    monkeypatch.setenv(variable, "postgres://postgres@server/db")
    with pytest.raises(own_server.DatabaseUnavailable, match=f"{variable} has to log in as portal_"):
        database.start()


def test_the_owner_of_a_named_server_may_have_another_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_latest", database._latest)
    monkeypatch.setenv("DATABASE_URL", "postgres://portal_web@server/db")
    monkeypatch.setenv("DATABASE_OWNER_URL", "postgres://owner@server/db")
    assert database.start().owner == "postgresql+psycopg://owner@server/db"


def test_processes_that_start_at_once_share_one_server_which_ends_with_the_last(instance: Path) -> None:
    with User(instance) as first, User(instance) as second:
        assert first.ask(STARTED) == second.ask(STARTED)
        first.end()
        os.kill(number(note(instance)), 0)
    assert not note(instance).exists()


def test_a_fork_that_ends_leaves_the_server_to_its_parent(instance: Path) -> None:
    with User(instance) as user, User(instance) as other:
        assert user.started()
        assert other.started()
        other.kill()
        user.end(f"import os\nif os.fork() == 0: sys.exit()\nos.wait()\nos.kill({number(note(instance))}, 0)")
        assert user.process.returncode == 0
    assert not note(instance).exists()


def test_what_is_committed_survives_a_server_that_was_killed(instance: Path) -> None:
    with User(instance, "durable") as user:
        user.ask("create table kept as select 5 as figure")
        os.kill(number(note(instance, "postgres")), signal.SIGKILL)
        with User(instance, "durable") as next_user:
            assert next_user.ask("select figure from kept") == "5"


def test_a_server_whose_process_number_now_belongs_to_something_else_starts_again(instance: Path) -> None:
    with User(instance) as user:
        assert user.started()
        dead = number(note(instance))
        left_behind = note(instance).read_text()
        user.end()
    account = note(instance).parent.stat()
    with subprocess.Popen(["sleep", "60"]) as stranger:
        note(instance).write_text(left_behind.replace(str(dead), str(stranger.pid), 1))
        os.chown(note(instance), account.st_uid, account.st_gid)
        with User(instance) as user:
            assert user.started()
        stranger.kill()


def test_the_next_process_ends_a_server_whose_user_was_killed(instance: Path) -> None:
    with User(instance) as user:
        started = user.ask(STARTED)
        user.kill()
    with User(instance) as user:
        assert user.ask(STARTED) == started
    assert not note(instance).exists()


def test_the_server_listens_on_no_network_and_only_its_owner_may_enter_its_folder(of_our_own: None) -> None:
    urls = database.start(durable=False)
    assert rows(urls.owner, "show listen_addresses") == [("",)]
    folder = make_url(urls.owner).query["host"]
    assert isinstance(folder, str)
    assert Path(folder).stat().st_mode & 0o777 == 0o700


def test_the_web_role_has_no_power_over_others(of_our_own: None) -> None:
    powers = "rolsuper, rolcreatedb, rolcreaterole, rolbypassrls"
    web = database.start(durable=False).web
    assert rows(web, f"select {powers} from pg_roles where rolname = current_user") == [(False, False, False, False)]


def test_a_database_can_be_copied_with_the_extensions_the_portal_needs(scratch: str) -> None:
    urls = database.create_database(scratch)
    rows(urls.owner, "create extension btree_gist; create extension pg_trgm")
    copy = database.create_database(f"{scratch}_copy", template=scratch)
    extensions = rows(copy.owner, "select extname from pg_extension where extname <> 'plpgsql' order by 1")
    assert extensions == [("btree_gist",), ("pg_trgm",)]


def test_dropping_a_database_ends_the_connections_to_it(scratch: str) -> None:
    urls = database.create_database(scratch)
    with psycopg.connect(urls.owner.replace("+psycopg", "")) as connection:
        database.drop_database(scratch)
        with pytest.raises(psycopg.OperationalError):
            connection.execute("select 1")


def test_a_folder_too_deep_for_a_socket_gets_a_short_private_one(tmp_path: Path) -> None:
    folder = own_server._socket_folder(tmp_path / ("deep " * 20))
    assert len(str(folder / ".s.PGSQL.5432")) <= own_server.LONGEST_SOCKET
    assert folder.stat().st_mode & 0o777 == 0o700
    (folder / "log").unlink()
    folder.rmdir()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can own a folder in another's name")
def test_a_database_of_another_user_is_refused(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    with pytest.raises(own_server.DatabaseUnavailable, match="run the portal as"):
        own_server.prepare(tmp_path / "postgres")


def test_without_any_postgresql_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(own_server, "DEBIAN", tmp_path)
    with pytest.raises(own_server.DatabaseUnavailable, match=r"Install .* or set DATABASE_URL"):
        own_server._programs.__wrapped__(for_all=False)


@pytest.mark.parametrize(
    ("gigabytes", "durable", "buffers"), [(1, True, 256), (4, True, 1024), (64, True, 8192), (64, False, 512)]
)
def test_a_server_of_its_own_is_sized_from_the_machines_memory(gigabytes: int, durable: bool, buffers: int) -> None:
    settings = dict(each.split("=") for each in own_server.sized_for(gigabytes * 1024 * own_server.MEGABYTE, durable))
    assert settings["shared_buffers"] == f"{buffers}MB"
    assert int(settings["effective_cache_size"].removesuffix("MB")) == gigabytes * 512


def test_the_tests_server_runs_with_the_settings_it_was_given() -> None:
    database.start(durable=False)
    asked = "SELECT current_setting('random_page_cost'), current_setting('max_connections')"
    with database.server_of_the_portal(durable=False).connect() as connection:
        assert connection.execute(asked).fetchone() == ("1.1", str(own_server.MOST_CONNECTIONS))
