"""What tells AI spend from other spend, as values.

A signal is a glob (`*` any run, `?` any one character, case ignored) over one field of a line.
Rows that were sold through AWS Marketplace and that no signal knows are *unclassified*:
third-party models are sold there under product codes that say nothing.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

MARKETPLACE = "AWS Marketplace"


@dataclass(frozen=True, slots=True)
class Signal:
    """One mark: `field` is `product_code`, `product_name` or `usage_type`, `pattern` a glob.

    A product code is looked for in the line's service code too: third-party models carry a code
    that says nothing, and the name of their service beside it.
    """

    field: str
    pattern: str

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns of a line that the pattern is compared with."""
        return ("product_code", "service_code") if self.field == "product_code" else (self.field,)


def matcher(glob: str) -> Callable[[str], bool]:
    """Return what tells whether a text matches a glob."""
    parts = ({"*": ".*", "?": "."}.get(sign, re.escape(sign)) for sign in glob.lower())
    pattern = re.compile("".join(parts), re.DOTALL)
    return lambda text: pattern.fullmatch(text.lower()) is not None


def like_pattern(glob: str) -> str:
    r"""Return the pattern of a glob for LIKE, in lower case, with `\` as escape."""
    pattern = glob.lower()
    for special in ("\\", "%", "_"):
        pattern = pattern.replace(special, f"\\{special}")
    return pattern.replace("*", "%").replace("?", "_")


def globs(text: str) -> list[str]:
    """Return the globs of a condition, which stand one a line or with commas between them."""
    return [glob for part in re.split(r"[,\n]", text) if (glob := part.strip())]


def names_any(text: str) -> bool:
    """Tell whether a condition names something: no glob of it is made of `*` and `?` only."""
    said = globs(text)
    return bool(said) and all(glob.strip("*?") for glob in said)


def exactly(text: str) -> str:
    """Return a glob that takes a text.

    What a list of globs would not keep stands as any one character: commas, blanks at the ends,
    and `*`, which would take more.
    """
    return re.sub(r"[,\n*]|\A\s|\s\Z", "?", text)
