"""One person alone: whatever they try, by form, verb, import or command, no price goes live (rules.md 14)."""

import csv
import re
from collections.abc import Callable
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import select, text

from models import LineItem, PaperOrder, PortalUser, Proposal, Recovery, db
from rules.agreement_states import DocumentState, PaperState, ProposalState
from rules.states import PaymentBasis, PaymentMethod, Unit
from tests.support.pages.browser import Browser
from tests.support.worlds.world import World
from tests.workflows.payments.test_run import Story, owes
from views.access.roles import STAFF_ROLES

# Everything that decides money: of it nothing may be different after one person was at work.
LIVE = {
    "versions": "SELECT id, number, content FROM document_version ORDER BY id",
    "documents": "SELECT id, version, state FROM contract_document WHERE version > 0 ORDER BY id",
    "lines": 'SELECT line.id, line.start, line."end", line.payment_method FROM line_item AS line'
    " JOIN contract_document AS document ON document.id = document_id WHERE version > 0 ORDER BY line.id",
    "rates": 'SELECT rate.id, rate.rate, rate.start, rate."end" FROM rate JOIN line_item AS line ON line.id ='
    " line_item_id JOIN contract_document AS document ON document.id = document_id WHERE version > 0 ORDER BY rate.id",
    "plans": "SELECT plan.id, plan.start, plan.mon, plan.weekly_quantity FROM plan JOIN line_item AS line ON line.id ="
    " line_item_id JOIN contract_document AS document ON document.id = document_id WHERE version > 0 ORDER BY plan.id",
    "deductions": "SELECT id, line_item_id, start, contribution, top_up FROM deduction ORDER BY id",
    "one-off payments": "SELECT id, organisation_id, net FROM one_off_payment ORDER BY id",
    "recoveries": "SELECT id, organisation_id, amount, instalment FROM recovery ORDER BY id",
    "policy": "SELECT id, name, value, valid_from FROM policy_setting ORDER BY id",
}
# Files of money, and what they are imported as; the references stand in the world below.
FILES = {
    "rate-uplifts": "Element or CPLI,Percent or New rate,From\n48200,25.00,02/04/2018\n",
    "one-off-payments": "Organisation ref,Amount,Reason\nORG-HOLT,12.34,Taxi\n",
    "paper-isos": "Paper ref,Organisation ref,Person ref,Person name,Element,Unit,Mon,Rate,Start,Issued on\n"
    "PAP-9,ORG-HOLT,P900001,Nora Ollett,Personal care,HOUR,1,19.68,16/10/2017,09/10/2017\n",
}
PLAN = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), "2")
FILE = {
    "Organisation ref": "", "Service": "Fenland Homecare Ltd branch", "ISO": "", "CPLI": "", "Person ref": "",
    "Person name": "Ada Bell", "Element": "Personal care", "Unit": "HOUR", "Plan kind": "TIMETABLED", "Mon": "2",
    "Rate": "30", "Start": "16/10/2017", "Payment method": "ACTUALS", "Status": "PUBLISHED",
}  # fmt: skip


class Alone:
    """One officer with a browser, before a live line and a draft; `try_all` goes every way that could decide money."""

    def __init__(self, world: World, app: Flask, browser: Browser, folder: Path) -> None:
        self.app, self.browser, self.folder = app, browser, folder
        self.line: LineItem = world.line(world.organisation())
        self.draft: LineItem = world.line(self.line.organisation, state=DocumentState.DRAFT)
        self.document_id, self.line_id = self.line.document_id, self.line.id
        self.service_id, self.element_id = self.line.service_id, self.line.element_id
        holt = world.organisation("Holt House", reference="ORG-HOLT")
        scheduled = world.line(
            holt,
            weekly="1",
            unit=Unit.WEEK,
            rate="700.00",
            contribution=Decimal(140),
            payment_method=PaymentMethod.SCHEDULED,
            payment_basis=PaymentBasis.NET,
        )
        self.net_id = scheduled.id
        self.uplifted = world.line(holt, reference="48200")
        self.debt: Recovery = owes(Story(world), holt.id, "25.00")
        self.rate_id, self.plan_id = self.line.rates[0].id, self.line.plans[0].id
        self.proposal_ids: set[int] = set()
        self.statuses: dict[str, int] = {}

    def try_all(self) -> None:
        for way in (self.by_form, self.by_verb, self.by_import, self.by_money, self.by_paper, self.by_command):
            way()
            self.confirm_own()

    def _post(self, path: str, form: dict[str, str]) -> None:
        self.statuses[path] = self.browser.post(path, form).status_code

    def by_form(self) -> None:
        rate = {"line_item": self.line.reference, "rate": "30", "start": "6 November 2017", "end": "", "reason": "x"}
        plan = {"line_item": self.line.reference, "start": "6 November 2017", "weekly_quantity": "0", "reason": "x"}
        for path, form in (
            ("/admin/rates/add", rate),
            (f"/admin/rates/edit/{self.rate_id}", rate),
            (f"/admin/rates/delete/{self.rate_id}", {}),
            ("/admin/plans/add", plan | PLAN),
            (f"/admin/plans/edit/{self.plan_id}", plan | PLAN),
            (f"/admin/plans/delete/{self.plan_id}", {}),
            (f"/admin/line-items/edit/{self.line_id}", {"reference": "1", "end": "1 December 2017"}),
            (f"/admin/line-items/delete/{self.line_id}", {}),
            (f"/admin/contract-documents/edit/{self.document_id}", {"reference": "1", "terms": "Others"}),
            (f"/admin/contract-documents/action/publish/{self.draft.document_id}", {}),
            ("/admin/contract-documents/action_post", {"action": "publish", "rowid": str(self.draft.document_id)}),
            ("/admin/policy-settings/add", {"name": "exception_percent", "value": "90", "scope": "council",
                                            "for_whom": "", "valid_from": "16 October 2017", "why": "x"}),
        ):  # fmt: skip
            self._post(path, form)

    def by_verb(self) -> None:
        line, document = f"/staff/line-items/{self.line_id}", f"/staff/contract-documents/{self.document_id}"
        every = {"reason": "x", "do": "send", "start": "6/11/2017", "ticked": "x"}
        new_line = {
            "service": str(self.service_id), "terms": "Others", "count": "1", "line-0-reference": "49000",
            "line-0-element": str(self.element_id), "line-0-unit": "HOUR", "line-0-rate": "30", "line-0-kind": "WEEKLY",
            "line-0-start": "6/11/2017", "line-0-paid": "ACTUALS", "line-0-weekly": "9",
        }  # fmt: skip
        self._post(f"{line}/rate", every | {"rate": "30"})
        self._post(f"{line}/plan", every | PLAN)
        self._post(f"{line}/end", every | {"ends": "on", "end": "19/11/2017"})
        self._post(f"{document}/end", every | {"end": "20/11/2017"})
        self._post(f"{document}/new-version", every | new_line)

    def _file(self) -> Path:
        draft = self.draft
        row = FILE | {
            "Organisation ref": draft.organisation.reference, "ISO": draft.document.reference, "CPLI": draft.reference,
            "Person ref": draft.person.reference,
        }  # fmt: skip
        file = self.folder / "lines.csv"
        with file.open("w") as target:
            writer = csv.DictWriter(target, list(FILE))
            writer.writeheader()
            writer.writerow(row)
        return file

    def by_import(self) -> None:
        content = BytesIO(self._file().read_bytes())
        checked = self.browser.post("/staff/imports", {"kind": "contract-documents", "file": (content, "lines.csv")})
        self.statuses["/staff/imports"] = self.browser.post(checked.request.path).status_code

    def by_money(self) -> None:
        """What is not on a document: a contribution, an uplift, payments once, what is taken back, by page and file."""
        every = {"reason": "x", "do": "send", "start": "8/11/2017", "ticked": "x"}
        self._post(f"/staff/line-items/{self.net_id}/deduction", every | {"contribution": "1", "top_up": "0"})
        wanted = {"element": str(self.element_id), "percent": "9", "start": "02/04/2018"}
        shown = self.browser.get(f"/staff/uplifts?{urlencode(wanted)}").text
        seen = re.search(r'name="seen" value="([0-9a-f]+)"', shown)
        self._post("/staff/uplifts", wanted | {"seen": seen[1] if seen else "", "reason": "x"})
        payment = {"organisation": "ORG-HOLT", "net": "10.00", "vat_code": "EXEMPT", "reason": "Mileage"}
        self._post("/admin/one-off-payments/add", payment)
        self._post("/admin/recoveries/add", {"organisation": "ORG-HOLT", "amount": "9.00", "reason": "Paid twice"})
        self._post(f"/staff/recoveries/{self.debt.id}/instalments", {"instalment": "5", "reason": "Agreed"})
        for kind, content in FILES.items():
            given = {"kind": kind, "file": (BytesIO(content.encode()), f"{kind}.csv")}
            checked = self.browser.post("/staff/imports", given)
            self.statuses[kind] = self.browser.post(checked.request.path).status_code

    def by_paper(self) -> None:
        """Confirm the paper ISOs that wait, and have them taken at once."""
        papers = db.session.scalars(select(PaperOrder)).all()
        for paper in papers:
            ticked = {"rowid": str(paper.id), f"seen-{paper.id}": paper.registered_at.isoformat()}
            self._post("/staff/paper-isos/confirm", ticked)
        self._post("/staff/paper-isos/migrate", {})

    def by_command(self) -> None:
        done = self.app.test_cli_runner().invoke(args=["import", "contract-documents", str(self._file()), "--yes"])
        self.statuses["import documents"] = done.exit_code

    def confirm_own(self) -> None:
        """Try to confirm what waits, with every tick."""
        for proposal in db.session.scalars(select(Proposal).where(Proposal.state == ProposalState.PROPOSED)).all():
            self.proposal_ids.add(proposal.id)
            codes = [each["code"] for each in proposal.unusual]
            path = f"/staff/confirm/{proposal.id}/confirm"
            self.statuses[path] = self.browser.post(path, {"ticked": codes}).status_code


def live() -> dict[str, list[object]]:
    """Everything that decides money, as it stands."""
    db.session.rollback()
    return {name: [tuple(row) for row in db.session.execute(text(query))] for name, query in LIVE.items()}


@pytest.fixture
def alone(world: World, app: Flask, browser: Browser, tmp_path: Path) -> Alone:
    return Alone(world, app, browser, tmp_path)


@pytest.mark.parametrize("role", list(STAFF_ROLES))
def test_nothing_that_decides_money_goes_live_by_one_person(world: World, alone: Alone, role: str) -> None:
    officer: PortalUser = world.officer(role)
    alone.browser.sign_in(officer)
    before = live()
    alone.try_all()
    assert live() == before, alone.statuses
    assert {each for each in alone.statuses.values() if each >= 500} == set()


def test_the_same_steps_by_others_beside_do_go_live_so_the_test_can_fail(world: World, alone: Alone) -> None:
    act: list[Callable[[], None]] = [
        alone.by_import, alone.by_form, alone.by_verb, alone.by_money,
        alone.by_paper, alone.confirm_own, alone.confirm_own,
    ]  # fmt: skip
    carol, ruth = world.officer("Administrator"), world.officer("Administrator")
    payments = world.officer("Payments officer")
    before = live()
    for who, does in zip((carol, carol, carol, carol, ruth, ruth, payments), act, strict=True):
        alone.browser.sign_in(who)
        does()
    after = live()
    assert [name for name in LIVE if after[name] == before[name]] == [], alone.statuses
    assert len(alone.proposal_ids) >= 11
    assert db.session.scalars(select(PaperOrder.state)).one() is PaperState.MIGRATED
