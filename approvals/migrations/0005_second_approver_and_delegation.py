"""A second approver above a threshold, and deciding on behalf of somebody for a dated absence."""

from datetime import timedelta

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import records.clock
from records.operations import Freeze

SEPARATE = """
CREATE OR REPLACE FUNCTION approvals_separate() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp
AS $$
DECLARE
    authority bigint := COALESCE(NEW.on_behalf_of_id, NEW.recorded_by_id);
BEGIN
    IF NOT EXISTS (
        SELECT FROM accounts_rolegrant WHERE user_id = authority AND role = 'financial_admin'
    ) THEN
        RAISE EXCEPTION 'Only a Financial Admin decides.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_by_financial_admin';
    END IF;
    -- NEW.recorded_at is the database's time: a_append has set it.
    IF NEW.on_behalf_of_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM approvals_delegation d
        JOIN accounts_user u ON u.id = d.recorded_by_id AND u.is_active
        WHERE d.recorded_by_id = NEW.on_behalf_of_id AND d.delegate_id = NEW.recorded_by_id
            AND d.takes_back_id IS NULL
            AND d.begins_at <= NEW.recorded_at AND NEW.recorded_at < d.ends_at
            AND NOT EXISTS (SELECT FROM approvals_delegation b WHERE b.takes_back_id = d.id)
    ) THEN
        RAISE EXCEPTION 'Nobody decides on behalf of who did not delegate to them for this day.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_on_behalf_is_delegated';
    END IF;
    -- Neither who decides nor on whose behalf: what the one could not, the other can't for them.
    IF EXISTS (
        SELECT FROM spaces_workload WHERE id = NEW.workload_id
            AND owner_id IN (NEW.recorded_by_id, authority)
        UNION ALL
        SELECT FROM business_cases_estimatesnapshot WHERE workload_id = NEW.workload_id
            AND recorded_by_id IN (NEW.recorded_by_id, authority)
        UNION ALL
        SELECT FROM business_cases_casesnapshot s
        JOIN business_cases_businesscase c ON c.id = s.case_id
        WHERE c.workload_id = NEW.workload_id
            AND s.recorded_by_id IN (NEW.recorded_by_id, authority)
        UNION ALL
        SELECT FROM business_cases_businessrequest WHERE workload_id = NEW.workload_id
            AND created_by_id IN (NEW.recorded_by_id, authority)
        UNION ALL
        SELECT FROM business_cases_requesteditor e
        JOIN business_cases_businessrequest r ON r.id = e.request_id
        WHERE r.workload_id = NEW.workload_id
            AND e.recorded_by_id IN (NEW.recorded_by_id, authority)
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

CREATE OR REPLACE FUNCTION approvals_never_owned() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp
AS $$
BEGIN
    IF EXISTS (
        SELECT FROM spaces_placement WHERE workload_id = NEW.workload_id
            AND owner_id IN (NEW.recorded_by_id, NEW.on_behalf_of_id)
    ) THEN
        RAISE EXCEPTION 'Nobody decides on a workload that they own or owned.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_by_nobody_who_owned_it';
    END IF;
    RETURN NEW;
END $$;
"""

SECOND = """
-- Two approvers are two people with two authorities: the second is neither the first, nor who the
-- first decided for, nor decides for either of them; and the request stands where the first left it.
CREATE FUNCTION approvals_second() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp
AS $$
DECLARE
    authority bigint := COALESCE(NEW.on_behalf_of_id, NEW.recorded_by_id);
BEGIN
    IF NEW.completes_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM approvals_decision d
        JOIN business_cases_businessrequest r ON r.id = d.request_id
        WHERE d.id = NEW.completes_id AND d.request_id = NEW.request_id
            AND d.outcome = 'first_approval'
            AND r.state = 'submitted' AND r.revision = d.request_revision
            AND d.recorded_by_id NOT IN (NEW.recorded_by_id, authority)
            AND COALESCE(d.on_behalf_of_id, d.recorded_by_id)
                NOT IN (NEW.recorded_by_id, authority)
    ) THEN
        RAISE EXCEPTION 'A second approval is by somebody else, of what the first one approved.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'second_approval_by_somebody_else';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER d_second BEFORE INSERT ON approvals_decision
    FOR EACH ROW EXECUTE FUNCTION approvals_second();
ALTER TABLE approvals_decision ENABLE ALWAYS TRIGGER d_second;

-- At the end of the transaction, when the items are there; replaces the function of 0002.
CREATE OR REPLACE FUNCTION approvals_decision_is_whole() RETURNS trigger LANGUAGE plpgsql
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
    IF NEW.outcome IN ('approved', 'first_approval')
        AND names_case = (NEW.acknowledgement = 'no_value')
    THEN
        RAISE EXCEPTION 'An approval says "no declared value" if and only if there is no case.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_acknowledges_the_case';
    END IF;
    IF NEW.completes_id IS NOT NULL AND EXISTS (
        SELECT record, record_hash, count(*) FROM approvals_decisionitem
        WHERE decision_id IN (NEW.id, NEW.completes_id)
        GROUP BY record, record_hash HAVING count(*) <> 2
    ) THEN
        RAISE EXCEPTION 'A second approval names what the first one named.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'second_approval_of_the_same';
    END IF;
    RETURN NULL;
END $$;

-- Only who could decide delegates, and takes back only what they delegated.
CREATE FUNCTION approvals_delegates() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp
AS $$
BEGIN
    IF NEW.takes_back_id IS NULL AND NOT (
        EXISTS (
            SELECT FROM accounts_rolegrant g JOIN accounts_user u ON u.id = g.user_id
            WHERE g.user_id = NEW.recorded_by_id AND g.role = 'financial_admin' AND u.is_active
        )
        AND EXISTS (SELECT FROM accounts_user WHERE id = NEW.delegate_id AND is_active)
    ) THEN
        RAISE EXCEPTION 'Only a Financial Admin delegates, and to somebody who may sign in.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'delegation_by_financial_admin';
    END IF;
    IF NEW.takes_back_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM approvals_delegation
        WHERE id = NEW.takes_back_id AND takes_back_id IS NULL
            AND recorded_by_id = NEW.recorded_by_id AND delegate_id = NEW.delegate_id
            AND begins_at = NEW.begins_at AND ends_at = NEW.ends_at
    ) THEN
        RAISE EXCEPTION 'A delegation is taken back by who gave it.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'delegation_taken_back_by_its_giver';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER d_delegates BEFORE INSERT ON approvals_delegation
    FOR EACH ROW EXECUTE FUNCTION approvals_delegates();
ALTER TABLE approvals_delegation ENABLE ALWAYS TRIGGER d_delegates;
"""

BACKWARDS = """
DROP TRIGGER d_delegates ON approvals_delegation;
DROP FUNCTION approvals_delegates();
DROP TRIGGER d_second ON approvals_decision;
DROP FUNCTION approvals_second();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0004_no_escape_by_handing_over"),
        ("business_cases", "0006_life"),
        ("spaces", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Delegation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(db_default=0, editable=False)),
                (
                    "recorded_at",
                    models.DateTimeField(db_default=records.clock.DatabaseNow(), editable=False),
                ),
                ("hash", models.CharField(db_default="", editable=False, max_length=64)),
                ("begins_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("reason", models.TextField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="decision",
            name="decision_acknowledges_if_approved",
        ),
        migrations.AddField(
            model_name="decision",
            name="approvers_needed",
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AddField(
            model_name="decision",
            name="completes",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="approvals.decision",
            ),
        ),
        migrations.AddField(
            model_name="decision",
            name="on_behalf_of",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="decision",
            name="request_revision",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AlterField(
            model_name="decision",
            name="outcome",
            field=models.CharField(
                choices=[
                    ("first_approval", "First approval"),
                    ("approved", "Approved"),
                    ("returned", "Returned for changes"),
                    ("rejected", "Rejected"),
                    ("confirmed", "Estimate confirmed"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("acknowledgement__in", ["agreed", "other_reason", "no_value"]),
                        ("kind", "funding"),
                        ("outcome__in", ["approved", "first_approval"]),
                    ),
                    models.Q(
                        ("acknowledgement", ""),
                        ("kind", "funding"),
                        ("outcome__in", ["returned", "rejected"]),
                    ),
                    models.Q(
                        ("acknowledgement", ""), ("kind", "estimate"), ("outcome", "confirmed")
                    ),
                    _connector="OR",
                ),
                name="decision_acknowledges_if_approved",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("approvers_needed", 2), ("completes", None), ("outcome", "first_approval")
                    ),
                    models.Q(
                        ("approvers_needed", 2),
                        ("completes__isnull", False),
                        ("outcome", "approved"),
                    ),
                    models.Q(
                        models.Q(("outcome", "first_approval"), _negated=True),
                        ("approvers_needed", 1),
                        ("completes", None),
                    ),
                    _connector="OR",
                ),
                name="decision_counts_its_approvers",
            ),
        ),
        migrations.AddField(
            model_name="delegation",
            name="delegate",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="delegation",
            name="recorded_by",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="delegation",
            name="takes_back",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="approvals.delegation",
            ),
        ),
        migrations.AddConstraint(
            model_name="delegation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("recorded_by__isnull", False),
                    models.Q(("delegate", models.F("recorded_by")), _negated=True),
                ),
                name="delegation_to_somebody_else",
            ),
        ),
        migrations.AddConstraint(
            model_name="delegation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ends_at__gt", models.F("begins_at")),
                    ("ends_at__lte", models.F("begins_at") + timedelta(days=92, hours=1)),
                ),
                name="delegation_is_bounded",
            ),
        ),
        migrations.AddConstraint(
            model_name="delegation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("takes_back__isnull", False),
                    ("begins_at__gt", models.F("recorded_at") - timedelta(days=1, hours=1)),
                    _connector="OR",
                ),
                name="delegation_begins_today_at_the_earliest",
            ),
        ),
        migrations.AddConstraint(
            model_name="delegation",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason__regex", "^\\s*$"), _negated=True),
                name="delegation_has_reason",
            ),
        ),
        Freeze("Delegation", subject=("recorded_by_id",)),
        migrations.RunSQL(SEPARATE, migrations.RunSQL.noop),
        migrations.RunSQL(SECOND, BACKWARDS),
    ]
