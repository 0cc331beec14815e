"""What production refuses to start on, because it would make its promises empty."""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from records.clock import database_kind


def refuse_unsafe_database() -> None:
    """Raise `ImproperlyConfigured` where production could move the clock or change frozen tables.

    Both are right for the owner who migrates, and wrong for the web and the worker: the database
    must have been created as live, and the role must have no more than SELECT and INSERT there.
    """
    if not settings.PRODUCTION:
        return
    if database_kind() != "live":
        message = (
            f"This database was created as “{database_kind()}”: its clock can be moved. "
            "Production needs a database that was created as “live”."
        )
        raise ImproperlyConfigured(message)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user, "
            "has_table_privilege('records_thresholdversion', 'UPDATE, DELETE, TRUNCATE')"
        )
        role, may_change = cursor.fetchone()
    if may_change:
        message = (
            f"The role “{role}” may change frozen tables. Point DATABASE_URL at the application's "
            "role, leave VALUEBOARD_AS_OWNER to migrations, and use no superuser."
        )
        raise ImproperlyConfigured(message)
