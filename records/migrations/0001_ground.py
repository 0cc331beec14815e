"""The ground that every table stands on: privileges, the clock, and how frozen tables behave."""

from typing import Any

from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

CLOCK = """
CREATE TABLE records_clock (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    kind text NOT NULL CHECK (kind IN ('live', 'demo', 'test')),
    ahead interval NOT NULL DEFAULT '0' CHECK (kind <> 'live' OR ahead = '0')
);

CREATE FUNCTION records_clock_keeps_kind() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.kind = OLD.kind THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'What a database was created as never changes.'
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER keep_kind BEFORE UPDATE OR DELETE ON records_clock
    FOR EACH ROW EXECUTE FUNCTION records_clock_keeps_kind();

-- Reads no more than one row; VOLATILE, because time goes on within a statement.
CREATE FUNCTION vb_clock() RETURNS timestamptz LANGUAGE sql VOLATILE
    SET search_path = public, pg_temp
AS $$ SELECT clock_timestamp() + ahead FROM records_clock $$;
"""

# SECURITY DEFINER is the one door from the application's role to the owner's rights: it writes
# nothing but the head row. UTC, because a timestamp's text follows the session's time zone.
FROZEN = """
CREATE FUNCTION records_append() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp SET timezone = 'UTC'
AS $$
DECLARE
    content jsonb := to_jsonb(NEW);
    parts text[] := '{}';
    part text;
BEGIN
    FOREACH part IN ARRAY TG_ARGV LOOP
        parts := parts || (content ->> part);
    END LOOP;
    -- The head row is the lock of the subject: writers of one subject wait for each other here.
    INSERT INTO records_head (record, subject, version)
        VALUES (TG_TABLE_NAME, array_to_string(parts, ':', ''), 1)
        ON CONFLICT (record, subject) DO UPDATE SET version = records_head.version + 1
        RETURNING version INTO NEW.version;
    NEW.recorded_at := vb_clock();
    NEW.hash := encode(sha256(convert_to((to_jsonb(NEW) - 'hash')::text, 'UTF8')), 'hex');
    RETURN NEW;
END $$;

CREATE FUNCTION records_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: what was recorded stays.', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

REVOKE EXECUTE ON FUNCTION records_append() FROM PUBLIC;
"""


def grant(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:  # noqa: ARG001 - Django's signature
    """Let the application's role use what the owner makes, now and later; it makes nothing."""
    role = schema_editor.quote_name(settings.DATABASE_APP_ROLE)
    rows = "SELECT, INSERT, UPDATE, DELETE"
    for statement in (
        f"GRANT {rows} ON ALL TABLES IN SCHEMA public TO {role}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT {rows} ON TABLES TO {role}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {role}",
        f"REVOKE ALL ON django_migrations FROM {role}",
        f"GRANT SELECT ON django_migrations TO {role}",
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
    ):
        schema_editor.execute(statement)


def set_the_clock(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:  # noqa: ARG001 - Django's signature
    """Write down what this database is created as; only its owner may move the clock."""
    role = schema_editor.quote_name(settings.DATABASE_APP_ROLE)
    schema_editor.execute("INSERT INTO records_clock (kind) VALUES (%s)", [settings.DATABASE_KIND])
    schema_editor.execute(f"REVOKE ALL ON records_clock FROM {role}")
    schema_editor.execute(f"GRANT SELECT ON records_clock TO {role}")


def nothing(*args: Any) -> None:
    """Undo nothing: privileges go with the role, rows with their table."""


class Migration(migrations.Migration):
    """First of all migrations that matter: others create tables on these privileges."""

    initial = True
    dependencies: list[tuple[str, str]] = []
    operations = [
        migrations.RunPython(grant, nothing),
        migrations.RunSQL(
            CLOCK,
            "DROP FUNCTION vb_clock(); DROP TABLE records_clock; "
            "DROP FUNCTION records_clock_keeps_kind();",
        ),
        migrations.RunPython(set_the_clock, nothing),
        migrations.RunSQL(
            FROZEN, "DROP FUNCTION records_append(); DROP FUNCTION records_refuse();"
        ),
    ]
