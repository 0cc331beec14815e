"""What counts in a closed month is what its closing names."""

from django.db import migrations

FORWARDS = """
-- At the end of the transaction, when the closing is there that names it. A month is closed as its
-- latest closing says; a run that another one followed counts no more.
CREATE FUNCTION cur_ingest_closed_month_holds() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp
AS $$
DECLARE
    latest cur_ingest_monthclosing;
BEGIN
    SELECT * INTO latest FROM cur_ingest_monthclosing
        WHERE period = NEW.period ORDER BY version DESC LIMIT 1;
    IF latest.cause <> 'reopened'
        AND NOT EXISTS (
            SELECT FROM cur_ingest_closedtotal WHERE run_id = NEW.id AND closing_id = latest.id
        )
        AND NOT EXISTS (
            SELECT FROM cur_ingest_attributionrun
            WHERE export_id = NEW.export_id AND period = NEW.period AND counts
                AND version > NEW.version
        )
    THEN
        RAISE EXCEPTION 'The month is closed, and its closing does not name this run.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'closed_month_holds';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER d_closed_month_holds AFTER INSERT ON cur_ingest_attributionrun
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.counts) EXECUTE FUNCTION cur_ingest_closed_month_holds();
ALTER TABLE cur_ingest_attributionrun ENABLE ALWAYS TRIGGER d_closed_month_holds;
"""

BACKWARDS = """
DROP TRIGGER d_closed_month_holds ON cur_ingest_attributionrun;
DROP FUNCTION cur_ingest_closed_month_holds();
"""


class Migration(migrations.Migration):
    """The actions write both; this holds when they are passed by."""

    dependencies = [("cur_ingest", "0015_payers_of_a_delivery")]
    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
