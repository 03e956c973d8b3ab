"""A contract document as a tagged PDF (PDF/UA-1) that says what its page says."""

from dataclasses import asdict

from files.documents.iso_paper import IsoPaper
from files.documents.typst_pdf import tagged_pdf


def iso_pdf(paper: IsoPaper) -> bytes:
    """Return a version of a contract document as a PDF."""
    return tagged_pdf("iso.typ", asdict(paper))
