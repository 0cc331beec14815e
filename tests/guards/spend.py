"""Guards of what spend is made of: rules, signals, rates, the basis, closed months."""

from tests.guards.removal import Guard, Line, Sql, tests_in

at_once = tests_in("cur_ingest/test_closing_at_once.py")
attribution = tests_in("cur_ingest/test_attribution.py")
of_aws = tests_in("cur_ingest/test_sources_of_aws.py")
restatements = tests_in("cur_ingest/test_restatements.py")
overlaps = tests_in("cur_ingest/test_overlaps.py")
choosing = tests_in("cur_ingest/test_basis.py")
closing = tests_in("cur_ingest/test_closing.py")
drafts = tests_in("cur_ingest/test_drafts.py")
proof = tests_in("cur_ingest/test_proof.py")
rates = tests_in("cur_ingest/test_rates.py")
rule_pages = tests_in("cur_ingest/test_pages.py")
splits = tests_in("cur_ingest/test_splits.py")
in_time = tests_in("cur_ingest/test_rules_in_time.py")

_RULES = (
    Guard(
        "role: finance makes rules and signals",
        Line(
            "cur_ingest",
            'if not may_edit(actor):\n        message = "Only Finance makes',
            'if False:\n        message = "Only Finance makes',
        ),
        (
            *rule_pages("test_actions_on_rules_and_signals_refuse_others_themselves[priya]"),
            *drafts("test_only_finance_drafts[priya]"),
        ),
    ),
    Guard(
        "a rule is changed as it was seen",
        Line("cur_ingest", "if last is None or last.version != seen:", "if last is None:"),
        attribution("test_rules_are_versions_and_stale_changes_are_refused"),
    ),
    Guard(
        "past days are reached on purpose",
        Line("cur_ingest", "if since.day < today() and not since.on_purpose:", "if False:"),
        in_time("test_past_days_are_reached_only_on_purpose"),
    ),
    Guard(
        "closed months keep their rules",
        Line("cur_ingest", "if include_closed or not closed:", "if True:"),
        attribution("test_closed_months_keep_the_rules_of_their_time_unless_asked_for"),
    ),
    Guard(
        "a Marketplace row is claimed by its name",
        Line("cur_ingest", " AND r.names_service)", ")"),
        (
            *attribution("test_marketplace_rows_are_claimed_only_by_naming_them"),
            *splits("test_a_marketplace_row_is_split_only_by_a_rule_that_names_it"),
        ),
    ),
    Guard(
        "a split makes a whole",
        Line("cur_ingest", "if message := refusal(self.split, self.shares):", 'if message := "":'),
        splits(
            "test_a_split_that_does_not_make_a_whole_is_refused[<lambda>0]",
            "test_a_split_that_does_not_make_a_whole_is_refused[<lambda>1]",
        ),
    ),
    Guard(
        "published is what was tried",
        Line("cur_ingest", "if seen_of_rules(draft) != seen:", "if False:"),
        drafts(
            "test_nothing_is_published_but_what_was_tried[other rule]",
            "test_nothing_is_published_but_what_was_tried[signal]",
            "test_nothing_is_published_but_what_was_tried[draft]",
        ),
    ),
    Guard(
        "a draft is changed as it was seen",
        Line("cur_ingest", "if draft.revision != revision:", "if False:"),
        drafts("test_a_draft_is_ones_own_and_two_tabs_do_not_overwrite"),
    ),
)

_RATES = (
    Guard(
        "role: finance records rates",
        Line(
            "cur_ingest",
            'if not may_edit(actor):\n        message = "Only Finance records',
            'if False:\n        message = "Only Finance records',
        ),
        rates("test_only_finance_records_rates"),
    ),
    Guard(
        "a rate that is there is corrected, not recorded anew",
        Line("cur_ingest", "if not seen and known.exists():", "if False:"),
        rates("test_a_rate_is_corrected_by_a_version_and_never_overlooked"),
    ),
    Guard(
        "a rate is corrected as it was seen",
        Line("cur_ingest", "if version.version != seen + 1:", "if False:"),
        rates("test_a_rate_is_corrected_by_a_version_and_never_overlooked"),
    ),
    Guard(
        "a corrected rate has its months read again",
        Line("cur_ingest", "if not are_in_force(latest):", "if False:"),
        rates("test_a_corrected_rate_has_the_month_read_again"),
    ),
)

_MONTHS = (
    Guard(
        "one choice of the basis at a time",
        Line("cur_ingest", "if choice.version != seen + 1:", "if False:"),
        choosing("test_of_two_who_choose_the_second_is_told"),
    ),
    Guard(
        "role: finance chooses the basis",
        Line("cur_ingest", "    must_be_finance(actor, TO_CHOOSE)\n", ""),
        choosing("test_only_finance_chooses[erin]"),
    ),
    Guard(
        "lock of the month that is closed",
        Line(
            "cur_ingest",
            "lock_closing(period, exclusive=True)\n    state =",
            "lock_closing(period, exclusive=False)\n    state =",
        ),
        at_once("test_a_month_is_not_closed_while_it_is_loaded"),
    ),
    Guard(
        "a load holds still whether its month is closed",
        Line("cur_ingest", "lock_closing(manifest.period, exclusive=False)", "None"),
        at_once("test_a_month_is_not_closed_while_it_is_loaded"),
    ),
    Guard(
        "a month is closed as it was seen",
        Line("cur_ingest", "if seen != seen_of_month(state, now()):", "if False:"),
        closing("test_nobody_closes_a_month_that_they_did_not_see"),
    ),
    Guard(
        "a closed month is one that is over",
        Line("cur_ingest", "if not has_ended(period, now()):", "if False:"),
        closing("test_a_month_that_is_not_over_is_not_closed"),
    ),
    Guard(
        "what is delivered after closing does not count",
        Line("cur_ingest", "counts=not closed,", "counts=True,"),
        closing("test_after_closing_a_restatement_changes_nothing_until_it_is_taken_over"),
    ),
    Guard(
        "the lines of a closed month stay",
        Line("cur_ingest", "keep=[shown.delivery_id] if closed and shown else []", "keep=[]"),
        closing("test_after_closing_a_restatement_changes_nothing_until_it_is_taken_over"),
    ),
    Guard(
        "what waits is under the rules of the closed month",
        Line("cur_ingest", "=shown.ruled_at if closed and shown else None", "=None"),
        closing("test_what_waits_is_under_the_rules_of_the_closed_month"),
    ),
    Guard(
        "what only waits claims no workload",
        Line("cur_ingest", "sums.first_day and counts]", "sums.first_day]"),
        closing("test_a_workload_is_not_claimed_by_what_only_waits"),
    ),
    Guard(
        "what counts in a closed month is what its closing names",
        Sql("DROP TRIGGER d_closed_month_holds ON cur_ingest_attributionrun"),
        closing(
            "test_the_database_keeps_a_run_out_of_a_closed_month_that_its_closing_does_not_name"
        ),
    ),
    Guard(
        "AWS writes the manifest last, so a younger file belongs to the next delivery",
        Line("cur_ingest", "(manifest.by_aws or not settled)", "(not settled)"),
        of_aws(
            "test_files_of_a_delivery_that_is_being_written_are_not_read"
            "[bucket-at-aws/exports/ai-False]"
        ),
    ),
    Guard(
        "files written again under a manifest that was loaded are not taken",
        Line("cur_ingest", "    refuse_rewritten(load.export, manifest)\n", ""),
        restatements("test_files_written_again_under_a_manifest_that_was_loaded_leave_the_month"),
    ),
    Guard(
        "role: finance leaves months out",
        Line("cur_ingest", "    must_be_finance(actor, TO_LEAVE_OUT)\n", ""),
        overlaps("test_only_finance_leaves_out[erin]"),
    ),
    Guard(
        "what is left out is what was seen",
        Line("cur_ingest", "if run is None or seen != seen_of_run(run):", "if run is None:"),
        overlaps("test_nobody_decides_about_what_they_did_not_see"),
    ),
    Guard(
        "nothing of a closed month is left out",
        Line(
            "cur_ingest",
            "if closing_in_force(period) is not None:\n        message",
            "if False:\n        message",
        ),
        overlaps("test_a_closed_month_is_opened_before_anything_of_it_is_left_out"),
    ),
    Guard(
        "what is left out is not loaded again",
        Line(
            "cur_ingest",
            "    if run is not None:\n        message",
            "    if False:\n        message",
        ),
        overlaps("test_what_is_left_out_is_not_loaded_again"),
    ),
    Guard(
        "role: finance closes months",
        Line(
            "cur_ingest",
            "must_be_finance(actor, TO_CLOSE)\n    lock_rules(exclusive=False)\n    lock_closing(p",
            "lock_rules(exclusive=False)\n    lock_closing(p",
        ),
        closing("test_only_finance_closes_opens_and_takes_over[erin]"),
    ),
    Guard(
        "role: finance takes deliveries over",
        Line(
            "cur_ingest",
            "must_be_finance(actor, TO_CLOSE)\n    lock_rules(exclusive=False)\n    lock_closing(r",
            "lock_rules(exclusive=False)\n    lock_closing(r",
        ),
        closing("test_only_finance_closes_opens_and_takes_over[erin]"),
    ),
    Guard(
        "what is taken over is what waits",
        Line("cur_ingest", "if closing_in_force(run.period) is None or not", "if False and not"),
        closing("test_a_later_delivery_takes_the_place_of_the_one_that_waits"),
    ),
    Guard(
        "a month that does not agree is not closed",
        Line("cur_ingest", "if not all(statement.holds for", "if not all(True for"),
        proof("test_a_month_that_does_not_agree_is_red_and_not_closed"),
    ),
    Guard(
        "pages read what counts",
        Line("cur_ingest", "AttributionRun.objects.filter(counts=True)", "AttributionRun.objects"),
        closing("test_after_closing_a_restatement_changes_nothing_until_it_is_taken_over"),
    ),
)

OF_SPEND = (*_RULES, *_RATES, *_MONTHS)
