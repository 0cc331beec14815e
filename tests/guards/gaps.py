"""Guards of gaps: who acts, on what is open, and that the system alone finds and resolves."""

from tests.guards.removal import Guard, Line, Sql, tests_in

constraints = tests_in("test_constraints.py")
looking = tests_in("allocation_gaps/test_looking.py")
acting = tests_in("allocation_gaps/test_acting.py")

GUARDS = (
    Guard(
        "trigger: a gap is open once",
        Sql("DROP TRIGGER d_once ON allocation_gaps_gapopening"),
        constraints("test_the_database_refuses_what_breaks[gap_open_once]"),
    ),
    Guard(
        "trigger: acts are of an open gap",
        Sql("DROP TRIGGER d_open ON allocation_gaps_gapaction"),
        constraints(
            "test_the_database_refuses_what_breaks[gap_action_of_an_open_gap]",
            "test_the_database_refuses_what_breaks[gap_recall_is_of_a_request]",
        ),
    ),
    Guard(
        "a gap that is gone is not acted on",
        Line("allocation_gaps", "or (look and look.holds(each.opening))", "or True"),
        acting("test_nobody_is_asked_for_what_is_there_by_now"),
    ),
    Guard(
        "a gap that is gone is not found open",
        Line("allocation_gaps", "if look.holds(opening)}", "}"),
        looking("test_a_gap_that_comes_back_is_a_new_one_that_names_the_old"),
    ),
    Guard(
        "stale: somebody acted on the gap meanwhile",
        Line("allocation_gaps", "if locked.acts.seen != seen:", "if False:"),
        acting("test_of_two_who_act_on_one_gap_the_second_is_told"),
    ),
)
