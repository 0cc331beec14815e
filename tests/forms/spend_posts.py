"""The POSTs below /spend/: rules, signals, rates, drafts, closings, exports and loads."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from cur_ingest.actions import draft_rule, record_rate
from cur_ingest.models import DraftedRule, Export, RuleVersion, SignalVersion
from cur_ingest.reports import waiting_runs
from records.clock import now
from spaces.models import Workload
from tests.cast import Cast, added, proposal
from tests.cur_ingest.test_attribution import by_tag, rule
from tests.forms.pages import WHY, Post
from tests.spend import bedrock, close_september, load


def _workload(cast: Cast) -> Workload:
    return added(cast, proposal(cast, name="Chat"))


def of_rule_new(cast: Cast) -> Post:
    typed = {"workload": str(_workload(cast).pk), "account": "7", "reason": WHY}
    return Post(cast.felix, "/spend/rules/new/", typed)


def _rule(cast: Cast) -> RuleVersion:
    return rule(cast, by_tag(_workload(cast)))


def of_rule(cast: Cast) -> Post:
    typed = {"account": "7", "reason": WHY}
    return Post(cast.felix, f"/spend/rules/{_rule(cast).rule_id}/", typed)


def of_rule_retire(cast: Cast) -> Post:
    return Post(cast.felix, f"/spend/rules/{_rule(cast).rule_id}/retire/", {"reason": WHY})


def of_rate_new(cast: Cast) -> Post:
    typed = {"currency": "EUR", "month": "2026-09", "rate": "1.0854", "reason": WHY}
    return Post(cast.felix, "/spend/rates/new/", typed)


def of_rate(cast: Cast) -> Post:
    record_rate(
        actor=cast.felix,
        currency="EUR",
        month=date(2026, 9, 1),
        rate=Decimal("1.0854"),
        reason=WHY,
        seen=0,
    )
    return Post(cast.felix, "/spend/rates/EUR/2026-09/", {"rate": "1.09", "reason": WHY})


def of_draft_new(cast: Cast) -> Post:
    typed = {"workload": str(_workload(cast).pk), "account": "7"}
    return Post(cast.felix, "/spend/rules/draft/new/", typed)


def of_draft_change(cast: Cast) -> Post:
    page = f"/spend/rules/draft/rules/{_rule(cast).rule_id}/"
    return Post(cast.felix, page, {"account": "7"})


def of_draft_retire(cast: Cast) -> Post:
    page = of_draft_change(cast).page
    return Post(cast.felix, page, {}, f"{page}retire/")


def _drafted(cast: Cast) -> DraftedRule:
    return draft_rule(actor=cast.felix, revision=0, terms=by_tag(_workload(cast)))


def of_drafted(cast: Cast) -> Post:
    return Post(cast.felix, f"/spend/rules/draft/{_drafted(cast).pk}/", {"account": "7"})


def of_drafted_remove(cast: Cast) -> Post:
    address = f"/spend/rules/draft/{_drafted(cast).pk}/remove/"
    return Post(cast.felix, "/spend/rules/draft/", {}, address)


def of_draft_run(cast: Cast) -> Post:
    _drafted(cast)
    return Post(cast.felix, "/spend/rules/draft/run/", {"reason": WHY})


def of_signal_new(cast: Cast) -> Post:
    return Post(
        cast.felix,
        "/spend/signals/new/",
        {"field": "product_code", "pattern": "NewThing*", "reason": WHY},
    )


def of_signal(cast: Cast) -> Post:
    signal = SignalVersion.objects.earliest("pk").signal_id
    return Post(cast.felix, f"/spend/signals/{signal}/", {"note": "Seen.", "reason": WHY})


def _month(cast: Cast, *, closed: bool) -> None:
    with TemporaryDirectory() as folder:
        load(Path(folder), bedrock("", 10))
        if closed:
            close_september(cast)
            load(Path(folder), bedrock("", 11), execution="e-2")


def of_month_close(cast: Cast) -> Post:
    _month(cast, closed=False)
    return Post(cast.felix, "/spend/2026-09/close/", {"reason": WHY})


def of_month_reopen(cast: Cast) -> Post:
    _month(cast, closed=True)
    return Post(cast.felix, "/spend/2026-09/reopen/", {"reason": WHY})


def of_month_counting(cast: Cast) -> Post:
    _month(cast, closed=False)
    address = f"/spend/deliveries/{Export.objects.get().pk}/2026-09/count/"
    return Post(cast.felix, address, {"reason": WHY})


def of_adjustment(cast: Cast) -> Post:
    _month(cast, closed=True)
    run = waiting_runs(now()).get()
    return Post(cast.felix, f"/spend/adjustments/{run.pk}/", {"reason": WHY})


def of_basis(cast: Cast) -> Post:
    return Post(cast.felix, "/spend/basis/", {"basis": "unblended", "reason": WHY})


def of_export_new(cast: Cast) -> Post:
    typed = {"name": "Payer one", "location": "s3://bucket/exports", "active": "on"}
    return Post(cast.adam, "/spend/exports/new/", typed)


def _export() -> Export:
    export = Export(name="Payer one", location="s3://bucket/exports", active=True)
    export.save()
    return export


def of_export(cast: Cast) -> Post:
    return Post(cast.adam, f"/spend/exports/{_export().pk}/", {"name": "Payer two"})


def of_load(cast: Cast) -> Post:
    address = f"/spend/deliveries/{_export().pk}/load/"
    return Post(cast.felix, "/spend/deliveries/", {"period": "2026-09"}, address)
