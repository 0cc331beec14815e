"""Templates are read without their indentation, and a rendered page lets go of what it showed."""

import gc
import weakref
from pathlib import Path

from django.contrib.auth.models import AnonymousUser
from django.template import Context, Engine
from django.template.loader import render_to_string
from django.test import RequestFactory


def rendered(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text)
    loader = ("valueboard.lib.templates.Loader", [str(folder)])
    return Engine(loaders=[loader]).get_template(name).render(Context({"said": "a\n    b"}))


def test_indentation_goes_and_lines_stay(tmp_path: Path) -> None:
    text = '<p>\n    <a\n\t\thref="/"\n    >x</a> y\n\n    {{ said }}\n</p>'
    assert rendered(tmp_path, "page.html", text) == (
        '<p>\n<a\nhref="/"\n>x</a> y\n\na\n    b\n</p>'
    )


def test_preformatted_text_and_plain_mails_stay_as_written(tmp_path: Path) -> None:
    for name, text in (("pre.html", "<pre>\n    x</pre>"), ("mail.txt", "a\n    b")):
        assert rendered(tmp_path, name, text) == text


class Rows:
    """Something that a page shows."""


def test_nothing_of_a_page_stays_in_memory_once_it_is_rendered(rf: RequestFactory) -> None:
    request, rows = rf.get("/"), Rows()
    request.user = AnonymousUser()
    kept = weakref.ref(rows)
    gc.disable()  # which would find the circle some day
    try:
        assert render_to_string("503.html", {"path": "/", "rows": rows}, request)
        del rows
        assert kept() is None
    finally:
        gc.enable()
