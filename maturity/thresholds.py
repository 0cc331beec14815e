"""What a preset would change: each of its thresholds as it is, and as the source has it."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.timezone import localdate

from maturity.presets import Preset
from records.clock import now
from records.thresholds import KNOWN_BY_KEY, thresholds, versions_of_thresholds
from valueboard.lib.http import seen_of


@dataclass(frozen=True, slots=True)
class PresetRow:
    """One threshold: what counts now, the latest version with its value, and the preset's value.

    The latest version may count from a later day only; a preset comes after it all the same.
    """

    key: str
    old: Decimal | None
    latest: Decimal | None
    version: int
    new: Decimal

    @property
    def changes(self) -> bool:
        """Tell whether the preset says otherwise than what counts or is to count."""
        return self.new != self.old or self.new != self.latest

    @property
    def label(self) -> str:
        """Return the name of the threshold."""
        return KNOWN_BY_KEY[self.key].label

    @property
    def old_words(self) -> str:
        """Return what counts now as it is read."""
        return KNOWN_BY_KEY[self.key].words(self.old)

    @property
    def new_words(self) -> str:
        """Return the preset's value as it is read."""
        return KNOWN_BY_KEY[self.key].words(self.new)


def versions_of_preset(preset: Preset) -> list[PresetRow]:
    """Return what a preset would change, in the order of all thresholds (two queries)."""
    moment = now()
    counting = thresholds("maturity.", localdate(moment), moment)
    versions = versions_of_thresholds(moment)
    return [
        PresetRow(
            key,
            counting.get(key),
            versions[key][0].value if versions[key] else None,
            versions[key][0].version if versions[key] else 0,
            preset.values[key],
        )
        for key in KNOWN_BY_KEY
        if key in preset.values
    ]


def seen_of_preset(rows: Iterable[PresetRow]) -> str:
    """Return what a form says it saw of the thresholds of a preset."""
    return seen_of(*(f"{row.key}:{row.version}" for row in rows))
