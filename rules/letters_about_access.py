"""The portal's own words of letters that let people in, ask who they are, or warn them."""

from typing import Final

from rules.letter import Letter

OWNER = "The person whose account it is"
INVITED = "The contact who is invited"

_IF_NOT_YOU = (
    "\n\nIf it was you, you have nothing to do.\n\n"
    "If it was not you, choose a new password now, which signs everybody out, and telephone {telephone}:\n{address}\n"
)

ACCESS: Final[dict[str, Letter]] = {
    "password changed": Letter(
        "A password was changed",
        OWNER,
        "Your password for the provider portal was changed",
        f"The password of your account on the provider portal of {{council}} was changed.{_IF_NOT_YOU}",
        ("telephone", "address"),
    ),
    "security code created": Letter(
        "A security code was created for an account",
        OWNER,
        "A security code was created for your account",
        "A new security code was created for your account on the provider portal of {council}."
        f" A code you had before no longer works.{_IF_NOT_YOU}",
        ("telephone", "address"),
    ),
    "passkey added": Letter(
        "A passkey was added to an account",
        OWNER,
        "A passkey was added to your account",
        "A passkey was added to your account on the provider portal of {council}."
        f"\nIt can be used instead of your security code.{_IF_NOT_YOU}",
        ("telephone", "address"),
    ),
    "passkey removed": Letter(
        "A passkey was removed from an account",
        OWNER,
        "A passkey was removed from your account",
        f"A passkey was removed from your account on the provider portal of {{council}}.{_IF_NOT_YOU}",
        ("telephone", "address"),
    ),
    "new password": Letter(
        "Somebody asked for a new password",
        OWNER,
        "Choose a new password for the provider portal",
        "Somebody, probably you, asked for a new password for the provider portal of {council}.\n\n"
        "Choose it here. The link works once, until one hour after this e-mail was written:\n{address}\n\n"
        "If you did not ask for it, do nothing: your password stays as it is.\n",
        secret="address",
    ),
    "password guessed": Letter(
        "Strangers guess at a password or code, at most once a day",
        OWNER,
        "Somebody tried to sign in with your e-mail address",
        "Somebody entered a wrong password or security code for your account on the provider portal of {council},"
        " several times. Nobody got in by it, and where it came from is locked out for a while.\n\n"
        "If it was you, you need do nothing. A computer or phone on which you signed in before still lets you in.\n\n"
        "If it was not you, and you use the same password elsewhere, choose a new one:\n{address}\n\n"
        "You get this at most once a day.\n",
    ),
}

_INVITATION = (
    "Hello,\n\n{{council}} has made you a contact of {{organisation}} in its provider portal.\n\n"
    "Sign in here, with your e-mail address:\n{{address}}\n\n"
    "{middle}\n\n{{opens}}\n\nHelp: {{help}}\nQuestions: {{telephone}}\n"
)
_CONTACTS_FORM = (
    "To whoever runs {organisation}:\n\n{opens}\n\n"
    "Before the provider portal can open to you, {council} needs to know two people: who looks after payments, and who"
    " agrees contract documents (ISOs). It may be one person.\n\n"
    "Name them here. It takes a few minutes, and nobody has to sign in:\n{address}\n\n"
    "The link is for {organisation} alone and works until {until}.\n\nQuestions: {telephone}\n"
)

BEFORE_GO_LIVE: Final[dict[str, Letter]] = {
    "invitation": Letter(
        "A contact is invited, and gets a password to begin with",
        INVITED,
        "You can sign in to the provider portal",
        _INVITATION.format(
            middle="The password to begin with:\n{password}\n\nIt works until {until}, and only once: you then choose"
            " a password of your own and a security code. If it has expired, ask for a new invitation."
        ),
        ("address", "password"),
        ("organisation", "until", "opens"),
        secret="password",
    ),
    "invitation to one more": Letter(
        "A contact is invited by a second organisation before they first signed in",
        INVITED,
        "You can sign in to the provider portal",
        _INVITATION.format(
            middle="The password to begin with is in the invitation we sent you for another organisation. If you do"
            " not have it any more, ask for a new invitation."
        ),
        ("address",),
        ("organisation", "opens"),
    ),
    "invitation with own password": Letter(
        "A contact is invited who signs in already",
        INVITED,
        "You can sign in to the provider portal",
        _INVITATION.format(
            middle="Your password and your security code are the ones you have. After them you choose the organisation."
        ),
        ("address",),
        ("organisation", "opens"),
    ),
    "contacts form": Letter(
        "An organisation is asked for its contacts before its go-live",
        "The organisation’s own address",
        "Name your contacts for the provider portal",
        _CONTACTS_FORM,
        ("address",),
        ("organisation", "until", "opens"),
        secret="address",
    ),
    "contacts form again": Letter(
        "An organisation has not answered its contacts form",
        "The organisation’s own address",
        "Reminder: name your contacts for the provider portal",
        _CONTACTS_FORM,
        ("address",),
        ("organisation", "until", "opens"),
        secret="address",
    ),
    "contacts to check": Letter(
        "Contacts to check, once a quarter",
        "Contacts with the function Contacts and organisation",
        "Check your contacts in the provider portal",
        "Hello,\n\nPlease check who may use the provider portal of {council} for {organisation}. It takes a minute, and"
        " {council} asks for it every three months.\n\nSign in and open Contacts:\n{address}\n\n"
        "End the access of whoever has left, and add who is missing. If everybody on the list is right, choose “All of"
        " these are right” there.\n\nQuestions: {telephone}\n",
        may=("organisation",),
    ),
}

ORGANISATION: Final[dict[str, Letter]] = {
    "change asked": Letter(
        "Somebody asked for another legal name, VAT number or bank account",
        "The organisation’s own address, and its contacts for payments and organisation details",
        "Somebody asked the council to change your {kind}",
        "{council} was asked in the provider portal to change the {kind} of {organisation}.\n\n"
        "If you know of this, there is nothing to do: two officers look at it first. If not, telephone {telephone} at"
        " once, on a number you knew before this e-mail if you can.\n\n{address}\n",
        ("kind", "telephone", "address"),
        ("organisation",),
    ),
    "change decided": Letter(
        "The council has decided about such a change",
        "Whoever asked for it; of bank details everybody who heard of the request",
        "The council has decided about your {kind}",
        "{council} has decided about a change of the {kind} of {organisation}.\n\n"
        "Sign in to the provider portal to read what became of it:\n{address}\n",
        ("kind", "address"),
        ("organisation",),
    ),
    "email changed": Letter(
        "An organisation or service has another e-mail address",
        "The old address",
        "Your e-mail address in the provider portal was changed",
        "The e-mail address of {place} in the provider portal of {council} was changed. You read this at the old"
        " one.\n\nIf you know of this, there is nothing to do. If not, sign in and look at Organisation details, or"
        " telephone {telephone}:\n{address}\n",
        ("telephone", "address"),
        ("place",),
    ),
}
