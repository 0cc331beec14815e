"""Athena, which reads S3 where it runs. Nothing here was ever run against AWS.

What is tested: that the SQL is the same query (tests/cur_ingest/test_athena.py compiles it, parses
it back and compares keys, measures and filters with DuckDB's), and that requests and errors go
their way, against boto3's own stub. What Athena makes of the SQL is for whoever has an account:
load a month on both engines and compare the totals before trusting it.

Athena can't be told which files to read but by a table. The manifest's files are listed in a
symlink manifest in the staging location, over which a table is made for each schema; tables and
whatever lies in the staging location are removed at the end.
"""

import itertools
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Self

import boto3
import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq
import sqlglot
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from pyarrow import fs
from sqlglot import exp

from cur_ingest.engines.protocol import Columns, File

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client

POLL_SECONDS = 1.0
TABLE_OF_FILES = """CREATE EXTERNAL TABLE {name} ({columns})
ROW FORMAT SERDE 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe'
STORED AS INPUTFORMAT 'org.apache.hadoop.hive.ql.io.SymlinkTextInputFormat'
OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
LOCATION '{location}'"""
# What a result's text is, by the type that Athena names with it.
READ: Mapping[str, Any] = {
    "bigint": int,
    "integer": int,
    "double": float,
    "decimal": Decimal,
    "date": date.fromisoformat,
    "boolean": lambda text: text == "true",
}


class AthenaError(Exception):
    """A query ended otherwise than with its result."""


class Athena:
    """An `Engine` on Athena."""

    errors: tuple[type[Exception], ...] = (
        AthenaError,
        BotoCoreError,
        ClientError,
        pa.ArrowException,
    )

    def __init__(self, athena: Any, s3: "S3Client", staging: str, run: str) -> None:
        """Take clients, the staging location, and a name that no other load has."""
        self._athena, self._s3 = athena, s3
        self._staging, self._run = f"{staging.rstrip('/')}/{run}", run
        self._views: dict[str, str] = {}
        self._held: dict[str, str] = {}
        self._tables: list[str] = []
        self._numbers = itertools.count()

    @classmethod
    @contextmanager
    def opened(cls) -> Iterator[Self]:
        """Work in a folder of the staging location until the block ends."""
        run = f"valueboard_{uuid.uuid4().hex}"
        staging = settings.ATHENA_STAGING_LOCATION
        engine = cls(boto3.client("athena"), boto3.client("s3"), staging, run)
        try:
            yield engine
        finally:
            engine.clear()

    @staticmethod
    def reads_in_place() -> bool:
        """Whether files are read where they lie; Athena can't do otherwise."""
        return True

    def columns(self, file: File) -> Columns:
        """Return the columns of a file, an `s3://` address, from its own footer."""
        place = str(file)
        if not place.startswith("s3://"):
            message = f"Athena reads S3 only, and {place} lies elsewhere"
            raise AthenaError(message)
        with fs.S3FileSystem().open_input_file(place.removeprefix("s3://")) as content:
            schema = pq.read_schema(content)
        return {field.name: type_of(field.type) for field in schema}

    def files(self, paths: Sequence[File]) -> str:
        """Return what stands after FROM to read files of one schema."""
        name = self._name("files")
        bucket, _, prefix = self._staging.removeprefix("s3://").partition("/")
        body = "".join(f"{path}\n" for path in paths).encode()
        self._s3.put_object(Bucket=bucket, Key=f"{prefix}/{name}/symlink.txt", Body=body)
        self._tables.append(name)
        location = f"{self._staging}/{name}/"
        self._run_query(table_of_files(name, self.columns(paths[0]), location))
        return name

    def define(self, name: str, query: str) -> None:
        """Give a query a name; it becomes part of every query that asks for it."""
        self._views[name] = query

    def hold(self, name: str, query: ir.Table) -> None:
        """Compute a query and keep its rows under a name, instead of what the name held."""
        self._held[name] = table = self._name("held")
        self._tables.append(table)
        text = self._completed(
            sqlglot.parse_one(ibis.to_sql(query, dialect="athena"), read="athena")
        )
        self._run_query(
            f"CREATE TABLE {table} WITH (format = 'PARQUET', "
            f"external_location = '{self._staging}/{table}/') AS {text}"
        )

    def rows(self, query: str) -> Sequence[tuple[Any, ...]]:
        """Return the few rows of a query."""
        execution = self._run_query(self._completed(translated(query)))
        pages = self._athena.get_paginator("get_query_results").paginate(QueryExecutionId=execution)
        found: list[tuple[Any, ...]] = []
        for number, page in enumerate(pages):
            types = [c["Type"] for c in page["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]]
            # The first row of all names the columns.
            for row in page["ResultSet"]["Rows"][0 if number else 1 :]:
                texts = (cell.get("VarCharValue") for cell in row["Data"])
                found.append(tuple(_read(*pair) for pair in zip(texts, types, strict=True)))
        return found

    def batches(self, query: str) -> Iterator[pa.RecordBatch]:
        """Stream the many rows of a query, which Athena writes into the staging location."""
        folder = f"{self._staging}/{self._name('rows')}/"
        text = self._completed(translated(query))
        self._run_query(f"UNLOAD ({text}) TO '{folder}' WITH (format = 'PARQUET')")
        system = fs.S3FileSystem()
        written = fs.FileSelector(folder.removeprefix("s3://"), allow_not_found=True)
        for info in system.get_file_info(written):
            with system.open_input_file(info.path) as file:
                yield from pq.ParquetFile(file).iter_batches()

    def clear(self) -> None:
        """Remove the tables and everything in this run's folder."""
        for table in self._tables:
            self._run_query(f"DROP TABLE IF EXISTS {table}")
        bucket, _, prefix = self._staging.removeprefix("s3://").partition("/")
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=bucket, Prefix=f"{prefix}/"
        )
        for page in pages:
            for entry in page.get("Contents", []):
                self._s3.delete_object(Bucket=bucket, Key=entry["Key"])

    def _name(self, what: str) -> str:
        return f"{self._run}_{what}_{next(self._numbers)}"

    def _completed(self, query: Any) -> str:
        """Put tables in the place of what is held, and views in front of what asks for them."""
        for table in query.find_all(exp.Table):
            if table.name in self._held:
                table.set("this", exp.to_identifier(self._held[table.name]))
        asked = {table.name for table in query.find_all(exp.Table)}
        for name in asked & self._views.keys():
            query = query.with_(name, as_=translated(self._views[name]))
        return str(query.sql("athena"))

    def _run_query(self, query: str) -> str:
        """Run a query to its end and return its id; AthenaError with its reason if it fails."""
        started = self._athena.start_query_execution(
            QueryString=query,
            QueryExecutionContext={"Database": settings.ATHENA_DATABASE},
            WorkGroup=settings.ATHENA_WORKGROUP,
            ResultConfiguration={"OutputLocation": f"{self._staging}/results/"},
        )
        execution = str(started["QueryExecutionId"])
        while True:
            answer = self._athena.get_query_execution(QueryExecutionId=execution)
            status = answer["QueryExecution"]["Status"]
            if status["State"] == "SUCCEEDED":
                return execution
            if status["State"] in {"FAILED", "CANCELLED"}:
                reason = status.get("StateChangeReason") or status["State"].lower()
                raise AthenaError(reason)
            time.sleep(POLL_SECONDS)


def translated(query: str) -> Any:
    """Return a query of DuckDB's dialect, parsed, in the words of Athena."""
    parsed = sqlglot.parse_one(query, read="duckdb")
    select = parsed if isinstance(parsed, exp.Select) else None
    unnested = select.expressions[0] if select and len(select.expressions) == 1 else None
    if select and isinstance(unnested, exp.Explode):
        # A list is unnested beside FROM here.
        source = exp.Unnest(
            expressions=[unnested.this],
            alias=exp.TableAlias(this=exp.to_identifier("u"), columns=[exp.to_identifier("item")]),
        )
        select.set("expressions", [exp.column("item", "u")])
        select.append("joins", exp.Join(this=source, kind="CROSS"))
    return parsed.transform(_in_trino)


def _in_trino(node: Any) -> Any:
    if isinstance(node, exp.Bracket):
        node.set("safe", True)  # noqa: FBT003 - as sqlglot names it: a key that isn't there is NULL
    if isinstance(node, exp.JSONKeys):
        kind = exp.DataType.build("map<varchar, json>", dialect="athena")
        return exp.func("map_keys", exp.cast(exp.func("json_parse", node.this), kind))
    if isinstance(node, exp.Anonymous) and node.name.lower() == "json_valid":
        whole = exp.func("try", exp.func("json_parse", *node.expressions))
        return exp.Not(this=exp.Is(this=whole, expression=exp.Null()))
    if isinstance(node, exp.Anonymous) and node.name.lower() == "to_json":
        as_json = exp.cast(node.expressions[0], exp.DataType.build("json"))
        return exp.func("json_format", as_json)
    return node


def table_of_files(name: str, columns: Columns, location: str) -> str:
    """Return the statement that makes a table of the files that a symlink manifest lists."""
    words = ", ".join(
        f"`{column.lower()}` {exp.DataType.build(kind, dialect='duckdb').sql('hive').lower()}"
        for column, kind in columns.items()
    )
    # Parquet's timestamps have no zone in Athena; they are UTC.
    words = words.replace("timestamp with time zone", "timestamp").replace(
        "timestamptz", "timestamp"
    )
    return TABLE_OF_FILES.format(name=name, columns=words, location=location)


def type_of(kind: pa.DataType) -> str:
    """Return DuckDB's word for a type of Parquet's."""
    if pa.types.is_map(kind):
        return f"MAP({type_of(kind.key_type)}, {type_of(kind.item_type)})"
    if pa.types.is_struct(kind):
        fields = ", ".join(f'"{field.name}" {type_of(field.type)}' for field in kind)
        return f"STRUCT({fields})"
    if pa.types.is_timestamp(kind):
        return "TIMESTAMP WITH TIME ZONE" if kind.tz else "TIMESTAMP"
    if pa.types.is_decimal(kind):
        return f"DECIMAL({kind.precision},{kind.scale})"
    words = {"string": "VARCHAR", "double": "DOUBLE", "float": "FLOAT", "bool": "BOOLEAN"}
    words |= {"int64": "BIGINT", "int32": "INTEGER", "date32[day]": "DATE", "null": '"NULL"'}
    return words.get(str(kind), str(kind).upper())


def _read(text: str | None, kind: str) -> Any:
    return None if text is None else READ.get(kind, str)(text)
