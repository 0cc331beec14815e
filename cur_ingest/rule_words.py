"""Rules in words: conditions, targets, and what a version changed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cur_ingest.matching import TAG
from cur_ingest.models import RuleText, RuleVersion
from spaces.models import Workload

# A condition as it is said.
LABELS = {
    "payer": "payer",
    "account": "account",
    "service": "service",
    "model": "model",
    "usage_type": "usage type",
    "region": "region",
    TAG: "tag",
    "resource": "resource",
    "principal": "principal",
}


@dataclass(frozen=True, slots=True)
class Target:
    """A workload that a rule gives to, and how much of it, in words."""

    workload: Workload
    share: str = ""


@dataclass(frozen=True, slots=True)
class Worded:
    """A rule in words: its conditions as label and text, and its targets."""

    text: RuleText
    conditions: tuple[tuple[str, str], ...]
    targets: tuple[Target, ...]

    @property
    def target(self) -> str:
        """Return the targets as one text."""
        return ", ".join(f"{t.workload} {t.share}".strip() for t in self.targets)


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that a version says otherwise than the version before."""

    label: str
    before: str
    after: str


def worded(texts: Iterable[RuleText]) -> list[Worded]:
    """Return rules in words (one query for the workloads)."""
    texts = list(texts)
    ids = {share.workload_id for text in texts for share in text.targets}
    ids |= {text.workload_id for text in texts if text.workload_id}
    known = Workload.objects.select_related("space").in_bulk(list(ids))
    return [Worded(text, tuple(conditions_of(text)), _targets(text, known)) for text in texts]


def conditions_of(text: RuleText) -> list[tuple[str, str]]:
    """Return the conditions that a rule has, each as what it is on and what is wanted."""
    found = []
    for name, label in LABELS.items():
        wanted = getattr(text, name)
        if wanted and name == TAG:
            found.append((f"tag {text.tag_key}", text.tag_value))
        elif wanted:
            found.append((label, wanted))
    return found


def changes(before: Worded | None, after: Worded) -> list[Change]:
    """Return what differs between two versions of a rule; nothing for a first version."""
    if before is None:
        return []
    then, now = _facts(before), _facts(after)
    return [
        Change(label, then.get(label, ""), now.get(label, ""))
        for label in dict.fromkeys((*then, *now))
        if then.get(label, "") != now.get(label, "")
    ]


def history(versions: Sequence[RuleVersion]) -> list[tuple[RuleVersion, Worded, list[Change]]]:
    """Return a rule's versions, the latest first, each with what it changed."""
    said = worded(versions)
    before = [None, *said[:-1]]
    rows = [
        (version, words, changes(was, words))
        for version, words, was in zip(versions, said, before, strict=True)
    ]
    return rows[::-1]


def _facts(words: Worded) -> dict[str, str]:
    facts = {label.capitalize(): wanted for label, wanted in words.conditions}
    facts |= {"Goes to": words.target, "Priority": f"{words.text.priority}"}
    if isinstance(words.text, RuleVersion):
        facts["In use"] = "yes" if words.text.active else "no, retired"
    return facts


def _targets(text: RuleText, known: Mapping[int, Workload]) -> tuple[Target, ...]:
    if text.workload_id:
        return (Target(known[text.workload_id]),)
    return tuple(
        Target(
            known[share.workload_id],
            "in proportion" if share.percent is None else f"{share.percent.normalize():f}%",
        )
        for share in text.targets
    )
