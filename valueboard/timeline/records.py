"""Reading every frozen record about a workload, of whatever kind."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import CharField, F, QuerySet, TextField, Value
from django.db.models.functions import Cast, JSONObject

from approvals.models import Decision
from business_cases.facts import NOBODY
from business_cases.models import (
    Comment,
    Confirmation,
    Decline,
    RequestEditor,
    RequestStep,
)
from cur_ingest.models import MonthClosing, MonthTotal
from records.chain import frozen_models
from records.models import FrozenRecord
from reviews.models import Reviewed
from spaces.models import Placement

COMMON = {field.name for field in FrozenRecord._meta.get_fields()} | {"id", "workload"}
# What says nothing by itself: who edited stands in the steps.
SILENT = {RequestEditor}
# What a record names, beside its own fields.
NAMES: Mapping[type[FrozenRecord], tuple[str, ...]] = {
    Placement: ("space__name", "owner__name"),
    Confirmation: ("estimate__version",),
    Decline: ("estimate__version",),
    RequestStep: ("request__name",),
    Comment: ("request__name",),
    Decision: ("on_behalf_of__name",),
    Reviewed: ("closing__name", "closing__review_id"),
    MonthTotal: (
        "run__period",
        "run__cause",
        "run__reason",
        "run__counts",
        "run__export",
        "run__version",
    ),
}


@dataclass(frozen=True, slots=True)
class Record:
    """A frozen record as read: its fields as text, None for what is empty."""

    model: type[FrozenRecord]
    pk: int
    version: int
    at: datetime
    by: str
    hash: str
    said: Mapping[str, str | None]

    def text(self, name: str) -> str:
        """Return a field, empty where it has nothing."""
        return self.said.get(name) or ""

    @property
    def anchor(self) -> str:
        """Return what the page of records calls it."""
        return f"{self.model._meta.db_table}-{self.pk}"


def read_records(workload: int, known_at: datetime) -> list[Record]:
    """Return every frozen record about a workload by a moment, the latest first (one query).

    The closings of the months that it spent in are among them.
    """
    spent_in = MonthTotal.objects.filter(workload=workload).values("run__period")
    found = [
        _said(model, model._default_manager.filter(**{model.workload_path: workload}), known_at)
        for model in frozen_models()
        if model.workload_path and model not in SILENT
    ]
    found.append(_said(MonthClosing, MonthClosing.objects.filter(period__in=spent_in), known_at))
    by_table = {model._meta.db_table: model for model in frozen_models()}
    rows = found[0].union(*found[1:], all=True)
    records = [
        Record(by_table[table], pk, version, at, by or NOBODY, digest, said)
        for table, pk, version, at, by, digest, said in rows
    ]
    return sorted(records, key=lambda each: (each.at, each.pk), reverse=True)


def _said(
    model: type[FrozenRecord], records: QuerySet[FrozenRecord], known_at: datetime
) -> QuerySet[FrozenRecord, tuple[str, int, int, datetime, str | None, str, dict[str, str]]]:
    own = [field.attname for field in model._meta.concrete_fields if field.name not in COMMON]
    names = (*own, *NAMES.get(model, ()))
    return (
        records.filter(recorded_at__lte=known_at)
        .order_by()
        .values_list(
            Value(model._meta.db_table, output_field=CharField()),
            "pk",
            "version",
            "recorded_at",
            F("recorded_by__name"),
            "hash",
            JSONObject(**{name: Cast(name, TextField()) for name in names}),
        )
    )
