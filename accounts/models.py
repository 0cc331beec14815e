"""People and the roles they hold in the organisation."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import (
    AbstractBaseUser,
    BaseUserManager,
    PermissionsMixin,
)
from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models.functions import JSONObject, Lower
from django.utils.functional import cached_property

from valueboard.lib.clock import DatabaseNow
from valueboard.lib.formats import LOCALES
from valueboard.lib.history import History
from valueboard.lib.http import seen_of


class UserManager(BaseUserManager["User"]):
    """Makes people."""

    def create_user(
        self, email: str, name: str, password: str | None = None, **fields: Any
    ) -> "User":
        """Create a person who signs in with `email`; without a password they can't yet."""
        user = self.model(email=self.normalize_email(email), name=name, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        """Write e-mail addresses in small letters: sign-in looks for them so."""
        return (email or "").strip().lower()

    def holding(self, role: "Role") -> models.QuerySet["User"]:
        """Return the people who hold a role and may sign in."""
        held = RoleGrant.objects.filter(role=role).values("user")
        return self.filter(pk__in=held, is_active=True).order_by("name")

    def with_roles(self) -> models.QuerySet["User"]:
        """Return people who know their roles and preferences, and what time it is: one query."""
        grants = RoleGrant.objects.filter(user=models.OuterRef("pk"))
        chosen = Preference.objects.filter(person=models.OuterRef("pk"))
        said = JSONObject(**{name: name for name in Preference.CHOSEN})
        return self.annotate(
            read_roles=ArraySubquery(grants.values("role")),
            read_at=DatabaseNow(),
            read_preference=models.Subquery(chosen.values(said=said)),
        )

    def get_by_natural_key(self, username: str | None) -> "User":
        """Find a person by e-mail, whatever its case."""
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person. People are deactivated, never deleted: records name them."""

    email = models.EmailField("e-mail", unique=True)
    name = models.CharField(max_length=150)
    is_active = models.BooleanField(
        "active", default=True, help_text="Switch off for somebody who left."
    )
    date_joined = models.DateTimeField(auto_now_add=True)

    objects = UserManager()
    # Never the password's hash; and signing in is no change of a person.
    history = History(leaving_out=("password", "last_login", "is_superuser", "date_joined"))

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar = ["name"]

    class Meta:
        """E-mail addresses differ by more than case."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_once",
                violation_error_message="Somebody with this e-mail exists already.",
            )
        ]

    def __str__(self) -> str:
        """Return the name."""
        return self.name

    def get_full_name(self) -> str:
        """Return the name."""
        return self.name

    def get_short_name(self) -> str:
        """Return the name."""
        return self.name

    @cached_property
    def roles(self) -> frozenset["Role"]:
        """Return the organisation roles this person holds (one query per object, or none)."""
        read: list[str] | None = getattr(self, "read_roles", None)
        if read is None:
            read = list(RoleGrant.objects.filter(user=self).values_list("role", flat=True))
        return frozenset(map(Role, read))

    @cached_property
    def preference(self) -> "Preference":
        """Return how this person wants pages; who never chose has the defaults."""
        if hasattr(self, "read_preference"):
            return Preference(person=self, **(self.read_preference or {}))
        return Preference.objects.filter(person=self).first() or Preference(person=self)

    @property
    def locale(self) -> str:
        """Return the locale that is written in for this person."""
        return self.preference.locale or settings.LOCALE

    @property
    def seen(self) -> str:
        """Return what a form says that shows name, roles and whether the person may sign in."""
        return seen_of(self.name, self.is_active, sorted(self.roles))


class Role(models.TextChoices):
    """Organisation roles (METHOD 2); a person can hold several."""

    FINANCIAL_ADMIN = "financial_admin", "Financial Admin"
    FINANCE = "finance", "Finance"
    EXECUTIVE = "executive", "Executive"
    ADMINISTRATOR = "administrator", "Administrator"


class RoleGrant(models.Model):
    """One role held by one person."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=20, choices=Role)
    granted_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    granted_at = models.DateTimeField(auto_now_add=True)

    # Who granted it and when, the history says itself.
    history = History(leaving_out=("granted_by", "granted_at"))

    class Meta:
        """A role is held once."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "role"],
                name="role_held_once",
                violation_error_message="This person holds that role already.",
            ),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="role_is_known"),
        ]

    def __str__(self) -> str:
        """Return who holds what."""
        return f"{self.user}: {self.get_role_display()}"


class Preference(models.Model):
    """How somebody wants pages to be; nothing that is recorded depends on it."""

    CHOSEN: ClassVar = ("locale", "shortcuts", "checklist_dismissed")

    person = models.OneToOneField(User, on_delete=models.PROTECT, related_name="+")
    locale = models.CharField(
        max_length=10,
        blank=True,
        default="",
        choices={code: locale.name for code, locale in LOCALES.items()},
    )
    # Off until chosen: single letters are in the way of speech input (WCAG 2.1.4).
    shortcuts = models.BooleanField(default=False)
    checklist_dismissed = models.BooleanField(default=False)

    class Meta:
        """A locale that we can write in, or the organisation's."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(locale__in=["", *LOCALES]), name="preference_locale_is_known"
            )
        ]

    def __str__(self) -> str:
        """Return whose it is."""
        return f"{self.person}: {self.locale or 'default'}"
