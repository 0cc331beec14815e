"""How often things are tried: `make soak` runs the full counts of what `make test` samples."""

import os

from hypothesis import HealthCheck, settings

SOAK = os.environ.get("VALUEBOARD_SOAK") == "1"

# Examples that touch the database take their time on a busy machine: no deadline for one of them.
_PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
# The sample is the same in every run; new ground is for the soak.
settings.register_profile("sample", _PATIENT, derandomize=True)
settings.register_profile("soak", _PATIENT, max_examples=2_000)
settings.load_profile("soak" if SOAK else "sample")


def rounds(sample: int, full: int) -> int:
    """Return how many rounds to run: a sample in `make test`, all of them in `make soak`."""
    return full if SOAK else sample
