"""Every page of signing in, and what is open to whoever cannot."""

from views.sign_in.codes import CodesPage
from views.sign_in.contacts_form import ContactsFormPage
from views.sign_in.password import NewPasswordView
from views.sign_in.public import PublicView
from views.sign_in.security_code import SecurityCodeView
from views.sign_in.sign_in import SignInView

SIGN_IN_VIEWS: tuple[type, ...] = (
    SignInView, NewPasswordView, SecurityCodeView, ContactsFormPage, CodesPage, PublicView,
)  # fmt: skip
