"""Whatever S3, or what lies before it, does: no wrong total, and the last good month stays."""

import random
import re
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from cur_ingest.actions import ask_load, load_deliveries, run_load
from cur_ingest.models import Export, Load
from tests.cast import Cast
from tests.cur_ingest.conftest import S3Server
from tests.cur_ingest.deliveries import PERIOD, deliver
from tests.cur_ingest.fault_proxy import FOREVER, Fault, FaultProxy, Kind
from tests.cur_ingest.test_restatements import assert_month_is
from tests.soak import rounds

# What of one load each kind can strike: a try asks 13 times.
REACH = {
    Kind.RESET: 7,
    Kind.TRUNCATED: 7,
    Kind.ERROR_IN_200: 7,
    Kind.WRONG_ETAG: 10,
    Kind.SWAPPED: 2,
}
LASTING = {Kind.MISSING, Kind.DENIED}
PASSES = r"check the network|check what lies between|Load it again"
WHAT_TO_DO = {
    Kind.BUSY: PASSES,
    Kind.RESET: PASSES,
    Kind.TRUNCATED: PASSES,
    Kind.WRONG_ETAG: "changed while it was read|check what lies between",
    Kind.SWAPPED: "a new delivery is being written.* it is read again",
    Kind.ERROR_IN_200: PASSES,
    Kind.SLOW: PASSES,
    Kind.MISSING: "is missing from|no such bucket|Check the location|changed while it was read",
    Kind.DENIED: "The credentials need s3:ListBucket",
    Kind.EXPIRED: "renew them",
}

pytestmark = pytest.mark.django_db


class Bill:
    """An export in S3: a month delivered again and again, two files each time."""

    def __init__(self, s3: S3Server, folder: Path) -> None:
        """Make its bucket."""
        self.s3, self.folder, self.number = s3, folder, 0
        self.bucket = folder.name.replace("_", "-")
        self.s3.client().create_bucket(Bucket=self.bucket)
        self.location = f"s3://{self.bucket}/billing"

    @property
    def total(self) -> Decimal:
        """What the last delivery adds up to; not what two files of two deliveries do."""
        return 2 * Decimal(self.number) + Decimal("30.3")

    def deliver(self) -> None:
        """Deliver the month once more."""
        self.write()
        self.s3.put(self.folder, self.bucket, "billing/")

    def write(self) -> None:
        """Write the next delivery into the folder."""
        self.number += 1
        # Long, and different in each row, so that the file is, and no group more.
        ids = random.Random(self.number)  # noqa: S311 - the same in every run
        first = [
            {"line_item_unblended_cost": 0.1, "identity_line_item_id": ids.randbytes(300).hex()}
            for _ in range(300)
        ]
        first.append({"line_item_unblended_cost": float(self.number)})
        second = [{"line_item_unblended_cost": self.number + 0.3}]
        deliver(self.folder, first, second, execution=f"e-{self.number}")

    def swap(self) -> set[str]:
        """Begin to write the next delivery: its first file comes, its manifest doesn't."""
        self.write()
        first = min(self.folder.rglob("*.parquet"))
        key = f"billing/{first.relative_to(self.folder)}"
        self.s3.client().upload_file(str(first), self.bucket, key)
        return {f"/{self.bucket}/{key}"}


@pytest.fixture
def impatient(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for seconds where the product waits for minutes, and not at all between attempts.

    Only for an answer that is slow: a busy machine would make faults of good ones too.
    """
    if kind is Kind.SLOW:
        monkeypatch.setattr("cur_ingest.sources.credentials.READ_SECONDS", 3)
        monkeypatch.setattr("cur_ingest.sources.s3.PATIENCE_SECONDS", 3)
        monkeypatch.setattr("cur_ingest.sources.s3.SLOWEST", 1024**2)
    no_wait = "botocore.retries.standard.ExponentialBackoff.delay_amount"
    monkeypatch.setattr(no_wait, lambda *_: 0)


@pytest.fixture
def bill(tmp_path: Path, s3: S3Server) -> Bill:
    """An export in the real S3 server."""
    return Bill(s3, tmp_path)


@pytest.fixture
def proxy(bill: Bill, s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultProxy]:
    """The proxy that the product takes for S3, as long as a test lasts."""
    with FaultProxy(s3.endpoint, bill.swap) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", server.endpoint)
        try:
            yield server
        finally:
            server.ending.set()
            server.shutdown()
            thread.join()


def choose(kind: Kind, seed: int) -> Fault:
    """Choose where a fault strikes, and how often: once, for all attempts of a try, or ever."""
    chance = random.Random(f"{kind} {seed}")  # noqa: S311 - the same choices in every run
    times = chance.choice([1, 1, 3, FOREVER])
    return Fault(
        kind=kind,
        at=chance.randint(1, REACH.get(kind, 13)),
        times=1 if kind is Kind.SWAPPED else times,
        where=chance.choice([0.0, 0.5, 0.999, chance.random()]),
        other=chance.random() < 0.5,
    )


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("kind", Kind)
def test_no_fault_makes_a_wrong_total(
    cast: Cast, bill: Bill, proxy: FaultProxy, kind: Kind, capsys: pytest.CaptureFixture[str]
) -> None:
    bill.deliver()
    load_deliveries(actor=None, location=bill.location)
    export, ends = Export.objects.get(), Counter[str]()
    seeds = rounds(1, 20)
    for seed in range(seeds):
        good = bill.total
        assert_month_is(good, 302)
        bill.deliver()
        fault = choose(kind, seed)
        with proxy.broken_by(fault):
            load = ask_load(actor=cast.felix, export=export, period=PERIOD)
            while load.state in Load.UNFINISHED:
                run_load(load_id=load.pk)
                load.refresh_from_db()
            assert proxy.struck, fault
        check(load, fault, bill, good)
        ends[f"{load.state} at try {load.tries}"] += 1
        if kind is Kind.SWAPPED:
            bill.number -= 1
            bill.deliver()
        (healed,) = load_deliveries(actor=None, location=bill.location)
        assert healed.outcome == ("unchanged" if load.state == Load.State.LOADED else "replaced")
        assert_month_is(bill.total, 302)
    with capsys.disabled():
        said = ", ".join(f"{count} × {end}" for end, count in sorted(ends.items()))
        sys.stdout.write(f"\n{kind}: {seeds} seeds, 0 wrong totals; {said}\n")


def check(load: Load, fault: Fault, bill: Bill, good: Decimal) -> None:
    """Look at what a load through a fault has come to."""
    assert load.state in {Load.State.LOADED, Load.State.FAILED}, fault
    if load.state == Load.State.LOADED:
        assert fault.times < FOREVER
        assert fault.kind is not Kind.SWAPPED
        assert_month_is(bill.total, 302)
        return
    assert_month_is(good, 302)
    assert re.search(WHAT_TO_DO[fault.kind], load.error), (fault, load.error)
    if fault.kind in LASTING:
        # A file that is gone between listing and reading may pass; what strikes next may not.
        assert fault.times > 1 or load.tries == 1
    else:
        assert load.tries == 3
        assert fault.times > 1 or fault.kind is Kind.SWAPPED, (fault, load.error)
