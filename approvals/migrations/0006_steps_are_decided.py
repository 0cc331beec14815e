"""A request is approved, returned or rejected by a decision, and by nothing else."""

from django.db import migrations

FORWARDS = """
-- At the end of the transaction, when both are there: no such step without its decision ...
CREATE FUNCTION approvals_step_is_decided() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM approvals_decision
        WHERE request_id = NEW.request_id AND request_revision = NEW.revision
            AND outcome = NEW.to_state AND recorded_by_id = NEW.recorded_by_id
    ) THEN
        RAISE EXCEPTION 'A request is approved, returned or rejected by a decision.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'request_step_is_decided';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER e_decided AFTER INSERT ON business_cases_requeststep
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.to_state IN ('approved', 'returned', 'rejected'))
    EXECUTE FUNCTION approvals_step_is_decided();
ALTER TABLE business_cases_requeststep ENABLE ALWAYS TRIGGER e_decided;

-- ... and no decision on a request that does not move by it.
CREATE FUNCTION approvals_decision_moves() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM business_cases_requeststep
        WHERE request_id = NEW.request_id AND revision = NEW.request_revision
            AND from_state = 'submitted' AND recorded_by_id = NEW.recorded_by_id
            AND to_state = CASE NEW.outcome
                WHEN 'first_approval' THEN 'submitted' ELSE NEW.outcome END
    ) THEN
        RAISE EXCEPTION 'A decision moves the request that it is on.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_moves_its_request';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER f_moves AFTER INSERT ON approvals_decision
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.request_id IS NOT NULL)
    EXECUTE FUNCTION approvals_decision_moves();
ALTER TABLE approvals_decision ENABLE ALWAYS TRIGGER f_moves;
"""

BACKWARDS = """
DROP TRIGGER f_moves ON approvals_decision;
DROP FUNCTION approvals_decision_moves();
DROP TRIGGER e_decided ON business_cases_requeststep;
DROP FUNCTION approvals_step_is_decided();
"""


class Migration(migrations.Migration):
    """The actions write both; this holds when they are passed by."""

    dependencies = [
        ("approvals", "0005_second_approver_and_delegation"),
        ("business_cases", "0006_life"),
    ]
    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
