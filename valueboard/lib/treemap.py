"""The squarified treemap (Bruls, Huizing and van Wijk 2000), with room for a header per group.

Pure geometry: sizes become areas here, and nothing that leaves is money again. Every item's area is
the same multiple of its size across all groups, although each group gives up a strip for its header
and a gap around it; so two tiles of equal size look equal wherever they stand.

Strips of groups are chosen greedily for squarish rectangles. Their extents are then solved exactly:
with the strips fixed, each extent follows from the scale (area per unit of size) in closed form and
grows with it, so the one scale that fills the frame is found by bisection.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from math import inf, isinf

HALVINGS = 80  # more than a double has bits


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle; x to the right, y downwards."""

    x: float
    y: float
    width: float
    height: float

    @property
    def area(self) -> float:
        """Return width times height."""
        return self.width * self.height


@dataclass(frozen=True, slots=True)
class PlacedGroup:
    """One group: its whole rectangle, the part below the header, and its items' rectangles."""

    key: str
    rect: Rect
    inner: Rect
    items: Mapping[str, Rect]


@dataclass(frozen=True, slots=True)
class _Frame:
    """What each rectangle of a strip gives up before its area counts."""

    header: float = 0
    gap: float = 0

    def extent(self, sizes: Sequence[float], side: float, scale: float, *, stacked: bool) -> float:
        """Return how thick a strip of `sizes` along `side` must be; infinite if it can't."""
        across = self.gap if stacked else self.header + self.gap
        along = self.header + self.gap if stacked else self.gap
        free = side - len(sizes) * along
        return across + sum(sizes) * scale / free if free > 0 else inf

    def worst_aspect(
        self, sizes: Sequence[float], side: float, scale: float, *, stacked: bool
    ) -> float:
        """Return how far the least square rectangle of the strip is from a square."""
        thick = self.extent(sizes, side, scale, stacked=stacked)
        if isinf(thick):
            return thick
        thick -= self.gap if stacked else self.header + self.gap
        lengths = [size * scale / thick for size in (max(sizes), min(sizes))]
        return max(max(thick / length, length / thick) for length in lengths)


@dataclass(frozen=True, slots=True)
class _Strip:
    """Items `first` to `last` (exclusive); stacked in a column, or side by side in a row."""

    first: int
    last: int
    stacked: bool


class _DoesNotFitError(Exception):
    """Headers and gaps alone are larger than the frame."""


def treemap(
    groups: Mapping[str, Mapping[str, Decimal]],
    width: float,
    height: float,
    *,
    header: float = 0,
    gap: float = 0,
    last: Collection[str] = (),
) -> list[PlacedGroup]:
    """Lay out `groups` of items with positive sizes in a frame.

    Larger groups and items come first, equal ones by key, whatever order they are given in; items
    in `last` come after all others of their group. Where headers do not fit, they and the gaps are
    left out.
    """
    totals = {key: sum(items.values(), Decimal(0)) for key, items in groups.items()}
    if any(size <= 0 for items in groups.values() for size in items.values()):
        message = "Only positive sizes have an area."
        raise ValueError(message)
    whole = sum(totals.values(), Decimal(0))
    if not whole:
        return []
    outer = Rect(0, 0, width, height)
    try:
        frame = _Frame(header, gap)
        rects = _place(_shares(totals, whole), outer, frame)
    except _DoesNotFitError:
        frame = _Frame()
        rects = _place(_shares(totals, whole), outer, frame)
    return [_fill(key, groups[key], rect, frame, last) for key, rect in rects.items()]


def _fill(
    key: str, items: Mapping[str, Decimal], rect: Rect, frame: _Frame, last: Collection[str]
) -> PlacedGroup:
    inner = Rect(
        rect.x + frame.gap / 2,
        rect.y + frame.gap / 2 + frame.header,
        rect.width - frame.gap,
        rect.height - frame.gap - frame.header,
    )
    shares = _shares(items, sum(items.values(), Decimal(0)), last)
    return PlacedGroup(key, rect, inner, _place(shares, inner, _Frame()))


def _shares(
    sizes: Mapping[str, Decimal], whole: Decimal, last: Collection[str] = ()
) -> dict[str, float]:
    """Return the sizes as shares of the whole, the largest first: money turns into geometry."""
    ordered = sorted(sizes.items(), key=lambda entry: (entry[0] in last, -entry[1], entry[0]))
    return {key: float(size / whole) for key, size in ordered if size}


def _place(shares: Mapping[str, float], outer: Rect, frame: _Frame) -> dict[str, Rect]:
    sizes = list(shares.values())
    scale = outer.area / sum(sizes)
    strips = _strips(sizes, outer, frame, scale)
    if frame.header or frame.gap:
        # The first guess at the scale knew nothing of headers; choose once more with a better one.
        scale = _solve(sizes, strips, outer, frame)
        strips = _strips(sizes, outer, frame, scale)
        scale = _solve(sizes, strips, outer, frame)
    rects = _cut(sizes, strips, outer, frame, scale)
    return dict(zip(shares, rects, strict=True))


def _strips(sizes: Sequence[float], outer: Rect, frame: _Frame, scale: float) -> list[_Strip]:
    """Cut the items into strips, each closed when one item more would make it less square."""
    width, height = outer.width, outer.height
    strips: list[_Strip] = []
    first = 0
    while first < len(sizes):
        stacked = width >= height
        side = height if stacked else width
        last = first + 1
        worst = frame.worst_aspect(sizes[first:last], side, scale, stacked=stacked)
        while last < len(sizes):
            longer = frame.worst_aspect(sizes[first : last + 1], side, scale, stacked=stacked)
            if longer > worst:
                break
            worst, last = longer, last + 1
        thick = frame.extent(sizes[first:last], side, scale, stacked=stacked)
        if thick >= (width if stacked else height):
            last = len(sizes)  # no room is left beside this strip: it takes all the rest
        strips.append(_Strip(first, last, stacked))
        width, height = (width - thick, height) if stacked else (width, height - thick)
        first = last
    return strips


def _left_over(
    sizes: Sequence[float], strips: Sequence[_Strip], outer: Rect, frame: _Frame, scale: float
) -> float:
    """Return what the strips leave free at this scale; negative where they overflow."""
    width, height = outer.width, outer.height
    left = 0.0
    for strip in strips:
        side = height if strip.stacked else width
        thick = frame.extent(sizes[strip.first : strip.last], side, scale, stacked=strip.stacked)
        if strip.stacked:
            left = width = width - thick
        else:
            left = height = height - thick
        if left < 0:
            return left
    return left


def _solve(sizes: Sequence[float], strips: Sequence[_Strip], outer: Rect, frame: _Frame) -> float:
    """Return the scale at which the strips fill the frame."""
    low, high = 0.0, outer.area / sum(sizes)
    if _left_over(sizes, strips, outer, frame, low) <= 0:
        raise _DoesNotFitError
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if _left_over(sizes, strips, outer, frame, middle) > 0:
            low = middle
        else:
            high = middle
    return low


def _cut(
    sizes: Sequence[float], strips: Sequence[_Strip], outer: Rect, frame: _Frame, scale: float
) -> list[Rect]:
    """Return the rectangles, each strip filled to its ends."""
    x, y, width, height = outer.x, outer.y, outer.width, outer.height
    rects: list[Rect] = []
    for strip in strips:
        side = height if strip.stacked else width
        part = sizes[strip.first : strip.last]
        thick = frame.extent(part, side, scale, stacked=strip.stacked)
        if strip is strips[-1]:
            thick = width if strip.stacked else height  # the same, less the rounding of doubles
        edges = _edges(part, side, frame, stacked=strip.stacked)
        if strip.stacked:
            rects += [Rect(x, y + start, thick, end - start) for start, end in pairwise(edges)]
            x, width = x + thick, width - thick
        else:
            rects += [Rect(x + start, y, end - start, thick) for start, end in pairwise(edges)]
            y, height = y + thick, height - thick
    return rects


def _edges(sizes: Sequence[float], side: float, frame: _Frame, *, stacked: bool) -> list[float]:
    """Return where along its side each rectangle of a strip begins, and the end."""
    along = frame.header + frame.gap if stacked else frame.gap
    free = side - len(sizes) * along
    whole = sum(sizes)
    edges = [0.0]
    before = 0.0
    for count, size in enumerate(sizes, start=1):
        before += size
        edges.append(count * along + free * before / whole)
    return edges
