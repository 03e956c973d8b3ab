"""What a page offers, read as a browser reads it: its forms with what stands in them, its links, its heading.

By regular expressions: over a week of 200 lines an HTML parser would take longer than the portal, and both share two
cores. Our templates quote every attribute and escape every “>”.
"""

import re
from collections.abc import Collection, Mapping
from decimal import Decimal
from html import unescape

FIELD = re.compile(r"<(input|select|option)\b([^>]*)>")
ATTRIBUTE = re.compile(r'([\w-]+)(?:="([^"]*)")?')
HEADING = re.compile(r"<h1[^>]*>(.*?)</h1>", re.DOTALL)
FILE = re.compile(r'(?:href|src)="(/static/[^"]+)"|from "\./(build/[^"]+)"')
SQUARE = re.compile(r'<a class="square [^>]*href="([^"]+)#line-\d+">.*?<span class="govuk-visually-hidden">([^,<]+),')
FIGURE = re.compile(r"(?:d\d|total)-(\d+)")
OPEN_STATES = ("Draft", "Not started")


class Missing(Exception):
    """A page does not offer what the story goes on with."""


def heading(text: str) -> str:
    """Return the heading of a page, empty where it has none."""
    found = HEADING.search(text)
    return unescape(found[1]).strip() if found else ""


def form(text: str, mark: str) -> dict[str, str]:
    """Return what a browser would send of the form whose opening tag holds `mark`. Raises Missing."""
    begins = re.search(rf"<form\b[^>]*{re.escape(mark)}[^>]*>", text)
    if begins is None:
        raise Missing(f"no form with {mark} on “{heading(text)}”")
    body = text[begins.end() : text.index("</form>", begins.end())]
    fields: dict[str, str] = {}
    select = ""
    for tag, attributes in FIELD.findall(body):
        said = dict(ATTRIBUTE.findall(attributes))
        if tag == "select":
            select = said["name"]
        elif tag == "option":
            if "selected" in said or select not in fields:
                fields[select] = unescape(said["value"])
        elif "name" in said and (said.get("type") not in ("radio", "checkbox") or "checked" in said):
            fields[said["name"]] = unescape(said.get("value", ""))
    return fields


def action(text: str, pattern: str) -> str:
    """Return the address that a form of the page is sent to and that fits a pattern; empty where there is none."""
    found = re.search(rf'<form method="post" action="({pattern})"', text)
    return unescape(found[1]) if found else ""


def links(text: str, pattern: str) -> list[str]:
    """Return the addresses in the main part of a page that fit a pattern from end to end, each once."""
    main = text[text.find("<main") :]
    return list(dict.fromkeys(unescape(href) for href in re.findall(rf'href="({pattern})"', main)))


def files(text: str) -> list[str]:
    """Return the files a page or a script asks for: addresses under /static, or paths beside the script."""
    return list(dict.fromkeys(address or beside for address, beside in FILE.findall(text)))


def open_week(overview: str) -> str:
    """Return the address of a week that waits for figures, drafts before what nobody has started. Raises Missing."""
    weeks = {state: unescape(address) for address, state in reversed(SQUARE.findall(overview))}
    for state in OPEN_STATES:
        if state in weeks:
            return weeks[state]
    raise Missing(f"no week is open on “{heading(overview)}”")


def open_lines(week: str) -> list[str]:
    """Return the ids of the lines of a week's page that are open: drafts and those not started, which have inputs."""
    found = []
    for row in week.split('<tr role="row" class="line')[1:]:
        state = re.search(r'class="words state">\s*<span class="tag [^"]*">([^<]+)<', row)
        if state and state[1] in OPEN_STATES and (figure := re.search(r'name="v-(\d+)"', row)):
            found.append(figure[1])
    return found


def put_right(fields: Mapping[str, str], lines: Collection[str]) -> dict[str, str]:
    """Return a week's form with one figure of one of the lines put right, and the reason for it. Raises Missing.

    It is the first that is not nothing, put down by one; where all are nothing, the first becomes one.
    """
    found = [(name, field[1]) for name in fields if (field := FIGURE.fullmatch(name)) and field[1] in lines]
    if not found:
        raise Missing("no figure of the week can be changed")
    some = [(name, line_id) for name, line_id in found if _figure(fields[name]) > 0]
    name, line_id = (some or found)[0]
    figure, reason = (max(_figure(fields[name]) - 1, Decimal(0)), "SHORTER") if some else (Decimal(1), "EXTRA")
    return {**fields, name: str(figure), f"reason-{line_id}": reason, f"comment-{line_id}": "From the carers’ sheets"}


def with_reasons(fields: Mapping[str, str]) -> dict[str, str]:
    """Return a week's form with a reason chosen wherever one is asked for and none was."""
    return {name: "SHORTER" if name.startswith("reason-") and not typed else typed for name, typed in fields.items()}


def _figure(typed: str) -> Decimal:
    return Decimal(typed.strip() or 0)
