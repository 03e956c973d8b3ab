"""Six ways to lose what was typed, over every form of more than two fields, in a browser: none of them loses anything.

Each form is tried in one of the ways, the next form in the next; EVERY_WAY=1 tries each form in each.
"""

import os
from collections import Counter
from itertools import zip_longest
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import html5lib
import pytest
from flask import Flask
from playwright.sync_api import Error
from sqlalchemy import func, select

from models import ContractDocument, LineItem, Organisation, db
from rules.agreement_states import DocumentState
from tests.support.files.cases import case
from tests.support.files.uploads import send
from tests.support.pages.browser import Browser
from tests.support.pages.live import Live
from tests.support.pages.ways import WAYS, Trial, another_organisation_chosen, back_after_saving
from tests.support.worlds import everything
from tests.support.worlds.scheduled import CareHome
from tests.support.worlds.world import World
from tests.views.test_every_page_in_a_browser import pages_of
from tests.views.test_every_route import FUNCTIONS, filled

# Of each form of more than two fields the endpoint it is sent to, and a page it stands on.
PROVIDER: Final = {
    "AbsenceClaimsView.make": "/absence-claims/new",
    "AbsenceReportsView.report": "/scheduled-payments/absences/new?line={scheduled}",
    "ActualsMatchView.save": "/actuals/matches/file/{unmatched}",
    "ActualsUploadView.update": "/actuals/upload/{asking}",
    "ActualsView.save": "/actuals?week=2017-10-16",
    "AbortedVisitsView.save": "/actuals/aborted-visit",
    "ContactsView.add": "/contacts/new",
    "ContactsView.change": "/contacts/{contact}",
    "ConversationsView.save_start": "/conversations/start?subject=Hours",
    "MissingPackagesView.report": "/line-items/missing",
    "OrganisationDetailsView.change_details": "/organisation/details",
    "OrganisationDetailsView.change_service": "/organisation/services/1",
}
STAFF: Final = {
    "AgreementsView.make": "/staff/agreements/new",
    "AgreementsView.change": "/staff/agreements/{draft}",
    "AnnouncementDesk.write": "/staff/announcement",
    "ContactView.add": "/admin/contacts/add",
    "DocumentChangesView.new_version": "/staff/contract-documents/{document}/new-version",
    "ElementView.add": "/admin/elements/add",
    "ElementView.edit": "/admin/elements/edit/1",
    "ExceptionsView.decide": "/staff/exceptions",
    "HoldView.add": "/admin/holds/add",
    "HoldView.edit": "/admin/holds/edit/1",
    "LedgerColumnView.add": "/admin/ledger-columns/add",
    "LedgerColumnView.edit": "/admin/ledger-columns/edit/1",
    "LineChangesView.deduction": "/staff/line-items/{line}/deduction",
    "LineChangesView.end": "/staff/line-items/{line}/end",
    "LineChangesView.plan": "/staff/line-items/{line}/plan",
    "LineChangesView.rate": "/staff/line-items/{line}/rate",
    "LineItemView.edit": "/admin/line-items/edit/1",
    "OneOffPaymentView.add": "/admin/one-off-payments/add",
    "OrganisationView.add": "/admin/organisations/add",
    "OrganisationView.edit": "/admin/organisations/edit/1",
    "PaperOrderView.add": "/admin/paper-isos/add",
    "PaperOrderView.edit": "/admin/paper-isos/edit/1",
    "PaymentPeriodView.add": "/admin/payment-periods/add",
    "PaymentPeriodView.edit": "/admin/payment-periods/edit/1",
    "PlanView.edit": "/admin/plans/edit/{plan}",
    "PolicySettingView.add": "/admin/policy-settings/add",
    "RateView.edit": "/admin/rates/edit/{rate}",
    "RecoveryView.add": "/admin/recoveries/add",
    "ServiceView.add": "/admin/services/add",
    "ServiceView.edit": "/admin/services/edit/1",
    "StaffContactsView.add": "/staff/contacts/new?organisation={organisation}",
    "StaffContactsView.change": "/staff/contacts/{contact}",
    "TeamView.add": "/admin/teams/add",
    "TeamView.edit": "/admin/teams/edit/1",
    "UserView.add": "/admin/users/add",
    "UserView.edit": "/admin/users/edit/1",
}

# As many fields nobody minds to fill again.
MOST_FIELDS: Final = 2
EACH_OF_STAFF: Final = 1 if os.environ.get("EVERY_PAGE") else 5
KIN: Final = "kin to one that is tried, at another address, or about records that this world lacks"
LISTED: Final = "boxes beside the rows of a list: chosen, not typed"
# Once it is saved all that was ticked is in the portal, and there is nothing to tick any more.
SAVED_FOR_GOOD: Final = ("ActualsUploadView.update",)
# What else is sent by POST, and why no form of more than two fields has to be tried.
ELSEWHERE: Final = {
    "before anybody is signed in; what is typed there are addresses, passwords and codes": (
        "NewPasswordView.forgotten NewPasswordView.new_password NewPasswordView.reset SecurityCodeView.code"
        " SecurityCodeView.new_code SecurityCodeView.recovery_code SecurityCodeView.recovery_codes"
        " SignInView.organisation SignInView.sign_in SignInView.sign_out"
    ),
    "passwords alone, which are kept nowhere": "AccountView.password",
    "of a personal link, without a session (test_keeping.py)": "ContactsFormPage.show",
    "of a signed link, and has one button": "PublicView.unsubscribe",
    KIN: (
        "AbsenceClaimsView.change ContactView.edit ContractDocumentView.add ContractDocumentView.edit"
        " PaperIsosView.save"
    ),
    LISTED: "ContactView.action_post ContractDocumentView.action_post InvoiceView.action_post UserView.action_post",
    "two fields at most: a file, a reason, a password, a choice": (
        "AccountView.new_passkey AccountView.passkeys AccountView.sign_out_elsewhere "
        "AbortedVisitsView.remove AbsenceDecisionsView.approve_in_part AbsenceDecisionsView.refuse"
        " AbsenceReportsView.end ActualsMatchView.rename ActualsUploadView.check BankReturnsView.record"
        " ChangeRequestsView.call_back"
        " ChangeRequestsView.send_back CodeResetsView.give ConfirmView.confirm ConfirmView.send_back"
        " ContactsView.end_access"
        " ContractDocumentsView.save_accept ContractDocumentsView.save_accept_several"
        " ContractDocumentsView.save_reject"
        " ConversationsView.write DocumentChangesView.end DocumentChangesView.withdraw GoLiveView.check"
        " GoLiveView.confirm GoLiveView.remind ImportsView.again ImportsView.check LettersView.save"
        " OwnChoicesView.choose InvoiceDeskView.accept_many"
        " InvoiceDeskView.dispute InvoiceDeskView.reject InvoiceDeskView.settle"
        " InvoicesView.create InvoicesView.submit InvoicesView.withdraw MissingPackageView.edit ModulusWeightsView.load"
        " OrganisationDetailsView.send OverExceptionLevelView.save_ask PaperIsosView.attach PaperIsosView.confirm"
        " PaperIsosView.send PaymentRunsView.approve PaymentRunsView.look PaymentRunsView.prepare"
        " PaymentRunsView.release PersonView.add PersonView.edit RecoveriesView.instalments RecoveriesView.pause"
        " RolloutView.add RolloutView.edit ScheduledPaymentsView.query SectorView.add SectorView.edit"
        " StaffContactsView.end_access StaffConversationsView.write SubjectAccessView.take"
    ),
    "a button, or hidden fields alone": (
        "AbsenceClaimsView.withdraw AbsenceDecisionsView.approve AbsenceReportsView.withdraw ActualsMatchView.forget"
        " ActualsTogetherView.confirm ActualsTogetherView.undo ActualsUploadView.ticks"
        " AgreementsView.cost AgreementsView.withdraw AnnouncementDesk.end ChangeRequestsView.confirm"
        " ConfirmView.withdraw ContactView.action ContactView.delete ContactsView.review ContractDocumentView.action"
        " ContractDocumentView.delete ElementView.delete GoLiveView.invite GoLiveView.stop GoLiveView.switch_on"
        " HoldView.delete HomeView.put_away HomeView.start_afresh"
        " ImportsView.abandon ImportsView.confirm InvoiceDeskView.accept"
        " InvoiceView.action LedgerColumnView.delete LineItemView.delete OneOffPaymentView.delete"
        " OrganisationDetailsView.withdraw OrganisationView.delete OutboxView.again"
        " OwnChoicesView.end_calendar OwnChoicesView.renew_calendar"
        " PaperIsosView.migrate PaperOrderView.delete"
        " PaymentPeriodView.delete PaymentRunsView.check PaymentRunsView.discard PaymentRunsView.settle"
        " PaymentRunsView.take_out PaymentRunsView.withdraw PersonView.delete PlanView.delete RateView.delete"
        " RecoveriesView.go_on RolloutView.delete SectorView.delete ServiceView.delete TeamView.delete"
        " UpliftsView.propose UpliftsView.withdraw UserView.action"
    ),
}


def test_every_form_is_tried_or_says_why_not(portal: Flask) -> None:
    named = [*PROVIDER, *STAFF, *(endpoint for each in ELSEWHERE.values() for endpoint in each.split())]
    assert [each for each, times in Counter(named).items() if times > 1] == []
    there = {rule.endpoint for rule in portal.url_map.iter_rules() if "POST" in (rule.methods or ())}
    assert sorted(there - set(named)) == [], "a form that nobody tries"
    assert sorted(set(named) - there) == [], "a form that is gone"


def fields_of(form: Any, page: Any) -> int:
    """How many fields somebody fills in a form: radios of one name are one, each box to tick is one."""
    within = [*form.iter(), *(each for each in page.iter() if form.get("id") and each.get("form") == form.get("id"))]
    fields = [each for each in within if each.get("name") and each.tag in ("input", "select", "textarea")]
    typed = [each for each in fields if each.get("type") not in ("hidden", "submit", "button", "password", "file")]
    radios = {each.get("name") for each in typed if each.get("type") == "radio"}
    others = [each for each in typed if each.get("type") != "radio" and "code" not in each.get("name")]
    return len(others) + len(radios)


@pytest.mark.timeout(900)
def test_no_form_of_more_than_two_fields_on_any_page_is_left_out(people: dict[str, Any], app: Flask) -> None:
    own, adapter = people["contact"].organisation, app.url_map.bind("portal")
    large: dict[str, str] = {}
    for who, places in ((people["contact"], FUNCTIONS), (people["officer"], ("Administrator",))):
        browser = Browser(app).sign_in(who)
        pages = {filled(each, own) for place in places for each in pages_of(place)} - {"/staff/imports"}
        pages |= {path.format(**people["ids"]) for path in (PROVIDER if who is people["contact"] else STAFF).values()}
        for path in sorted(pages)[:: 1 if places is FUNCTIONS else EACH_OF_STAFF]:
            answer = browser.get(path)
            if "html" in (answer.content_type or ""):
                page = html5lib.parse(answer.text, namespaceHTMLElements=False)
                for form in page.iterfind(".//main//form"):
                    if form.get("method", "").lower() == "post" and fields_of(form, page) > MOST_FIELDS:
                        at = urlsplit(urljoin(answer.request.url, form.get("action") or "")).path
                        large[adapter.match(at, method="POST")[0]] = path
    assert large.keys() >= PROVIDER.keys() - {"AbsenceClaimsView.make"}
    left_out = large.keys() - PROVIDER.keys() - STAFF.keys() - {*ELSEWHERE[KIN].split(), *ELSEWHERE[LISTED].split()}
    assert {each: large[each] for each in left_out} == {}


@pytest.fixture
def people(world: World) -> dict[str, Any]:
    """A provider who has a second organisation, and an officer, in a world with everything in it."""
    officer = world.officer("Administrator")
    everything.build(world, officer, (1, 2))
    own, other = db.session.scalars(select(Organisation).order_by(Organisation.id))
    # Of every service: who is limited to some is not shown every form.
    other_contact, contact = own.contacts[0], world.contact(own, "forms@provider.example")
    draft = db.session.scalar(select(ContractDocument.id).where(ContractDocument.state == DocumentState.DRAFT))
    line, document = (db.session.scalar(select(func.max(each.id))) for each in (LineItem, ContractDocument))
    odd = world.draft_of_records(own)
    unmatched = send(own, "Agreement,Date,Mins,Note\n48999,17/10/2017,90,Late")
    asking = send(own, case("overlaps-many.csv", world.line(own)))
    ids = {
        "contact": other_contact.id, "line": line, "document": document, "draft": draft, "organisation": own.id,
        "plan": odd.plans[0].id, "rate": odd.rates[0].id, "scheduled": CareHome.of(world, own).line().id,
        "unmatched": unmatched.id, "asking": asking.id,
    }  # fmt: skip
    elsewhere = world.contact(other, contact.email)
    return {"contact": contact, "elsewhere": elsewhere, "officer": officer, "ids": ids}


def trials(way: str) -> list[tuple[str, str]]:
    """Endpoint and page of the forms to be tried in a way."""
    forms = list(PROVIDER.items())
    if WAYS[way] is not another_organisation_chosen:
        forms += STAFF.items()
    if WAYS[way] is back_after_saving:
        forms = [each for each in forms if each[0] not in SAVED_FOR_GOOD]
    if os.environ.get("EVERY_WAY"):
        return forms
    return forms[list(WAYS).index(way) :: len(WAYS)]


@pytest.mark.timeout(900)
@pytest.mark.parametrize("way", WAYS)
def test_nothing_typed_is_lost(way: str, people: dict[str, Any], live: Live) -> None:
    live.page.on("dialog", lambda dialog: dialog.accept())
    lost = []
    for endpoint, path in trials(way):
        who = people["contact"] if endpoint in PROVIDER else people["officer"]
        trial = Trial(live, live.page, who, people["elsewhere"], path.format(**people["ids"]), endpoint)
        try:
            lost += [(endpoint, each) for each in lost_in(trial, way)]
        except (AssertionError, Error) as problem:
            lost.append((endpoint, str(problem)[:300]))
    live.broken.clear()  # a cut connection is an error of the page, and meant
    assert not lost, "\n".join(map(str, lost))


def lost_in(trial: Trial, way: str) -> list[Any]:
    """What a form no longer holds after one of the ways; nothing is what is wanted."""
    typed = trial.open()
    assert len(typed) > 2, "it has few fields"
    before = trial.page.url
    WAYS[way](trial)
    if trial.page.url != before:
        return [f"landed on {trial.page.url}"]
    return [each for each in zip_longest(typed, trial.values()) if each[0] != each[1]][:4]
