"""Of how many organisations a person is a contact is asked for a day: the portal's business date, not the server's."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# As 0007 has it: pg_temp is looked into last, and only the web role may ask.
FUNCTION = """
CREATE FUNCTION organisations_of({parameters}) RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT count(*) FROM contact JOIN organisation ON organisation.id = contact.organisation_id
  WHERE contact.user_id = person AND organisation.state = 'live' AND contact.start <= {day}
    AND coalesce(contact."end", 'infinity') >= {day}
$$;
REVOKE EXECUTE ON FUNCTION organisations_of FROM PUBLIC;
GRANT EXECUTE ON FUNCTION organisations_of TO portal_web;
"""


def upgrade() -> None:
    op.execute("DROP FUNCTION organisations_of")
    op.execute(FUNCTION.format(parameters="person integer, day date", day="day"))


def downgrade() -> None:
    op.execute("DROP FUNCTION organisations_of")
    op.execute(FUNCTION.format(parameters="person integer", day="current_date"))
