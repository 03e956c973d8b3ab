"""Files as people attach them: good ones of every kind, and ones that must not get through."""

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook

HTML = b"<!doctype html><script>alert(document.cookie)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
JPG = b"\xff\xd8\xff\xe0" + bytes(64)
EML = b"From: a@provider.example\r\nDate: Mon, 20 Nov 2017 09:00:00 +0000\r\nSubject: Hours\r\n\r\nSee above.\r\n"
EML_WITH_A_PROGRAM = (
    b"From: a@provider.example\r\nSubject: Hours\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n"
    b'\r\n--x\r\nContent-Type: application/octet-stream; name="run.exe"\r\n'
    b'Content-Disposition: attachment; filename="run.exe"\r\n\r\nTVqQ\r\n--x--\r\n'
)
_TYPES = b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">%s</Types>'


def zipped(**parts: bytes) -> bytes:
    """A zip with parts, whose names have "__" for each "/" and "_dot_" for each "."."""
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return file.getvalue()


def letter(*, macros: bool = False, named_macros: bool = True) -> bytes:
    """A letter of Word; with macros it names them in its list of parts, holds them, or both."""
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        kind = b"application/vnd.ms-word.document.macroEnabled.main+xml" if macros and named_macros else b""
        archive.writestr("[Content_Types].xml", _TYPES % kind)
        archive.writestr("word/document.xml", b"<w:document/>")
        if macros:
            archive.writestr("word/vbaProject.bin", b"\xd0\xcf\x11\xe0")
    return file.getvalue()


def workbook() -> bytes:
    """A workbook of Excel."""
    file = BytesIO()
    Workbook().save(file)
    return file.getvalue()


GOOD = {
    "letter.pdf": PDF,
    "picture.png": PNG,
    "Photo 1.JPEG": JPG,
    "letter.docx": letter(),
    "hours.xlsx": workbook(),
    "hours.csv": "Name,Hours\nZoë,7\n".encode(),
    "old.csv": "Name;Hours\nZoë;7\n".encode("cp1252"),
    "unicode.txt": "Zoë\t7".encode("utf-16"),
    "mail.eml": EML,
}
# Name, content, a part of what is said about it.
BAD = (
    ("picture.png", HTML, "is not what its name says"),
    ("drawing.svg", SVG, "of a kind that cannot be attached"),
    ("empty.pdf", b"", "is empty"),
    ("large.pdf", PDF + bytes(11 * 1_048_576), "has 11.0 MB"),
    ("letter.pdf.exe", PDF, "of a kind that cannot be attached"),
    ("letter.exe.pdf", b"MZ\x90\x00", "is not what its name says"),
    ("everything.zip", zipped(a_dot_txt=b"a"), "of a kind that cannot be attached"),
    ("renamed.docx", zipped(a_dot_txt=b"a"), "is not what its name says"),
    ("broken.docx", letter()[:-30], "is not what its name says"),
    ("macros.docx", letter(macros=True), "holds macros"),
    ("hidden.docx", letter(macros=True, named_macros=False), "holds macros"),
    ("letter.xlsx", letter(), "is not what its name says"),
    ("program.txt", b"MZ\x90\x00\x03", "is not what its name says"),
    ("archive.csv", zipped(a_dot_txt=b"a"), "is not what its name says"),
    ("nothing", PDF, "of a kind that cannot be attached"),
    ("mail.eml", HTML, "is not what its name says"),
    ("program.eml", EML_WITH_A_PROGRAM, "holds macros or other things that run"),
)
