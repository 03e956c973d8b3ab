"""Six ways in which what was typed could be lost, done by a browser."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Error, Page
from sqlalchemy import delete

from models import Contact, KeptForm, PortalUser, db
from tests.support.pages.live import Live, follow, leaving
from tests.support.pages.typed import idle_out

FORMS = "[...document.querySelectorAll('main form:not(.start-afresh)')]"
FIELDS = """(form) => [...form.elements].filter((field) =>
  field.name && !field.closest('[hidden]')
  && !['hidden', 'submit', 'button', 'password', 'file'].includes(field.type)
  && !/password|(security|own|app|recovery)_code/.test(field.name)
  && !['one-time-code', 'current-password', 'new-password'].includes(field.autocomplete))"""
VALUES = f"""(at) => ({FIELDS})({FORMS}[at]).map((field) => [field.name,
  ['checkbox', 'radio'].includes(field.type) ? field.checked
  : field.type === 'select-multiple' ? [...field.selectedOptions].map((option) => option.value)
  : field.value.replaceAll('\\r', '')])"""
TYPE = f"""(at) => ({FIELDS})({FORMS}[at]).forEach((field, index) => {{
  if (field.type === 'checkbox') field.checked = !field.checked;
  else if (field.type === 'radio') field.checked = true;
  else if (field.tagName === 'SELECT') field.options[field.options.length - 1].selected = true;
  else if (field.tagName === 'TEXTAREA') field.value = `One & “two”\\n<b>${{index}}`;
  else field.value = (field.inputMode === 'decimal' ? `${{index % 7}}.5` : `Typed ${{index}} & <b>`)
    .slice(0, field.maxLength > 0 ? field.maxLength : 99);
  for (const kind of ['input', 'change']) field.dispatchEvent(new Event(kind, {{ bubbles: true }}));
}})"""
SEND = f"(at) => {FORMS}[at].requestSubmit()"


@dataclass
class Trial:
    """One form of one page, filled by a person who may have another organisation too."""

    live: Live
    page: Page
    who: Contact | PortalUser
    elsewhere: Contact | None
    path: str
    endpoint: str

    def open(self) -> list[Any]:
        """Open the page, type into every field of the form, and return what stands in it."""
        db.session.execute(delete(KeptForm))
        db.session.commit()
        self.live.sign_in(self.who)
        self.page.goto(self.live.address + self.path)
        self.page.evaluate(TYPE, self._place())
        return self.values()

    def values(self) -> list[Any]:
        """Return what stands in the fields of the form, in their order."""
        found: list[Any] = self.page.evaluate(VALUES, self._place())
        return found

    def send(self) -> None:
        """Send the form, and wait for what comes of it."""
        place = self._place()
        with leaving(self.page):
            self.page.evaluate(SEND, place)

    def back(self) -> None:
        """Press Back."""
        self.page.go_back(wait_until="load")

    def is_there(self) -> bool:
        """Whether the page has the form."""
        return self.endpoint in self._endpoints()

    def _place(self) -> int:
        assert self.is_there(), f"{self.endpoint} is not on {self.page.url}: {self._endpoints()}"
        return self._endpoints().index(self.endpoint)

    def _endpoints(self) -> list[str]:
        path = "new URL(form.getAttribute('action') || '', location).pathname"
        paths = self.page.evaluate(f"() => {FORMS}.map((form) => {path} + ' ' + form.method)")
        adapter = self.live.app.url_map.bind("portal")
        return [
            adapter.match(path, method="POST")[0] if method == "post" else ""
            for path, method in (each.split(" ") for each in paths)
        ]


def idled_out(trial: Trial) -> None:
    """Be signed out for want of use, send, sign in."""
    idle_out()
    trial.send()
    _sign_in(trial)


def signed_out_elsewhere(trial: Trial) -> None:
    """Sign out in another tab, send, sign in."""
    other = trial.live.new_page()
    other.goto(trial.live.address + "/no-such-page")
    # Left open: Chromium may never say that a page is closed whose navigation ends at the same moment.
    follow(other.get_by_role("button", name="Sign out"))
    trial.send()
    _sign_in(trial)


def signed_in_anew_elsewhere(trial: Trial) -> None:
    """Idle out, sign in again in another tab, send."""
    idle_out()
    trial.live.sign_in(trial.who)
    trial.send()


def another_organisation_chosen(trial: Trial) -> None:
    """Choose another organisation in another tab, send, choose the first one again."""
    assert isinstance(trial.who, Contact)
    assert trial.elsewhere
    trial.live.sign_in(trial.elsewhere)
    trial.send()
    trial.page.check(f"input[name=organisation][value='{trial.who.id}']")
    follow(trial.page.get_by_role("button", name="Continue"))


def connection_cut(trial: Trial) -> None:
    """Lose the connection while sending, and go back, or open the page anew where Back leads past it."""
    trial.page.route("**/*", lambda route: route.abort("connectionreset"))
    place = trial._place()
    with suppress(Error):  # the navigation fails, as it is meant to
        trial.page.evaluate(SEND, place)
        trial.page.wait_for_url("chrome-error://**")
    trial.page.wait_for_function("location.protocol === 'chrome-error:'")
    trial.page.unroute("**/*")
    trial.back()
    if trial.path not in trial.page.url:
        # The browser put its error in the place of the page.
        trial.page.goto(trial.live.address + trial.path)


def back_after_saving(trial: Trial) -> None:
    """Send, and go back."""
    trial.send()
    trial.back()


def _sign_in(trial: Trial) -> None:
    assert "/sign-in" in trial.page.url, trial.page.url
    assert "What you typed is kept" in trial.page.content()
    trial.live.sign_in(trial.who)
    trial.page.reload()


WAYS: dict[str, Callable[[Trial], None]] = {
    way.__name__: way
    for way in (
        idled_out,
        signed_out_elsewhere,
        signed_in_anew_elsewhere,
        another_organisation_chosen,
        connection_cut,
        back_after_saving,
    )
}
