"""How templates are read from their files."""

import re

from django.template.base import Origin
from django.template.loaders import filesystem

_INDENTED = re.compile(r"\n[ \t]+")
_KEPT = re.compile(r"<(pre|textarea)\b")


class Loader(filesystem.Loader):
    """Reads templates without their indentation, which is for whoever writes them.

    Of a page with many rows it is a third. Lines stay lines, so that errors name the right one; a
    page with preformatted text of its own stays as it was written.
    """

    def get_contents(self, origin: Origin) -> str:
        """Return the text of a template."""
        text = super().get_contents(origin)
        if not str(origin.name).endswith(".html") or _KEPT.search(text):
            return text
        return _INDENTED.sub("\n", text)
