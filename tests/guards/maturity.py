"""Guards of formulas in force and of kept scores."""

from tests.guards.removal import Guard, Sql, tests_in

_keeping = tests_in("maturity/test_keeping.py")

GUARDS = (
    Guard(
        "constraint formula_in_force_once",
        Sql("ALTER TABLE maturity_formulaversion DROP CONSTRAINT formula_in_force_once"),
        _keeping("test_a_formula_comes_into_force_once"),
    ),
    Guard(
        "index kept_score_once",
        Sql("ALTER TABLE maturity_keptscore DROP CONSTRAINT kept_score_once"),
        _keeping("test_a_measure_is_kept_once_a_day_even_of_what_lies_in_no_space"),
    ),
)
