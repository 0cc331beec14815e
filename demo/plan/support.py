"""The workloads of Customer Support."""

from decimal import Decimal

from demo.plan.organisation import NOOR, OSCAR, PRIYA, SUPPORT
from demo.plan.services import CLAUDE, NOVA, PROFILE
from demo.plan.values import (
    RetractCase,
    ReviseCase,
    Stop,
    Submit,
    ago,
    estimate,
    on,
    revenue,
    saving,
)
from demo.plan.workload import PlannedWorkload, planned, requested

_ASSISTANT = estimate("75000", "1.5", first=-11, months=24)
_CALLS = estimate("8000", "0", first=-9, months=12)
_TRIAGE = estimate("5000", "0", first=-3, months=12)
_HELP = estimate("18000", "2", first=-8, months=18)
_LETTERS = estimate("3200", "0", first=-7, months=12)
_VOICE = estimate("7000", "0", first=-11, months=6)
_CHAT = estimate("9000", "0", first=-9, months=18)
_RETURNS = estimate("5500", "2", first=1, months=12)

WORKLOADS = (
    PlannedWorkload(
        name="Contact centre assistant",
        purpose="Proposes answers to agents while they talk or write.",
        space=SUPPORT,
        owner=OSCAR,
        steps=(
            *requested(
                on(-12, 6), on(-12, 22), _ASSISTANT,
                saving("Contact centre contractors", "21000000", "22",
                       "Handling time in two teams against two teams without."),
                "A proper comparison of teams. Agreed, to be looked at again in a year.",
                by=PRIYA,
            ),
            ReviseCase(
                on(-2, 12),
                case=saving("Contact centre contractors", "21000000", "30",
                            "All teams use it now; contracts for 2 of 7 sites were not renewed."),
                reason="Two contractor sites were given up.",
            ),
        ),
        # The comparison of teams ran on the bill before the approval.
        spend=(
            planned(_ASSISTANT, PROFILE, "1.04"),
            planned(_ASSISTANT, PROFILE, "0.1", first=-12, last=-12, first_day=4),
        ),
        band="strong", multiple="6.44×",
    ),
    PlannedWorkload(
        name="Call summaries",
        purpose="Writes the note after each call.",
        space=SUPPORT,
        owner=OSCAR,
        steps=requested(
            on(-10, 9), on(-10, 23), _CALLS,
            saving("After-call work", "480000", "25",
                   "Stop-watch study of 300 calls, review of the notes included."),
            "The study includes the agents' corrections.", by=NOOR,
        ),
        spend=(planned(_CALLS, NOVA, "1.02"),),
        band="marginal", multiple="1.25×",
    ),
    PlannedWorkload(
        name="Ticket triage",
        purpose="Sorts tickets by subject and urgency.",
        space=SUPPORT,
        owner=OSCAR,
        steps=requested(
            on(-4, 6), on(-4, 17), _TRIAGE,
            saving("First-line sorting", "749990", "10",
                   "One in ten sorting hours, from the pilot's log."),
            "Barely pays by these figures; agreed for a year.", by=PRIYA,
        ),
        spend=(planned(_TRIAGE, NOVA, "1.01"),),
        band="thin", multiple="1.24×",
    ),
    PlannedWorkload(
        name="Help centre answers",
        purpose="Answers customers' questions from the help centre's own pages.",
        space=SUPPORT,
        owner=OSCAR,
        steps=(
            *requested(
                on(-9, 8), on(-9, 22), _HELP,
                saving("Answering by hand what the help centre says", "2400000", "20",
                       "Share of conversations that ended without an agent."),
                "Agreed, on the share that the chat's own report shows.", by=NOOR,
            ),
            ReviseCase(
                on(-4, 9),
                case=revenue("protect by churn", "Subscriptions up for renewal", "9500000", "6",
                             "Renewals of customers with an answer within a minute."),
                reason="It keeps subscribers; hardly any agent hours went.",
            ),
        ),
        spend=(planned(_HELP, CLAUDE, "0.97"),),
        band="solid", multiple="2.36×",
    ),
    PlannedWorkload(
        name="Complaint letters",
        purpose="Drafts replies to written complaints.",
        space=SUPPORT,
        owner=OSCAR,
        steps=(
            *requested(
                on(-8, 10), on(-8, 24), _LETTERS,
                saving("Outside counsel for complaints", "640000", "15",
                       "Letters that counsel would not have to see any more."),
                "Agreed, if counsel's invoices fall as said.", by=PRIYA,
            ),
            RetractCase(on(-2, 18), reason="Counsel still reads every letter; nothing was saved."),
        ),
        spend=(planned(_LETTERS, CLAUDE, "0.96"),),
        band="unbacked",
    ),
    PlannedWorkload(
        name="Voice of the customer",
        purpose="Finds themes in surveys; funded for half a year and still running.",
        space=SUPPORT,
        owner=OSCAR,
        steps=requested(
            on(-12, 11), on(-12, 25), _VOICE,
            saving("Survey analysis by an agency", "900000", "10",
                   "Two of the agency's twenty reports a year."),
            "Half a year, to see whether the reports are read.", by=PRIYA,
        ),
        spend=(planned(_VOICE, NOVA, "0.99"),),
        band="thin", multiple="1.07×",
    ),
    PlannedWorkload(
        name="Chat translation",
        purpose="Translated chats between customers and agents; stopped.",
        space=SUPPORT,
        owner=OSCAR,
        steps=(
            *requested(
                on(-10, 6), on(-10, 17), _CHAT,
                saving("Translators on call", "1500000", "15",
                       "Calls for a translator in one country, before and after."),
                "Agreed; fewer calls for translators are easy to see.", by=NOOR,
            ),
            # Over plan, asked about, and stopped instead of revised.
            Stop(on(-3, 12), reason="The new chat software translates by itself."),
        ),
        spend=(planned(_CHAT, CLAUDE, last=-3, changes=((-6, Decimal("1.5")),)),),
    ),
    PlannedWorkload(
        name="Returns assistant",
        purpose="Helps customers to send things back.",
        space=SUPPORT,
        owner=OSCAR,
        # With Damage claims in Logistics, more than there is: finance merged the two names.
        steps=(
            Submit(
                ago(2), estimate=_RETURNS,
                case=saving("Small-claims settlement", "410000", "95",
                            "A trial on 40 returns: hardly one needed the agency."),
            ),
        ),
    ),
)  # fmt: skip
