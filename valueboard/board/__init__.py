"""The Value Board: its rows as map, table, strip and movers."""
