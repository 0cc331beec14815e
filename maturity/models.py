"""Which formula counts from when, and scores that were kept so that no page adds them up again."""

from typing import ClassVar

from django.db import models

from maturity.score import Dimension
from records.models import FrozenRecord
from spaces.models import Space


class FormulaVersion(FrozenRecord):
    """From which day on a dimension is scored by which formula. Subject: the dimension.

    `number` is that of `maturity.formulas.FORMULAS`. Versions come with the product, by migration,
    and nobody recorded them; a day is scored by the latest that was in force on it.
    """

    workload_path = ""

    dimension = models.CharField(max_length=20, choices=[(d.value, d.label) for d in Dimension])
    number = models.PositiveIntegerField()
    effective_from = models.DateField()
    reason = models.TextField()

    class Meta:
        """Versions count per dimension; a formula comes into force once."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["dimension", "version"], name="formula_version_once"),
            models.UniqueConstraint(fields=["dimension", "number"], name="formula_in_force_once"),
        ]

    def __str__(self) -> str:
        """Return dimension and number."""
        return f"{self.get_dimension_display()}, formula {self.number}"


class KeptScore(models.Model):
    """What the rows of a measure that lie in one Space came to on a day. No evidence: a memory.

    `space` is the Space itself, without those below; NULL is what lies in no Space. Those of
    several Spaces are added up: numerators and denominators, never percentages. `formula` is the
    version that counted on the day. A row that was kept before its day was over may be kept anew,
    one of a day that is over says the same for ever: it follows from what was recorded by then.
    """

    day = models.DateField()
    space = models.ForeignKey(Space, on_delete=models.PROTECT, null=True, related_name="+")
    measure = models.CharField(max_length=30)
    formula = models.PositiveIntegerField()
    part = models.DecimalField(max_digits=50, decimal_places=24)
    whole = models.DecimalField(max_digits=50, decimal_places=24)
    kept_at = models.DateTimeField()

    class Meta:
        """One row per day, Space and measure."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["day", "space", "measure"],
                name="kept_score_once",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        """Return the day and the measure."""
        return f"{self.measure} on {self.day}"
