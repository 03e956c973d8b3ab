"""How the portal writes to somebody is theirs to choose, whatever their functions."""

from models import db
from rules.mail_states import MailChoice
from tests.support.pages.browser import Browser
from tests.support.worlds.world import World


def test_a_contact_chooses_for_themselves_alone(world: World, browser: Browser) -> None:
    organisation = world.organisation()
    contact, colleague = world.contact(organisation, may_actuals=True), world.contact(organisation)
    assert "Your choice has been saved." in browser.sign_in(contact).post("/e-mails", {"mail": "daily"}).text
    db.session.refresh(contact)
    db.session.refresh(colleague)
    assert (contact.mail, colleague.mail) == (MailChoice.DAILY, MailChoice.AT_ONCE)


def test_no_choice_is_refused_and_changes_nothing(world: World, browser: Browser) -> None:
    contact = world.contact(world.organisation())
    answer = browser.sign_in(contact).post("/e-mails", {"mail": "hourly"})
    assert answer.status_code == 422
    assert "Choose how you want them." in answer.text
    db.session.refresh(contact)
    assert contact.mail is MailChoice.AT_ONCE
