"""How the figures of a workload are named: what comes after `w:` in an address. No Django.

`w:contract-review` is a workload as it stands at the moment asked for: the estimate in force and
the latest case. Parts narrow it down: `e2` the estimate's version 2 with those in force
before it, `c1` the case's version 1 (`c0` no case), `y1` the second funding year, `2026-03` a
month, `2026-03-09` a day, and `k` with a digest tokens of one model, kind and unit. A change names
what changed and both sides: `w:contract-review:prospect:e1:c1~e2:c1`.
"""

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import date

from business_cases.standing import CaseVersion, EstimateVersion, Standing
from valueboard.lib.explained import UnexplainedError, What
from valueboard.lib.figure import About
from valueboard.lib.months import DAWN

PREFIX = "w"
CLAIMS = "claims"
OTHERS = "others"
MOST_DIGITS = 6
DIGEST = 12
_SLUG = re.compile(r"[-\w]{1,130}")
_NUMBER = re.compile(rf"(?P<of>[ecy])(?P<number>[0-9]{{1,{MOST_DIGITS}}})", re.ASCII)
_TOKENS = re.compile(rf"k[0-9a-f]{{{DIGEST}}}", re.ASCII)
_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a figure is a figure of; `None` is what stands at the moment."""

    slug: str
    estimate: int | None = None
    case: int | None = None
    year: int | None = None
    day: date | None = None
    tokens: str = ""
    changed: What | None = None
    after: "Subject | None" = None


def workload_about(slug: str, at: str = "") -> About:
    """Return what names the figures of a workload."""
    return About(f"{PREFIX}:{slug}", at)


def claims_about(slug: str) -> About:
    """Return what names what current cases claim of that which the case of a workload draws on."""
    return About(f"{CLAIMS}:{slug}")


def others_about(slug: str) -> About:
    """Return what names the sums of what else the owner of a workload declared."""
    return About(f"{OTHERS}:{slug}")


def side_of(about: About, estimate: EstimateVersion | None, case: CaseVersion | None) -> About:
    """Return what names the figures of two versions; None of a case is that there was none."""
    return about.part(
        f"e{estimate.mark.version}" if estimate else "",
        f"c{case.mark.version}" if case else "c0",
    )


def asked_about(slug: str, standing: Standing, at: str = "") -> About:
    """Return what names the figures of what is asked for: the estimate that waits, and the case."""
    return side_of(workload_about(slug, at), standing.asked, standing.case)


def year_of(about: About, number: int) -> About:
    """Return what names the figures of a funding year, counted from 0."""
    return about.part(f"y{number}")


def month_of(about: About, month: date) -> About:
    """Return what names the figures of a month."""
    return about.part(f"{month:%Y-%m}")


def day_of(about: About, day: date) -> About:
    """Return what names the figures of a day."""
    return about.part(day.isoformat())


def tokens_of(about: About, since: date, *use: str) -> About:
    """Return what names tokens since a month: of one model, kind and unit."""
    return month_of(about, since).part(f"k{tokens_key(*use)}")


def tokens_key(*use: str) -> str:
    """Return a digest of model, kind and unit, which may be any text."""
    return hashlib.sha256("\0".join(use).encode()).hexdigest()[:DIGEST]


def change_of(before: About, after: About, what: What) -> About:
    """Return what names the difference of one figure between two sides of one workload."""
    root = ":".join(before.of.split(":")[:2])
    rest = [":".join(side.of.split(":")[2:]) for side in (before, after)]
    return replace(before, of=f"{root}:{what}:{rest[0]}~{rest[1]}") if before.of else before


def read_subject(of: str) -> Subject:
    """Read what follows `of=`; raise `UnexplainedError` where it names no workload."""
    first, _, second = of.partition("~")
    prefix, _, rest = first.partition(":")
    slug, *parts = rest.split(":")
    if prefix != PREFIX or not _SLUG.fullmatch(slug):
        raise UnexplainedError(of)
    subject = Subject(slug)
    for part in filter(None, parts):
        subject = _with(subject, part)
    if "~" not in of:
        return subject
    after = Subject(slug, changed=subject.changed)
    for part in filter(None, second.split(":")):
        after = _with(after, part)
    return replace(subject, after=after)


def _with(subject: Subject, part: str) -> Subject:
    if found := _NUMBER.fullmatch(part):
        number = int(found["number"])
        match found["of"]:
            case "e":
                return replace(subject, estimate=number)
            case "c":
                return replace(subject, case=number)
            case _:
                return replace(subject, year=number)
    if _TOKENS.fullmatch(part):
        return replace(subject, tokens=part[1:])
    try:
        if part in set(What):
            return replace(subject, changed=What(part))
        day = date.fromisoformat(f"{part}-01" if _MONTH.fullmatch(part) else part)
    except ValueError as error:
        raise UnexplainedError(part) from error
    if day < DAWN:
        raise UnexplainedError(part)
    return replace(subject, day=day)
