"""Change rate from, Change plan from, End line on: shown before they are sent; nothing typed is lost."""

from datetime import date
from decimal import Decimal

from models import LineItem
from rules.agreement_states import DocumentState, ProposalState
from tests.support.pages.browser import Browser
from tests.support.pages.shown import words
from tests.support.worlds.agreements import proposals
from tests.support.worlds.scheduled import CareHome
from tests.support.worlds.weeks import NOV_6, week
from tests.support.worlds.world import World


def rate(start: str = "6/11/2017", rate: str = "20.25", do: str = "show", **more: str) -> dict[str, str]:
    return {"start": start, "rate": rate, "reason": "Agreed", "do": do} | more


def test_the_lines_own_page_offers_its_verbs_to_brokerage_only(world: World, line: LineItem, desk: Browser) -> None:
    draft = world.line(line.organisation, state=DocumentState.DRAFT)
    page = desk.get(f"/admin/line-items/show/{line.id}").text
    for verb in ("rate", "plan", "end"):
        assert f'href="/staff/line-items/{line.id}/{verb}"' in page
    assert "/staff/line-items/" not in desk.get(f"/admin/line-items/show/{draft.id}").text
    assert desk.get(f"/staff/line-items/{draft.id}/rate").status_code == 404
    payments = desk.sign_in(world.officer("Payments officer"))
    assert "/staff/line-items/" not in payments.get(f"/admin/line-items/show/{line.id}").text
    assert payments.get(f"/staff/line-items/{line.id}/rate").status_code in (403, 404)


def test_a_rate_is_shown_first_then_sent_and_nothing_changes_until_it_is_confirmed(
    line: LineItem, desk: Browser
) -> None:
    path = f"/staff/line-items/{line.id}/rate"
    assert "£19.68" in words(desk.get(path))
    shown = words(desk.post(path, rate()))
    assert "Rate per hour £19.68 £20.25" in shown
    assert "Nothing has changed yet. Another officer has to confirm it." in shown
    assert proposals() == []
    assert "Sent for confirmation: Change rate of line" in words(desk.post(path, rate(do="send")))
    assert [(each.state, each.note) for each in proposals()] == [(ProposalState.PROPOSED, "Agreed")]
    assert line.rate_on(NOV_6) == Decimal("19.68")
    again = desk.post(path, rate(do="send"))
    assert again.status_code == 422
    assert "waits to be confirmed" in words(again)


def test_all_that_is_wrong_is_said_at_once_and_everything_typed_stays(line: LineItem, desk: Browser) -> None:
    refused = desk.post(f"/staff/line-items/{line.id}/rate", rate("1.13.2017", "much", reason=""))
    assert refused.status_code == 422
    for said in ("Say why it changes.", 'value="1.13.2017"', 'value="much"'):
        assert said in refused.text
    assert refused.text.count('href="#start"') == refused.text.count('href="#rate"') == 1


def test_a_plan_is_changed_day_by_day_and_what_it_does_to_weeks_is_shown(line: LineItem, desk: Browser) -> None:
    week(line, NOV_6)
    path = f"/staff/line-items/{line.id}/plan"
    assert desk.get(path).text.count('value="1.00"') == 7
    typed = {"start": "6/11/2017", "mon": "2", "tue": "1", "wed": "1", "reason": "Review", "do": "show"}
    shown = words(desk.post(path, typed))
    assert "A week 7.00 hours 4.00 hours" in shown
    assert "Confirmed, will be over its level 7.00 → 4.00" in shown
    desk.post(path, typed | {"do": "send"})
    assert proposals()[0].payload["days"] == ["2", "1", "1", *["0.00"] * 4]


def test_a_weekly_plan_is_one_figure(world: World, line: LineItem, desk: Browser) -> None:
    weekly = world.line(line.organisation, weekly="5")
    path = f"/staff/line-items/{weekly.id}/plan"
    assert 'value="5.00"' in desk.get(path).text
    refused = desk.post(path, {"start": "6/11/2017", "weekly": "0", "reason": "Review", "do": "send"})
    assert "A plan of nothing is no plan. Enter what is planned, or end the line." in words(refused)
    desk.post(path, {"start": "6/11/2017", "weekly": "6", "reason": "Review", "do": "send"})
    assert proposals()[0].payload["weekly"] == "6"


def test_a_line_ends_on_a_day_or_has_no_end(world: World, line: LineItem, desk: Browser) -> None:
    path = f"/staff/line-items/{line.id}/end"
    shown = words(desk.post(path, {"ends": "on", "end": "19/11/2017", "reason": "Moved", "do": "show"}))
    assert "Last day no end date 19 November 2017" in shown
    desk.post(path, {"ends": "on", "end": "19/11/2017", "reason": "Moved", "do": "send"})
    assert proposals()[0].title == f"End line {line} on 19 November 2017"
    ending = world.line(line.organisation, end=date(2017, 12, 31))
    desk.post(f"/staff/line-items/{ending.id}/end", {"ends": "none", "reason": "Stays", "do": "send"})
    assert proposals()[1].title == f"Line {ending} has no end date"
    assert "Choose whether the line ends." in words(desk.post(path, {"reason": "Moved"}))


def test_where_one_officer_is_enough_it_takes_effect_once_the_unusual_is_ticked(
    world: World, line: LineItem, desk: Browser
) -> None:
    world.policy("two_officers_rate_change", "no")
    path = f"/staff/line-items/{line.id}/rate"
    assert "one officer is enough: it takes effect at once" in words(desk.post(path, rate(rate="30")))
    assert desk.post(path, rate(rate="30", do="send")).status_code == 422
    assert line.rate_on(NOV_6) == Decimal("19.68")
    codes = [f"rate-last {line}", f"rate-median {line}"]
    assert "Done: Change rate" in words(desk.post(path, rate(rate="30", do="send") | {"ticked": codes}))
    assert line.rate_on(NOV_6) == Decimal(30)


def test_a_contribution_is_changed_on_a_line_that_is_paid_net_only(world: World, line: LineItem, desk: Browser) -> None:
    net = CareHome(world).line("700.00", contribution=Decimal("140.00"), top_up=Decimal("35.00"))
    path = f"/staff/line-items/{net.id}/deduction"
    assert f'href="{path}"' in desk.get(f"/admin/line-items/show/{net.id}").text
    assert "/deduction" not in desk.get(f"/admin/line-items/show/{line.id}").text
    form = desk.get(path)
    assert 'value="140.00"' in form.text
    assert "£140.00 from the person, £35.00 top-up a week" in words(form)
    typed = {"start": "8/11/2017", "contribution": "161", "top_up": "35", "reason": "Reassessed", "do": "show"}
    shown = words(desk.post(path, typed))
    assert "Contribution a week £140.00 £161.00" in shown
    assert "Paid for a week at plan £525.00 £504.00" in shown
    assert "What changes, week by week" not in shown
    sent = words(desk.post(path, typed | {"do": "send"}))
    assert "Sent for confirmation: Change contribution of line" in sent
    refused = desk.post(path, typed | {"contribution": "much", "top_up": "", "reason": ""})
    assert refused.status_code == 422
    assert 'value="much"' in refused.text
