"""Reading a draft of changes to the rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max

from accounts.models import User
from cur_ingest.attribution import rules_in_force, signals_in_force, tried
from cur_ingest.matching import Matching, Tried
from cur_ingest.models import DraftedRule, RuleDraft, RuleVersion, SignalVersion
from cur_ingest.rule_words import Change, Worded, changes, worded
from valueboard.lib.http import seen_of
from valueboard.lib.months import DAWN

# Among rules of one priority the older one is tried first, and a new one has no number yet.
NEWEST = 2**62


@dataclass(frozen=True, slots=True)
class Drafted:
    """A change in a draft, in words; `stale` says that the rule changed since."""

    change: DraftedRule
    words: Worded
    differences: tuple[Change, ...]
    stale: bool

    @property
    def what(self) -> str:
        """Return what is done to a rule."""
        if self.change.rule_id is None:
            return "New rule"
        return "Retired" if self.change.retires else "Changed"


def draft_of(user: User) -> RuleDraft:
    """Return a person's draft; an unsaved one of revision 0 where there is none."""
    return RuleDraft.objects.filter(author=user).first() or RuleDraft(author=user)


def changes_of(draft: RuleDraft) -> list[DraftedRule]:
    """Return what a draft changes, in the order of drafting."""
    if draft.pk is None:
        return []
    return list(DraftedRule.objects.filter(draft=draft).order_by("pk"))


def drafted_in_words(drafted: Sequence[DraftedRule]) -> list[Drafted]:
    """Return the changes of a draft in words (two queries)."""
    rules = [change.rule_id for change in drafted if change.rule_id]
    versions = RuleVersion.objects.filter(rule__in=rules).order_by("rule", "-version")
    latest = {version.rule_id: version for version in versions.distinct("rule")}
    said = worded([*drafted, *latest.values()])
    before = {words.text.rule_id: words for words in said if isinstance(words.text, RuleVersion)}
    found = []
    for change, words in zip(drafted, said, strict=False):
        was = before.get(change.rule_id or 0)
        stale = was is not None and latest[change.rule_id or 0].version != change.seen
        differing = (
            ()
            if change.retires
            else tuple(d for d in changes(was, words) if d.after or d.label != "In use")
        )
        found.append(Drafted(change, words, differing, stale))
    return found


def drafted_matching(drafted: Sequence[DraftedRule], known_at: datetime | None = None) -> Matching:
    """Return signals and rules as if the draft's changes counted for every day.

    Beside the draft they are those recorded until now, or until `known_at`.
    """
    replaced = {change.rule_id for change in drafted}
    known = rules_in_force(known_at)
    rules = [tried(span) for span in known if span.version.rule_id not in replaced]
    rules += [
        Tried(-change.pk, (change.priority, change.rule_id or NEWEST), change, DAWN, None)
        for change in drafted
        if not change.retires
    ]
    return Matching(signals_in_force(known_at), rules)


def seen_of_rules(draft: RuleDraft) -> str:
    """Return what a dry run was made of: the draft, and the latest rule and signal versions."""
    rules = RuleVersion.objects.aggregate(latest=Max("pk"))
    signals = SignalVersion.objects.aggregate(latest=Max("pk"))
    return seen_of(draft.pk, draft.revision, rules["latest"], signals["latest"])
