"""Every constraint of the product's tables is a guard; messages bring their own."""

from tests.guards.removal import Guard, Sql, tests_in

constraints = tests_in("test_constraints.py")

# A constraint by its name, with its table; those that are an index in the database are dropped so.
CHECKS = {
    "allocation_gaps_gapaction": (
        "allocation_gaps_gapaction_takes_back_id_key",
        "gap_action_by_whom_it_is_done",
        "gap_action_has_rationale",
        "gap_recall_names_an_action",
    ),
    "allocation_gaps_gapopening": ("gap_is_of_a_workload_or_unclaimed", "gap_kind_is_known"),
    "allocation_gaps_gapstake": ("allocation_gaps_gapstake_opening_id_key",),
    "allocation_gaps_lookedat": ("looked_at_is_one_row",),
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
    "cur_ingest_basischoice": ("basis_choice_has_a_reason", "basis_choice_is_stored"),
    "positions_savedview": ("view_has_a_name",),
    "cur_ingest_closedtotal": ("closed_total_once",),
    "cur_ingest_delivery": ("delivery_period_is_a_month",),
    "cur_ingest_draftedrule": (
        "drafted_rule_has_a_condition",
        "drafted_rule_has_one_target",
        "drafted_rule_has_seen_its_rule",
        "drafted_rule_once",
        "drafted_rule_retires_a_rule",
        "drafted_rule_tag_has_key_and_value",
    ),
    "cur_ingest_export": (
        "cur_ingest_export_location_key",
        "export_external_id_is_of_a_role",
        "export_format_is_known",
        "export_role_or_profile",
    ),
    "cur_ingest_load": (
        "load_counts_are_in_range",
        "load_delivery_if_loaded",
        "load_finished_has_time",
        "load_period_is_a_month",
        "load_state_is_known",
    ),
    "cur_ingest_monthclosing": (
        "month_closing_cause_is_known",
        "month_closing_has_a_reason",
        "month_closing_period_is_a_month",
    ),
    "cur_ingest_monthtotal": ("month_total_once",),
    "cur_ingest_rateversion": (
        "rate_has_a_reason",
        "rate_is_above_zero",
        "rate_is_of_another_currency",
        "rate_month_is_a_month",
    ),
    "cur_ingest_ruledraft": ("cur_ingest_ruledraft_author_id_key",),
    "cur_ingest_ruleversion": (
        "rule_has_a_condition",
        "rule_has_one_target",
        "rule_tag_has_key_and_value",
    ),
    "cur_ingest_signalversion": ("signal_has_pattern",),
    "cur_ingest_splitpart": ("split_part_once",),
    "cur_ingest_tagkey": ("cur_ingest_tagkey_key_key",),
}
INDEXES = (
    "export_name_once",
    "load_one_at_a_time",
    "one_open_request_per_workload",
    "request_finally_decided_once",
    "space_name_once_per_parent",
    "user_email_once",
    "view_name_once_per_person",
    "view_one_default_per_person",
    "workload_name_once_per_space",
)


def _constraint(name: str, statement: str) -> Guard:
    red = constraints(f"test_the_database_refuses_what_breaks[{name}]")
    return Guard(f"constraint {name}", Sql(statement), red)


CONSTRAINTS = (
    *(
        _constraint(name, f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        for table, names in CHECKS.items()
        for name in names
    ),
    *(_constraint(name, f"DROP INDEX {name}") for name in INDEXES),
)
