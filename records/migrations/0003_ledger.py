"""The ledger: a SHA-256 chain per subject over an explicit text that is kept beside every row."""

from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from records.operations import NO_CONFLICT

# The text of a row. Anybody can read and hash it: one line of JSON, keys in the order of their
# bytes, no blanks; numbers as strings in their full decimal form, dates as ISO, times in UTC with
# six digits and a Z; a JSON column as a string that holds its canonical JSON.
TEXT = """
CREATE FUNCTION records_json(value jsonb) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN CASE jsonb_typeof(value)
        WHEN 'object' THEN '{' || coalesce((
            SELECT string_agg(to_json(k)::text || ':' || records_json(v), ',' ORDER BY k COLLATE "C")
            FROM jsonb_each(value) AS e (k, v)), '') || '}'
        WHEN 'array' THEN '[' || coalesce((
            SELECT string_agg(records_json(v), ',' ORDER BY n)
            FROM jsonb_array_elements(value) WITH ORDINALITY AS e (v, n)), '') || ']'
        ELSE value::text
    END;
END $$;

CREATE FUNCTION records_time(moment timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$;

-- `clock` is what the database's clock said when the row came; without it the row is older than
-- the ledger, and its text holds the hash that it had been given by then.
CREATE FUNCTION records_text(
    relation oid, content jsonb, record text, subject text, previous text, clock timestamptz
) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    fields text;
BEGIN
    SELECT string_agg(
        to_json(e.key)::text || ':' || CASE
            WHEN jsonb_typeof(e.value) = 'null' THEN 'null'
            WHEN a.atttypid = 'boolean'::regtype THEN e.value::text
            WHEN a.atttypid = 'timestamptz'::regtype
                THEN to_json(records_time((e.value #>> '{}')::timestamptz))::text
            WHEN a.atttypid = 'jsonb'::regtype THEN to_json(records_json(e.value))::text
            ELSE to_json(e.value #>> '{}')::text
        END, ',' ORDER BY e.key COLLATE "C")
    INTO STRICT fields
    FROM jsonb_each(content) AS e
    JOIN pg_attribute AS a ON a.attrelid = relation AND a.attname = e.key;
    RETURN '{'
        || CASE WHEN clock IS NULL THEN '' ELSE '"clock":"' || records_time(clock) || '",' END
        || '"previous":"' || previous
        || '","record":' || to_json(record)::text
        || ',"row":{' || fields
        || '},"scheme":"1","subject":' || to_json(subject)::text
        || ',"version":"' || (content ->> 'version') || '"}';
END $$;
"""

# SECURITY DEFINER is the one door from the application's role to the owner's rights: it writes
# the head row and the ledger's entry, and runs no text as SQL. UTC, because a timestamp's text
# follows the session's time zone.
APPEND = """
CREATE OR REPLACE FUNCTION records_append() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp SET timezone = 'UTC'
AS $$
DECLARE
    content jsonb := to_jsonb(NEW);
    parts text[] := '{}';
    part text;
    about text;
    head records_head;
    clock timestamptz;
    said text;
BEGIN
    FOREACH part IN ARRAY TG_ARGV LOOP
        parts := parts || (content ->> part);
    END LOOP;
    about := array_to_string(parts, ':', '');
    -- The head row is the lock of the subject: writers of one subject wait for each other here.
    LOOP
        SELECT * INTO head FROM records_head
            WHERE record = TG_TABLE_NAME AND subject = about FOR UPDATE;
        EXIT WHEN FOUND;
        INSERT INTO records_head (record, subject, version, hash)
            VALUES (TG_TABLE_NAME, about, 0, '') ON CONFLICT DO NOTHING;
    END LOOP;
    clock := vb_clock();
    NEW.version := head.version + 1;
    -- Time never goes back within a subject, also when the machine's clock is set back; the text
    -- keeps what the clock said. A clock that its owner may move (demo, test) is taken at its word.
    NEW.recorded_at := CASE
        WHEN (SELECT kind = 'live' FROM records_clock) THEN greatest(clock, head.recorded_at)
        ELSE clock
    END;
    said := records_text(
        TG_RELID, to_jsonb(NEW) - 'hash', TG_TABLE_NAME, about, head.hash, clock);
    NEW.hash := encode(sha256(convert_to(said, 'UTF8')), 'hex');
    INSERT INTO records_entry (record, subject, version, text, hash)
        VALUES (TG_TABLE_NAME, about, NEW.version, said, NEW.hash);
    UPDATE records_head
        SET version = NEW.version, hash = NEW.hash, recorded_at = NEW.recorded_at
        WHERE id = head.id;
    RETURN NEW;
END $$;
"""

# Rows that were recorded before there was a ledger: decisions name their hashes, so the rows stay
# as they are, and their entries say what they are, hash included.
BACKFILL = r"""
SET LOCAL timezone = 'UTC';
DO $$
DECLARE
    frozen record;
    content jsonb;
    about text;
    head records_head;
    said text;
BEGIN
    FOR frozen IN
        SELECT t.tgrelid, c.relname::text AS record,
            string_to_array(rtrim(encode(t.tgargs, 'escape'), '\000'), '\000') AS columns
        FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
        WHERE t.tgfoid = 'records_append'::regproc AND NOT t.tgisinternal
        ORDER BY c.relname
    LOOP
        FOR content IN
            EXECUTE format('SELECT to_jsonb(r) FROM %I AS r ORDER BY version, id', frozen.record)
        LOOP
            SELECT array_to_string(array_agg(content ->> part ORDER BY n), ':', '') INTO about
                FROM unnest(frozen.columns) WITH ORDINALITY AS p (part, n);
            SELECT * INTO STRICT head FROM records_head
                WHERE record = frozen.record AND subject = about;
            said := records_text(
                frozen.tgrelid, content, frozen.record, about, head.hash, NULL);
            INSERT INTO records_entry (record, subject, version, text, hash) VALUES (
                frozen.record, about, (content ->> 'version')::int, said,
                encode(sha256(convert_to(said, 'UTF8')), 'hex'));
            UPDATE records_head SET
                hash = encode(sha256(convert_to(said, 'UTF8')), 'hex'),
                recorded_at = (content ->> 'recorded_at')::timestamptz
                WHERE id = head.id;
        END LOOP;
    END LOOP;
END $$;
"""

# Last, since from here on nobody but the trigger function above writes the ledger and the heads.
CLOSE = """
CREATE FUNCTION records_by_trigger() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- 1 is this trigger itself: the statement came from outside.
    IF pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION '% on % is refused: only recording writes here.', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER a_by_trigger BEFORE INSERT ON records_entry
    FOR EACH ROW EXECUTE FUNCTION records_by_trigger();
CREATE TRIGGER b_keep_rows BEFORE UPDATE OR DELETE ON records_entry
    FOR EACH ROW EXECUTE FUNCTION records_refuse();
CREATE TRIGGER c_keep_table BEFORE TRUNCATE ON records_entry
    FOR EACH STATEMENT EXECUTE FUNCTION records_refuse();
CREATE TRIGGER a_by_trigger BEFORE INSERT OR UPDATE ON records_head
    FOR EACH ROW EXECUTE FUNCTION records_by_trigger();
CREATE TRIGGER b_keep_rows BEFORE DELETE ON records_head
    FOR EACH ROW EXECUTE FUNCTION records_refuse();
CREATE TRIGGER c_keep_table BEFORE TRUNCATE ON records_head
    FOR EACH STATEMENT EXECUTE FUNCTION records_refuse();
ALTER TABLE records_entry ENABLE ALWAYS TRIGGER a_by_trigger;
ALTER TABLE records_entry ENABLE ALWAYS TRIGGER b_keep_rows;
ALTER TABLE records_entry ENABLE ALWAYS TRIGGER c_keep_table;
ALTER TABLE records_head ENABLE ALWAYS TRIGGER a_by_trigger;
ALTER TABLE records_head ENABLE ALWAYS TRIGGER b_keep_rows;
ALTER TABLE records_head ENABLE ALWAYS TRIGGER c_keep_table;
"""


def refuse_conflict_clauses(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:  # noqa: ARG001 - Django's signature
    """Do for tables that were frozen before what `Freeze` does for later ones."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text FROM pg_trigger "
            "WHERE tgfoid = 'records_append'::regproc AND NOT tgisinternal"
        )
        tables = [table for (table,) in cursor.fetchall()]
    for table in tables:
        schema_editor.execute(NO_CONFLICT.format(table=table))


def let_only_read(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:  # noqa: ARG001 - Django's signature
    """Let the application read the ledger and nothing else."""
    role = schema_editor.quote_name(settings.DATABASE_APP_ROLE)
    schema_editor.execute(f"REVOKE ALL ON records_entry FROM {role}")
    schema_editor.execute(f"REVOKE ALL ON SEQUENCE records_entry_id_seq FROM {role}")
    schema_editor.execute(f"GRANT SELECT ON records_entry TO {role}")


class Migration(migrations.Migration):
    """A ledger can't be unmade: there is no way back."""

    dependencies = [("records", "0002_initial")]

    operations = [
        migrations.AddField(
            model_name="chainhead",
            name="hash",
            field=models.CharField(default="", max_length=64),
        ),
        migrations.AddField(
            model_name="chainhead",
            name="recorded_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.CreateModel(
            name="ChainEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("record", models.CharField(max_length=63)),
                ("subject", models.CharField(max_length=200)),
                ("version", models.PositiveIntegerField()),
                ("text", models.TextField()),
                ("hash", models.CharField(max_length=64)),
            ],
            options={
                "db_table": "records_entry",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("record", "subject", "version"), name="entry_once_per_version"
                    )
                ],
            },
        ),
        migrations.RunPython(let_only_read),
        migrations.RunSQL(TEXT),
        migrations.RunSQL(APPEND),
        migrations.RunSQL(BACKFILL),
        migrations.RunSQL(CLOSE),
        migrations.RunPython(refuse_conflict_clauses),
    ]
