"""Guards of requests and figures: their steps, who changes them, who reads them, what was seen."""

from tests.guards.removal import Guard, Line, Sql, tests_in

steps = tests_in("business_cases/test_steps.py")
more = tests_in("approvals/test_more_funding.py")
attacks = tests_in("records/test_attacks.py")
deciding = tests_in("approvals/test_deciding.py")
many = tests_in("approvals/test_many_at_once.py")
requests = tests_in("business_cases/test_request_pages.py")
typing = tests_in("business_cases/test_typing.py")
revising = tests_in("business_cases/test_revising.py")
actions = tests_in("business_cases/test_actions.py")

_IN_THE_DATABASE = (
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
)

_IN_THE_SOURCE = (
    Guard(
        "lock of the request that is written",
        Line(
            "business_cases",
            'BusinessRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)',
            "BusinessRequest.objects.get(pk=request.pk)",
        ),
        many("test_of_many_who_save_a_draft_at_once_one_does"),
    ),
    Guard(
        "lock of the workload",
        Line(
            "business_cases",
            'Workload.objects.select_for_update(of=("self",)).get(pk=workload.pk)',
            "Workload.objects.get(pk=workload.pk)",
        ),
        many("test_of_many_who_revise_at_once_one_does"),
    ),
    Guard(
        "the state moves only from what was seen",
        Line(
            "business_cases",
            "filter(pk=request.pk, revision=seen, state=source)",
            "filter(pk=request.pk)",
        ),
        actions("test_a_request_moves_only_from_what_was_seen"),
    ),
    Guard(
        "stale: a draft saved meanwhile",
        Line("business_cases", "if locked.revision != seen:", "if False:"),
        typing("test_two_tabs_do_not_overwrite_each_other"),
    ),
    Guard(
        "stale: an estimate or a case revised meanwhile",
        Line("business_cases", "if seen != latest:", "if False:"),
        revising("test_a_revision_made_meanwhile_is_shown_and_not_overwritten"),
    ),
    Guard(
        "stale: figures revised while a request was written",
        Line(
            "business_cases",
            "if versions != (len(standing.estimates), len(standing.cases)):",
            "if False:",
        ),
        typing("test_figures_revised_meanwhile_are_not_overwritten"),
    ),
    Guard(
        "role: who changes a request",
        Line(
            "business_cases",
            "if not mine and not (locked.workload and may_revise(actor, locked.workload)):",
            "if False:",
        ),
        actions(
            "test_strangers_change_nothing[save a draft]", "test_strangers_change_nothing[withdraw]"
        ),
    ),
    Guard(
        "role: who submits to a Space",
        Line(
            "business_cases",
            "if not _may_submit(actor, request, proposal.space):",
            "if False:",
        ),
        actions("test_a_request_goes_to_a_space_of_ones_own"),
    ),
    Guard(
        "role: who adds a workload",
        Line(
            "business_cases",
            "if not may_add_to(actor, proposal.space):",
            "if False:",
        ),
        actions("test_strangers_change_nothing[add a workload]"),
    ),
    Guard(
        "role: who revises",
        Line(
            "business_cases",
            "if not may_revise(actor, Workload.objects",
            "if False and not may_revise(actor, Workload.objects",
        ),
        actions(
            "test_strangers_change_nothing[revise the case]",
            "test_strangers_change_nothing[revise the estimate]",
        ),
    ),
    Guard(
        "role: who may revise",
        Line(
            "spaces",
            "return workload.owner_id == user.pk or may_add_to(user, workload.space)",
            "return True",
        ),
        revising("test_others_do_not_revise[mona-case]"),
    ),
    Guard(
        "visible: requests",
        Line(
            "business_cases",
            "return self.filter(mine | submitted & theirs)",
            "return self.filter(mine | submitted)",
        ),
        requests("test_who_reads_a_request[oscar-False]"),
    ),
    Guard(
        "visible: a draft is its author's",
        Line(
            "business_cases",
            "submitted = Q(submitted_at__isnull=False)",
            "submitted = Q(pk__isnull=False)",
        ),
        requests(
            "test_a_draft_is_its_authors_alone", "test_a_withdrawn_draft_stays_its_authors_alone"
        ),
    ),
    Guard(
        "visible: whose request it is to change",
        Line("business_cases", "if not _is_theirs(user, request):", "if False:"),
        requests("test_nobody_else_withdraws_or_edits[mona]"),
    ),
    Guard(
        "a revision has a reason",
        Line(
            "business_cases",
            "def _reason(reason: str) -> str:\n    if not reason.strip():",
            "def _reason(reason: str) -> str:\n    if False:",
        ),
        actions("test_a_reason_of_blanks_is_none[]"),
    ),
    Guard(
        "a revision beyond the threshold waits",
        Line(
            "business_cases",
            "return run + revised.term_cost() <= approved.term_cost() * (1 + percent / 100)",
            "return True",
        ),
        deciding(
            "test_a_small_revision_is_in_force_at_once_a_large_one_waits[11000.01-False]",
            "test_small_revisions_add_up",
        ),
    ),
    Guard(
        "what is over is not revised",
        Line(
            "business_cases",
            "if latest and terms.effective < month_of(day):",
            "if False:",
        ),
        actions("test_months_that_are_over_keep_their_estimate"),
    ),
    Guard(
        "what is decided is not edited",
        Line(
            "business_cases",
            "if request.state not in {RequestState.DRAFT, RequestState.RETURNED}:",
            "if False:",
        ),
        actions(
            "test_what_waits_or_is_decided_is_not_edited[submitted]",
            "test_what_waits_or_is_decided_is_not_edited[approved]",
        ),
    ),
)

OF_REQUESTS = (*_IN_THE_DATABASE, *_IN_THE_SOURCE)
