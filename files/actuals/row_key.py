"""The key of a row of the Actuals workbook: which line, week and version of the figures it was written from."""

import hashlib
import struct
from datetime import date, timedelta
from functools import lru_cache

_KEY = struct.Struct(">IHI")
_CHECK_BYTES = 5
_KEY_BYTES = _KEY.size + _CHECK_BYTES
_FIRST_DAY = date(2000, 1, 1)


def row_key(line_id: int, week: date, version: int) -> str:
    """Return the word that says which line, week and version of the figures a row was written from (0: none yet).

    It is no secret and needs no signature: a line is looked for among the organisation's own. The last five bytes
    find a key that was damaged or typed.
    """
    plain = _KEY.pack(line_id, (week - _FIRST_DAY).days, version)
    # Prefixed by a letter, because a spreadsheet parses 0719E00 as a number.
    return f"K{(plain + _check(plain)).hex().upper()}"


@lru_cache(maxsize=16_384)
def read_row_key(text: str) -> tuple[int, date, int] | None:
    """Return line, week and version of a row key, or nothing where the text is none."""
    word = text.strip().upper()
    if len(word) != 1 + 2 * _KEY_BYTES or not word.startswith("K"):
        return None
    try:
        packed = bytes.fromhex(word[1:])
    except ValueError:
        return None
    plain, check = packed[: _KEY.size], packed[_KEY.size :]
    if len(packed) != _KEY_BYTES or check != _check(plain):
        return None
    line_id, day, version = _KEY.unpack(plain)
    return line_id, _FIRST_DAY + timedelta(days=day), version


def _check(plain: bytes) -> bytes:
    return hashlib.blake2s(plain, digest_size=_CHECK_BYTES, person=b"row key").digest()
