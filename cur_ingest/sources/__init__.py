"""Deliveries of cost data: which files make up a billing period, and those files to read."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from cur_ingest.sources.errors import SourceError
from cur_ingest.sources.manifests import (
    ExportRoot,
    Layout,
    Manifest,
    find_exports,
    list_periods,
    read_manifest,
)
from cur_ingest.sources.stores import SourceFile, Store, changed, open_store

__all__ = ["Layout", "Manifest", "Source", "SourceError", "SourceFile", "open_source"]

PARQUET_MAGIC = b"PAR1"


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
    def periods(self) -> list[date]:
        """Return the first day of each billing period that has a manifest, oldest first."""
        return sorted(self._keys)

    def manifest(self, period: date) -> Manifest:
        """Read the manifest of a period; SourceError when the period isn't there."""
        if period not in self._keys:
            there = ", ".join(f"{known:%Y-%m}" for known in self.periods)
            message = f"{self.location} holds no period {period:%Y-%m}; it holds {there}."
            raise SourceError(message)
        return read_manifest(self.store, self.root, period, self._keys[period])

    @contextmanager
    def fetched(self, manifest: Manifest) -> Iterator[list[Path]]:
        """Yield paths of the manifest's files, good until the block ends.

        Every file is the one that reading the manifest saw. From S3 each is fetched on condition
        of its ETag and the manifest looked at again after the last one. Local files are read
        where they lie and looked at again afterwards: when one changed meanwhile the block ends
        in a SourceError, so commit nothing before it has ended.
        """
        with tempfile.TemporaryDirectory(prefix="valueboard-cur-") as folder:
            paths = []
            for number, file in enumerate(manifest.data_files):
                # Names of our own: the engine reads *, ? and [ in a path as a pattern.
                path = Path(folder) / f"{number:06}.parquet"
                self.store.place(file, path)
                _refuse_other_than_parquet(path, file, self.location)
                paths.append(path)
            if self.store.copies:
                self._refuse_change(manifest)
            yield paths
            if not self.store.copies:
                self._refuse_change(manifest)

    def _refuse_change(self, manifest: Manifest) -> None:
        if self.store.stat(manifest.file.key) != manifest.file:
            raise changed(manifest.file.key, self.location)
        for file in manifest.data_files:
            if self.store.stat(file.key) != file:
                raise changed(file.key, self.location)


def open_source(location: str) -> Source:
    """Find the one export at a location: a local folder or `s3://bucket/prefix`."""
    store = open_store(location)
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


def _refuse_other_than_parquet(path: Path, file: SourceFile, location: str) -> None:
    with path.open("rb") as content:
        head = content.read(len(PARQUET_MAGIC))
        content.seek(max(file.size - len(PARQUET_MAGIC), 0))
        tail = content.read()
    if file.size < 3 * len(PARQUET_MAGIC) or head != PARQUET_MAGIC or tail != PARQUET_MAGIC:
        message = f"{file.key} in {location} is not Parquet, or is cut short."
        raise SourceError(message)
