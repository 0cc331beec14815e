"""Saying something of a request."""

from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.policy import actor_of, signed_in
from approvals.access import get_request_to_read
from approvals.actions import comment_on_request
from approvals.forms import CommentForm
from valueboard.lib.answers import add_errors
from valueboard.lib.errors import RefusedError


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def comment(request: HttpRequest, pk: int) -> HttpResponse:
    """Say something of a request; the box stands on its page and on the decision page."""
    user = actor_of(request)
    asked = get_request_to_read(user, pk)
    back = "decide" if request.POST.get("back") == "decide" else "request"
    form = CommentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            comment_on_request(actor=user, request=asked, text=form.cleaned_data["text"])
        except ValidationError as wrong:
            add_errors(form, wrong, "text")
        except RefusedError as refused:
            form.add_error("text", str(refused))
        else:
            messages.success(request, "Your comment was kept.")
            return redirect(f"{reverse(back, args=[pk])}#conversation")
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    context = {"asked": asked, "comment_form": form, "back": back}
    return render(request, "approvals/comment.html", context, status=status)
