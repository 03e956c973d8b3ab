"""What every answer carries so that a browser does nothing with it that we did not mean."""

import secrets
from http import HTTPStatus
from typing import Final

from flask import Flask, Response, g, request

# What browsers ask a person for, and no page of the portal does.
NOT_ASKED_FOR: Final = (
    "accelerometer", "autoplay", "bluetooth", "camera", "display-capture", "encrypted-media", "fullscreen",
    "geolocation", "gyroscope", "hid", "idle-detection", "local-fonts", "magnetometer", "microphone", "midi", "payment",
    "picture-in-picture", "screen-wake-lock", "serial", "usb", "xr-spatial-tracking",
)  # fmt: skip
ALWAYS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in NOT_ASKED_FOR),
}
ONLY_HTTPS: Final = "max-age=31536000; includeSubDomains"
# What somebody saw must not come back from a shared computer's cache after they signed out.
NOT_KEPT: Final = "no-store"


def csp_nonce() -> str:
    """Return this request's nonce: only scripts that carry it run."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    nonce: str = g.csp_nonce
    return nonce


def protect(app: Flask) -> None:
    """Add the content security policy and its company to every answer of `app`."""
    app.jinja_env.globals["csp_nonce"] = csp_nonce
    app.after_request(_add_headers)


def of_server(*, https: bool) -> list[tuple[str, str]]:
    """Return the headers of what the server answers by itself, as 400: words alone, which load nothing."""
    policy = {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'", "Cache-Control": NOT_KEPT}
    return [*(ALWAYS | policy).items(), *([("Strict-Transport-Security", ONLY_HTTPS)] if https else [])]


def _add_headers(answer: Response) -> Response:
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' 'nonce-{csp_nonce()}'",
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )
    # A file that somebody sent has a stricter one.
    answer.headers.setdefault("Content-Security-Policy", policy)
    answer.headers.update(ALWAYS)
    if request.is_secure:
        answer.headers["Strict-Transport-Security"] = ONLY_HTTPS
    if request.endpoint != "static" or answer.status_code >= HTTPStatus.BAD_REQUEST:
        answer.headers["Cache-Control"] = NOT_KEPT
    return answer
