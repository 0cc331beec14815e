"""Deliveries of cost data: which files make up a billing period, and those files to read."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from threading import Lock

import pyarrow as pa
import pyarrow.parquet as pq

from cur_ingest.scratch import scratch
from cur_ingest.sources.credentials import Credentials
from cur_ingest.sources.errors import (
    NeedsRateError,
    NotTakenError,
    PassingError,
    SourceError,
    changed,
)
from cur_ingest.sources.files import SourceFile
from cur_ingest.sources.manifests import (
    ExportRoot,
    Layout,
    Manifest,
    digest_of,
    find_exports,
    list_periods,
    name_of,
    read_manifest,
)
from cur_ingest.sources.stores import Store, open_store

__all__ = [
    "Credentials",
    "Fetched",
    "Layout",
    "Manifest",
    "NeedsRateError",
    "NotTakenError",
    "PassingError",
    "Source",
    "SourceError",
    "SourceFile",
    "Watch",
    "open_source",
]

PARQUET_MAGIC = b"PAR1"
# How many objects are fetched at once.
FETCHERS = 4
# Where whoever copies an export has files younger than their manifest, the copy is taken for
# complete once nothing was written for this long.
SETTLED_SECONDS = 60 * 60

TICK_SECONDS = 0.5


@dataclass(slots=True)
class Fetched:
    """How much of a delivery is here by now: files, bytes, and rows by the files' own count."""

    files: int = 0
    bytes: int = 0
    rows: int = 0


# Is told now and then, by the thread that fetches.
Watch = Callable[[Fetched], None]


class Source:
    """One export at one location: its periods, their manifests, and their files."""

    def __init__(self, store: Store, root: ExportRoot) -> None:
        """Take a store and where in it the export lies."""
        self.store = store
        self.root = root
        self.location = store.location
        self._keys = list_periods(store, root)
        if not self._keys:
            message = (
                f"{store.location} holds no manifest yet: AWS writes it after the data files. "
                "Load again when the first delivery is complete."
            )
            raise SourceError(message)

    @property
    def home(self) -> str:
        """Return the export's own folder: one export has one, however its location was given."""
        return f"{self.location.rstrip('/')}/{self.root.prefix}".rstrip("/")

    @property
    def name(self) -> str:
        """Return what AWS calls it: by the name of its latest manifest, else of its folder."""
        return name_of(self._keys[self.periods[-1]][0]) or self.home.rsplit("/", 1)[-1]

    @property
    def layout(self) -> Layout:
        """Return how AWS laid it out."""
        return self.root.layout

    @property
    def periods(self) -> list[date]:
        """Return the first day of each billing period that has a manifest, oldest first."""
        return sorted(self._keys)

    def manifest(self, period: date) -> Manifest:
        """Read the manifest of a period; SourceError when the period isn't there."""
        if period not in self._keys:
            there = ", ".join(f"{known:%Y-%m}" for known in self.periods)
            message = (
                f"{self.location} holds no period {period:%Y-%m}; it holds {there}. Load one of "
                "these, or wait until AWS delivers it."
            )
            raise SourceError(message)
        keys = self._keys[period]
        if len(keys) > 1:
            message = (
                f"{self.location}: more than one manifest for {period:%Y-%m} "
                f"({', '.join(keys)}). Give the folder of one export."
            )
            raise SourceError(message)
        return read_manifest(self.store, self.root, period, keys[0])

    @contextmanager
    def fetched(self, manifest: Manifest, watch: Watch | None = None) -> Iterator[list[Path]]:
        """Yield paths of the manifest's files, good until the block ends.

        Every file is the one that reading the manifest saw. From S3 each is fetched on condition
        of its ETag, and the manifest read again after the last one. Local files are read where
        they lie and looked at again afterwards: when one changed meanwhile the block ends in a
        SourceError, so commit nothing before it has ended.
        """
        if self.store.copies:
            _refuse_unfinished(manifest, self.location)
        with scratch() as folder:
            # Names of our own: the engine reads *, ? and [ in a path as a pattern.
            paths = [folder / f"{at:06}.parquet" for at in range(len(manifest.data_files))]
            self._place(manifest, paths, watch or _look_away)
            if self.store.copies:
                self._refuse_change(manifest)
            yield paths
            if not self.store.copies:
                self._refuse_change(manifest)

    @contextmanager
    def in_place(self, manifest: Manifest) -> Iterator[list[str]]:
        """Yield where the manifest's files lie, for an engine that reads them there.

        No condition can be set on such reading. Manifest and files are looked at again afterwards:
        when one changed meanwhile the block ends in a SourceError, as for local files.
        """
        _refuse_unfinished(manifest, self.location)
        yield [f"{self.location.rstrip('/')}/{file.key}" for file in manifest.data_files]
        self._refuse_change(manifest)

    def _place(self, manifest: Manifest, paths: list[Path], watch: Watch) -> None:
        """Place all files, several at once where they are fetched."""
        here, lock = Fetched(), Lock()

        def place(file: SourceFile, path: Path) -> None:
            def tell(came: int) -> None:
                with lock:
                    here.bytes += came

            self.store.place(file, path, tell)
            _refuse_other_than_parquet(path, file, self.location)
            rows = _rows_of(path)
            with lock:
                here.files += 1
                here.rows += rows

        pool = ThreadPoolExecutor(FETCHERS if self.store.copies else 1)
        try:
            pairs = zip(manifest.data_files, paths, strict=True)
            tasks = {pool.submit(place, file, path) for file, path in pairs}
            while tasks:
                done, tasks = wait(tasks, TICK_SECONDS, return_when=FIRST_EXCEPTION)
                watch(here)
                for task in done:
                    task.result()
        finally:
            pool.shutdown(cancel_futures=True)

    def _refuse_change(self, manifest: Manifest) -> None:
        body, file = self.store.read(manifest.file.key)
        if (file, digest_of(body)) != (manifest.file, manifest.digest):
            raise changed(manifest.file.key, self.location)
        for file in manifest.data_files:
            if self.store.stat(file.key) != file:
                raise changed(file.key, self.location)


def open_source(
    location: str, credentials: Credentials | None = None, *, quick: bool = False
) -> Source:
    """Find the one export at a location: a local folder or `s3://bucket/prefix`.

    `quick` gives S3 less time, for where a person waits for the answer.
    """
    store = open_store(location, credentials or Credentials(), quick=quick)
    roots = find_exports(store)
    if not roots:
        message = (
            f"{location} holds no export: neither metadata/BILLING_PERIOD=…/…-Manifest.json "
            "(CUR 2.0) nor <yyyymmdd-yyyymmdd>/<report>-Manifest.json (legacy CUR). Give the "
            "folder or prefix under which AWS delivers it."
        )
        raise SourceError(message)
    if len(roots) > 1:
        names = ", ".join(sorted(root.prefix.rstrip("/") for root in roots))
        message = f"{location} holds {len(roots)} exports ({names}). Give the folder of one."
        raise SourceError(message)
    return Source(store, roots[0])


def _look_away(_here: Fetched) -> None:
    """Watch nothing."""


def _rows_of(path: Path) -> int:
    """Return the rows that a file says it has; 0 where it can't be asked: the engine says why."""
    try:
        return int(pq.read_metadata(path).num_rows)
    except (pa.ArrowException, OSError):
        return 0


def _refuse_unfinished(manifest: Manifest, location: str) -> None:
    """Refuse files of which some are already those of a delivery whose manifest is to come.

    However long ago they were written: a writer may stall. Only of a copy, whose files come in any
    order, age has to tell.
    """
    settled = manifest.youngest <= time.time() - SETTLED_SECONDS
    if manifest.is_overtaken and (manifest.by_aws or not settled):
        message = (
            f"{manifest.file.key} in {location} is older than files that it names: a new delivery "
            "is being written. Nothing was loaded; it is read again when that is complete. If "
            "nobody writes there (a bucket that was restored), write the manifest again, last."
        )
        raise PassingError(message)


def _refuse_other_than_parquet(path: Path, file: SourceFile, location: str) -> None:
    with path.open("rb") as content:
        head = content.read(len(PARQUET_MAGIC))
        content.seek(max(file.size - len(PARQUET_MAGIC), 0))
        tail = content.read()
    if file.size < 3 * len(PARQUET_MAGIC) or head != PARQUET_MAGIC or tail != PARQUET_MAGIC:
        message = f"{file.key} in {location} is not Parquet, or is cut short."
        raise SourceError(message)
