"""The demo organisation's bill is its plan, and `generate_cur` writes it."""

from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from cur_ingest.attribution import SETTLEMENTS
from cur_ingest.sources import open_source
from demo.bill import cost_plan, months_until
from demo.plan import SHARED, UNCLAIMED, WORKLOADS
from tests.cur_ingest.reading import read

TODAY = date(2026, 11, 21)


def test_plan_of_spend_is_the_plan_of_workloads() -> None:
    plan = cost_plan(TODAY)
    planned = [part for part in plan.streams if part.workload]
    months = months_until(TODAY)
    assert len(months) == 14
    for offset, month in zip(range(-13, 1), months, strict=True):
        for workload in WORKLOADS:
            if workload.rule is not None and not workload.rule.account + workload.rule.service:
                amounts = [
                    s.amounts.get(month, Decimal(0)) for s in planned if s.workload == workload.slug
                ]
                assert sum(amounts) == workload.amount(offset)
    ai = {"claude", "nova", "embeddings", "profile", "sagemaker", "gpu", "amazon_q", "marketplace"}
    total = sum(s.amounts.get(months[-1], Decimal(0)) for s in plan.streams if s.service in ai)
    claimed = sum(w.amount(0) for w in WORKLOADS) + SHARED.amount(0)
    assert total == claimed + sum(u.amount(0) for u in UNCLAIMED)


def test_generate_cur_writes_a_delivery_per_month(tmp_path: Path) -> None:
    out = StringIO()
    call_command("generate_cur", str(tmp_path), "--months", "2", "--end", "2026-09", stdout=out)
    assert open_source(str(tmp_path)).periods == [date(2026, 8, 1), date(2026, 9, 1)]
    assert "rows, 2026-08 to 2026-09" in out.getvalue()
    _, lines = read(tmp_path, date(2026, 9, 1))
    workload = next(w for w in WORKLOADS if w.name == "Basket recommendations")
    spent = sum(
        line["amortised"]
        for line in lines
        if line["workload"] == workload.slug and line["charge_type"] not in SETTLEMENTS
    )
    assert spent == workload.amount(0)


def test_generate_cur_ends_today_and_stays_small(tmp_path: Path) -> None:
    call_command("generate_cur", str(tmp_path), stdout=StringIO())
    source = open_source(str(tmp_path))
    assert len(source.periods) == 14
    result, lines = read(tmp_path, source.periods[-1])
    assert result.source_rows < 30_000
    assert max(line["usage_date"] for line in lines) <= datetime.now(UTC).date()


def test_generate_cur_mixes_with_nothing(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(CommandError, match="is not empty"):
        call_command("generate_cur", str(tmp_path))
