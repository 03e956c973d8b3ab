"""How contract documents end: withdrawn before they began, or ended when their last day has passed."""

from datetime import date

import pytest
from sqlalchemy import select

from models import DocumentVersion, Email, LineItem, db
from rules.agreement_states import DocumentState
from rules.refusal import Refused, Unknown
from rules.states import ActualState
from tests.support.worlds.weeks import NOV_6, week
from tests.support.worlds.world import World
from workflows.agreements import endings


def states(line: LineItem) -> tuple[DocumentState, DocumentState]:
    """The state of a line's document and of its latest version."""
    db.session.expire_all()
    version = db.session.scalars(select(DocumentVersion).where(DocumentVersion.document_id == line.document_id)).one()
    return line.document.state, version.state


@pytest.mark.parametrize("state", [DocumentState.PUBLISHED, DocumentState.REJECTED])
def test_a_document_that_was_not_accepted_is_withdrawn_and_its_provider_told(
    world: World, state: DocumentState
) -> None:
    line = world.line(world.organisation(), state=state)
    contact = world.contact(line.organisation, may_documents=True)
    endings.withdraw(line.document_id, " Meant for somebody else ")
    assert states(line) == (DocumentState.WITHDRAWN, DocumentState.WITHDRAWN)
    assert line.document.withdrawn_reason == "Meant for somebody else"
    email = db.session.scalars(select(Email)).one()
    assert email.recipient == contact.email
    assert line.document.reference not in email.body


@pytest.mark.parametrize("state", [DocumentState.ACCEPTED, DocumentState.ENDED, DocumentState.WITHDRAWN])
def test_what_was_accepted_or_is_over_is_not_withdrawn(world: World, state: DocumentState) -> None:
    line = world.line(world.organisation(), state=state)
    with pytest.raises(Refused, match="cannot be withdrawn"):
        endings.withdraw(line.document_id, "Not needed")
    assert states(line)[0] is state


def test_a_document_with_care_is_not_withdrawn_so_no_week_vanishes(world: World) -> None:
    line = world.line(world.organisation())
    week(line, NOV_6, state=ActualState.DRAFT)
    with pytest.raises(Refused, match="Care is recorded"):
        endings.withdraw(line.document_id, "Not needed")
    assert states(line)[0] is DocumentState.PUBLISHED


def test_a_week_of_nothing_that_nobody_confirmed_does_not_stand_in_the_way(world: World) -> None:
    line = world.line(world.organisation())
    week(line, NOV_6, ["0"] * 7, state=ActualState.DRAFT)
    endings.withdraw(line.document_id, "Not needed")
    assert states(line)[0] is DocumentState.WITHDRAWN


def test_withdrawing_needs_a_reason_and_a_published_document(world: World) -> None:
    line = world.line(world.organisation())
    with pytest.raises(Refused, match="Say why"):
        endings.withdraw(line.document_id, " ")
    draft = world.line(line.organisation, state=DocumentState.DRAFT)
    with pytest.raises(Unknown):
        endings.withdraw(draft.document_id, "Not needed")


def test_accepted_documents_end_the_day_after_their_last_line(world: World) -> None:
    organisation = world.organisation()
    line = world.line(organisation, state=DocumentState.ACCEPTED, end=date(2017, 11, 19))
    unanswered = world.line(organisation, end=date(2017, 11, 19))
    open_ended = world.line(organisation, state=DocumentState.ACCEPTED)
    assert endings.end_documents(date(2017, 11, 19)) == 0
    assert endings.end_documents(date(2017, 11, 20)) == 1
    assert states(line) == (DocumentState.ENDED, DocumentState.ENDED)
    assert states(unanswered)[0] is DocumentState.PUBLISHED
    assert states(open_ended)[0] is DocumentState.ACCEPTED
