"""Decisions with value acknowledgement."""

from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    """Decisions with value acknowledgement."""

    name = "approvals"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have whoever decides for somebody absent told what there is to decide."""
        # Models are there only now.
        from approvals.mails import delegates  # noqa: PLC0415
        from business_cases.mails import DECIDE_TOO  # noqa: PLC0415

        DECIDE_TOO.append(delegates)
