"""Everything that was recorded about one workload, and whether it verifies now."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from records.chain import FrozenRow, frozen_models, read_chosen, subject_columns
from records.checkpoints import last_checkpoint
from records.clock import database_kind
from records.models import Checkpoint, FrozenRecord
from records.plain import time
from records.verifier import Chains


@dataclass(frozen=True, slots=True)
class Key:
    """One record: its kind, its id, and when it was recorded."""

    recorded_at: datetime
    model: type[FrozenRecord]
    pk: int

    @property
    def anchor(self) -> str:
        """Return what a page of records calls it, so that others can lead to it."""
        return f"{self.model._meta.db_table}-{self.pk}"


@dataclass(frozen=True, slots=True)
class Link:
    """One record as a link of its chain.

    `problems` is empty where text, hash, columns and the link to the version before it hold;
    `is_covered` tells whether the last checkpoint was taken after it.
    """

    what: str
    anchor: str
    table: str
    subject: str
    version: int
    recorded_at: datetime
    recorded_by: str
    hash: str
    previous: str
    text: str
    problems: tuple[str, ...]
    is_covered: bool


def records_about(workload: int) -> list[Key]:
    """Return every record about a workload, the newest first; a query per kind of record."""
    found = [
        Key(recorded_at, model, pk)
        for model in frozen_models()
        if model.workload_path
        for pk, recorded_at in model._default_manager.filter(
            **{model.workload_path: workload}
        ).values_list("pk", "recorded_at")
    ]
    return sorted(found, key=lambda key: (key.recorded_at, key.pk), reverse=True)


def read_links(keys: Sequence[Key]) -> tuple[list[Link], Checkpoint | None]:
    """Read and verify these records; return them in their order, and the last checkpoint."""
    last = last_checkpoint()
    until = json.loads(last.statement)["complete_until"] if last else ""
    wanted: dict[type[FrozenRecord], list[Key]] = defaultdict(list)
    for key in keys:
        wanted[key.model].append(key)
    subjects = subject_columns()
    links: dict[tuple[type[FrozenRecord], int], Link] = {}
    people = dict(User.objects.filter(pk__in=_authors(wanted)).values_list("pk", "name"))
    for model, of_model in wanted.items():
        table = model._meta.db_table
        times = {key.pk: key.recorded_at for key in of_model}
        for pk, row, before in read_chosen(table, subjects[table], times):
            by = (row.columns or {}).get("recorded_by_id")
            links[model, pk] = Link(
                what=str(model._meta.verbose_name).capitalize(),
                anchor=f"{table}-{pk}",
                table=table,
                subject=row.subject,
                version=row.version,
                recorded_at=times[pk],
                recorded_by=people.get(int(str(by)), "") if by else "",
                hash=row.hash or "",
                previous=before[0],
                text=row.text or "",
                problems=problems_of(table, row, before),
                is_covered=time(times[pk]) < until,
            )
    return [links[key.model, key.pk] for key in keys if (key.model, key.pk) in links], last


def _authors(wanted: dict[type[FrozenRecord], list[Key]]) -> set[int]:
    return {
        by
        for model, keys in wanted.items()
        for by in model._default_manager.filter(
            pk__in=[key.pk for key in keys], recorded_by__isnull=False
        ).values_list("recorded_by", flat=True)
    }


def problems_of(table: str, row: FrozenRow, before: tuple[str, str]) -> tuple[str, ...]:
    """Return what of a row does not hold; `before` are hash and text of the entry before it."""
    chains = Chains(live=database_kind() == "live")
    found, text = before
    if row.version > 1:
        if not found:
            return (f"version {row.version - 1} is missing",)
        try:
            recorded_at = str(json.loads(text)["row"]["recorded_at"])
        except (ValueError, KeyError, TypeError):
            return ("the version before it has a text in no form that is known",)
        chains.take_up(table, row.subject, row.version - 1, found, recorded_at)
    chains.take(table, row.as_json())
    return tuple(finding.what for finding in chains.findings)
