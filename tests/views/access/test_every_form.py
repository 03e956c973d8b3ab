"""Six ways to lose what was typed, over every form of more than two fields, in a browser: none of them loses anything.

Each form is tried in one of the ways, the next form in the next; EVERY_WAY=1 tries each form in each.
"""

import os
from collections import Counter
from itertools import zip_longest
from typing import Any, Final

import pytest
from flask import Flask
from playwright.sync_api import Error
from sqlalchemy import func, select

from models import ContractDocument, LineItem, Organisation, db
from rules.agreement_states import DocumentState
from tests.support import everything
from tests.support.live import Live
from tests.support.ways import WAYS, Trial, another_organisation_chosen
from tests.support.world import World

# Of each form of more than two fields the endpoint it is sent to, and a page it stands on.
PROVIDER: Final = {
    "AbsenceClaimsView.make": "/absence-claims/new",
    "ActualsView.save": "/actuals?week=2017-10-16",
    "AbortedVisitsView.save": "/actuals/aborted-visit",
    "ContactsView.add": "/contacts/new",
    "ContactsView.change": "/contacts/{contact}",
    "ConversationsView.save_start": "/conversations/start?subject=Hours",
    "MissingPackagesView.report": "/line-items/missing",
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
    "PlanView.edit": "/admin/plans/edit/1",
    "PolicySettingView.add": "/admin/policy-settings/add",
    "RateView.edit": "/admin/rates/edit/1",
    "RecoveryView.add": "/admin/recoveries/add",
    "ServiceView.add": "/admin/services/add",
    "ServiceView.edit": "/admin/services/edit/1",
    "StaffContactsView.change": "/staff/contacts/{contact}",
    "TeamView.add": "/admin/teams/add",
    "TeamView.edit": "/admin/teams/edit/1",
    "UserView.add": "/admin/users/add",
    "UserView.edit": "/admin/users/edit/1",
}

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
    "kin to one that is tried, at another address, or about records that this world lacks": (
        "AbsenceClaimsView.change AbsenceReportsView.report OrganisationDetailsView.change_details"
        " StaffContactsView.add ContractDocumentView.add ContractDocumentView.edit ContactView.edit PaperIsosView.save"
        " ActualsMatchView.save"
    ),
    "two fields at most: a file, a reason, a password, a choice": (
        "AccountView.new_passkey AccountView.passkeys AccountView.sign_out_elsewhere "
        "AbortedVisitsView.remove AbsenceDecisionsView.approve_in_part AbsenceDecisionsView.refuse"
        " AbsenceReportsView.end ActualsMatchView.rename ActualsUploadView.check BankReturnsView.record"
        " ChangeRequestsView.call_back"
        " ChangeRequestsView.send_back CodeResetsView.give ConfirmView.confirm ConfirmView.send_back"
        " ContactView.action_post ContactsView.end_access"
        " ContractDocumentView.action_post ContractDocumentsView.save_accept ContractDocumentsView.save_accept_several"
        " ContractDocumentsView.save_reject"
        " ConversationsView.write DocumentChangesView.end DocumentChangesView.withdraw GoLiveView.check"
        " GoLiveView.confirm GoLiveView.remind ImportsView.again ImportsView.check LettersView.save"
        " OwnChoicesView.choose InvoiceDeskView.accept_many"
        " InvoiceDeskView.dispute InvoiceDeskView.reject InvoiceDeskView.settle InvoiceView.action_post"
        " InvoicesView.create InvoicesView.submit InvoicesView.withdraw MissingPackageView.edit ModulusWeightsView.load"
        " OrganisationDetailsView.send OverExceptionLevelView.save_ask PaperIsosView.attach PaperIsosView.confirm"
        " PaperIsosView.send PaymentRunsView.approve PaymentRunsView.look PaymentRunsView.prepare"
        " PaymentRunsView.release PersonView.add PersonView.edit RecoveriesView.instalments RecoveriesView.pause"
        " RolloutView.add RolloutView.edit ScheduledPaymentsView.query SectorView.add SectorView.edit"
        " StaffContactsView.end_access StaffConversationsView.write SubjectAccessView.take"
        " UserView.action_post"
    ),
    "a button, or hidden fields alone": (
        "AbsenceClaimsView.withdraw AbsenceDecisionsView.approve AbsenceReportsView.withdraw ActualsMatchView.forget"
        " ActualsTogetherView.confirm ActualsTogetherView.undo ActualsUploadView.ticks ActualsUploadView.update"
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


@pytest.fixture
def people(world: World) -> dict[str, Any]:
    """A provider who has a second organisation, and an officer, in a world with everything in it."""
    officer = world.officer("Administrator")
    everything.build(world, officer, (1, 2))
    own, other = db.session.scalars(select(Organisation).order_by(Organisation.id))
    contact = own.contacts[0]
    draft = db.session.scalar(select(ContractDocument.id).where(ContractDocument.state == DocumentState.DRAFT))
    line, document = (db.session.scalar(select(func.max(each.id))) for each in (LineItem, ContractDocument))
    ids = {"contact": contact.id, "line": line, "document": document, "draft": draft}
    elsewhere = world.contact(other, contact.email)
    return {"contact": contact, "elsewhere": elsewhere, "officer": officer, "ids": ids}


def trials(way: str) -> list[tuple[str, str]]:
    """Endpoint and page of the forms to be tried in a way."""
    forms = list(PROVIDER.items())
    if WAYS[way] is not another_organisation_chosen:
        forms += STAFF.items()
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
