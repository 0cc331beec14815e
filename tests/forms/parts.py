"""The forms of each part of the product, in modules of their own, such as `gap_posts`.

Such a module has any of `POSTS` and `PREVIEWS` (as in `posts`), `EDITS` (as in `edits`), `MAKE`,
`SAME` and `SETTLED` (as in `test_two_tabs`).
"""

from importlib import import_module
from pathlib import Path

PARTS = [
    import_module(f"tests.forms.{path.stem}")
    for path in sorted(Path(__file__).parent.glob("*_posts.py"))
]
