"""Guards of double claims: who merges names, what counts, and who sees what of it."""

from tests.guards.removal import Guard, Line, Sql, tests_in

merging = tests_in("business_cases/test_merging.py")
claims = tests_in("business_cases/test_double_claims.py")
typing = tests_in("business_cases/test_claims_while_typing.py")
background = tests_in("approvals/test_background.py")
outsiders = "test_who_may_not_read_the_other_sees_name_owner_and_amount_and_nothing_else"

OF_CLAIMS = (
    Guard(
        "trigger: no name is merged into itself by a detour",
        Sql("DROP TRIGGER d_no_circle ON business_cases_anchormerge"),
        merging("test_the_database_refuses_a_circle_past_the_action"),
    ),
    Guard(
        "lock of the merges of names",
        Line(
            "business_cases",
            'cursor.execute("SELECT pg_advisory_xact_lock(%s)", [MERGES_LOCK])',
            'cursor.execute("SELECT 1")',
        ),
        merging("test_the_same_merge_twice_at_once_is_made_once"),
    ),
    Guard(
        "what was said of a name is what was seen",
        Line("business_cases", "if seen != (last.version if last else 0):", "if False:"),
        merging("test_who_looked_at_something_older_is_told"),
    ),
    Guard(
        "role: who merges names",
        Line("business_cases", "if not may_merge_names(actor):", "if False:"),
        merging("test_only_finance_merges"),
    ),
    Guard(
        "how a claim was reached is for who reads the workload",
        Line("business_cases", "if not sees:", "if False:"),
        claims(outsiders),
    ),
    Guard(
        "the stated amount is for who reads the workload",
        Line("business_cases", "current=current if sees else None", "current=current"),
        claims(outsiders),
    ),
    Guard(
        "the link is for who reads the workload",
        Line("business_cases", "if workload and sees and not is_this", "if workload"),
        claims(outsiders),
    ),
    Guard(
        "who answers for nothing sees no claims of others",
        Line("valueboard", "or not sees_claims(held.user, workload)", ""),
        claims("test_members_of_the_space_who_answer_for_nothing_do_not_see_it"),
    ),
    Guard(
        "only claimed workloads and submitted requests claim",
        Line(
            "business_cases",
            "filter=Q(pk__in=latest) & counts",
            "filter=Q(pk__in=latest)",
        ),
        claims("test_drafts_returned_withdrawn_rejected_and_retracted_cases_do_not_count"),
    ),
    Guard(
        "ended workloads claim nothing",
        Line("business_cases", "if terms and not position.ended and", "if terms and"),
        claims("test_ended_workloads_do_not_count"),
    ),
    Guard(
        "a case is not counted beside itself",
        Line("business_cases", "if each.workload != workload", "if each"),
        typing("test_a_revision_counts_its_own_case_once[True]"),
    ),
    Guard(
        "earlier declarations are those that the reader reads",
        Line(
            "approvals",
            "readable_workloads(user)\n        .filter(owner=",
            "Workload.objects\n        .filter(owner=",
        ),
        background("test_only_what_the_reader_reads_is_listed"),
    ),
)
