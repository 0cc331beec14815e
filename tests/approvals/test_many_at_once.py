"""Fifty people at once on one request, round after round: one wins, the others are told."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import partial

import pytest
from django.test import Client

from accounts.models import User
from approvals.actions import decide_request
from approvals.models import Decision, DecisionItem
from business_cases.actions import revise_case, save_draft, withdraw_request
from business_cases.models import BusinessRequest, CaseSnapshot, Confirmation
from tests.approvals.pages import posted
from tests.approvals.test_deciding import seen_of, workload_of
from tests.at_once import Crowd
from tests.cast import SAVING, Cast, proposal, submitted
from tests.soak import SOAK, rounds
from valueboard.lib.errors import RefusedError, StaleError

pytestmark = pytest.mark.django_db(transaction=True)
DECIDED = {"approve": "approved", "return": "returned", "reject": "rejected"}
MOVED = {**DECIDED, "withdraw": "withdrawn"}
EACH, REVISING = 12, 2  # 12 each of approve, return, reject, withdraw; 2 who revise
TOLD = "told"


def unless_told(name: str, act: Callable[[], object]) -> str:
    """Do it; return its name, or that the person was told why not. Anything else is a fault."""
    try:
        act()
    except RefusedError as refused:
        return TOLD if str(refused) else "told nothing"
    return name


def decide(name: str, cast: Cast, request: BusinessRequest) -> Callable[[], object]:
    return partial(
        decide_request,
        actor=cast.priya,
        request=request,
        revision=request.revision,
        seen=seen_of(workload_of(request)),
        outcome=DECIDED[name],
        acknowledgement="agreed" if name == "approve" else "",
        rationale=f"We {name} it.",
    )


def revise(cast: Cast, request: BusinessRequest, percent: int) -> Callable[[], object]:
    return partial(
        revise_case,
        actor=cast.olivia,
        workload=workload_of(request),
        seen=1,
        case=replace(SAVING, percent=Decimal(percent)),
        reason="Smaller.",
    )


def check(request: BusinessRequest, seen: set[str], winner: str) -> None:
    """Whoever won, what is recorded fits."""
    request.refresh_from_db()
    assert request.state == MOVED[winner]
    decisions = list(Decision.objects.filter(request=request))
    assert [d.outcome for d in decisions] == ([DECIDED[winner]] if winner in DECIDED else [])
    later = CaseSnapshot.objects.filter(case__workload=request.workload, version__gt=1)
    for decision in decisions:
        items = DecisionItem.objects.filter(decision=decision)
        assert set(items.values_list("record_hash", flat=True)) == seen
        # Who revised first would have stopped the decision.
        assert all(revised.recorded_at > decision.recorded_at for revised in later)
    confirmed = Confirmation.objects.filter(estimate__workload=request.workload)
    assert confirmed.exists() is (winner == "approve")


def test_of_many_who_act_at_once_one_wins_each_round(cast: Cast) -> None:
    won: Counter[str] = Counter()
    with Crowd(4 * EACH + REVISING) as crowd:
        for number in range(rounds(10, 200)):
            # A revision nearly always comes before the first decision and stops them all, since a
            # decision locks the request first: every other round goes without.
            revising = REVISING * (number % 2)
            request = submitted(cast, proposal(cast, name=f"Round {number}"))
            seen = seen_of(workload_of(request))
            back = partial(
                withdraw_request, actor=cast.olivia, request=request, seen=request.revision
            )
            acts: list[tuple[str, Callable[[], object]]] = [
                *((name, decide(name, cast, request)) for name in DECIDED for _ in range(EACH)),
                *(("withdraw", back) for _ in range(EACH)),
                *(("revise", revise(cast, request, 1 + turn)) for turn in range(revising)),
            ]
            # In every round others begin.
            first = EACH * number % len(acts)
            acts = acts[first:] + acts[:first]
            done = Counter(crowd.do(*(partial(unless_told, *act) for act in acts)))
            assert done.pop(TOLD) == len(acts) - 1 - bool(revising)
            assert done.pop("revise", 0) == bool(revising)
            (winner,) = done.elements()
            check(request, {seen.estimate, seen.case}, winner)
            won[winner] += 1
    # Rounds that the same act always wins would show nothing; of a few it may be by chance.
    assert len(won) > 1 or not SOAK, won


def test_of_many_who_save_a_draft_at_once_one_does(cast: Cast) -> None:
    request = save_draft(actor=cast.olivia, request=None, seen=0, typed={}, space=cast.commerce)
    with Crowd(20) as crowd:
        for seen in range(rounds(3, 50)):
            saves = (
                partial(
                    save_draft,
                    actor=cast.olivia,
                    request=request,
                    seen=seen,
                    typed={"name": f"{seen}, {turn}"},
                    space=cast.commerce,
                )
                for turn in range(20)
            )
            done = crowd.do(*(partial(unless_told, "saved", save) for save in saves))
            assert Counter(done) == {"saved": 1, TOLD: 19}
            request.refresh_from_db()
            assert (request.revision, request.name) == (seen + 1, f"{seen}, {done.index('saved')}")


def test_of_many_who_revise_at_once_one_does(cast: Cast) -> None:
    request = submitted(cast)
    with Crowd(20) as crowd:
        for version in range(1, 1 + rounds(3, 50)):
            acts = (
                partial(
                    revise_case,
                    actor=cast.olivia,
                    workload=workload_of(request),
                    seen=version,
                    case=replace(SAVING, current_amount=Decimal(100 * version + turn)),
                    reason="Counted again.",
                )
                for turn in range(20)
            )
            done = crowd.do(*(partial(unless_told, "revised", act) for act in acts))
            assert Counter(done) == {"revised": 1, TOLD: 19}
            latest = CaseSnapshot.objects.get(version=version + 1)
            assert latest.current_amount == 100 * version + done.index("revised")


def post_as(user: User, address: str, data: dict[str, str]) -> Callable[[], int]:
    client = Client()
    client.force_login(user)
    return lambda: client.post(address, data).status_code


def test_of_many_who_click_at_once_one_is_led_on_each_round(cast: Cast) -> None:
    """Through the pages: one of those who decide is led on, or none; no fault of the server."""
    with Crowd(12) as crowd:
        for number in range(rounds(3, 50)):
            request = submitted(cast, proposal(cast, name=f"Round {number}"))
            fields = posted(workload_of(request))
            clicks = [
                *(
                    post_as(
                        cast.priya,
                        f"/approvals/requests/{request.pk}/",
                        fields
                        | {"outcome": outcome}
                        | ({} if outcome == "approved" else {"acknowledgement": ""}),
                    )
                    for outcome in DECIDED.values()
                    for _ in range(3)
                ),
                *(
                    post_as(
                        cast.olivia,
                        f"/requests/{request.pk}/withdraw/",
                        {"seen": str(request.revision)},
                    )
                    for _ in range(3)
                ),
            ]
            answers = crowd.do(*clicks)
            assert set(answers) <= {302, 409}
            request.refresh_from_db()
            decided = Decision.objects.filter(request=request).count()
            assert Counter(answers[:9]) == Counter([302] * decided + [409] * (9 - decided))
            assert (request.state, decided) in {(state, 1) for state in DECIDED.values()} | {
                ("withdrawn", 0)
            }


def test_those_who_lose_are_told_what_is_true(cast: Cast) -> None:
    """Every message names what happened: stale, and never a fault in what they did."""
    request = submitted(cast)
    late = decide("reject", cast, request)
    decide("approve", cast, request)()
    with pytest.raises(StaleError, match="Priya Example decided on this on"):
        late()
