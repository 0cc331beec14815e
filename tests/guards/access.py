"""Guards at the door: who comes in, who sees what, who manages people, what is sent twice."""

from tests.guards.removal import Guard, Line, tests_in

pages = tests_in("approvals/test_decision_page.py")
spaces = tests_in("spaces/test_pages.py")
every_post = tests_in("forms/test_every_post.py")
people = tests_in("accounts/test_people.py")

AT_THE_DOOR = (
    Guard(
        "lock of the Administrators",
        Line("accounts", "grants.select_for_update()", "grants"),
        people("test_of_two_administrators_who_leave_at_once_one_stays"),
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
        tests_in("allocation_gaps/test_gaps.py")(
            "test_the_action_itself_refuses_who_may_not_act[erin]"
        ),
    ),
    Guard(
        "visible: Spaces",
        Line(
            "spaces",
            "return self.filter(pk__in=Reader.of(user).reads)",
            "return self",
        ),
        spaces("test_people_see_their_spaces_only[oscar-seen4]"),
    ),
    Guard(
        "visible: workloads",
        Line(
            "spaces",
            "models.Q(space__in=Reader.of(user).reads)",
            "models.Q()",
        ),
        tests_in("test_board.py")("test_everybody_sees_what_they_read_and_nothing_else"),
    ),
    Guard(
        "sign-in",
        Line(
            "valueboard",
            '"accounts.middleware.SignInMiddleware",',
            "",
        ),
        spaces("test_strangers_are_sent_to_sign_in[/spaces/]"),
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
