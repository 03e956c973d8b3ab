"""What a PDF holds, read back: its text, its tags, its title."""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from pypdf import PdfReader


def open_pdf(content: bytes) -> PdfReader:
    return PdfReader(BytesIO(content))


def text_of(paper: PdfReader) -> str:
    """Return the text of all pages without its blanks: lines break where there is room."""
    return without_blanks("".join(page.extract_text() for page in paper.pages))


def without_blanks(text: str) -> str:
    return re.sub(r"\s", "", text)


def tags(node: Any) -> Iterator[Any]:
    """Yield the elements of a PDF's structure tree."""
    node = node.get_object() if hasattr(node, "get_object") else node
    for each in node if isinstance(node, list) else [node]:
        each = each.get_object() if hasattr(each, "get_object") else each
        if isinstance(each, dict):
            if "/S" in each:
                yield each
            if "/K" in each:
                yield from tags(each["/K"])


def root_of(paper: PdfReader) -> Any:
    return paper.trailer["/Root"]


def title_of(paper: PdfReader) -> str:
    assert paper.metadata
    return str(paper.metadata["/Title"])


def structure(paper: PdfReader) -> Any:
    return root_of(paper)["/StructTreeRoot"]["/K"]


def calls_itself_accessible(paper: PdfReader) -> bool:
    """Say whether it is tagged and declares PDF/UA-1."""
    root = root_of(paper)
    return bool(root["/MarkInfo"]["/Marked"]) and b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data()
