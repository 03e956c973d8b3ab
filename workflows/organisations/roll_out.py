"""Whether an organisation has the portal yet, what it still lacks (rules.md 13), and the switch of each."""

from collections.abc import Collection

from sqlalchemy import func, select

from models import Contact, Organisation, Rollout, db
from rules import go_live
from rules.states import OrganisationState
from workflows.clock import today

CLOSED = {
    OrganisationState.SUSPENDED: "The council has suspended your organisation’s use of the portal.",
    OrganisationState.ENDED: "Your organisation’s contract with the council has ended.",
}


def what_is_missing(organisation: Organisation) -> list[str]:
    """Return a sentence for each thing an organisation lacks before the portal opens to it; nothing: it is live.

    To be called where the organisation's contacts can be seen: in its own scope or the council's.
    """
    if organisation.state in CLOSED:
        return [CLOSED[organisation.state]]
    payments, documents = has_contacts(organisation)
    opens_on = db.session.scalar(select(Rollout.opens_on).where(Rollout.sector_id == organisation.sector_id))
    switched_on = organisation.state is OrganisationState.LIVE
    return go_live.what_is_missing(opens_on, today(), switched_on, payments, documents)


def has_contacts(organisation: Organisation) -> tuple[bool, bool]:
    """Say whether an organisation has a contact for payments today, and one for contract documents (ISOs)."""
    payments, documents = db.session.execute(
        select(func.bool_or(Contact.may_payments), func.bool_or(Contact.may_documents)).where(
            Contact.organisation_id == organisation.id, Contact.in_force(today())
        )
    ).one()
    return bool(payments), bool(documents)


def to_switch_on(organisation_ids: Collection[int]) -> list[Organisation]:
    """Return those of some organisations that wait to be switched on, by name."""
    return list(
        db.session.scalars(
            select(Organisation)
            .where(Organisation.id.in_(organisation_ids), Organisation.state == OrganisationState.WAITING)
            .order_by(Organisation.name, Organisation.id)
        )
    )


def switch_on(organisation_ids: Collection[int]) -> int:
    """Switch organisations on, and return how many were not; those that left or are suspended stay as they are.

    The portal opens to each on its sector's roll-out date, once it has both contacts. Commits.
    """
    waiting = to_switch_on(organisation_ids)
    for organisation in waiting:
        organisation.state = OrganisationState.LIVE
    db.session.commit()
    return len(waiting)
