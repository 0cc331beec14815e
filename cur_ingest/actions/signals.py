"""Every change to AI signals."""

from dataclasses import dataclass

from accounts.models import User
from cur_ingest.actions.attributing import ALWAYS, Since, changing, record, refuse_stale
from cur_ingest.models import Signal, SignalVersion


@dataclass(frozen=True, slots=True)
class SignalTerms:
    """What a signal says: a glob over one field, and what a line is that matches."""

    field: str
    pattern: str
    is_ai: bool
    active: bool
    note: str = ""

    def version_of(self, signal: Signal) -> SignalVersion:
        """Return a version of a signal that says this, not recorded yet."""
        return SignalVersion(
            signal=signal,
            field=self.field,
            pattern=self.pattern.strip(),
            is_ai=self.is_ai,
            active=self.active,
            note=self.note.strip(),
        )


def add_signal(
    *,
    actor: User,
    terms: SignalTerms,
    reason: str,
    since: Since = ALWAYS,
    include_closed: bool = False,
) -> SignalVersion:
    """Record a new signal and attribute the open months by it; with `include_closed` all."""
    with changing(actor, reason, include_closed=include_closed):
        return record(terms.version_of(Signal.objects.create()), actor, reason, since)


def change_signal(
    *,
    actor: User,
    signal: Signal,
    seen: int,
    terms: SignalTerms,
    reason: str,
    since: Since = ALWAYS,
    include_closed: bool = False,
) -> SignalVersion:
    """Record the next version of a signal, switched on or off included."""
    with changing(actor, reason, include_closed=include_closed):
        refuse_stale(SignalVersion.objects.filter(signal=signal), seen, "signal")
        return record(terms.version_of(signal), actor, reason, since)
