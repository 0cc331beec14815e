"""The named cast: one person per role, and one stranger, in a small tree of Spaces.

- Priya is a Financial Admin, Felix is Finance, Erin is an Executive, Adam an Administrator.
- Olivia is product owner of Commerce (and so of Search, below it); Mona is a member of Commerce.
- Oscar is product owner of Support.
- Sam signs in and belongs to nothing: he must see nothing.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from accounts.models import Role, RoleGrant, User
from business_cases.actions import Proposal, add_workload, save_draft, submit_request
from business_cases.case import CaseTerms
from business_cases.models import BusinessRequest
from business_cases.projection import Terms
from spaces.models import Membership, Space, Workload
from tests.standing import standing
from valueboard.lib.figure import ValueType

PASSWORD = "correct horse battery staple"
TERMS = Terms(Decimal(10000), Decimal(5), date(2026, 1, 1), 12, date(2026, 1, 1))
SAVING = CaseTerms(
    value_type=ValueType.COST_SAVING,
    anchor="Outside counsel",
    current_amount=Decimal(4_600_000),
    percent=Decimal(25),
    period="Calendar year 2025",
    source="Ledger account 6310",
    basis="A pilot on 400 contracts.",
    net_of_review="yes",
)
REVENUE = CaseTerms(
    value_type=ValueType.REVENUE_DRIVING,
    anchor="Web shop",
    current_amount=Decimal(3_000_000),
    percent=Decimal("6.6667"),
    period="Calendar year 2025",
    source="Revenue report",
    basis="An A/B test over six weeks.",
    net_of_review="no",
    direction="grow",
    mechanism="conversion",
)


@dataclass(frozen=True)
class Cast:
    """The people and the Spaces they are in."""

    priya: User
    felix: User
    erin: User
    adam: User
    olivia: User
    mona: User
    oscar: User
    sam: User
    commerce: Space
    search: Space
    support: Space


def person(first: str, *roles: Role) -> User:
    """Make a person who holds `roles`."""
    user = User.objects.create_user(f"{first.lower()}@example.com", f"{first} Example", PASSWORD)
    for role in roles:
        RoleGrant.objects.create(user=user, role=role)
    return user


def make_cast() -> Cast:
    """Record the people of most tests."""
    commerce = Space.objects.create(name="Commerce", slug="commerce")
    search = Space.objects.create(name="Search", slug="search", parent=commerce)
    support = Space.objects.create(name="Support", slug="support")
    made = Cast(
        priya=person("Priya", Role.FINANCIAL_ADMIN),
        felix=person("Felix", Role.FINANCE),
        erin=person("Erin", Role.EXECUTIVE),
        adam=person("Adam", Role.ADMINISTRATOR),
        olivia=person("Olivia"),
        mona=person("Mona"),
        oscar=person("Oscar"),
        sam=person("Sam"),
        commerce=commerce,
        search=search,
        support=support,
    )
    for space, user, role in (
        (commerce, made.olivia, Membership.Role.PRODUCT_OWNER),
        (commerce, made.mona, Membership.Role.MEMBER),
        (support, made.oscar, Membership.Role.PRODUCT_OWNER),
    ):
        Membership.objects.create(space=space, user=user, role=role)
    return made


cast = standing("cast", make_cast)


def proposal(
    cast: Cast,
    *,
    name: str = "Contract review",
    estimate: Terms = TERMS,
    case: CaseTerms | None = SAVING,
    owner: User | None = None,
    space: Space | None = None,
) -> Proposal:
    """What Olivia asks for, unless said otherwise."""
    return Proposal(
        name=name,
        purpose="Reads contracts and marks risky clauses.",
        space=space or cast.commerce,
        owner=owner or cast.olivia,
        estimate=estimate,
        case=case,
    )


def submitted(cast: Cast, asked: Proposal | None = None) -> BusinessRequest:
    """Submit a request as Olivia."""
    request = save_draft(actor=cast.olivia, request=None, seen=0, typed={}, space=cast.commerce)
    submit_request(
        actor=cast.olivia,
        request=request,
        seen=request.revision,
        proposal=asked or proposal(cast),
    )
    request.refresh_from_db()
    return request


def added(cast: Cast, asked: Proposal | None = None) -> Workload:
    """Add a workload to a Space as Olivia, without a request."""
    return add_workload(actor=cast.olivia, proposal=asked or proposal(cast))
