"""How a value reads on a page: money, dates, units, states, and the dash where there is nothing."""

import datetime as dt
import enum
import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from flask import Flask, current_app, g, request, url_for
from flask_appbuilder import ModelView
from markupsafe import Markup, escape

from rules import money, period, plan, states, week_stand
from rules.text import visible
from rules.words import counted, plural

LONDON: Final = ZoneInfo("Europe/London")
DASH: Final = "–"

# The tint of a state's word. A word that is missing here is no state and stands as plain text.
TONES: Final[dict[str, str]] = {
    word: tone
    for tone, words in {
        "ok": "accepted, confirmed, paid, approved as claimed, approved, settled, done, sent, live, migrated, ran, "
        "in force, found",
        "warn": "not started, on hold, approved in part, approved up to, needs review, waiting for the provider, "
        "sent back, late, no roll-out date, columns to match, unclear, to check, "
        "to approve, to release",
        "bad": "contacts missing, rejected, refused, failed, not sent, suspended, over level, held, overdue",
        "info": "nobody in yet, opens later, begins later, published, proposed, invoiced, submitted, in a payment run, "
        "released, preview, finalised, waiting, waiting for the council, running, checked, checking, applying, "
        "asked for, confirmed once, reported, on its way",
        "grey": "draft, replaced, withdrawn, ended, closed, stopped, left out, gathered, sending, not an agreement, "
        "abandoned",
    }.items()
    for word in words.split(", ")
}


def tone(state: object) -> str:
    """Return the tint of a state: ok, warn, bad, info or grey; that of what it is called where that has one."""
    return TONES.get(label(state).lower()) or TONES.get(str(getattr(state, "value", state)).lower(), "grey")


def label(word: object) -> str:
    """Return a word as people read it; a `StrEnum` as `rules.states.label` says, anything else with a capital."""
    if isinstance(word, enum.StrEnum):
        return states.label(word)
    text = str(word.value if isinstance(word, enum.Enum) else word)
    return text[:1].upper() + text[1:]


def pounds(amount: Decimal | int | None) -> str:
    """Return an amount of money as £1,234.50; a template's sum of nothing is 0, without places."""
    return DASH if amount is None else money.pounds(Decimal(amount))


def price(amount: Decimal | None) -> str:
    """Return a price per unit with its four places: £19.7550."""
    return DASH if amount is None else f"£{amount:,.4f}"


def short_rate(amount: Decimal | None) -> str:
    """Return a price per unit as people read it: £19.68, with more places only where it has them."""
    return DASH if amount is None else money.short_rate(amount)


def per_cent(share: Decimal | None) -> str:
    """Return a share as 10% or 12.5%."""
    return DASH if share is None else f"{share.normalize():f}%"


def all_units(quantity: Decimal | None) -> str:
    """Return a quantity of care with every place it has, two at least: 1.00, 0.725, 3.428571."""
    if quantity is None:
        return DASH
    exponent = quantity.normalize().as_tuple().exponent
    return f"{quantity:,.{max(2, -int(exponent))}f}"


def units(quantity: Decimal | None) -> str:
    """Return a quantity of care to two places, as every sheet and file shows it."""
    return DASH if quantity is None else f"{quantity:,.2f}"


def uk_date(day: dt.date | None) -> str:
    """Return 16 October 2017."""
    return DASH if day is None else period.uk_date(day)


def end_in_words(day: dt.date | None) -> str:
    """Return the last day of something that goes on until further notice where it has none."""
    return period.NO_END if day is None else period.uk_date(day)


def short_date(day: dt.date | None) -> str:
    """Return 16 October."""
    return DASH if day is None else period.short_date(day)


def weeks_in_words(mondays: tuple[dt.date, ...]) -> str:
    """Return weeks as a sentence names them, by their Mondays: "2 November 2026 and 9 November 2026"."""
    return week_stand.in_words(mondays, uk_date)


def uk_time(moment: dt.datetime | None) -> str:
    """Return 16 October 2017, 9:14am on the clocks of London; a moment without a zone is taken as London's already."""
    if moment is None:
        return DASH
    local = moment.astimezone(LONDON) if moment.tzinfo else moment
    return f"{uk_date(local)}, {period.uk_clock(local)}"


def shown(value: object) -> str:
    """Return any value as a page shows it; `Markup` stays as it is, everything else is safe to put in HTML.

    Records read as their own `str` and lead to their page, lists as their members, nothing as a dash, never as "None".
    """
    if write := _WRITERS.get(type(value)):
        return write(value)
    if isinstance(value, Markup):
        return value
    if value == "" or (isinstance(value, list | tuple | set) and not value):
        return DASH
    if isinstance(value, enum.Enum):
        return _state(value)
    if isinstance(value, Iterable) and not isinstance(value, str | bytes | dict):
        return Markup(", ").join(escape(shown(member)) for member in value)
    if hasattr(value, "__mapper__"):
        return record_link(records_address(type(value)), value.id, str(value))  # type: ignore[attr-defined]
    return str(value)


class NamedRecord(NamedTuple):
    """A record as others show it: what it is called, and whose page that leads to."""

    model: type
    id: int
    words: str

    def __str__(self) -> str:
        return self.words


def record_link(address: str, key: int, words: str) -> str:
    """Return a record's words as the link to its page; `address` is that of its kind, empty where it is not open."""
    return Markup(f'<a class="govuk-link" href="{address}{key}">{escape(words)}</a>') if address else words


def record_href(value: Any) -> str | None:
    """Return where a record is shown, None where it is no record or not open to the person signed in."""
    return record_page(type(value), value.id) if hasattr(value, "__mapper__") else None


def record_page(model: type, key: int) -> str | None:
    """Return where the record of a model with this key is shown, None where that is not open to who is signed in."""
    address = records_address(model)
    return f"{address}{key}" if address else None


def records_address(model: type) -> str:
    """Return where the records of a model are shown, up to the key; empty where whoever looks may not."""
    known: dict[type, str] = g.setdefault("_addresses_of_records", {})
    if model not in known:
        view = _view_of(model)
        known[model] = record_address(view, "show") if view else ""
    return known[model]


def record_address(view: Any, page: str) -> str:
    """Return the address of a page of a generated view, up to the record's key: url_for for each row takes longer than
    all the rest of its cell.
    """
    known: dict[tuple[str, str, str], str] = current_app.extensions.setdefault("addresses_of_records", {})
    of = request.script_root, view.endpoint, page
    if of not in known:
        known[of] = url_for(f"{view.endpoint}.{page}", pk=0).removesuffix("0")
    return known[of]


def _view_of(model: type) -> Any:
    portal: Any = current_app.appbuilder  # type: ignore[attr-defined]
    views: dict[type, Any] = current_app.extensions.setdefault("views_of_records", {})
    if not views:  # the first of each model, as they were registered
        shown = [each for each in portal.baseviews if isinstance(each, ModelView)]
        views |= {each.datamodel.obj: each for each in reversed(shown) if "can_show" in each.base_permissions}
    view = views.get(model)
    return view if view and portal.sm.has_access("can_show", view.class_permission_name) else None


def unit_word(unit: states.Unit) -> str:
    """Return what one of a unit is called: hour, visit, item."""
    return plan.unit_words(unit, Decimal(1))


def units_word(unit: states.Unit) -> str:
    """Return what several of a unit are called: hours, visits, items."""
    return plan.unit_words(unit, Decimal(0))


# A reference: hyphens in it, a digit, and no longer than a heading's line on a phone.
_REFERENCE = re.compile(r"(?<![^\s(])(?=[^\s<>]*[0-9])[\w./&;]+(?:-[\w./&;]+)+(?=[\s,.:;)]|$)")
_LONGEST_UNBROKEN = 20


def unbroken(text: object) -> Markup:
    """Return a heading in which no reference is broken at its hyphens: INV- at the end of a line is not one."""

    def whole(found: re.Match[str]) -> str:
        return f'<span class="one-line">{found[0]}</span>' if len(found[0]) <= _LONGEST_UNBROKEN else found[0]

    return Markup(_REFERENCE.sub(whole, escape(text)))


def numeric(value: object) -> bool:
    """Say whether a value is a figure, which stands at the right of its column."""
    return isinstance(value, Decimal | int | float) and not isinstance(value, bool)


@lru_cache(maxsize=None, typed=True)  # words of two vocabularies may be equal
def _state(value: enum.Enum) -> str:
    word = label(value)
    if str(value.value).lower() not in TONES:
        return word
    return Markup(f'<span class="tag {tone(value)}">{escape(word)}</span>')


def _figure(value: Decimal) -> str:
    # Rates carry four places and lose none of them here; everything else two.
    exponent = value.as_tuple().exponent
    places = 4 if isinstance(exponent, int) and exponent < -2 else 2
    return f"{value:,.{places}f}"


# What most cells of a page are: to find these by asking one kind after the other took longer than to write them.
_WRITERS: Final[dict[type, Callable[[Any], str]]] = {
    str: lambda text: text or DASH,
    type(None): lambda _: DASH,
    bool: lambda so: "Yes" if so else "No",
    Decimal: _figure,
    dt.datetime: uk_time,
    dt.date: uk_date,
    NamedRecord: lambda record: record_link(records_address(record.model), record.id, record.words),
}


def register_filters(app: Flask) -> None:
    """Give every template the filters of this module, and those of `rules`, under their own names."""
    own = (
        tone,
        label,
        pounds,
        short_rate,
        units,
        uk_date,
        short_date,
        weeks_in_words,
        uk_time,
        shown,
        record_href,
        unit_word,
        units_word,
        numeric,
        unbroken,
    )
    for filter_ in (*own, visible, plural, counted, plan.unit_words):
        app.add_template_filter(filter_, filter_.__name__)
    app.add_template_test(numeric, "numeric")
