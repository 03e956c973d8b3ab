"""Secrets at rest go over to the newest key, so that an older one can be taken out of the configuration."""

from typing import Any

from sqlalchemy import String, cast, select, update

from models import Email, PortalUser, db
from models.sealed import SEALED

SECRETS: tuple[tuple[Any, str], ...] = (
    (PortalUser, "totp_secret"), (PortalUser, "security_code"), (PortalUser, "reset_code"), (Email, "body"),
)  # fmt: skip


def seal_what_is_open() -> int:
    """Seal what was stored before there was a key; return how many. Commits."""
    done = sum(_seal_column(model, name, only_open=True) for model, name in SECRETS)
    db.session.commit()
    return done


def rotate_keys() -> int:
    """Seal what people sign in with, and e-mails, with the newest key; return how many. Commits.

    Raises cryptography's InvalidToken, and changes nothing, where a key that something was sealed with is not in
    SECRETS_KEY.
    """
    done = sum(_seal_column(model, name) for model, name in SECRETS)
    db.session.commit()
    return done


def _seal_column(model: Any, name: str, *, only_open: bool = False) -> int:
    column = getattr(model, name)
    stored = cast(column, String)
    wanted = select(model.id, column).where(stored != "")
    if only_open:
        wanted = wanted.where(stored.not_like(f"{SEALED}%"))
    kept = db.session.execute(wanted).all()
    for id_, text in kept:
        _write(model, id_, {name: text})  # the column's type opens it with any key and seals it with the newest
    return len(kept)


def _write(model: Any, id_: int, values: dict[str, str]) -> None:
    db.session.execute(
        update(model).where(model.id == id_).values(**values).execution_options(synchronize_session=False)
    )
