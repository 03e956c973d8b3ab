"""A page's form filled with what was typed into it before: in its HTML, so that it needs no script."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser
from urllib.parse import urljoin

from markupsafe import Markup

Attributes = dict[str, str | None]
Edit = tuple[int, int, str]

TEXT = ("hidden", "text", "email", "tel", "search", "url", "number", "date", "time", "month", "week")


@dataclass
class RefilledField:
    """A field of a form: its tag, from where to where it stands, and of a textarea or select what is in it."""

    tag: str
    attributes: Attributes
    start: int
    end: int
    inner_end: int = 0
    options: list["RefilledField"] = field(default_factory=list)

    @property
    def name(self) -> str:
        """What its value is sent under."""
        return self.attributes.get("name") or ""

    @property
    def kind(self) -> str:
        """The type of an input; else the tag."""
        return (self.attributes.get("type") or "text").lower() if self.tag == "input" else self.tag


@dataclass
class Form:
    """A form that is sent by POST: where to, its fields, and where its end tag begins."""

    id: str
    action: str
    end: int = 0
    controls: list[RefilledField] = field(default_factory=list)

    def names(self) -> set[str]:
        """Return the names of all its fields."""
        return {each.name for each in self.controls if each.name}


def refill(html: str, page: str, action: str, fields: Iterable[tuple[str, str]]) -> str:
    """Return a page with these fields in the form of it that was sent to `action`.

    What the form has no field for any more is sent along with it, hidden, and marked `data-left`; fields that were
    changed are marked `data-kept`, for scripts that work something out of them. Passwords and files stay as they are.
    """
    reader = _Reader(html, page)
    values: dict[str, list[str]] = defaultdict(list)
    for name, text in fields:
        values[name].append(text)
    form = _likest(reader.forms, action, values.keys())
    if form is None:
        return html
    edits: list[Edit] = []
    left = {name: list(texts) for name, texts in values.items()}
    for control in form.controls:
        edits += _fill(control, values.get(control.name, []), left)
    edits.append((form.end, form.end, "".join(_hidden(name, texts) for name, texts in left.items())))
    return edited(html, edits)


def form_sent_to(html: str, page: str, action: str, names: Collection[str]) -> Form | None:
    """Return the form of a page that is likest to one that was sent to `action` with fields of these names."""
    return _likest(_Reader(html, page).forms, action, names)


def _likest(forms: Iterable[Form], action: str, names: Iterable[str]) -> Form | None:
    form = max(forms, key=lambda each: _likeness(each, action, names), default=None)
    return form if form and form.names() & set(names) else None


def _likeness(form: Form, action: str, names: Iterable[str]) -> float:
    asked, own = set(names), form.names() - {"csrf_token"}
    alike = len(asked & own) / (len(asked | own) or 1)
    return alike + (form.action.partition("#")[0] == action)


def _fill(control: RefilledField, values: list[str], left: dict[str, list[str]]) -> list[Edit]:
    """Return the edits that put its value in a field, and take that from what is left."""
    kind, rest = control.kind, left.get(control.name, [])
    if not control.name or control.name == "csrf_token":
        return []
    if kind in ("checkbox", "radio"):
        own = control.attributes.get("value") or "on"
        return _checked(control, "checked", own in values and _take(rest, own))
    if kind in ("button", "submit"):
        rest.clear()
        return []
    if kind == "select":
        if not any(_value(option) in values for option in control.options):
            return []
        return [
            edit
            for option in control.options
            for edit in _checked(option, "selected", _value(option) in values and _take(rest, _value(option)))
        ]
    if not rest or (kind not in TEXT and kind != "textarea"):
        return []
    text = rest.pop(0)
    if kind == "textarea":
        return [_tag(control, {}), (control.end, control.inner_end, f"\n{escape(text)}")]
    return [] if (control.attributes.get("value") or "") == text else [_tag(control, {"value": text})]


def _value(option: RefilledField) -> str:
    return option.attributes.get("value") or ""


def _take(rest: list[str], value: str) -> bool:
    """Take a value from what is left; a value that several fields show alike is taken by the first."""
    if value in rest:
        rest.remove(value)
    return True


def _checked(control: RefilledField, mark: str, wanted: bool) -> list[Edit]:
    if (mark in control.attributes) == wanted:
        return []
    return [_tag(control, {mark: None} if wanted else {}, () if wanted else (mark,))]


def _tag(control: RefilledField, more: Attributes, less: Iterable[str] = ()) -> Edit:
    attributes = {name: value for name, value in control.attributes.items() if name not in less} | more
    attributes["data-kept"] = None
    written = "".join(f" {name}" if text is None else f' {name}="{escape(text)}"' for name, text in attributes.items())
    return control.start, control.end, f"<{control.tag}{written}>"


def _hidden(name: str, texts: list[str]) -> str:
    field_ = Markup('<input type="hidden" name="{}" value="{}" data-left>')
    return "".join(field_.format(name, text) for text in texts)


def edited(html: str, edits: list[Edit]) -> str:
    """Return a text in which each edit (from, to, what) is made."""
    parts, at = [], 0
    for start, end, new in sorted(edits, key=lambda edit: edit[:2]):
        parts += [html[at:start], new]
        at = end
    return "".join([*parts, html[at:]])


class _Reader(HTMLParser):
    """Finds the forms of one of our pages, which is well-formed: tests parse each with an HTML5 parser."""

    def __init__(self, html: str, page: str) -> None:
        super().__init__()
        self.page = page
        self.forms: list[Form] = []
        self.open: Form | None = None
        self.inside: RefilledField | None = None
        self.elsewhere: list[tuple[str, RefilledField]] = []
        self.lines = [0]
        for line in html.split("\n"):
            self.lines.append(self.lines[-1] + len(line) + 1)
        self.feed(html)
        by_id = {form.id: form for form in self.forms if form.id}
        for form_id, control in self.elsewhere:
            if form_id in by_id:
                by_id[form_id].controls.append(control)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a form or a field of one."""
        attributes = dict(attrs)
        if tag == "form":
            action = urljoin(self.page, attributes.get("action") or self.page)
            self.open = Form(attributes.get("id") or "", action)
            if (attributes.get("method") or "").lower() == "post":
                self.forms.append(self.open)
        start = self._at()
        control = RefilledField(tag, attributes, start, start + len(self.get_starttag_text() or ""))
        if tag == "option" and self.inside:
            self.inside.options.append(control)
        if tag not in ("input", "select", "textarea", "button"):
            return
        if tag in ("select", "textarea"):
            self.inside = control
        if "form" in attributes:
            self.elsewhere.append((attributes["form"] or "", control))
        elif self.open:
            self.open.controls.append(control)

    def handle_endtag(self, tag: str) -> None:
        """Note where a form, or what is in a field, ends."""
        if tag == "form" and self.open:
            self.open.end = self._at()
            self.open = None
        if tag in ("select", "textarea") and self.inside:
            self.inside.inner_end = self._at()
            self.inside = None

    def _at(self) -> int:
        line, column = self.getpos()
        return self.lines[line - 1] + column
