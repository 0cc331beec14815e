"""Finance merges names: who may, chains, taking back, no circles, and nothing recorded changes."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction

from business_cases.actions import merge_names, undo_merge
from business_cases.anchors import Anchor
from business_cases.models import AnchorMerge, CaseSnapshot
from business_cases.names import merges, names, offered
from records.clock import now
from tests.cast import REVENUE, SAVING, Cast, added, proposal
from valueboard.lib.errors import StaleError
from valueboard.lib.figure import ValueType

COST = ValueType.COST_SAVING
NAMES = ("Outside counsel", "outside lawyers", "Solicitors", "Counsel (external)")


@pytest.fixture
def drawn(cast: Cast) -> Cast:
    """Four workloads, whose cases draw on four spellings of one thing."""
    for number, name in enumerate(NAMES):
        added(cast, proposal(cast, name=f"W{number}", case=replace(SAVING, anchor=name)))
    return cast


def merge(cast: Cast, name: str, into: str, seen: int = 0) -> AnchorMerge:
    return merge_names(
        actor=cast.felix, value_type=COST, name=name, into=into, seen=seen, reason="One vendor."
    )


def undo(cast: Cast, name: str, seen: int) -> AnchorMerge:
    return undo_merge(
        actor=cast.felix, value_type=COST, name=name, seen=seen, reason="They are two after all."
    )


def counts_as(name: str) -> str:
    end = merges(now()).end_of(Anchor.named(COST, name))
    return names(now())[end]


def test_chains_resolve_and_a_merge_is_taken_back_by_a_later_version(drawn: Cast) -> None:
    first = merge(drawn, "OUTSIDE lawyers", " outside   counsel ")
    assert (first.name, first.into) == ("outside lawyers", "Outside counsel")
    second = merge(drawn, "Outside counsel", "Counsel (external)")
    assert counts_as("outside lawyers") == counts_as("Outside counsel") == "Counsel (external)"
    assert counts_as("Solicitors") == "Solicitors"
    undo(drawn, "Outside counsel", seen=second.version)
    assert counts_as("outside lawyers") == "Outside counsel"
    undone = undo(drawn, "outside lawyers", seen=first.version)
    assert counts_as("outside lawyers") == "outside lawyers"
    again = merge(drawn, "outside lawyers", "Solicitors", seen=undone.version)
    assert again.version == AnchorMerge.objects.count() == 5
    assert counts_as("outside lawyers") == "Solicitors"


def test_what_cases_say_stays(drawn: Cast) -> None:
    before = list(CaseSnapshot.objects.order_by("pk").values_list("anchor", "hash"))
    merge(drawn, "outside lawyers", "Outside counsel")
    assert list(CaseSnapshot.objects.order_by("pk").values_list("anchor", "hash")) == before


def test_merged_names_are_not_offered(drawn: Cast) -> None:
    merge(drawn, "outside lawyers", "Outside counsel")
    assert {each.name for each in offered(now())} == {*NAMES} - {"outside lawyers"}


@pytest.mark.parametrize(
    ("name", "into", "says"),
    [
        ("Outside counsel", "Nobody knows this", "no business case draws on this one"),
        ("Nobody knows this", "Outside counsel", "No business case draws on"),
        ("Outside counsel", "OUTSIDE  counsel", "the same name"),
        ("outside lawyers", "Solicitors", "merged already"),
        ("Outside counsel", "outside lawyers", "counts as this name"),
        ("Counsel (external)", "outside lawyers", "counts as this name"),
    ],
)
def test_what_makes_no_sense_is_refused(drawn: Cast, name: str, into: str, says: str) -> None:
    seen = merge(drawn, "outside lawyers", "Outside counsel").version
    merge(drawn, "Outside counsel", "Counsel (external)")
    version = {"outside lawyers": seen, "Outside counsel": seen + 1}.get(name, 0)
    if name == "Outside counsel" and into == "outside lawyers":
        version = undo(drawn, "Outside counsel", seen + 1).version
    with pytest.raises(ValidationError, match=says):
        merge(drawn, name, into, seen=version)


def test_a_cost_is_not_merged_into_a_revenue_stream(drawn: Cast) -> None:
    added(drawn, proposal(drawn, name="Shop", case=REVENUE))
    with pytest.raises(ValidationError, match="no business case draws on this one"):
        merge(drawn, "Outside counsel", REVENUE.anchor)


def test_only_finance_merges(drawn: Cast) -> None:
    for somebody in (drawn.priya, drawn.erin, drawn.adam, drawn.olivia, drawn.sam):
        with pytest.raises(PermissionDenied):
            merge_names(
                actor=somebody, value_type=COST, name=NAMES[1], into=NAMES[0], seen=0, reason="x"
            )
    assert not AnchorMerge.objects.exists()


def test_a_merge_needs_a_reason(drawn: Cast) -> None:
    with pytest.raises(ValidationError, match="Say why"):
        merge_names(
            actor=drawn.felix, value_type=COST, name=NAMES[1], into=NAMES[0], seen=0, reason=" \n"
        )


def test_who_looked_at_something_older_is_told(drawn: Cast) -> None:
    made = merge(drawn, "outside lawyers", "Outside counsel")
    with pytest.raises(StaleError, match="Felix Example merged it into “Outside counsel”"):
        merge(drawn, "outside lawyers", "Solicitors")
    undo(drawn, "outside lawyers", seen=made.version)
    with pytest.raises(StaleError, match="took its merge back"):
        undo(drawn, "outside lawyers", seen=made.version)


@pytest.mark.django_db
def test_the_database_refuses_a_circle_past_the_action() -> None:
    def record(name: str, into: str) -> None:
        AnchorMerge.objects.create(
            value_type=COST, name=name, key=name, into=into, into_key=into, reason="x"
        )

    record("a", "b")
    record("b", "c")
    for name, into in (("c", "a"), ("c", "b"), ("d", "d")):
        with pytest.raises(IntegrityError, match="by no detour"), transaction.atomic():
            record(name, into)
    record("b", "")
    record("c", "a")
    # Another value type has names of its own.
    AnchorMerge.objects.create(
        value_type=ValueType.REVENUE_DRIVING, name="b", key="b", into="a", into_key="a", reason="x"
    )


@pytest.mark.django_db(transaction=True)
def test_two_merges_that_would_close_a_circle_together_are_not_both_made(drawn: Cast) -> None:
    def attempt(pair: tuple[str, str]) -> str:
        try:
            merge(drawn, *pair)
        except ValidationError:
            return "refused"
        finally:
            connection.close()
        return "made"

    with ThreadPoolExecutor(2) as pool:
        for pair in ((NAMES[0], NAMES[1]), (NAMES[2], NAMES[3])):
            outcomes = pool.map(attempt, [pair, pair[::-1]])
            assert sorted(outcomes) == ["made", "refused"]


@pytest.mark.django_db(transaction=True)
def test_the_same_merge_twice_at_once_is_made_once(drawn: Cast) -> None:
    def attempt(_: int) -> type[Exception] | None:
        try:
            merge(drawn, NAMES[1], NAMES[0])
        except StaleError as error:
            return type(error)
        finally:
            connection.close()
        return None

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(attempt, range(4)))
    assert outcomes.count(None) == 1
    assert AnchorMerge.objects.count() == 1
