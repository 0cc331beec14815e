"""Pages about what was spent: deliveries in every state, rules, a draft, rates, signals."""

from datetime import date
from typing import Any

from cur_ingest.actions import RuleTerms, draft_rule
from cur_ingest.models import DailyLine, Delivery, Export, Load, RuleVersion, Signal
from cur_ingest.reports import waiting_runs
from records.clock import now
from spaces.models import Workload
from tests.cast import Cast


def loads_in_every_state() -> Export:
    """Have the export that was loaded fail, wait and run in other months; return it."""
    export = Export.objects.get()
    common: dict[str, Any] = {"export": export, "origin": Load.Origin.SCHEDULE, "asked_at": now()}
    long = "s3://bucket/" + "exports-of-the-payer/" * 6 + ": access denied (AccessDenied)."
    Load.objects.create(state="failed", finished_at=now(), error=long, tries=3, **common)
    for month, state in ((8, "refused"), (7, "needs_rate")):
        period = date(2026, month, 1)
        Load.objects.create(
            period=period, state=state, finished_at=now(), error="Why, and what to do.", **common
        )
    Load.objects.create(period=date(2026, 6, 1), state="waiting", try_again_at=now(), **common)
    Load.objects.create(
        period=date(2026, 10, 1),
        state="running",
        phase="fetching",
        files=12,
        files_done=5,
        bytes=10**9,
        bytes_done=4 * 10**8,
        rows_done=1_234_567,
        **common,
    )
    return export


def full(cast: Cast, _workload: Workload) -> dict[str, list[str]]:
    export = loads_in_every_state()
    made = RuleVersion.objects.latest("pk").rule_id
    unbacked = Workload.objects.get(name="Unbacked")
    drafted = draft_rule(
        actor=cast.felix,
        revision=0,
        terms=RuleTerms(1, unbacked, account="*", tag_key="workload", tag_value="gateway"),
    )
    loaded = Delivery.objects.earliest("pk").export_id
    return {
        "felix": [
            "/spend/",
            "/spend/basis/",
            "/spend/2026-09/reopen/",
            f"/spend/adjustments/{waiting_runs(now()).get().pk}/",
            "/spend/lines/",
            f"/spend/lines/{DailyLine.objects.values_list('pk', flat=True)[0]}/",
            "/spend/deliveries/",
            f"/spend/deliveries/{export.pk}/2026-09/",
            f"/spend/deliveries/{loaded}/2026-09/count/",
            "/spend/rules/",
            "/spend/rules/new/",
            f"/spend/rules/{made}/",
            f"/spend/rules/{made}/retire/",
            f"/spend/rules/{made}/history/",
            "/spend/rules/draft/",
            "/spend/rules/draft/new/",
            f"/spend/rules/draft/rules/{made}/",
            f"/spend/rules/draft/{drafted.pk}/",
            "/spend/rules/draft/run/",
            "/spend/signals/",
            "/spend/signals/new/",
            f"/spend/signals/{Signal.objects.earliest('pk').pk}/",
            "/spend/rates/",
            "/spend/rates/new/",
            "/spend/rates/EUR/2026-09/",
        ],
        "adam": [
            "/spend/deliveries/",
            "/spend/exports/",
            "/spend/exports/new/",
            f"/spend/exports/{export.pk}/",
        ],
    }


def empty(_cast: Cast) -> dict[str, list[str]]:
    return {"felix": ["/spend/", "/spend/lines/", "/spend/deliveries/", "/spend/rules/"]}
