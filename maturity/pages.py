"""Governance Maturity as pages show it: figures with their kind, words, and rows."""

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from django.conf import settings
from django.urls import reverse

from cur_ingest.bases import named
from maturity.counting import Counted
from maturity.evidence import Approval, Charged, Evidence, Opening, Subject, Unclaimed
from maturity.fixes import Act, Fix, Way
from maturity.formulas import Scored
from maturity.names import Names
from maturity.reports import Maturity
from maturity.score import Dimension, Measure, Share, Tier, shown
from maturity.words import decides_words, question
from valueboard.lib import formats
from valueboard.lib.explained import What
from valueboard.lib.figure import Figure, Kind
from valueboard.lib.money import to_cents

CURRENCY: str = settings.REPORTING_CURRENCY
FEW = 5  # rows that hold a dimension down, before the page of all of them

LABELS = {
    Measure.ATTRIBUTED: "Attributed to claimed workloads",
    Measure.CONFIRMED: "Estimate coverage: confirmed before the first cost",
    Measure.BACKED: "Case coverage: a declared business case",
    Measure.CONFIRMED_SPEND: "Estimate coverage, weighted by spend",
    Measure.BACKED_SPEND: "Case coverage, weighted by spend",
    Measure.ACKNOWLEDGED: "Approvals that acknowledged a declared case",
    Measure.WITHIN_WALK: "Within the tolerance of Walk",
    Measure.WITHIN_RUN: "Within the tolerance of Run",
    Measure.RESOLVED: "Resolved in time",
    Measure.ACTIONED: "Acted on in time",
}
NO_DATA = {
    Dimension.ATTRIBUTION: "No month of AI spend is closed yet; or a Space was chosen: unclaimed "
    "spend lies in no Space, so only the organisation has this coverage.",
    Dimension.ESTIMATE: "No workload is claimed yet.",
    Dimension.APPROVAL: "Nothing was approved in these 12 months.",
    Dimension.ACCURACY: "No workload has both an estimate and spend in a closed month.",
    Dimension.RESPONSE: "No gap was opened 30 to 120 days ago.",
}
# What the rows of a measure are, one and many.
NOUNS = {
    Measure.CONFIRMED: ("claimed workload", "claimed workloads"),
    Measure.BACKED: ("claimed workload", "claimed workloads"),
    Measure.ACKNOWLEDGED: ("approval", "approvals"),
    Measure.WITHIN_WALK: ("workload with plan and spend", "workloads with plan and spend"),
    Measure.WITHIN_RUN: ("workload with plan and spend", "workloads with plan and spend"),
    Measure.RESOLVED: ("gap", "gaps"),
    Measure.ACTIONED: ("gap", "gaps"),
}


@dataclass(frozen=True, slots=True)
class PartShown:
    """One numerator of a denominator, as shown: `42 of 50 claimed workloads`."""

    measure: Measure
    label: str
    percent: Figure | None
    counted: str
    part: Figure | None
    whole: Figure | None

    @property
    def is_beside(self) -> bool:
        """Tell whether it stands beside the score and is not in it."""
        return self.measure.is_beside


@dataclass(frozen=True, slots=True)
class HeldDown:
    """Something that holds a dimension down: why, and the spend at stake."""

    name: str
    url: str
    why: str
    spend: Figure | None


@dataclass(frozen=True, slots=True)
class FixShown:
    """One thing to do, with where it is done."""

    fix: Fix
    what: str
    url: str
    spend: Figure | None


@dataclass(frozen=True, slots=True)
class WayShown:
    """The shortest list that lifts a dimension: its first fixes, and how many more there are."""

    way: Way
    fixes: tuple[FixShown, ...]
    more: int


@dataclass(frozen=True, slots=True)
class DimensionShown:
    """One dimension of a page."""

    key: Dimension
    question: str
    version: int
    percent: Figure | None
    tier: Tier | None
    decides: str
    bounds_words: str
    parts: tuple[PartShown, ...]
    held_down: tuple[HeldDown, ...]
    holding: int
    # Where the tiers begin on the bar; none where a tier is not a matter of this percentage alone.
    walk_mark: Decimal | None = None
    run_mark: Decimal | None = None

    @property
    def label(self) -> str:
        """Return the name."""
        return self.key.label

    @property
    def main_parts(self) -> list[PartShown]:
        """Return the parts that the score is made of, without those beside it."""
        return [part for part in self.parts if not part.is_beside]

    @property
    def shows_spend(self) -> bool:
        """Tell whether what holds it down is about spend."""
        return any(row.spend for row in self.held_down)

    @property
    def no_data(self) -> str:
        """Say why there is no data; empty where there is."""
        return "" if self.tier else NO_DATA[self.key]


def dimensions_of(maturity: Maturity, names: Names | None = None) -> list[DimensionShown]:
    """Return the five dimensions as a page shows them; `names` names their explanations."""
    return [dimension_of(scored, maturity.evidence, names) for scored in maturity.scores.values()]


def ways_of(maturity: Maturity, names: Names | None = None) -> list[WayShown]:
    """Return what lifts each dimension to its next tier, the shortest list first."""
    return [way_of(way, maturity.evidence, names) for way in maturity.ways]


def dimension_of(scored: Scored, evidence: Evidence, names: Names | None = None) -> DimensionShown:
    """Return one dimension as a page shows it."""
    percent = percent_of(scored)
    parts = [_part(measure, share, evidence) for measure, share in scored.shares.items()]
    if names:
        percent = names.name(percent, What.MATURITY, scored.dimension)
        parts = [_named(part, names) for part in parts]
    lacking = _lacking(scored)
    walk, run = _marks(scored)
    return DimensionShown(
        key=scored.dimension,
        question=question(scored.dimension, evidence),
        version=scored.version,
        percent=percent,
        tier=scored.tier,
        decides=decides_words(scored),
        bounds_words=_bounds_words(scored),
        parts=tuple(parts),
        held_down=tuple(_held_down(rows, scored, evidence, names) for rows in lacking[:FEW]),
        holding=len(lacking),
        walk_mark=walk,
        run_mark=run,
    )


def percent_of(scored: Scored) -> Figure | None:
    """Return the percentage of a dimension as a figure; None without data."""
    formulas = {
        Dimension.ATTRIBUTION: "Attributed ÷ all positive AI usage charges",
        Dimension.ESTIMATE: "Mean of estimate and case coverage",
        Dimension.APPROVAL: "Approvals that acknowledged a declared case ÷ all approvals of 12 "
        "months",
        Dimension.ACCURACY: "Workloads within the tolerance of Walk ÷ workloads with both",
        Dimension.RESPONSE: "Gaps resolved in time ÷ gaps opened long enough ago",
    }
    return percent_figure(scored.percent, formulas[scored.dimension])


def percent_figure(exact: Fraction | None, formula: str) -> Figure | None:
    """Return an exact percentage as it is shown, rounded down to a tenth; None without data."""
    return None if exact is None else Figure(shown(exact), "%", Kind.DERIVED, formula=formula)


def counted_words(measure: Measure, share: Share) -> str:
    """Return a count of rows in words: `42 of 50 claimed workloads`."""
    one, many = NOUNS[measure]
    return f"{int(share.part)} of {int(share.whole)} {one if share.whole == 1 else many}"


def _lacking(scored: Scored) -> list[list[Counted]]:
    """Return what does not count, by what it is of, dearest first: thousands, of which few show."""
    lacking: dict[object, list[Counted]] = {}
    for measure, rows in scored.rows.items():
        if not measure.is_beside:
            for row in rows:
                if not row.counts:
                    lacking.setdefault(row.of, []).append(row)
    return sorted(
        lacking.values(), key=lambda rows: (-(at_stake(rows[0].of) or 0), rows[0].of.name)
    )


def _held_down(
    rows: list[Counted], scored: Scored, evidence: Evidence, names: Names | None
) -> HeldDown:
    subject = rows[0].of
    return HeldDown(
        subject.name,
        url_of(subject, evidence),
        _why_not(scored.dimension, rows),
        spend_of(subject, evidence, names),
    )


def _why_not(dimension: Dimension, rows: list[Counted]) -> str:
    """Say why a row does not count; the wide tolerance says enough of the narrow one."""
    whys = list(dict.fromkeys(row.why for row in rows))
    said = whys[0] if dimension is Dimension.ACCURACY else "; ".join(whys)
    of = rows[0].of
    return f"{of.kind_words}: {said}" if isinstance(of, Opening) and of.kind_words else said


def way_of(way: Way, evidence: Evidence, names: Names | None = None) -> WayShown:
    """Return a list of things to do as a page shows it."""
    fixes = tuple(fix_of(fix, evidence, names) for fix in way.fixes[:FEW])
    return WayShown(way, fixes, len(way.fixes) - len(fixes))


def fix_of(fix: Fix, evidence: Evidence, names: Names | None = None) -> FixShown:
    """Return one thing to do as a page shows it."""
    if fix.act is Act.CLAIM:
        url = f"{reverse('gaps')}?kind=unclaimed"
    else:
        url = reverse("workload", args=[fix.slug])
    spend = actual(fix.at_stake or None, evidence)
    if names and spend:
        spend = names.spend(spend, fix.of, evidence.period)
    return FixShown(fix, fix.act.words, url, spend)


def at_stake(of: Subject | Approval | Opening | Charged | Unclaimed) -> Decimal | None:
    """Return the spend of the last closed month that a row is about; None for none."""
    if isinstance(of, Subject):
        return of.spend or Decimal(0)
    return of.amount if isinstance(of, (Charged, Unclaimed)) else None


def spend_of(
    of: Subject | Approval | Opening | Charged | Unclaimed,
    evidence: Evidence,
    names: Names | None = None,
) -> Figure | None:
    """Return the spend that a row is about as a figure; None for none."""
    spend = actual(at_stake(of), evidence)
    return names.spend(spend, of, evidence.period) if names and spend else spend


def url_of(of: Subject | Approval | Opening | Charged | Unclaimed, evidence: Evidence) -> str:
    """Return where a row is looked at; empty where that is nowhere."""
    if isinstance(of, Unclaimed):
        if of.key:
            return f"{reverse('gaps')}?kind=unclaimed"
        period = evidence.charges.period if evidence.charges else evidence.today
        return f"{reverse('spend')}?month={period:%Y-%m}"
    if isinstance(of, Opening):
        return reverse("gap", args=[of.id])
    return reverse("workload", args=[of.slug]) if of.slug else ""


def actual(amount: Decimal | None, evidence: Evidence) -> Figure | None:
    """Return spend of the last closed month as a figure; None for none."""
    if amount is None or evidence.period is None:
        return None
    formula = f"{named(evidence.basis)} usage charges of {formats.month(evidence.period)}"
    return Figure(to_cents(amount), CURRENCY, Kind.ACTUAL, formula=formula)


def projected(amount: Decimal | None, evidence: Evidence) -> Figure | None:
    """Return what the last closed month was planned to cost as a figure; None for none."""
    if amount is None or evidence.period is None:
        return None
    formula = f"m·(1+g/100)^k for {formats.month(evidence.period)}"
    return Figure(to_cents(amount), CURRENCY, Kind.PROJECTED, formula=formula)


def _named(part: PartShown, names: Names) -> PartShown:
    return replace(
        part,
        percent=names.name(part.percent, What.MATURITY_SHARE, part.measure),
        part=names.name(part.part, What.MATURITY_PART, part.measure),
        whole=names.name(part.whole, What.MATURITY_WHOLE, part.measure),
    )


def _part(measure: Measure, share: Share, evidence: Evidence) -> PartShown:
    label = LABELS[measure]
    if measure.dimension is Dimension.ACCURACY:
        tier = measure.partition(".")[2]
        label = f"{label}: {_plain(evidence.limits[f'accuracy.{tier}_percent'])}%"
    if measure.is_money:
        formula = "Usage charges of the last closed month"
        return PartShown(
            measure,
            label,
            percent_figure(share.percent, formula),
            "",
            actual(share.part, evidence) if share.whole else None,
            actual(share.whole, evidence) if share.whole else None,
        )
    counted = counted_words(measure, share) if share.whole else f"no {NOUNS[measure][1]}"
    formula = f"{NOUNS[measure][1].capitalize()} that count ÷ all of them"
    return PartShown(measure, label, percent_figure(share.percent, formula), counted, None, None)


def _marks(scored: Scored) -> tuple[Decimal | None, Decimal | None]:
    limits = scored.limits
    if scored.dimension is Dimension.ESTIMATE:
        return None, None
    if scored.dimension is Dimension.ACCURACY:
        return limits["accuracy.share"], None
    return limits[f"{scored.dimension}.walk"], limits[f"{scored.dimension}.run"]


def _bounds_words(scored: Scored) -> str:
    """Say what the tier rests on."""
    limits, key = scored.limits, scored.dimension
    if key is Dimension.ACCURACY:
        share, wide, narrow = (
            _plain(limits[f"accuracy.{name}"]) for name in ("share", "walk_percent", "run_percent")
        )
        return (
            f"Walk from {share}% of them within {wide}% of the estimate, Run from {share}% within "
            f"{narrow}%"
        )
    walk, run = _plain(limits[f"{key}.walk"]), _plain(limits[f"{key}.run"])
    if key is Dimension.ATTRIBUTION:
        return f"Walk from {walk}%, Run above {run}%"
    if key is Dimension.ESTIMATE:
        return _estimate_words(scored, walk, run)
    if key is Dimension.RESPONSE:
        days = _plain(limits["response.days"])
        return f"Walk from {walk}%, Run from {run}%, resolved within {days} days"
    return f"Walk from {walk}%, Run from {run}%"


def _estimate_words(scored: Scored, walk: str, run: str) -> str:
    words = (
        f"Walk from {walk}% estimate coverage alone, Run from {run}% of both estimate and case "
        "coverage"
    )
    coverage = scored.shares[Measure.CONFIRMED].percent
    if scored.tier is Tier.CRAWL and coverage is not None:
        return f"{words}. Crawl, because estimate coverage is below {walk}%"
    return words


def _plain(limit: Decimal) -> str:
    return formats.number(limit)
