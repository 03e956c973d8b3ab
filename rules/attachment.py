"""Files that come with a message: what they are by their content, and the name they are kept under."""

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from email import message_from_bytes
from email.errors import MessageError
from io import BytesIO
from typing import Final
from zipfile import BadZipFile, ZipFile

from rules.problem_codes import Code
from rules.refusal import Problem
from rules.scan import MEBIBYTE, kind_of

MOST_FILES: Final = 5
FIELD: Final = "attachments"
_LONGEST_STEM: Final = 80
# The directory of a workbook or a letter is read, and of its parts only the list of their kinds, so far.
_MOST_PARTS, _MOST_TYPES = 20_000, MEBIBYTE
_CONTENT_TYPES: Final = "[Content_Types].xml"
# Where what runs is kept in files of Word and Excel: macros of both generations, and controls.
_RUNS: Final = ("vbaproject", "vbadata", "macrosheets/", "activex/")
_SAME: Final[Mapping[str, str]] = {"jpeg": "jpg"}
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")
# Letters and digits of any language, blanks, and what names of files hold without meaning anything to a system.
_NOT_IN_NAMES = re.compile(r"[^\w ()+,&'-]+")


class _Runs(Exception):
    """The file holds something that runs."""


def ending_of(name: str) -> str:
    """Return what the name of a file says that it is: "pdf", "jpg"; empty where it says nothing."""
    found = re.search(r"\.([A-Za-z0-9]{1,10})\s*$", name)
    ending = found[1].lower() if found else ""
    return _SAME.get(ending, ending)


def safe_name(name: str, kind: str) -> str:
    """Return the name a file of a kind is kept and handed out under: no folders, one ending, nothing unseen."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    stem = last.rpartition(".")[0] if "." in last else last
    kept = re.sub(r"[ _]{2,}", "_", _NOT_IN_NAMES.sub("_", stem)).strip(" _-")[:_LONGEST_STEM].strip(" _-")
    return f"{kept or 'attachment'}.{kind}"


def why_not_attached(name: str, content: bytes, kinds: Collection[str], most_mebibytes: int) -> Problem | None:
    """Return why a file cannot be attached, nothing where it can; `kinds` are those the policy allows."""
    kind = ending_of(name)
    shown = f"“{safe_name(name, kind or 'file')}”"
    if not content:
        return Problem(Code.BROKEN_FILE, f"{shown} is empty.", "Save it again and attach the new copy.", FIELD)
    if len(content) > most_mebibytes * MEBIBYTE:
        wrong = f"{shown} has {len(content) / MEBIBYTE:.1f} MB."
        return Problem(Code.TOO_LONG, wrong, f"A file has at most {most_mebibytes} MB.", FIELD)
    if kind not in kinds or kind not in _IS:
        wrong = f"{shown} is of a kind that cannot be attached."
        return Problem(Code.BROKEN_FILE, wrong, f"Attach one of these: {', '.join(kinds)}.", FIELD)
    try:
        fits = _IS[kind](content)
    except _Runs:
        wrong = f"{shown} holds macros or other things that run."
        return Problem(Code.BROKEN_FILE, wrong, "Save it without them, or as a PDF.", FIELD)
    if not fits:
        wrong = f"{shown} is not what its name says."
        return Problem(Code.BROKEN_FILE, wrong, f"Save it as {kind} in the program it was made with.", FIELD)
    return None


def _begins_as(kind: str) -> Callable[[bytes], bool]:
    return lambda content: kind_of(content) == kind


def _office(main: str) -> Callable[[bytes], bool]:
    def fits(content: bytes) -> bool:
        try:
            with ZipFile(BytesIO(content)) as parts:
                names = parts.namelist()
                if len(names) > _MOST_PARTS or main not in names or _CONTENT_TYPES not in names:
                    return False
                with parts.open(_CONTENT_TYPES) as listed:
                    types = listed.read(_MOST_TYPES).lower()
        except (BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError, EOFError):
            return False
        if b"macroenabled" in types or any(each in name.lower() for name in names for each in _RUNS):
            raise _Runs
        return True

    return fits


def _is_text(content: bytes) -> bool:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):  # as spreadsheets save "Unicode text"
        content = content.decode("utf-16", "replace").encode()
    return not kind_of(content) and not content.startswith((b"PK\x03\x04", b"MZ")) and not _CONTROL.search(content)


def _is_email(content: bytes) -> bool:
    """Say whether a file is an e-mail; what is attached to it must be of kinds that could be attached by themselves."""
    if not re.match(rb"[A-Za-z][A-Za-z0-9-]*:", content.lstrip()):
        return False
    try:
        message = message_from_bytes(content)
        names = [name for part in message.walk() if (name := part.get_filename())]
    except (MessageError, ValueError, LookupError, RecursionError):
        return False
    if any(ending_of(name) not in _IS for name in names):
        raise _Runs
    return "from" in message and ("date" in message or "subject" in message)


_IS: Final[Mapping[str, Callable[[bytes], bool]]] = {
    "pdf": _begins_as("pdf"),
    "png": _begins_as("png"),
    "jpg": _begins_as("jpg"),
    "docx": _office("word/document.xml"),
    "xlsx": _office("xl/workbook.xml"),
    "csv": _is_text,
    "txt": _is_text,
    "eml": _is_email,
}
