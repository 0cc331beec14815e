"""Drafts of changes to the rules, and publishing one."""

from django.db import transaction

from accounts.models import User
from cur_ingest.actions.attributing import Since, changing, must_edit
from cur_ingest.actions.rules import RuleTerms, last_of, record_rule
from cur_ingest.drafting import seen_of_rules
from cur_ingest.models import DraftedRule, Rule, RuleDraft, RuleVersion
from valueboard.lib.errors import RefusedError, StaleError


@transaction.atomic
def draft_rule(
    *,
    actor: User,
    revision: int,
    terms: RuleTerms,
    rule: Rule | None = None,
    seen: int = 0,
    drafted: int | None = None,
) -> DraftedRule:
    """Put a new rule, or other terms of a rule, into the person's draft; nothing else changes.

    `revision` is the draft's that the form was made from, `seen` the version of the rule;
    `drafted` names what is drafted already and is drafted otherwise now.
    """
    draft = _draft_of(actor, revision)
    if drafted is not None:
        return _say(_drafted(draft, drafted), terms)
    return _put(draft, rule, seen, terms, retires=False)


@transaction.atomic
def draft_retirement(*, actor: User, revision: int, rule: Rule, seen: int) -> DraftedRule:
    """Put into the person's draft that a rule no longer counts."""
    draft = _draft_of(actor, revision)
    return _put(draft, rule, seen, RuleTerms.of(last_of(rule, seen)), retires=True)


@transaction.atomic
def take_out(*, actor: User, revision: int, drafted: int) -> None:
    """Take a change out of the person's draft."""
    draft = _draft_of(actor, revision)
    _drafted(draft, drafted).delete()


def publish_draft(
    *, actor: User, seen: str, since: Since, reason: str, include_closed: bool = False
) -> list[RuleVersion]:
    """Record all changes of the person's draft together, from a day on, and end the draft.

    `seen` is what the page of the dry run showed: StaleError if the draft, a rule or a signal
    changed since, so that nothing is published but what was tried.
    """
    with changing(actor, reason, include_closed=include_closed):
        draft = RuleDraft.objects.select_for_update().filter(author=actor).first()
        changes = list(DraftedRule.objects.filter(draft=draft).order_by("pk")) if draft else []
        if draft is None or not changes:
            message = (
                "There is nothing in your draft to publish; it may have been published meanwhile."
            )
            raise StaleError(message)
        if seen_of_rules(draft) != seen:
            message = "Rules, signals or your draft changed meanwhile. Nothing was published."
            raise StaleError(message)
        made = []
        for change in changes:
            if change.rule is not None:
                last_of(change.rule, change.seen)
            rule = change.rule or Rule.objects.create()
            terms = RuleTerms.of(change)
            made.append(record_rule(actor, rule, terms, reason, since, active=not change.retires))
        draft.delete()
        return made


def _draft_of(actor: User, revision: int) -> RuleDraft:
    """Return the person's draft, locked and counted on; StaleError if it isn't the one seen."""
    must_edit(actor)
    RuleDraft.objects.get_or_create(author=actor)
    draft = RuleDraft.objects.select_for_update().get(author=actor)
    if draft.revision != revision:
        message = "Your draft changed meanwhile, in another tab. Nothing was done."
        raise StaleError(message)
    draft.revision += 1
    draft.save(update_fields=["revision"])
    return draft


def _drafted(draft: RuleDraft, pk: int) -> DraftedRule:
    found = DraftedRule.objects.filter(draft=draft, pk=pk).select_related("rule").first()
    if found is None:
        message = "This is no longer in your draft."
        raise RefusedError(message)
    return found


def _put(
    draft: RuleDraft, rule: Rule | None, seen: int, terms: RuleTerms, *, retires: bool
) -> DraftedRule:
    if rule is not None:
        last_of(rule, seen)
        DraftedRule.objects.filter(draft=draft, rule=rule).delete()
    return _say(DraftedRule(draft=draft, rule=rule, seen=seen, retires=retires), terms)


def _say(drafted: DraftedRule, terms: RuleTerms) -> DraftedRule:
    for name, said in terms.columns.items():
        setattr(drafted, name, said)
    drafted.full_clean()
    drafted.save()
    return drafted
