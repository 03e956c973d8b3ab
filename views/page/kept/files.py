"""The files that are kept with a form, named beside the fields they were given in: sent again unless given up."""

from collections.abc import Sequence

from markupsafe import Markup

from views.access.keeping import GIVEN_UP, WITH_FILES
from views.page.kept.refill import Edit, edited, form_sent_to

NAMED = Markup(
    '<div class="kept-file"><p class="govuk-body"><b>{name}</b> is kept, and is sent with the form.{other}</p>'
    '<div class="govuk-checkboxes govuk-checkboxes--small"><div class="govuk-checkboxes__item">'
    '<input class="govuk-checkboxes__input" id="{id}" name="{given_up}" value="{number}" type="checkbox">'
    '<label class="govuk-label govuk-checkboxes__label" for="{id}">Remove {name}</label></div></div></div>'
)
INSTEAD = " Choose another to send that instead."


def name_files(html: str, page: str, action: str, kept_id: int, files: Sequence[tuple[str, str]]) -> str:
    """Return a page whose form that was sent to `action` names its kept files (field and name), and sends them again.

    A field that says what is wrong with its file names none: that one is to be chosen anew.
    """
    form = form_sent_to(html, page, action, {field for field, _ in files})
    if form is None:
        return html
    fields = {each.name: each for each in form.controls if each.kind == "file"}
    edits: list[Edit] = []
    left_out = Markup()
    for number, (field, name) in enumerate(files):
        control = fields.get(field)
        if control is None or "--error" in (control.attributes.get("class") or ""):
            left_out += Markup('<input type="hidden" name="{}" value="{}">').format(GIVEN_UP, number)
            continue
        words = NAMED.format(name=name, number=number, id=f"given-up-{number}", given_up=GIVEN_UP, other=INSTEAD)
        edits.append((control.end, control.end, words))
    if not edits:
        return html
    hidden = Markup('<input type="hidden" name="{}" value="{}">').format(WITH_FILES, kept_id)
    return edited(html, [*edits, (form.end, form.end, hidden + left_out)])
