"""Loading deliveries."""

from collections.abc import Collection
from contextlib import ExitStack
from datetime import date

from accounts.models import User
from cur_ingest.attribution import ai_signals, signals_in_force
from cur_ingest.lines import Aggregate
from cur_ingest.loading import Loaded, grain_of, load_period, unchanged
from cur_ingest.models import TagKey
from cur_ingest.reading import aggregated
from cur_ingest.sources import Manifest, open_source


def load_deliveries(
    *, actor: User | None, location: str, periods: Collection[date] = ()
) -> list[Loaded]:
    """Load the latest delivery of the given periods, of all that are there without any.

    Every file is read and added up before the first month changes, so that a delivery that can't
    be read leaves everything as it was. Then each month is replaced in a transaction of its own.
    Raise SourceError, which says what is wrong and how to mend it.
    """
    source = open_source(location)
    manifests = [source.manifest(period) for period in sorted(set(periods)) or source.periods]
    signals = ai_signals(signals_in_force())
    tag_keys = sorted(TagKey.objects.values_list("key", flat=True))
    grain = grain_of(tag_keys, signals)
    with ExitStack() as held:
        read: list[tuple[Manifest, Loaded | Aggregate]] = []
        for manifest in manifests:
            same = unchanged(source, manifest, grain)
            if same is not None:
                read.append((manifest, same))
                continue
            with source.fetched(manifest) as paths:
                lines = aggregated(paths, manifest, tag_keys=tag_keys, signals=signals)
                read.append((manifest, held.enter_context(lines)))
        return [
            result
            if isinstance(result, Loaded)
            else load_period(
                actor=actor, source=source, manifest=manifest, aggregate=result, grain=grain
            )
            for manifest, result in read
        ]
