"""Spark, inside this process or on a cluster: `uv sync --extra spark`, and a Java 17 to run on.

Measured against DuckDB on the local master only (tests/cur_ingest/test_engines_agree.py). Reading
S3 in place takes a connector that is on no Python registry and comes with EMR and Glue: that way
is written, and was never run.
"""

import itertools
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import sqlglot
from django.conf import settings
from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.functions import spark_partition_id
from sqlglot import exp

from cur_ingest.engines.protocol import Columns, File

LOCAL = "local"
OF_LOCAL = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
}
OF_CONTEXT = {"spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false"}
OF_SESSION = {
    "spark.sql.session.timeZone": "UTC",
    # Else adding two decimals of 38 digits rounds the last of their decimals away.
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",
    "spark.sql.parquet.mergeSchema": "true",
}
# Where sqlglot's words for DuckDB's types aren't those of DuckDB itself.
TYPES = {"TEXT": "VARCHAR", "TIMESTAMPTZ": "TIMESTAMP WITH TIME ZONE", "INT": "INTEGER"}


class Spark:
    """An `Engine` on Spark."""

    errors: tuple[type[Exception], ...] = (PySparkException, Py4JError)

    def __init__(self, session: SparkSession) -> None:
        """Take a session that nobody else defines views in."""
        self._session = session
        self._held: dict[str, DataFrame] = {}
        self._numbers = itertools.count()

    @classmethod
    @contextmanager
    def opened(cls) -> Iterator[Self]:
        """Hold a session of its own until the block ends; Spark itself stays up in this process."""
        engine = cls(_session())
        try:
            yield engine
        finally:
            for frame in engine._held.values():
                frame.unpersist()

    @staticmethod
    def reads_in_place() -> bool:
        """Whether files are read where they lie: by a cluster, whose machines don't have ours."""
        return not settings.SPARK_MASTER.startswith(LOCAL)

    def columns(self, file: File) -> Columns:
        """Return the columns of a file."""
        fields = self._session.read.parquet(_uri(file)).schema.fields
        return {field.name: _type(field.dataType.simpleString()) for field in fields}

    def files(self, paths: Sequence[File]) -> str:
        """Return what stands after FROM to read files of one schema."""
        name = f"files_{next(self._numbers)}"
        self._session.read.parquet(*map(_uri, paths)).createOrReplaceTempView(name)
        return name

    def define(self, name: str, query: str) -> None:
        """Give a query a name, as a view."""
        self._query(query).createOrReplaceTempView(name)

    def hold(self, name: str, query: ir.Table) -> None:
        """Compute a query and keep its rows under a name, instead of what the name held."""
        if name in self._held:
            self._held.pop(name).unpersist()
        frame = self._session.sql(ibis.pyspark.compile(query)).persist()
        frame.count()
        frame.createOrReplaceTempView(name)
        self._held[name] = frame

    def rows(self, query: str) -> Sequence[tuple[Any, ...]]:
        """Return the few rows of a query."""
        return [tuple(row) for row in self._query(query).collect()]

    def batches(self, query: str) -> Iterator[pa.RecordBatch]:
        """Stream the many rows of a query, a partition at a time."""
        frame = self._query(query)
        for number in range(frame.rdd.getNumPartitions()):
            yield from frame.where(spark_partition_id() == number).toArrow().to_batches()

    def _query(self, query: str) -> DataFrame:
        return self._session.sql(translated(query))


def translated(query: str) -> str:
    """Return a query of DuckDB's dialect in Spark's."""
    return sqlglot.parse_one(query, read="duckdb").transform(_json).sql("spark")


def _json(node: exp.Expression) -> exp.Expression:
    """Put in the place of json_valid what Spark has: the whole of a text that is JSON."""
    if isinstance(node, exp.Anonymous) and node.name.lower() == "json_valid":
        whole = exp.func("get_json_object", *node.expressions, exp.Literal.string("$"))
        return exp.Not(this=exp.Is(this=whole, expression=exp.Null()))
    return node


def _session() -> SparkSession:
    master = settings.SPARK_MASTER
    builder = SparkSession.builder.master(master).appName("ValueBoard")
    for name, value in {**OF_CONTEXT, **(OF_LOCAL if master.startswith(LOCAL) else {})}.items():
        builder = builder.config(name, value)
    running = builder.getOrCreate()
    running.sparkContext.setLogLevel("ERROR")
    session = running.newSession()
    for name, value in OF_SESSION.items():
        session.conf.set(name, value)
    if master.startswith(LOCAL):
        # Spark's own 200 are for clusters.
        parallel = session.sparkContext.defaultParallelism
        session.conf.set("spark.sql.shuffle.partitions", parallel)
    return session


def _uri(file: File) -> str:
    return file.absolute().as_uri() if isinstance(file, Path) else file


def _type(spark: str) -> str:
    words = exp.DataType.build(spark, dialect="spark").sql("duckdb")
    return re.sub(r"\b(TEXT|TIMESTAMPTZ|INT)\b", lambda found: TYPES[found[0]], words)
