"""Every change to attribution rules."""

from dataclasses import dataclass

from django.db import transaction

from accounts.models import User
from cur_ingest.actions.attributing import attribute_again, must_edit, refuse_stale
from cur_ingest.attribution import lock_rules
from cur_ingest.models import Rule, RuleVersion, TagKey
from cur_ingest.tag_keys import spell
from spaces.models import Workload
from valueboard.lib.errors import RefusedError


@dataclass(frozen=True, slots=True)
class RuleTerms:
    """What a rule says: its place among the rules, conditions (globs, '' for any), target.

    `tag_key` is in the one spelling of `tag_keys`, without AWS's prefix.
    """

    priority: int
    workload: Workload
    account: str = ""
    service: str = ""
    tag_key: str = ""
    tag_value: str = ""


@transaction.atomic
def add_rule(
    *, actor: User, terms: RuleTerms, reason: str, include_closed: bool = False
) -> RuleVersion:
    """Record a new rule and attribute the open months by it; with `include_closed` all months."""
    must_edit(actor)
    lock_rules(exclusive=True)
    version = _record_rule(actor, Rule.objects.create(), terms, reason, active=True)
    attribute_again(actor, reason, include_closed=include_closed)
    return version


@transaction.atomic
def change_rule(
    *,
    actor: User,
    rule: Rule,
    seen: int,
    terms: RuleTerms,
    reason: str,
    include_closed: bool = False,
) -> RuleVersion:
    """Record the next version of a rule; `seen` is the version that the form was made from."""
    must_edit(actor)
    lock_rules(exclusive=True)
    refuse_stale(RuleVersion.objects.filter(rule=rule).order_by("version").last(), seen, "rule")
    version = _record_rule(actor, rule, terms, reason, active=True)
    attribute_again(actor, reason, include_closed=include_closed)
    return version


@transaction.atomic
def retire_rule(
    *, actor: User, rule: Rule, seen: int, reason: str, include_closed: bool = False
) -> RuleVersion:
    """Record that a rule no longer counts."""
    must_edit(actor)
    lock_rules(exclusive=True)
    last = RuleVersion.objects.filter(rule=rule).order_by("version").last()
    last = refuse_stale(last, seen, "rule")
    if not last.active:
        message = "This rule was retired already."
        raise RefusedError(message)
    terms = RuleTerms(
        last.priority, last.workload, last.account, last.service, last.tag_key, last.tag_value
    )
    version = _record_rule(actor, rule, terms, reason, active=False)
    attribute_again(actor, reason, include_closed=include_closed)
    return version


def _record_rule(
    actor: User, rule: Rule, terms: RuleTerms, reason: str, *, active: bool
) -> RuleVersion:
    tag_key = spell(terms.tag_key)
    version = RuleVersion(
        rule=rule,
        priority=terms.priority,
        account=terms.account.strip(),
        service=terms.service.strip(),
        tag_key=tag_key,
        tag_value=terms.tag_value.strip(),
        workload=terms.workload,
        active=active,
        reason=reason.strip(),
        recorded_by=actor,
    )
    version.full_clean(exclude=["version", "recorded_at", "hash"])
    version.save()
    if tag_key:
        # From the next load on the lines keep this tag; a load of the same delivery reads it again.
        TagKey.objects.get_or_create(key=tag_key)
    return version
