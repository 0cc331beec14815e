"""Athena gets the same query as DuckDB, and its requests and errors go their way.

Nothing here runs on Athena: SQL is compared by its structure, AWS stands behind boto3's own stub.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import boto3
import ibis
import pyarrow.parquet as pq
import pytest
import sqlglot
from botocore.stub import ANY, Stubber
from pytest_django.fixtures import Settings
from sqlglot import exp

from cur_ingest import aggregation, canonical
from cur_ingest.aggregation import NARROW, WIDE, Decimals, KnownAsAi
from cur_ingest.engines import Columns, File, athena
from cur_ingest.engines.athena import Athena, AthenaError, table_of_files, translated, type_of
from cur_ingest.engines.embedded import DuckDB
from tests.cur_ingest.test_drift import ROWS, Way, write

STAGING = "s3://staging/valueboard"
KNOWN = KnownAsAi({"product_code": ["AmazonBedrock"]}, ["*(Amazon Bedrock Edition)*"])
MEASURES = {
    "line_count": exp.Count,
    "usage_amount": exp.Sum,
    "unblended": exp.Sum,
    "amortised": exp.Sum,
    "precision": exp.Max,
    "first_billing_start": exp.Min,
    "last_billing_start": exp.Max,
}


class Written(DuckDB):
    """Takes the columns as Athena's engine does, and keeps the query that binds them."""

    query = ""

    def columns(self, file: File) -> Columns:
        """Return the columns of a file from its footer."""
        return {field.name: type_of(field.type) for field in pq.read_schema(file)}

    def define(self, name: str, query: str) -> None:
        """Keep the query, and have DuckDB take it."""
        self.query = query
        super().define(name, query)


@pytest.fixture
def written(tmp_path: Path) -> Iterator[tuple[Written, canonical.Canonical]]:
    """A delivery of three schemas, bound."""
    ways = [Way(), Way("upper", "text", "naive", "json", 3), Way(costs="decimal", tags="flat")]
    paths = [tmp_path / f"{number}.parquet" for number in range(len(ways))]
    for path, way in zip(paths, ways, strict=True):
        write(path, ROWS, way)
    with Written.opened() as engine:
        keys = ("workload", "cost_center", "iam_principal_team")
        yield engine, canonical.bind(engine, paths, tag_keys=keys, export="ai")


def texts(node: Any) -> Counter[str]:
    """The texts that a part of a query compares with: charge types, operations, patterns."""
    return Counter(
        literal.name for literal in node.find_all(exp.Literal) if literal.is_string and literal.name
    )


def parsed_back(text: str) -> exp.Select:
    found = sqlglot.parse_one(text, read="athena")
    assert isinstance(found, exp.Select)
    return found


@pytest.mark.parametrize("held", [NARROW, WIDE])
def test_keys_and_measures_are_those_of_duckdb(
    written: tuple[Written, canonical.Canonical], held: Decimals
) -> None:
    lines = aggregation.aggregate(written[1], known=KNOWN, held=held)
    ours: Any = sqlglot.parse_one(ibis.to_sql(lines, dialect="duckdb"), read="duckdb")
    theirs = parsed_back(ibis.to_sql(lines, dialect="athena"))
    assert theirs.named_selects == ours.named_selects
    grouped = [
        [len(group.expressions) for group in query.find_all(exp.Group)] for query in (ours, theirs)
    ]
    assert grouped[0] == grouped[1] != []
    assert len(list(theirs.find_all(exp.Where))) == len(list(ours.find_all(exp.Where))) == 0
    for name, kind in MEASURES.items():
        # Of the rows, and again of what these have in common.
        pair = [
            [found for found in query.find_all(exp.Alias) if found.alias == name]
            for query in (ours, theirs)
        ]
        for mine, other in zip(*pair, strict=True):
            assert bool(mine.find(kind)) == bool(other.find(kind)), name
            assert texts(mine) == texts(other), name
            assert bool(mine.find(exp.If)) == bool(other.find(exp.If)), name
        assert any(found.find(kind) for found in pair[0]), name


def test_the_binding_is_that_of_duckdb(written: tuple[Written, canonical.Canonical]) -> None:
    text = written[0].query
    ours = sqlglot.parse_one(text, read="duckdb")
    theirs = sqlglot.parse_one(translated(text).sql("athena"), read="athena")
    selects = [list(query.find_all(exp.Select)) for query in (ours, theirs)]
    assert len(selects[0]) == len(selects[1]) == 3
    for mine, other in zip(*selects, strict=True):
        assert mine.named_selects == other.named_selects
        assert len(mine.named_selects) == len(set(mine.named_selects))
    assert "ELEMENT_AT(" in theirs.sql("athena")  # m['k'] fails there where a row lacks the key
    assert "JSON_VALID" not in theirs.sql("athena").upper()


def test_the_keys_of_a_map_are_unnested_beside_from() -> None:
    found = translated("SELECT DISTINCT unnest(map_keys(tags)) FROM files").sql("athena")
    assert found == "SELECT DISTINCT u.item FROM files CROSS JOIN UNNEST(MAP_KEYS(tags)) AS u(item)"


def test_a_table_lists_its_files_by_a_symlink_manifest() -> None:
    columns = {"Cost": "DOUBLE", "tags": "MAP(VARCHAR, VARCHAR)", "at": "TIMESTAMP WITH TIME ZONE"}
    found = table_of_files("t", columns, f"{STAGING}/t/")
    assert "(`cost` double, `tags` map<string, string>, `at` timestamp)" in found
    assert "SymlinkTextInputFormat" in found
    assert f"LOCATION '{STAGING}/t/'" in found


# --- requests, against boto3's stub ---


class Stubbed:
    """An engine whose AWS is a list of answers."""

    def __init__(self, settings: Settings) -> None:
        settings.ATHENA_DATABASE, settings.ATHENA_WORKGROUP = "spend", "finance"
        clients: list[Any] = [
            boto3.client(
                name, region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b"
            )
            for name in ("athena", "s3")
        ]
        self.athena, self.s3 = (Stubber(client) for client in clients)
        self.engine = Athena(clients[0], clients[1], STAGING, "run")

    def runs(self, query: Any, *states: dict[str, str]) -> None:
        """Expect a query and answer with its states, one a look."""
        self.athena.add_response(
            "start_query_execution",
            {"QueryExecutionId": "q"},
            {
                "QueryString": query,
                "QueryExecutionContext": {"Database": "spend"},
                "WorkGroup": "finance",
                "ResultConfiguration": {"OutputLocation": f"{STAGING}/run/results/"},
            },
        )
        for state in states or ({"State": "SUCCEEDED"},):
            answer = {"QueryExecution": {"Status": state}}
            self.athena.add_response("get_query_execution", answer, {"QueryExecutionId": "q"})


@pytest.fixture
def stubbed(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubbed]:
    monkeypatch.setattr(athena, "POLL_SECONDS", 0)
    found = Stubbed(settings)
    with found.athena, found.s3:
        yield found
        found.athena.assert_no_pending_responses()
        found.s3.assert_no_pending_responses()


def test_rows_come_with_their_types(stubbed: Stubbed) -> None:
    stubbed.runs("SELECT a, b, c, d FROM t", {"State": "RUNNING"}, {"State": "SUCCEEDED"})
    names = [{"VarCharValue": name} for name in "abcd"]
    values = [{"VarCharValue": text} for text in ("x", "7", "1.20")] + [{}]
    types = ("varchar", "bigint", "decimal", "date")
    result = {
        "ResultSet": {
            "ResultSetMetadata": {
                "ColumnInfo": [{"Name": n, "Type": t} for n, t in zip("abcd", types, strict=True)]
            },
            "Rows": [{"Data": names}, {"Data": values}],
        }
    }
    stubbed.athena.add_response("get_query_results", result, {"QueryExecutionId": "q"})
    assert stubbed.engine.rows("SELECT a, b, c, d FROM t") == [("x", 7, Decimal("1.20"), None)]
    assert athena.READ["date"]("2026-09-01") == date(2026, 9, 1)


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({"State": "FAILED", "StateChangeReason": "HIVE_CURSOR_ERROR: x"}, "HIVE_CURSOR_ERROR"),
        ({"State": "CANCELLED"}, "cancelled"),
    ],
)
def test_a_query_that_ends_badly_says_why(
    stubbed: Stubbed, state: dict[str, str], said: str
) -> None:
    stubbed.runs(ANY, state)
    with pytest.raises(AthenaError, match=said):
        stubbed.engine.rows("SELECT 1")


def test_what_aws_refuses_is_an_error_of_the_engine(stubbed: Stubbed) -> None:
    stubbed.athena.add_client_error("start_query_execution", "AccessDeniedException")
    with pytest.raises(stubbed.engine.errors, match="AccessDeniedException"):
        stubbed.engine.rows("SELECT 1")


def test_files_are_listed_and_everything_is_removed_at_the_end(
    stubbed: Stubbed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Athena, "columns", lambda _self, _file: {"cost": "DOUBLE"})
    listed = {
        "Bucket": "staging",
        "Key": "valueboard/run/run_files_0/symlink.txt",
        "Body": b"s3://cur/a.parquet\ns3://cur/b.parquet\n",
    }
    stubbed.s3.add_response("put_object", {}, listed)
    stubbed.runs(table_of_files("run_files_0", {"cost": "DOUBLE"}, f"{STAGING}/run/run_files_0/"))
    assert stubbed.engine.files(["s3://cur/a.parquet", "s3://cur/b.parquet"]) == "run_files_0"
    stubbed.runs("DROP TABLE IF EXISTS run_files_0")
    stubbed.s3.add_response(
        "list_objects_v2",
        {"Contents": [{"Key": "valueboard/run/x"}]},
        {"Bucket": "staging", "Prefix": "valueboard/run/"},
    )
    stubbed.s3.add_response("delete_object", {}, {"Bucket": "staging", "Key": "valueboard/run/x"})
    stubbed.engine.clear()


def test_what_is_held_takes_its_views_along(stubbed: Stubbed) -> None:
    stubbed.engine.define("canonical", "SELECT cost FROM run_files_0")
    stubbed.runs(
        "CREATE TABLE run_held_0 WITH (format = 'PARQUET', "
        f"external_location = '{STAGING}/run/run_held_0/') AS WITH canonical AS "
        '(SELECT cost FROM run_files_0) SELECT * FROM "canonical" AS "t0"'
    )
    table = ibis.table({"cost": "float64"}, name="canonical")
    stubbed.engine.hold("daily_lines", table.select("cost"))


def test_files_elsewhere_than_in_s3_are_refused(stubbed: Stubbed) -> None:
    with pytest.raises(AthenaError, match="reads S3 only"):
        stubbed.engine.columns(Path("/data/a.parquet"))
