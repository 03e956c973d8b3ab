"""Each login of the portal does what it is for and nothing else; no SQL in a provider's session shows more."""

from contextlib import suppress
from typing import Any

import psycopg
import pytest
from sqlalchemy import Table, create_engine, select, text
from sqlalchemy.exc import DBAPIError, ProgrammingError

import database
from models import Organisation, acting_for, db, metadata
from tests.support.worlds import everything
from tests.support.worlds.world import World

OPERATIONS = ("SELECT", "INSERT", "UPDATE", "DELETE")
OWN = [table for table in metadata.sorted_tables if "organisation_id" in table.c]

# Every table, and what each login may do in it: Select, Insert, Update, Delete; a small letter is for some columns.
MATRIX = """
ab_api_key                    ---- SIUD ----
ab_group                      ---- SIUD ----
ab_group_role                 ---- SIUD ----
ab_permission                 ---- SIUD ----
ab_permission_view            ---- SIUD ----
ab_permission_view_role       ---- SIUD ----
ab_register_user              ---- SIUD ----
ab_role                       ---- SIUD S---
ab_user                       s--- SIUD S-u-
ab_user_group                 ---- SIUD ----
ab_user_role                  ---- SIUD S---
ab_view_menu                  ---- SIUD ----
aborted_visit                 SIUD SIUD ----
absence_claim                 SIUD SIUD ----
absence_claim_line            S--- SI-- ----
absence_report                SIu- SIU- ----
actual                        SIUD SIUD ----
actual_version                S--- S--- ----
alembic_version               S--- S--- ----
announcement                  S--- SIUD S---
announcement_organisation     S--- SIUD ----
announcement_read             SI-- SIUD ----
attachment                    SI-- SI-- ----
audit_event                   ---- S--- ----
audit_seal                    ---- SI-- ----
bank_return                   S--- SIUD ----
calendar_feed                 SIUD SIUD S-u-
change_request                Siu- SIU- ----
column_match                  SIU- SIUD ----
contact                       SIU- SIUD S---
contact_review                SI-- SI-- ----
contact_service               SI-D SIUD ----
contacts_form                 ---- SIUD S-u-
contract_document             S-U- SIUD ----
conversation                  SIUD SIUD ----
conversation_note             ---- SI-- ----
deduction                     S--- SIUD ----
detail_change                 S--- S--- ----
document_version              S-u- SIUD ----
element                       S--- SIUD ----
email                         SI-- SIUD sI--
exception_check               SIUD SIUD ----
exception_decision            S--- SI-- ----
hold                          S--- SIUD ----
import_file                   ---- SIUD ----
invitation                    SI-- SIUD ----
invitation_wave               ---- SIUD ----
invoice                       SIUD SIUD ----
invoice_line                  SIUD SIUD ----
job_run                       ---- SIUD ----
journal_entry                 S--- S--- ----
journal_event                 S--- S--- ----
kept_form                     ---- SIUD SIuD
ledger_column                 ---- SIUD ----
letter_wording                S--- SIUD S---
line_item                     S-u- SIUD ----
message                       SIUD SIUD ----
missing_package               SI-- SIUD ----
modulus_weight                S--- SIUD ----
one_off_payment               S--- SIUD ----
organisation                  S-u- SIUD S---
paper_order                   S--- SIUD ----
paper_scan                    ---- SIUD ----
passkey                       ---- SIuD S-u-
passkey_challenge             ---- S--D SI-D
password_reset                ---- SIUD SIu-
payment_period                S--- SIUD ----
payment_run                   S--- SIUD ----
payment_source                S--- SIUD ----
person                        S--- SIUD ----
plan                          S--- SIUD ----
policy_setting                S--- SIUD S---
procrastinate_events          SI-- SI-- ----
procrastinate_jobs            SI-- SIUD ----
procrastinate_periodic_defers ---- S-U- ----
procrastinate_workers         ---- SIUD ----
proposal                      ---- SIUD ----
proposed_contact              ---- SIUD -I--
rate                          S--- SIUD ----
rate_count                    ---- SIUD SIUD
recovery                      S--- SIUD ----
recovery_code                 ---- SIUD S-u-
reminder                      S--- SIUD ----
remittance                    S--- SIUD ----
remittance_line               S--- SIUD ----
rollout                       S--- SIUD S---
run_finding                   ---- SIUD ----
scheduled_payment             S--- SIUD ----
scheduled_payment_line        S--- SIUD ----
scope_key                     ---- ---- ----
sector                        S--- SIUD S---
sent_form                     SIuD SIUD ----
service                       S-u- SIUD ----
sign_in                       ---- SIUD SIuD
team                          S--- SIUD ----
typed_over_day                SIUD SIUD ----
upload                        SIUD SIUD ----
upload_finding                SIUD SIUD ----
user_session                  ---- SIUD SIu-
visit                         SIUD SIUD ----
wrong_try                     ---- SIUD SIUD
"""


@pytest.fixture
def two(world: World) -> tuple[Organisation, Organisation]:
    """Two organisations with a record of every kind each."""
    everything.build(world, world.officer("Administrator"), (1, 2))
    own, other = db.session.scalars(select(Organisation).order_by(Organisation.id))
    return own, other


def rights_of(login: str, table: str) -> str:
    """What a login may do in a table, as the matrix writes it."""
    asked = ", ".join(
        f"has_table_privilege('{login}', '{table}', '{each}'), "
        + (f"has_any_column_privilege('{login}', '{table}', '{each}')" if each != "DELETE" else "false")
        for each in OPERATIONS
    )
    found = db.session.execute(text(f"SELECT {asked}")).one()
    return "".join(
        each[0] if found[2 * index] else each[0].lower() if found[2 * index + 1] else "-"
        for index, each in enumerate(OPERATIONS)
    )


def test_every_login_has_the_rights_it_needs_in_every_table_and_no_more(world: World) -> None:
    tables = db.session.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")).all()
    found = [" ".join((f"{table:<29}", *(rights_of(login, table) for login in database.LOGINS))) for table in tables]
    assert found == MATRIX.strip().splitlines()


def test_every_table_with_row_level_security_has_a_policy_for_each_login_that_may_use_it(world: World) -> None:
    """One without a policy shows nothing; what is not an organisation's own is behind rights alone."""
    policies = db.session.execute(text("SELECT tablename, roles::text, qual FROM pg_policies")).all()
    council = {table for table, roles, rule in policies if roles == "{portal_council}" and rule == "true"}
    assert council == set(db.session.scalars(text("SELECT relname FROM pg_class WHERE relrowsecurity")))
    assert {roles for _, roles, _ in policies} == {"{portal_web}", "{portal_council}", "{portal_sign_in}"}


@pytest.mark.parametrize("table", OWN, ids=lambda table: table.name)
def test_an_organisation_reads_and_writes_no_row_of_another(
    two: tuple[Organisation, Organisation], test_database: database.Urls, table: Table
) -> None:
    own, other = (organisation.id for organisation in two)
    theirs = _a_row_of(test_database.owner, table.name, other)
    where = f'FROM "{table.name}" WHERE organisation_id = {other}'
    with acting_for(own):
        assert tried(f"SELECT count(*) {where}") in (0, None)
        assert tried(f"WITH gone AS (DELETE {where} RETURNING 1) SELECT count(*) FROM gone") in (0, None)
        change = f'UPDATE "{table.name}" SET organisation_id = {own} WHERE organisation_id = {other}'
        assert tried(f"WITH changed AS ({change} RETURNING 1) SELECT count(*) FROM changed") in (0, None)
        if theirs:
            columns = ", ".join(f'"{column.name}"' for column in table.c if column.computed is None)
            copied = f'SELECT {columns} FROM jsonb_populate_record(NULL::"{table.name}", :row)'
            assert tried(f'INSERT INTO "{table.name}" ({columns}) {copied} RETURNING 1', row=theirs) is None


WIDER = [
    "SET ROLE portal_council",
    "SET ROLE portal_sign_in",
    "SET SESSION AUTHORIZATION portal_council",
    "SET SESSION AUTHORIZATION postgres",
    "RESET ROLE",
    "RESET SESSION AUTHORIZATION",
    "SELECT set_config('app.organisation', '*', false)",
    "SELECT set_config('app.organisation', '{other}', false)",
    "SELECT set_config('app.organisation', replace(current_setting('app.organisation'), '{own}.', '{other}.'), false)",
    "SELECT set_config('app.organisation', app_pass({other}), false)",
    "SELECT set_config('app.organisation', '{other}.' || encode(sha256('{other}'), 'hex'), false)",
    "SELECT inner_key FROM scope_key",
    "SET row_security = off",
    "ALTER TABLE line_item DISABLE ROW LEVEL SECURITY",
    "CREATE OR REPLACE FUNCTION app_organisation() RETURNS integer LANGUAGE sql AS 'SELECT {other}'",
    "CREATE FUNCTION pg_temp.app_organisation() RETURNS integer LANGUAGE sql AS 'SELECT {other}';"
    " SET search_path = pg_temp, public",
]


@pytest.mark.parametrize("attempt", WIDER)
def test_no_statement_in_a_providers_session_shows_another_organisation(
    two: tuple[Organisation, Organisation], test_database: database.Urls, attempt: str
) -> None:
    own, other = (organisation.id for organisation in two)
    with psycopg.connect(test_database.web.replace("+psycopg", ""), autocommit=True) as provider:
        provider.execute("SELECT set_config('app.organisation', %s, false)", [_pass_of(own)])
        assert seen(provider, own), "nothing of the own is seen either"
        for statement in attempt.format(own=own, other=other).split("; "):
            with suppress(psycopg.Error):
                provider.execute(statement.encode())
        assert not seen(provider, other)


def seen(provider: psycopg.Connection, organisation_id: int) -> int:
    """How many line items of an organisation a session sees; none where it may not look."""
    try:
        asked = provider.execute("SELECT count(*) FROM line_item WHERE organisation_id = %s", [organisation_id])
    except psycopg.Error:
        return 0
    (count,) = asked.fetchone() or (0,)
    return int(count)


def test_the_database_knows_an_organisation_by_its_pass_alone(two: tuple[Organisation, Organisation]) -> None:
    own, other = (organisation.id for organisation in two)
    shown = text("SELECT app_organisation() FROM (SELECT set_config('app.organisation', :shown, true)) AS set_first")
    with acting_for(own):
        for attempt in (
            "",
            "*",
            str(other),
            f"{other}.",
            f"{other}.0",
            f"0{own}.{_pass_of(own)}",
            "a.b",
            "9" * 12 + ".x",
        ):
            assert db.session.scalar(shown, {"shown": attempt}) is None, attempt
        assert db.session.scalar(shown, {"shown": _pass_of(own)}) == own


def test_whoever_is_not_known_yet_sees_no_care_and_no_money(two: tuple[Organisation, Organisation]) -> None:
    with acting_for("sign-in"):
        for table in (
            "line_item",
            "person",
            "actual",
            "invoice",
            "remittance",
            "conversation",
            "message",
            "audit_event",
        ):
            with pytest.raises(ProgrammingError, match="permission denied"), db.session.begin_nested():
                db.session.execute(text(f"SELECT FROM {table}"))


def tried(statement: str, **values: Any) -> Any:
    """What a statement says; None where the database refuses it for want of a right."""
    try:
        with db.session.begin_nested():
            return db.session.scalar(text(statement), values)
    except DBAPIError as refused:
        if isinstance(refused.orig, psycopg.errors.InsufficientPrivilege):
            return None
        raise


def _a_row_of(owner: str, table: str, organisation_id: int) -> str | None:
    engine = create_engine(owner)
    with engine.connect() as connection:
        asked = f'SELECT to_jsonb(t)::text FROM "{table}" AS t WHERE organisation_id = :whose LIMIT 1'
        found: str | None = connection.scalar(text(asked), {"whose": organisation_id})
    engine.dispose()
    return found


def _pass_of(organisation_id: int) -> str:
    with db.engines["council"].connect() as connection:
        return str(connection.scalar(text("SELECT app_pass(:whose)"), {"whose": organisation_id}))


# What is no organisation's own, and no policy looks at its rows: the rights in MATRIX alone keep it.
WITHOUT_ROW_LEVEL_SECURITY = {
    "roles and permissions of the framework, made at set-up; providers read none": {
        "ab_api_key", "ab_group", "ab_group_role", "ab_permission", "ab_permission_view", "ab_permission_view_role",
        "ab_register_user", "ab_role", "ab_user_group", "ab_user_role", "ab_view_menu",
    },
    "what every provider may read, and none may write": {
        "alembic_version", "element", "letter_wording", "modulus_weight", "payment_period", "rollout", "sector", "team",
    },
    "the council's own, of which a provider's login may do nothing": {"invitation_wave"},
    "the queue: a provider may only put something in": {
        "procrastinate_events", "procrastinate_jobs", "procrastinate_periodic_defers", "procrastinate_workers",
    },
    "the key of the passes, which no login may read": {"scope_key"},
}  # fmt: skip


def test_every_table_without_row_level_security_is_listed_with_its_reason(world: World) -> None:
    without = db.session.scalars(
        text(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            " AND NOT relrowsecurity"
        )
    )
    assert set(without) == set().union(*WITHOUT_ROW_LEVEL_SECURITY.values())


SECRET = ("password", "security_code", "totp_secret")
REWRITES = [
    "UPDATE ab_user SET password = 'x'",
    "UPDATE ab_user SET council = true",
    "UPDATE ab_user SET active = true",
    "INSERT INTO ab_user (first_name, last_name, username, email) VALUES ('a', 'b', 'c', 'd')",
    "DELETE FROM ab_user",
    "INSERT INTO ab_user_role (user_id, role_id) SELECT {user}, id FROM ab_role",
    "INSERT INTO user_session (token_hash, user_id) VALUES ('x', {user})",
    "UPDATE user_session SET user_id = {user}",
    "INSERT INTO sign_in (token_hash, user_id, step) VALUES ('x', {user}, 'new password')",
    "INSERT INTO password_reset (token_hash, user_id, expires_at) VALUES ('x', {user}, now() + interval '1 hour')",
    "DELETE FROM recovery_code",
    "INSERT INTO passkey (user_id, name, credential_id, public_key) VALUES ({user}, 'x', 'x', 'x')",
    "DELETE FROM passkey",
    "DELETE FROM wrong_try",
    "UPDATE policy_setting SET value = '1'",
    "INSERT INTO policy_setting (name, value, scope, valid_from) VALUES ('wrong_tries', '9', 'council', '2017-01-01')",
]


@pytest.mark.parametrize("attempt", REWRITES)
def test_no_statement_in_a_providers_session_changes_who_gets_in(
    two: tuple[Organisation, Organisation], world: World, test_database: database.Urls, attempt: str
) -> None:
    user_id = world.officer("Auditor").id
    with psycopg.connect(test_database.web.replace("+psycopg", ""), autocommit=True) as provider:
        provider.execute("SELECT set_config('app.organisation', %s, false)", [_pass_of(two[0].id)])
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            provider.execute(attempt.format(user=user_id).encode())


@pytest.mark.parametrize("column", SECRET)
def test_a_providers_session_reads_nobodys_secrets(two: tuple[Organisation, Organisation], column: str) -> None:
    with acting_for(two[0].id):
        assert db.session.scalar(text("SELECT count(last_name) FROM ab_user")), "no name is seen either"
        assert tried(f"SELECT count({column}) FROM ab_user") is None
