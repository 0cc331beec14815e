"""The first steps of a new installation, for those who set it up; each ticks itself by facts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, QuerySet
from django.urls import reverse

from accounts.models import Role, RoleGrant, User
from cur_ingest.models import Delivery, MonthClosing, RuleVersion
from reviews.models import Review
from spaces.models import Membership, Space, Workload

SHOWN_TO = frozenset({Role.ADMINISTRATOR, Role.FINANCE})


@dataclass(frozen=True, slots=True)
class Step:
    """One step: who takes it and where, and the rows that show that it was taken."""

    label: str
    why: str
    where: str
    roles: frozenset[Role]
    facts: tuple[QuerySet[Any], ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A step as a person sees it; `url` is empty where another role takes it."""

    step: Step
    done: bool
    url: str

    @property
    def by(self) -> str:
        """Return the roles that take it, as words."""
        return " or ".join(sorted(role.label for role in self.step.roles))


ADMINISTRATOR, FINANCE = frozenset({Role.ADMINISTRATOR}), frozenset({Role.FINANCE})
STEPS = (
    Step(
        "Make the Spaces that own workloads",
        "Departments, teams or cost centres, as a tree. Whoever belongs to one reads all below it.",
        "spaces",
        ADMINISTRATOR,
        (Space.objects.all(),),
    ),
    Step(
        "Add the people who ask, decide and close",
        "A product owner in a Space, a Financial Admin who decides, and Finance.",
        "people",
        ADMINISTRATOR,
        (
            Membership.objects.filter(role=Membership.Role.PRODUCT_OWNER),
            RoleGrant.objects.filter(role=Role.FINANCIAL_ADMIN),
            RoleGrant.objects.filter(role=Role.FINANCE),
        ),
    ),
    Step(
        "Load the first cost data",
        "Name an AWS Data Export; the worker then looks for its deliveries once an hour.",
        "deliveries",
        ADMINISTRATOR | FINANCE,
        (Delivery.objects.all(),),
    ),
    Step(
        "Have the first workload requested or added",
        "Product owners ask with planning figures; its declared case can come later.",
        "requests",
        frozenset(),
        (Workload.objects.all(),),
    ),
    Step(
        "Say which spend is whose",
        "A rule attributes lines of the bill to a workload, by tag, account or usage.",
        "rules",
        FINANCE,
        (RuleVersion.objects.all(),),
    ),
    Step(
        "Close the first month",
        "From then on its actual spend stays, whatever is delivered later.",
        "spend",
        FINANCE,
        (MonthClosing.objects.all(),),
    ),
    Step(
        "Hold the first budget review",
        "Filter the board to what a meeting is about. The review keeps its figures and what was "
        "said, and the next one begins with that.",
        "reviews",
        FINANCE,
        (Review.objects.all(),),
    ),
)


def asked_of(user: User, path: str) -> dict[str, Any]:
    """Return what the query of every page asks too, where the steps are shown: on the board."""
    if path != "/" or not user.roles & SHOWN_TO or user.preference.checklist_dismissed:
        return {}
    asked: dict[str, Any] = {}
    for number, step in enumerate(STEPS):
        taken = [Exists(rows) for rows in step.facts]
        asked[f"step_{number}"] = taken[0]
        for more in taken[1:]:
            asked[f"step_{number}"] &= more
    return asked


def steps(user: User, found: Mapping[str, Any]) -> list[Shown]:
    """Return the steps by what `asked_of` found; none where they are not shown, or all done."""
    if "step_0" not in found:
        return []
    shown = [
        Shown(
            step,
            bool(found[f"step_{number}"]),
            reverse(step.where) if not step.roles or step.roles & user.roles else "",
        )
        for number, step in enumerate(STEPS)
    ]
    return [] if all(each.done for each in shown) else shown
