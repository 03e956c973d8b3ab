"""Scans that are attached to records: what their content says they are, whatever their name."""

from collections.abc import Collection
from typing import Final

from rules.problem_codes import Code
from rules.refusal import Problem

MEBIBYTE: Final = 1_048_576
# What a file of each kind begins with.
_BEGINS: Final = {"pdf": (b"%PDF-",), "png": (b"\x89PNG\r\n\x1a\n",), "jpg": (b"\xff\xd8\xff",)}
KINDS: Final = tuple(_BEGINS)
MIME_TYPES: Final = {"pdf": "application/pdf", "png": "image/png", "jpg": "image/jpeg"}


def kind_of(content: bytes) -> str:
    """Return whether a file is a pdf, png or jpg by what it begins with, empty where it is none of them."""
    return next((kind for kind, begins in _BEGINS.items() if content.startswith(begins)), "")


def why_no_scan(content: bytes, kinds: Collection[str], most_mebibytes: int) -> Problem | None:
    """Return why a file cannot be attached as a scan, nothing where it can; `kinds` are those the policy allows."""
    allowed = [kind for kind in KINDS if kind in kinds]
    if not content:
        return Problem(Code.MISSING, "Choose the scan.", field="file")
    if len(content) > most_mebibytes * MEBIBYTE:
        wrong = f"The file has {len(content) / MEBIBYTE:.1f} MB."
        return Problem(Code.TOO_LONG, wrong, f"A scan has at most {most_mebibytes} MB.", "file")
    if kind_of(content) not in allowed:
        wrong = "This is no scan that the portal can keep, whatever its name says."
        return Problem(Code.BROKEN_FILE, wrong, f"Choose a file of the kind {' or '.join(allowed)}.", "file")
    return None
