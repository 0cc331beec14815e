"""Guards of messages and mails, in their tables and in the source."""

from tests.guards.removal import Guard, Line, Sql, tests_in

tables = tests_in("notices/test_tables.py")
outbox = tests_in("notices/test_outbox.py")
inbox = tests_in("notices/test_inbox.py")
digest = tests_in("notices/test_digest.py")
letters = tests_in("notices/test_letters.py")
CHECKS = {
    "notices_mailpreference": ("mail_preference_is_known", "notices_mailpreference_person_id_key"),
    "notices_mail": ("digest_once_a_day", "mail_is_sent_or_not", "notices_mail_message_id_key"),
    "notices_message": (
        "message_is_mailed_once",
        "message_kind_is_known",
        "message_links_inside",
    ),
}

_TABLES = tuple(
    Guard(
        f"constraint {name}",
        Sql(f"ALTER TABLE {table} DROP CONSTRAINT {name}"),
        tables(f"test_the_database_refuses_what_breaks[{name}]"),
    )
    for table, names in CHECKS.items()
    for name in names
)

_SOURCE = (
    Guard(
        "lock of the mail that is sent",
        Line(
            "notices",
            'Mail.objects.select_for_update(of=("self",), skip_locked=True)',
            "Mail.objects",
        ),
        tests_in("notices/test_at_once.py")("test_of_many_workers_one_sends_a_mail"),
    ),
    Guard(
        "who left gets no mail",
        Line("notices", "if not mail.recipient.is_active:", "if False:"),
        outbox("test_who_was_deactivated_or_wants_no_mail_meanwhile_gets_none"),
    ),
    Guard(
        "a demonstration sends no mail",
        Line("notices", 'if database_kind() == "demo" and', "if False and"),
        outbox("test_a_demonstration_sends_nothing_through_a_mail_server"),
    ),
    Guard(
        "a mail is given up at last",
        Line("notices", "if mail.attempts >= MAX_ATTEMPTS:", "if False:"),
        outbox("test_waits_double_until_a_mail_is_given_up_and_an_administrator_sends_it_again"),
    ),
    Guard(
        "no password in an error",
        Line("notices", "if settings.EMAIL_HOST_PASSWORD:", "if False:"),
        outbox("test_a_mail_that_could_not_be_sent_is_tried_again"),
    ),
    Guard(
        "role: sends mail again",
        Line("notices", "if Role.ADMINISTRATOR not in actor.roles:", "if False:"),
        tests_in("notices/test_undelivered.py")("test_it_is_for_administrators"),
    ),
    Guard(
        "nobody reads another's message",
        Line("notices", "Message.objects.visible_to(user), pk=pk", "Message.objects.all(), pk=pk"),
        inbox("test_nobody_sees_or_marks_anothers_messages"),
    ),
    Guard(
        "no digest for who left or wants none",
        Line(
            "notices",
            "if not person.is_active or choice_of(person) == Choice.NONE:",
            "if False:",
        ),
        digest("test_who_left_gets_no_digest"),
    ),
    Guard(
        "no digest twice a day",
        Line("notices", "if not is_new:", "if False:"),
        digest("test_what_was_written_before_the_hour_and_seen_after_it_comes_tomorrow"),
    ),
    Guard(
        "only addresses of the product are links",
        Line("notices", 'if not line.startswith(f"{base_url}/"):', "if False:"),
        letters("test_the_link_of_a_message_is_the_last_and_leads_inside"),
    ),
    Guard(
        "jobs of a dead worker are done by another",
        Line("valueboard", "await manager.retry_job(job)", "pass"),
        tests_in("jobs/test_stalled.py")(
            "test_a_job_of_a_dead_worker_is_done_by_another[there]",
            "test_a_job_of_a_dead_worker_is_done_by_another[pruned]",
        ),
    ),
)

OF_MESSAGES = (*_TABLES, *_SOURCE)
