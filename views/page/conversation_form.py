"""What the form of a conversation sends, the same from both sides: a reply, or a reason to close it."""

import re

from flask import request

from workflows.conversations.write import Writer, close, reply


def text_of(name: str) -> str:
    """Return what was typed in a field, with line breaks as the database keeps them."""
    return request.form.get(name, "").replace("\r\n", "\n")


def write(conversation_id: int, writer: Writer) -> str:
    """Do what the form asks for, and return the words that say it is done. Raises as `reply` and `close` do."""
    if request.form.get("do") == "close":
        typed = request.form.get("seen", "")
        seen = int(typed) if re.fullmatch("[0-9]{1,9}", typed) else 0
        close(conversation_id, text_of("reason"), writer, seen=seen)
        return "The conversation is closed."
    reply(conversation_id, text_of("message"), writer)
    return "Your message has been sent."
