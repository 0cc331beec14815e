"""Separation of duties and whole decisions, held by the database (METHOD 7)."""

from django.db import migrations

FORWARDS = """
CREATE FUNCTION approvals_separate() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM accounts_rolegrant
        WHERE user_id = NEW.recorded_by_id AND role = 'financial_admin'
    ) THEN
        RAISE EXCEPTION 'Only a Financial Admin decides.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_by_financial_admin';
    END IF;
    IF EXISTS (
        SELECT FROM spaces_workload WHERE id = NEW.workload_id AND owner_id = NEW.recorded_by_id
        UNION ALL
        SELECT FROM business_cases_estimatesnapshot
        WHERE workload_id = NEW.workload_id AND recorded_by_id = NEW.recorded_by_id
        UNION ALL
        SELECT FROM business_cases_casesnapshot s
        JOIN business_cases_businesscase c ON c.id = s.case_id
        WHERE c.workload_id = NEW.workload_id AND s.recorded_by_id = NEW.recorded_by_id
        UNION ALL
        SELECT FROM business_cases_businessrequest
        WHERE workload_id = NEW.workload_id AND created_by_id = NEW.recorded_by_id
    ) THEN
        RAISE EXCEPTION 'Nobody decides on what they recorded, wrote or own.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_by_somebody_else';
    END IF;
    RETURN NEW;
END $$;

-- After a_append in alphabetical order, so that it sees the row as it will be kept.
CREATE TRIGGER d_separate BEFORE INSERT ON approvals_decision
    FOR EACH ROW EXECUTE FUNCTION approvals_separate();
ALTER TABLE approvals_decision ENABLE ALWAYS TRIGGER d_separate;

-- An item names a record of the decision's own workload, with the hash that it has.
CREATE FUNCTION approvals_item_exists() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp
AS $$
DECLARE
    about bigint := (SELECT workload_id FROM approvals_decision WHERE id = NEW.decision_id);
BEGIN
    IF NOT EXISTS (
        SELECT FROM business_cases_estimatesnapshot
        WHERE NEW.record = 'estimate' AND id = NEW.record_id AND workload_id = about
            AND version = NEW.record_version AND hash = NEW.record_hash
        UNION ALL
        SELECT FROM business_cases_casesnapshot s
        JOIN business_cases_businesscase c ON c.id = s.case_id
        WHERE NEW.record = 'case' AND s.id = NEW.record_id AND c.workload_id = about
            AND s.version = NEW.record_version AND s.hash = NEW.record_hash
    ) THEN
        RAISE EXCEPTION 'A decision names records of its own workload, as they are.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_item_exists';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER d_exists BEFORE INSERT ON approvals_decisionitem
    FOR EACH ROW EXECUTE FUNCTION approvals_item_exists();
ALTER TABLE approvals_decisionitem ENABLE ALWAYS TRIGGER d_exists;

-- At the end of the transaction, when the items are there: a funding decision and a confirmation
-- name an estimate; an approval acknowledges "no declared value" if and only if it names no case.
CREATE FUNCTION approvals_decision_is_whole() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp
AS $$
DECLARE
    names_estimate boolean := EXISTS (
        SELECT FROM approvals_decisionitem WHERE decision_id = NEW.id AND record = 'estimate');
    names_case boolean := EXISTS (
        SELECT FROM approvals_decisionitem WHERE decision_id = NEW.id AND record = 'case');
BEGIN
    IF NOT names_estimate THEN
        RAISE EXCEPTION 'A decision names the estimate that was seen.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_names_estimate';
    END IF;
    IF NEW.outcome = 'approved' AND names_case = (NEW.acknowledgement = 'no_value') THEN
        RAISE EXCEPTION 'An approval says "no declared value" if and only if there is no case.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_acknowledges_the_case';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER e_whole AFTER INSERT ON approvals_decision
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION approvals_decision_is_whole();
ALTER TABLE approvals_decision ENABLE ALWAYS TRIGGER e_whole;
"""

BACKWARDS = """
DROP TRIGGER e_whole ON approvals_decision;
DROP TRIGGER d_separate ON approvals_decision;
DROP TRIGGER d_exists ON approvals_decisionitem;
DROP FUNCTION approvals_decision_is_whole();
DROP FUNCTION approvals_item_exists();
DROP FUNCTION approvals_separate();
"""


class Migration(migrations.Migration):
    """The action and the page check the same; this holds when both are passed by."""

    dependencies = [("approvals", "0001_initial")]
    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
