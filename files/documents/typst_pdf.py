"""Papers made by typst: tagged PDF (PDF/UA-1), in the portal's own font."""

import json
from functools import cache
from pathlib import Path
from threading import Lock, Thread
from typing import Any, Literal

import typst

# The portal's own font, as `npm run build` puts it there.
FONTS = Path(__file__).parents[2] / "static" / "build"

# A compiler answers one caller at a time: a second one gets an error.
_one_at_a_time = Lock()

# typst remembers what it laid out until it has compiled so often since, which no other paper has a use for: a process
# that made two dozen remittances of 1,200 lines grew from 187 MB to 1,260, so to 362.
_REMEMBERED = 11


def tagged_pdf(template: str, paper: Any) -> bytes:
    """Return a PDF of `template`, a file beside this one, which reads `paper`: JSON, so nothing of it is markup.

    A paper that holds a character no font of ours has (an emoji, Chinese) is tagged all the same but does not call
    itself PDF/UA-1, which asks for every glyph.
    """
    inputs = {"paper": json.dumps(paper)}
    try:
        with _one_at_a_time:
            try:
                return _compiled(template, inputs, "ua-1")
            except typst.TypstError as error:
                if "could not be displayed" not in error.message:
                    raise
                return _compiled(template, inputs, "1.7")
    finally:
        # Who asked has the paper meanwhile: 20 ms sooner, one of 400 lines.
        Thread(target=_forget, name="typst forgets").start()


def _compiled(template: str, inputs: dict[str, str], standard: Literal["ua-1", "1.7"]) -> bytes:
    made = _compiler(template).compile(format="pdf", sys_inputs=inputs, pdf_standards=standard)
    assert isinstance(made, bytes)  # a list only where pages are pictures
    return made


def _forget() -> None:
    """Let typst forget what it laid out; takes it 4 ms after a short paper, 60 after a long one."""
    with _one_at_a_time:
        for _ in range(_REMEMBERED):
            _compiler("nothing.typ").compile(format="pdf")


@cache
def _compiler(template: str) -> typst.Compiler:
    """Return the process's compiler of a template: it keeps it and the fonts, which take it 250 ms to read."""
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[FONTS])
    return typst.Compiler(Path(__file__).with_name(template), font_paths=fonts, ignore_system_fonts=True)
