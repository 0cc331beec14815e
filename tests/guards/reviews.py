"""Guards of budget reviews and packs in the database."""

from tests.guards.removal import Guard, Sql, tests_in

frozen = tests_in("reviews/test_frozen.py")
packs = tests_in("packs/test_packs.py")


def _constraint(table: str, name: str, red: tuple[str, ...]) -> Guard:
    return Guard(f"{name}", Sql(f"ALTER TABLE {table} DROP CONSTRAINT {name}"), red)


GUARDS = (
    Guard(
        "a closed review stays",
        Sql("DROP TRIGGER d_closed_holds ON reviews_review"),
        frozen("test_nothing_of_a_closed_review_changes[name]"),
    ),
    Guard(
        "notes of a closed review stay",
        Sql("DROP TRIGGER d_closed_holds ON reviews_note"),
        frozen(
            "test_nothing_of_a_closed_review_changes[note]",
            "test_a_closed_review_takes_no_further_note",
            "test_a_note_is_not_moved_out_of_a_closed_review_nor_into_one",
        ),
    ),
    Guard(
        "the database separates: Finance closes reviews",
        Sql("DROP TRIGGER d_by_finance ON reviews_closing"),
        frozen("test_only_finance_closes[priya]"),
    ),
    Guard(
        "places of a closing",
        Sql("DROP TRIGGER d_place ON reviews_reviewed"),
        frozen("test_nothing_is_put_to_a_closing_beyond_its_places[2]"),
    ),
    Guard(
        "a closing is whole",
        Sql("DROP TRIGGER e_whole ON reviews_closing"),
        frozen("test_a_closing_has_all_the_workloads_that_it_says"),
    ),
    Guard(
        "names of reviews",
        Sql("DROP INDEX review_name_once"),
        frozen("test_names_tell_reviews_apart_whatever_their_case"),
    ),
    _constraint(
        "reviews_review", "review_follows_another", frozen("test_no_review_follows_itself")
    ),
    _constraint(
        "reviews_note",
        "note_once_per_workload",
        frozen("test_a_workload_has_one_note_in_a_review"),
    ),
    _constraint(
        "reviews_note",
        "note_direction_is_known",
        frozen("test_only_directions_of_the_method_are_noted"),
    ),
    _constraint(
        "reviews_reviewed",
        "reviewed_direction_is_known",
        frozen("test_only_directions_of_the_method_are_kept"),
    ),
    _constraint("reviews_reviewed", "reviewed_once", frozen("test_a_workload_is_reviewed_once")),
    _constraint(
        "reviews_reviewed",
        "reviewed_in_order",
        frozen("test_nothing_is_put_to_a_closing_beyond_its_places[2]"),
    ),
    _constraint(
        "reviews_closing",
        "reviews_closing_review_id_key",
        frozen("test_a_review_is_closed_once"),
    ),
    _constraint(
        "packs_pack",
        "pack_state_is_known",
        packs("test_a_pack_is_one_or_the_other[pack_state_is_known]"),
    ),
    _constraint(
        "packs_pack",
        "pack_content_if_done",
        packs("test_a_pack_is_one_or_the_other[pack_content_if_done]"),
    ),
    _constraint(
        "packs_pack",
        "pack_finished_has_time",
        packs("test_a_pack_is_one_or_the_other[pack_finished_has_time]"),
    ),
    _constraint(
        "packs_pack",
        "pack_tries_are_few",
        packs("test_a_pack_is_one_or_the_other[pack_tries_are_few]"),
    ),
)
