"""Reading every frozen record about a workload, of whatever kind."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

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
from records.verdict import Verdict, about, beside, verify
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
    return _read(workload, known_at, ledger=False)[0]


def read_verified(
    workload: int, known_at: datetime, checkpoint: str | None
) -> tuple[list[Record], Verdict]:
    """Return the same, and whether those about the workload itself verify (one query).

    `checkpoint` is the statement of the last one, None where there is none.
    """
    records, ledger = _read(workload, known_at, ledger=True)
    return records, verify((each for each in ledger if each[0] is not MonthClosing), checkpoint)


def _read(
    workload: int, known_at: datetime, *, ledger: bool
) -> tuple[list[Record], list[tuple[type[FrozenRecord], dict[str, Any]]]]:
    spent_in = MonthTotal.objects.filter(workload=workload).values("run__period")
    of_kind: dict[type[FrozenRecord], QuerySet[Any]] = {
        model: model._default_manager.filter(**{model.workload_path: workload})
        for model in frozen_models()
        if model.workload_path
    }
    of_kind[MonthClosing] = MonthClosing.objects.filter(period__in=spent_in)
    found = [_said(model, rows, known_at, ledger=ledger) for model, rows in of_kind.items()]
    by_table = {model._meta.db_table: model for model in frozen_models()}
    records, read = list[Record](), []
    for table, pk, version, at, by, digest, said, beside_it in found[0].union(*found[1:], all=True):
        model = by_table[table]
        read.append((model, beside_it))
        if model not in SILENT:
            records.append(Record(model, pk, version, at, by or NOBODY, digest, said))
    return sorted(records, key=lambda each: (each.at, each.pk), reverse=True), read


def _said(
    model: type[FrozenRecord],
    records: QuerySet[FrozenRecord],
    known_at: datetime,
    *,
    ledger: bool,
) -> QuerySet[FrozenRecord, Any]:
    own = [field.attname for field in model._meta.concrete_fields if field.name not in COMMON]
    names = (*own, *NAMES.get(model, ()))
    return (
        records.filter(recorded_at__lte=known_at)
        .order_by()
        .annotate(about=about(model))
        .values_list(
            Value(model._meta.db_table, output_field=CharField()),
            "pk",
            "version",
            "recorded_at",
            F("recorded_by__name"),
            "hash",
            JSONObject(**{name: Cast(name, TextField()) for name in names}),
            beside(model) if ledger else JSONObject(),
        )
    )
