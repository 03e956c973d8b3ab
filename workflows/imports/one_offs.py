"""The import of one-off payments: proposed together, and made when another officer has confirmed them."""

from collections.abc import Iterable

from sqlalchemy import func, select

from files.reading.cells import read_text
from files.reading.table import Column, Layout, Row, Table
from models import LineItem, OneOffPayment, Organisation, PaymentPeriod, Proposal, db
from rules.agreement_states import ProposalKind
from rules.money import NOTHING, pounds
from rules.problem_codes import Code
from rules.states import VatCode
from rules.text import visible
from rules.words import counted
from workflows.imports.names import Names
from workflows.imports.plan import ImportFate, ImportPlan, Reading, among, officer_who_acts, pairs
from workflows.payments.one_off import OneOff, problems_of_payment, propose_payments, proposed
from workflows.proposals import steps

ONE_OFFS = Layout(
    "One-off payments",
    (
        Column(
            "Organisation ref", True, "The council's reference of the organisation, such as ORG-0001.", references=True
        ),
        Column("CPLI", note="The line that it is for, where it is for one.", references=True),
        Column("Amount", True, "Pounds, net of VAT."),
        Column("VAT code", note="EXEMPT, STANDARD, REDUCED, ZERO or OUTSIDE. Empty: EXEMPT."),
        Column("Reason", True, "What it is for. The provider reads it on the remittance advice."),
        Column("Period", note="Any day of the payment period that it is for."),
    ),
)
COLUMN_OF = {"net": "Amount", "reason": "Reason"}


class OneOffImport:
    """Works out which payments of a table are wanted that are neither made nor waiting."""

    def __init__(self, table: Table) -> None:
        self.plan = ImportPlan(table, apply=self._apply)
        self.organisations = Names(pairs(select(Organisation.reference, Organisation.id)))
        self.periods = list(db.session.scalars(select(PaymentPeriod)))
        self.first: dict[OneOff, int] = {}
        self.wanted: list[OneOff] = []

    def read(self, rows: Iterable[Row]) -> ImportPlan:
        """Read all rows: one like a payment that was made, or that waits to be confirmed, leaves all as it is."""
        given = list(rows)
        names = {visible(read_text(row.cells.get("CPLI"))).lower() for row in given}
        query = select(func.lower(LineItem.reference), LineItem.id, LineItem.organisation_id)
        found = db.session.execute(query.where(among(func.lower(LineItem.reference), names)))
        self.lines = {reference: (key, organisation) for reference, key, organisation in found}
        self.known = _known()
        for row in given:
            self._read_row(Reading(row, self.plan))
        if self.wanted:
            total = sum((payment.net for payment in self.wanted), NOTHING)
            payments = counted(len(self.wanted), "payment")
            self.plan.notices.append(f"{payments}, {pounds(total)} together. Another officer confirms them.")
        return self.plan

    def _read_row(self, reading: Reading) -> None:
        name = reading.text("Organisation ref", needed=True)
        organisation = self.organisations.find(name)
        if name and organisation is None:
            remedy = self.organisations.remedy(name, "Check the reference.")
            reading.refuse("Organisation ref", Code.NOT_FOUND, "There is no such organisation.", remedy)
        line = self._line(reading, organisation)
        net = reading.money("Amount", needed=True)
        vat = reading.word("VAT code", VatCode, VatCode.EXEMPT)
        reason = reading.text("Reason", needed=True)
        period = self._period(reading)
        if reading.faulty or organisation is None or net is None or vat is None:
            return
        payment = OneOff(organisation, line, period, net, vat, reason)
        problems = problems_of_payment(payment)
        for problem in problems:
            reading.refuse(COLUMN_OF[problem.field], problem.code, problem.wrong, problem.remedy)
        number = reading.row.number
        first = self.first.setdefault(payment, number)
        if first != number:
            remedy = "Keep one, or say in the reason what makes them two payments."
            reading.refuse("Reason", Code.DUPLICATE_ROW, f"Row {first} is the same payment.", remedy)
        if problems or first != number:
            return
        known = payment in self.known
        self.plan.note_fate(number, ImportFate.UNCHANGED if known else ImportFate.NEW)
        self.wanted += [] if known else [payment]

    def _line(self, reading: Reading, organisation: int | None) -> int | None:
        name = reading.text("CPLI")
        key: int | None
        key, owner = self.lines.get(name.lower(), (None, None))
        if name and (key is None or (organisation is not None and owner != organisation)):
            wrong = f"This organisation has no line “{name[:60]}”."
            reading.refuse("CPLI", Code.NOT_FOUND, wrong, "Check the reference, or leave it empty.")
        return key

    def _period(self, reading: Reading) -> int | None:
        day = reading.day("Period")
        found = next((each.id for each in self.periods if day and each.start <= day <= each.end), None)
        if day and found is None:
            reading.refuse("Period", Code.NOT_FOUND, "No payment period has this day.", "Check it, or leave it empty.")
        return found

    def _apply(self) -> None:
        if self.wanted:
            propose_payments(self.wanted, officer_who_acts())
            db.session.flush()


def _known() -> set[OneOff]:
    """Return the payments that were made, and those that wait to be confirmed."""
    made = select(
        OneOffPayment.organisation_id, OneOffPayment.line_item_id, OneOffPayment.period_id, OneOffPayment.net,
        OneOffPayment.vat_code, OneOffPayment.reason,
    )  # fmt: skip
    waiting = steps.waiting(Proposal.kind == ProposalKind.ONE_OFF)
    return {OneOff(*row) for row in db.session.execute(made)} | {each for one in waiting for each in proposed(one)}


def plan_one_offs(table: Table, rows: Iterable[Row]) -> ImportPlan:
    """Return which payments of a table would be proposed."""
    return OneOffImport(table).read(rows)
