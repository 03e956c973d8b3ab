"""The demonstration council: everybody in the table can sign in, and there is something to do."""

from collections import Counter

import pytest
from sqlalchemy import func, select

import demonstration
from demonstration.go_live import LINK
from models import (
    ChangeRequest,
    Contact,
    ContractDocument,
    ImportFile,
    JobRun,
    LineItem,
    Organisation,
    PaperOrder,
    PaperScan,
    PortalUser,
    Proposal,
    Reminder,
    db,
)
from rules.agreement_states import DocumentState, PaperState, ProposalKind, ProposalState
from rules.bank_account import DigitCheck
from rules.go_live import FormStage, Lack
from rules.mail_states import EmailState
from rules.refusal import Refused
from rules.states import (
    ChangeState,
    PaymentBasis,
    Unit,
)
from rules.upload_states import ImportState
from tests.support.worlds.world import World
from workflows.clock import today
from workflows.contracts.document_paper import changed
from workflows.contracts.publication import why_not_published
from workflows.front_pages import announcements
from workflows.hashes import matches
from workflows.mail.desk import outbox
from workflows.organisations import contacts_form, go_live
from workflows.organisations.contacts import contacts_page
from workflows.organisations.roll_out import what_is_missing

FIVE = ["Broadland Care CIC", "Fenland Homecare Ltd", "Holt House", "Wensum Support", "Yare Lodge"]


@pytest.fixture(scope="module")
def told(lasting: World) -> None:
    """The demonstration without its past, which takes longer."""
    for step in demonstration.steps():
        if "four weeks" not in step.name.lower():
            step.work()


def _organisation(name: str) -> Organisation:
    found: Organisation = db.session.scalars(select(Organisation).where(Organisation.name == name)).one()
    return found


def test_everybody_in_the_table_signs_in_with_the_password_and_code_shown_there(told: None) -> None:
    invited = select(Contact.user_id).where(Contact.invited_at.is_not(None))  # they have a password nobody knows
    users = {user.email: user for user in db.session.scalars(select(PortalUser).where(PortalUser.id.not_in(invited)))}
    assert set(users) == {sign_in.email for sign_in in demonstration.SIGN_INS}
    new = users.pop("new@wensum-support.example")
    for user in users.values():
        assert matches(user.password, demonstration.PASSWORD)
        assert matches(user.security_code, demonstration.CODE)
        assert not user.must_change_password
    assert matches(new.password, demonstration.GIVEN)
    assert new.must_change_password
    assert new.code_kind is None


def test_officers_hold_the_role_their_name_says(told: None) -> None:
    officers = db.session.scalars(select(PortalUser).where(PortalUser.council))
    assert {officer.email.split("@")[0]: [role.name for role in officer.roles] for officer in officers} == {
        "admin": ["Administrator"],
        "payments": ["Payments officer"],
        "approver": ["Payments approver"],
        "brokerage": ["Service Brokerage"],
        "brokerage.lead": ["Service Brokerage"],
        "procurement": ["Procurement"],
        "auditor": ["Auditor"],
        "admin.second": ["Administrator"],
    }


def test_contacts_have_every_function_but_the_carer_who_only_enters_actuals(told: None) -> None:
    of_five = select(Contact).join(Contact.organisation).where(Organisation.name.in_(FIVE))
    contacts = {contact.email: contact for contact in db.session.scalars(of_five)}
    for email, function in (("carers", "Actuals"), ("swaffham", "Actuals"), ("finance", "Invoices and payments")):
        one = contacts.pop(f"{email}@fenland-homecare.example")
        assert [each.value for each in one.functions] == [function]
    assert all(len(contact.functions) == 5 for contact in contacts.values())


def test_the_portal_is_open_to_all_but_the_home_whose_sector_has_its_turn_later(told: None) -> None:
    missing = {name: what_is_missing(_organisation(name)) for name in FIVE}
    [reason] = missing.pop("Yare Lodge")
    assert reason.startswith("Your kind of service joins the portal on ")
    assert set(map(len, missing.values())) == {0}


def test_organisations_have_the_care_the_story_needs(told: None) -> None:
    counts = db.session.execute(
        select(Organisation.name, func.count(), func.count(LineItem.person_id.distinct()))
        .join(LineItem, LineItem.organisation_id == Organisation.id)
        .join(ContractDocument, ContractDocument.id == LineItem.document_id)
        .where(ContractDocument.state != DocumentState.DRAFT)
        .group_by(Organisation.name)
        .order_by(Organisation.name)
    ).all()
    expected = [("Broadland Care CIC", 27, 26), ("Fenland Homecare Ltd", 62, 58), ("Holt House", 18, 18)]
    assert [tuple(row) for row in counts][:3] == expected
    holt = db.session.scalars(select(LineItem).where(LineItem.organisation_id == _organisation("Holt House").id)).all()
    assert {(line.unit, line.payment_basis) for line in holt} == {(Unit.WEEK, PaymentBasis.NET)}
    assert all(line.contribution > 0 for line in holt)
    wensum = ContractDocument.organisation_id == _organisation("Wensum Support").id
    states = db.session.scalars(select(ContractDocument.state).where(wensum))
    assert set(states) == {DocumentState.PUBLISHED}


def test_one_proposal_of_each_kind_waits_and_each_state_is_there(told: None) -> None:
    found = db.session.execute(
        select(Proposal.kind, Proposal.state, func.count()).group_by(Proposal.kind, Proposal.state)
    )
    counted = {(kind, state): number for kind, state, number in found}
    for kind in ProposalKind:
        assert counted[kind, ProposalState.PROPOSED] == 1, kind
    assert {state for _, state in counted} == set(ProposalState)


def test_homes_before_their_date_are_at_every_stage_of_the_go_live(told: None) -> None:
    [residential] = [each for each in go_live.sectors() if each.sector.name == "Residential"]
    assert {row.name: (row.lack, row.form) for row in residential.rows} == {
        "Alder Grange": (Lack.BOTH, FormStage.NOT_SENT),
        "Beech Court": (Lack.ADDRESS, FormStage.CAME_BACK),
        "Cley House": (Lack.CONFIRMATION, FormStage.ANSWERED),
        "Dunes View": (Lack.DOCUMENTS, FormStage.NOT_SENT),
        "Elm Tree House": (Lack.SWITCH, FormStage.NOT_SENT),
        "Ferry Lane": (Lack.BOTH, FormStage.SENT),
        "Gable End": (None, FormStage.NOT_SENT),
        "Hurn House": (Lack.CONFIRMATION, FormStage.ANSWERED),
        "Ketts House": (None, FormStage.NOT_SENT),
        "Yare Lodge": (None, FormStage.NOT_SENT),
    }
    assert {row.name: row.to_invite for row in residential.ready} == {"Gable End": 0, "Ketts House": 1, "Yare Lodge": 0}
    assert not [row.name for row in residential.rows if row.signed_in]
    live = [row.signed_in for each in go_live.sectors() if each.live for row in each.rows]
    assert sorted(live) == [False, True, True, True]  # Wensum Support has not
    assert contacts_form.open_form(LINK).organisation == "Ferry Lane"


def test_every_state_of_a_request_that_somebody_acts_on_is_there(told: None) -> None:
    requests = db.session.scalars(select(ChangeRequest).order_by(ChangeRequest.id)).all()
    assert [(each.organisation.name, each.state, each.waits) for each in requests] == [
        ("Fenland Homecare Ltd", ChangeState.CONFIRMED, False),
        ("Broadland Care CIC", ChangeState.CONFIRMED, False),
        ("Holt House", ChangeState.CONFIRMED, False),
        ("Fenland Homecare Ltd", ChangeState.ASKED, True),
        ("Broadland Care CIC", ChangeState.CHECKED, True),
        ("Holt House", ChangeState.CONFIRMED, True),
        ("Wensum Support", ChangeState.SENT_BACK, False),
    ]
    assert {each.digits for each in requests} == {DigitCheck.PASSED, DigitCheck.UNCHECKED, None}
    fenland = contacts_page(_organisation("Fenland Homecare Ltd").id)
    assert fenland.review_due <= today()
    assert [contact.name for contact in fenland.contacts if contact.ended_at] == ["Piers Holloway"]
    assert [contact.name for contact in fenland.contacts if contact.limits] == ["Agnes Moyo"]


def test_announcements_a_stuck_email_and_a_reminder_are_there(told: None) -> None:
    standing, over = announcements.listed()
    assert [str(each.announcement.sector) for each in standing] == ["Home support"]
    assert [each.announcement.widespread for each in over] == [True]
    assert {email.state for email in outbox().stuck} == {EmailState.FAILED}
    assert db.session.scalar(select(func.count(Reminder.id))) == 1


def test_it_is_told_once(told: None) -> None:
    assert demonstration.is_loaded()
    assert not demonstration.may_be_loaded()
    with pytest.raises(Refused, match="only loaded into an empty one"):
        demonstration.steps()


def test_a_paper_iso_stands_in_each_state_with_its_scan_and_the_report_of_the_job(told: None) -> None:
    states = Counter((paper.state, paper.confirmed_at is None) for paper in db.session.scalars(select(PaperOrder)))
    assert states == {
        (PaperState.REPLACED, False): 1, (PaperState.MIGRATED, False): 1, (PaperState.REVIEW, False): 3,
        (PaperState.CANCELLED, False): 1, (PaperState.WAITING, True): 2,
    }  # fmt: skip
    assert {scan.kind for scan in db.session.scalars(select(PaperScan))} == {"pdf"}
    report = db.session.scalars(select(JobRun.result).where(JobRun.job == "paper-isos")).one()
    assert report.startswith("6 paper ISOs taken = 1 replaced + 1 migrated + 4 need review")
    reasons = db.session.scalars(select(PaperOrder.review_reasons).where(PaperOrder.reference == "PAP-0409")).one()
    assert "may be swapped" in reasons
    two = db.session.scalars(select(PaperOrder.review_reasons).where(PaperOrder.reference == "PAP-0412")).one()
    assert two.startswith("2 live lines of this person and element start within 7 days of the paper: ")


def test_a_provider_sees_the_version_they_accepted_beside_the_one_that_waits(told: None) -> None:
    fenland = _organisation("Fenland Homecare Ltd")
    waits = select(ContractDocument).where(
        ContractDocument.organisation_id == fenland.id, ContractDocument.state == DocumentState.PUBLISHED,
        ContractDocument.version == 2,
    )  # fmt: skip
    document = db.session.scalars(waits).one()
    new, old = sorted(document.versions, key=lambda version: -version.number)
    assert (old.state, new.state) == (DocumentState.REPLACED, DocumentState.PUBLISHED)
    assert old.signed_digest == old.digest
    assert new.signed_digest is None
    [change] = changed(old, new)
    assert "Wednesday" in change.words


def test_an_import_waits_to_go_in_and_another_to_be_put_right(told: None) -> None:
    given = {file.kind: (file.state, file.findings["rejected"]) for file in db.session.scalars(select(ImportFile))}
    assert given == {"people": (ImportState.CHECKED, 0), "organisations": (ImportState.REFUSED, 2)}


def test_a_draft_is_there_that_somebody_can_send(told: None) -> None:
    drafted = db.session.scalars(select(ContractDocument).where(ContractDocument.reference == "ISO-20799")).one()
    assert why_not_published(drafted) == []
