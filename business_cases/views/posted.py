"""What the forms of these pages post."""

from django.http import HttpRequest


def posted(request: HttpRequest) -> dict[str, str] | None:
    """Return what was posted, None for a page that is only opened.

    A NUL, which no keyboard makes and PostgreSQL does not store, is left out.
    """
    if request.method != "POST":
        return None
    return {name: str(text).replace("\0", "") for name, text in request.POST.items()}
