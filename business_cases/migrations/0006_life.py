"""The life of a request: its kinds, its legal steps, what is said of it, what is declined."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import records.clock
from records.operations import Freeze

STEPS = """
-- The one place that knows the legal steps, for requests and for the records of their steps.
CREATE FUNCTION business_cases_is_legal(source text, target text) RETURNS boolean
    LANGUAGE sql IMMUTABLE
AS $$
    SELECT (source, target) IN (
        ('draft', 'submitted'), ('draft', 'withdrawn'),
        ('submitted', 'approved'), ('submitted', 'returned'),
        ('submitted', 'rejected'), ('submitted', 'withdrawn'),
        ('returned', 'submitted'), ('returned', 'withdrawn')
    )
$$;

CREATE FUNCTION business_cases_request_step() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp
AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'draft' OR NEW.revision <> 0 THEN
            RAISE EXCEPTION 'A request begins as a draft.'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'request_begins_as_draft';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.state IN ('approved', 'rejected', 'withdrawn') THEN
        RAISE EXCEPTION 'A request that is % stays as it is.', OLD.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'request_closed_for_good';
    END IF;
    IF NEW.state <> OLD.state AND NOT business_cases_is_legal(OLD.state, NEW.state) THEN
        RAISE EXCEPTION 'No request goes from % to %.', OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'request_step_is_legal';
    END IF;
    IF NEW.revision <> OLD.revision + 1
        AND (NEW.state <> OLD.state OR NEW.revision <> OLD.revision)
    THEN
        RAISE EXCEPTION 'A step raises the revision of a request by one.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'request_revision_rises';
    END IF;
    IF NEW.kind <> OLD.kind OR NEW.workload_id IS DISTINCT FROM OLD.workload_id
        AND OLD.workload_id IS NOT NULL
    THEN
        RAISE EXCEPTION 'What a request is about never changes.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'request_stays_about_it';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER a_step BEFORE INSERT OR UPDATE ON business_cases_businessrequest
    FOR EACH ROW EXECUTE FUNCTION business_cases_request_step();
ALTER TABLE business_cases_businessrequest ENABLE ALWAYS TRIGGER a_step;

-- At the end of the transaction: no state changed without the record of its step.
CREATE FUNCTION business_cases_step_is_told() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM business_cases_requeststep
        WHERE request_id = NEW.id AND revision = NEW.revision
            AND from_state = OLD.state AND to_state = NEW.state
    ) THEN
        RAISE EXCEPTION 'A request changed its state without the record of the step.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'request_step_is_told';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER b_told AFTER UPDATE ON business_cases_businessrequest
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state)
    EXECUTE FUNCTION business_cases_step_is_told();
ALTER TABLE business_cases_businessrequest ENABLE ALWAYS TRIGGER b_told;

-- And no step is told that was not taken: the request stands where it leads.
CREATE FUNCTION business_cases_step_is_taken() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM business_cases_businessrequest
        WHERE id = NEW.request_id AND revision = NEW.revision AND state = NEW.to_state
    ) OR NOT (
        business_cases_is_legal(NEW.from_state, NEW.to_state)
        OR NEW.from_state = 'submitted' AND NEW.to_state = 'submitted'
    ) THEN
        RAISE EXCEPTION 'The request took no such step.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'request_step_is_taken';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER d_taken BEFORE INSERT ON business_cases_requeststep
    FOR EACH ROW EXECUTE FUNCTION business_cases_step_is_taken();
ALTER TABLE business_cases_requeststep ENABLE ALWAYS TRIGGER d_taken;

-- An estimate comes into force or is declined, never both; what declines it is the end of a
-- request on its workload.
CREATE FUNCTION business_cases_declines() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM business_cases_businessrequest r
        JOIN business_cases_estimatesnapshot e ON e.workload_id = r.workload_id
        WHERE r.id = NEW.request_id AND e.id = NEW.estimate_id
            AND r.state = CASE NEW.how WHEN 'declined' THEN 'rejected' ELSE 'withdrawn' END
    ) OR EXISTS (
        SELECT FROM business_cases_confirmation WHERE estimate_id = NEW.estimate_id
    ) THEN
        RAISE EXCEPTION 'An estimate is declined with the request that asks for it.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'estimate_declined_with_request';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER d_declines BEFORE INSERT ON business_cases_decline
    FOR EACH ROW EXECUTE FUNCTION business_cases_declines();
ALTER TABLE business_cases_decline ENABLE ALWAYS TRIGGER d_declines;

CREATE FUNCTION business_cases_not_declined() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM business_cases_decline WHERE estimate_id = NEW.estimate_id) THEN
        RAISE EXCEPTION 'A declined estimate never comes into force.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'confirmation_of_no_declined_one';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER d_not_declined BEFORE INSERT ON business_cases_confirmation
    FOR EACH ROW EXECUTE FUNCTION business_cases_not_declined();
ALTER TABLE business_cases_confirmation ENABLE ALWAYS TRIGGER d_not_declined;
"""

BACKWARDS = """
DROP TRIGGER d_not_declined ON business_cases_confirmation;
DROP FUNCTION business_cases_not_declined();
DROP TRIGGER d_declines ON business_cases_decline;
DROP FUNCTION business_cases_declines();
DROP TRIGGER d_taken ON business_cases_requeststep;
DROP FUNCTION business_cases_step_is_taken();
DROP TRIGGER b_told ON business_cases_businessrequest;
DROP FUNCTION business_cases_step_is_told();
DROP TRIGGER a_step ON business_cases_businessrequest;
DROP FUNCTION business_cases_request_step();
DROP FUNCTION business_cases_is_legal(text, text);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("business_cases", "0005_whole_bounds"),
        ("spaces", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Comment",
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
                ("text", models.CharField(max_length=5000)),
            ],
        ),
        migrations.CreateModel(
            name="Decline",
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
                (
                    "how",
                    models.CharField(
                        choices=[("declined", "Declined"), ("withdrawn", "Withdrawn")],
                        max_length=10,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RequestStep",
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
                (
                    "from_state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("submitted", "Submitted"),
                            ("returned", "Returned for changes"),
                            ("approved", "Approved"),
                            ("rejected", "Rejected"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "to_state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("submitted", "Submitted"),
                            ("returned", "Returned for changes"),
                            ("approved", "Approved"),
                            ("rejected", "Rejected"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        max_length=10,
                    ),
                ),
                ("revision", models.PositiveIntegerField()),
                ("note", models.TextField(blank=True)),
            ],
        ),
        migrations.AddField(
            model_name="businessrequest",
            name="kind",
            field=models.CharField(
                choices=[
                    ("new_workload", "New workload"),
                    ("existing_workload", "Existing workload"),
                    ("more_funding", "More funding"),
                ],
                default="new_workload",
                editable=False,
                max_length=20,
            ),
        ),
        migrations.AddConstraint(
            model_name="businessrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind", "new_workload"),
                    models.Q(
                        ("kind__in", ["existing_workload", "more_funding"]),
                        ("workload__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="request_kind_fits_its_workload",
            ),
        ),
        migrations.AddField(
            model_name="comment",
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
            model_name="comment",
            name="request",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="business_cases.businessrequest",
            ),
        ),
        migrations.AddField(
            model_name="decline",
            name="estimate",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="business_cases.estimatesnapshot",
            ),
        ),
        migrations.AddField(
            model_name="decline",
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
            model_name="decline",
            name="request",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="business_cases.businessrequest",
            ),
        ),
        migrations.AddField(
            model_name="requeststep",
            name="case",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="business_cases.casesnapshot",
            ),
        ),
        migrations.AddField(
            model_name="requeststep",
            name="estimate",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="business_cases.estimatesnapshot",
            ),
        ),
        migrations.AddField(
            model_name="requeststep",
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
            model_name="requeststep",
            name="request",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="business_cases.businessrequest",
            ),
        ),
        migrations.AddConstraint(
            model_name="comment",
            constraint=models.CheckConstraint(
                condition=models.Q(("text__regex", "^\\s*$"), _negated=True),
                name="comment_says_something",
            ),
        ),
        migrations.AddConstraint(
            model_name="comment",
            constraint=models.CheckConstraint(
                condition=models.Q(("recorded_by__isnull", False)), name="comment_has_author"
            ),
        ),
        migrations.AddConstraint(
            model_name="decline",
            constraint=models.CheckConstraint(
                condition=models.Q(("how__in", ["declined", "withdrawn"])), name="decline_is_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="decline",
            constraint=models.CheckConstraint(
                condition=models.Q(("recorded_by__isnull", False)), name="decline_has_actor"
            ),
        ),
        migrations.AddConstraint(
            model_name="requeststep",
            constraint=models.UniqueConstraint(
                fields=("request", "revision"), name="request_step_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="requeststep",
            constraint=models.CheckConstraint(
                condition=models.Q(("recorded_by__isnull", False)), name="request_step_has_actor"
            ),
        ),
        Freeze("RequestStep", subject=("request_id",)),
        Freeze("Comment", subject=("request_id",)),
        Freeze("Decline", subject=("estimate_id",)),
        migrations.RunSQL(STEPS, BACKWARDS),
    ]
