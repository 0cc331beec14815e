"""What each format calls the columns of the canonical table: one small mapping per format.

A column is looked for under its folded name (`fold`): letters and digits alone, in lower case. So
`line_item_unblended_cost`, `LINE_ITEM_UNBLENDED_COST` and `lineItem/UnblendedCost` are one column,
and so are `BilledCost` and Glue's `billedcost`. Legacy CUR and CUR 2.0 share a mapping: where they
differ, a canonical column names both.

FOCUS 1.0 and 1.2 (with AWS columns): BilledCost is the unblended cost and EffectiveCost the
amortised one. Both are after negotiated discounts already, so there the net bases are the same.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from cur_ingest.signals import MARKETPLACE

# The canonical texts that every format has; what a format doesn't know is ''.
TEXTS = (
    "payer_account_id",
    "usage_account_id",
    "product_code",
    "service_code",
    "billing_entity",
    "charge_type",
    "currency_code",
    "usage_type",
    "operation",
    "description",
    "principal",
    "resource",
    "region",
    "pricing_unit",
    "reservation_arn",
)


@dataclass(frozen=True, slots=True)
class Format:
    """One format: canonical column -> the names under which its files may have it.

    Of a text's columns the first that isn't empty counts, row by row. `costs` map to one column
    each. Without the `required` ones neither the cost of a row nor its day can be computed.
    `product_name` lies in a map (`product`) or a column. `translate` turns the format's words into
    those of CUR, on the canonical table with the `own` texts beside it.
    """

    name: str
    dates: Mapping[str, str]
    texts: Mapping[str, tuple[str, ...]]
    product_name: str
    costs: Mapping[str, str]
    usage: tuple[str, ...]
    required: tuple[str, ...]
    own: Mapping[str, tuple[str, ...]]
    translate: Callable[[ir.Table], ir.Table]


CUR = Format(
    name="CUR",
    dates={
        "billing_start": "bill_billing_period_start_date",
        "usage_start": "line_item_usage_start_date",
    },
    texts={
        "payer_account_id": ("bill_payer_account_id",),
        "usage_account_id": ("line_item_usage_account_id",),
        "product_code": ("line_item_product_code",),
        "service_code": ("product_servicecode",),
        "billing_entity": ("bill_billing_entity",),
        "charge_type": ("line_item_line_item_type",),
        "currency_code": ("line_item_currency_code",),
        "usage_type": ("line_item_usage_type",),
        "operation": ("line_item_operation",),
        "description": ("line_item_line_item_description",),
        "principal": ("line_item_iam_principal",),
        "resource": ("line_item_resource_id",),
        # The same text in CUR 2.0 and in the legacy report.
        "region": ("product_region_code", "product_region"),
        "pricing_unit": ("pricing_unit",),
        "reservation_arn": ("reservation_reservation_a_r_n",),
    },
    product_name="product_product_name",
    costs={
        "unblended": "line_item_unblended_cost",
        "savings_plan_effective": "savings_plan_savings_plan_effective_cost",
        "savings_plan_commitment": "savings_plan_total_commitment_to_date",
        "savings_plan_used": "savings_plan_used_commitment",
        "reservation_effective": "reservation_effective_cost",
        "reservation_unused_upfront": (
            "reservation_unused_amortized_upfront_fee_for_billing_period"
        ),
        "reservation_unused_recurring": "reservation_unused_recurring_fee",
        "net_unblended": "line_item_net_unblended_cost",
        "net_savings_plan_effective": "savings_plan_net_savings_plan_effective_cost",
        "net_reservation_effective": "reservation_net_effective_cost",
        "net_reservation_unused_upfront": (
            "reservation_net_unused_amortized_upfront_fee_for_billing_period"
        ),
        "net_reservation_unused_recurring": "reservation_net_unused_recurring_fee",
        "recurring_commitment": "savings_plan_recurring_commitment_for_billing_period",
        "net_recurring_commitment": "savings_plan_net_recurring_commitment_for_billing_period",
        "upfront_commitment": "savings_plan_amortized_upfront_commitment_for_billing_period",
        "net_upfront_commitment": (
            "savings_plan_net_amortized_upfront_commitment_for_billing_period"
        ),
    },
    usage=("line_item_usage_amount",),
    required=(
        "line_item_unblended_cost",
        "line_item_line_item_type",
        "bill_billing_period_start_date",
        "line_item_usage_start_date",
    ),
    own={},
    translate=lambda table: table,
)


def _from_focus(table: ir.Table) -> ir.Table:
    """Say what FOCUS says in CUR's words, which signals and rules are made of.

    What a commitment costs and what of it lies idle settle the whole bill, as in CUR. A publisher
    other than Amazon sells through the Marketplace; FOCUS has no column for that.
    """
    plan = table.commitment_type.lower().contains("savings")
    purchase = (table.charge_type == "Purchase") & (table.commitment_id != "")
    idle = (table.charge_type == "Usage") & (table.commitment_status == "Unused")
    publisher = table.publisher.lower()
    elsewhere = (publisher != "") & ~publisher.startswith("amazon") & ~publisher.startswith("aws")
    return table.mutate(
        charge_type=ibis.cases(
            (purchase & plan & (table.frequency == "One-Time"), "SavingsPlanUpfrontFee"),
            ((purchase | idle) & plan, "SavingsPlanRecurringFee"),
            (purchase | idle, "RIFee"),
            (table.charge_type == "Purchase", "Fee"),
            (table.charge_type == "Adjustment", "Refund"),
            else_=table.charge_type,
        ),
        billing_entity=elsewhere.ifelse(MARKETPLACE, "AWS"),
    )


FOCUS = Format(
    name="FOCUS",
    dates={"billing_start": "BillingPeriodStart", "usage_start": "ChargePeriodStart"},
    texts={
        "payer_account_id": ("BillingAccountId",),
        "usage_account_id": ("SubAccountId", "BillingAccountId"),
        "product_code": ("x_ServiceCode", "ServiceName"),
        "service_code": ("x_ServiceCode",),
        "charge_type": ("ChargeCategory",),
        "currency_code": ("BillingCurrency",),
        # 1.0 has the usage type in a column of AWS's own, 1.2 as the SKU's meter.
        "usage_type": ("x_UsageType", "SkuMeter"),
        "operation": ("x_Operation",),
        "description": ("ChargeDescription",),
        "resource": ("ResourceId",),
        "region": ("RegionId",),
        "pricing_unit": ("PricingUnit",),
    },
    product_name="ServiceName",
    costs={"unblended": "BilledCost", "effective": "EffectiveCost"},
    usage=("PricingQuantity",),
    required=(
        "BilledCost",
        "EffectiveCost",
        "ChargeCategory",
        "BillingPeriodStart",
        "ChargePeriodStart",
    ),
    own={
        "commitment_id": ("CommitmentDiscountId",),
        "commitment_type": ("CommitmentDiscountType",),
        "commitment_status": ("CommitmentDiscountStatus",),
        "frequency": ("ChargeFrequency",),
        "publisher": ("PublisherName",),
    },
    translate=_from_focus,
)


def fold(name: str) -> str:
    """Return a column's name as formats are told apart by: letters and digits, lower case."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def format_of(columns: Collection[str]) -> Format | None:
    """Return the format whose files have these columns (folded names), or None."""
    if any(column.startswith("lineitem") for column in columns):
        return CUR
    return FOCUS if {fold("BilledCost"), fold("ChargeCategory")} & set(columns) else None
