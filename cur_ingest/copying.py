"""Daily lines as the CSV that PostgreSQL's COPY takes, built by whole columns.

Row by row in Python, sixty thousand lines took as long as adding up millions of rows. What depends
on a few distinct texts (tags as JSON, usage classes) is worked out once for each of them. In CSV ""
is an empty text and nothing at all is NULL.
"""

import io
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from cur_ingest.conversion import Rates
from cur_ingest.lines import Aggregate
from cur_ingest.models import Delivery
from cur_ingest.usage_classes import UsageClass, classify

WITHOUT_HEADER = csv.WriteOptions(include_header=False)
# Between the texts of one line; PostgreSQL keeps it in none.
BETWEEN = "\0"


def blocks(delivery: Delivery, aggregate: Aggregate, rates: Rates) -> Iterator[bytes]:
    """Yield the lines of a delivery, in the order of staging.COLUMNS, converted by the rates."""
    keys = list(aggregate.tag_columns)

    def tags_of(*texts: str) -> tuple[str]:
        return (json.dumps({key: text for key, text in zip(keys, texts, strict=True) if text}),)

    for batch in aggregate.batches(rates):
        ours = [delivery.pk, delivery.export_id, delivery.period]
        tags = [batch.column(name) for name in aggregate.tag_columns.values()]
        usage = [batch.column("usage_type"), batch.column("product_name")]
        columns = [
            *(pa.repeat(value, len(batch)) for value in ours),
            *(batch.column(name) for name in aggregate.plain_columns),
            *(_worked_out(tags, tags_of, 1) if tags else [pa.repeat("{}", len(batch))]),
            *_worked_out(usage, classify, len(UsageClass._fields)),
        ]
        block = io.BytesIO()
        csv.write_csv(
            pa.record_batch(columns, [str(number) for number in range(len(columns))]),
            block,
            WITHOUT_HEADER,
        )
        yield block.getvalue()


def _worked_out(
    texts: Sequence[pa.Array], of: Callable[..., Sequence[Any]], width: int
) -> list[pa.Array]:
    """Return `width` columns of what `of` makes of the texts of each line."""
    joined = pc.binary_join_element_wise(*texts, BETWEEN) if len(texts) > 1 else texts[0]
    encoded = joined.dictionary_encode()
    found = [of(*text.split(BETWEEN, len(texts) - 1)) for text in encoded.dictionary.to_pylist()]
    columns = zip(*found, strict=True) if found else [()] * width
    return [pa.array(map(str, column), pa.string()).take(encoded.indices) for column in columns]
