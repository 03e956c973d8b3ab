"""Care packages that a provider does not find: reported to Service Brokerage, and told once they are published."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import literal, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from models import (
    ContractDocument,
    Element,
    LineItem,
    MissingPackage,
    Person,
    PortalUser,
    Service,
    db,
    folded,
    limited_to,
)
from models.unpriced import UNPRICED
from rules.agreement_states import MissingState
from rules.conversation_topics import Topic
from rules.missing_package import MissingEntry, check_entry, words_of
from rules.period import uk_date
from rules.problem_codes import Code
from rules.refusal import Problem, Refused
from workflows import policy
from workflows.clock import LONDON, now, today
from workflows.conversations.notify import tell_provider, tell_team
from workflows.conversations.thread import close_conversation, open_conversation, post, refuse_more
from workflows.page import Page, page_of

TEAM: Final = "Service Brokerage"
SUBJECT: Final = "A care package is missing"
WAITS: Final = Problem(
    Code.ASKED_ALREADY, "This care package is reported already.", "Service Brokerage is looking for it: see below."
)


@dataclass(frozen=True)
class MissingChoices:
    """The services of the organisation and the elements of care, by id."""

    services: dict[int, str]
    elements: dict[int, str]


def choices() -> MissingChoices:
    """Return what can be chosen: the services that whoever acts looks after, and every element of care."""
    services, elements = (
        {row.id: row.name for row in db.session.execute(select(kind.id, kind.name).order_by(kind.name))}
        for kind in (Service, Element)
    )
    own = limited_to()
    return MissingChoices({key: name for key, name in services.items() if not own or key in own}, elements)


def reported(page: int, size: int) -> Page[MissingPackage]:
    """Return a page of what the organisation in scope has reported, those not found first, the newest first."""
    found_as = joinedload(MissingPackage.line_item).options(*UNPRICED)
    statement = (
        select(MissingPackage)
        .options(joinedload(MissingPackage.element), joinedload(MissingPackage.service), found_as)
        .order_by(MissingPackage.state != MissingState.REPORTED, MissingPackage.reported_at.desc())
    )
    return page_of(statement, page, size)


def report(entry: MissingEntry, service_id: int, element_id: int | None, user: PortalUser) -> MissingPackage:
    """Report a care package as missing: it is kept, and arrives as a conversation with Service Brokerage. Commits.

    `entry` names the service and the element of the two ids. Raises Refused with everything that is wrong, where the
    same is reported already, or where the person has such a line.
    """
    if problems := problems_of(entry) or _why_not_missing(entry, element_id):
        raise Refused(*problems)
    organisation_id = db.session.scalars(select(Service.organisation_id).where(Service.id == service_id)).one()
    opened = open_conversation(
        TEAM, _subject(entry), words_of(entry), user, organisation_id=organisation_id, topic=Topic.MISSING_PACKAGE
    )
    package = MissingPackage(
        organisation_id=organisation_id, person_reference=entry.person_reference, person_name=entry.person_name,
        born_on=entry.born_on, service_id=service_id, element_id=element_id, start=entry.start, plan=entry.plan,
        agreed_with=entry.agreed_with, agreed_on=entry.agreed_on, paper_reference=entry.paper_reference,
        comment=entry.comment, reported_at=now(), reported_by_id=user.id, conversation_id=opened.id,
    )  # fmt: skip
    db.session.add(package)
    try:
        db.session.flush()
    except IntegrityError:
        db.session.rollback()
        raise Refused(WAITS) from None
    tell_team(opened)
    db.session.commit()
    return package


def problems_of(entry: MissingEntry) -> list[Problem]:
    """Return everything that is missing or wrong in what was said, at its field."""
    too_much = refuse_more(words_of(entry), policy.for_council("message_length"))
    return [*check_entry(entry, today()), *([too_much.at("comment")] if too_much else [])]


def tell_found(document: ContractDocument) -> int:
    """Tell the provider of each care package that was reported missing and is on this document, just published.

    It is found where organisation and person reference agree, the element too where one was given, and the line had
    not ended before the care began. Its conversation says so and is closed. Returns how many were found; no commit.
    """
    lines = list(
        db.session.scalars(
            select(LineItem)
            .where(LineItem.document_id == document.id)
            .options(joinedload(LineItem.element))
            .order_by(LineItem.reference)
        )
    )
    waiting = db.session.scalars(
        select(MissingPackage)
        .where(
            MissingPackage.organisation_id == document.organisation_id,
            MissingPackage.state == MissingState.REPORTED,
            folded(MissingPackage.person_reference) == folded(document.person.reference),
        )
        .options(joinedload(MissingPackage.conversation))
        .order_by(MissingPackage.id)
        .with_for_update(of=MissingPackage)
    )
    found = [(package, line) for package in waiting if (line := next(filter(package_fits(package), lines), None))]
    for package, line in found:
        _found(package, line, document)
    return len(found)


def look_again(package: MissingPackage) -> bool:
    """Look for a package on what is published already, after its person reference was put right; no commit.

    Return whether it was found: where exactly one document holds a line that fits, never by a guess.
    """
    documents = db.session.scalars(
        select(ContractDocument)
        .join(ContractDocument.person)
        .where(
            ContractDocument.organisation_id == package.organisation_id,
            ContractDocument.in_force,
            folded(Person.reference) == folded(package.person_reference),
        )
        .options(joinedload(ContractDocument.line_items).joinedload(LineItem.element))
    ).unique()
    fitting = [
        (line, document) for document in documents for line in document.line_items if package_fits(package)(line)
    ]
    if len({document.id for _line, document in fitting}) != 1:
        return False
    _found(package, *fitting[0])
    return True


def package_fits(package: MissingPackage) -> Callable[[LineItem], bool]:
    """Return what says whether a line of the same person is the care that is missing."""

    def fits(line: LineItem) -> bool:
        same = package.element_id is None or line.element_id == package.element_id
        return same and (line.end is None or line.end >= package.start)

    return fits


def _found(package: MissingPackage, line: LineItem, document: ContractDocument) -> None:
    package.state, package.line_item_id, package.found_at = MissingState.FOUND, line.id, now()
    conversation = package.conversation
    conversation.line_item_id = line.id
    post(
        conversation,
        f"Line {line} ({line.element}) has been published with contract document {document}. It is the care package"
        f" that you reported missing on {uk_date(package.reported_at.astimezone(LONDON).date())}.",
        None,
        from_council=True,
    )
    close_conversation(conversation, f"Published as line {line}.")
    tell_provider([conversation])


def _subject(entry: MissingEntry) -> str:
    return f"{SUBJECT}: {entry.person_reference}" if entry.person_reference else SUBJECT


def _why_not_missing(entry: MissingEntry, element_id: int | None) -> list[Problem]:
    """Return the problem of a package that is reported already, or of which there is a line."""
    if not entry.person_reference:
        return []
    reference = folded(literal(entry.person_reference))
    waiting = select(MissingPackage.id).where(
        MissingPackage.state == MissingState.REPORTED,
        folded(MissingPackage.person_reference) == reference,
        MissingPackage.element_id.is_not_distinct_from(element_id),
    )
    if db.session.scalars(waiting).first():
        return [WAITS]
    line = db.session.scalars(
        select(LineItem)
        .join(LineItem.document)
        .join(LineItem.person)
        .where(
            folded(Person.reference) == reference,
            ContractDocument.in_force,
            LineItem.element_id == element_id,
            or_(LineItem.end.is_(None), LineItem.end >= entry.start),
        )
    ).first()
    if line is None:
        return []
    there = f"Line {line} is this person’s {entry.element} already."
    return [Problem(Code.TAKEN, there, "Find it under Care package line items.", "person_reference")]
