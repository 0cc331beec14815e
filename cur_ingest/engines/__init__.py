"""Engines that aggregate a delivery: one Protocol, and who keeps it."""

from cur_ingest.engines.embedded import DuckDB
from cur_ingest.engines.protocol import Columns, Engine, Query

__all__ = ["Columns", "DuckDB", "Engine", "Query"]
