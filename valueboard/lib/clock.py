"""The database's clock as an expression; `records.clock` says what time it is."""

from django.db.models import DateTimeField, Func


class DatabaseNow(Func):
    """The database's clock, as an expression and as a column's default."""

    function = "vb_clock"
    arity = 0
    output_field = DateTimeField()
