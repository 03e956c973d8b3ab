"""A small world for tests: each method makes one thing a council or a provider has, with sensible defaults."""

from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any, TypeVar

from flask import Flask, g
from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import select, update

from models import (
    DAYS,
    ChangeRequest,
    Contact,
    ContractDocument,
    DocumentVersion,
    Element,
    LineItem,
    Organisation,
    PaymentPeriod,
    Person,
    Plan,
    PolicySetting,
    PortalUser,
    Proposal,
    Rate,
    Rollout,
    Sector,
    Service,
    db,
    say_who,
)
from rules.agreement_states import DocumentState, ProposalKind, ProposalState
from rules.bank_account import BankDetails, DigitCheck
from rules.document_content import digest_of, to_text
from rules.period import WEEK, plan_period
from rules.states import ChangeKind, ChangeState, OrganisationState, PlanKind, Unit
from workflows import policy
from workflows.clock import now
from workflows.contracts.versions import content_of
from workflows.organisations import bank_details

START = date(2017, 10, 16)
ANCHOR = date(2017, 10, 16)
Row = TypeVar("Row")


class World:
    """Builds rows in the scope of the council. Everything is committed at once, so that requests see it."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self._number, self._accounts = count(1), count(1)

    def organisation(
        self, name: str = "Fenland Homecare Ltd", sector: str = "Home support", *, account: bool = True, **more: Any
    ) -> Organisation:
        """An organisation that is live, its sector admitted, with one service and an account it is paid into."""
        kind = db.session.scalars(select(Sector).where(Sector.name == sector)).one()
        if kind.rollout is None:
            kind.rollout = Rollout(opens_on=START)
        values = {"reference": f"ORG-{next(self._number):04}", "state": OrganisationState.LIVE} | more
        organisation = Organisation(name=name, sector=kind, **values)
        organisation.services = [Service(name=f"{name} branch")]
        self._keep(organisation)
        if account:
            self.account(organisation, f"{next(self._accounts):08}")
        return organisation

    def account(self, organisation: Organisation, number: str = "66374958") -> None:
        """The account an organisation is paid into: two officers have confirmed it, and the council has rung back."""
        first, second = (self._officer_of_accounts(each) for each in ("first", "second"))
        details = BankDetails(organisation.name, "089999", number)
        before = update(ChangeRequest).where(ChangeRequest.organisation_id == organisation.id, ChangeRequest.is_account)
        db.session.execute(before.values(state=ChangeState.REPLACED))
        request = ChangeRequest(
            organisation=organisation, kind=ChangeKind.BANK_DETAILS, state=ChangeState.CONFIRMED,
            wanted=bank_details.in_words(details), sealed=bank_details.seal(details), digits=DigitCheck.UNCHECKED,
            asked_by=first, checked_by=first, checked_at=now(), decided_by=second, decided_at=now(), called_at=now(),
            called_by=second, called_who="The manager", called_number="01632 960417",
        )  # fmt: skip
        self._keep(request)

    def _officer_of_accounts(self, which: str) -> PortalUser:
        # Without a role: no list of officers to tell or to choose from holds them.
        email = f"accounts.{which}@council.example"
        found = db.session.scalars(select(PortalUser).where(PortalUser.email == email)).first()
        return found or self.user(email, council=True)

    def user(self, email: str, *, council: bool = False, role: str | None = None) -> PortalUser:
        """A person who has been through all steps of signing in; no password of theirs works."""
        first, last = email.split("@")[0].title(), "Lane"
        user = PortalUser(
            first_name=first, last_name=last, username=email, email=email, active=True, council=council,
            must_change_password=False, password="!",
        )  # fmt: skip
        if role:
            user.roles = [db.session.scalars(select(Role).where(Role.name == role)).one()]
        # Who acts in the test has not given them what they may do.
        acts = g.get("acting_user"), g.get("acting_address", "")
        say_who(None, "")
        self._keep(user)
        say_who(*acts)
        return user

    def officer(self, role: str, email: str | None = None) -> PortalUser:
        """An officer of the council with one role."""
        return self.user(
            email or f"{role.split()[-1].lower()}{next(self._number)}@council.example", council=True, role=role
        )

    def contact(self, organisation: Organisation, email: str | None = None, **functions: bool) -> Contact:
        """A contact who signs in; with every function unless some are named (may_actuals=True …)."""
        email = email or f"contact{next(self._number)}@provider.example"
        names = ("may_documents", "may_actuals", "may_payments", "may_organisation", "may_conversations")
        given = functions or dict.fromkeys(names, True)
        user = db.session.scalars(select(PortalUser).where(PortalUser.email == email)).first() or self.user(email)
        return self._keep(
            Contact(organisation=organisation, user=user, name=str(user), email=email, start=START, **given)
        )

    def period(self, number: int = 0) -> PaymentPeriod:
        """A payment period; number 0 is 16 October to 12 November 2017."""
        dates = plan_period(number, ANCHOR, 4, 15, 2, ())
        return self._keep(PaymentPeriod(**{name: getattr(dates, name) for name in dates.__dataclass_fields__}))

    def person(self, reference: str | None = None, name: str = "Ada Bell") -> Person:
        """Someone who receives care."""
        return self._keep(Person(reference=reference or f"P{next(self._number):06}", name=name))

    def element(self, name: str = "Personal care") -> Element:
        """An element of care, made once."""
        return db.session.scalars(select(Element).where(Element.name == name)).first() or self._keep(Element(name=name))

    def draft_of_records(self, organisation: Organisation) -> LineItem:
        """A draft that does not fit its page, as its plan begins after its line: each record has a form of its own."""
        line = self.line(organisation, state=DocumentState.DRAFT)
        line.plans[0].start += WEEK
        db.session.commit()
        return line

    def line(
        self,
        organisation: Organisation,
        days: tuple[str, ...] = ("1", "1", "1", "1", "1", "1", "1"),
        *,
        weekly: str | None = None,
        rate: str = "19.6800",
        state: DocumentState = DocumentState.PUBLISHED,
        **more: Any,
    ) -> LineItem:
        """A line item on a contract document of its own, with one rate from its start: 1.00 hour a day unless told."""
        number = next(self._number)
        person = more.pop("person", None) or self.person()
        start = more.pop("start", START)
        self.confirmed()
        document = ContractDocument(
            organisation=organisation, service=organisation.services[0], person=person, reference=f"ISO-{number}"
        )
        db.session.add(document)
        db.session.flush()
        line = LineItem(
            organisation=organisation, document=document, service=document.service, person=person,
            element=more.pop("element", None) or self.element(), reference=more.pop("reference", f"{48000 + number}"),
            unit=more.pop("unit", Unit.HOUR), plan_kind=PlanKind.WEEKLY if weekly else PlanKind.TIMETABLED,
            start=start, **more,
        )  # fmt: skip
        plan = {"weekly_quantity": Decimal(weekly)} if weekly else dict(zip(DAYS, map(Decimal, days), strict=True))
        line.plans = [Plan(organisation=organisation, start=start, **plan)] if any(plan.values()) else []
        line.rates = [Rate(organisation=organisation, rate=Decimal(rate), start=start)]
        db.session.add(line)
        self.publish(document, state)
        return self._keep(line)

    def publish(self, document: ContractDocument, state: DocumentState = DocumentState.PUBLISHED) -> None:
        """Give a draft its first version, in some state; a draft stays one. Nothing is committed."""
        if state is DocumentState.DRAFT:
            return
        self.confirmed()
        accepted = state is DocumentState.ACCEPTED
        if state is DocumentState.REJECTED:
            document.rejected_at, document.rejected_reason = now(), "Not as agreed"
        if state is DocumentState.WITHDRAWN:
            document.withdrawn_at, document.withdrawn_reason = now(), "Not needed any more"
        if accepted:
            document.accepted_at = now()
        document.version, document.state, document.published_at = 1, state, now()
        text = to_text(content_of(document, START))
        db.session.add(
            DocumentVersion(
                organisation=document.organisation, document=document, number=1, state=state, content=text,
                digest=digest_of(text), published_at=now(), rejected_reason=document.rejected_reason or "",
                signed_digest=digest_of(text) if accepted else None, answered_at=now() if accepted else None,
            )
        )  # fmt: skip

    @staticmethod
    def confirmed() -> Proposal:
        """Let this transaction change live lines: one officer proposed something, and another confirms it in it."""
        first, second = (
            db.session.scalars(select(PortalUser).where(PortalUser.email == email)).first()
            or PortalUser(
                first_name=email[:5].title(), last_name="Lane", username=email, email=email, active=True, council=True,
                must_change_password=False, password="!",
            )
            for email in ("proposes@council.example", "confirms@council.example")
        )  # fmt: skip
        proposal = Proposal(
            kind=ProposalKind.PUBLISH, state=ProposalState.CONFIRMED, title="As the test has it", payload={},
            proposed_by=first, decided_by=second, decided_at=now(),
        )  # fmt: skip
        db.session.add(proposal)
        db.session.flush()
        return proposal

    def policy(self, name: str, value: str) -> None:
        """A value of a setting for the whole council, from the start of the portal on."""
        self._keep(PolicySetting(name=name, value=value, valid_from=START))
        policy.forget()  # as in the next request

    def _keep(self, row: Row) -> Row:
        db.session.add(row)
        db.session.commit()
        return row
