"""Which forms are limited to so many an hour, by account and by network address (rules/rates.py)."""

from typing import Final

from flask import Flask, request

from rules.rates import MESSAGE, RESET_LINK, SIGN_IN, UPLOAD
from workflows.access.rates import count_request

LIMITED: Final = {
    SIGN_IN: (
        "SignInView.sign_in", "SecurityCodeView.code", "SecurityCodeView.new_code", "SecurityCodeView.recovery_code",
        "NewPasswordView.reset", "NewPasswordView.new_password", "ContactsFormPage.show",
    ),
    RESET_LINK: ("NewPasswordView.forgotten",),
    UPLOAD: (
        "ActualsUploadView.check", "BankReturnsView.record", "ImportsView.check", "ModulusWeightsView.load",
        "PaperIsosView.attach",
    ),
    MESSAGE: (
        "ConversationsView.save_start", "ConversationsView.write", "OverExceptionLevelView.save_ask",
        "ScheduledPaymentsView.query", "StaffConversationsView.write",
    ),
}  # fmt: skip
_KIND_OF: Final = {endpoint: kind for kind, endpoints in LIMITED.items() for endpoint in endpoints}


def limit_rates(app: Flask) -> None:
    """Count the forms of `app` that are limited; to be called after the gate and the tokens have been put."""
    app.before_request(_count)


def _count() -> None:
    kind = _KIND_OF.get(request.endpoint or "") if request.method == "POST" else None
    if kind:
        count_request(kind)
