"""The clock of a test database, which its owner may set."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from tests.database import connect_as_owner

Travel = Callable[[datetime], None]


@contextmanager
def clock_of(database: str) -> Iterator[Travel]:
    """Set a database's clock, which runs on from there; at the end it is as it was before.

    To the same noon again would go back by the seconds since: what was recorded in them would
    lie in the future, until the clock is there again.
    """
    with connect_as_owner(database) as connection:
        somewhere = False
        [before] = connection.execute("SELECT ahead FROM records_clock").fetchone() or ()

        def travel_to(moment: datetime) -> None:
            nonlocal somewhere
            there = connection.execute("SELECT clock_timestamp() + ahead FROM records_clock")
            [now] = there.fetchone() or ()
            back = timedelta() <= now - moment < timedelta(hours=1)
            assert not (somewhere and back), f"{now} is a little past {moment}: travel further."
            connection.execute("UPDATE records_clock SET ahead = %s - clock_timestamp()", [moment])
            somewhere = True

        try:
            yield travel_to
        finally:
            # That of a live database was never set.
            back = "UPDATE records_clock SET ahead = %s WHERE kind <> 'live'"
            connection.execute(back, [before])
