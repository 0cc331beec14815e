"""Bind each format's Parquet files to one canonical table, in DuckDB's own terms.

Columns that an account didn't choose, or that a month has no use for, are '' or NULL here; cost
columns that no file has are no columns at all. Cost columns stay doubles where every file has them
as doubles, and are text (the shortest form that reads back as the same double) where any file has
them otherwise; the shared expression makes decimals of both. Timestamps are UTC. An empty string
and NULL both mean "none" and become ''.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from cur_ingest.engines import Engine, File
from cur_ingest.engines.protocol import named
from cur_ingest.formats import CUR, FOCUS, TEXTS, Format, fold, format_of
from cur_ingest.sources.errors import SourceError
from cur_ingest.tag_columns import TagColumns

TABLE = "canonical"
EMPTY = "''"

Schema = tuple[tuple[str, str], ...]  # the names and DuckDB types of one file's columns


@dataclass(frozen=True, slots=True)
class Canonical:
    """The bound table: the column of each kept tag key, and the cost columns that there are.

    `tags` maps normalised keys to columns of the table, `costs` the canonical cost columns that
    any file has to their types in Ibis' words.
    """

    format: Format
    tags: Mapping[str, str]
    costs: Mapping[str, str]

    @property
    def table(self) -> ir.Table:
        """Return the table as an Ibis expression, bound to no engine yet."""
        texts = (*TEXTS, "product_name", *self.format.own, *self.tags.values())
        columns = {
            **dict.fromkeys(self.format.dates, "timestamp"),
            **dict.fromkeys(texts, "string"),
            **self.costs,
            "usage_amount": "float64",
        }
        return self.format.translate(ibis.table(columns, name=TABLE))

    @property
    def absent(self) -> frozenset[str]:
        """Return AWS's names of the cost columns that no file has."""
        return frozenset(
            column for name, column in self.format.costs.items() if name not in self.costs
        )


@dataclass(frozen=True, slots=True)
class _Files:
    """The files of a delivery that have one schema."""

    paths: Sequence[File]
    export: str
    columns: Mapping[str, Sequence[tuple[str, str]]]  # folded name -> names as written, and types

    def find(self, column: str) -> tuple[str, str] | None:
        """Return a column as SQL and its type; None where the files don't have it."""
        found = self.columns.get(fold(column), ())
        if len(found) > 1:
            names = " and ".join(name for name, _ in found)
            message = f"{self.export} has two columns that both read as {column}: {names}."
            raise SourceError(message)
        return next(((named(name), kind) for name, kind in found), None)


def bind(
    engine: Engine, paths: Sequence[File], *, tag_keys: Sequence[str], export: str
) -> Canonical:
    """Create the view `canonical` over the files; `tag_keys` are normalised, each kept as a column.

    Raise SourceError for an unknown format, or when cost or dates can't be computed.
    """
    by_schema: dict[Schema, list[File]] = {}
    for path in paths:
        by_schema.setdefault(tuple(engine.columns(path).items()), []).append(path)
    parts = [_files(schema, files, export) for schema, files in by_schema.items()]
    layout = _format(parts, export)
    bound = Canonical(
        layout,
        {key: f"tag_{number}" for number, key in enumerate(tag_keys)},
        {name: kind for name in layout.costs if (kind := _kind_of_cost(layout, name, parts))},
    )
    selects = [
        f"SELECT {', '.join(_projection(engine, part, bound))} FROM {engine.files(part.paths)}"  # noqa: S608 - names are ours or quoted
        for part in parts
    ]
    engine.define(TABLE, " UNION ALL ".join(selects))
    return bound


def _files(schema: Schema, paths: Sequence[File], export: str) -> _Files:
    columns: dict[str, list[tuple[str, str]]] = {}
    for name, kind in schema:
        columns.setdefault(fold(name), []).append((name, kind))
    return _Files(paths, export, columns)


def _format(parts: Sequence[_Files], export: str) -> Format:
    found = [format_of(part.columns) for part in parts]
    layout = found[0]
    if layout is None or any(other is not layout for other in found):
        what = "an unknown format" if None in found else "files of two formats"
        message = (
            f"{export} has {what}: its columns are neither those of a cost and usage report nor "
            "all those of FOCUS. Give a legacy CUR in Parquet, a CUR 2.0 or a FOCUS export."
        )
        raise SourceError(message)
    for part in parts:
        for column in layout.required:
            if part.find(column) is None:
                message = (
                    f"{export} lacks the column {column}, without which cost or dates can't be "
                    "computed. Add it to the export's columns and have it delivered again."
                )
                raise SourceError(message)
    return layout


def _kind_of_cost(layout: Format, name: str, parts: Sequence[_Files]) -> str:
    """Return the type of a cost column: 'float64', 'string', or '' where no file has it."""
    found = [part.find(layout.costs[name]) for part in parts]
    kinds = {column[1] for column in found if column is not None}
    if not kinds:
        return ""
    return "float64" if kinds == {"DOUBLE"} else "string"


def _projection(engine: Engine, files: _Files, bound: Canonical) -> Iterator[str]:
    layout = bound.format
    for name, column in layout.dates.items():
        yield f"{_utc(files, column)} AS {name}"
    for name in TEXTS:
        yield f"{_text(files, layout.texts.get(name, ()))} AS {name}"
    for name, columns in layout.own.items():
        yield f"{_text(files, columns)} AS {name}"
    yield f"{_product_name(files, layout)} AS product_name"
    for name, kind in bound.costs.items():
        yield f"{_cost(files, layout.costs[name], kind)} AS {name}"
    usage = next((found[0] for column in layout.usage if (found := files.find(column))), "NULL")
    yield f"TRY_CAST({usage} AS DOUBLE) AS usage_amount"
    tags = TagColumns(files.columns, raw=layout is FOCUS)

    def keys_in(map_keys: str) -> Sequence[str]:
        rows = engine.rows(
            f"SELECT DISTINCT unnest({map_keys}) FROM {engine.files(files.paths)}"  # noqa: S608 - quoted
        )
        return sorted(str(key) for (key,) in rows)

    yield from (
        f"{value} AS {bound.tags[key]}" for key, value in tags.values(list(bound.tags), keys_in)
    )


def _utc(files: _Files, column: str) -> str:
    found = files.find(column)
    if found is None:  # pragma: no cover - required of every file
        return "NULL::TIMESTAMP"
    name, kind = found
    # A text may name an offset, which a cast to TIMESTAMP would drop.
    return f"{name}::TIMESTAMPTZ::TIMESTAMP" if kind == "VARCHAR" else f"{name}::TIMESTAMP"


def _text(files: _Files, columns: Sequence[str]) -> str:
    found = [f"{each[0]}::VARCHAR" for column in columns if (each := files.find(column))]
    if len(found) > 1:
        found = [f"COALESCE({', '.join(f'NULLIF({value}, {EMPTY})' for value in found)})"]
    return found[0] if found else EMPTY


def _product_name(files: _Files, layout: Format) -> str:
    product = files.find("product") if layout is CUR else None
    if product is None:
        return _text(files, (layout.product_name,))
    in_map = TagColumns.value(*product, "product_name")
    return f"COALESCE({in_map}, {_text(files, (layout.product_name,))})"


def _cost(files: _Files, column: str, kind: str) -> str:
    name = next(iter(files.find(column) or ()), "NULL")
    return f"{name}::DOUBLE" if kind == "float64" else f"NULLIF({name}::VARCHAR, '')"
