"""Every page that any test gets is parsed; broken HTML fails the test that got it."""

import html5lib
from flask import Flask, Response, request


class Minder:
    """Looks at every HTML answer of an application and remembers what is wrong with it."""

    def __init__(self, app: Flask) -> None:
        self.broken: list[str] = []
        app.after_request(self._look)

    def _look(self, answer: Response) -> Response:
        if (
            request.method != "OPTIONS"
            and answer.mimetype == "text/html"
            and answer.status_code not in (204, 301, 302, 303, 307, 308)
        ):
            page = answer.get_data(as_text=True)
            parser = html5lib.HTMLParser()
            parser.parse(page)
            self.broken += [f"{request.path}: {code} {data} at {where}" for where, code, data in parser.errors]
            if "Traceback (most recent call last)" in page:
                self.broken.append(f"{request.path}: a traceback")
        return answer

    def found(self) -> list[str]:
        """Return what was broken since the last time this was asked."""
        broken, self.broken = self.broken, []
        return broken
