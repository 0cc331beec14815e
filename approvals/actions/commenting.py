"""Commenting on requests."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.models import User
from approvals.access import readable_requests
from approvals.mails import post_comment
from business_cases.actions import record_comment
from business_cases.models import BusinessRequest, Comment


@transaction.atomic
def comment_on_request(*, actor: User, request: BusinessRequest, text: str) -> Comment:
    """Say something of a request, for all who read it; whoever reads it may."""
    if not readable_requests(actor).filter(pk=request.pk).exists():
        message = "Whoever reads a request comments on it."
        raise PermissionDenied(message)
    comment = record_comment(actor=actor, request=request, text=text)
    post_comment(comment, request)
    return comment
