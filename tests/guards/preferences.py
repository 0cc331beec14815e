"""Guards of preferences."""

from tests.guards.removal import Guard, Sql, tests_in

GUARDS = (
    Guard(
        "constraint preference_locale_is_known",
        Sql("ALTER TABLE accounts_preference DROP CONSTRAINT preference_locale_is_known"),
        tests_in("accounts/test_preferences.py")("test_a_locale_that_nobody_knows_is_refused"),
    ),
    Guard(
        "constraint accounts_preference_person_id_key",
        Sql("ALTER TABLE accounts_preference DROP CONSTRAINT accounts_preference_person_id_key"),
        tests_in("accounts/test_preferences.py")("test_everybody_has_one_preference"),
    ),
)
