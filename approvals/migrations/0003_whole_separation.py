"""What 0002 left open: editors of a request, forged confirmations, items of another day."""

from django.db import migrations

SEPARATE = """
CREATE OR REPLACE FUNCTION approvals_separate() RETURNS trigger LANGUAGE plpgsql
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
        UNION ALL
        SELECT FROM business_cases_requesteditor e
        JOIN business_cases_businessrequest r ON r.id = e.request_id
        WHERE r.workload_id = NEW.workload_id AND e.recorded_by_id = NEW.recorded_by_id
    ) THEN
        RAISE EXCEPTION 'Nobody decides on what they recorded, edited or own.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_by_somebody_else';
    END IF;
    IF (NEW.kind = 'funding') <> (NEW.request_id IS NOT NULL) OR NEW.request_id IS NOT NULL
        AND NOT EXISTS (
            SELECT FROM business_cases_businessrequest
            WHERE id = NEW.request_id AND workload_id = NEW.workload_id
        )
    THEN
        RAISE EXCEPTION 'Funding is decided on a request of the workload.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_on_its_request';
    END IF;
    RETURN NEW;
END $$;
"""

WHOLE = """
-- What a decision names is named when it is made: its row is still of this transaction.
CREATE FUNCTION approvals_item_in_time() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp
AS $$
DECLARE
    epoch bigint := (pg_current_xact_id()::text::bigint >> 32) << 32;
BEGIN
    IF NOT EXISTS (
        SELECT FROM approvals_decision d
        WHERE d.id = NEW.decision_id AND d.recorded_by_id = NEW.recorded_by_id
            AND pg_xact_status((epoch + d.xmin::text::bigint)::text::xid8) = 'in progress'
    ) THEN
        RAISE EXCEPTION 'What a decision names is named when it is made, by who makes it.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_item_in_time';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER d_in_time BEFORE INSERT ON approvals_decisionitem
    FOR EACH ROW EXECUTE FUNCTION approvals_item_in_time();
ALTER TABLE approvals_decisionitem ENABLE ALWAYS TRIGGER d_in_time;

-- A person brings an estimate into force by a decision that names it; the system only where an
-- earlier estimate of the workload was brought into force so.
CREATE FUNCTION approvals_confirms() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp
AS $$
BEGIN
    IF NEW.basis = 'within_threshold' AND NEW.recorded_by_id IS NULL AND EXISTS (
        SELECT FROM business_cases_estimatesnapshot e
        JOIN business_cases_estimatesnapshot earlier
            ON earlier.workload_id = e.workload_id AND earlier.version < e.version
        JOIN business_cases_confirmation c ON c.estimate_id = earlier.id
        WHERE e.id = NEW.estimate_id AND c.basis IN ('decision', 'financial_admin')
    ) OR NEW.basis IN ('decision', 'financial_admin') AND EXISTS (
        SELECT FROM approvals_decisionitem i JOIN approvals_decision d ON d.id = i.decision_id
        WHERE i.record = 'estimate' AND i.record_id = NEW.estimate_id
            AND d.recorded_by_id = NEW.recorded_by_id
            AND d.outcome = CASE NEW.basis WHEN 'decision' THEN 'approved' ELSE 'confirmed' END
    ) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'An estimate comes into force by a decision that names it.'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'confirmation_by_decision';
END $$;
CREATE TRIGGER d_decided BEFORE INSERT ON business_cases_confirmation
    FOR EACH ROW EXECUTE FUNCTION approvals_confirms();
ALTER TABLE business_cases_confirmation ENABLE ALWAYS TRIGGER d_decided;
"""

BACKWARDS = """
DROP TRIGGER d_decided ON business_cases_confirmation;
DROP FUNCTION approvals_confirms();
DROP TRIGGER d_in_time ON approvals_decisionitem;
DROP FUNCTION approvals_item_in_time();
"""


class Migration(migrations.Migration):
    """The action and the page check the same; this holds when both are passed by."""

    dependencies = [
        ("approvals", "0002_separation"),
        ("business_cases", "0003_requesteditor"),
    ]
    operations = [
        migrations.RunSQL(SEPARATE, migrations.RunSQL.noop),
        migrations.RunSQL(WHOLE, BACKWARDS),
    ]
