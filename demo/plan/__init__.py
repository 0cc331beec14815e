"""The demo organisation as data: who, what, when and how much. No Django.

`WORKLOADS` says of each workload what is to be seen on the board today; the tests hold it to that.
"""

from datetime import date, datetime
from decimal import Decimal

from demo.plan import commerce, corporate, operations, support
from demo.plan.organisation import (
    COMMERCE,
    FELIX,
    INDIA,
    INDIA_PAYER,
    LOGISTICS,
    NOOR,
    PEOPLE,
    SANDBOX,
    SPACES,
    SUPPORT,
    TESS,
)
from demo.plan.services import CLAUDE, MARKETPLACE, NOVA, PROFILE, SAGEMAKER
from demo.plan.values import (
    FIRST_MONTH,
    Absence,
    Departure,
    GapRequest,
    NameMerge,
    Step,
    ago,
    on,
)
from demo.plan.workload import ForeignBill, PlannedWorkload, Shared, Spend, Unclaimed

WORKLOADS: tuple[PlannedWorkload, ...] = (
    *commerce.WORKLOADS,
    *support.WORKLOADS,
    *operations.WORKLOADS,
    *corporate.WORKLOADS,
)

_ACCOUNT = {space.name: space.account for space in SPACES}


def _spend(service: str, monthly: int, growth: str, first: int = FIRST_MONTH) -> Spend:
    return Spend(service, Decimal(monthly), Decimal(growth), first)


# What nobody has claimed: people and roles that call models without a tag, and a sandbox account.
UNCLAIMED = (
    Unclaimed(_spend(CLAUDE, 21000, "2"), SANDBOX, "assumed-role/NotebookUser/analyst-7"),
    Unclaimed(_spend(CLAUDE, 14000, "1"), _ACCOUNT[COMMERCE], "assumed-role/Gateway/session"),
    Unclaimed(_spend(PROFILE, 900, "12", -9), _ACCOUNT[SUPPORT], "user/BedrockAPIKey-x4k2"),
    Unclaimed(_spend(SAGEMAKER, 52000, "1"), SANDBOX),
    Unclaimed(_spend(MARKETPLACE, 11000, "3", -8), _ACCOUNT[COMMERCE]),
    Unclaimed(_spend(MARKETPLACE, 16000, "0", -10), SANDBOX),
)

# The nightly comparison of models, which three teams read. It is one role, and has no tag.
SHARED = Shared(
    _spend(NOVA, 6000, "2", -2), _ACCOUNT[COMMERCE], "assumed-role/EvaluationHarness/nightly",
    (("Basket recommendations", 50), ("Visual search", 30), ("Semantic product search", 20)),
    on(-2, 3), "The three teams agreed on their parts of the nightly evaluation.",
)  # fmt: skip

# Its first month has a rate; the current one waits for it.
FOREIGN = ForeignBill(
    "india", INDIA_PAYER, INDIA, "INR", -1,
    Unclaimed(_spend(CLAUDE, 140_000, "0", -1), INDIA, "assumed-role/TranslationDesk/session"),
    Decimal("0.0112"), on(-1, 26), "The treasury's rate for the month.",
)  # fmt: skip

GAP_REQUESTS = (
    GapRequest(
        on(-6, 14), "Meeting notes", "unbacked",
        "Half a year of subscriptions, and nobody has said what they are for.",
    ),
    GapRequest(
        on(-3, 20), "Warehouse slotting", "no_estimate",
        "It has spent for a quarter; please have the estimate confirmed.",
    ),
    GapRequest(
        on(-1, 25), "Complaint letters", "unbacked",
        "The case was retracted. Is there another one, or should it stop?",
    ),
    GapRequest(
        on(-4, 20), "Chat translation", "over_plan",
        "Half as much again as you planned, two months in a row. What does it cost from here on?",
    ),
    GapRequest(
        ago(2), "Delivery time estimates", "no_owner",
        "Tess moved on last week. Who answers for it at the review?",
    ),
)  # fmt: skip


NAME_MERGES = (
    NameMerge(
        ago(1), "Small-claims settlement", "Settling of small claims",
        "Both are the contract with the claims agency.",
    ),
)  # fmt: skip


DEPARTURES = (
    Departure(ago(5), TESS, LOGISTICS, "She leads the new customer desk from this month on."),
)

ABSENCES = (Absence(ago(2), NOOR, FELIX, 8, "A week in the mountains, without a phone."),)
# From when on two Financial Admins approve what costs more than this over its whole term.
SECOND_APPROVER = ago(8), Decimal(500_000)


def timeline(today: date) -> list[tuple[datetime, PlannedWorkload, Step]]:
    """Return everything that happens to workloads, in the order of time."""
    happenings = [(step.when.at(today), w, step) for w in WORKLOADS for step in w.steps]
    return sorted(happenings, key=lambda happening: happening[0])


__all__ = [
    "ABSENCES",
    "DEPARTURES",
    "FOREIGN",
    "GAP_REQUESTS",
    "NAME_MERGES",
    "PEOPLE",
    "SECOND_APPROVER",
    "SHARED",
    "SPACES",
    "UNCLAIMED",
    "WORKLOADS",
    "timeline",
]
