"""The mail outbox: an e-mail is written in the same transaction as what it tells of, and sent later by the job."""

from models import Email, db


def write_email(
    recipient: str,
    subject: str,
    body: str,
    organisation_id: int | None = None,
    *,
    letter: str = "",
    holds_secret: bool = False,
    is_notice: bool = False,
) -> Email:
    """Put an e-mail into the outbox, and return it; for `write_letter` alone, which says in whose words.

    It carries no figures and no names of people who receive care: mail is read on other people's screens.
    The text of one that `holds_secret` (a link, a given password) is not kept once it was sent. One that `is_notice`
    may wait for the digest of the day, where the contact wants that, or be left out.
    """
    email = Email(
        recipient=recipient, subject=subject, body=body, organisation_id=organisation_id, letter=letter,
        holds_secret=holds_secret, is_notice=is_notice,
    )  # fmt: skip
    db.session.add(email)
    return email
