"""What finance does in the demo: rules, a signal, and requests for what is missing."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from allocation_gaps.actions import look_for_gaps, request_from_owner
from allocation_gaps.reports import get_gap, open_of_workload
from business_cases.actions import merge_names
from cur_ingest.actions import (
    RuleTerms,
    SignalTerms,
    Since,
    add_rule,
    change_signal,
    close_month,
    draft_rule,
    record_rate,
)
from cur_ingest.closing import month_states
from cur_ingest.models import RuleVersion, SignalVersion
from cur_ingest.reports import seen_of_month
from cur_ingest.splitting import Share, Split
from demo.people import Made
from demo.plan import FOREIGN, SHARED
from demo.plan.organisation import FELIX
from demo.plan.values import GapRequest, NameMerge
from demo.plan.workload import PlannedWorkload, RulePlan
from records.clock import now
from valueboard.lib.figure import ValueType
from valueboard.lib.months import add_months, month_of

TAG = "workload"
# Rules by account or service come first: they are of spend that carries no tag.
BY_ACCOUNT_OR_SERVICE, BY_PRINCIPAL, BY_TAG = 10, 50, 100
GATEWAY = "*:assumed-role/Gateway/*"
BEHIND_THE_GATEWAY = ("Product descriptions", "Review summaries", "Size and fit adviser")
RENAMED = "Visual search"


def make_rule(planned: PlannedWorkload, rule: RulePlan, made: Made) -> None:
    """Give a workload its spend: by account or service where the plan says so, else by its tag."""
    terms = RuleTerms(
        priority=BY_TAG if rule == RulePlan() else BY_ACCOUNT_OR_SERVICE,
        workload=made.workloads[planned.name],
        account=rule.account,
        service=rule.service,
        tag_key=TAG if rule == RulePlan() else "",
        tag_value=planned.slug if rule == RulePlan() else "",
    )
    add_rule(
        actor=made.people[FELIX], terms=terms, reason=f"{planned.name} came to finance's notice."
    )


def split_shared(made: Made) -> None:
    """Split what three teams share by the parts that they agreed on."""
    shares = tuple(
        Share(made.workloads[name].pk, Decimal(percent)) for name, percent in SHARED.shares
    )
    terms = RuleTerms(
        priority=BY_PRINCIPAL,
        principal=f"*:{SHARED.principal}",
        split=Split.FIXED,
        shares=shares,
    )
    first = add_months(month_of(made.today), SHARED.spend.first)
    add_rule(
        actor=made.people[FELIX],
        terms=terms,
        reason=SHARED.reason,
        since=Since(first, on_purpose=True),
    )


def draft_rules(made: Made) -> None:
    """Leave a draft to be tried: who calls through a gateway shares it, and a tag was renamed."""
    felix = made.people[FELIX]
    shares = tuple(Share(made.workloads[name].pk) for name in BEHIND_THE_GATEWAY)
    terms = RuleTerms(
        priority=BY_PRINCIPAL, principal=GATEWAY, split=Split.PROPORTIONAL, shares=shares
    )
    draft_rule(actor=felix, revision=0, terms=terms)
    last = RuleVersion.objects.filter(workload=made.workloads[RENAMED]).latest("version")
    renamed = replace(RuleTerms.of(last), tag_value=f"{last.tag_value}\nimage-search")
    draft_rule(actor=felix, revision=1, terms=renamed, rule=last.rule, seen=last.version)


def record_foreign_rate(made: Made) -> None:
    """Record the rate of the second payer's first month; the current one waits for its own."""
    record_rate(
        actor=made.people[FELIX],
        currency=FOREIGN.currency,
        month=add_months(month_of(made.today), FOREIGN.first),
        rate=FOREIGN.rate,
        reason=FOREIGN.reason,
        seen=0,
    )


def switch_amazon_q_on(made: Made) -> None:
    """Take Amazon Q for AI spend: the product delivers this signal switched off."""
    last = SignalVersion.objects.filter(pattern="AmazonQ").latest("version")
    change_signal(
        actor=made.people[FELIX],
        signal=last.signal,
        seen=last.version,
        terms=SignalTerms(last.field, last.pattern, is_ai=True, active=True, note=last.note),
        reason="Our bill has it: the subscription that writes minutes.",
    )


def close(month: date, made: Made) -> None:
    """Close a month of the organisation."""
    moment = now()
    close_month(
        actor=made.people[FELIX],
        period=month,
        seen=seen_of_month(month_states(moment)[month], moment),
        reason="The month's books are closed.",
    )


def merge(planned: NameMerge, made: Made) -> None:
    """Say that two names of costs stand for one thing."""
    merge_names(
        actor=made.people[FELIX],
        value_type=ValueType.COST_SAVING,
        name=planned.name,
        into=planned.into,
        seen=0,
        reason=planned.reason,
    )


def request(asked: GapRequest, made: Made) -> None:
    """Ask a workload's owner for what is missing."""
    felix, workload = made.people[FELIX], made.workloads[asked.workload]
    look_for_gaps()
    gap = next((g for g in open_of_workload(workload) if g.kind == asked.kind), None)
    if gap is None:
        message = f"The plan asks for what is not missing: {asked}."
        raise LookupError(message)
    seen = get_gap(gap, now()).acts.seen
    request_from_owner(actor=felix, opening=gap, seen=seen, rationale=asked.rationale)
