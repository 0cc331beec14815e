"""The rules as finance reads them: what counts today, what comes, what is over."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from cur_ingest.dating import Span, spans
from cur_ingest.models import RuleVersion
from cur_ingest.rule_words import Worded, worded


@dataclass(frozen=True, slots=True)
class Listed:
    """A rule: the version to read it by, that in words, the latest version, and what comes.

    `version` counts today, or comes first where none does, or is the last of a retired rule.
    `coming` is a version that replaces it on a later day.
    """

    version: RuleVersion
    words: Worded
    latest: RuleVersion
    coming: Span[RuleVersion] | None


@dataclass(frozen=True, slots=True)
class RuleGroup:
    """Rules under one heading, in the order in which they are tried."""

    key: str
    title: str
    rules: tuple[Listed, ...]


def rule_groups(day: date) -> list[RuleGroup]:
    """Return all rules, grouped (three queries)."""
    versions: dict[int, list[RuleVersion]] = defaultdict(list)
    rows = RuleVersion.objects.select_related("recorded_by")
    for row in rows.order_by("rule", "version"):
        versions[row.rule_id].append(row)
    placed: dict[str, list[tuple[RuleVersion, RuleVersion, Span[RuleVersion] | None]]]
    placed = defaultdict(list)
    for each in versions.values():
        found = spans([(version.effective_from, version) for version in each])
        now = next((span.version for span in found if span.holds(day)), None)
        coming = next((span for span in found if span.since > day), None)
        if now is not None and now.active:
            placed["shared" if now.split else "one"].append((now, each[-1], coming))
        elif coming is not None and coming.version.active:
            placed["coming"].append((coming.version, each[-1], coming))
        else:
            placed["retired"].append((each[-1], each[-1], None))
    words = {w.text.pk: w for w in worded([row[0] for rows in placed.values() for row in rows])}
    titles = {
        "one": "To one workload",
        "shared": "Shared cost, split",
        "coming": "From a later day on",
        "retired": "Retired",
    }
    return [
        RuleGroup(
            key,
            title,
            tuple(
                Listed(version, words[version.pk], latest, coming)
                for version, latest, coming in sorted(
                    placed[key], key=lambda row: (row[0].priority, row[0].rule_id)
                )
            ),
        )
        for key, title in titles.items()
    ]
