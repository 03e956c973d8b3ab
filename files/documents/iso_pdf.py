"""A contract document as a tagged PDF (PDF/UA-1) that says what its page says."""

import json
from dataclasses import asdict
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Literal

import typst

from files.documents.iso_paper import IsoPaper

TEMPLATE = Path(__file__).with_name("iso.typ")
# The portal's own font, as `npm run build` puts it there.
FONTS = Path(__file__).parents[2] / "static" / "build"

# A compiler answers one caller at a time: a second one gets an error.
_one_at_a_time = Lock()


def iso_pdf(paper: IsoPaper) -> bytes:
    """Return a version of a contract document as a PDF.

    A document that holds a character no font of ours has (an emoji, Chinese) is tagged all the same but does not call
    itself PDF/UA-1, which asks for every glyph.
    """
    inputs = {"iso": json.dumps(asdict(paper))}
    with _one_at_a_time:
        try:
            return _compiled(inputs, "ua-1")
        except typst.TypstError as error:
            if "could not be displayed" not in error.message:
                raise
            return _compiled(inputs, "1.7")


def _compiled(inputs: dict[str, str], standard: Literal["ua-1", "1.7"]) -> bytes:
    made = _compiler().compile(format="pdf", sys_inputs=inputs, pdf_standards=standard)
    assert isinstance(made, bytes)  # a list only where pages are pictures
    return made


@cache
def _compiler() -> typst.Compiler:
    """Return the process's compiler: it keeps the template and the fonts, which take it 250 ms to read."""
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[FONTS])
    return typst.Compiler(TEMPLATE, font_paths=fonts, ignore_system_fonts=True)
