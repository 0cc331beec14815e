"""Everything that happened to a workload, from frozen records alone, in one query.

Whatever kind of frozen record is about a workload stands here by itself, with what its fields say;
the kinds that people know best say more. Field by field each version is compared with the one
before it of the same subject.
"""

from valueboard.timeline.events import Event, Told, events_of
from valueboard.timeline.records import Record, read_records, read_verified
from valueboard.timeline.standing import (
    LastReview,
    OpenGap,
    gaps_in,
    last_review_in,
    may_send_by,
    open_request_in,
)

__all__ = [
    "Event",
    "LastReview",
    "OpenGap",
    "Record",
    "Told",
    "events_of",
    "gaps_in",
    "last_review_in",
    "may_send_by",
    "open_request_in",
    "read_records",
    "read_verified",
]
