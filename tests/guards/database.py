"""Guards in the database: triggers, grants, constraints and what their functions check."""

from tests.guards.removal import Function, Guard, Sql, tests_in

frozen = tests_in("records/test_frozen_tables.py")
separation = tests_in("approvals/test_separation.py")
steps = tests_in("business_cases/test_steps.py")
more = tests_in("approvals/test_more_funding.py")
second = tests_in("approvals/test_second_approver.py")
ledger = tests_in("records/test_ledger.py")
attacks = tests_in("records/test_attacks.py")
deciding = tests_in("approvals/test_deciding.py")
constraints = tests_in("test_constraints.py")

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


_TRIGGERS = (
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
        "trigger that separates duties",
        Sql("DROP TRIGGER d_separate ON approvals_decision"),
        (
            *deciding(
                "test_the_database_refuses_what_the_action_would[felix]",
            ),
            *separation("test_the_database_decides_on_requests_of_the_workload_only"),
        ),
    ),
    Guard(
        "trigger that keeps former owners out",
        Sql("DROP TRIGGER d_separate_owners ON approvals_decision"),
        separation("test_handing_a_workload_over_is_no_way_to_decide_on_it[False]"),
    ),
    Guard(
        "trigger: a decision is whole",
        Sql("DROP TRIGGER e_whole ON approvals_decision"),
        deciding("test_the_database_refuses_a_decision_that_names_nothing"),
    ),
    Guard(
        "trigger: an item names what exists",
        Sql("DROP TRIGGER d_exists ON approvals_decisionitem"),
        separation("test_a_decision_names_what_is_recorded[changed0]"),
    ),
    Guard(
        "trigger: an item is named in time",
        Sql("DROP TRIGGER d_in_time ON approvals_decisionitem"),
        separation("test_a_decision_names_nothing_more_afterwards"),
    ),
    Guard(
        "trigger: an estimate comes into force by a decision",
        Sql("DROP TRIGGER d_decided ON business_cases_confirmation"),
        separation(
            "test_the_database_brings_nothing_into_force_without_a_decision[priya-decision]",
            "test_the_database_brings_nothing_into_force_without_a_decision[-within_threshold]",
        ),
    ),
    Guard(
        "trigger: a database stays what it was created as",
        Sql("DROP TRIGGER keep_kind ON records_clock"),
        tests_in("records/test_guard.py")(
            "test_a_database_stays_what_it_was_created_as[DELETE FROM records_clock]"
        ),
    ),
)


def _separates(name: str, guard: str, without: str, red: tuple[str, ...]) -> Guard:
    function = Function("approvals_separate", guard, without)
    return Guard(f"the database separates: {name}", function, red)


_CLAUSES = (
    _separates(
        "no role",
        "WHERE user_id = authority AND role = 'financial_admin'",
        "WHERE user_id = authority",
        deciding("test_the_database_refuses_what_the_action_would[felix]"),
    ),
    *(
        _separates(
            f"who {did}",
            guard,
            without,
            separation(f"test_the_database_knows_who_had_a_hand_in_it[{did}]"),
        )
        for did, guard, without in (
            ("owns", "AND owner_id IN (NEW.recorded_by_id, authority)", "AND false"),
            (
                "estimated",
                "AND recorded_by_id IN (NEW.recorded_by_id, authority)",
                "AND false",
            ),
            ("declared", "AND s.recorded_by_id IN (NEW.recorded_by_id, authority)", "AND false"),
            ("asked", "AND created_by_id IN (NEW.recorded_by_id, authority)", "AND false"),
            ("edited", "AND e.recorded_by_id IN (NEW.recorded_by_id, authority)", "AND false"),
        )
    ),
    _separates(
        "a request of the workload",
        "WHERE id = NEW.request_id AND workload_id = NEW.workload_id",
        "WHERE id = NEW.request_id",
        separation("test_the_database_decides_on_requests_of_the_workload_only"),
    ),
)

_LIFE = (
    Guard(
        "trigger: only legal steps",
        Sql("DROP TRIGGER a_step ON business_cases_businessrequest"),
        steps(
            "test_illegal_steps_are_refused_to_the_application[approved]",
            "test_a_step_raises_the_revision_by_one[0]",
            "test_a_request_begins_as_a_draft[submitted]",
            "test_what_a_request_is_about_never_changes",
        ),
    ),
    Guard(
        "trigger: no step without its record",
        Sql("DROP TRIGGER b_told ON business_cases_businessrequest"),
        steps("test_a_legal_step_without_its_record_does_not_last"),
    ),
    Guard(
        "trigger: no record of a step that was not taken",
        Sql("DROP TRIGGER d_taken ON business_cases_requeststep"),
        steps(
            "test_no_step_is_told_that_was_not_taken[submitted-approved-2]",
            "test_no_step_is_told_that_was_not_taken[draft-submitted-7]",
        ),
    ),
    Guard(
        "trigger: no request decided without a decision",
        Sql("DROP TRIGGER e_decided ON business_cases_requeststep"),
        separation("test_the_database_moves_no_request_without_a_decision[approved]"),
    ),
    Guard(
        "trigger: no decision that moves nothing",
        Sql("DROP TRIGGER f_moves ON approvals_decision"),
        separation("test_the_database_keeps_no_decision_that_moves_nothing"),
    ),
    Guard(
        "trigger: a case stays its workload's",
        Sql("DROP TRIGGER a_stays ON business_cases_businesscase"),
        attacks("test_nor_by_the_owner_while_the_trigger_is_there"),
    ),
    Guard(
        "trigger: an estimate is declined with its request",
        Sql("DROP TRIGGER d_declines ON business_cases_decline"),
        more("test_the_database_declines_only_with_the_request"),
    ),
    Guard(
        "trigger: a declined estimate stays out of force",
        Sql("DROP TRIGGER d_not_declined ON business_cases_confirmation"),
        more("test_the_database_declines_only_with_the_request"),
    ),
    Guard(
        "trigger: the second approval is somebody else's",
        Sql("DROP TRIGGER d_second ON approvals_decision"),
        second("test_the_database_refuses_a_second_by_the_same_person"),
    ),
    Guard(
        "trigger: who decides delegates",
        Sql("DROP TRIGGER d_delegates ON approvals_delegation"),
        separation("test_the_database_lets_nobody_hand_on_what_they_do_not_have"),
    ),
    Guard(
        "a decision for somebody was delegated",
        Function(
            "approvals_separate", "IF NEW.on_behalf_of_id IS NOT NULL AND NOT", "IF false AND NOT"
        ),
        separation("test_the_database_lets_nobody_decide_for_who_did_not_delegate"),
    ),
    Guard(
        "a delegation lasts its days",
        Function("approvals_separate", "AND d.begins_at <= NEW.recorded_at AND", "AND"),
        separation("test_the_database_lets_nobody_decide_for_who_did_not_delegate"),
    ),
    Guard(
        "a delegation that was taken back is over",
        Function(
            "approvals_separate",
            "AND NOT EXISTS (SELECT FROM approvals_delegation b WHERE b.takes_back_id = d.id)",
            "",
        ),
        separation("test_the_database_lets_nobody_decide_for_who_did_not_delegate"),
    ),
    Guard(
        "the second approves what the first did",
        Function("approvals_decision_is_whole", "HAVING count(*) <> 2", "HAVING false"),
        second("test_the_database_refuses_a_second_on_other_snapshots"),
    ),
)

_LEDGER = (
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
        "trigger: no name is merged into itself by a detour",
        Sql("DROP TRIGGER d_no_circle ON business_cases_anchormerge"),
        tests_in("business_cases/test_merging.py")(
            "test_the_database_refuses_a_circle_past_the_action"
        ),
    ),
)

_GRANTS = (
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

# A constraint by its name, with its table; those that are an index in the database are dropped so.
CHECKS = {
    "allocation_gaps_gapaction": ("gap_action_has_rationale",),
    "approvals_decision": (
        "decision_counts_its_approvers",
        "decision_acknowledges_if_approved",
        "decision_has_rationale",
    ),
    "approvals_decisionitem": ("decision_names_one_of_a_kind",),
    "records_checkpoint": ("checkpoint_kind_is_known", "checkpoint_number_once"),
    "business_cases_anchormerge": (
        "merge_has_reason",
        "merge_names_both_or_is_undone",
        "merge_value_type_is_known",
    ),
    "business_cases_bandbounds": ("bounds_fall",),
    "approvals_delegation": (
        "approvals_delegation_takes_back_id_key",
        "delegation_begins_today_at_the_earliest",
        "delegation_has_reason",
        "delegation_is_bounded",
        "delegation_to_somebody_else",
    ),
    "business_cases_businessrequest": (
        "request_kind_fits_its_workload",
        "request_past_draft_has_workload",
    ),
    "business_cases_comment": ("comment_has_author", "comment_says_something"),
    "business_cases_decline": (
        "business_cases_decline_estimate_id_key",
        "decline_has_actor",
        "decline_is_known",
    ),
    "business_cases_requeststep": ("request_step_has_actor", "request_step_once"),
    "business_cases_businesscase": ("business_cases_businesscase_workload_id_key",),
    "business_cases_casesnapshot": (
        "case_direction_goes_with_revenue",
        "case_is_whole_or_retracted",
        "case_percent_in_range",
    ),
    "business_cases_confirmation": ("business_cases_confirmation_estimate_id_key",),
    "business_cases_estimatesnapshot": (
        "estimate_amount_is_positive",
        "estimate_growth_in_range",
        "estimate_months_are_first_days",
        "estimate_months_in_range",
    ),
    "business_cases_requesteditor": ("request_editor_once",),
    "accounts_rolegrant": ("role_held_once", "role_is_known"),
    "spaces_membership": ("membership_once", "membership_role_is_known"),
    "spaces_space": ("space_not_its_own_parent",),
    "spaces_workload": ("workload_state_is_known",),
}
INDEXES = (
    "one_open_request_per_workload",
    "request_finally_decided_once",
    "space_name_once_per_parent",
    "user_email_once",
    "workload_name_once_per_space",
)


def _constraint(name: str, statement: str) -> Guard:
    red = constraints(f"test_the_database_refuses_what_breaks[{name}]")
    return Guard(f"constraint {name}", Sql(statement), red)


_CONSTRAINTS = (
    *(
        _constraint(name, f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        for table, names in CHECKS.items()
        for name in names
    ),
    *(_constraint(name, f"DROP INDEX {name}") for name in INDEXES),
)

IN_THE_DATABASE = (*_TRIGGERS, *_CLAUSES, *_LIFE, *_LEDGER, *_GRANTS, *_CONSTRAINTS)
