"""What a form on a page would send, as a browser without scripts reads it."""

from typing import Any

import html5lib


def form_on(page: Any) -> dict[str, Any]:
    """Return the fields of the first form on a page that has a button "Save", by name; several values as a list."""
    main = html5lib.parse(page.text, namespaceHTMLElements=False).find(".//main")
    assert main is not None
    form = next(each for each in main.iter("form") if any(b.text == "Save" for b in each.iter("button")))
    found: dict[str, Any] = {}
    for field in form.iter():
        name, kind = field.get("name"), field.get("type")
        if not name or field.tag == "button" or (kind in ("checkbox", "radio") and field.get("checked") is None):
            continue
        if field.tag == "select":
            chosen = [each for each in field.iter("option") if each.get("selected") is not None]
            value = (chosen or list(field.iter("option")))[0].get("value")
        else:
            value = (field.text or "").removeprefix("\n") if field.tag == "textarea" else field.get("value", "")
        found.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


def errors_on(page: Any) -> dict[str, str]:
    """Return what a page says is wrong, by the fields at which it says so."""
    found = html5lib.parse(page.text, namespaceHTMLElements=False).iter("p")
    told = [each for each in found if each.get("class") == "govuk-error-message"]
    return {str(each.get("id")).removesuffix("-error"): " ".join("".join(each.itertext()).split()) for each in told}


def values_on(html: str, form_id: str) -> dict[str, list[str]]:
    """Return what a form with this id would send, by name, fields outside of it that name it too."""
    tree = html5lib.parse(html, namespaceHTMLElements=False)
    form = next(each for each in tree.iter("form") if each.get("id") == form_id)
    fields = [*form.iter(), *(each for each in tree.iter() if each.get("form") == form_id)]
    found: dict[str, list[str]] = {}
    for field in fields:
        for value in _sent_by(field):
            found.setdefault(str(field.get("name")), []).append(value)
    return found


def _sent_by(field: Any) -> list[str]:
    if not field.get("name") or field.tag not in ("input", "select", "textarea"):
        return []
    if field.get("type") in ("checkbox", "radio") and field.get("checked") is None:
        return []
    if field.tag == "select":
        return [each.get("value") for each in field.iter("option") if each.get("selected") is not None]
    return [field.text or "" if field.tag == "textarea" else field.get("value", "")]
