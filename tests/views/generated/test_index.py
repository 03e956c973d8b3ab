"""`/admin`, "All records": every list the officer may read, under the heading its view names."""

from typing import Any

import html5lib

from tests.support.pages.browser import Browser
from tests.support.worlds.world import World


def groups_on(page: Any) -> dict[str, list[str]]:
    main = html5lib.parse(page.text, namespaceHTMLElements=False).find(".//main")
    assert main is not None
    return {
        section.findtext("h2") or "": [link.text or "" for link in section.iterfind(".//a")]
        for section in main.iterfind(".//section")
    }


def test_the_administrator_has_every_list_in_nine_groups(world: World, browser: Browser) -> None:
    browser.sign_in(world.officer("Administrator"))
    assert groups_on(browser.get("/admin")) == {
        "Providers": [
            "Organisations", "Services", "Contacts", "Holds", "Sectors", "Roll-out", "Checks of contacts",
            "Changes asked for", "Changed details",
        ],
        "Go-live": ["Contacts forms", "Proposed contacts", "Invitations", "Invitations of sectors"],
        "Care": [
            "Contract documents", "Document versions", "Line items", "Plans", "Rates", "Deductions", "Paper ISOs",
            "Scans of paper ISOs", "Proposals", "Missing care packages", "People", "Elements of care",
        ],
        "Delivered": [
            "Actuals", "Versions of actuals", "Aborted visits", "Exception checks", "Exception decisions",
            "Absence claims", "Lines of absence claims", "Absence reports", "Days typed over",
            "Matched columns",
        ],
        "Invoices": ["Invoices", "Invoice lines"],
        "Payments": [
            "Scheduled payments", "Scheduled payment lines", "One-off payments", "Payment runs", "Payment sources",
            "Remittances", "Remittance lines", "Recoveries", "Findings of payment runs", "Bank returns", "Ledger",
            "Ledger entries",
        ],
        "Talking": ["Conversations", "Messages", "Attachments", "Internal notes", "Teams", "Announcements"],
        "Rules": [
            "Payment periods", "Policy settings", "Columns of the ledger file", "Policy in force", "Modulus weights",
        ],
        "The portal itself": [
            "Users", "Roles", "Job runs", "E-mails", "Reminders", "Imports", "Audit trail", "Seals of the audit trail",
        ],
    }  # fmt: skip
    assert list(groups_on(browser.get("/admin"))) == [
        "Providers", "Go-live", "Care", "Delivered", "Invoices", "Payments", "Talking", "Rules", "The portal itself",
    ]  # fmt: skip


def test_a_group_of_which_an_officer_may_read_nothing_is_not_there(world: World, browser: Browser) -> None:
    browser.sign_in(world.officer("Procurement"))
    assert list(groups_on(browser.get("/admin"))) == ["Providers", "Go-live", "Care", "Talking", "Rules"]
