"""Every change to attribution rules."""

from dataclasses import dataclass

from accounts.models import User
from cur_ingest.actions.attributing import ALWAYS, Since, changing, record, refuse_stale
from cur_ingest.matching import CONDITIONS
from cur_ingest.models import Rule, RuleText, RuleVersion, TagKey
from cur_ingest.signals import globs
from cur_ingest.splitting import Share, refusal
from cur_ingest.tag_keys import spell
from spaces.models import Workload
from valueboard.lib.errors import RefusedError


@dataclass(frozen=True, slots=True)
class RuleTerms:
    """What a rule says: its place among the rules, conditions, target (see `RuleText`).

    A condition is a glob or a list of them, one a line or with commas; '' for any. `tag_key` is in
    the one spelling of `tag_keys`, without AWS's prefix. The target is `workload`, or, with
    `split`, the `shares`.
    """

    priority: int
    workload: Workload | None = None
    account: str = ""
    service: str = ""
    tag_key: str = ""
    tag_value: str = ""
    payer: str = ""
    model: str = ""
    usage_type: str = ""
    region: str = ""
    resource: str = ""
    principal: str = ""
    split: str = ""
    shares: tuple[Share, ...] = ()

    @classmethod
    def of(cls, text: RuleText) -> "RuleTerms":
        """Return what a recorded or drafted rule says."""
        conditions = {name: getattr(text, name) for name in (*CONDITIONS, "tag_key", "tag_value")}
        return cls(
            text.priority, text.workload, split=text.split, shares=text.targets, **conditions
        )

    @property
    def columns(self) -> dict[str, object]:
        """Return what a `RuleText` keeps; RefusedError for shares that can't be."""
        if message := refusal(self.split, self.shares):
            raise RefusedError(message)
        conditions = {name: getattr(self, name) for name in (*CONDITIONS, "tag_value")}
        return {
            # A list of nothing is no condition.
            **{name: text.strip() if globs(text) else "" for name, text in conditions.items()},
            "priority": self.priority,
            "tag_key": spell(self.tag_key),
            "workload": self.workload,
            "split": self.split,
            "shares": [
                {
                    "workload": share.workload_id,
                    "percent": None if share.percent is None else f"{share.percent.normalize():f}",
                }
                for share in self.shares
            ],
        }


def add_rule(
    *,
    actor: User,
    terms: RuleTerms,
    reason: str,
    since: Since = ALWAYS,
    include_closed: bool = False,
) -> RuleVersion:
    """Record a new rule and attribute the open months by it; with `include_closed` all months."""
    with changing(actor, reason, include_closed=include_closed):
        return record_rule(actor, Rule.objects.create(), terms, reason, since)


def change_rule(
    *,
    actor: User,
    rule: Rule,
    seen: int,
    terms: RuleTerms,
    reason: str,
    since: Since = ALWAYS,
    include_closed: bool = False,
) -> RuleVersion:
    """Record the next version of a rule; `seen` is the version that the form was made from."""
    with changing(actor, reason, include_closed=include_closed):
        last_of(rule, seen)
        return record_rule(actor, rule, terms, reason, since)


def retire_rule(
    *,
    actor: User,
    rule: Rule,
    seen: int,
    reason: str,
    since: Since = ALWAYS,
    include_closed: bool = False,
) -> RuleVersion:
    """Record that a rule no longer counts, from a day on."""
    with changing(actor, reason, include_closed=include_closed):
        last = last_of(rule, seen)
        if not last.active:
            message = "This rule was retired already."
            raise RefusedError(message)
        return record_rule(actor, rule, RuleTerms.of(last), reason, since, active=False)


def last_of(rule: Rule, seen: int) -> RuleVersion:
    """Return the latest version of a rule; StaleError unless it was seen."""
    return refuse_stale(RuleVersion.objects.filter(rule=rule), seen, "rule")


def record_rule(
    actor: User,
    rule: Rule,
    terms: RuleTerms,
    reason: str,
    since: Since,
    *,
    active: bool = True,
) -> RuleVersion:
    """Record a version of a rule, for whoever is `changing` them."""
    version = record(RuleVersion(rule=rule, active=active, **terms.columns), actor, reason, since)
    if version.tag_key:
        # From the next load on the lines keep this tag; a load of the same delivery reads it again.
        TagKey.objects.get_or_create(key=version.tag_key)
    return version
