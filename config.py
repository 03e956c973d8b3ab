"""Where the portal's settings come from: the environment, with values for a laptop where it says nothing.

Figures that decide what is paid are not here: they are policy settings, in the database, changed by staff.
"""

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from cryptography.fernet import Fernet
from sqlalchemy import NullPool

from database import Urls
from models.scoped import ALONE_POOL, COUNCIL_POOL, SIGN_IN_POOL

PROJECT = Path(__file__).resolve().parent
INSTANCE = PROJECT / "instance"
FRAMEWORK = {
    # What compresses best in the few milliseconds a page may take; measured in docs/performance.md.
    "COMPRESS_ALGORITHM": ["zstd", "br", "gzip"],
    "COMPRESS_ZSTD_LEVEL": 3,
    "COMPRESS_BR_LEVEL": 4,
    "COMPRESS_LEVEL": 4,
    "COMPRESS_MIN_SIZE": 1000,
    # Flask-AppBuilder: roles are code, the schema is Alembic's, and its side doors stay shut.
    "FAB_CREATE_DB": False,
    "FAB_UPDATE_PERMS": False,
    "FAB_ADD_SECURITY_API": False,
    "AUTH_ROLE_ADMIN": "Administrator",
    "AUTH_USER_REGISTRATION": False,
    "BABEL_DEFAULT_LOCALE": "en",
}


def _has_real_accounts() -> bool:
    """Say whether people's own accounts are here, and not a laptop's: behind HTTPS, but for a demonstration."""
    return os.environ.get("PORTAL_HTTPS") == "1" and os.environ.get("PORTAL_DEMONSTRATION") != "1"


def _secret_key() -> str:
    """Return SECRET_KEY, or on a laptop one made once and kept in `instance/`: people stay signed in over a restart.

    Raises RuntimeError where real accounts are: what opens a session is kept under this key, and not beside it.
    """
    if given := os.environ.get("SECRET_KEY"):
        return given
    if _has_real_accounts():
        raise RuntimeError("Set SECRET_KEY, which signs cookies and forms; make one with secrets.token_hex(32).")
    return _kept("secret_key", lambda: secrets.token_hex(32))


def _kept(name: str, make: Callable[[], str]) -> str:
    """Return a secret of `instance/`, made where there is none."""
    kept = INSTANCE / name
    INSTANCE.mkdir(exist_ok=True)
    # Where it was made before, or by another process just now, it is there to read.
    with suppress(FileExistsError), os.fdopen(os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as new:
        new.write(make())
    return kept.read_text()


def _sealing_key(name: str, seals: str) -> str:
    """Return a key from the environment, or one made once and kept in `instance/`, as on a laptop.

    Several keys are separated by commas, the newest first. Raises RuntimeError behind HTTPS, where real accounts are:
    a key beside the database it locks, or lost with a machine, is none.
    """
    if given := os.environ.get(name):
        return given
    if _has_real_accounts():
        raise RuntimeError(f"Set {name}, which encrypts {seals}; make one with Fernet.generate_key().")
    return _kept(name.lower(), lambda: Fernet.generate_key().decode())


def _bacs() -> dict[str, str]:
    """Return the account the council pays from and its Bacs service user number; invented ones on a laptop.

    Behind HTTPS, where real money is, nothing is invented: without them no bank file can be made.
    """
    real = _has_real_accounts()
    invented = {"BACS_SORT_CODE": "089999", "BACS_ACCOUNT_NUMBER": "66374958", "BACS_USER_NUMBER": "999999"}
    return {name: os.environ.get(name, "" if real else value) for name, value in invented.items()}


def _mail(url: str) -> dict[str, Any]:
    """Return how e-mail leaves: smtp://user:password@host:port, smtps:// where the port is encrypted from the start.

    Without an address e-mails are shown on the console. Raises RuntimeError for one that is neither, and without one
    where real accounts are: a console is a log, and e-mails hold links and passwords.
    """
    found = urlsplit(url)
    if _has_real_accounts() and not url and not os.environ.get("MAIL_SERVER"):
        raise RuntimeError("Set MAIL_URL, by which e-mails leave: smtp://user:password@host:port, or smtps://…")
    if url and (found.scheme not in ("smtp", "smtps") or not found.hostname):
        raise RuntimeError("MAIL_URL is written smtp://user:password@host:port, or smtps://…")
    if found.scheme == "smtps" and found.port not in (None, 465):
        raise RuntimeError("smtps:// is for port 465; on every other port smtp:// asks for encryption (STARTTLS).")
    port = found.port or {"smtps": 465}.get(found.scheme, 0)
    return {
        "MAIL_SERVER": f"{found.hostname}:{port}" if found.hostname else os.environ.get("MAIL_SERVER", ""),
        "MAIL_USER": unquote(found.username or "") or os.environ.get("MAIL_USER", ""),
        "MAIL_PASSWORD": unquote(found.password or "") or os.environ.get("MAIL_PASSWORD", ""),
        # Seconds a server may be silent; six times as long after the last word of an e-mail.
        "MAIL_TIMEOUT": float(os.environ.get("MAIL_TIMEOUT", "20")),
    }


def settings() -> dict[str, Any]:
    """Return the configuration of the application, all but the address of the database."""
    return {
        "SECRET_KEY": _secret_key(),
        "BANK_DETAILS_KEY": _sealing_key("BANK_DETAILS_KEY", "bank details"),
        "SECRETS_KEY": _sealing_key("SECRETS_KEY", "what people sign in with, and e-mails"),
        **_bacs(),
        **_council(),
        **_mail(os.environ.get("MAIL_URL", "")),
        **_browsers(behind_https=os.environ.get("PORTAL_HTTPS", "") == "1"),
        **FRAMEWORK,
    }


def _council() -> dict[str, Any]:
    """Return what the council is called and reached by, and what day it is thought to be."""
    return {
        "BACS_NAME": os.environ.get("BACS_NAME", os.environ.get("COUNCIL_NAME", "Norfolk County Council")),
        "COUNCIL_NAME": os.environ.get("COUNCIL_NAME", "Norfolk County Council"),
        "COUNCIL_TELEPHONE": os.environ.get("COUNCIL_TELEPHONE", "01603 495702, option 1"),
        "COUNCIL_EMAIL": os.environ.get("COUNCIL_EMAIL", ""),
        "PORTAL_ADDRESS": os.environ.get("PORTAL_ADDRESS", f"http://127.0.0.1:{os.environ.get('PORT', '8000')}"),
        "PORTAL_TODAY": os.environ.get("PORTAL_TODAY", ""),
        "DEMONSTRATION": os.environ.get("PORTAL_DEMONSTRATION", "") == "1",
        "CHARTS_LAST": timedelta(minutes=10),
        "MAIL_FROM": os.environ.get("MAIL_FROM", "provider.portal@council.example"),
    }


def _browsers(*, behind_https: bool) -> dict[str, Any]:
    """Return how browsers are met: cookies, proxies before the portal, and how much may be sent at once."""
    return {
        # The session cookie holds no more than a token; the session itself is a row in the database.
        # Behind HTTPS browsers take the names below only over HTTPS, and `__Host-` from nobody but this very host.
        "SESSION_COOKIE_NAME": "__Host-portal" if behind_https else "portal",
        "DEVICE_COOKIE_NAME": "__Secure-portal_device" if behind_https else "portal_device",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": behind_https,
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=12),
        "WTF_CSRF_TIME_LIMIT": None,
        "BEHIND_HTTPS": behind_https,
        # How many proxies of the council's stand before the portal: the address of who asks comes from the last of
        # them. With none, no header says it.
        "TRUSTED_PROXIES": int(os.environ.get("PORTAL_PROXIES", "1" if behind_https else "0")),
        "MAX_CONTENT_LENGTH": 20 * 1024 * 1024,
        # The Actuals page of a large organisation is a form of some 2,000 fields.
        "MAX_FORM_PARTS": 20_000,
        "MAX_FORM_MEMORY_SIZE": 4 * 1024 * 1024,
    }


def connections(urls: Urls, *, pooled: bool = True) -> dict[str, Any]:
    """Return the configuration of the three pools: organisations' requests, the council's, and signing in.

    A pooled connection is tried before it is used, so that nobody sees an error after the database was restarted. Those
    for single questions are not: a question is asked again where its connection was closed.
    """
    options: dict[str, Any] = {} if pooled else {"poolclass": NullPool}
    # Compiling a plan takes longer than any statement of ours: jit is off, whatever a council's server says.
    connect = "-c timezone=UTC -c jit=off"
    options["connect_args"] = {"options": connect}
    # A provider's statements are about one organisation, so one plan serves all: planning each anew took 4 of the 5 ms
    # of the query of a week's lines (make bench).
    web = options | {"connect_args": {"options": f"{connect} -c plan_cache_mode=force_generic_plan"}}
    tried = {"pool_pre_ping": True} if pooled else {}
    return {
        "SQLALCHEMY_DATABASE_URI": urls.web,
        "SQLALCHEMY_ENGINE_OPTIONS": web | tried,
        "SQLALCHEMY_BINDS": {
            COUNCIL_POOL: options | tried | {"url": urls.council},
            SIGN_IN_POOL: options | tried | {"url": urls.sign_in},
            ALONE_POOL: options | {"url": urls.sign_in, "isolation_level": "AUTOCOMMIT"},
        },
    }
