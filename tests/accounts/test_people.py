from functools import partial

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.actions import (
    create_first_administrator,
    create_person,
    grant_role,
    revoke_role,
    set_active,
)
from accounts.models import Role, RoleGrant, User
from tests.at_once import at_once
from tests.cast import PASSWORD, Cast
from valueboard.lib.errors import RefusedError


@pytest.mark.django_db
def test_the_first_administrator_makes_others_who_hold_nothing_at_first() -> None:
    ada = create_first_administrator(email="ada@example.com", name="Ada", password=PASSWORD)
    ben = create_person(actor=ada, email="ben@EXAMPLE.com", name="Ben", password=PASSWORD)
    assert ben.email == "ben@example.com"
    assert ben.roles == frozenset()
    grant_role(actor=ada, user=ben, role=Role.FINANCE)
    assert User.objects.get(pk=ben.pk).roles == {Role.FINANCE}


def test_nobody_is_first_twice(cast: Cast) -> None:
    with pytest.raises(PermissionDenied):
        create_first_administrator(email="eve@example.com", name="Eve", password=PASSWORD)


@pytest.mark.parametrize("name", ["priya", "felix", "erin", "olivia", "sam"])
def test_only_an_administrator_makes_people_and_grants_roles(cast: Cast, name: str) -> None:
    actor = getattr(cast, name)
    with pytest.raises(PermissionDenied):
        create_person(actor=actor, email="eve@example.com", name="Eve", password=PASSWORD)
    with pytest.raises(PermissionDenied):
        grant_role(actor=actor, user=actor, role=Role.FINANCIAL_ADMIN)


def test_a_role_is_granted_once_and_an_address_used_once(cast: Cast) -> None:
    with pytest.raises(ValidationError, match="already"):
        grant_role(actor=cast.adam, user=cast.priya, role=Role.FINANCIAL_ADMIN)
    with pytest.raises(ValidationError, match="already"):
        create_person(actor=cast.adam, email="PRIYA@example.com", name="P", password=PASSWORD)


def test_the_last_administrator_who_may_sign_in_stays(cast: Cast) -> None:
    """Another one who left is nobody to administrate."""
    grant_role(actor=cast.adam, user=cast.sam, role=Role.ADMINISTRATOR)
    set_active(actor=cast.adam, user=cast.sam, active=False, reason="Left.")
    with pytest.raises(RefusedError, match="must stay"):
        revoke_role(actor=cast.adam, user=cast.adam, role=Role.ADMINISTRATOR, reason="Moved.")
    set_active(actor=cast.adam, user=cast.sam, active=True)
    revoke_role(actor=cast.adam, user=cast.adam, role=Role.ADMINISTRATOR, reason="Moved.")
    # Adam's page was opened when he still was one: of two at once, one stays.
    with pytest.raises(RefusedError, match="must stay"):
        set_active(actor=cast.adam, user=User.objects.get(pk=cast.sam.pk), active=False, reason="x")


@pytest.mark.django_db(transaction=True)
def test_of_two_administrators_who_leave_at_once_one_stays(cast: Cast) -> None:
    grant_role(actor=cast.adam, user=cast.sam, role=Role.ADMINISTRATOR)
    both = [User.objects.get(pk=user.pk) for user in (cast.adam, cast.sam)]

    def leave(user: User) -> bool:
        try:
            revoke_role(actor=user, user=user, role=Role.ADMINISTRATOR, reason="Moved.")
        except (RefusedError, PermissionDenied):
            return False
        return True

    for _ in range(5):
        assert sorted(at_once(*(partial(leave, user) for user in both))) == [False, True]
        for user in both:
            RoleGrant.objects.get_or_create(user=user, role=Role.ADMINISTRATOR)
