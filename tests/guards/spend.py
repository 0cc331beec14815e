"""Guards of closed months."""

from tests.guards.removal import Guard, Line, tests_in

closing = tests_in("cur_ingest/test_closing.py")
at_once = tests_in("cur_ingest/test_closing_at_once.py")

choosing = tests_in("cur_ingest/test_basis.py")

OF_SPEND = (
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
            "lock_closing(period, exclusive=True)",
            "lock_closing(period, exclusive=False)",
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
        "role: finance closes months",
        Line(
            "cur_ingest",
            "must_be_finance(actor, TO_CLOSE)\n    lock_rules(exclusive=False)\n    lock_closing(p",
            "lock_rules(exclusive=False)\n    lock_closing(p",
        ),
        closing("test_only_finance_closes_opens_and_takes_over[erin]"),
    ),
)
