"""The spend of a month as rows of a file, and a sheet that says what the figures come from."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from cur_ingest.bases import BASIS_WORDS
from cur_ingest.currencies import totals_by_currency
from cur_ingest.ruled_by import rules_of, signals_of
from cur_ingest.statements import Proof, SpendMonth, Statement
from valueboard.lib.sheets import Cell, Sheet, exact

HEAD = ("month", "what", "name", "space", "export", "basis", "kind", "currency", "amount")
Row = Sequence[Cell]


def rows_of(month: SpendMonth, known_at: datetime) -> Iterator[Row]:
    """Yield the head, the workloads, the proof in every basis in total and per export, and a note.

    Amounts are decimals, to the last digit.
    """
    yield HEAD
    period = f"{month.period:%Y-%m}"
    for row in month.workloads:
        figure, workload = row.amount, row.workload
        head = (period, "workload", workload.name, workload.space.name, "", month.basis)
        yield (*head, figure.kind.value, figure.unit, figure.amount)
    for proof in month.proofs:
        yield from _proof(period, "", proof)
    for each in month.exports:
        for proof in each.proofs:
            yield from _proof(period, each.run.export.name, proof)
    note = f"Month {month.state.words}; as of {_at(known_at)}"
    yield (period, "note", note, "", "", "", "", "", "")
    for run in month.left_out:
        words = f"Left out of all figures by {run.recorded_by}, {_at(run.recorded_at)}"
        yield (period, "note", words, "", run.export.name, "", "", "", "")


def sheets_of(month: SpendMonth, who: str, known_at: datetime) -> Iterator[Sheet]:
    """Yield the sheet of the month, and the sheet about it."""
    yield Sheet(f"{month.period:%Y-%m}", _with_all_digits(rows_of(month, known_at)))
    yield Sheet("About", _about(month, who, known_at))


def _with_all_digits(rows: Iterator[Row]) -> Iterator[Row]:
    """Yield the rows with each amount as text too: a spreadsheet's numbers hold about 15 digits."""
    yield (*next(rows), "to the last digit")
    for row in rows:
        yield (*row, exact(row[-1]) if isinstance(row[-1], Decimal) else "")


def _proof(period: str, export: str, proof: Proof) -> Iterator[Row]:
    lines = [(each.part.label, each.amount) for each in proof.parts]
    totals = [("Sum of the parts", proof.total), ("Total of the deliveries", proof.delivered)]
    for words, figure in [*lines, *totals]:
        head = (period, "proof", words, "", export, proof.basis)
        yield (*head, figure.kind.value, figure.unit, figure.amount)


def _about(month: SpendMonth, who: str, known_at: datetime) -> Iterator[Row]:
    yield ("what", "value", "by", "at", "why")
    yield ("month", f"{month.period:%Y-%m}", "", "", "")
    yield ("state", month.state.words, "", "", "")
    yield ("basis that pages show", f"{month.shown.name}: {BASIS_WORDS[month.basis]}", "", "", "")
    yield ("exported", "", who, _at(known_at), "")
    for closing in month.state.closings:
        yield (
            f"closing, version {closing.version}",
            closing.get_cause_display(),
            str(closing.recorded_by or "ValueBoard"),
            _at(closing.recorded_at),
            closing.reason,
        )
    for each in month.exports:
        yield from _export(each)
    for run in month.left_out:
        who = str(run.recorded_by)
        yield ("left out of all figures", str(run.export), who, _at(run.recorded_at), run.reason)
    for waiting in month.adjustments:
        delivery = waiting.run.delivery
        words = f"{waiting.run.export}, delivery {delivery.version}, {delivery.execution}"
        yield ("waits beside the closed month", words, "", _at(delivery.recorded_at), "")
    moments = {each.run.ruled_at for each in month.exports}
    for kind, versions in (
        ("rule", rules_of(month.period, moments)),
        ("signal", signals_of(month.period, moments)),
    ):
        for version in versions:
            yield (
                f"{kind} version in force",
                f"{version} (version id {version.pk}, v{version.version})",
                str(version.recorded_by or "ValueBoard"),
                _at(version.recorded_at),
                version.reason,
            )


def _export(each: Statement) -> Iterator[Row]:
    run, delivery = each.run, each.run.delivery
    yield (
        f"delivery of {run.export}",
        f"version {delivery.version}, {delivery.execution}, {delivery.source_rows} rows",
        str(delivery.recorded_by or "ValueBoard"),
        _at(delivery.recorded_at),
        "",
    )
    yield (
        f"attribution run of {run.export}",
        f"version {run.version}, {run.get_cause_display()}",
        str(run.recorded_by or "ValueBoard"),
        _at(run.recorded_at),
        run.reason,
    )
    for total in totals_by_currency(delivery):
        yield (
            f"charged in {total.code}, {total.basis}",
            total.charged.amount,
            f"rate {total.rate}",
            "" if total.version is None else f"rate version {total.version}",
            "",
        )


def _at(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
