"""Values of columns as plain text: built here from what a query returns, not by the database.

The ledger's text is made by a function in the database (`records_text`); an export holds the
columns in this form beside it, so that the verifier compares two things that were made apart.
"""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

# What psycopg calls the type of a jsonb column; Django hands those on as text.
JSONB = 3802

Plain = str | bool | None


def plain(value: object, *, is_json: bool = False) -> Plain:
    """Return a column's value as text; booleans and nothing stay what they are.

    Numbers are in full decimal form, times in UTC with six digits, JSON has its keys in order.
    """
    if value is None or isinstance(value, bool):
        return value
    if is_json:
        parsed = json.loads(str(value), parse_float=Decimal)
        return None if parsed is None else canonical(parsed)
    if isinstance(value, int | Decimal):
        return f"{value:f}" if isinstance(value, Decimal) else str(value)
    if isinstance(value, datetime):
        return time(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return value
    message = f"Frozen tables hold no {type(value).__name__}: say how it is written, here and in "
    raise TypeError(message + "records_text.")


def time(moment: datetime) -> str:
    """Return a time in UTC with six digits, such as `2026-11-21T12:00:00.000000Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ").zfill(27)


def canonical(value: Any) -> str:
    """Return JSON in one form: keys in the order of their code points, no blanks, exact numbers.

    As `verifier.canonical`, which knows texts and whole numbers only: a column's JSON has fractions
    too, and `json` writes no Decimal to its last digit.
    """
    if isinstance(value, dict):
        fields = (f"{canonical(key)}:{canonical(value[key])}" for key in sorted(value))
        return "{" + ",".join(fields) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, Decimal):
        return f"{value:f}"
    return json.dumps(value, ensure_ascii=False)
