"""People: who is there, which roles they hold, which Spaces they belong to."""

from collections import defaultdict

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actions import create_person, grant_role, revoke_role, set_active
from accounts.forms import PersonForm, RolesForm
from accounts.models import Role, RoleGrant, User
from accounts.policy import actor_of, needs
from spaces.actions import add_member, remove_member
from spaces.forms import MembershipForm
from spaces.models import Membership
from valueboard.lib.errors import RefusedError


@needs(Role.ADMINISTRATOR)
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """List everybody with roles and memberships."""
    roles: dict[int, list[str]] = defaultdict(list)
    for grant in RoleGrant.objects.order_by("role"):
        roles[grant.user_id].append(grant.get_role_display())
    memberships: dict[int, list[Membership]] = defaultdict(list)
    for membership in Membership.objects.select_related("space").order_by("space__name"):
        memberships[membership.user_id].append(membership)
    listed = [
        {"user": user, "roles": roles[user.pk], "memberships": memberships[user.pk]}
        for user in User.objects.order_by("-is_active", "name")
    ]
    return render(request, "accounts/people.html", {"people": listed})


@needs(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def person_new(request: HttpRequest) -> HttpResponse:
    """Add a person."""
    form = PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        with transaction.atomic():
            user = create_person(
                actor=actor_of(request),
                email=given["email"],
                name=given["name"],
                password=given["password"],
            )
            for role in given["roles"]:
                grant_role(actor=actor_of(request), user=user, role=Role(role))
        messages.success(request, f"{user} was added. Let them into a Space next.")
        return redirect("person", pk=user.pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "accounts/person_new.html", {"form": form}, status=status)


@needs(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a person's roles, and whether they may sign in."""
    user = get_object_or_404(User, pk=pk)
    form = RolesForm(
        request.POST or None, initial={"roles": sorted(user.roles), "active": user.is_active}
    )
    if request.method == "POST" and form.is_valid():
        actor, wanted = actor_of(request), set(form.cleaned_data["roles"])
        try:
            with transaction.atomic():
                for role in Role:
                    change = grant_role if role in wanted else revoke_role
                    if (role in wanted) != (role in user.roles):
                        change(actor=actor, user=user, role=role)
                if form.cleaned_data["active"] != user.is_active:
                    set_active(actor=actor, user=user, active=form.cleaned_data["active"])
        except RefusedError as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"{user} was changed.")
            return redirect("people")
    return _person(request, user, form, MembershipForm(initial={"user": user}))


@needs(Role.ADMINISTRATOR)
@require_POST
def membership_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a person into a Space."""
    user = get_object_or_404(User, pk=pk)
    given = request.POST.copy()
    given["user"] = str(user.pk)
    form = MembershipForm(given)
    if form.is_valid():
        space, role = form.cleaned_data["space"], form.cleaned_data["role"]
        add_member(actor=actor_of(request), space=space, user=user, role=role)
        messages.success(request, f"{user} now belongs to {space}.")
        return redirect("person", pk=pk)
    roles = RolesForm(initial={"roles": sorted(user.roles), "active": user.is_active})
    return _person(request, user, roles, form)


@needs(Role.ADMINISTRATOR)
@require_POST
def membership_remove(request: HttpRequest, pk: int, membership: int) -> HttpResponse:
    """Let a person out of a Space."""
    found = get_object_or_404(Membership, pk=membership, user=pk)
    remove_member(actor=actor_of(request), membership=found)
    messages.success(request, f"{found.user} no longer belongs to {found.space}.")
    return redirect("person", pk=pk)


def _person(
    request: HttpRequest, user: User, form: RolesForm, membership: MembershipForm
) -> HttpResponse:
    del membership.fields["user"]
    context = {
        "person": user,
        "form": form,
        "membership": membership,
        "memberships": Membership.objects.filter(user=user).select_related("space"),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "accounts/person.html", context, status=status)
