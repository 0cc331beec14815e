"""Fill a database with workloads and ask for pages of them; Django is set up (`bench.board`).

The rows go past the triggers, as the owner: what is measured is reading, and a ledger of 200,000
entries would take a minute to write.
"""

import gzip
import statistics
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg
from django.db import connection
from django.test import Client
from django.utils.timezone import localdate

from accounts.models import Role, RoleGrant, User
from allocation_gaps.actions import look_for_gaps
from spaces.models import Membership, Space

SWAP = "swap "  # as HTMX asks when a filter changes
MONTHS, ROUNDS, OWNERS, SPACES = 24, 5, 20, 12
FILL = """
INSERT INTO spaces_workload (id, name, slug, purpose, space_id, owner_id, state)
SELECT n, 'Workload ' || n, 'workload-' || n, 'What it is for.', {space} + n % {spaces},
 {owner} + n % {owners}, 'claimed' FROM generate_series(1, {workloads}) n;

INSERT INTO spaces_placement (version, recorded_at, hash, workload_id, name, purpose, space_id,
 owner_id, state, reason)
SELECT 1, vb_clock() - interval '2 years', '', id, name, purpose, space_id, owner_id, state, ''
FROM spaces_workload;

INSERT INTO business_cases_estimatesnapshot (version, recorded_at, hash, workload_id,
 monthly_amount, growth_percent, first_month, months, effective_month, reason, recorded_by_id)
SELECT v, vb_clock() - interval '2 years' + v * interval '200 days', '', n,
 1000 + n * 37 % 50000 + v * 10.5, n % 7 - 2,
 date_trunc('month', vb_clock()) - interval '20 months',
 24 + n % 12, date_trunc('month', vb_clock()) - interval '20 months' + v * interval '4 months',
 'As agreed.', {owner} FROM generate_series(1, {workloads}) n, generate_series(1, 3) v;

INSERT INTO business_cases_confirmation (version, recorded_at, hash, estimate_id, basis, note)
SELECT 1, recorded_at, '', id, 'within_threshold', '' FROM business_cases_estimatesnapshot
WHERE workload_id % 11 > 0;

INSERT INTO business_cases_businesscase (id, workload_id)
SELECT n, n FROM generate_series(1, {workloads}) n WHERE n % 9 > 0;

INSERT INTO business_cases_casesnapshot (version, recorded_at, hash, case_id, retracted, value_type,
 anchor, direction, mechanism, current_amount, percent, period, source, basis, net_of_review,
 reason)
SELECT v, vb_clock() - interval '2 years' + v * interval '200 days', '', id, false,
 CASE WHEN id % 3 > 0 THEN 'cost_saving' ELSE 'revenue_driving' END, 'Anchor ' || id % 700,
 CASE WHEN id % 3 > 0 THEN '' ELSE 'grow' END, CASE WHEN id % 3 > 0 THEN '' ELSE 'capacity' END,
 100000 + id * 911 % 5000000, 5 + (id + v) % 40, 'Last year', 'Ledger 4711', 'As measured.', 'yes',
 'As agreed.' FROM business_cases_businesscase, generate_series(1, 3) v;

INSERT INTO approvals_decision (id, version, recorded_at, hash, workload_id, kind, outcome,
 acknowledgement, rationale, approvers_needed, recorded_by_id)
SELECT n, 1, vb_clock() - interval '300 days', '', n, 'funding', 'approved', 'agreed', 'Worth it.',
 1, {owner} FROM generate_series(1, {workloads}) n WHERE n % 5 > 0;

INSERT INTO approvals_decisionitem (version, recorded_at, hash, decision_id, record, record_id,
 record_version, record_hash)
SELECT 1, recorded_at, '', id, record, id, 2, '' FROM approvals_decision,
 unnest(ARRAY['estimate', 'case']) AS record WHERE record = 'estimate' OR workload_id % 9 > 0;

INSERT INTO cur_ingest_export (id, location, name, format, role_arn, external_id, profile, active)
VALUES (1, '/bench', 'bench', 'cur2', '', '', '', false);

INSERT INTO cur_ingest_delivery (id, version, recorded_at, hash, export_id, period, fingerprint,
 grain, execution, files, source_rows, currency, unblended, amortised, by_currency, rates, remarks,
 payers)
SELECT m, 1, month + interval '40 days', '', 1, month, m::text, '', m::text, '[]', 1, 'USD', 1, 1,
 '{{}}', '{{}}', '[]', '[]' FROM {months};

INSERT INTO cur_ingest_attributionrun (id, version, recorded_at, hash, export_id, period,
 delivery_id, cause, reason, counts)
SELECT m, 1, month + interval '40 days', '', 1, month, m, 'load', '', true FROM {months};

INSERT INTO cur_ingest_monthtotal (version, recorded_at, hash, run_id, workload_id, spend_class,
 unblended, amortised, positive_unblended, positive_amortised, net_unblended, net_amortised,
 positive_net_unblended, positive_net_amortised, first_day)
SELECT 1, month + interval '40 days', '', m, n, 'ai', a, a, a, a, a, a, a, a, month
FROM {months}, generate_series(1, {workloads}) n,
 LATERAL (SELECT 900.123456789 + n * 31 % 45000 + m AS a) amounts WHERE n % 13 > 0;
"""
CALENDAR = """(SELECT m, (date_trunc('month', vb_clock()) - ({months} + 1 - m)
 * interval '1 month')::date AS month FROM generate_series(1, {months}) m) calendar"""
FROZEN = (
    "spaces_placement",
    "business_cases_estimatesnapshot",
    "business_cases_confirmation",
    "business_cases_casesnapshot",
    "approvals_decision",
    "approvals_decisionitem",
    "cur_ingest_delivery",
    "cur_ingest_attributionrun",
    "cur_ingest_monthtotal",
)
PAGES = (
    "/",
    "/?type=cost_saving",
    SWAP + "/?type=cost_saving",
    "/?as_of={as_of}&compare={compare}",
    "/spaces/",
    "/gaps/",
    "/maturity/",
    "/workloads/workload-1/",
    "/workloads/workload-1/?part=timeline",
    "/workloads/workload-1/?part=days",
    "/workloads/workload-1/?part=claims",
)


def main() -> None:
    """Fill, look for gaps, ask for the pages, print."""
    workloads, owner = int(sys.argv[1]), sys.argv[2]
    finance = _fill(workloads, owner)
    timed, begin = Timed(), time.perf_counter()
    with connection.execute_wrapper(timed):
        found = look_for_gaps()
    look = time.perf_counter() - begin
    line = "{:>9,} {:,} gaps found in {:.1f} s, {:.1f} s of it SQL"
    print(line.format(workloads, found.opened, look, timed.seconds), flush=True)
    client = Client(headers={"accept-encoding": "gzip"})
    client.force_login(finance)
    heads = ("workloads", "page", "queries", "SQL", "first", "server", "ratio", "CPU", "sent")
    print("{:>9} {:<38} {:>7} {:>9} {:>9} {:>9} {:>6} {:>9} {:>9} {:>9}".format(*heads, "plain"))
    today = localdate()
    days = {"as_of": today - timedelta(days=40), "compare": today - timedelta(days=200)}
    for page in PAGES:
        _measure(client, page.format_map(days), workloads)


def _fill(workloads: int, owner: str) -> User:
    people = [User.objects.create_user(f"o{n}@example.com", f"Owner {n}") for n in range(OWNERS)]
    RoleGrant.objects.create(user=people[0], role=Role.FINANCE, granted_by=people[0])
    top = [Space.objects.create(name=f"Top {n}", slug=f"top-{n}") for n in range(3)]
    inner = [
        Space.objects.create(name=f"Inner {n}", slug=f"inner-{n}", parent=top[n % 3])
        for n in range(SPACES)
    ]
    statements = FILL.format(
        workloads=workloads,
        space=inner[0].pk,
        spaces=SPACES,
        owner=people[0].pk,
        owners=OWNERS,
        months=CALENDAR.format(months=MONTHS),
    )
    # Who owns workloads belongs to their Spaces: else each would want another owner.
    Membership.objects.bulk_create(
        Membership(space=space, user=person, role=Membership.Role.PRODUCT_OWNER)
        for space in top
        for person in people
    )
    with psycopg.connect(owner, autocommit=True) as past_the_triggers:
        for table in FROZEN:
            past_the_triggers.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        past_the_triggers.execute(statements)
        past_the_triggers.execute("VACUUM ANALYZE")
    return people[0]


class Timed:
    """Adds up what the database takes, from a statement's way out to its answer's way in."""

    def __init__(self) -> None:
        self.queries, self.seconds = 0, 0.0

    def __call__(self, execute: Callable[..., Any], *given: Any) -> Any:
        """Execute."""
        begin = time.perf_counter()
        try:
            return execute(*given)
        finally:
            self.queries += 1
            self.seconds += time.perf_counter() - begin


def _measure(client: Client, page: str, workloads: int) -> None:
    times: list[tuple[float, float, float]] = []
    content, queries = b"", 0
    headers = {"hx-request": "true"} if page.startswith(SWAP) else {}
    for _ in range(ROUNDS + 1):
        timed, begin, busy = Timed(), time.perf_counter(), time.process_time()
        with connection.execute_wrapper(timed):
            answer = client.get(page.removeprefix(SWAP), headers=headers)
        whole, busy = time.perf_counter() - begin, time.process_time() - busy
        times.append((timed.seconds, whole, busy))
        queries = timed.queries
        if answer.status_code != 200:  # noqa: PLR2004 - it is no number of ours
            sys.exit(f"{page} answers {answer.status_code}.")
        content = answer.content
    (_, first, _), *warm = times
    sql, whole, busy = (statistics.median(column) for column in zip(*warm, strict=True))
    sent, plain = len(content), len(gzip.decompress(content))
    print(
        f"{workloads:>9,} {page:<38} {queries:>7} {sql * 1000:>6.0f} ms {first * 1000:>6.0f} ms"
        f" {whole * 1000:>6.0f} ms {whole / sql:>6.2f} {busy * 1000:>6.0f} ms"
        f" {sent / 1000:>6.0f} kB"
        f" {plain / 1000:>6.0f} kB",
        flush=True,
    )
