"""Where organisations stand today: one, or several by one query."""

from collections.abc import Collection

from sqlalchemy import and_, func, select

from models import Contact, Organisation, PortalUser, Rollout, db
from rules.organisation_standing import Standing, standing_of
from workflows.clock import today


def standings(ids: Collection[int] | None = None) -> dict[int, Standing]:
    """Return where organisations stand, by their ids: those named, or all. In the council's scope."""
    in_force = Contact.in_force(today())
    query = (
        select(
            Organisation.id,
            Organisation.state,
            Rollout.opens_on,
            func.coalesce(func.bool_or(and_(Contact.may_payments, in_force)), False),
            func.coalesce(func.bool_or(and_(Contact.may_documents, in_force)), False),
            func.coalesce(func.bool_or(PortalUser.last_login.is_not(None)), False),
        )
        .outerjoin(Rollout, Rollout.sector_id == Organisation.sector_id)
        .outerjoin(Contact, Contact.organisation_id == Organisation.id)
        .outerjoin(PortalUser, PortalUser.id == Contact.user_id)
        .group_by(Organisation.id, Rollout.opens_on)
    )
    if ids is not None:
        query = query.where(Organisation.id.in_(ids))
    return {
        key: standing_of(state, opens_on, today(), has_contacts=payments and documents, has_signed_in=signed_in)
        for key, state, opens_on, payments, documents, signed_in in db.session.execute(query)
    }


def standing_now(organisation: Organisation) -> Standing:
    """Return where an organisation stands; no query where its sector's roll-out and its contacts are loaded."""
    in_force = [contact for contact in organisation.contacts if contact.in_force(today())]
    rollout = organisation.sector.rollout
    return standing_of(
        organisation.state,
        rollout.opens_on if rollout else None,
        today(),
        has_contacts=any(each.may_payments for each in in_force) and any(each.may_documents for each in in_force),
        has_signed_in=any(each.user and each.user.last_login for each in organisation.contacts),
    )
