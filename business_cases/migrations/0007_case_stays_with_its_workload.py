"""A declared case never becomes another workload's: its snapshots name the case alone."""

from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

TABLE = "business_cases_businesscase"
KEEP = f"""
CREATE TRIGGER a_stays BEFORE UPDATE OR DELETE ON {TABLE}
    FOR EACH ROW EXECUTE FUNCTION records_refuse();
ALTER TABLE {TABLE} ENABLE ALWAYS TRIGGER a_stays;
"""


def let_only_add(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:  # noqa: ARG001 - Django's signature
    """Let the application read and add, as with what is frozen."""
    role = schema_editor.quote_name(settings.DATABASE_APP_ROLE)
    schema_editor.execute(f"REVOKE ALL ON {TABLE} FROM {role}")
    schema_editor.execute(f"GRANT SELECT, INSERT ON {TABLE} TO {role}")


class Migration(migrations.Migration):
    dependencies = [("business_cases", "0006_life"), ("records", "0002_initial")]
    operations = [
        migrations.RunSQL(KEEP, f"DROP TRIGGER a_stays ON {TABLE}"),
        migrations.RunPython(let_only_add, migrations.RunPython.noop),
    ]
