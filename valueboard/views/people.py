"""People: who is there, which roles they hold, which Spaces they belong to."""

from collections import defaultdict
from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actions import change_person, create_person, grant_role
from accounts.forms import ChangePersonForm, PersonForm
from accounts.models import Role, RoleGrant, User
from accounts.policy import actor_of, needs, signed_in
from records.changed import facts_changed
from spaces.actions import add_member, change_role, remove_member
from spaces.forms import LeaveForm, MembershipForm, RoleForm
from spaces.models import Membership, Workload
from valueboard.changes import changes_of_person
from valueboard.lib.answers import Conflict, add_errors, answer_to
from valueboard.lib.conflicts import Difference
from valueboard.lib.errors import RefusedError, StaleError
from valueboard.lib.http import digest_in


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
    if form.is_valid():
        given = form.cleaned_data
        try:
            with transaction.atomic():
                user = create_person(
                    actor=actor_of(request),
                    email=given["email"],
                    name=given["name"],
                    password=given["password"],
                )
                for role in given["roles"]:
                    grant_role(actor=actor_of(request), user=user, role=Role(role))
        except ValidationError as wrong:  # two at once
            add_errors(form, wrong, "email")
        else:
            messages.success(request, f"{user} was added. Let them into a Space next.")
            return redirect("person", pk=user.pk)
    status = 422 if form.is_bound else 200
    return render(request, "accounts/person_new.html", {"form": form}, status=status)


@needs(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a person's name and roles, and whether they may sign in."""
    user = get_object_or_404(User, pk=pk)
    form = ChangePersonForm(request.POST or None, initial=_said_of(user))
    status, conflict = HTTPStatus.OK, None
    if form.is_bound:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    if form.is_valid():
        given = form.cleaned_data
        try:
            change_person(
                actor=actor_of(request),
                user=user,
                seen=digest_in(request),
                name=given["name"],
                roles=frozenset(Role(role) for role in given["roles"]),
                active=given["active"],
                reason=given["reason"],
            )
        except (ValidationError, RefusedError) as wrong:
            user = User.objects.get(pk=pk)
            status, conflict = answer_to(form, wrong, beside="name", saved=_said_of(user))
        else:
            # Whoever owned workloads and left leaves a gap; accounts lie below what looks for it.
            facts_changed()
            messages.success(request, _changed(User.objects.get(pk=pk), was=user))
            return redirect("person", pk=pk)
    return _person(request, user, form, MembershipForm(), status=status, conflict=conflict)


@signed_in
@require_safe
def me(request: HttpRequest) -> HttpResponse:
    """Show people what they may do here, and how that came to be."""
    user = actor_of(request)
    context = {
        "person": user,
        "roles": sorted(role.label for role in user.roles),
        "memberships": _memberships(user),
        "changes": changes_of_person(user),
    }
    return render(request, "accounts/me.html", context)


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
        try:
            add_member(actor=actor_of(request), space=space, user=user, role=role)
        except ValidationError as wrong:  # two at once
            add_errors(form, wrong, "space")
        else:
            messages.success(request, f"{user} now belongs to {space}.")
            return redirect("person", pk=pk)
    roles = ChangePersonForm(initial=_said_of(user))
    return _person(request, user, roles, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)


@needs(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def membership(request: HttpRequest, pk: int, membership: int) -> HttpResponse:
    """Change what a person is in a Space."""
    found = _membership(pk, membership)
    if found is None:
        return _gone(request, pk)
    form = RoleForm(request.POST or None, initial={"role": found.role})
    status, conflict = HTTPStatus.OK, None
    if form.is_bound:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    if form.is_valid():
        try:
            change_role(
                actor=actor_of(request),
                membership=found,
                seen=digest_in(request),
                role=form.cleaned_data["role"],
                reason=form.cleaned_data["reason"],
            )
        except (ValidationError, RefusedError) as wrong:
            found = _membership(pk, membership)
            if found is None:
                return _gone(request, pk)
            saved = {"role": found.role}
            status, conflict = answer_to(form, wrong, beside="role", saved=saved)
        else:
            found.refresh_from_db()
            role = found.get_role_display().lower()
            messages.success(request, f"{found.user} is {role} of {found.space}.")
            return redirect("person", pk=pk)
    context = {
        "entry": found,
        "form": form,
        "leaving": LeaveForm(auto_id="leave_%s"),
        "conflict": conflict,
    }
    return render(request, "accounts/membership.html", context, status=status)


@needs(Role.ADMINISTRATOR)
@require_POST
def membership_remove(request: HttpRequest, pk: int, membership: int) -> HttpResponse:
    """Let a person out of a Space, with a reason."""
    found = _membership(pk, membership)
    if found is None:
        return _gone(request, pk)
    form = LeaveForm(request.POST, auto_id="leave_%s")
    if form.is_valid():
        try:
            why = form.cleaned_data["reason"]
            remove_member(actor=actor_of(request), membership=found, reason=why)
        except StaleError:
            return _gone(request, pk)
        messages.success(request, f"{found.user} no longer belongs to {found.space}.")
        return redirect("person", pk=pk)
    context = {"entry": found, "form": RoleForm(initial={"role": found.role}), "leaving": form}
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    return render(request, "accounts/membership.html", context, status=status)


def _membership(user: int, pk: int) -> Membership | None:
    return Membership.objects.select_related("space", "user").filter(pk=pk, user=user).first()


def _gone(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that a membership is there no more, and what was typed about it."""
    if request.method != "POST":
        raise Http404
    user = get_object_or_404(User, pk=pk)
    conflict = Conflict(
        f"Somebody let {user} out of this Space meanwhile. Nothing is left to change.",
        [Difference("Why", "", request.POST.get("reason", ""))],
        "Let them in again below, if that was wrong",
    )
    form = ChangePersonForm(initial=_said_of(user))
    status = HTTPStatus.CONFLICT
    return _person(request, user, form, MembershipForm(), status=status, conflict=conflict)


def _said_of(user: User) -> dict[str, object]:
    return {"name": user.name, "roles": sorted(user.roles), "active": user.is_active}


def _changed(user: User, was: User) -> str:
    """Say what came of it: a deactivated owner leaves workloads behind."""
    owned = _owned(user)
    if was.is_active and not user.is_active and owned:
        return f"{user} may sign in no more. Without an owner now: {', '.join(map(str, owned))}."
    return f"{user} was changed."


def _owned(user: User) -> list[Workload]:
    """Return what a person owns; an Administrator reads the names, for somebody must follow."""
    return list(Workload.objects.filter(owner=user))


def _person(
    request: HttpRequest,
    user: User,
    form: ChangePersonForm,
    membership: MembershipForm,
    *,
    status: HTTPStatus = HTTPStatus.OK,
    conflict: Conflict | None = None,
) -> HttpResponse:
    del membership.fields["user"]
    context = {
        "person": user,
        "form": form,
        "conflict": conflict,
        "owned": _owned(user),
        "membership": membership,
        "memberships": _memberships(user),
        "changes": changes_of_person(user),
    }
    return render(request, "accounts/person.html", context, status=status)


def _memberships(user: User) -> QuerySet[Membership]:
    return Membership.objects.filter(user=user).select_related("space").order_by("space__name")
