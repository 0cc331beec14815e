"""Guards of exports and loads: what is read, what is taken, what is kept of it."""

from tests.guards.removal import Guard, Line, tests_in

at_once = tests_in("cur_ingest/test_loading_at_once.py")
exact = tests_in("cur_ingest/test_exact_money.py")
exports = tests_in("cur_ingest/test_exports.py")
loading = tests_in("cur_ingest/test_loading.py")
loads = tests_in("cur_ingest/test_loads.py")
proof = tests_in("cur_ingest/test_proof.py")
sources = tests_in("cur_ingest/test_sources.py")

_EXPORTS = (
    Guard(
        "role: who configures exports",
        Line("cur_ingest", "if Role.ADMINISTRATOR not in actor.roles:", "if False:"),
        exports("test_only_administrators_configure"),
    ),
    Guard(
        "folders that no page may read",
        Line("cur_ingest", "if not any(folder.is_relative_to(root)", "if not any(True"),
        exports(
            "test_folders_are_confined[../outside]",
            "test_folders_are_confined[link]",
            "test_what_the_command_line_was_given_stays_where_it_is",
        ),
    ),
    Guard(
        "an export is changed as it was seen",
        Line("cur_ingest", "if locked.seen != seen:", "if False:"),
        exports("test_the_second_to_change_is_told"),
    ),
    Guard(
        "one place is one export",
        Line("cur_ingest", "if other is not None:", "if False:"),
        loads("test_two_exports_of_one_place_are_not_added_up"),
    ),
    Guard(
        "several exports are not mixed",
        Line("cur_ingest", "if len(roots) > 1:", "if False:"),
        sources("test_several_exports_are_not_mixed"),
    ),
    Guard(
        "files of an export lie inside it",
        Line("cur_ingest", "if not path.is_relative_to(self.root):", "if False:"),
        sources("test_a_link_out_of_the_folder_is_refused"),
    ),
    Guard(
        "a local file that changed meanwhile",
        Line("cur_ingest", "            if not self.store.copies:\n", "            if False:\n"),
        sources("test_local_files_that_change_while_they_are_read_end_in_an_error"),
    ),
    Guard(
        "a manifest that changed while S3 was read",
        Line(
            "cur_ingest",
            "            if self.store.copies:\n                self._refuse_change(manifest)\n",
            "",
        ),
        tests_in("cur_ingest/test_sources_of_aws.py")(
            "test_the_manifest_is_read_again_after_the_last_file"
        ),
    ),
    Guard(
        "a file that changed where an engine reads it",
        Line(
            "cur_ingest",
            "for file in manifest.data_files]\n        self._refuse_change(manifest)\n",
            "for file in manifest.data_files]\n",
        ),
        sources("test_files_read_in_place_are_looked_at_again_afterwards"),
    ),
)

_LOADS = (
    Guard(
        "role: who has deliveries loaded",
        Line("cur_ingest", "if not may_load(actor):", "if False:"),
        loads("test_only_finance_and_administrators_ask[priya]"),
    ),
    Guard(
        "a load that somebody runs is left alone",
        Line(
            "cur_ingest", "if alone and (begun := _begin(load_id)):", "if begun := _begin(load_id):"
        ),
        loads("test_whoever_runs_a_load_is_left_alone"),
    ),
    Guard(
        "a load that is over is not run again",
        Line("cur_ingest", "if load is None or not load.is_unfinished:", "if load is None:"),
        loads("test_a_load_that_is_over_is_not_run_again"),
    ),
    Guard(
        "a load that died three times is given up",
        Line("cur_ingest", "if load.tries >= TRIES:", "if False:"),
        loads("test_what_died_three_times_is_given_up"),
    ),
    Guard(
        "what may pass is tried again",
        Line(
            "cur_ingest", "if isinstance(error, PassingError) and load.tries", "if False and load"
        ),
        loads(
            "test_what_may_pass_is_tried_three_times", "test_what_passed_is_loaded_at_the_next_try"
        ),
    ),
    Guard(
        "a load that a dead worker left is found",
        Line("cur_ingest", "for load in forgotten.exclude(pk__in=queued):", "for load in ():"),
        loads("test_what_a_dead_worker_left_is_found_and_tried_again"),
    ),
)

_DELIVERIES = (
    Guard(
        "an older delivery is refused",
        Line("cur_ingest", "if found and loaded and found < loaded:", "if False:"),
        loading(
            "test_an_older_delivery_is_refused",
            "test_an_older_delivery_is_known_by_the_folder_of_its_execution",
        ),
    ),
    Guard(
        "a delivery that was replaced is refused",
        Line("cur_ingest", "if seen is not None:", "if False:"),
        loading("test_a_delivery_that_was_replaced_is_refused"),
    ),
    Guard(
        "an empty delivery is refused where there were rows",
        Line("cur_ingest", "if aggregate.source_rows == 0 and latest", "if False and latest"),
        loading("test_an_empty_delivery_is_refused_where_there_were_rows"),
    ),
    Guard(
        "rows of another month are refused",
        Line("cur_ingest", "            _refuse_other_period(found, manifest)\n", ""),
        loading("test_a_wrong_row_leaves_the_loaded_month_as_it_was[row0-2026-08]"),
    ),
    Guard(
        "what is no amount is refused",
        Line("cur_ingest", "if found.worst != aggregation.EXACT:", "if False:"),
        exact(
            "test_what_is_no_amount_is_refused_with_its_column[nan]",
            "test_what_is_no_amount_is_refused_with_its_column[inf]",
            "test_more_decimals_than_can_be_held_are_refused",
        ),
    ),
    Guard(
        "an amount that a cast would round is noticed",
        Line(
            "cur_ingest",
            "(size < CAST_IS_EXACT_BELOW, back == number)",
            "(size < CAST_IS_EXACT_BELOW, ibis.literal(value=True))",
        ),
        exact("test_more_than_twelve_decimals_are_held_exactly[0.30000000000000004]"),
    ),
    Guard(
        "a large amount is read from its text",
        Line(
            "cur_ingest", "small = column.abs() < CAST_IS", "small = column.abs() < 1e9 * CAST_IS"
        ),
        exact("test_every_amount_of_a_sample_is_exact"),
    ),
    Guard(
        "the lines held are those that were read",
        Line("cur_ingest", "    _check(delivery, aggregate)\n", ""),
        proof("test_a_line_lost_on_its_way_undoes_the_load"),
    ),
    Guard(
        "the totals of a month are those of its delivery",
        Line("cur_ingest", "    _must_add_up(delivery, settled)\n", ""),
        proof("test_totals_that_are_not_the_deliverys_undo_the_load"),
    ),
    Guard(
        "lock of the rules",
        Line("cur_ingest", 'cursor.execute(f"SELECT {function}(%s)", [RULES_LOCK])', "pass"),
        at_once("test_a_rule_waits_for_the_load_of_a_month"),
    ),
)

OF_LOADS = (*_EXPORTS, *_LOADS, *_DELIVERIES)
