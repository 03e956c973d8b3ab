"""The outbox and the words of letters, for the administrator."""

import pytest

from models import Email, LetterWording, db
from rules.letters import LETTERS
from rules.mail_states import EmailState
from tests.support.pages.browser import Browser
from tests.support.worlds.world import World
from workflows.clock import now
from workflows.mail.desk import STUCK


@pytest.fixture
def administrator(world: World, browser: Browser) -> Browser:
    """Signed in as an administrator."""
    return browser.sign_in(world.officer("Administrator"))


def _email(**more: object) -> Email:
    made = Email(recipient="mary@provider.example", subject="A notice", body="Sign in to read it.\n", **more)
    db.session.add(made)
    db.session.commit()
    return made


def test_what_is_stuck_is_sent_again_by_a_press(administrator: Browser) -> None:
    failed = _email(state=EmailState.FAILED, attempts=5, problem="550 nobody here")
    _email(state=EmailState.UNCLEAR, claimed_at=now())
    page = administrator.get("/staff/outbox").text
    assert "550 nobody here" in page
    assert "Unclear" in page
    assert "It is sent again within a minute." in administrator.post(f"/staff/outbox/{failed.id}/again").text
    assert (failed.state, failed.attempts) == (EmailState.WAITING, 0)
    assert "not stuck any more" in administrator.post(f"/staff/outbox/{failed.id}/again").text


@pytest.mark.parametrize(("role", "offered"), [("Administrator", True), ("Auditor", False)])
@pytest.mark.parametrize("state", [each for each in EmailState if each != EmailState.GATHERED])
def test_an_email_in_every_state_opens_and_is_offered_again_where_it_is_stuck_to_who_may(
    world: World, browser: Browser, state: EmailState, role: str, *, offered: bool
) -> None:
    sent = {"sent_at": now()} if state == EmailState.SENT else {}
    claimed = {"claimed_at": now()} if state in (EmailState.SENDING, EmailState.UNCLEAR) else {}
    email = _email(state=state, **sent, **claimed)
    answer = browser.sign_in(world.officer(role)).get(f"/staff/outbox/{email.id}")
    assert answer.status_code == 200
    assert ("Send again" in answer.text) is (offered and state in STUCK)


def test_the_text_of_an_email_is_shown_unless_it_holds_a_secret(administrator: Browser) -> None:
    plain, secret = _email(), _email(holds_secret=True)
    assert "Sign in to read it." in administrator.get(f"/staff/outbox/{plain.id}").text
    assert "Sign in to read it." not in administrator.get(f"/staff/outbox/{secret.id}").text
    assert administrator.get("/staff/outbox/99").status_code == 404


def test_a_letter_is_reworded_and_given_back_its_own_words(administrator: Browser) -> None:
    address = "/staff/letters/weeks to confirm"
    answer = administrator.post(address, {"subject": "Please", "body": "Nothing to click"})
    assert answer.status_code == 422
    assert "{address} is missing." in answer.text
    assert "Nothing to click" in answer.text
    administrator.post(address, {"subject": "Please", "body": "Here: {address}"})
    assert administrator.get("/staff/letters").text.count("The council’s own<") == 1
    administrator.post(address, {"do": "restore"})
    assert db.session.query(LetterWording).count() == 0


def test_the_page_says_of_each_letter_what_it_is_for_who_gets_it_and_what_it_looks_like(administrator: Browser) -> None:
    page = administrator.get("/staff/letters").text
    for letter in LETTERS.values():
        assert letter.when in page
        assert letter.to in page
    assert page.count("The portal’s<") == len(LETTERS)
    assert "abcd-efgh-ijkl-mnop" in page


def test_words_are_looked_at_before_they_are_kept(administrator: Browser) -> None:
    address = "/staff/letters/new password"
    typed = {"subject": "Your link", "body": "Here it is: {address}", "do": "preview"}
    page = administrator.post(address, typed).text
    assert "Here it is: https://portal.council.example/the-page-to-open" in page
    assert "Here it is: {address}" in page
    assert "It is not saved yet." in page
    assert administrator.post(address, typed | {"body": "Lost"}).status_code == 422
    assert db.session.query(LetterWording).count() == 0


def test_other_officers_do_not_see_the_outbox(world: World, browser: Browser) -> None:
    answer = browser.sign_in(world.officer("Service Brokerage")).get("/staff/outbox", follow=False)
    assert answer.status_code in (302, 403)
