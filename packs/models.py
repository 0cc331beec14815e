"""Files that the worker makes for a person."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from accounts.models import User

TRIES = 3


class PackQuerySet(models.QuerySet["Pack"]):
    """Questions about packs."""

    def unfinished(self) -> Self:
        """Return those that wait or are being made."""
        return self.filter(state__in=Pack.UNFINISHED)


class Pack(models.Model):
    """A board pack that somebody asked for: `waiting → running → done | failed`.

    An operational row, and no evidence; it goes after two weeks. `query` is the board's address,
    and what it says as of today means `asked_at`: the pack shows what its asker saw. `content` is
    the PDF, handed out to nobody else.
    """

    class State(models.TextChoices):
        """Where it stands."""

        WAITING = "waiting", "Waiting for the worker"
        RUNNING = "running", "Being made"
        DONE = "done", "Ready"
        FAILED = "failed", "Failed"

    UNFINISHED: ClassVar = (State.WAITING, State.RUNNING)

    query = models.TextField(blank=True)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True, default="")
    content = models.BinaryField(null=True)
    size = models.PositiveIntegerField(default=0, help_text="In bytes.")
    finished_at = models.DateTimeField(null=True)

    objects = PackQuerySet.as_manager()

    class Meta:
        """A state says what else is there."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "running", "done", "failed"]),
                name="pack_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(state="done", content__isnull=False)
                | (~Q(state="done") & Q(content__isnull=True)),
                name="pack_content_if_done",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "running"], finished_at__isnull=True)
                | (~Q(state__in=["waiting", "running"]) & Q(finished_at__isnull=False)),
                name="pack_finished_has_time",
            ),
            models.CheckConstraint(condition=Q(tries__lte=TRIES), name="pack_tries_are_few"),
        ]
        indexes: ClassVar = [models.Index(fields=["asked_by", "-id"])]

    def __str__(self) -> str:
        """Return who asked, and when."""
        return f"Board pack for {self.asked_by}, {self.asked_at:%Y-%m-%d %H:%M}"

    @property
    def is_unfinished(self) -> bool:
        """Tell whether it waits or is being made."""
        return self.state in self.UNFINISHED
