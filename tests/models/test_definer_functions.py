"""Who runs SQL as a login of the portal neither silences nor forges what the database writes, nor acts as its owner."""

import pytest
from sqlalchemy import delete, select, text
from sqlalchemy.exc import DBAPIError, ProgrammingError

import database
from models import AuditEvent, PaymentRun, RunFinding, db
from rules.states import RunState
from tests.support.worlds import everything
from tests.support.worlds.world import World

OWN = """
SELECT p.proname, p.prosecdef, l.lanname, coalesce(p.proconfig, '{}') AS settings,
  has_function_privilege('public', p.oid, 'EXECUTE') AS open_to_all
FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
WHERE p.pronamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
"""
# What the ledger is written for.
JOURNALED = ("invoice", "scheduled_payment", "absence_claim", "one_off_payment", "recovery")
SAFE = "search_path=pg_catalog, public, pg_temp"


def counted(what: str) -> int:
    return int(db.session.scalar(text(f"SELECT count(*) FROM {what}")) or 0)


def run(*statements: str) -> None:
    for statement in statements:
        db.session.execute(text(statement))


def test_every_function_that_acts_as_the_owner_looks_into_temporary_tables_last(world: World) -> None:
    definers = [row for row in db.session.execute(text(OWN)) if row.prosecdef]
    assert {row.proname for row in definers} == {
        "keep_audit", "keep_versions", "keep_decision", "organisations_of", "app_pass", "app_organisation",
        "keep_detail", "keep_feed", "keep_password", "keep_roles", "keep_load", "journal_everything", "journal_run",
        "run_is_journaled", "return_is_journaled", "note_in_trail", "strip_trail", "forget",
        *(f"journal_{source}" for source in JOURNALED), *(f"{source}_is_journaled" for source in JOURNALED),
    }  # fmt: skip
    assert [row.proname for row in definers if SAFE not in row.settings] == []
    assert [row.proname for row in definers if row.open_to_all] == []


def test_every_other_function_does_so_too_but_those_that_name_no_table(world: World) -> None:
    """The queue's functions are its library's: they run as the caller, who reaches no table through them."""
    plain = {row.proname for row in db.session.execute(text(OWN)) if SAFE not in row.settings}
    own = {name for name in plain if not name.startswith("procrastinate_")}
    assert own == {"without_secrets", "folded", "same_key"}


def test_only_who_puts_files_in_may_create_temporary_tables_and_creates_nothing_else(world: World) -> None:
    asked = "SELECT has_database_privilege('{0}', current_database(), 'TEMPORARY')"
    may = {role: db.session.scalar(text(asked.format(role))) for role in ("public", *database.LOGINS)}
    assert may == {"public": False, "portal_web": True, "portal_council": True, "portal_sign_in": False}
    for login in database.LOGINS:
        creates = f"has_schema_privilege('{login}', 'public', 'CREATE') OR "
        creates += f"has_database_privilege('{login}', current_database(), 'CREATE')"
        assert db.session.scalar(text(f"SELECT {creates}")) is False, login


def test_a_temporary_audit_event_does_not_take_the_trail(world: World) -> None:
    world.organisation()
    run(
        "CREATE TEMPORARY TABLE audit_event (LIKE public.audit_event INCLUDING DEFAULTS)",
        "UPDATE organisation SET phone = '01603 222222'",
    )
    assert counted("public.audit_event WHERE record = 'organisation' AND action = 'changed'") == 1
    assert counted("pg_temp.audit_event") == 0


def test_a_temporary_audit_event_does_not_take_a_decision(world: World) -> None:
    everything.build(world, world.officer("Service Brokerage"))
    run(
        "CREATE TEMPORARY TABLE audit_event (LIKE public.audit_event INCLUDING DEFAULTS)",
        "UPDATE exception_check SET claimed = 8.50, decision_id = (SELECT id FROM exception_decision)",
    )
    assert counted("public.audit_event WHERE record = 'exception_check'") == 1
    assert counted("pg_temp.audit_event") == 0


def test_a_temporary_actual_version_does_not_take_the_versions_of_a_week(world: World) -> None:
    everything.build(world, world.officer("Auditor"))
    before = counted("actual_version")
    run(
        "CREATE TEMPORARY TABLE actual_version (LIKE public.actual_version INCLUDING DEFAULTS)",
        "UPDATE actual SET comment = 'Another'",
    )
    assert counted("public.actual_version") == before + 1
    assert counted("pg_temp.actual_version") == 0


def test_a_temporary_contact_gives_nobody_another_organisation(world: World) -> None:
    user_id = world.contact(world.organisation()).user_id
    asked = text("SELECT organisations_of(:user, date '2017-11-20')")
    run("CREATE TEMPORARY TABLE contact AS SELECT * FROM public.contact UNION ALL SELECT * FROM public.contact")
    assert db.session.scalar(asked, {"user": user_id}) == 1


def test_a_temporary_payment_run_does_not_open_one_that_is_approved(world: World) -> None:
    everything.build(world, world.officer("Payments officer"))
    payment_run = db.session.scalars(select(PaymentRun).where(PaymentRun.state == RunState.DRAFT)).one()
    db.session.execute(delete(RunFinding))
    payment_run.state, payment_run.approved_by_id = RunState.APPROVED, world.officer("Payments approver").id
    db.session.commit()
    run("CREATE TEMPORARY TABLE payment_run (id integer, state text)")
    with pytest.raises(DBAPIError, match="the payment run has been approved"):
        run("UPDATE payment_source SET net = net + 1, gross = gross + 1")


def test_a_temporary_type_runs_nothing_as_the_owner(world: World) -> None:
    """The variables of keep_audit are of type text, and a type is looked for where a table is."""
    world.organisation()
    run(
        "CREATE FUNCTION pg_temp.watched(pg_catalog.text) RETURNS boolean LANGUAGE plpgsql AS"
        " $$ BEGIN PERFORM set_config('app.ran_as', current_user, true); RETURN true; END $$",
        "CREATE DOMAIN pg_temp.text AS pg_catalog.text CHECK (pg_temp.watched(VALUE))",
        "SELECT 'by myself'::pg_temp.text",
    )
    assert db.session.scalar(text("SELECT current_setting('app.ran_as')")) == "portal_council"
    run("UPDATE organisation SET phone = '01603 222222'")
    assert db.session.scalar(text("SELECT current_setting('app.ran_as')")) == "portal_council"


def test_a_function_or_an_operator_of_ones_own_is_not_found_by_the_trail(world: World) -> None:
    world.organisation()
    run(
        "CREATE FUNCTION pg_temp.without_secrets(jsonb) RETURNS jsonb LANGUAGE sql AS $$ SELECT '{}'::jsonb $$",
        "CREATE FUNCTION pg_temp.never(jsonb, jsonb) RETURNS boolean LANGUAGE sql AS $$ SELECT false $$",
        "CREATE OPERATOR pg_temp.<> (LEFTARG = jsonb, RIGHTARG = jsonb, FUNCTION = pg_temp.never)",
        "SET LOCAL search_path = pg_temp, public, pg_catalog",
        "UPDATE organisation SET phone = '01603 222222'",
    )
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "changed")).one()
    assert event.after == {"phone": "01603 222222"}


@pytest.mark.parametrize(
    "function",
    [
        "keep_audit",
        "keep_versions",
        "keep_decision",
        "keep_roles",
        "keep_load",
        "keep_password",
    ],
)
def test_nobody_hangs_the_trail_on_a_table_of_their_own(world: World, function: str) -> None:
    run("CREATE TEMPORARY TABLE payment_run AS SELECT 1 AS id, 1000000 AS total")
    with pytest.raises(ProgrammingError, match="permission denied for function"):
        run(
            "CREATE TRIGGER forged AFTER INSERT ON payment_run REFERENCING NEW TABLE AS new_rows"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
        )
