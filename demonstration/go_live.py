"""Residential homes on their way to the portal: one or two at every stage of the go-live workbench."""

from datetime import date
from typing import NamedTuple

from sqlalchemy import exists, select, update

from demonstration.history import History
from models import Contact, ContactsForm, Email, Organisation, PortalUser, Rollout, Sector, Service, db
from rules.contacts_form import SAME
from rules.mail_states import EmailState
from rules.period import DAY
from rules.states import OrganisationState
from workflows.clock import now, story_at, today
from workflows.hashes import hash_token
from workflows.organisations import contacts_form, go_live, invitations
from workflows.organisations import go_live_waves as waves

SECTOR = "Residential"
# The end of the link to the contacts form of Ferry Lane, which has not answered: to be tried by anybody.
LINK = "ferry-lane-names-its-contacts"


class Home(NamedTuple):
    """A home with the contacts the council knows: for payments, for ISOs, or (the same name) for both."""

    reference: str
    name: str
    town: str
    postcode: str
    payments: str = ""
    documents: str = ""
    switched_on: bool = True


HOMES = (
    Home("ORG-0041", "Alder Grange", "Aylsham", "NR11 6ER"),
    Home("ORG-0042", "Beech Court", "Beccles", "NR34 9TB"),
    Home("ORG-0043", "Cley House", "Cley", "NR25 7RP"),
    Home("ORG-0044", "Dunes View", "Winterton", "NR29 4AJ", payments="Tom Lusher"),
    Home("ORG-0045", "Elm Tree House", "Dereham", "NR19 1DG", "Gina Pask", "Gina Pask", switched_on=False),
    Home("ORG-0046", "Ferry Lane", "Reedham", "NR13 3HA"),
    Home("ORG-0047", "Gable End", "Hunstanton", "PE36 5BW", "Rosa Keeble", "Ian Mace"),
    Home("ORG-0048", "Hurn House", "Sheringham", "NR26 8RP"),
    Home("ORG-0049", "Ketts House", "Wymondham", "NR18 0PH", "Mark Ong", "Mark Ong"),
)
ASKED = ("Beech Court", "Cley House", "Ferry Lane", "Hurn House")
# Hurn House answered: one person for both, or two.
ANSWERS = {
    "Hurn House": {
        "payments_name": "Paula Hurn", "payments_job": "Owner", "payments_email": "paula@hurn-house.example",
        "payments_phone": "01632 960471", "documents_name": "Neil Futter", "documents_job": "Home manager",
        "documents_email": "neil@hurn-house.example", "documents_phone": "01632 960472",
    },
    "Cley House": {
        "payments_name": "Abigail Reeve", "payments_job": "Home manager", "payments_phone": "01632 960480",
        "payments_email": "abigail@cley-house.example", SAME: "yes",
    },
}  # fmt: skip


def tell(history: History) -> None:
    """Add the homes, and send them as far as each is; e-mails of the past are to be settled by who calls."""
    officer, day = history.officer("procurement@council.example"), today()
    ids = {home.name: _add(home, day - 60 * DAY) for home in HOMES}
    with story_at(day - 12 * DAY):
        contacts_form.send([ids[name] for name in ASKED], officer)
    # Whether a link works is asked by the clock, which is another than PORTAL_TODAY's.
    db.session.execute(update(ContactsForm).values(expires_at=now() + contacts_form.LINK_LASTS - 12 * DAY))
    db.session.commit()
    with story_at(day - 9 * DAY):
        for name, typed in ANSWERS.items():
            contacts_form.answer(_link_of(ids[name]), typed)
    with story_at(day - 2 * DAY):
        [sector] = [each for each in go_live.sectors() if each.sector.name == SECTOR]
        ready = [row for row in sector.ready if row.name == "Gable End"]  # Ketts House became ready later
        waves.start(sector.sector.id, ready, officer)
        invitations.send_waiting()
    history.settle_mail()
    came_back = select(ContactsForm.email_id).where(ContactsForm.organisation_id == ids["Beech Court"])
    db.session.execute(update(Email).where(Email.id.in_(came_back)).values(state=EmailState.FAILED, sent_at=None))
    form = update(ContactsForm).where(ContactsForm.organisation_id == ids["Ferry Lane"])
    db.session.execute(form.values(token_hash=hash_token(LINK)))
    _have_signed_in(day)
    db.session.commit()


def _add(home: Home, since: date) -> int:
    domain = f"{home.name.lower().replace(' ', '-')}.example"
    organisation = Organisation(
        reference=home.reference, name=home.name, postcode=home.postcode, address=f"{home.name}, {home.town}",
        email=f"office@{domain}", state=OrganisationState.LIVE if home.switched_on else OrganisationState.WAITING,
        sector=db.session.scalars(select(Sector).where(Sector.name == SECTOR)).one(),
    )  # fmt: skip
    organisation.services = [Service(name=home.name, service_type=SECTOR, postcode=home.postcode)]
    organisation.contacts = [
        Contact(
            name=name, email=f"{name.split()[0].lower()}@{domain}", start=since, may_payments=name == home.payments,
            may_documents=name == home.documents, may_organisation=True, may_conversations=True,
        )
        for name in dict.fromkeys((home.payments, home.documents))
        if name
    ]  # fmt: skip
    db.session.add(organisation)
    db.session.commit()
    return organisation.id


def _link_of(organisation_id: int) -> str:
    """Return the token of the link an organisation was sent, as it reads it in its e-mail."""
    sent = select(Email.body).join(ContactsForm, ContactsForm.email_id == Email.id)
    body: str = db.session.scalars(sent.where(ContactsForm.organisation_id == organisation_id)).one()
    return body.partition("/contacts-form/")[2].split()[0]


def _have_signed_in(day: date) -> None:
    """Let everybody whose sector has had its turn, and who has been through the first sign-in, have signed in."""
    open_to_them = exists(
        select(Contact.id)
        .join(Organisation, Organisation.id == Contact.organisation_id)
        .join(Rollout, Rollout.sector_id == Organisation.sector_id)
        .where(Contact.user_id == PortalUser.id, Rollout.opens_on <= day)
    )
    been = update(PortalUser).where(~PortalUser.must_change_password, PortalUser.council | open_to_them)
    # The framework keeps it without a time zone.
    db.session.execute(been.values(last_login=now().replace(tzinfo=None) - DAY))
