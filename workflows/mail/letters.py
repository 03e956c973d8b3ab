"""The one door to the outbox: every e-mail is a letter of rules/letters.py, in the council's words where it has some.

A letter is written as `write_letter(recipient, "weeks to confirm", organisation_id, address=…)`, with a value for each
placeholder that is its own.
"""

from dataclasses import dataclass

from flask import current_app, g
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from models import Email, LetterWording, db
from rules import letter as rule
from rules.letter import Letter
from rules.letters import GROUPS, LETTERS
from rules.record_fields import read_line, read_text
from rules.refusal import Refused, Unknown
from workflows.clock import now
from workflows.mail.outbox import write_email


@dataclass(frozen=True)
class LetterRow:
    """A letter as staff see it: its words with placeholders, whether the council uses its own, and a preview."""

    name: str
    own: Letter
    subject: str
    body: str
    is_reworded: bool
    preview: tuple[str, str]


def write_letter(recipient: str, name: str, organisation_id: int | None = None, **values: str) -> Email:
    """Put a letter into the outbox, and return it; it is kept if, and only if, the caller's transaction is.

    Raises TypeError where a value is missing, though the words of today may not use it: staff may reword it tomorrow.
    """
    own = LETTERS[name]
    if values.keys() != own.given:
        raise TypeError(f"the letter {name} is filled with {sorted(own.given)}, not with {sorted(values)}")
    subject, body = rule.fill(*wording_of(name), _everywhere() | values)
    return write_email(
        recipient, subject, body, organisation_id, letter=name, holds_secret=bool(own.secret), is_notice=own.is_notice
    )


def wording_of(name: str) -> tuple[str, str]:
    """Return subject and text of a letter with its placeholders. Raises Unknown."""
    if name not in LETTERS:
        raise Unknown
    own = LETTERS[name]
    return _reworded().get(name, (own.subject, own.body))


def listed() -> dict[str, list[LetterRow]]:
    """Return every letter under the heading it stands under. One query."""
    return {heading: [one_letter(name) for name in group] for heading, group in GROUPS.items()}


def one_letter(name: str) -> LetterRow:
    """Return a letter as staff see it. Raises Unknown."""
    subject, body = wording_of(name)
    return LetterRow(name, LETTERS[name], subject, body, name in _reworded(), rule.preview(subject, body))


def try_words(name: str, subject: str, body: str) -> tuple[str, str]:
    """Return subject and text that a letter would have, with invented values, and keep nothing. Raises as `reword`."""
    return rule.preview(*_checked(name, subject, body))


def reword(name: str, subject: str, body: str) -> None:
    """Give a letter other words. Commits. Raises Unknown, and Refused with everything that is wrong."""
    subject, body = _checked(name, subject, body)
    words = {"subject": subject, "body": body, "changed_at": now()}
    statement = insert(LetterWording).values(name=name, **words)
    db.session.execute(statement.on_conflict_do_update(index_elements=["name"], set_=words))
    db.session.commit()
    g.pop("letters_reworded", None)


def restore(name: str) -> None:
    """Give a letter the portal's own words back. Commits. Raises Unknown."""
    wording_of(name)
    db.session.execute(delete(LetterWording).where(LetterWording.name == name))
    db.session.commit()
    g.pop("letters_reworded", None)


def _checked(name: str, subject: str, body: str) -> tuple[str, str]:
    wording_of(name)
    subject, body = read_line(subject), read_text(body)
    if problems := rule.problems_of(LETTERS[name], subject, body):
        raise Refused(*problems)
    return subject, f"{body}\n"


def _reworded() -> dict[str, tuple[str, str]]:
    """Return the words that staff gave letters, by name; read once in a request or task."""
    if "letters_reworded" not in g:
        rows = db.session.execute(select(LetterWording.name, LetterWording.subject, LetterWording.body))
        g.letters_reworded = {name: (subject, body) for name, subject, body in rows}
    found: dict[str, tuple[str, str]] = g.letters_reworded
    return found


def _everywhere() -> dict[str, str]:
    settings = current_app.config
    return {
        "council": settings["COUNCIL_NAME"],
        "telephone": settings["COUNCIL_TELEPHONE"] or settings["COUNCIL_NAME"],
        "help": f"{settings['PORTAL_ADDRESS']}/help",
    }
