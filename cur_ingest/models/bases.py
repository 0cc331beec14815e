"""Which of the stored cost bases pages show."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from cur_ingest.bases import BASES
from records.models import FrozenRecord


class BasisChoice(FrozenRecord):
    """The organisation chose the cost basis of actual spend. Subject: `scope`, the organisation.

    It counts from when it was recorded; without any the basis is `bases.DEFAULT`.
    """

    workload_path = ""

    scope = models.CharField(max_length=20, default="organisation", editable=False)
    basis = models.CharField(max_length=15)
    reason = models.TextField()

    class Meta:
        """Choices count for the organisation; each names a basis that is stored, and says why."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["scope", "version"], name="basis_choice_version_once"),
            models.CheckConstraint(
                condition=Q(basis__in=list(BASES)), name="basis_choice_is_stored"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="basis_choice_has_a_reason"),
        ]

    def __str__(self) -> str:
        """Return the basis."""
        return self.basis
