"""What makes up a billing period of an export: its manifest's list, and nothing else.

Two layouts are read. *Legacy CUR*: `<report>/<yyyymmdd-yyyymmdd>/<report>-Manifest.json`, whose
`reportKeys` name `…/<report>/year=2026/month=9/<file>`. *Data Exports* (CUR 2.0):
`<export>/metadata/BILLING_PERIOD=2026-09/<export>-Manifest.json`, whose `dataFiles` name
`s3://…/data/BILLING_PERIOD=2026-09/…`. A manifest is written after its data files, so a period
without one isn't delivered yet. Copies of a manifest one folder deeper belong to one execution
and are never read: the one on top is the latest. Files that merely lie in the folder are never
read either; an export that shrank leaves stale ones behind.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from cur_ingest.sources.errors import SourceError
from cur_ingest.sources.files import SourceFile
from cur_ingest.sources.stores import Store
from valueboard.lib import formats

MANIFEST = re.compile(r"(?:^|-)Manifest\.json$")
PARTITION = re.compile(r"billing_period=(\d{4})-(\d{2})", re.IGNORECASE)
LEGACY_PERIOD = re.compile(r"(\d{4})(\d{2})01-\d{8}")
LEGACY_MONTH = re.compile(r"year=(\d{4})/month=0?(\d{1,2})")
# How far below the location an export is looked for, so that a whole bucket is never walked.
DEPTH = 4
MOST_FOLDERS = 2_000


class Layout(StrEnum):
    """How AWS lays an export out."""

    LEGACY = "legacy"
    DATA_EXPORT = "data_export"


@dataclass(frozen=True, slots=True)
class ExportRoot:
    """The folder that holds one export: `prefix` below the location, '' or ending in '/'."""

    prefix: str
    layout: Layout


@dataclass(frozen=True, slots=True)
class Manifest:
    """One delivery of one billing period, as its manifest describes it.

    `by_aws` says that the files lie where AWS itself wrote them, and in an order that it documents:
    the manifest after all data files. It does so for Data Exports alone.
    """

    export: str
    layout: Layout
    period: date
    execution: str
    file: SourceFile
    digest: str
    columns: tuple[str, ...]
    data_files: tuple[SourceFile, ...]
    by_aws: bool

    @property
    def youngest(self) -> int:
        """Return when the last of the data files was written, in seconds since 1970."""
        return max(file.modified for file in self.data_files)

    @property
    def is_overtaken(self) -> bool:
        """Tell whether a data file is younger than the manifest, which is written last.

        Then some files are those of a delivery whose manifest is to come; or this is a copy, made
        in another order.
        """
        return self.youngest > self.file.modified

    @property
    def fingerprint(self) -> str:
        """Return the SHA-256 over execution and data files: equal means the same delivery."""
        lines = [
            self.execution,
            *(f"{f.key} {f.etag} {f.size}" for f in sorted(self.data_files)),
        ]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def find_exports(store: Store) -> list[ExportRoot]:
    """Look for exports at the location and up to DEPTH folders below it.

    Raise SourceError where there are more than MOST_FOLDERS, each of which is a question to S3.
    """
    found: list[ExportRoot] = []
    looked = 0
    level = [""]
    for _ in range(DEPTH):
        below: list[str] = []
        for prefix in level:
            looked += 1
            if looked > MOST_FOLDERS:
                message = (
                    f"{store.location} holds more than {formats.number(MOST_FOLDERS)} folders. "
                    "Give the folder or prefix under which AWS delivers the export."
                )
                raise SourceError(message)
            names = store.folders(prefix)
            if "metadata" in names:
                found.append(ExportRoot(prefix, Layout.DATA_EXPORT))
            elif any(LEGACY_PERIOD.fullmatch(name) for name in names):
                found.append(ExportRoot(prefix, Layout.LEGACY))
            else:
                below += [f"{prefix}{name}/" for name in names if not name.startswith(".")]
        level = below
    return found


def list_periods(store: Store, root: ExportRoot) -> dict[date, list[str]]:
    """Return the keys of the manifests of each billing period (its first day).

    There is to be one; more than one is for whoever reads that period to refuse, so that a month
    that went wrong keeps no other from being read.
    """
    if root.layout is Layout.LEGACY:
        folder, pattern = root.prefix, LEGACY_PERIOD
    else:
        folder, pattern = f"{root.prefix}metadata/", PARTITION
    keys: dict[date, list[str]] = {}
    for name in store.folders(folder):
        match = pattern.fullmatch(name)
        if match is None:
            continue
        manifests = [file for file in store.files(f"{folder}{name}/") if MANIFEST.search(file)]
        if manifests:
            period = _first_day(match[1], match[2], f"{folder}{name}")
            keys.setdefault(period, []).extend(f"{folder}{name}/{file}" for file in manifests)
    return keys


def read_manifest(store: Store, root: ExportRoot, period: date, key: str) -> Manifest:
    """Read a manifest and look up every file that it names; SourceError if one is missing."""
    body, file = store.read(key)
    where = f"{key} in {store.location}"
    try:
        content = json.loads(body)
    except ValueError as error:
        message = f"{where} is not JSON: {error}."
        raise SourceError(message) from error
    if not isinstance(content, dict):
        message = f"{where} is not a manifest: a JSON object is expected."
        raise SourceError(message)
    if root.layout is Layout.LEGACY:
        _refuse_csv(content, where)
        _refuse_other_period(content, period, where)
        named, execution = content.get("reportKeys"), content.get("assemblyId")
        export = str(content.get("reportName") or name_of(key))
    else:
        named, execution = content.get("dataFiles"), content.get("executionId")
        export = str(content.get("exportName") or name_of(key))
    if not isinstance(named, list) or not named:
        message = f"{where} names no data files, so there is nothing to load."
        raise SourceError(message)
    paths = [_resolve(root, period, _uri_of(entry, where), where) for entry in named]
    if len(set(paths)) < len(paths):
        message = f"{where} names a data file twice."
        raise SourceError(message)
    return Manifest(
        export=export,
        layout=root.layout,
        period=period,
        # Without an id of its own the manifest's etag tells deliveries apart.
        execution=str(execution or file.etag),
        file=file,
        digest=digest_of(body),
        columns=_columns(content),
        data_files=tuple(store.stat(path) for path in paths),
        by_aws=root.layout is Layout.DATA_EXPORT
        and all(
            _uri_of(entry, where) == f"{store.location}/{path}"
            for entry, path in zip(named, paths, strict=True)
        ),
    )


def digest_of(body: bytes) -> str:
    """Return the SHA-256 of a manifest's text."""
    return hashlib.sha256(body).hexdigest()


def _first_day(year: str, month: str, where: str) -> date:
    try:
        return date(int(year), int(month), 1)
    except ValueError as error:
        message = f"{where} names no month."
        raise SourceError(message) from error


def _columns(content: dict[str, Any]) -> tuple[str, ...]:
    """Return the names of the columns, as far as the manifest says them; nothing depends on it."""
    listed = content.get("columns")
    entries = listed if isinstance(listed, list) else []
    return tuple(
        str(entry["name"]) for entry in entries if isinstance(entry, dict) and "name" in entry
    )


def name_of(key: str) -> str:
    """Return the export's name in the name of its manifest."""
    return key.rsplit("/", 1)[-1].removesuffix("Manifest.json").rstrip("-")


def _refuse_csv(content: dict[str, Any], where: str) -> None:
    kind = str(content.get("contentType") or "Parquet")
    if kind.lower() != "parquet":
        message = (
            f"{where} describes {kind} files, and Parquet is what can be read. Set the report's "
            "format to Parquet (integration with Athena)."
        )
        raise SourceError(message)


def _refuse_other_period(content: dict[str, Any], period: date, where: str) -> None:
    billing = content.get("billingPeriod")
    start = str(billing.get("start", "")) if isinstance(billing, dict) else ""
    if start and not start.replace("-", "").startswith(f"{period:%Y%m}01"):
        message = f"{where} says that its period starts {start}, but it lies under {period:%Y-%m}."
        raise SourceError(message)


def _uri_of(entry: object, where: str) -> str:
    if isinstance(entry, dict):
        entry = entry.get("s3Uri") or entry.get("key")
    if not isinstance(entry, str) or not entry:
        message = f"{where} has an entry that is no file name: {entry!r}."
        raise SourceError(message)
    return entry


def _resolve(root: ExportRoot, period: date, uri: str, where: str) -> str:
    """Place a file named by bucket and key below the export's own folder.

    The bucket and the leading folders of the key are those of AWS; a copy of the export lies
    elsewhere. What the layout fixes is the end of the key, and only that is used.
    """
    key = uri.split("://", 1)[-1].split("/", 1)[-1] if "://" in uri else uri.lstrip("/")
    parts = key.split("/")
    if any(part in {"", ".", ".."} or "\\" in part or "\0" in part for part in parts):
        message = f"{where} names {uri!r}, which is no plain path. Nothing was read."
        raise SourceError(message)
    if not parts[-1].lower().endswith(".parquet"):
        message = f"{where} names {uri!r}, which is not a Parquet file."
        raise SourceError(message)
    match, tail = _tail_of(root.layout, parts)
    if match is None:
        message = f"{where} names {uri!r}, which is not where an export keeps its data files."
        raise SourceError(message)
    if (int(match[1]), int(match[2])) != (period.year, period.month):
        message = f"{where} is the manifest of {period:%Y-%m} but names {uri!r}."
        raise SourceError(message)
    return root.prefix + "/".join(tail)


def _tail_of(layout: Layout, parts: list[str]) -> tuple[re.Match[str] | None, list[str]]:
    """Find the end of a key that the layout fixes, and the month that it names."""
    for at in range(len(parts) - 2, 0, -1):
        if layout is Layout.DATA_EXPORT:
            match = PARTITION.fullmatch(parts[at]) if parts[at - 1] == "data" else None
            start = at - 1
        elif match := LEGACY_PERIOD.fullmatch(parts[at]):
            # A new folder for each version of the report: <period>/<assemblyId>/<file>.
            start = at
        else:
            match = LEGACY_MONTH.fullmatch(f"{parts[at - 1]}/{parts[at]}") if at > 1 else None
            start = at - 2
        if match:
            return match, parts[start:]
    return None, []
