"""What an address asks for: read, written, read again; what is not understood is said."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from business_cases.standing import Lens
from positions.query import BANDS, COLUMNS, DEFAULT, SORTS, STATES, Names, Query
from valueboard.lib.figure import ValueType

TODAY = date(2026, 11, 20)
days = st.dates(date(2020, 1, 1), TODAY - timedelta(days=1))
queries = st.builds(
    Query,
    space=st.sampled_from(["", "commerce", "search"]),
    types=st.frozensets(st.sampled_from(ValueType)),
    bands=st.frozensets(st.sampled_from(BANDS)),
    owner=st.none() | st.integers(1, 10**9),
    states=st.frozensets(st.sampled_from(sorted(STATES))),
    revised=st.booleans(),
    above=st.none() | st.decimals(0, 10**12, places=2),
    text=st.text(max_size=50).map(lambda text: " ".join(text.replace("\0", "").split())),
    sort=st.sampled_from([*SORTS, *(f"-{each}" for each in SORTS)]),
    columns=st.sets(st.sampled_from(COLUMNS)).map(
        lambda some: tuple(each for each in COLUMNS if each in some) or DEFAULT
    ),
    page=st.integers(1, 10_000),
    lens=st.sampled_from(Lens),
    as_of=st.none() | days,
    compare=st.none(),
    smaller=st.sampled_from(["", "commerce"]),
)


@given(queries)
def test_a_query_is_read_back_from_its_address(query: Query) -> None:
    text = query.urlencode()
    again, problems = Query.read(text, TODAY)
    assert problems == []
    assert again.urlencode() == text
    assert again == query
    assert Query.read(QueryDict(text), TODAY) == (query, [])


@given(queries)
def test_each_thing_asked_for_can_be_left_out(query: Query) -> None:
    asked = query.asked(Names({"commerce": "Commerce", "search": "Search"}, {}))
    for each in asked:
        without, problems = Query.read(each.without, TODAY)
        assert problems == []
        assert len(without.asked(Names())) == len(asked) - 1
    assert bool(asked) == (query.filters or query.lens is Lens.ACTUAL or query.as_of is not None)


def test_the_address_of_nothing_is_empty_and_the_order_of_an_address_is_no_matter() -> None:
    assert Query().urlencode() == ""
    one, _ = Query.read("band=weak&type=cost_saving&band=thin", TODAY)
    other, _ = Query.read("type=cost_saving&band=thin&band=weak", TODAY)
    assert one == other
    assert one.urlencode() == other.urlencode() == "type=cost_saving&band=thin&band=weak"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("band=great", "none of that name"),
        ("type=both", "none of that name"),
        ("state=lost", "none of that name"),
        ("lens=rosy", "none of that name"),
        ("owner=me", "no whole number"),
        ("above=much", "not a number"),
        ("as_of=yesterday", "no date"),
        ("as_of=20260101", "no date"),
        ("as_of=2026-11-21", "not come yet"),
        ("compare=2026-11-20", "before the day"),
        ("as_of=2026-01-31&compare=2026-02-01", "before the day"),
        ("sort=luck", "no such column"),
        ("columns=luck", "no such column"),
        ("colour=red", "nothing of that name"),
    ],
)
def test_what_is_not_understood_is_left_out_and_said(text: str, why: str) -> None:
    query, problems = Query.read(text, TODAY)
    assert len(problems) == 1
    assert why in problems[0].why
    left = Query(as_of=query.as_of)
    assert query == left


def test_amounts_are_read_as_people_write_them() -> None:
    for text in ("1.2m", "1,200,000", "$1,200,000", "1200k"):
        assert Query.read({"above": text}, TODAY)[0].above == Decimal(1_200_000)


def test_today_is_no_past_day() -> None:
    assert Query.read("as_of=2026-11-20", TODAY) == (Query(), [])


def test_figures_don_t_depend_on_page_order_and_columns() -> None:
    one = Query(space="search", page=3, sort="name", columns=("owner",), smaller="search")
    assert one.figures_of() == Query(space="search")
    assert one.figures_of(lens=Lens.ACTUAL).urlencode() == "space=search&lens=actual"
