"""Where the lines of a delivery lie until they are attributed: so each is written once, with owner.

A table of its own that is not logged, without indexes; nothing stays in it at the end of a load's
transaction. Adding lines to the others and then changing each of them took a third longer, and left
as many dead rows behind. No temporary table: those the application's role may not make.
"""

from cur_ingest.bases import BASES

STAGED = "(SELECT * FROM cur_ingest_staged WHERE delivery_id = %(delivery)s)"
COLUMNS = (
    *("delivery_id", "export_id", "period", "day", "payer", "account", "service", "product_name"),
    *("billing_entity", "charge_type", "currency", "service_code", "usage_type", "region"),
    *("resource", "principal", "pricing_unit", "source_rows", "usage_amount", *BASES, "tags"),
    *("model", "token_kind", "tier", "cross_region"),
)
NAMES = ", ".join(COLUMNS)
COPY = f"COPY cur_ingest_staged ({NAMES}) FROM STDIN (FORMAT csv)"
UNSTAGE = "DELETE FROM cur_ingest_staged WHERE delivery_id = %s"
# Adds them to the others, given what is `matched` with them and the condition `same_line`.
ADD = f"""
{{matched}}
INSERT INTO cur_ingest_dailyline ({NAMES}, spend_class, workload_id, rule_version_id)
SELECT {", ".join(f"d.{column}" for column in COLUMNS)},
    m.spend_class, m.workload_id, m.rule_version_id
FROM {STAGED} d JOIN matched m ON {{same_line}}
"""  # noqa: S608 - names are ours
