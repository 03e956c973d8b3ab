"""The portal's own words of letters about agreements, care, money and what people write to each other."""

from typing import Final

from rules.letter import Letter

FOR_DOCUMENTS = "Contacts with the function Contract documents"
FOR_PAYMENTS = "Contacts with the function Invoices and payments"
FOR_CONVERSATIONS = "Contacts with the function Conversations"

CARE: Final[dict[str, Letter]] = {
    "document published": Letter(
        "A contract document is published",
        FOR_DOCUMENTS,
        "A contract document is waiting for you",
        "The council has published a contract document for your organisation.\n\n"
        "Sign in to the provider portal and open Contract documents to read it, then accept or reject it.\n",
        (),
        is_notice=True,
    ),
    "document withdrawn": Letter(
        "A contract document is withdrawn",
        FOR_DOCUMENTS,
        "A contract document was withdrawn",
        "The council has withdrawn a contract document of your organisation.\n\n"
        "Sign in to the provider portal and open Contract documents to read which one, and why. You have nothing to"
        " do.\n",
        (),
        is_notice=True,
    ),
    "document waits": Letter(
        "A contract document has waited some days for an answer",
        FOR_DOCUMENTS,
        "You have a contract document to answer",
        "The council sent your organisation a contract document some days ago, and it is neither accepted nor"
        " rejected.\n\nSign in to the provider portal to answer it:\n{address}\n",
        is_notice=True,
    ),
    "weeks to confirm": Letter(
        "Weeks are not confirmed some days before their date",
        "Contacts with the function Actuals",
        "You have weeks to confirm",
        "The last day to confirm actuals is near, and your organisation has weeks that are not confirmed.\n\n"
        "Sign in to the provider portal to see which:\n{address}\n\n"
        "You have nothing to do if nothing was delivered in them.\n",
        is_notice=True,
    ),
    "absence claim decided": Letter(
        "An absence claim is decided",
        FOR_PAYMENTS,
        "An absence claim has been decided",
        "The council has decided about an absence claim of your organisation.\n\n"
        "Sign in to the provider portal to read the decision and what is paid:\n{address}\n",
        is_notice=True,
    ),
}

MONEY: Final[dict[str, Letter]] = {
    "scheduled payment to check": Letter(
        "A scheduled payment is shown to its provider",
        FOR_PAYMENTS,
        "You have a scheduled payment to check",
        "The council has worked out your organisation's next scheduled payment.\n\n"
        "Sign in to the provider portal to check it before it is paid:\n{address}\n",
        is_notice=True,
    ),
    "remittance ready": Letter(
        "A payment run is released",
        FOR_PAYMENTS,
        "A remittance advice is ready",
        "The council has released a payment to your organisation.\n\n"
        "Sign in to the provider portal to read the remittance advice, line by line:\n{address}\n",
        is_notice=True,
    ),
    "payment came back": Letter(
        "The bank could not pay a payment",
        FOR_PAYMENTS,
        "A payment came back from the bank",
        "The bank could not pay a payment of the council into your organisation’s account.\n\n"
        "It waits for the next payment run. Sign in to the provider portal, read why on the remittance advice, and"
        " check your bank details:\n{address}\n",
    ),
    "invoices unpaid": Letter(
        "Invoices have been unpaid for some weeks",
        "Officers of the Payments Team",
        "Invoices are waiting to be paid",
        "Some invoices of providers have been unpaid for a while, and their due date is near.\n\n"
        "Sign in to the provider portal to see which, and what each waits for:\n{address}\n\n"
        "You get this once for each invoice.\n",
    ),
}

CONVERSATIONS: Final[dict[str, Letter]] = {
    "message for a provider": Letter(
        "The council has answered in a conversation",
        f"{FOR_CONVERSATIONS}, and who wrote in it",
        "There is a message for you in the provider portal",
        "The council has answered your organisation.\n\n"
        "Sign in to the provider portal and open Conversations to read it: {address}\n",
        is_notice=True,
    ),
    "message for a team": Letter(
        "A provider has written to a team",
        "The team’s own address",
        "A provider has written to your team in the provider portal",
        "There is a message for your team.\n\n"
        "Sign in to the provider portal and open Conversations to answer it: {address}\n",
    ),
    "answer waits": Letter(
        "An answer of the council has not been read for some days",
        FOR_CONVERSATIONS,
        "You have an answer from the council",
        "A council team answered your organisation some days ago, and nobody has read it yet.\n\n"
        "Sign in to the provider portal and open Conversations:\n{address}\n",
        is_notice=True,
    ),
    "announcement": Letter(
        "An announcement goes by e-mail as well",
        "Everybody it is for: contacts, and officers where it is for them too",
        "{title}",
        "{text}\n\nThis stands in the provider portal too:\n{address}\n",
        ("title", "text", "address"),
    ),
    "digest": Letter(
        "The notices of a day in one e-mail",
        "Contacts who chose one e-mail a day",
        "Your day in the provider portal",
        "{notices}\nYou get this once a day because you chose so. To get none of these any more:\n{address}\n",
        ("notices", "address"),
    ),
}
