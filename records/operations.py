"""The one migration operation that freezes a table."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

# Does nothing but be there: PostgreSQL refuses ON CONFLICT and MERGE on a table with such a rule.
# `ON CONFLICT DO NOTHING` would run the trigger and then keep no row: an entry about nothing.
NO_CONFLICT = "CREATE OR REPLACE RULE no_conflict AS ON UPDATE TO {table} DO ALSO NOTHING"


class Freeze(Operation):
    """Freeze the table of a `FrozenRecord`, and have the ledger take it in.

    `subject` names the columns that together identify what the versions belong to. Afterwards
    the application's role may SELECT and INSERT and nothing else; a trigger sets version, time
    and hash and writes the ledger's entry; UPDATE, DELETE, TRUNCATE, ON CONFLICT and MERGE are
    refused to everybody, the owner included. The triggers fire ALWAYS, so that
    `session_replication_role` does not switch them off.

    Columns of a frozen table are never renamed and never change their type: the ledger's texts
    name them. A column that is added later has one value in all rows recorded before.
    """

    reversible = True

    def __init__(self, model_name: str, subject: Sequence[str]) -> None:
        """Take the model's name within the migration's app and the subject's columns."""
        self.model_name = model_name
        self.subject = tuple(subject)

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """Return what rebuilds this operation."""
        return (
            type(self).__name__,
            [],
            {"model_name": self.model_name, "subject": self.subject},
        )

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Change nothing in Django's picture of the models."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,  # noqa: ARG002 - Django's signature
        to_state: ProjectState,
    ) -> None:
        """Create the triggers and take the privileges away."""
        table = schema_editor.quote_name(
            to_state.apps.get_model(app_label, self.model_name)._meta.db_table
        )
        role = schema_editor.quote_name(settings.DATABASE_APP_ROLE)
        columns = ", ".join(f"'{column}'" for column in self.subject)
        rows = f"ON {table} FOR EACH ROW EXECUTE FUNCTION"
        for statement in (
            f"CREATE TRIGGER a_append BEFORE INSERT {rows} records_append({columns})",
            f"CREATE TRIGGER b_keep_rows BEFORE UPDATE OR DELETE {rows} records_refuse()",
            f"""CREATE TRIGGER c_keep_table BEFORE TRUNCATE ON {table}
                FOR EACH STATEMENT EXECUTE FUNCTION records_refuse()""",
            f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER a_append",
            f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER b_keep_rows",
            f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER c_keep_table",
            NO_CONFLICT.format(table=table),
            f"REVOKE ALL ON {table} FROM {role}",
            f"GRANT SELECT, INSERT ON {table} TO {role}",
        ):
            schema_editor.execute(statement)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,  # noqa: ARG002 - Django's signature
    ) -> None:
        """Drop the triggers; the table itself goes with its own operation."""
        table = schema_editor.quote_name(
            from_state.apps.get_model(app_label, self.model_name)._meta.db_table
        )
        for trigger in ("a_append", "b_keep_rows", "c_keep_table"):
            schema_editor.execute(f"DROP TRIGGER {trigger} ON {table}")
        schema_editor.execute(f"DROP RULE no_conflict ON {table}")

    def describe(self) -> str:
        """Say what it does, for `migrate --plan`."""
        return f"Freeze {self.model_name}: insert only, for everybody"
