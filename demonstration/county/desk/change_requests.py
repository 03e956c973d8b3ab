"""What organisations of the county asked to have changed: each kind of change as far as it can be."""

from collections.abc import Mapping
from datetime import date
from random import Random

from sqlalchemy import select

from demonstration.history import History
from demonstration.payments.accounts import SORT_CODE
from models import Organisation, PortalUser, db, say_who
from rules.bank_account import BankDetails
from rules.period import DAY
from rules.states import ChangeKind
from rules.vat_number import read_vat_number
from workflows.clock import story_at
from workflows.organisations import change_requests
from workflows.organisations.change_requests import CallBack

FIRST, SECOND = "payments@council.example", "procurement@council.example"
BACK = "This does not agree with the register. Please send us your certificate."
# How far each of a dozen is: asked for, checked by one officer, confirmed, rung back about, sent back, withdrawn.
ASKED, CHECKED, CONFIRMED, CALLED, SENT_BACK, WITHDRAWN = range(6)
DOZEN = (
    (ChangeKind.LEGAL_NAME, ASKED), (ChangeKind.VAT_NUMBER, CONFIRMED), (ChangeKind.BANK_DETAILS, CALLED),
    (ChangeKind.LEGAL_NAME, CHECKED), (ChangeKind.VAT_NUMBER, SENT_BACK), (ChangeKind.BANK_DETAILS, CALLED),
    (ChangeKind.LEGAL_NAME, CONFIRMED), (ChangeKind.VAT_NUMBER, ASKED), (ChangeKind.BANK_DETAILS, CHECKED),
    (ChangeKind.LEGAL_NAME, WITHDRAWN), (ChangeKind.BANK_DETAILS, ASKED), (ChangeKind.BANK_DETAILS, CONFIRMED),
)  # fmt: skip
DAYS_BACK = (3, 30, 60)  # what is done was asked for longer ago than what waits


class Requests:
    """Asks for changes in the name of who looks after payments, by organisation, and decides as two officers."""

    def __init__(self, history: History, chance: Random, contacts: Mapping[int, int], today: date) -> None:
        self.chance, self.today = chance, today
        self.first, self.second = history.officer(FIRST), history.officer(SECOND)
        self.contacts = {key: value for key, value in contacts.items() if value}

    def ask(self, number: int) -> None:
        """Let so many organisations ask for one change each, and bring each as far as it is. Commits."""
        chosen = self.chance.sample(sorted(self.contacts), min(number, len(self.contacts)))
        for index, organisation_id in enumerate(chosen):
            kind, far = DOZEN[index % len(DOZEN)]
            waits = far in (ASKED, CHECKED) or (kind, far) == (ChangeKind.BANK_DETAILS, CONFIRMED)
            day = self.today - self.chance.choice(DAYS_BACK[:1] if waits else DAYS_BACK[1:]) * DAY
            organisation = db.session.get_one(Organisation, organisation_id)
            with story_at(day):
                request_id = self._ask(organisation, kind)
            with story_at(day + DAY):
                self._bring(request_id, far, organisation)
        say_who(None, "")

    def _ask(self, organisation: Organisation, kind: ChangeKind) -> int:
        wanted: str | BankDetails = f"{organisation.name} (Norfolk)"
        if kind is ChangeKind.VAT_NUMBER:
            wanted = self._vat_number()
        elif kind is ChangeKind.BANK_DETAILS:
            wanted = BankDetails(organisation.name, SORT_CODE, f"{77_370_000 + organisation.id:08}")
        asks = db.session.scalars(select(PortalUser).where(PortalUser.id == self.contacts[organisation.id])).one()
        say_who(asks.id, "")
        return change_requests.ask(organisation, kind, wanted, asks)

    def _bring(self, request_id: int, far: int, organisation: Organisation) -> None:
        if far == WITHDRAWN:
            change_requests.withdraw(request_id)
            return
        officers = {ASKED: [], CHECKED: [self.first], SENT_BACK: []}.get(far, [self.first, self.second])
        for officer in officers:
            say_who(officer.id, "")
            change_requests.confirm(request_id, officer)
        if far == SENT_BACK:
            say_who(self.first.id, "")
            change_requests.send_back(request_id, BACK, self.first)
        elif far == CALLED:
            call = CallBack("The manager", organisation.phone or "01632 960100")
            change_requests.record_call(request_id, call, self.second)

    def _vat_number(self) -> str:
        digits = f"{self.chance.randint(1_000_000, 9_999_999)}"
        check = 97 - sum(weight * int(digit) for weight, digit in zip(range(8, 1, -1), digits, strict=True)) % 97
        return read_vat_number(f"{digits}{check:02}")
