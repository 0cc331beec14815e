"""Governance Maturity from the method's text alone: plain loops over plain rows.

Nothing of the product is imported. Rows are dictionaries, percentages Fractions; `None` is no data.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

Row = Mapping[str, Any]
CRAWL, WALK, RUN = "crawl", "walk", "run"


def percent(part: Fraction | int, whole: Fraction | int) -> Fraction | None:
    """Part of whole in percent; None of nothing."""
    return None if whole == 0 else Fraction(part) * 100 / Fraction(whole)


def attribution(rows: Iterable[Row], walk: int, run: int) -> tuple[Fraction | None, str | None]:
    """Charges of claimed workloads, of all; Run lies above its bound and not on it."""
    given = everything = Fraction(0)
    for row in rows:
        everything += Fraction(row["amount"])
        if row["claimed"]:
            given += Fraction(row["amount"])
    reads = percent(given, everything)
    if reads is None:
        return None, None
    return reads, RUN if reads > run else WALK if reads >= walk else CRAWL


def in_time(row: Row) -> bool:
    """Whether an estimate was confirmed before the first day with cost, or a renewal renewed it."""
    cost, estimates = row["first_cost"], row["confirmed"]
    if cost is None:
        return len(estimates) > 0
    for estimate in estimates:
        if estimate["day"] < cost:
            return True
    for place in range(1, len(estimates)):
        before, renewal = estimates[:place], estimates[place]
        begins_after = all(renewal["first"] >= earlier["end"] for earlier in before)
        if begins_after and renewal["day"] < renewal["first"]:
            return True
    return False


def estimates(rows: Iterable[Row], walk: int, run: int) -> tuple[Fraction | None, str | None]:
    """The mean of EC and BC; Walk by EC alone."""
    claimed = list(rows)
    ec = percent(len([row for row in claimed if in_time(row)]), len(claimed))
    bc = percent(len([row for row in claimed if row["declared"]]), len(claimed))
    if ec is None or bc is None:
        return None, None
    tier = CRAWL
    if ec >= walk:
        tier = WALK
    if ec >= run and bc >= run:
        tier = RUN
    return (ec + bc) / 2, tier


def approvals(
    rows: Iterable[Row], today: date, walk: int, run: int
) -> tuple[Fraction | None, str | None]:
    """Approvals of the last twelve months that acknowledged a declared case, of all of them."""
    counted = good = 0
    for row in rows:
        day = row["day"]
        is_over = (day.year + 1, day.month, day.day) <= (today.year, today.month, today.day)
        if is_over or day > today:
            continue
        counted += 1
        if row["acknowledgement"] in ("agreed", "other_reason"):
            good += 1
    return simple(percent(good, counted), walk, run)


def accuracy(
    rows: Iterable[Row], wide: Fraction, narrow: Fraction, least: int
) -> tuple[Fraction | None, str | None]:
    """Workloads near the estimate of the last closed month, of those with both."""
    both = near = nearer = 0
    for row in rows:
        if row["spend"] in (None, 0) or row["planned"] in (None, 0):
            continue
        both += 1
        off = abs(Fraction(row["spend"]) - Fraction(row["planned"])) / Fraction(row["planned"])
        near += off * 100 <= wide
        nearer += off * 100 <= narrow
    reads, closer = percent(near, both), percent(nearer, both)
    if reads is None or closer is None:
        return None, None
    return reads, RUN if closer >= least else WALK if reads >= least else CRAWL


def response(
    rows: Iterable[Row], today: date, days: int, walk: int, run: int
) -> tuple[Fraction | None, str | None]:
    """Gaps resolved within `days`, of those opened `days` to 120 days ago."""
    counted = good = 0
    for row in rows:
        age = (today - row["day"]).days
        if days <= age <= 120:
            counted += 1
            if row["resolved"] is not None and (row["resolved"] - row["day"]).days <= days:
                good += 1
    return simple(percent(good, counted), walk, run)


def simple(reads: Fraction | None, walk: int, run: int) -> tuple[Fraction | None, str | None]:
    """A tier by two bounds that are each enough."""
    if reads is None:
        return None, None
    return reads, RUN if reads >= run else WALK if reads >= walk else CRAWL


def overall(tiers: Iterable[str | None]) -> str | None:
    """The lowest tier of those with data."""
    known = [tier for tier in tiers if tier is not None]
    for tier in (CRAWL, WALK, RUN):
        if tier in known:
            return tier
    return None
