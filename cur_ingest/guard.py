"""What web and worker refuse to start on: amounts in another currency than the setting names."""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection


def refuse_other_currency() -> None:
    """Raise `ImproperlyConfigured` where pages would name amounts in a currency they aren't in.

    In SQL, so that it can be imported before the models. A database that wasn't migrated yet has
    nothing to refuse.
    """
    ours = settings.REPORTING_CURRENCY
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('cur_ingest_delivery')")
        if cursor.fetchone() == (None,):
            return
        cursor.execute(
            "SELECT currency FROM cur_ingest_delivery WHERE currency <> %s LIMIT 1", [ours]
        )
        found = cursor.fetchone()
    if found is not None:
        message = (
            f"REPORTING_CURRENCY says {ours}, and what was loaded is in {found[0]}: every amount "
            f"would be shown in a currency that it isn't in. Set it to {found[0]} again."
        )
        raise ImproperlyConfigured(message)
