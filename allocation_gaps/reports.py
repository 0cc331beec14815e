"""Finding Allocation Gaps in the facts (METHOD 8).

A gap is not a row: it is there while its condition holds, and gone when the condition is. What
somebody did about it is a frozen `GapAction`; an action counts from the day the gap opened.
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.timezone import localdate, make_aware

from accounts.models import User
from accounts.policy import reads_everything
from allocation_gaps.early import early_questions
from allocation_gaps.models import GapAction, GapKind
from business_cases.figures import CURRENCY, actual_figure, projected_figure
from business_cases.portfolio import Holding, Portfolio, read_portfolio
from business_cases.reports import NOBODY
from business_cases.standing import score_at
from business_cases.wording import estimate_note
from cur_ingest.bases import named
from cur_ingest.reports import first_spend_days
from cur_ingest.unclaimed import MONTHS_BACK, unclaimed_groups, unclaimed_since
from spaces.models import Workload
from spaces.reports import claimed_at
from valueboard.lib.figure import Figure, Kind, Source
from valueboard.lib.money import to_cents
from valueboard.lib.months import month_of


class GapState(StrEnum):
    """Where a gap stands. Resolved ones are not found any more."""

    ACTIVE = "active"
    ACTIONED = "actioned"

    @property
    def label(self) -> str:
        """Return the word for people."""
        return self.value.capitalize()


@dataclass(frozen=True, slots=True)
class Done:
    """What somebody did about a gap."""

    what: str
    who: str
    when: datetime
    rationale: str


@dataclass(frozen=True, slots=True)
class Gap:
    """One gap, with the dollars at stake, each kind by itself.

    `rate_note` says which months a run-rate is from; `rule_query` begins the form of a rule that
    would claim unclaimed spend; `waits` says that an estimate is there and waits for a Financial
    Admin, and `estimate_note` the same, or that one was declined, in words; `version` is that of
    the last action on the gap or on one before it, 0 for none; `lines_url` leads to the daily lines
    of unclaimed spend.
    """

    kind: GapKind
    key: str
    name: str
    detail: str
    opened: date
    projected: Figure | None
    actual: Figure
    workload: Workload | None
    actions: tuple[Done, ...]
    rate_note: str = ""
    rule_query: str = ""
    waits: bool = False
    estimate_note: str = ""
    version: int = 0
    lines_url: str = ""

    @property
    def state(self) -> GapState:
        """Return Actioned once somebody acted, else Active."""
        return GapState.ACTIONED if self.actions else GapState.ACTIVE

    @property
    def url(self) -> str:
        """Return where the gap's subject is shown: a workload, or lines of unclaimed spend."""
        return self.workload.get_absolute_url() if self.workload else self.lines_url


def find_gaps(user: User, known_at: datetime) -> list[Gap]:
    """Return the gaps that a person reads, dearest first within each kind; constant queries."""
    workloads = claimed_at(Workload.objects.visible_to(user), known_at)
    portfolio = read_portfolio(workloads, known_at)
    first_days = first_spend_days(known_at)
    acted = _actions(known_at)
    early = early_questions(portfolio)
    gaps: list[Gap] = []
    for holding in portfolio.holdings:
        if holding.ended:
            continue
        first = first_days.get(holding.workload.pk)
        for kind in kinds_of(holding):
            backed = kind is not GapKind.UNBACKED
            since = (
                _start_of(first or portfolio.today) if backed else _unbacked_since(holding, first)
            )
            gaps.append(_of_workload(kind, holding, since, portfolio, acted))
        if question := early.get(holding.workload.pk):
            since = _start_of(question.mark.day)
            gap = _of_workload(GapKind.OVER_PLAN, holding, since, portfolio, acted)
            gaps.append(replace(gap, detail=question.words))
    if reads_everything(user):
        gaps.extend(_unclaimed(known_at, portfolio.basis))
    order = list(GapKind)
    return sorted(gaps, key=lambda g: (order.index(g.kind), -_at_stake(g), g.name))


def kinds_of(holding: Holding) -> list[GapKind]:
    """Return the gaps that a claimed workload has by what was recorded of it and whether it spent.

    Without *Over plan*, which is asked by day (`early`).
    """
    standing, spends = holding.standing, holding.has_spend
    conditions = {
        GapKind.UNBACKED: standing.declared is None and bool(standing.estimates or spends),
        GapKind.NO_ESTIMATE: standing.in_force is None and spends,
    }
    return [kind for kind, holds in conditions.items() if holds and not holding.ended]


def find_gap(user: User, kind: str, key: str, known_at: datetime) -> Gap | None:
    """Return one gap, None when it is gone or the person may not read it."""
    return next((g for g in find_gaps(user, known_at) if (g.kind, g.key) == (kind, key)), None)


def _at_stake(gap: Gap) -> Decimal:
    return gap.projected.amount if gap.projected else gap.actual.amount


def _unbacked_since(holding: Holding, first_spend: date | None) -> datetime:
    """Return when the condition began: at the retraction, else at the first estimate or spend."""
    standing = holding.standing
    if standing.case is not None:
        return standing.case.mark.recorded_at
    moments = [e.mark.recorded_at for e in standing.estimates[:1]]
    return min([*moments, _start_of(first_spend)] if first_spend else moments)


def _start_of(day: date) -> datetime:
    return make_aware(datetime.combine(day, time.min))


def _actions(known_at: datetime) -> dict[tuple[str, str], list[GapAction]]:
    found: dict[tuple[str, str], list[GapAction]] = defaultdict(list)
    for action in (
        GapAction.objects.filter(recorded_at__lte=known_at)
        .select_related("recorded_by")
        .order_by("recorded_at")
    ):
        found[action.kind, action.key].append(action)
    return found


def _of_workload(
    kind: GapKind,
    holding: Holding,
    since: datetime,
    portfolio: Portfolio,
    acted: dict[tuple[str, str], list[GapAction]],
) -> Gap:
    workload, standing = holding.workload, holding.standing
    key = str(workload.pk)
    done = acted.get((kind, key), [])
    score = score_at(standing.in_force, None, month_of(portfolio.today), ())
    if kind is GapKind.UNBACKED:
        detail = "Its case was retracted" if standing.cases else "No business case was declared"
    else:
        detail = "No estimate in force" if standing.estimates else "No estimate"
    return Gap(
        kind=kind,
        key=key,
        name=workload.name,
        detail=detail,
        opened=localdate(since),
        projected=projected_figure(score, standing),
        actual=actual_figure(holding.rate),
        workload=workload,
        actions=tuple(
            Done(
                action.get_act_display(),
                action.recorded_by.name if action.recorded_by else NOBODY,
                action.recorded_at,
                action.rationale,
            )
            for action in done
            # To the moment: a gap that came back the same day was not acted on yet.
            if action.recorded_at >= since
        ),
        rate_note=holding.rate.words if holding.has_spend else "no spend attributed",
        version=done[-1].version if done else 0,
        waits=kind is not GapKind.UNBACKED and standing.pending is not None,
        estimate_note=estimate_note(standing),
    )


def _unclaimed(known_at: datetime, basis: str) -> list[Gap]:
    since = f"{unclaimed_since(known_at):%Y-%m}"
    return [
        Gap(
            kind=GapKind.UNCLAIMED,
            key=group.key,
            name=group.label,
            detail=f"{', '.join(group.services)} in {', '.join(group.accounts)}",
            opened=group.first_day,
            projected=None,
            actual=Figure(
                to_cents(group.amount),
                CURRENCY,
                Kind.ACTUAL,
                formula=f"{named(group.basis)} usage charges since {MONTHS_BACK} months before "
                "this one",
                sources=(
                    Source("First day", f"{group.first_day}"),
                    Source("Last day", f"{group.last_day}"),
                ),
            ),
            workload=None,
            actions=(),
            rule_query=group.query,
            lines_url=f"{reverse('spend-lines')}?{urlencode({'since': since, 'group': group.key})}",
        )
        for group in unclaimed_groups(known_at, basis)
    ]
