"""The demo, loaded through the product, is what its plan promises. One worker loads it, once."""

from collections import Counter
from fractions import Fraction

import pytest
from django.contrib.auth import authenticate
from django.utils.timezone import localdate

from accounts.models import Role, User
from approvals.access import why_not_decide
from approvals.models import Decision
from business_cases.models import BusinessRequest, CaseSnapshot, EstimateSnapshot
from demo.clock import owners_clock
from demo.people import PASSWORD
from demo.plan import PEOPLE, SPACES, WORKLOADS
from demo.plan.values import FIRST_MONTH
from records.clock import now
from spaces.models import Space, Workload
from tests.database import url
from tests.demo import model
from tests.demo.conftest import Demo, manage, outcome
from valueboard.board import BANDS, Filters, read_board
from valueboard.lib.months import add_months, month_of

pytestmark = pytest.mark.xdist_group("demo")

ON_THE_MAP = {w.name: w for w in WORKLOADS if w.band}


def test_the_map_shows_each_workload_with_its_band_and_score(demo: Demo) -> None:
    shown = {row.workload.name: (row.band, row.multiple) for row in demo.board.rows}
    assert shown == {name: (w.band, w.multiple) for name, w in ON_THE_MAP.items()}
    assert {row.band for row in demo.board.rows} == set(BANDS)


def test_figures_equal_those_of_a_model_of_its_own(demo: Demo) -> None:
    for row in demo.board.rows:
        state = model.replay(ON_THE_MAP[row.workload.name])
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
        request = BusinessRequest.objects.filter(name=workload.name).first()
        assert (request.state if request else "") == state.request
    rows = {row.workload.name: row for row in demo.board.rows}
    assert rows["Contract review"].not_acknowledged_since == 1
    assert rows["Product descriptions"].not_acknowledged_since is None


def test_a_past_date_shows_the_board_of_its_time(demo: Demo) -> None:
    contract = ON_THE_MAP["Contract review"]
    revised = contract.steps[-1].when.at(demo.today)
    before = read_board(demo.person("erin"), revised, Filters())
    row = next(r for r in before.rows if r.workload.name == contract.name)
    assert (row.band, row.multiple) == ("strong", "7.22×")


def test_people_read_their_spaces_and_the_stranger_nothing(demo: Demo) -> None:
    def read_by(key: str) -> set[str]:
        return {r.workload.name for r in read_board(demo.person(key), now(), Filters()).rows}

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


def test_the_clock_runs_with_now_and_nothing_is_loaded_twice(demo: Demo) -> None:
    assert localdate(now()) == localdate()
    people = User.objects.count()
    code, printed = outcome(manage(demo.database, "load_demo"))
    assert (code, printed) == (0, "The demo organisation is loaded.\n")
    assert User.objects.count() == people


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
