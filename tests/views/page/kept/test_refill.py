"""What was typed is put into the HTML of a form, whatever kinds of fields it has."""

from hypothesis import given
from hypothesis import strategies as st

from tests.support.pages.forms import values_on
from views.page.kept.refill import refill

PAGE = """<!doctype html><html><body>
<form method="post" action="/sign-out"><input type="hidden" name="csrf_token" value="a"></form>
<main><form method="post" action="/people/new?from=list" id="person">
<input type="hidden" name="csrf_token" value="new"><input type="hidden" name="seen" value="2">
<input name="name" value="Old &amp; new"><input type="password" name="password"><input type="file" name="letter">
<input name="tag" value=""><input name="tag" value="">
<textarea name="note">
old</textarea>
<select name="team"><option value="">Choose</option><option value="1" selected>One</option>
<option value="2">Two</option></select>
<select name="teams" multiple><option value="1" selected>One</option>
<option value="2">Two</option><option value="3">Three</option></select>
<input type="checkbox" name="agree" value="y" checked>
<input type="checkbox" name="days" value="mon" checked><input type="checkbox" name="days" value="tue">
<input type="radio" name="kind" value="a" checked><input type="radio" name="kind" value="b">
<button name="do" value="save">Save</button></form>
<input name="outside" form="person">
</main></body></html>"""
TYPED = [
    ("seen", "1"), ("name", 'O"Brien <b> & sons'), ("tag", "first"), ("tag", "second"), ("note", "\nline\r\nline"),
    ("team", "2"), ("teams", "2"), ("teams", "3"), ("days", "tue"), ("kind", "b"), ("outside", "there"), ("do", "save"),
]  # fmt: skip


def test_every_kind_of_field_holds_what_was_typed() -> None:
    page = refill(PAGE, "/people/new?from=list", "/people/new?from=list", TYPED)
    assert values_on(page, "person") == {
        "csrf_token": ["new"], "seen": ["1"], "name": ['O"Brien <b> & sons'], "password": [""], "letter": [""],
        "tag": ["first", "second"], "note": ["\nline\nline"], "team": ["2"], "teams": ["2", "3"], "days": ["tue"],
        "kind": ["b"], "outside": ["there"],
    }  # fmt: skip


def test_what_has_no_field_any_more_is_sent_along() -> None:
    page = refill(PAGE, "/", "/people/new?from=list", [("name", "A"), ("reason-7", "b"), ("reason-7", "c")])
    assert values_on(page, "person")["reason-7"] == ["b", "c"]


def test_a_value_that_is_no_choice_any_more_leaves_the_choice_alone() -> None:
    assert values_on(refill(PAGE, "/", "/people/new", [("name", "A"), ("team", "9")]), "person")["team"][0] == "1"


def test_a_page_without_that_form_stays_as_it_is() -> None:
    assert refill(PAGE, "/", "/elsewhere", [("other", "A")]) == PAGE


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40))
def test_any_text_comes_back_as_it_was_typed(typed: str) -> None:
    page = refill(PAGE, "/", "/people/new?from=list", [("name", typed), ("note", typed)])
    found = values_on(page, "person")
    assert (found["name"], found["note"]) == ([typed], [typed])
