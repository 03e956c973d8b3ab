"""What is open to everybody, and the pages of announcements and e-mails, have no barrier that axe-core knows."""

from datetime import date

from models import Announcement, Email, db
from rules.mail_states import EmailState
from tests.support.pages.accessibility import check_accessible
from tests.support.pages.live import Live, follow
from tests.support.worlds.world import World

OPEN = ("/help", "/help/first-invoice", "/status", "/accessibility", "/privacy", "/sign-in")
STAFF = ("/staff/announcement", "/staff/outbox", "/staff/letters", "/staff/letters/digest")


def test_new_pages_are_accessible_wide_and_narrow(world: World, live: Live) -> None:
    contact, officer = world.contact(world.organisation()), world.officer("Administrator")
    db.session.add_all(
        [
            Announcement(title="Codes are late", body="Wait.", start=date(2017, 11, 20), widespread=True),
            Email(recipient="a@b.example", subject="A notice", body="Sign in.\n", state=EmailState.FAILED),
        ]
    )
    db.session.commit()
    for who, paths in ((None, OPEN), (contact, ("/", "/e-mails")), (officer, STAFF)):
        if who:
            live.sign_out().sign_in(who)
        for width in (1280, 375):
            live.page.set_viewport_size({"width": width, "height": 900})
            for path in paths:
                check_accessible(live.open(path))
                assert live.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    live.open("/staff/announcement")
    follow(live.page.get_by_role("button", name="I have read this"))
    assert live.page.url.endswith("/staff/announcement")
    assert live.page.get_by_text("I have read this").count() == 0
