"""What no page is for, the portal and its server refuse: other methods, and requests of two lengths."""

import http.client
import socket
from contextlib import closing, suppress

import pytest
from flask import Flask

from tests.support.pages.browser import Browser
from tests.support.worlds.world import World
from tests.views.access.test_headers import port

__all__ = ["port"]  # a fixture


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "PUT", "DELETE", "PATCH", "CONNECT", "PROPFIND"])
@pytest.mark.parametrize("address", ["/", "/sign-in", "/admin/people/list/", "/static/portal.js", "/health"])
def test_other_methods_than_those_of_pages_are_refused(
    app: Flask, world: World, browser: Browser, address: str, method: str
) -> None:
    browser.sign_in(world.officer("Administrator"))
    answer = browser.client.open(address, method=method)
    assert answer.status_code in (404, 405)


@pytest.mark.parametrize("path", ["/sign-in", "/health"])
def test_trace_is_not_answered_by_the_server(port: int, path: str) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as asked:
        asked.request("TRACE", path, headers={"X-Secret": "not to be repeated"})
        answer = asked.getresponse()
        assert answer.status in (302, 405)
        assert b"not to be repeated" not in answer.read()


@pytest.mark.parametrize(
    "lengths",
    [
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"Transfer-Encoding: identity, chunked\r\n",
        b"Content-Length: +5\r\n",
        b"Content-Length : 5\r\n",
    ],
)
def test_a_request_of_two_lengths_is_never_read_as_two_requests(port: int, lengths: bytes) -> None:
    second = b"GET /health HTTP/1.1\r\nHost: portal\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=3) as connection:
        connection.sendall(b"POST /sign-in HTTP/1.1\r\nHost: portal\r\n" + lengths + b"\r\n0\r\n\r\n" + second)
        answered = b""
        with suppress(TimeoutError):
            while more := connection.recv(65_536):
                answered += more
    assert b'"database"' not in answered
    assert answered.count(b"HTTP/1.1 200") == 0
