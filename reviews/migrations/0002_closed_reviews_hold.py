"""A closed review stays as it was closed, whole, and Finance closes it."""

from django.db import migrations

FORWARDS = """
CREATE FUNCTION reviews_closed_holds() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp
AS $$
DECLARE
    was jsonb := to_jsonb(OLD);
    becomes jsonb := to_jsonb(NEW);
BEGIN
    IF EXISTS (
        SELECT FROM reviews_closing WHERE review_id IN (
            (was ->> TG_ARGV[0])::bigint, (becomes ->> TG_ARGV[0])::bigint
        )
    ) THEN
        RAISE EXCEPTION 'This budget review is closed.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'closed_review_holds';
    END IF;
    RETURN COALESCE(NEW, OLD);
END $$;
CREATE TRIGGER d_closed_holds BEFORE UPDATE OR DELETE ON reviews_review
    FOR EACH ROW EXECUTE FUNCTION reviews_closed_holds('id');
ALTER TABLE reviews_review ENABLE ALWAYS TRIGGER d_closed_holds;
CREATE TRIGGER d_closed_holds BEFORE INSERT OR UPDATE OR DELETE ON reviews_note
    FOR EACH ROW EXECUTE FUNCTION reviews_closed_holds('review_id');
ALTER TABLE reviews_note ENABLE ALWAYS TRIGGER d_closed_holds;

CREATE FUNCTION reviews_closed_by_finance() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM accounts_rolegrant WHERE user_id = NEW.recorded_by_id AND role = 'finance'
    ) THEN
        RAISE EXCEPTION 'Only Finance closes a budget review.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'closing_by_finance';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER d_by_finance BEFORE INSERT ON reviews_closing
    FOR EACH ROW EXECUTE FUNCTION reviews_closed_by_finance();
ALTER TABLE reviews_closing ENABLE ALWAYS TRIGGER d_by_finance;

-- Its places are as many as it says, and at the end of the transaction all are taken: nothing can
-- be put to a closed review later.
CREATE FUNCTION reviews_place_is_free() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp
AS $$
BEGIN
    IF NEW.position NOT BETWEEN 1 AND (
        SELECT workloads FROM reviews_closing WHERE id = NEW.closing_id
    ) THEN
        RAISE EXCEPTION 'The closing does not list so many workloads.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'reviewed_has_a_place';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER d_place BEFORE INSERT ON reviews_reviewed
    FOR EACH ROW EXECUTE FUNCTION reviews_place_is_free();
ALTER TABLE reviews_reviewed ENABLE ALWAYS TRIGGER d_place;

CREATE FUNCTION reviews_closing_is_whole() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp
AS $$
BEGIN
    IF NEW.workloads <> (SELECT count(*) FROM reviews_reviewed WHERE closing_id = NEW.id) THEN
        RAISE EXCEPTION 'A closing has all the workloads that it says.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'closing_is_whole';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER e_whole AFTER INSERT ON reviews_closing
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION reviews_closing_is_whole();
ALTER TABLE reviews_closing ENABLE ALWAYS TRIGGER e_whole;
"""

BACKWARDS = """
DROP TRIGGER e_whole ON reviews_closing;
DROP TRIGGER d_place ON reviews_reviewed;
DROP TRIGGER d_by_finance ON reviews_closing;
DROP TRIGGER d_closed_holds ON reviews_note;
DROP TRIGGER d_closed_holds ON reviews_review;
DROP FUNCTION reviews_closing_is_whole();
DROP FUNCTION reviews_place_is_free();
DROP FUNCTION reviews_closed_by_finance();
DROP FUNCTION reviews_closed_holds();
"""


class Migration(migrations.Migration):
    """The actions check the same; this holds when they are passed by."""

    dependencies = [("reviews", "0001_initial")]
    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
