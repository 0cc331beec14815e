"""A table for the lines of a load until they are attributed."""

from django.db import migrations

FORWARDS = """
CREATE UNLOGGED TABLE cur_ingest_staged AS
SELECT delivery_id, export_id, period, day, payer, account, service, product_name, billing_entity,
    charge_type, currency, service_code, usage_type, region, resource, principal, pricing_unit,
    source_rows, usage_amount, unblended, net_unblended, amortised, net_amortised, tags, model,
    token_kind, tier, cross_region
FROM cur_ingest_dailyline WITH NO DATA;
"""


class Migration(migrations.Migration):
    """Not a model: its columns are those of a daily line, and nothing is read of it."""

    dependencies = [("cur_ingest", "0017_months_left_out")]
    operations = [migrations.RunSQL(FORWARDS, "DROP TABLE cur_ingest_staged")]
