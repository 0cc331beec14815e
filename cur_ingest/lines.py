"""The daily lines that an engine holds of one delivery, their amounts finished.

An engine adds up. What its decimals can't do is done here, line by line, for the few lines that
need it: unused commitment is scaled to its net cost, and an amount in another currency than the
organisation's is converted.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pyarrow as pa

from cur_ingest.aggregation import FINE_KEYS, KEYS, NARROW
from cur_ingest.bases import BASES
from cur_ingest.conversion import ONE, Rates, add, converted, product, scaled
from cur_ingest.engines import Engine
from cur_ingest.formats import Format

LINES = "daily_lines"
COMMITMENTS = ("net_commitment", "gross_commitment")
AMOUNT = pa.decimal128(38, 24)
NO_RATES: Rates = {}


@dataclass(frozen=True, slots=True)
class Totals:
    """What a delivery adds up to in one currency, in every basis."""

    currency_code: str
    amortised: Decimal
    unblended: Decimal
    net_amortised: Decimal
    net_unblended: Decimal


@dataclass
class Aggregate:
    """The daily lines of one delivery, held by the engine until the block ends.

    `source_rows` counts rows of the files, `lines` those of the aggregate. `decimals` is how many
    the amounts carry: 12, or 24 where 12 would have rounded one. `remarks` say what the net bases
    are where they aren't AWS's own net costs, `totals` what each currency adds up to, none
    converted, and `payers` whose bill it is.
    """

    source_rows: int
    lines: int
    decimals: int
    format: Format
    remarks: tuple[str, ...]
    tag_columns: Mapping[str, str]
    engine: Engine = field(repr=False)
    totals: tuple[Totals, ...] = field(init=False)
    payers: tuple[str, ...] = field(init=False)
    # By currency: what its lines add up to, without the net cost of fees that are to be scaled.
    _sums: dict[str, dict[str, Decimal]] = field(init=False, repr=False, default_factory=dict)
    _fees: dict[str, list[list[Decimal]]] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Add up while the engine is there."""
        plain = "CASE WHEN gross_commitment IS NULL THEN net_amortised END"
        sums = (f"sum({plain if basis == 'net_amortised' else basis})" for basis in BASES)
        rows = self._rows(
            f"currency_code, payer_account_id, count(gross_commitment), {', '.join(sums)}",
            "GROUP BY currency_code, payer_account_id ORDER BY currency_code",
        )
        columns = f"currency_code, net_amortised, {', '.join(COMMITMENTS)}"
        scaled_lines = any(count for _, _, count, *_ in rows)
        of_fees = self._rows(columns, "WHERE gross_commitment IS NOT NULL") if scaled_lines else []
        self.payers = tuple(sorted({payer for _, payer, *_ in rows} - {""}))
        for code in dict.fromkeys(code for code, *_ in rows):
            mine = [amounts for of_code, _, _, *amounts in rows if of_code == code]
            columns_of_mine = zip(BASES, zip(*mine, strict=True), strict=True)
            self._sums[code] = {
                basis: add(each or Decimal(0) for each in amounts)
                for basis, amounts in columns_of_mine
            }
            self._fees[code] = [line for of_code, *line in of_fees if of_code == code]
        self.totals = tuple(Totals(code, **self._total(code, None)) for code in self._sums)

    @property
    def plain_columns(self) -> tuple[str, ...]:
        """Return the columns of each batch that aren't tags, in order."""
        return (*KEYS, *FINE_KEYS, "line_count", "usage_amount", *BASES)

    def total(self, rates: Rates) -> dict[str, Decimal]:
        """Return what all lines add up to by basis, each converted by its currency's rate.

        A currency without a rate is the organisation's.
        """
        found = [self._total(code, rates.get(code)) for code in self._sums]
        return {basis: add(total[basis] for total in found) for basis in BASES}

    def batches(self, rates: Rates = NO_RATES) -> Iterator[pa.RecordBatch]:
        """Stream the lines: days as date32, amounts as decimal128, keys as text ('' for none)."""
        names = [*self.plain_columns, *self.tag_columns.values()]
        query = f"SELECT {', '.join((*names, *COMMITMENTS))} FROM {LINES}"  # noqa: S608 - ours
        for batch in self.engine.batches(query):
            yield _finished(batch, rates).select(names)

    def _total(self, code: str, rate: Decimal | None) -> dict[str, Decimal]:
        """Return what the lines of one currency add up to, as `batches` has them."""
        if rate is not None and self.decimals > NARROW.decimals:
            # Each line's product may be rounded, so only the lines themselves tell the total.
            lines = (line for batch in self.batches({code: rate}) for line in batch.to_pylist())
            mine = [line for line in lines if line["currency_code"] == code]
            return {basis: add(line[basis] for line in mine) for basis in BASES}
        found = {b: product(amount, rate or ONE) for b, amount in self._sums[code].items()}
        fees = [scaled(*line, rate=rate or ONE) for line in self._fees[code]]
        return {**found, "net_amortised": add([found["net_amortised"], *fees])}

    def _rows(self, columns: str, rest: str) -> Sequence[tuple[Any, ...]]:
        return self.engine.rows(f"SELECT {columns} FROM {LINES} {rest}")  # noqa: S608 - ours


def _finished(batch: pa.RecordBatch, rates: Rates) -> pa.RecordBatch:
    """Scale and convert the amounts of those lines of a batch that ask for it."""
    gross = batch.column("gross_commitment")
    if not rates and gross.null_count == len(gross):
        return batch
    names = ("currency_code", *COMMITMENTS, *BASES)
    columns = {name: batch.column(name).to_pylist() for name in names}
    for at, (code, net, whole) in enumerate(
        zip(*(columns[name] for name in ("currency_code", *COMMITMENTS)), strict=True)
    ):
        rate = rates.get(code)
        for basis in BASES:
            if basis == "net_amortised" and whole is not None:
                columns[basis][at] = scaled(columns[basis][at], net, whole, rate=rate or ONE)
            elif rate is not None:
                columns[basis][at] = converted(columns[basis][at], rate)
    for basis in BASES:
        place = batch.schema.get_field_index(basis)
        batch = batch.set_column(place, basis, pa.array(columns[basis], AMOUNT))
    return batch
