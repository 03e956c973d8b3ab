"""Style and scripts: kept for a year under an address that changes with them, and sent compressed."""

import re

from tests.support.pages.browser import Browser


def test_every_file_a_page_asks_for_may_be_kept_for_a_year(browser: Browser) -> None:
    page = browser.get("/sign-in").text
    found = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page))
    assert len(found) == 4
    for address in found:
        answer = browser.get(address)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] in (
            "public, max-age=31536000, immutable", "max-age=31536000, public, immutable",
        ), address  # fmt: skip


def test_a_page_of_the_release_before_gets_this_releases_file_and_does_not_keep_it(browser: Browser) -> None:
    answer = browser.get("/static/0123456789abcdef/portal.js")
    assert answer.status_code == 200
    assert "immutable" not in answer.headers["Cache-Control"]
    assert "max-age=31536000" not in answer.headers["Cache-Control"]


def test_nothing_but_style_scripts_and_fonts_is_there(browser: Browser) -> None:
    for path in ("portal.scss", "scss/_fonts.scss", "../app.py", "no-such.js"):
        assert browser.get(f"/static/0123456789abcdef/{path}").status_code == 404, path


def test_a_page_is_compressed_for_who_can_read_it(browser: Browser) -> None:
    for asked, sent in (("gzip", "gzip"), ("br", "br"), ("zstd", "zstd"), ("", None)):
        answer = browser.get("/sign-in", headers={"Accept-Encoding": asked})
        assert answer.headers.get("Content-Encoding") == sent
        assert "Accept-Encoding" in answer.headers["Vary"]
