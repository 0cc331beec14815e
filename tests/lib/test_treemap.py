"""The map's geometry: areas are in proportion, nothing overlaps, nothing is outside."""

from collections.abc import Mapping
from decimal import Decimal
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valueboard.lib.treemap import PlacedGroup, Rect, treemap

Groups = Mapping[str, Mapping[str, Decimal]]
FRAMES = [(1000, 500), (340, 560)]
HEADER, GAP = 21, 4
HAIR = 1e-6

# From one cent to 10¹² a year; ties are likely.
sizes = st.one_of(
    st.decimals("0.01", "1e12", places=2),
    st.sampled_from([Decimal(100), Decimal("119999.99"), Decimal(10**6)]),
)
keys = st.text("abcdefgh", min_size=1, max_size=3)
groupings = st.dictionaries(
    keys, st.dictionaries(keys, sizes, min_size=1, max_size=12), min_size=1, max_size=9
)


def rects(placed: list[PlacedGroup]) -> dict[tuple[str, str], Rect]:
    return {(group.key, key): rect for group in placed for key, rect in group.items.items()}


def overlap(one: Rect, other: Rect) -> float:
    width = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    height = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    return max(0.0, width) * max(0.0, height)


def inside(part: Rect, whole: Rect) -> bool:
    return (
        part.x >= whole.x - HAIR
        and part.y >= whole.y - HAIR
        and part.x + part.width <= whole.x + whole.width + HAIR
        and part.y + part.height <= whole.y + whole.height + HAIR
    )


@pytest.mark.parametrize("frame", FRAMES)
@given(groups=groupings)
def test_every_area_is_in_proportion_to_its_size(groups: Groups, frame: tuple[int, int]) -> None:
    tiles = rects(treemap(groups, *frame, header=HEADER, gap=GAP))
    whole = sum((size for items in groups.values() for size in items.values()), Decimal(0))
    drawn = sum(rect.area for rect in tiles.values())
    for (group, key), rect in tiles.items():
        share = float(groups[group][key] / whole)
        # Shares below a thousandth of a pixel say nothing to the eye, and doubles run out.
        assert rect.area / drawn == pytest.approx(share, rel=0.005, abs=1e-9)


@pytest.mark.parametrize("frame", FRAMES)
@given(groups=groupings)
def test_nothing_overlaps_and_nothing_is_outside(groups: Groups, frame: tuple[int, int]) -> None:
    placed = treemap(groups, *frame, header=HEADER, gap=GAP)
    whole = Rect(0, 0, *frame)
    assert {group.key for group in placed} == set(groups)
    for group in placed:
        assert set(group.items) == set(groups[group.key])
        assert inside(group.rect, whole)
        assert inside(group.inner, group.rect)
        for rect in group.items.values():
            assert inside(rect, group.inner)
    for one, other in combinations([group.rect for group in placed], 2):
        assert overlap(one, other) < HAIR
    for one, other in combinations(rects(placed).values(), 2):
        assert overlap(one, other) < HAIR


@given(groups=groupings, data=st.data())
def test_the_order_of_the_rows_changes_nothing(groups: Groups, data: st.DataObject) -> None:
    shuffled = {
        group: {key: groups[group][key] for key in data.draw(st.permutations(list(groups[group])))}
        for group in data.draw(st.permutations(list(groups)))
    }
    assert treemap(shuffled, 1000, 500, header=HEADER) == treemap(groups, 1000, 500, header=HEADER)


def test_equal_sizes_come_in_order_of_their_keys() -> None:
    one = treemap({"S": dict.fromkeys("bdac", Decimal(1))}, 400, 100)
    assert list(one[0].items) == ["a", "b", "c", "d"]


@given(groups=groupings)
def test_without_headers_the_tiles_fill_the_frame(groups: Groups) -> None:
    drawn = sum(rect.area for rect in rects(treemap(groups, 1000, 500)).values())
    assert drawn == pytest.approx(1000 * 500, rel=1e-9)


def test_tiles_of_ordinary_sizes_are_squarish() -> None:
    # The example of Bruls, Huizing and van Wijk, whose worst aspect there is 2.78.
    example = {"S": {str(i): Decimal(size) for i, size in enumerate((6, 6, 4, 3, 2, 2, 1))}}
    placed = treemap(example, 600, 400)
    worst = max(max(r.width / r.height, r.height / r.width) for r in placed[0].items.values())
    assert worst == pytest.approx(25 / 9, abs=0.01)


def test_each_group_keeps_its_header_and_its_gap() -> None:
    groups = {name: {"a": Decimal(3), "b": Decimal(2)} for name in ("one", "two", "three")}
    for group in treemap(groups, 1000, 500, header=HEADER, gap=GAP):
        assert group.inner.y - group.rect.y == pytest.approx(HEADER + GAP / 2)
        assert group.rect.width - group.inner.width == pytest.approx(GAP)


def test_where_headers_cannot_fit_the_tiles_still_do() -> None:
    groups = {f"{i:03}": {"only": Decimal(1)} for i in range(900)}
    placed = treemap(groups, 340, 560, header=HEADER, gap=GAP)
    assert len(placed) == 900
    assert all(group.inner == group.rect for group in placed)


def test_an_empty_map_is_empty() -> None:
    assert treemap({}, 1000, 500) == []


@pytest.mark.parametrize("size", [Decimal(0), Decimal(-3)])
def test_sizes_without_an_area_are_refused(size: Decimal) -> None:
    with pytest.raises(ValueError, match="positive"):
        treemap({"S": {"credit": size, "a": Decimal(1)}}, 1000, 500)
