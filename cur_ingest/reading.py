"""Read a delivery: bind its files, aggregate them on an engine, refuse what can't be right."""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from cur_ingest import aggregation, canonical
from cur_ingest.aggregation import (
    AMORTISED,
    COMMITMENTS,
    NARROW,
    NET,
    SCALED,
    WIDE,
    Decimals,
    KnownAsAi,
)
from cur_ingest.canonical import Canonical
from cur_ingest.engines import Engine, File, opened
from cur_ingest.formats import FOCUS
from cur_ingest.lines import LINES, Aggregate
from cur_ingest.signals import Signal, matcher
from cur_ingest.sources import Layout, Manifest, NotTakenError, SourceError


@dataclass(frozen=True, slots=True)
class _Found:
    """What the lines of a delivery are, as a whole; `months` are their billing periods."""

    charge_types: Sequence[str]
    worst: int
    rows: int
    lines: int
    months: AbstractSet[date]
    without_period: int


@contextmanager
def aggregated(
    paths: Sequence[File],
    manifest: Manifest,
    *,
    tag_keys: Sequence[str],
    signals: Sequence[Signal],
) -> Iterator[Aggregate]:
    """Aggregate the files of a delivery to daily lines; SourceError when they can't be.

    The result doesn't need the files any more. `tag_keys` are normalised and each becomes a column
    (`Aggregate.tag_columns`); `signals` decide which lines are kept finer.
    """
    with opened() as engine:
        try:
            bound = canonical.bind(engine, paths, tag_keys=tag_keys, export=manifest.export)
            known = _known(engine, signals)
            held, found = NARROW, _hold(engine, bound, known, NARROW)
            if found.worst == aggregation.NEEDS_MORE_DECIMALS:
                held, found = WIDE, _hold(engine, bound, known, WIDE)
            if found.worst != aggregation.EXACT:
                _refuse_unheld(engine, bound, manifest, held)
            _refuse_other_period(found, manifest)
            _refuse_absent(found, bound, manifest)
            result = Aggregate(
                source_rows=found.rows,
                lines=found.lines,
                decimals=held.decimals,
                format=bound.format,
                remarks=tuple(_remarks(found, bound)),
                tag_columns=bound.tags,
                engine=engine,
            )
        except engine.errors as error:
            raise _explained(error, manifest) from error
        yield result


def _known(engine: Engine, signals: Sequence[Signal]) -> KnownAsAi:
    """Look up which values of this delivery the signals know."""
    globs: dict[str, list[str]] = {}
    for signal in signals:
        for column in signal.columns:
            globs.setdefault(column, []).append(signal.pattern)
    names = globs.pop("product_name", [])
    columns = list(globs)
    query = f"SELECT DISTINCT {', '.join(columns)} FROM {canonical.TABLE}"  # noqa: S608 - ours
    rows = engine.rows(query) if columns else []
    values: dict[str, set[str]] = {}
    for column, texts in zip(columns, zip(*rows, strict=True), strict=False):
        matchers = [matcher(pattern) for pattern in globs[column]]
        values[column] = {text for text in {*texts} - {None} if any(m(text) for m in matchers)}
    return KnownAsAi(values, names)


def _hold(engine: Engine, bound: Canonical, known: KnownAsAi, held: Decimals) -> _Found:
    """Have the engine hold the lines, and look at them as a whole.

    In one query: of some engines each one costs a second.
    """
    engine.hold(LINES, aggregation.aggregate(bound, known=known, held=held))
    rows = engine.rows(
        "SELECT charge_type, max(precision), sum(line_count), count(*), "  # noqa: S608 - ours
        "min(first_billing_start)::DATE, max(last_billing_start)::DATE, sum(without_period) "
        f"FROM {LINES} GROUP BY charge_type"
    )
    charge_types, worst, counts, lines, first, last, without = (
        zip(*rows, strict=True) if rows else ((),) * 7
    )
    return _Found(
        charge_types=sorted(charge_types),
        worst=max(worst, default=aggregation.EXACT),
        rows=int(sum(counts)),
        lines=sum(lines),
        months={day.replace(day=1) for day in (*first, *last) if day is not None},
        without_period=int(sum(without)),
    )


def _refuse_unheld(engine: Engine, bound: Canonical, manifest: Manifest, held: Decimals) -> None:
    """Name the column whose value is infinite, not a number, too large or too finely divided."""
    limit = f"{held.limit:.0f}"
    for name in bound.costs:
        column = bound.format.costs[name]
        (found,) = engine.rows(
            f"SELECT max({name}::VARCHAR) FROM {canonical.TABLE} "  # noqa: S608 - names are ours
            # As text, because the engine trusts the files' statistics, which leave NaN out.
            f"WHERE lower({name}::VARCHAR) LIKE '%n%' OR abs({name}::DOUBLE) >= {limit}",
        )
        if found[0] is not None:
            message = f"{_where(manifest)}: {column} holds {found[0]}, which is no amount of money."
            raise SourceError(message)
    message = (
        f"{_where(manifest)}: a cost has more than {held.decimals} decimals and can't be held "
        "exactly. Nothing was loaded."
    )
    raise SourceError(message)


def _refuse_other_period(found: _Found, manifest: Manifest) -> None:
    if found.without_period:
        message = f"{_where(manifest)}: {found.without_period} rows name no billing period."
        raise NotTakenError(message)
    for month in sorted(found.months - {manifest.period}):
        message = (
            f"{_where(manifest)}: a row belongs to the billing period {month:%Y-%m}. "
            "The delivery is not of this period; have the export delivered again."
        )
        raise NotTakenError(message)


def _refuse_absent(found: _Found, bound: Canonical, manifest: Manifest) -> None:
    """Refuse rows whose amortised cost needs a column that the export doesn't have.

    Legacy reports leave out a column when nothing in the month uses it, so there only all of a
    charge type's columns missing together is an error; CUR 2.0 has what was chosen.
    """
    if bound.format is FOCUS:
        return  # its amortised cost is one column, required of every file
    for charge_type in found.charge_types:
        needed = [bound.format.costs[column] for _, column in AMORTISED.get(charge_type, ())]
        absent = [column for column in needed if column in bound.absent]
        if absent and (manifest.layout is Layout.DATA_EXPORT or absent == needed):
            message = (
                f"{_where(manifest)}: rows of type {charge_type} need the column {absent[0]} for "
                "their amortised cost. Add it to the export and have it delivered again."
            )
            raise SourceError(message)


def _remarks(found: _Found, bound: Canonical) -> Iterator[str]:
    """Say what the net bases are where they aren't AWS's own net costs throughout."""
    costs = bound.costs.keys()
    if bound.format is FOCUS:
        yield (
            "FOCUS costs are after negotiated discounts already: the net bases are the same as "
            "unblended (BilledCost) and amortised (EffectiveCost)."
        )
        return
    if not costs & NET.values():
        yield "The export has no net costs: the net bases are the same as the gross ones."
        return
    names = bound.format.costs
    if NET["unblended"] not in costs:
        yield f"The export lacks {names[NET['unblended']]}: net unblended is the gross cost."
    for charge_type in found.charge_types:
        wanted = [NET.get(term) for _, term in AMORTISED.get(charge_type, ())]
        lacking = [names[net] for net in wanted if net is not None and net not in costs]
        if charge_type == SCALED and not any(costs >= set(pair) for pair in COMMITMENTS):
            lacking = [names[COMMITMENTS[0][0]]]
        if lacking:
            yield (
                f"The export lacks {' and '.join(lacking)}: net amortised cost of rows of type "
                f"{charge_type} is the gross one."
            )


def _where(manifest: Manifest) -> str:
    return f"{manifest.export} {manifest.period:%Y-%m}"


def _explained(error: Exception, manifest: Manifest) -> SourceError:
    reason = str(error).splitlines()[0]
    return SourceError(f"{_where(manifest)}: the files can't be read as cost data ({reason}).")
