"""The demo, loaded through the product, is what its plan promises. One worker loads it, once."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from django.contrib.auth import authenticate
from django.utils.timezone import localdate

from accounts.models import Role, User
from allocation_gaps.gap_filter import GapFilter
from allocation_gaps.models import GapKind
from allocation_gaps.reports import open_gaps
from allocation_gaps.states import GapState
from approvals.access import authority_over, why_not_decide
from approvals.conversation import conversation
from approvals.models import Decision
from business_cases.claimed_names import read_names
from business_cases.models import BusinessRequest, CaseSnapshot, EstimateSnapshot
from business_cases.names import merges
from business_cases.reading import read_facts
from cur_ingest.actions import ask_load, run_load
from cur_ingest.adjustments import read_adjustments
from cur_ingest.closing import month_states
from cur_ingest.currencies import totals_by_currency
from cur_ingest.delivered import read_deliveries
from cur_ingest.drafting import changes_of, draft_of
from cur_ingest.dry_run import run_dry
from cur_ingest.models import Delivery, Export, Load
from cur_ingest.proof import read_statements
from demo.bill import JUMPED_AGO
from demo.clock import owners_clock
from demo.deliveries import LATE_USAGE
from demo.finance import BEHIND_THE_GATEWAY
from demo.people import PASSWORD
from demo.plan import FOREIGN, GAP_REQUESTS, PEOPLE, SHARED, SPACES, UNCLAIMED, WORKLOADS
from demo.plan.values import FIRST_MONTH, Stop, on
from maturity.pages import dimensions_of
from maturity.reports import read_maturity
from maturity.score import Dimension, Tier
from notices.models import Mail, Message
from positions.query import BANDS
from positions.reader import Reader
from positions.rows import rows_at
from records.clock import now
from spaces.models import Placement, Space, Workload
from tests.database import url
from tests.demo import model
from tests.demo.conftest import Demo, as_the_load_left_it, manage, outcome
from valueboard.board.page import read_board
from valueboard.lib.months import add_months, month_of, months_between

pytestmark = pytest.mark.xdist_group("demo")

ON_THE_MAP = {w.name: w for w in WORKLOADS if w.band}


def test_the_map_shows_each_workload_with_its_band_and_score(demo: Demo) -> None:
    shown = {row.name: (row.band, row.multiple) for row in demo.board.rows.rows}
    assert shown == {name: (w.band, w.multiple) for name, w in ON_THE_MAP.items()}
    assert {row.band for row in demo.board.rows.rows} == set(BANDS)


def test_its_bill_stays_where_the_worker_finds_it(demo: Demo) -> None:
    """So that looking at it, and loading a month of it again, work while the demo runs."""
    india, found = read_deliveries(amounts=True, shown=99)
    assert found.export.active
    assert india.export.active
    assert len(found.months) == 1 - FIRST_MONTH
    for month in found.months:
        assert month.load
        assert month.load.state in {Load.State.LOADED, Load.State.UNCHANGED}
        assert month.delivered
    looked = ask_load(actor=demo.person("felix"), export=found.export, period=None)
    assert carried_out(looked) == Load.State.LOOKED
    for due in Load.objects.unfinished():
        assert carried_out(due) == Load.State.UNCHANGED
    period = found.months[-1].period
    again = ask_load(actor=demo.person("felix"), export=found.export, period=period)
    assert carried_out(again) == Load.State.UNCHANGED


def carried_out(load: Load) -> str:
    """Carry a load out as the worker does, and return how it ended."""
    run_load(load_id=load.pk)
    load.refresh_from_db()
    return load.state


def test_figures_equal_those_of_a_model_of_its_own(demo: Demo) -> None:
    for row in demo.board.rows.rows:
        state = model.replay(ON_THE_MAP[row.name])
        year = (
            model.year_cost(state.in_force, model.current_year(state.in_force))
            if state.in_force
            else None
        )
        assert row.score.ratio == model.score(state)
        assert (row.projected and Fraction(row.projected.amount)) == (year and year[0])
        assert (row.score.months or None) == (year and year[1])
        assert (row.opportunity and Fraction(row.opportunity.amount)) == state.opportunity
        assert bool(row.standing.pending) == bool(state.pending)


def test_every_version_is_kept_with_its_time_and_author(demo: Demo) -> None:
    for planned in WORKLOADS:
        state = model.replay(planned)
        workload = Workload.objects.filter(slug=planned.slug).first()
        assert bool(workload) == (state.request != "draft")
        estimates = EstimateSnapshot.objects.filter(workload=workload, workload__isnull=False)
        cases = CaseSnapshot.objects.filter(case__workload=workload, case__workload__isnull=False)
        assert estimates.count() == state.estimates
        assert cases.count() == len(state.cases)
        for snapshot in [*estimates, *cases]:
            assert snapshot.recorded_by == demo.person(planned.owner)
    recorded = EstimateSnapshot.objects.order_by("recorded_at").values_list(
        "recorded_at", flat=True
    )
    assert month_of(localdate(recorded[0])) == add_months(month_of(demo.today), FIRST_MONTH)


def test_decisions_are_those_of_the_plan(demo: Demo) -> None:
    planned = Counter(a for w in WORKLOADS for a in model.replay(w).acknowledgements)
    made = Counter(
        Decision.objects.exclude(acknowledgement="").values_list("acknowledgement", flat=True)
    )
    assert made == planned
    for workload in WORKLOADS:
        state = model.replay(workload)
        request = BusinessRequest.objects.filter(name=workload.name).order_by("pk").last()
        assert (request.state if request else "") == state.request
    rows = {row.name: row for row in demo.board.rows.rows}
    assert rows["Contract review"].not_acknowledged_since == 1
    assert rows["Product descriptions"].not_acknowledged_since is None


def test_one_cost_is_claimed_twice_by_owners_who_do_not_read_each_other(demo: Demo) -> None:
    costs, _ = read_names(now(), merges(now()))
    (row,) = costs.over
    assert row.claims.name == "Settling of small claims"
    assert [merge.name for merge in row.merged] == ["Small-claims settlement"]
    assert {case.name for case in row.claims.rows} == {"Damage claims", "Returns assistant"}
    assert row.claims.sum
    assert row.claims.sum.share.amount == Decimal("109.6")
    for key, slug in (("lena", "returns-assistant"), ("oscar", "damage-claims")):
        assert not Workload.objects.visible_to(demo.person(key)).filter(slug=slug).exists()


def test_a_past_date_shows_the_board_of_its_time(demo: Demo) -> None:
    contract = ON_THE_MAP["Contract review"]
    revised = contract.steps[-1].when.at(demo.today)
    before = read_board(demo.person("erin"), {}, revised)
    row = next(r for r in before.rows.rows if r.name == contract.name)
    assert (row.band, row.multiple) == ("strong", "7.22×")


def test_people_read_their_spaces_and_the_stranger_nothing(demo: Demo) -> None:
    def read_by(key: str) -> set[str]:
        return {r.name for r in read_board(demo.person(key), {}, now()).rows.rows}

    assert not read_by("sam")
    assert not read_by("adam")
    commerce = {w.name for w in ON_THE_MAP.values() if w.space in {SPACES[0].name, SPACES[1].name}}
    assert read_by("mona") == read_by("olivia") == commerce
    assert read_by("felix") == set(ON_THE_MAP)


def test_a_financial_admin_can_not_decide_on_her_own_request(demo: Demo) -> None:
    own = Workload.objects.get(slug="policy-questions")
    assert "own this workload" in why_not_decide(demo.person("noor"), own)
    assert not why_not_decide(demo.person("priya"), own)


def test_everybody_signs_in_with_the_printed_password(demo: Demo) -> None:
    assert User.objects.count() == len(PEOPLE)
    assert Space.objects.count() == len(SPACES)
    for person in PEOPLE.values():
        assert authenticate(None, email=person.email, password=PASSWORD)


def test_nothing_is_loaded_twice(demo: Demo) -> None:
    with as_the_load_left_it(demo.database):
        code, printed = outcome(manage(demo.database, "load_demo"))
    # From the month after that of the tests on, it also says that it ends too early.
    assert (code, printed.splitlines()[0]) == (0, "The demo organisation is loaded.")
    assert User.objects.count() == len(PEOPLE)


def test_one_load_at_a_time(another_demo: str) -> None:
    with owners_clock(url("DATABASE_OWNER_URL", another_demo)):
        code, printed = outcome(manage(another_demo, "load_demo"))
    assert code == 1
    assert "Another load of the demo is at work." in printed


def test_an_interrupted_load_says_so_and_how_to_begin_again(another_demo: str) -> None:
    loading = manage(another_demo, "load_demo")
    assert loading.stdout
    while not loading.stdout.readline().startswith("·"):
        pass
    loading.kill()
    loading.communicate()
    code, printed = outcome(manage(another_demo, "load_demo"))
    assert code == 1
    assert "interrupted" in printed
    assert "make demo-reset" in printed


def test_the_people_are_printed_with_roles_and_password(demo: Demo) -> None:
    code, printed = outcome(manage(demo.database, "demo_people"))
    assert code == 0
    assert PASSWORD in printed
    for person in PEOPLE.values():
        assert f"{person.email} " in printed
    for role in Role:
        assert role.label in printed


def test_it_tells_how_far_it_is_month_by_month(demo: Demo) -> None:
    months = [line for line in demo.printed.splitlines() if line.startswith("·")]
    assert len(months) == 14
    assert f"{add_months(month_of(demo.today), FIRST_MONTH):%B %Y}: " in months[0]


def test_actual_spend_is_that_of_the_plan_to_the_cent(demo: Demo) -> None:
    """In the basis that pages show, for every closed month and workload with a rule in time."""
    this_month = month_of(demo.today)
    for row in demo.board.rows.rows:
        planned = ON_THE_MAP[row.name]
        known_since = month_of(planned.steps[0].when.at(demo.today).date())
        spent = {month.period: month for month in row.spend}
        for offset in range(FIRST_MONTH, 0):
            period = add_months(this_month, offset)
            if period >= known_since and period in demo.board.rows.closed:
                expected = planned.amount(offset) + SHARED.part(offset, planned.name)
                found = spent[period].amount if period in spent else 0
                assert found == expected, (planned.name, period)


def test_months_are_closed_up_to_two_weeks_ago(demo: Demo) -> None:
    closed = demo.board.rows.closed
    assert closed[0] == add_months(month_of(demo.today), FIRST_MONTH)
    settled = demo.today - timedelta(days=15)
    assert closed[-1] == add_months(month_of(settled), -1)
    assert len(closed) == months_between(closed[0], closed[-1]) + 1


def test_finance_closed_the_past_and_a_late_delivery_waits(demo: Demo) -> None:
    states = month_states(demo.known_at)
    closed = demo.board.rows.closed
    assert {states[period].words for period in closed} == {"closed by finance"}
    (waiting,) = read_adjustments(None, demo.known_at)
    assert waiting.run.period == closed[-1]
    assert waiting.differs
    (changed,) = waiting.workloads
    assert changed.changes["amortised"].difference.amount == LATE_USAGE


def test_another_currency_is_converted_and_waits_for_a_rate(demo: Demo) -> None:
    this_month = month_of(demo.today)
    export = Export.objects.get(name__iexact=FOREIGN.name)
    converted = Delivery.objects.get(export=export)
    assert converted.period == add_months(this_month, FOREIGN.first)
    (total,) = (t for t in totals_by_currency(converted) if t.basis == "amortised")
    assert (total.code, Decimal(total.rate)) == (FOREIGN.currency, FOREIGN.rate)
    waiting = Load.objects.filter(export=export, period=this_month)
    if demo.today.day > 1:  # on the first nothing of the month was delivered yet
        assert [load.state for load in waiting] == [Load.State.NEEDS_RATE]


def test_net_cost_is_less_and_every_month_agrees_in_every_basis(demo: Demo) -> None:
    for period in month_states(demo.known_at):
        statements = read_statements(period, demo.known_at)
        assert all(statement.holds for statement in statements)
        (ours,) = (each for each in statements if each.run.export.name == "Organisation")
        total = {proof.basis: proof.total.amount for proof in ours.proofs}
        assert total["net_amortised"] < total["amortised"]
        assert total["net_unblended"] < total["unblended"]


def test_a_draft_that_splits_what_comes_through_the_gateway_can_be_tried(demo: Demo) -> None:
    drafted = changes_of(draft_of(demo.person("felix")))
    assert [bool(change.rule_id) for change in drafted] == [False, True]
    run = run_dry(drafted, 3, demo.known_at)
    gains = {row.workload.name for row in run.rows if row.workload and row.total.change.amount > 0}
    assert gains == set(BEHIND_THE_GATEWAY)
    assert [group.label for group in run.closes] == ["assumed-role/Gateway/session"]


def test_workloads_are_claimed_by_spend_alone_and_one_has_ended(demo: Demo) -> None:
    for name in ("Sales call coach", "Expense audit"):
        workload = Workload.objects.get(slug=demo.row(name).slug)
        assert Placement.objects.get(workload=workload, version=2).recorded_by is None
        assert demo.row(name).rate.amount > 0
    facts = read_facts(Reader.of(demo.person("erin")), [demo.known_at])
    (ended,) = (r for r in rows_at(facts, demo.known_at).rows if r.slug == "store-chat-pilot")
    assert ended.ended
    assert ended.spend


def test_notes_tell_of_funding_that_is_partial_over_or_to_come(demo: Demo) -> None:
    assert demo.row("Customs documents").cost_note == "6 funded months"
    assert demo.row("Voice of the customer").cost_note == "6 funded months, funding ended"
    assert demo.row("Shift planning").cost_note == "9 funded months, not yet started"
    assert [row.name for row in demo.board.map.unsized] == ["Damage claims"]


def test_gaps_of_each_kind_are_open_and_some_acted_upon(demo: Demo) -> None:
    gaps = open_gaps(demo.person("felix"), demo.known_at)
    assert {gap.kind for gap in gaps} == set(GapKind)
    by_name = {(gap.kind.value, gap.name): gap for gap in gaps}
    stopped = {w.name for w in WORKLOADS if isinstance(w.steps[-1], Stop)}
    for asked in (each for each in GAP_REQUESTS if each.workload not in stopped):
        action = by_name[asked.kind, asked.workload].asked
        assert action
        assert action.rationale == asked.rationale
        assert localdate(action.recorded_at) == asked.when.at(demo.today).date()
    assert by_name["unbacked", "Code assistant"].state is GapState.ACTIVE
    unbacked = {name for kind, name in by_name if kind == "unbacked"}
    assert unbacked == {w.name for w in ON_THE_MAP.values() if w.band == "unbacked"}
    no_estimate = {name for kind, name in by_name if kind == "no_estimate"}
    assert no_estimate == {"Sales call coach", "Warehouse slotting", "Expense audit"}
    jumped = by_name["over_plan", "Product descriptions"]
    assert jumped.since == demo.today - JUMPED_AGO
    keys = {gap.opening.key.split(":")[0] for gap in gaps if gap.kind is GapKind.UNCLAIMED}
    assert keys == {"principal", "account", "product"}


def test_gaps_are_in_all_four_states_and_one_came_back(demo: Demo) -> None:
    asked = GapFilter(states=frozenset(GapState))
    gaps = open_gaps(demo.person("felix"), demo.known_at, asked)
    assert {gap.state for gap in gaps} == set(GapState)
    (stopped,) = (w for w in WORKLOADS if isinstance(w.steps[-1], Stop))
    (gone,) = (g for g in gaps if g.name == stopped.name and g.kind is GapKind.OVER_PLAN)
    assert {"revision_requested", "stopped", "resolved"} <= {row.act for row in gone.acts.rows}
    assert any(g.previous for g in gaps if g.name == "Procurement copilot" and g.is_open)
    (owed,) = (g for g in gaps if g.kind is GapKind.NO_OWNER)
    assert (owed.state, owed.detail) == (GapState.ACTIONED, "Tess Barleycorn left Logistics")


def test_maturity_is_at_walk_in_attribution_and_at_crawl_in_estimates(demo: Demo) -> None:
    maturity = read_maturity(Reader.of(demo.person("erin")), demo.known_at)
    attribution, estimates, *_ = dimensions_of(maturity)
    assert (attribution.tier, estimates.tier) == (Tier.WALK, Tier.CRAWL)
    assert maturity.overall is Tier.CRAWL
    assert attribution.percent
    month = months_between(month_of(demo.today), demo.board.rows.closed[-1])
    attributed = sum(w.amount(month) for w in WORKLOADS) + SHARED.amount(month)
    everything = attributed + sum(u.amount(month) for u in UNCLAIMED)
    everything += FOREIGN.ai.amount(month) * FOREIGN.rate
    assert attribution.percent.amount == 1000 * attributed // everything / Decimal(10)
    assert [part.percent and int(part.percent.amount) for part in estimates.parts[:2]] == [63, 83]


def test_maturity_began_at_crawl(demo: Demo) -> None:
    """A past date is scored by the facts known then: one closed month, a fifth of it unclaimed."""
    first = on(FIRST_MONTH + 1, 20).at(demo.today)
    attribution = read_maturity(Reader.of(demo.person("erin")), first).scores[Dimension.ATTRIBUTION]
    assert attribution.tier is Tier.CRAWL


def test_inboxes_are_read_but_for_the_latest_and_no_mail_leaves(demo: Demo) -> None:
    told = Counter(Message.objects.values_list("recipient__name", flat=True))
    unread = Counter(Message.objects.unread().values_list("recipient__name", flat=True))
    for key in ("priya", "olivia", "oscar"):
        assert told[demo.person(key).name] > 5
    assert unread[demo.person("priya").name] in range(1, 6)
    assert sum(unread.values()) < sum(told.values()) / 4
    assert not Message.objects.unread().filter(written_at__lt=now() - timedelta(days=7)).exists()
    assert set(Mail.objects.values_list("state", flat=True)) == {Mail.State.DROPPED}
    assert not Message.objects.filter(for_digest=True).exists()


def test_requests_are_at_every_point_of_their_life(demo: Demo) -> None:
    more = {r.name: r.state for r in BusinessRequest.objects.filter(kind="more_funding")}
    assert more == {
        "Route planning": "approved",
        "Safety reports": "rejected",
        "Procurement copilot": "submitted",
    }
    declined = demo.row("Safety reports").estimate_note
    assert declined == "Estimate v3 was declined; v2 stays in force."
    procurement = BusinessRequest.objects.get(name="Procurement copilot", state="submitted")
    first = Decision.objects.get(outcome="first_approval")
    assert (first.request, first.request_revision) == (procurement, procurement.revision)
    returned = BusinessRequest.objects.get(name="Invoice matching", state="returned")
    titles = [entry.title for entry in conversation(returned, demo.known_at)]
    assert titles == ["Submitted", "Commented", "Returned for changes", "Commented"]


def test_noor_is_away_and_felix_decides_for_her(demo: Demo) -> None:
    felix = demo.person("felix")
    procurement = Workload.objects.get(slug="procurement-copilot")
    first = Decision.objects.get(outcome="first_approval")
    authority = authority_over(felix, procurement, first)
    assert authority.on_behalf_of == demo.person("noor")
    own = Workload.objects.get(slug="policy-questions")
    assert "for whom you decide" in why_not_decide(felix, own)
