"""Whether an organisation has the portal yet, and what it still lacks (rules.md 13)."""

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
    payments, documents = db.session.execute(
        select(func.bool_or(Contact.may_payments), func.bool_or(Contact.may_documents)).where(
            Contact.organisation_id == organisation.id, Contact.in_force(today())
        )
    ).one()
    opens_on = db.session.scalar(select(Rollout.opens_on).where(Rollout.sector_id == organisation.sector_id))
    switched_on = organisation.state is OrganisationState.LIVE
    return go_live.what_is_missing(opens_on, today(), switched_on, bool(payments), bool(documents))
