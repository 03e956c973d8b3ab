"""What the people of the morning read off a page is what a browser would send and follow."""

import pytest

from bench.morning import page as page

FORM = """
<form method="post" action="/sign-out"><input type="hidden" name="csrf_token" value="a"></form>
<main><form method="post" action="/invoices/create" novalidate>
  <input type="hidden" name="csrf_token" value="b&amp;c">
  <input name="period" type="radio" value="25"><input name="period" type="radio" value="26" checked>
  <select name="reason-7"><option value="">Choose</option><option value="SHORTER" selected>Shorter</option></select>
  <select name="reason-8"><option value="">Choose</option><option value="SHORTER">Shorter</option></select>
  <input id="d0-7" name="d0-7" value="1.50"><button name="do" value="save">Save</button>
</form></main>
"""


def test_a_form_is_sent_as_a_browser_sends_it() -> None:
    assert page.form(FORM, 'action="/invoices/create"') == {
        "csrf_token": "b&c", "period": "26", "reason-7": "SHORTER", "reason-8": "", "d0-7": "1.50",
    }  # fmt: skip


def test_a_form_that_is_not_there_is_named() -> None:
    with pytest.raises(page.Missing, match="no form with /nowhere"):
        page.form(FORM, "/nowhere")


def test_a_figure_is_put_down_by_one_with_a_reason() -> None:
    changed = page.put_right({"d0-7": "0.00", "d1-7": "1.50", "d0-8": "2"}, ["7"])
    assert (changed["d0-7"], changed["d1-7"], changed["d0-8"]) == ("0.00", "0.50", "2")
    assert changed["reason-7"] == "SHORTER"


def test_a_week_of_nothing_gets_one_more() -> None:
    assert page.put_right({"total-7": ""}, ["7"])["total-7"] == "1"


def test_a_week_without_an_open_line_cannot_be_put_right() -> None:
    with pytest.raises(page.Missing):
        page.put_right({"d0-7": "1"}, ["8"])


def test_drafts_are_finished_before_what_nobody_started() -> None:
    square = (
        '<a class="square warn" href="/actuals?week={}&amp;show=#line-7"><span class="govuk-visually-hidden">{}, L. S.'
    )
    overview = square.format("2026-10-05", "Not started") + square.format("2026-10-12", "Draft")
    assert page.open_week(overview) == "/actuals?week=2026-10-12&show="


def test_links_of_the_frame_are_left_alone() -> None:
    shown = '<a href="/invoices/1">frame</a><main><a href="/invoices/2">own</a><a href="/invoices/2?page=2">next</a>'
    assert page.links(shown, r"/invoices/\d+") == ["/invoices/2"]
