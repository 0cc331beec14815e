"""The organisation chooses the cost basis that pages show, and every page says which."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from allocation_gaps.actions import look_for_gaps
from cur_ingest.actions import choose_basis
from cur_ingest.bases import BASES, BASIS_WORDS, named, spread
from cur_ingest.models import BasisChoice
from cur_ingest.reports import chosen_basis
from maturity.reading import read_evidence
from positions.reader import Reader
from records.clock import now
from spaces.models import Workload
from tests.cast import Cast, added, proposal
from tests.spend import bedrock, close_september, load, rule_for
from valueboard.lib.errors import RefusedError, StaleError

pytestmark = pytest.mark.django_db
# An hour of a savings plan, with a negotiated discount: every basis has another amount.
COVERED = {
    "line_item_line_item_type": "SavingsPlanCoveredUsage",
    "savings_plan_savings_plan_effective_cost": 30.0,
    "savings_plan_net_savings_plan_effective_cost": 20.0,
    "line_item_net_unblended_cost": 35.0,
}
AMOUNTS = {"amortised": 30, "unblended": 40, "net_amortised": 20, "net_unblended": 35}


@pytest.fixture(autouse=True)
def _october(travel: Callable[[datetime], None]) -> None:
    travel(datetime(2026, 10, 20, 12, tzinfo=UTC))


@pytest.fixture
def chat(cast: Cast, tmp_path: Path) -> Workload:
    chat = added(cast, proposal(cast, name="Chat"))
    rule_for(cast.felix, chat, "chat")
    load(tmp_path, bedrock("chat", 40) | COVERED)
    return chat


def as_user(cast: Cast, name: str = "felix") -> Client:
    client = Client()
    client.force_login(getattr(cast, name))
    return client


def test_amortised_until_somebody_chooses(cast: Cast, chat: Workload) -> None:
    assert chosen_basis(now()) == "amortised"
    page = as_user(cast, "erin").get("/spend/basis/").content.decode()
    assert "It was never chosen" in page
    assert "Record the choice" not in page


@pytest.mark.parametrize("basis", BASES)
def test_every_page_shows_the_chosen_basis_and_says_so(
    cast: Cast, chat: Workload, basis: str
) -> None:
    client = as_user(cast)
    if basis != chosen_basis(now()):
        typed = {"basis": basis, "reason": "As finance reports.", "seen": 0}
        assert client.post("/spend/basis/", typed).status_code == 302
    said = f"{named(basis)}: {BASIS_WORDS[basis]}"
    look_for_gaps()
    for address in ("/", "/gaps/", "/maturity/", "/thresholds/"):
        assert said in client.get(address).content.decode(), address
    workload = client.get(chat.get_absolute_url())
    assert f"Actual: {named(basis)} usage charges" in workload.content.decode()
    assert f"${AMOUNTS[basis]}" in workload.content.decode()
    spend = client.get("/spend/")
    assert spend.context["month"].shown.total.amount == AMOUNTS[basis]
    assert f"Cost basis: {named(basis)}" in " ".join(spend.content.decode().split())
    found = read_evidence(Reader.of(cast.felix), now()).charges
    assert found is not None
    # Coverage has commitments spread over usage, net where the organisation looks at net.
    assert found.basis == spread(basis)
    assert [each.amount for each in found.attributed] == [AMOUNTS[spread(basis)]]
    assert not found.unclaimed


def test_a_past_moment_has_the_basis_of_its_time(
    cast: Cast, chat: Workload, travel: Callable[[datetime], None]
) -> None:
    before = now()
    travel(datetime(2026, 10, 22, 12, tzinfo=UTC))
    choose_basis(actor=cast.felix, basis="net_unblended", seen=0, reason="As invoiced.")
    assert (chosen_basis(before), chosen_basis(now())) == ("amortised", "net_unblended")
    past = as_user(cast).get(f"{chat.get_absolute_url()}?as_of=2026-10-21").content.decode()
    assert "Actual: amortised usage charges" in past


def test_a_choice_changes_nothing_that_was_closed(cast: Cast, chat: Workload) -> None:
    closing = close_september(cast)
    choose_basis(actor=cast.felix, basis="unblended", seen=0, reason="As invoiced.")
    month = as_user(cast).get("/spend/").context["month"]
    assert month.state.closing == closing
    assert month.shown.total.amount == Decimal(40)
    assert all(proof.holds for proof in month.proofs)


def test_of_two_who_choose_the_second_is_told(cast: Cast, chat: Workload) -> None:
    choose_basis(actor=cast.felix, basis="unblended", seen=0, reason="First.")
    with pytest.raises(StaleError):
        choose_basis(actor=cast.felix, basis="net_amortised", seen=0, reason="Second.")
    with pytest.raises(RefusedError, match="unblended cost already"):
        choose_basis(actor=cast.felix, basis="unblended", seen=1, reason="Again.")
    with pytest.raises(ValidationError):
        choose_basis(actor=cast.felix, basis="blended", seen=1, reason="No such thing.")
    assert BasisChoice.objects.get().basis == "unblended"


@pytest.mark.parametrize("name", ["priya", "erin", "adam", "olivia", "sam"])
def test_only_finance_chooses(cast: Cast, name: str) -> None:
    typed = {"basis": "unblended", "reason": "Mine.", "seen": 0}
    assert as_user(cast, name).post("/spend/basis/", typed).status_code == 403
    with pytest.raises(PermissionDenied):
        choose_basis(actor=getattr(cast, name), basis="unblended", seen=0, reason="Mine.")
    assert not BasisChoice.objects.exists()
