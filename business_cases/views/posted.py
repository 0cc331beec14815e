"""What the forms of these pages post."""

from django.http import HttpRequest


def posted(request: HttpRequest) -> dict[str, str] | None:
    """Return what was posted, None for a page that is only opened.

    A NUL, which no keyboard makes and PostgreSQL does not store, is left out.
    """
    if request.method != "POST":
        return None
    return {name: str(text).replace("\0", "") for name, text in request.POST.items()}


def seen_in(request: HttpRequest, name: str = "seen") -> int:
    """Return the revision or version that the form was made from; 0 if it names none."""
    text = request.POST.get(name, "")
    return int(text) if text.isdecimal() and len(text) < len(str(2**31)) else 0


def wants_panel(request: HttpRequest) -> bool:
    """Tell whether only the panel is asked for: by HTMX while typing, or by *Recalculate*."""
    return "recalculate" in request.POST
