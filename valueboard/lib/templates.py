"""How templates are read from their files, and let go of what they were rendered with."""

import re
from typing import Any

from django.http import HttpRequest
from django.template import TemplateDoesNotExist
from django.template.backends import django
from django.template.base import Origin
from django.template.context import make_context
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


class Template(django.Template):
    """A template that keeps nothing of a page once it is rendered."""

    def render(
        self, context: dict[str, Any] | None = None, request: HttpRequest | None = None
    ) -> Any:
        """Render; as Django does, but for the end.

        What a view hands over and Django's context name each other. Until somebody looked for such
        circles, the rows of each page would stay in memory: 160,000 values of 5,000 workloads.
        """
        made = make_context(context, request, autoescape=self.backend.engine.autoescape)
        try:
            return self.template.render(made)
        except TemplateDoesNotExist as missing:
            django.reraise(missing, self.backend)
        finally:
            made.dicts.clear()


class Templates(django.DjangoTemplates):
    """Django's templates, of this kind."""

    def get_template(self, template_name: str) -> Template:
        """Return a template by its name."""
        return Template(super().get_template(template_name).template, self)
