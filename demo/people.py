"""Making the people and the Spaces of the demo, by the actions of the product."""

from dataclasses import dataclass, field
from datetime import date

from accounts.actions import create_first_administrator, create_person, grant_role
from accounts.models import Role, User
from business_cases.models import BusinessRequest
from demo.plan import PEOPLE, SPACES
from demo.plan.organisation import ADAM
from spaces.actions import add_member, create_space
from spaces.models import Membership, Space, Workload

# Of every person of every demo; a database that isn't a demo has nobody of them.
PASSWORD = "value-board-demo"  # noqa: S105 - printed at each start of a demo


@dataclass
class Made:
    """What the load has made so far, by the names of the plan.

    `today` is the day that the plan's months are counted from.
    """

    today: date
    people: dict[str, User] = field(default_factory=dict)
    spaces: dict[str, Space] = field(default_factory=dict)
    workloads: dict[str, Workload] = field(default_factory=dict)
    requests: dict[str, BusinessRequest] = field(default_factory=dict)


def make_people_and_spaces(made: Made) -> None:
    """Let Adam make everybody and every Space."""
    first = PEOPLE[ADAM]
    adam = create_first_administrator(email=first.email, name=first.name, password=PASSWORD)
    made.people[ADAM] = adam
    for key, person in PEOPLE.items():
        if key != ADAM:
            made.people[key] = create_person(
                actor=adam, email=person.email, name=person.name, password=PASSWORD
            )
            for role in person.roles:
                grant_role(actor=adam, user=made.people[key], role=Role(role))
    for space in SPACES:
        made.spaces[space.name] = create_space(
            actor=adam, name=space.name, parent=made.spaces.get(space.parent)
        )
    for key, person in PEOPLE.items():
        for names, role in (
            (person.owns, Membership.Role.PRODUCT_OWNER),
            (person.reads, Membership.Role.MEMBER),
        ):
            for name in names:
                add_member(actor=adam, space=made.spaces[name], user=made.people[key], role=role)
