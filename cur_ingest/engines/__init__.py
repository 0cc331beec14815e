"""Engines that aggregate a delivery: one Protocol, and which of them keeps it here."""

from contextlib import AbstractContextManager
from typing import cast

from django.conf import settings
from django.utils.module_loading import import_string

from cur_ingest.engines.protocol import Columns, Engine

__all__ = ["Columns", "Engine", "opened"]

# By name, since each brings libraries of its own, and Spark's are an extra.
ENGINES = {
    "duckdb": "cur_ingest.engines.embedded.DuckDB",
    "spark": "cur_ingest.engines.spark.Spark",
}


def opened() -> AbstractContextManager[Engine]:
    """Hold the engine of the settings for one delivery, until the block ends."""
    kind = import_string(ENGINES[settings.SPEND_ENGINE])
    return cast("AbstractContextManager[Engine]", kind.opened())
