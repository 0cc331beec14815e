"""How explanations of figures refer to the frozen records that they were read from."""

from django.urls import reverse

from accounts.models import User
from records.models import FrozenRecord
from valueboard.lib.explained import RecordRef

BY_ITSELF = "the system"


def page_of(workload: str, table: str, pk: int) -> str:
    """Return the place of a record in the chain of a workload, which has the address `workload`."""
    key = f"{table}-{pk}"
    return f"{reverse('workload-records', args=[workload])}?record={key}#{key}"


def reference_to(
    record: FrozenRecord, what: str, workload: str = "", *, by: User | None = None
) -> RecordRef:
    """Refer to a record as `what`; one that stands in no workload's chain has no page.

    `by` is who had it recorded, where that is told by another record.
    """
    who = by or record.recorded_by
    return RecordRef(
        what,
        record.version,
        record.recorded_at,
        who.name if who else BY_ITSELF,
        record.hash,
        page_of(workload, record._meta.db_table, record.pk) if workload else "",
    )
