"""Guards of decisions: who may take them, on what, and what a decision is."""

from tests.guards.removal import Function, Guard, Line, Sql, tests_in

separation = tests_in("approvals/test_separation.py")
second = tests_in("approvals/test_second_approver.py")
deciding = tests_in("approvals/test_deciding.py")
pages = tests_in("approvals/test_decision_page.py")
confirmation = tests_in("approvals/test_confirmation_page.py")
races = tests_in("approvals/test_races.py")
many = tests_in("approvals/test_many_at_once.py")

_IN_THE_DATABASE = (
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

_IN_THE_SOURCE = (
    Guard(
        "lock of the request that is decided",
        Line(
            "approvals",
            'request = BusinessRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)',
            "request = BusinessRequest.objects.get(pk=request.pk)",
        ),
        many("test_of_many_who_act_at_once_one_wins_each_round"),
    ),
    Guard(
        "stale: a request decided meanwhile",
        Line(
            "approvals",
            "if request is not None and (what := what_happened(request)):",
            'if (what := ""):',
        ),
        deciding("test_the_second_decider_is_told_who_was_first"),
    ),
    Guard(
        "stale: snapshots that the approver did not see",
        Line("approvals", "if seen != Seen.of(standing):", "if False:"),
        (
            *deciding("test_a_revision_between_page_and_click_stops_the_decision"),
            *confirmation("test_a_revision_between_page_and_click_stops_a_confirmation"),
        ),
    ),
    Guard(
        "stale: a request submitted again meanwhile",
        Line("approvals", "if request is not None and request.revision != revision:", "if False:"),
        separation("test_a_page_opened_before_the_request_was_submitted_again_decides_nothing"),
    ),
    Guard(
        "stale: an estimate confirmed meanwhile",
        Line(
            "approvals",
            "if request is None and standing.pending is None:",
            "if False:",
        ),
        races("test_of_two_who_confirm_one_wins"),
    ),
    Guard(
        "stale: a workload renamed while its estimate was read",
        Line(
            "approvals",
            "if workload_seen is not None and workload_seen != workload.seen:",
            "if False:",
        ),
        confirmation(
            "test_an_edit_of_the_workload_between_page_and_click_stops_a_confirmation[name]"
        ),
    ),
    Guard(
        "role: decider",
        Line(
            "approvals",
            "if not away and Role.FINANCIAL_ADMIN not in user.roles:",
            "if False:",
        ),
        (
            *deciding("test_only_a_financial_admin_decides[felix]"),
            *pages("test_who_may_decide[felix-403-200-403]"),
        ),
    ),
    Guard(
        "role: the action asks who decides",
        Line(
            "approvals",
            "if authority.why_not:",
            "if False:",
        ),
        deciding(
            "test_only_a_financial_admin_decides[felix]",
            "test_nobody_decides_on_what_they_recorded_or_own_not_even_a_superuser",
        ),
    ),
    Guard(
        "separation: the owner",
        Line("approvals", "if w.owner_id in ids}", "if False}"),
        pages("test_nobody_decides_on_their_own[owns-You own this workload-True]"),
    ),
    Guard(
        "separation: who owned the workload before",
        Line(
            "approvals",
            "Placement.objects.filter(workload__in=about, owner__in=ids)",
            "Placement.objects.none()",
        ),
        separation("test_handing_a_workload_over_is_no_way_to_decide_on_it[False]"),
    ),
    Guard(
        "separation: who edited the request",
        Line(
            "approvals",
            "RequestEditor.objects.filter(request__workload__in=about, recorded_by__in=ids)",
            "RequestEditor.objects.none()",
        ),
        separation("test_who_edited_a_returned_request_does_not_decide_on_it[saved a draft of it]"),
    ),
    Guard(
        "separation: who edits a request is kept",
        Line(
            "business_cases",
            "RequestEditor.objects.get_or_create(request=request, recorded_by=actor)",
            "pass",
        ),
        separation(
            "test_who_edited_a_returned_request_does_not_decide_on_it[submitted it as it was]"
        ),
    ),
    Guard(
        "an approval acknowledges what was declared",
        Line(
            "approvals",
            "fits = acknowledgement in acknowledgements_of(standing)",
            "fits = True",
        ),
        deciding("test_the_acknowledgement_fits_the_case[None-agreed-acknowledgement]"),
    ),
    Guard(
        "a decision has a rationale",
        Line("approvals", "if not rationale.strip():", "if False:"),
        deciding("test_a_rationale_of_blanks_is_none"),
    ),
)

OF_DECISIONS = (*_IN_THE_DATABASE, *_CLAUSES, *_IN_THE_SOURCE)
