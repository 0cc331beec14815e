"""A workload that is handed over is not decided on by who owned it before."""

from django.db import migrations

FORWARDS = """
-- Every owner stands in a placement, the present one too, and placements are frozen: whoever had
-- the workload in hand can't give it away, decide, and take it back. A trigger of its own beside
-- approvals_separate(), so that each can be replaced without the other.
CREATE FUNCTION approvals_never_owned() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp
AS $$
BEGIN
    IF EXISTS (
        SELECT FROM spaces_placement
        WHERE workload_id = NEW.workload_id AND owner_id = NEW.recorded_by_id
    ) THEN
        RAISE EXCEPTION 'Nobody decides on a workload that they own or owned.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_by_nobody_who_owned_it';
    END IF;
    RETURN NEW;
END $$;

-- After d_separate, whose message names the nearer reason.
CREATE TRIGGER d_separate_owners BEFORE INSERT ON approvals_decision
    FOR EACH ROW EXECUTE FUNCTION approvals_never_owned();
ALTER TABLE approvals_decision ENABLE ALWAYS TRIGGER d_separate_owners;
"""

BACKWARDS = """
DROP TRIGGER d_separate_owners ON approvals_decision;
DROP FUNCTION approvals_never_owned();
"""


class Migration(migrations.Migration):
    """The action and the page check the same; this holds when both are passed by."""

    dependencies = [
        ("approvals", "0003_whole_separation"),
        ("spaces", "0001_initial"),
    ]
    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
