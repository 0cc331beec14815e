"""Guards in the source: locks, roles, who sees what, what was seen, what is missing."""

from tests.guards.removal import Guard, Line, tests_in

deciding = tests_in("approvals/test_deciding.py")
pages = tests_in("approvals/test_decision_page.py")
confirmation = tests_in("approvals/test_confirmation_page.py")
races = tests_in("approvals/test_races.py")
many = tests_in("approvals/test_many_at_once.py")
separation = tests_in("approvals/test_separation.py")
requests = tests_in("business_cases/test_request_pages.py")
typing = tests_in("business_cases/test_typing.py")
revising = tests_in("business_cases/test_revising.py")
actions = tests_in("business_cases/test_actions.py")
spaces = tests_in("spaces/test_pages.py")
every_post = tests_in("forms/test_every_post.py")
people = tests_in("accounts/test_people.py")

_LOCKS = (
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
        "lock of the Administrators",
        Line("accounts", "grants.select_for_update()", "grants"),
        people("test_of_two_administrators_who_leave_at_once_one_stays"),
    ),
)

_SEEN = (
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
)

_ROLES = (
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
        Line("approvals", "if w.owner_id in ids]", "if False]"),
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
        "role: pages for a role",
        Line(
            "accounts",
            "if not actor_of(request).roles.intersection(roles):",
            "if False:",
        ),
        spaces("test_people_are_for_administrators[olivia]"),
    ),
    Guard(
        "role: people and roles",
        Line("accounts", "if Role.ADMINISTRATOR not in user.roles:", "if False:"),
        people("test_only_an_administrator_makes_people_and_grants_roles[felix]"),
    ),
    Guard(
        "role: the last Administrator stays",
        Line("accounts", "if user.pk in administrators and not", "if False and not"),
        people("test_the_last_administrator_who_may_sign_in_stays"),
    ),
    Guard(
        "role: who acts on gaps",
        Line("allocation_gaps", "bool(user.roles & ACTORS)", "True"),
        tests_in("allocation_gaps/test_gaps.py")("test_the_action_itself_refuses_who_may_not_act"),
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
)

_VISIBILITY = (
    Guard(
        "visible: Spaces",
        Line(
            "spaces",
            "return self.filter(pk__in=spaces_below(Membership.objects.of(user).space_ids()))",
            "return self",
        ),
        spaces("test_people_see_their_spaces_only[oscar-seen4]"),
    ),
    Guard(
        "visible: workloads",
        Line(
            "spaces",
            "models.Q(space__in=spaces_below(Membership.objects.of(user).space_ids()))",
            "models.Q()",
        ),
        tests_in("test_board.py")("test_everybody_sees_what_they_read_and_nothing_else"),
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
        "sign-in",
        Line(
            "valueboard",
            '"django.contrib.auth.middleware.LoginRequiredMiddleware",',
            "",
        ),
        (
            *pages("test_strangers_sign_in_first"),
            *spaces("test_strangers_are_sent_to_sign_in[/spaces/]"),
        ),
    ),
    Guard(
        "idempotency: the key is kept",
        Line("idempotency", "if not key:", "if True:"),
        every_post(
            "test_the_same_key_twenty_times_at_once_has_one_effect[space-new]",
            "test_the_same_key_twenty_times_at_once_has_one_effect[gap-request]",
        ),
    ),
    Guard(
        "idempotency: one key, one transaction",
        Line("idempotency", "if noted.status is None:", "if True:"),
        every_post("test_the_same_key_twenty_times_at_once_has_one_effect[space-new]"),
    ),
    Guard(
        "CSRF",
        Line("valueboard", '"django.middleware.csrf.CsrfViewMiddleware",', ""),
        tests_in("test_frame.py")("test_a_form_from_elsewhere_is_refused"),
    ),
)

_TEXT = (
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
    Guard(
        "a revision has a reason",
        Line(
            "business_cases",
            "def _reason(reason: str) -> str:\n    if not reason.strip():",
            "def _reason(reason: str) -> str:\n    if False:",
        ),
        actions("test_a_reason_of_blanks_is_none"),
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

IN_THE_SOURCE = (*_LOCKS, *_SEEN, *_ROLES, *_VISIBILITY, *_TEXT)
