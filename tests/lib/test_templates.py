"""Templates are read without their indentation; nothing else of them changes."""

from pathlib import Path

from django.template import Context, Engine


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
