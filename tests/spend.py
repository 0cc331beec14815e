"""Spend for tests that need some: a small delivery of September 2026, loaded through the product.

Bedrock usage carries the tag `workload`; a rule per workload gives it away.
"""

from pathlib import Path
from typing import Any

from accounts.models import User
from cur_ingest.actions import RuleTerms, add_rule, load_deliveries
from spaces.models import Workload
from tests.cur_ingest.deliveries import deliver


def bedrock(tag: str, cost: float, **more: Any) -> dict[str, Any]:
    """Return one row of Bedrock usage; an empty tag is none."""
    return {
        "line_item_product_code": "AmazonBedrock",
        "line_item_usage_type": "USE1-NovaLite-input-tokens",
        "line_item_unblended_cost": cost,
        "resource_tags": {"user_workload": tag} if tag else {},
    } | more


def load(folder: Path, *rows: dict[str, Any], execution: str = "e-1") -> None:
    """Load one delivery of September 2026."""
    deliver(folder, list(rows), execution=execution)
    load_deliveries(actor=None, location=str(folder))


def rule_for(actor: User, workload: Workload, tag: str) -> None:
    """Give the spend of a tag to a workload."""
    terms = RuleTerms(priority=10, workload=workload, tag_key="workload", tag_value=tag)
    add_rule(actor=actor, terms=terms, reason="Tagged so.", include_closed=True)
