"""The reminder to check contacts: to whoever looks after them at an organisation, once a quarter."""

from flask import current_app
from sqlalchemy import ColumnElement, and_, func, or_, select, update

from models import Contact, ContactReview, Organisation, PortalUser, Rollout, db
from rules.contact import REVIEW_EVERY, reminder_is_due, review_due
from rules.states import OrganisationState
from workflows.clock import london_day, today
from workflows.mail.letters import write_letter


def remind_of_contacts() -> int:
    """Remind the organisations whose contacts want looking through; return how many e-mails were written. Commits.

    An organisation is reminded at most once a quarter, however often, and by however many at once, this is called.
    """
    reminded = db.session.scalars(
        update(Organisation)
        .where(
            Organisation.id.in_(_due()),
            # Asked again under the row's lock: of two at once the second reminds nobody.
            or_(
                Organisation.contacts_reminded_on.is_(None),
                Organisation.contacts_reminded_on <= today() - REVIEW_EVERY,
            ),
        )
        .values(contacts_reminded_on=today())
        .returning(Organisation.id)
        .execution_options(synchronize_session=False)
    ).all()
    people = db.session.execute(
        select(Contact.email, Organisation.id, Organisation.name)
        .join(Organisation, Organisation.id == Contact.organisation_id)
        .join(PortalUser, PortalUser.id == Contact.user_id)
        .where(Organisation.id.in_(reminded), _looks_after())
        .order_by(Contact.id)
    ).all()
    address = f"{current_app.config['PORTAL_ADDRESS']}/contacts"
    for recipient, organisation_id, organisation in people:
        write_letter(recipient, "contacts to check", organisation_id, organisation=organisation, address=address)
    db.session.commit()
    return len(people)


def _due() -> list[int]:
    """Return the organisations to remind: open ones, where somebody looks after contacts and can sign in."""
    last_review = (
        select(func.max(ContactReview.reviewed_at))
        .where(ContactReview.organisation_id == Organisation.id)
        .scalar_subquery()
    )
    of_today = Contact.in_force(today())
    rows = db.session.execute(
        select(
            Organisation.id,
            Organisation.contacts_reminded_on.label("reminded_on"),
            func.min(Contact.start).label("begun"),
            last_review.label("last_review"),
        )
        .join(Rollout, Rollout.sector_id == Organisation.sector_id)
        .join(Contact, Contact.organisation_id == Organisation.id)
        .outerjoin(PortalUser, PortalUser.id == Contact.user_id)
        .where(Organisation.state == OrganisationState.LIVE, Rollout.opens_on <= today())
        .group_by(Organisation.id)
        # Without both contacts nobody of it gets in (rules.md 13).
        .having(
            func.bool_or(and_(of_today, Contact.may_payments)),
            func.bool_or(and_(of_today, Contact.may_documents)),
            func.bool_or(_looks_after()),
        )
    )
    return [
        row.id
        for row in rows
        if reminder_is_due(
            review_due(london_day(row.last_review) if row.last_review else None, row.begun), row.reminded_on, today()
        )
    ]


def _looks_after() -> ColumnElement[bool]:
    return and_(Contact.may_organisation, Contact.in_force(today()), PortalUser.active)
