"""Who was invited into the county's portal: every contact with the wave of its sector, before its turn came."""

from datetime import date, datetime, time

from demonstration.county.owner import Owner
from demonstration.history import History
from rules.agreement_states import InvitationState
from rules.letters import LETTERS
from rules.mail_states import EmailState
from rules.period import DAY
from workflows.clock import LONDON
from workflows.organisations.invitations import INVITED_BEFORE

PROCUREMENT = "procurement@council.example"
EARLY = 25  # one contact in so many was invited by itself before the wave, which passes it over then

# An e-mail that held a password loses its text once it was sent.
INVITE = """
WITH asked AS MATERIALIZED (
  SELECT nextval(pg_get_serial_sequence('email', 'id')) AS email_id, contact.*, wave.id AS wave_id
  FROM contact JOIN organisation ON organisation.id = contact.organisation_id
  JOIN invitation_wave AS wave ON wave.sector_id = organisation.sector_id
  WHERE (mod(contact.id, %(early)s) = 0) = %(alone)s ORDER BY contact.id),
written AS (
  INSERT INTO email (id, organisation_id, recipient, subject, body, state, holds_secret, attempts, written_at, sent_at)
  SELECT email_id, organisation_id, email, %(subject)s, '', %(mail_sent)s, true, 1, %(at)s, %(at)s FROM asked)
INSERT INTO invitation (organisation_id, contact_id, wave_id, state, asked_at, invited_by_id, sent_at, email_id)
SELECT organisation_id, id, CASE WHEN NOT %(alone)s THEN wave_id END, %(sent)s, %(at)s, %(officer)s, %(at)s, email_id
FROM asked"""
PASSED_OVER = """
INSERT INTO invitation (organisation_id, contact_id, wave_id, state, asked_at, invited_by_id, problem)
SELECT contact.organisation_id, contact.id, wave.id, %(not_sent)s, %(at)s, %(officer)s, %(before)s
FROM contact JOIN organisation ON organisation.id = contact.organisation_id
JOIN invitation_wave AS wave ON wave.sector_id = organisation.sector_id
WHERE mod(contact.id, %(early)s) = 0 ORDER BY contact.id"""
INVITED = """
UPDATE contact SET invited_at = first.sent_at
FROM (SELECT contact_id, min(sent_at) AS sent_at FROM invitation GROUP BY contact_id) AS first
WHERE first.contact_id = contact.id"""
# The framework keeps the last sign-in without a time zone.
SIGNED_IN = "UPDATE ab_user SET last_login = %(at)s WHERE NOT must_change_password"


def invite(owner: Owner, history: History, portal_start: date, today: date) -> None:
    """Let each sector be invited a fortnight before the portal began, and who was invited have signed in since."""
    asked = datetime.combine(portal_start - 14 * DAY, time(10), LONDON)
    values = {
        "officer": history.officer(PROCUREMENT).id, "early": EARLY, "subject": LETTERS["invitation"].subject,
        "before": INVITED_BEFORE, "sent": InvitationState.SENT.value, "not_sent": InvitationState.NOT_SENT.value,
        "mail_sent": EmailState.SENT.value,
    }  # fmt: skip
    with owner.at_once():
        owner.run(
            "INSERT INTO invitation_wave (sector_id, asked_at, asked_by_id, ended_at)"
            " SELECT DISTINCT sector_id, %(at)s::timestamptz, %(officer)s::integer, %(end)s::timestamptz"
            " FROM organisation ORDER BY sector_id",
            at=asked, officer=values["officer"], end=asked.replace(hour=11),
        )  # fmt: skip
        owner.run(INVITE, **values, alone=True, at=asked - 7 * DAY)
        owner.run(INVITE, **values, alone=False, at=asked)
        owner.run(PASSED_OVER, **values, at=asked)
        owner.run(INVITED)
        owner.run(SIGNED_IN, at=datetime.combine(today - DAY, time(8)))
