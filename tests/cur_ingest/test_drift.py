"""One small delivery, written in every way that exports drift: the same daily lines each time."""

import json
import random
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cur_ingest.sources import SourceError
from tests.cur_ingest.deliveries import PERIOD, deliver, write_manifest
from tests.cur_ingest.reading import read

START = "bill_billing_period_start_date"
DAY = "line_item_usage_start_date"
COST = "line_item_unblended_cost"
NET = "line_item_net_unblended_cost"
TAGS = "resource_tags"
TIMES = (START, DAY)
COSTS = (
    COST,
    NET,
    "savings_plan_savings_plan_effective_cost",
    "savings_plan_net_savings_plan_effective_cost",
    "reservation_unused_recurring_fee",
    "reservation_unused_amortized_upfront_fee_for_billing_period",
    "reservation_effective_cost",
)
KEYS = ("workload", "cost_center", "aws_created_by")
CLAUDE = "Claude Opus 5.5 (Amazon Bedrock Edition)"


def row(day: int, cost: float, **more: Any) -> dict[str, Any]:
    """A row with every column; the keyword arguments are columns."""
    return {
        START: datetime(2026, 9, 1, tzinfo=UTC),
        DAY: datetime(2026, 9, day, 23, tzinfo=UTC),
        COST: cost,
        NET: None,
        **dict.fromkeys(COSTS[2:]),
        "line_item_line_item_type": "Usage",
        "line_item_usage_account_id": "111122223333",
        "line_item_product_code": "AmazonBedrock",
        "line_item_usage_type": "USE1-NovaLite-input-tokens",
        "line_item_resource_id": "arn:aws:bedrock:us-east-1:1:inference-profile/a",
        "line_item_currency_code": "USD",
        "bill_payer_account_id": "999900001111",
        "bill_billing_entity": "AWS",
        "product_region_code": "us-east-1",
        "product": {"product_name": "Amazon Bedrock"},
        TAGS: {"user_workload": "chat"},
        **more,
    }


ROWS = [
    row(5, 1.5),
    row(5, 0.1, **{NET: 0.09}),
    row(5, 1234567890.12, **{TAGS: {"user_workload": "chat", "user_cost_center": "4711"}}),
    row(6, 2.25, **{TAGS: {"aws_created_by": "Root:1", "user_cost_center": 'it\'s "7"'}}),
    row(6, 3.0000000001, **{TAGS: {}, "line_item_product_code": "AmazonEC2"}),
    row(6, 0.0, **{TAGS: None, "line_item_resource_id": None}),
    row(7, 9.0, bill_billing_entity="AWS Marketplace", product={"product_name": CLAUDE}),
    row(7, -4.2, line_item_line_item_type="Credit", product=None),
    row(
        30,
        5.0,
        line_item_line_item_type="SavingsPlanCoveredUsage",
        savings_plan_savings_plan_effective_cost=3.5,
        savings_plan_net_savings_plan_effective_cost=3.15,
    ),
    row(30, 7.0, line_item_line_item_type="RIFee", reservation_unused_recurring_fee=0.7),
]


# --- what drifts: names, costs, times, tags ---


def camel(name: str) -> str:
    """`line_item_unblended_cost` as the report's dictionary spells it: lineItem/UnblendedCost."""
    for group in ("line_item_", "bill_", "product_", "savings_plan_", "reservation_"):
        if name.startswith(group):
            words = name.removeprefix(group).split("_")
            head, *rest = group.rstrip("_").split("_")
            return f"{head}{''.join(map(str.title, rest))}/{''.join(map(str.title, words))}"
    return name


NAMES: dict[str, Callable[[str], str]] = {
    "plain": str,
    "upper": str.upper,
    "title": str.title,
    "dictionary": camel,
}


def utc(value: datetime) -> str:
    return value.strftime("%Y-%m-%dT%H:%M:%SZ")


EAST = timezone(timedelta(hours=5, minutes=30))
TIME_TYPES: dict[str, tuple[pa.DataType, Callable[[datetime], Any]]] = {
    "utc": (pa.timestamp("ms", "UTC"), lambda at: at),
    "naive": (pa.timestamp("ms"), lambda at: at.replace(tzinfo=None)),
    "nanoseconds": (pa.timestamp("ns"), lambda at: at.replace(tzinfo=None)),
    "zone": (pa.timestamp("us", "Asia/Kolkata"), lambda at: at),
    "text": (pa.string(), utc),
    "text without zone": (pa.string(), lambda at: f"{at:%Y-%m-%d %H:%M:%S}"),
    "text with offset": (pa.string(), lambda at: at.astimezone(EAST).isoformat()),
}
COST_TYPES: dict[str, tuple[pa.DataType, Callable[[float], Any]]] = {
    "double": (pa.float64(), lambda cost: cost),
    "text": (pa.string(), repr),
    "text in full": (pa.string(), lambda cost: f"{Decimal(repr(cost)):.12f}"),
    "decimal": (pa.decimal128(28, 10), lambda cost: Decimal(repr(cost))),
}
TEXT_MAP = pa.map_(pa.string(), pa.string())


def flat(name: str, key: str) -> str:
    return f"{name}_{key}"


@dataclass(frozen=True)
class Way:
    """One way to write a file."""

    names: str = "plain"
    costs: str = "double"
    times: str = "utc"
    tags: str = "map"
    shuffle: int = 0


def write(path: Path, rows: list[dict[str, Any]], way: Way) -> None:
    """Write rows in one way."""
    columns: list[tuple[str, pa.DataType, list[Any]]] = []
    convert: Callable[[Any], Any]
    for name in rows[0]:
        values = [each[name] for each in rows]
        if name in TIMES:
            kind, convert = TIME_TYPES[way.times]
        elif name in COSTS:
            kind, convert = COST_TYPES[way.costs]
        elif name in {TAGS, "product"}:
            columns += _tags(name, values, way.tags)
            continue
        else:
            kind, convert = pa.string(), str
        written = [None if value is None else convert(value) for value in values]
        columns.append((name, kind, written))
    random.Random(way.shuffle).shuffle(columns)  # noqa: S311 - an order, not a secret
    rename = NAMES[way.names]
    names = [rename(name) if "/" not in name else name for name, _, _ in columns]
    arrays = [pa.array(values, kind) for _, kind, values in columns]
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(arrays, names), path)


def _tags(
    name: str, values: list[dict[str, str] | None], how: str
) -> list[tuple[str, pa.DataType, list[Any]]]:
    if how == "map":
        pairs = [None if value is None else list(value.items()) for value in values]
        return [(name, TEXT_MAP, pairs)]
    if how == "json":
        return [(name, pa.string(), [None if v is None else json.dumps(v) for v in values])]
    keys = sorted({key for value in values for key in value or ()})
    if how == "struct" and keys:
        kind = pa.struct([(key, pa.string()) for key in keys])
        return [(name, kind, values)]
    if how == "raw" and name == TAGS:
        raw = [[(_as_typed(key), text) for key, text in (value or {}).items()] for value in values]
        return [("tags", TEXT_MAP, raw)]
    if name == "product":
        texts = [(value or {}).get("product_name", "") for value in values]
        return [("product_product_name", pa.string(), texts)]
    # The legacy report writes '' where there is no tag.
    return [
        (flat(name, key), pa.string(), [(value or {}).get(key, "") for value in values])
        for key in keys
    ]


def _as_typed(key: str) -> str:
    """A key as somebody typed it, as the `tags` map of CUR 2.0 has it."""
    typed = {"user_workload": "Workload", "user_cost_center": "Cost Center"}
    return f"resourceTags/{typed.get(key, 'aws:createdBy')}"


def lines_of(folder: Path, *files: tuple[list[dict[str, Any]], Way]) -> list[tuple[Any, ...]]:
    """Write a delivery, a file per way, and return its daily lines in an order of their own."""
    keys = [f"data/BILLING_PERIOD=2026-09/ai-{n:05}.snappy.parquet" for n in range(len(files))]
    for key, (rows, way) in zip(keys, files, strict=True):
        write(folder / key, rows, way)
    write_manifest(folder, keys)
    result, lines = read(folder, PERIOD, tag_keys=KEYS)
    assert result.decimals == 12
    return sorted((tuple(sorted(line.items())) for line in lines), key=repr)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Any, ...]]:
    """The lines of the plain file."""
    lines = lines_of(tmp_path_factory.mktemp("plain"), (ROWS, Way()))
    found = [dict(line) for line in lines]
    assert sum(line["unblended"] for line in found) == Decimal("1234567913.7700000001")
    assert sum(line["net_amortised"] for line in found) == Decimal("1234567905.6100000001")
    assert {line["cost_center"] for line in found} == {"", "4711", 'it\'s "7"'}
    assert {line["product_name"] for line in found} == {"", "Amazon Bedrock", CLAUDE}
    return lines


WAYS = [
    *(Way(names=names) for names in NAMES),
    *(Way(costs=costs) for costs in COST_TYPES),
    *(Way(times=times) for times in TIME_TYPES),
    *(Way(tags=tags) for tags in ("map", "json", "struct", "flat", "raw")),
    *(Way(shuffle=seed) for seed in (1, 2)),
    Way(names="upper", tags="flat"),
    Way(names="title", tags="flat"),
    Way("dictionary", "text", "text with offset", "json", 3),
]


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_every_way_of_writing_reads_alike(
    tmp_path: Path, plain: list[tuple[Any, ...]], way: Way
) -> None:
    assert lines_of(tmp_path, (ROWS, way)) == plain


ways = st.builds(
    Way,
    names=st.sampled_from(sorted(NAMES)),
    costs=st.sampled_from(sorted(COST_TYPES)),
    times=st.sampled_from(sorted(TIME_TYPES)),
    tags=st.sampled_from(["map", "json", "struct", "flat", "raw"]),
    shuffle=st.integers(0, 9),
)


@settings(max_examples=20, deadline=None)
@given(each=st.lists(ways, min_size=2, max_size=4), split=st.randoms(use_true_random=False))
def test_files_of_a_delivery_may_drift_apart(
    plain: list[tuple[Any, ...]], each: list[Way], split: random.Random
) -> None:
    rows = split.sample(ROWS, len(ROWS))
    files = [(rows[number :: len(each)], way) for number, way in enumerate(each)]
    with tempfile.TemporaryDirectory() as folder:
        assert lines_of(Path(folder), *files) == plain


# --- what is missing ---


def without(*columns: str) -> list[dict[str, Any]]:
    return [{name: value for name, value in each.items() if name not in columns} for each in ROWS]


@pytest.mark.parametrize(
    ("columns", "changed"),
    [
        ((NET, "savings_plan_net_savings_plan_effective_cost"), ("net_unblended", "net_amortised")),
        (("line_item_resource_id",), ("resource",)),
        ((TAGS,), KEYS),
        (("product",), ("product_name",)),
        (("product_region_code",), ("region",)),
        (("line_item_usage_type",), ("usage_type",)),
        (("bill_payer_account_id",), ("payer_account_id",)),
    ],
)
def test_a_missing_column_takes_nothing_else_along(
    tmp_path: Path,
    plain: list[tuple[Any, ...]],
    columns: tuple[str, ...],
    changed: tuple[str, ...],
) -> None:
    """Lines that differed in it alone become one; every amount but its own stays."""
    found = _added(lines_of(tmp_path, (without(*columns), Way())), changed)
    assert found == _added(plain, changed)


def _added(lines: list[tuple[Any, ...]], left_out: tuple[str, ...]) -> dict[str, list[Decimal]]:
    amounts = ("line_count", "unblended", "amortised", "net_unblended", "net_amortised")
    sums: dict[str, list[Decimal]] = {}
    for line in map(dict, lines):
        key = repr(
            {k: v for k, v in line.items() if k not in {*amounts, *left_out, "usage_amount"}}
        )
        held = sums.setdefault(key, [Decimal(0)] * len(amounts))
        for place, name in enumerate(amounts):
            held[place] += 0 if name in left_out else line[name]
    return sums


def test_two_columns_of_one_name_are_refused(tmp_path: Path) -> None:
    rows = [{"lineItem/UnblendedCost": 1.0}]
    with pytest.raises(SourceError, match="two columns that both read as line_item_unblended_cost"):
        read(deliver(tmp_path, rows), PERIOD)


def small(folder: Path, costs: list[float], tags: list[Any]) -> Path:
    """Write a delivery with the columns that it needs, and tags as they are given."""
    key = "data/BILLING_PERIOD=2026-09/ai-00001.snappy.parquet"
    write_manifest(folder, [key])
    columns = {name: [ROWS[0][name]] * len(costs) for name in (*TIMES, "line_item_line_item_type")}
    (folder / key).parent.mkdir(parents=True)
    pq.write_table(pa.table({**columns, COST: costs, TAGS: tags}), folder / key)
    return folder


def test_tags_of_an_unknown_kind_are_refused_and_not_overlooked(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="resource_tags is of type DOUBLE, in which no tags"):
        read(small(tmp_path, [1.0], [5.5]), PERIOD)


def test_text_that_is_no_json_holds_no_tags(tmp_path: Path) -> None:
    _, (line,) = read(small(tmp_path, [1.0, 2.0], ["", "{nonsense"]), PERIOD)
    assert (line["workload"], line["unblended"]) == ("", Decimal(3))


def test_a_column_may_be_called_anything(tmp_path: Path) -> None:
    folder = small(tmp_path, [1.0], [None])
    (path,) = folder.rglob("*.parquet")
    table = pq.read_table(path).drop_columns(["resource_tags"])
    name = 'resource_tags_user_workload"'
    pq.write_table(table.append_column(name, pa.array(["chat"])), path)
    _, lines = read(folder, PERIOD)
    assert [line["workload"] for line in lines] == ["chat"]
