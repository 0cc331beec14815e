"""Read a delivery: bind its files, aggregate them on an engine, refuse what can't be right."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

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
from cur_ingest.engines import DuckDB, Engine
from cur_ingest.formats import FOCUS
from cur_ingest.lines import LINES, Aggregate
from cur_ingest.signals import Signal, matcher
from cur_ingest.sources import Layout, Manifest, NotTakenError, SourceError


@contextmanager
def aggregated(
    paths: Sequence[Path],
    manifest: Manifest,
    *,
    tag_keys: Sequence[str],
    signals: Sequence[Signal],
) -> Iterator[Aggregate]:
    """Aggregate the files of a delivery to daily lines; SourceError when they can't be.

    The result doesn't need the files any more. `tag_keys` are normalised and each becomes a column
    (`Aggregate.tag_columns`); `signals` decide which lines are kept finer.
    """
    with DuckDB.opened() as engine:
        try:
            bound = canonical.bind(engine, paths, tag_keys=tag_keys, export=manifest.export)
            known = _known(engine, signals)
            held = _materialise(engine, bound, known, NARROW)
            if _worst(engine) == aggregation.NEEDS_MORE_DECIMALS:
                held = _materialise(engine, bound, known, WIDE)
            _refuse_unheld(engine, bound, manifest, held)
            _refuse_other_period(engine, manifest)
            _refuse_absent(engine, bound, manifest)
            rows, lines = _counts(engine)
            result = Aggregate(
                source_rows=rows,
                lines=lines,
                decimals=held.decimals,
                format=bound.format,
                remarks=tuple(_remarks(engine, bound)),
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
    values: dict[str, set[str]] = {}
    for column, patterns in globs.items():
        matchers = [matcher(pattern) for pattern in patterns]
        rows = engine.rows(f"SELECT DISTINCT {column} FROM {canonical.TABLE}")  # noqa: S608 - ours
        values[column] = {text for (text,) in rows if any(match(text) for match in matchers)}
    return KnownAsAi(values, names)


def _materialise(
    engine: Engine,
    bound: Canonical,
    known: KnownAsAi,
    held: Decimals,
) -> Decimals:
    lines = aggregation.aggregate(bound, known=known, held=held)
    engine.hold(LINES, lines)
    return held


def _row(engine: Engine, query: str) -> tuple[object, ...]:
    return next(iter(engine.rows(query)), ())


def _worst(engine: Engine) -> object:
    return _row(engine, f"SELECT coalesce(max(precision), 0) FROM {LINES}")[0]  # noqa: S608 - ours


def _counts(engine: Engine) -> tuple[int, int]:
    rows, lines = _row(engine, f"SELECT coalesce(sum(line_count), 0), count(*) FROM {LINES}")  # noqa: S608 - ours
    return int(str(rows)), int(str(lines))


def _refuse_unheld(engine: Engine, bound: Canonical, manifest: Manifest, held: Decimals) -> None:
    """Name the column whose value is infinite, not a number, too large or too finely divided."""
    if _worst(engine) == aggregation.EXACT:
        return
    limit = f"{held.limit:.0f}"
    for name in bound.costs:
        column = bound.format.costs[name]
        found = _row(
            engine,
            f"SELECT any_value({name}::VARCHAR) FROM {canonical.TABLE} "  # noqa: S608 - names are ours
            # As text, because the engine trusts the files' statistics, which leave NaN out.
            f"WHERE contains(lower({name}::VARCHAR), 'n') OR abs({name}::DOUBLE) >= {limit}",
        )
        if found[0] is not None:
            message = f"{_where(manifest)}: {column} holds {found[0]}, which is no amount of money."
            raise SourceError(message)
    message = (
        f"{_where(manifest)}: a cost has more than {held.decimals} decimals and can't be held "
        "exactly. Nothing was loaded."
    )
    raise SourceError(message)


def _refuse_other_period(engine: Engine, manifest: Manifest) -> None:
    first, last, without = _row(
        engine,
        "SELECT min(first_billing_start)::DATE, max(last_billing_start)::DATE, "  # noqa: S608 - ours
        f"coalesce(sum(without_period), 0) FROM {LINES}",
    )
    if without:
        message = f"{_where(manifest)}: {without} rows name no billing period."
        raise NotTakenError(message)
    for found in (first, last):
        if isinstance(found, date) and found.replace(day=1) != manifest.period:
            message = (
                f"{_where(manifest)}: a row belongs to the billing period {found:%Y-%m}. "
                "The delivery is not of this period; have the export delivered again."
            )
            raise NotTakenError(message)


def _refuse_absent(engine: Engine, bound: Canonical, manifest: Manifest) -> None:
    """Refuse rows whose amortised cost needs a column that the export doesn't have.

    Legacy reports leave out a column when nothing in the month uses it, so there only all of a
    charge type's columns missing together is an error; CUR 2.0 has what was chosen.
    """
    if bound.format is FOCUS:
        return  # its amortised cost is one column, required of every file
    for charge_type in _charge_types(engine):
        needed = [bound.format.costs[column] for _, column in AMORTISED.get(charge_type, ())]
        absent = [column for column in needed if column in bound.absent]
        if absent and (manifest.layout is Layout.DATA_EXPORT or absent == needed):
            message = (
                f"{_where(manifest)}: rows of type {charge_type} need the column {absent[0]} for "
                "their amortised cost. Add it to the export and have it delivered again."
            )
            raise SourceError(message)


def _remarks(engine: Engine, bound: Canonical) -> Iterator[str]:
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
    for charge_type in _charge_types(engine):
        wanted = [NET.get(term) for _, term in AMORTISED.get(charge_type, ())]
        lacking = [names[net] for net in wanted if net is not None and net not in costs]
        if charge_type == SCALED and not any(costs >= set(pair) for pair in COMMITMENTS):
            lacking = [names[COMMITMENTS[0][0]]]
        if lacking:
            yield (
                f"The export lacks {' and '.join(lacking)}: net amortised cost of rows of type "
                f"{charge_type} is the gross one."
            )


def _charge_types(engine: Engine) -> Sequence[str]:
    rows = engine.rows(f"SELECT DISTINCT charge_type FROM {LINES} ORDER BY 1")  # noqa: S608 - ours
    return [charge_type for (charge_type,) in rows]


def _where(manifest: Manifest) -> str:
    return f"{manifest.export} {manifest.period:%Y-%m}"


def _explained(error: Exception, manifest: Manifest) -> SourceError:
    reason = str(error).splitlines()[0]
    return SourceError(f"{_where(manifest)}: the files can't be read as cost data ({reason}).")
