"""Guards of what is recorded: frozen tables, the ledger, the clock, and what production refuses."""

from tests.guards.removal import Function, Guard, Line, Sql, tests_in

frozen = tests_in("records/test_frozen_tables.py")
ledger = tests_in("records/test_ledger.py")
attacks = tests_in("records/test_attacks.py")

# Every table that has the trigger; frozen ones have all three.
_EVERY_TABLE = """
DO $$ DECLARE one regclass; BEGIN
    FOR one IN SELECT tgrelid::regclass FROM pg_trigger WHERE tgname = '{trigger}' LOOP
        EXECUTE format('{statement}', one);
    END LOOP;
END $$
"""


def _on_every_table(statement: str, trigger: str = "a_append") -> Sql:
    return Sql(_EVERY_TABLE.format(trigger=trigger, statement=statement))


_FROZEN_ALL_OVER = "test_every_frozen_table_has_its_triggers_and_grants[approvals_decision]"
_WITHSTANDS = "test_every_table_withstands_every_statement"


def _ledger(statement: str) -> str:
    return f"test_even_the_owner_is_stopped_by_the_ledgers_triggers[{statement}]"


_IN_THE_DATABASE = (
    Guard(
        "trigger that versions, dates and hashes",
        _on_every_table("DROP TRIGGER a_append ON %s"),
        frozen(
            "test_version_time_and_hash_are_the_databases",
            "test_a_created_record_knows_what_the_database_set",
            _FROZEN_ALL_OVER,
            "test_every_frozen_table_has_its_triggers_and_grants[spaces_placement]",
        ),
    ),
    Guard(
        "trigger that keeps rows",
        _on_every_table("DROP TRIGGER b_keep_rows ON %s", "b_keep_rows"),
        frozen(
            "test_even_the_owner_is_stopped_by_the_triggers[UPDATE {t} SET reason = 'x']",
            "test_even_the_owner_is_stopped_by_the_triggers[DELETE FROM {t}]",
            _FROZEN_ALL_OVER,
        ),
    ),
    Guard(
        "trigger that keeps the table from TRUNCATE",
        _on_every_table("DROP TRIGGER c_keep_table ON %s", "c_keep_table"),
        frozen(
            "test_even_the_owner_is_stopped_by_the_triggers[TRUNCATE {t}]",
            _FROZEN_ALL_OVER,
        ),
    ),
    Guard(
        "triggers fire under session_replication_role too",
        _on_every_table("ALTER TABLE %s ENABLE TRIGGER b_keep_rows", "b_keep_rows"),
        frozen(_FROZEN_ALL_OVER),
    ),
    Guard(
        "trigger: a database stays what it was created as",
        Sql("DROP TRIGGER keep_kind ON records_clock"),
        tests_in("records/test_guard.py")(
            "test_a_database_stays_what_it_was_created_as[DELETE FROM records_clock]"
        ),
    ),
    Guard(
        "trigger: nobody but recording writes the ledger",
        Sql("DROP TRIGGER a_by_trigger ON records_entry"),
        ledger(
            _ledger(
                "INSERT INTO records_entry (record, subject, version, text, hash) "
                "VALUES ('a','b',1,'','')"
            )
        ),
    ),
    Guard(
        "trigger: nobody but recording writes the heads",
        Sql("DROP TRIGGER a_by_trigger ON records_head"),
        ledger(_ledger("UPDATE records_head SET version = version + 1")),
    ),
    Guard(
        "trigger that keeps the ledger's rows",
        Sql("DROP TRIGGER b_keep_rows ON records_entry"),
        ledger(_ledger("UPDATE records_entry SET text = ''"), _ledger("DELETE FROM records_entry")),
    ),
    Guard(
        "trigger that keeps the heads",
        Sql("DROP TRIGGER b_keep_rows ON records_head"),
        ledger(_ledger("DELETE FROM records_head")),
    ),
    Guard(
        "trigger that keeps the ledger from TRUNCATE",
        Sql("DROP TRIGGER c_keep_table ON records_entry"),
        ledger(_ledger("TRUNCATE records_entry")),
    ),
    Guard(
        "trigger that keeps the heads from TRUNCATE",
        Sql("DROP TRIGGER c_keep_table ON records_head"),
        ledger(_ledger("TRUNCATE records_head")),
    ),
    Guard(
        "rule: no INSERT leaves an entry without its row",
        _on_every_table("DROP RULE no_conflict ON %s"),
        frozen(
            _FROZEN_ALL_OVER,
            "test_nobody_leaves_an_entry_without_its_row[ON CONFLICT DO NOTHING]",
        ),
    ),
    Guard(
        "lock of the head",
        Function("records_append", "AND subject = about FOR UPDATE", "AND subject = about"),
        ledger("test_writers_of_one_subject_at_once_make_one_chain"),
    ),
    Guard(
        "time never goes back",
        Function("records_append", "greatest(clock, head.recorded_at)", "clock"),
        ledger("test_time_never_goes_back_within_a_subject"),
    ),
    Guard(
        "an entry names the one before",
        Function("records_append", "about, head.hash, clock", "about, '', clock"),
        ledger("test_each_entry_names_the_one_before_and_the_head_the_last"),
    ),
    Guard(
        "grant: no UPDATE of frozen rows",
        _on_every_table("GRANT UPDATE ON %s TO vb_app"),
        (
            *frozen(_FROZEN_ALL_OVER),
            *attacks(_WITHSTANDS),
            *tests_in("records/test_guard.py")(
                "test_a_role_that_may_change_frozen_tables_is_refused"
            ),
        ),
    ),
    Guard(
        "grant: no DELETE of frozen rows",
        _on_every_table("GRANT DELETE ON %s TO vb_app"),
        (
            *frozen(_FROZEN_ALL_OVER),
            *attacks("test_a_grant_without_the_right_to_grant_gives_nothing"),
        ),
    ),
    Guard(
        "grant: no TRUNCATE of frozen tables",
        _on_every_table("GRANT TRUNCATE ON %s TO vb_app"),
        (
            *frozen(_FROZEN_ALL_OVER),
            *attacks("test_a_grant_without_the_right_to_grant_gives_nothing"),
        ),
    ),
    Guard(
        "grant: nobody writes heads",
        Sql("GRANT UPDATE ON records_head TO vb_app"),
        attacks(_WITHSTANDS, "test_a_grant_without_the_right_to_grant_gives_nothing"),
    ),
    Guard(
        "grant: nobody writes the ledger",
        Sql("GRANT UPDATE ON records_entry TO vb_app"),
        attacks(_WITHSTANDS, "test_a_grant_without_the_right_to_grant_gives_nothing"),
    ),
    Guard(
        "grant: nobody but the owner moves the clock",
        Sql("GRANT UPDATE ON records_clock TO vb_app"),
        (
            *frozen(
                "test_the_application_role_moves_no_clock[UPDATE records_clock SET ahead = '1 day']"
            ),
            *attacks(_WITHSTANDS),
        ),
    ),
    Guard(
        "grant: the application makes no tables",
        Sql("GRANT CREATE ON SCHEMA public TO vb_app"),
        (
            *tests_in("test_database.py")("test_application_role_makes_no_tables"),
            *attacks(_WITHSTANDS),
        ),
    ),
    Guard(
        "grant: nobody calls what records",
        Sql("GRANT EXECUTE ON FUNCTION records_append() TO vb_app"),
        attacks(_WITHSTANDS),
    ),
)

_IN_THE_SOURCE = (
    Guard(
        "production refuses a database whose clock moves",
        Line("records", 'if database_kind() != "live":', "if False:"),
        tests_in("records/test_guard.py")("test_a_database_whose_clock_can_move_is_refused"),
    ),
    Guard(
        "production refuses a role that changes frozen tables",
        Line("records", "if may_change:", "if False:"),
        tests_in("records/test_guard.py")("test_a_role_that_may_change_frozen_tables_is_refused"),
    ),
)

OF_RECORDS = (*_IN_THE_DATABASE, *_IN_THE_SOURCE)
