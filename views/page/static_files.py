"""Style, scripts, fonts: their address holds a digest of all of them, so that a browser may keep them for a year."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

from flask import Flask, Response, abort, request, send_from_directory, url_for

YEAR: Final = 365 * 24 * 60 * 60
KINDS: Final = (".css", ".js", ".svg", ".woff2")


def register_static(app: Flask) -> None:
    """Serve `static/` under the digest of this release, and give templates `static("portal.css")`.

    A page of the release before may still ask for its own files: it gets this release's, and keeps them no longer than
    it has to.
    """
    folder = Path(app.root_path) / "static"
    digest = _digest(folder)

    @app.route("/static/<digest_asked>/<path:filename>", endpoint="static")
    def static_file(digest_asked: str, filename: str) -> Response:
        if not filename.endswith(KINDS):
            abort(404)
        answer = send_from_directory(folder, filename, max_age=YEAR if digest_asked == digest else 0)
        answer.cache_control.public = True
        if digest_asked == digest:
            answer.cache_control.immutable = True
        return answer

    @cache
    def address(_root: str, filename: str) -> str:
        return url_for("static", digest_asked=digest, filename=filename)

    app.jinja_env.globals["static"] = lambda filename: address(request.script_root, filename)


def _digest(folder: Path) -> str:
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in KINDS:
            found.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return found.hexdigest()[:16]
