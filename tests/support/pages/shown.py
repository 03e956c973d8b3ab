"""What a page says, as somebody reads it."""

import html
import re

from werkzeug.test import TestResponse


def words(answer: TestResponse) -> str:
    """Return the words of a page without its marks, one blank between them."""
    text = re.sub(r"<(script|style).*?</\1>", " ", answer.text, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())
