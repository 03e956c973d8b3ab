"""What the form of a conversation sends, the same from both sides: a reply, or a reason to close it."""

import re

from flask import request

from workflows.conversations.attach import AttachedFile
from workflows.conversations.write import Writer, close, reply


def text_of(name: str) -> str:
    """Return what was typed in a field, with line breaks as the database keeps them."""
    return request.form.get(name, "").replace("\r\n", "\n")


def files_of() -> list[AttachedFile]:
    """Return the files that come with a message, none where none was chosen."""
    given = (file for file in request.files.getlist("attachments") if file.filename)
    return [AttachedFile((file.filename or "").replace("\x00", ""), file.read()) for file in given]


def number_in(name: str) -> int | None:
    """Return the whole number in a field of the form, None where there is none."""
    typed = request.form.get(name, "")
    return int(typed) if re.fullmatch("[0-9]{1,9}", typed) else None


def write(conversation_id: int, writer: Writer) -> str:
    """Do what the form asks for, and return the words that say it is done. Raises as `reply` and `close` do."""
    seen = number_in("seen")
    if request.form.get("do") == "close":
        close(conversation_id, text_of("reason"), writer, seen=seen or 0)
        return "The conversation is closed."
    reply(conversation_id, text_of("message"), writer, files_of(), seen=seen)
    return "Your message has been sent."
