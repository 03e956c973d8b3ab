"""The letters that staff can reword: the portal's own words for each, and what may stand in them.

A letter is written as `write_letter(recipient, "weeks to confirm", organisation_id, address=…)`. What is in curly
brackets is filled in; its names are checked when staff reword a letter.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from string import Formatter
from typing import Final

from flask import current_app, g
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from models import Email, LetterWording, db
from rules.announcement import names_money_or_people
from rules.problem_codes import Code
from rules.record_fields import LONGEST_LINE, LONGEST_TEXT, read_line, read_text
from rules.refusal import Problem, Refused, Unknown
from workflows.clock import now
from workflows.mail.outbox import write_email


@dataclass(frozen=True)
class Letter:
    """A kind of e-mail: when it is written, its words, and the placeholders it needs; `council` and `telephone` may
    stand in every one. A notice can wait for the digest of the day.
    """

    when: str
    subject: str
    body: str
    needs: tuple[str, ...] = ("address",)
    is_notice: bool = True


EVERYWHERE: Final = ("council", "telephone")
LETTERS: Final[dict[str, Letter]] = {
    "announcement": Letter(
        "An announcement goes by e-mail as well",
        "{title}",
        "{text}\n\nThis stands in the provider portal too:\n{address}\n",
        ("title", "text", "address"),
        is_notice=False,
    ),
    "message for a provider": Letter(
        "The council has answered in a conversation",
        "There is a message for you in the provider portal",
        "The council has answered your organisation.\n\n"
        "Sign in to the provider portal and open Conversations to read it: {address}\n",
    ),
    "message for a team": Letter(
        "A provider has written to a team",
        "A provider has written to your team in the provider portal",
        "There is a message for your team.\n\n"
        "Sign in to the provider portal and open Conversations to answer it: {address}\n",
    ),
    "scheduled payment to check": Letter(
        "A scheduled payment is shown to its provider",
        "A scheduled payment is there to check",
        "The council has worked out your organisation's next scheduled payment.\n\n"
        "Sign in to the provider portal to check it before it is paid:\n{address}\n",
    ),
    "remittance ready": Letter(
        "A payment run is released",
        "A remittance advice is ready",
        "The council has released a payment to your organisation.\n\n"
        "Sign in to the provider portal to read the remittance advice, line by line:\n{address}\n",
    ),
    "payment came back": Letter(
        "The bank could not pay a payment",
        "A payment came back from the bank",
        "The bank could not pay a payment of the council into your organisation’s account.\n\n"
        "It waits for the next payment run. Sign in to the provider portal, read why on the remittance advice, and"
        " check your bank details:\n{address}\n",
        is_notice=False,
    ),
    "absence claim decided": Letter(
        "An absence claim is decided",
        "An absence claim has been decided",
        "The council has decided about an absence claim of your organisation.\n\n"
        "Sign in to the provider portal to read the decision and what is paid:\n{address}\n",
    ),
    "document published": Letter(
        "A contract document is published",
        "A contract document is waiting for you",
        "The council has published a contract document for your organisation.\n\n"
        "Sign in to the provider portal and open Contract documents to read it, then accept or reject it.\n",
        (),
    ),
    "document withdrawn": Letter(
        "A contract document is withdrawn",
        "A contract document was withdrawn",
        "The council has withdrawn a contract document of your organisation.\n\n"
        "Sign in to the provider portal and open Contract documents to read which one, and why. You have nothing to"
        " do.\n",
        (),
    ),
    "weeks to confirm": Letter(
        "Weeks are not confirmed some days before their date",
        "Some weeks wait for you to confirm them",
        "The date to confirm actuals by comes near, and your organisation has weeks that are not confirmed.\n\n"
        "Sign in to the provider portal to see which:\n{address}\n\n"
        "You have nothing to do if nothing was delivered in them.\n",
    ),
    "document waits": Letter(
        "A contract document has waited some days for an answer",
        "A contract document still waits for you",
        "The council sent your organisation a contract document some days ago, and it is neither accepted nor"
        " rejected.\n\nSign in to the provider portal to answer it:\n{address}\n",
    ),
    "answer waits": Letter(
        "An answer of the council has not been read for some days",
        "An answer of the council waits for you",
        "A council team answered your organisation some days ago, and nobody has read it yet.\n\n"
        "Sign in to the provider portal and open Conversations:\n{address}\n",
    ),
    "digest": Letter(
        "The notices of a day in one e-mail",
        "Your day in the provider portal",
        "{notices}\nYou get this once a day because you chose so. To get none of these any more:\n{address}\n",
        ("notices", "address"),
        is_notice=False,
    ),
}


def letter(name: str, **values: str) -> tuple[str, str]:
    """Return subject and text of a letter, in staff's words where they have reworded it, with `values` filled in."""
    subject, body = wording_of(name)
    known = {
        "council": current_app.config["COUNCIL_NAME"],
        "telephone": current_app.config["COUNCIL_TELEPHONE"] or current_app.config["COUNCIL_NAME"],
    } | values
    return read_line(subject.format(**known)), body.format(**known)


def write_letter(recipient: str, name: str, organisation_id: int | None, **values: str) -> Email:
    """Put a letter into the outbox; it is kept if, and only if, the caller's transaction is."""
    subject, body = letter(name, **values)
    return write_email(recipient, subject, body, organisation_id, is_notice=LETTERS[name].is_notice)


def wording_of(name: str) -> tuple[str, str]:
    """Return subject and text of a letter with its placeholders. Raises Unknown."""
    if name not in LETTERS:
        raise Unknown
    own = LETTERS[name]
    return reworded().get(name, (own.subject, own.body))


def reworded() -> dict[str, tuple[str, str]]:
    """Return the letters that staff have reworded, read once in a request or task: name to subject and text."""
    if "letters_reworded" not in g:
        rows = db.session.execute(select(LetterWording.name, LetterWording.subject, LetterWording.body))
        g.letters_reworded = {name: (subject, body) for name, subject, body in rows}
    found: dict[str, tuple[str, str]] = g.letters_reworded
    return found


def reword(name: str, subject: str, body: str) -> None:
    """Give a letter other words. Commits. Raises Unknown, and Refused with everything that is wrong."""
    wording_of(name)
    subject, body = read_line(subject), read_text(body)
    if problems := list(_problems(LETTERS[name], subject, body)):
        raise Refused(*problems)
    words = {"subject": subject, "body": f"{body}\n", "changed_at": now()}
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


def _problems(own: Letter, subject: str, body: str) -> Iterable[Problem]:
    for field, text, most in (("subject", subject, LONGEST_LINE), ("body", body, LONGEST_TEXT)):
        if not text:
            yield Problem(Code.MISSING, "Write some words.", field=field)
        elif len(text) > most:
            yield Problem(Code.TOO_LONG, f"This has {len(text)} characters, {most} are allowed.", field=field)
        if names_money_or_people(text):
            wrong = "An e-mail holds no amounts and no references of people."
            yield Problem(Code.NOT_ON_LIST, wrong, "Say where it is read in the portal.", field)
        yield from _placeholder_problems(own, field, text)
    for name in own.needs:
        if f"{{{name}}}" not in subject + body:
            yield Problem(Code.MISSING, f"{{{name}}} is missing.", "The letter is no use without it.", "body")


def _placeholder_problems(own: Letter, field: str, text: str) -> Iterable[Problem]:
    allowed = (*own.needs, *EVERYWHERE)
    try:
        parts = list(Formatter().parse(text))
    except ValueError:
        yield Problem(Code.ROW_SHAPE, "A curly bracket is not closed.", "Write {address}, for example.", field)
        return
    for _, name, spec, conversion in parts:
        if name is not None and (name not in allowed or spec or conversion):
            known = ", ".join(f"{{{each}}}" for each in allowed)
            yield Problem(Code.NOT_ON_LIST, f"{{{name}}} is not known in this letter.", f"Known are {known}.", field)
