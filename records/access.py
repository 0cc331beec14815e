"""Who may do what with checkpoints.

| | reads the page of all records | takes checkpoints | says that a backup was restored |
|---|---|---|---|
| Administrator | yes | yes | yes |
| Finance | yes | yes | |
| Financial Admin, Executive | yes | | |
"""

from accounts.models import Role, User

READ_RECORDS = (Role.FINANCIAL_ADMIN, Role.FINANCE, Role.EXECUTIVE, Role.ADMINISTRATOR)
# Whom an alarm is for, wherever they are.
HEAR_ALARMS = frozenset({Role.ADMINISTRATOR, Role.FINANCE, Role.FINANCIAL_ADMIN})


def may_take_checkpoint(user: User) -> bool:
    """Tell whether the person takes checkpoints."""
    return bool(user.roles & {Role.ADMINISTRATOR, Role.FINANCE})


def may_say_restored(user: User) -> bool:
    """Tell whether the person says that a backup was restored."""
    return Role.ADMINISTRATOR in user.roles


def hears_alarms(user: User) -> bool:
    """Tell whether a broken record is told to the person on every page."""
    return bool(user.roles & HEAR_ALARMS)
