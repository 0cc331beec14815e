"""Where the product speaks, and what it must never say of declared and projected figures.

METHOD 1 has the list. Every function returns what it found; people's own text is no source.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
# What would claim that somebody proved, measured or returned what was only declared or projected.
NEVER = re.compile(
    r"""\bROIs?\b | \bR\.O\.I\.
    | \breturns?\s+on\s+(?:(?:your|the|our|an?|AI)\s+)*investments?\b
    | \b(?:proven|proved|measured|reali[sz]ed|delivered|achieved|guaranteed)\s+
      (?:annual\s+|business\s+|AI\s+)*
      (?:values?|outcomes?|returns?|savings?|benefits?|opportunit(?:y|ies))\b
    | \b(?:AI|your|our)\s+returns\b
    | \b(?:savings?|benefits?|values?|opportunit(?:y|ies))\s+
      (?:was|were|is|are|has\s+been|have\s+been)\s+
      (?:proven|proved|measured|reali[sz]ed|achieved)\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
# The honesty sentences: each says that nothing of the kind is claimed, and is allowed word by word.
HONEST = {
    "neither is an outcome": "the title of the board",
    "planning figures, not outcomes": "the footer of every page, and mails",
    "a planning figure, not an outcome": "the request",
    "What was declared to be gained is not measured": "the background of a decision",
}
BOTH = re.compile(r"saving", re.IGNORECASE), re.compile(r"revenue", re.IGNORECASE)
DECLARED = re.compile(r"opportunit|declared", re.IGNORECASE)
TYPED = re.compile(r"value_?type", re.IGNORECASE)
ADDING = {"sum", "total", "fsum", "Sum", "add"}


def claims(text: str) -> list[str]:
    """Return what a text claims, however it is broken into lines."""
    flat = re.sub(r"\s+", " ", text)
    for sentence in HONEST:
        flat = flat.replace(sentence, " ")
    return [match[0] for match in NEVER.finditer(flat)]


# --- the sources ----------------------------------------------------------------------------------


def of_template(text: str) -> list[str]:
    """Return what a page or mail claims: in its text, across tags too, and in its attributes."""
    text = re.sub(r"{%\s*comment.*?endcomment\s*%}|{#.*?#}|<!--.*?-->", " ", text, flags=re.DOTALL)
    shown = re.sub(r"<[^>]*>|{%.*?%}", " ", text, flags=re.DOTALL)
    return claims(text) or claims(shown)


def of_script(text: str) -> list[str]:
    """Return what a script claims; comments say nothing to anybody, strings are put together."""
    text = re.sub(r"/\*.*?\*/|(?m:(?<!:)//.*$)", " ", text, flags=re.DOTALL)
    return claims(re.sub(r"""["'`]\s*\+\s*["'`]""", "", text))


def of_python(text: str) -> list[str]:
    """Return what literals claim: labels, messages, heads of sheets; docstrings are for us."""
    return [claim for literal in literals(ast.parse(text)) for claim in claims(literal)]


def literals(tree: ast.Module) -> Iterator[str]:
    """Every text of a module but docstrings, with an ellipsis for what is filled in."""
    owners = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    silent: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, owners) and ast.get_docstring(node, clean=False) is not None:
            silent.update(id(each) for each in ast.walk(node.body[0]))
    for node in ast.walk(tree):
        if id(node) in silent:
            continue
        if isinstance(node, ast.JoinedStr):
            silent.update(id(each) for each in node.values)
            yield "".join(
                str(part.value) if isinstance(part, ast.Constant) else " … " for part in node.values
            )
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            parts = node.left, node.right
            texts = [each.value for each in parts if isinstance(each, ast.Constant)]
            if len(texts) == len(parts) and all(isinstance(each, str) for each in texts):
                yield "".join(map(str, texts))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


# --- sums over both value types -------------------------------------------------------------------


def sums_of_python(text: str) -> list[str]:
    """Return every sum that adds Cost Saving to Revenue Driving, or does not say which it adds."""
    tree = ast.parse(text)
    within: dict[int, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            said = ast.unparse(node)
            # Walked from the outside in: the innermost function has the last word.
            within.update((id(each), said) for each in ast.walk(node))
    return [
        f"{node.lineno}: {ast.unparse(node)}"
        for node in ast.walk(tree)
        if isinstance(node, ast.expr | ast.stmt)
        if (_adds_both(node) or _adds_any(node, within.get(id(node), "")))
    ]


def _adds_both(node: ast.AST) -> bool:
    """Tell whether one type is added to the other, by their names, or both in one call."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        sides = ast.unparse(node.left), ast.unparse(node.right)
    elif isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add):
        sides = ast.unparse(node.target), ast.unparse(node.value)
    elif isinstance(node, ast.Call) and _name_of(node) in ADDING:
        said = " ".join(ast.unparse(each) for each in node.args)
        return all(kind.search(said) for kind in BOTH)
    else:
        return False
    if any("'" in side or '"' in side for side in sides):
        return False  # words are put together, not amounts
    return any(
        one.search(left) and other.search(right)
        for one, other in (BOTH, BOTH[::-1])
        for left, right in (sides,)
    )


def _adds_any(node: ast.AST, function: str) -> bool:
    """Tell whether declared amounts are added where nothing says of which value type."""
    if not (isinstance(node, ast.Call) and _name_of(node) in {"sum", "total", "fsum", "Sum"}):
        return False
    said = " ".join(ast.unparse(each) for each in node.args)
    return bool(DECLARED.search(said)) and not TYPED.search(function)


def _name_of(call: ast.Call) -> str:
    name = call.func
    return name.attr if isinstance(name, ast.Attribute) else getattr(name, "id", "")


def sums_of_template(text: str) -> list[str]:
    """Return every `|add:` of a template, and every sum of a script, over both value types."""
    found = re.findall(r"[\w.\[\]]+\s*\|\s*add:\s*[\w.]+|[\w.\]]+\s*\+=?\s*[\w.\[]+", text)
    return [each for each in found if all(kind.search(each) for kind in BOTH)]


def files(*patterns: str) -> list[Path]:
    """Return the files of the project that match, without what is built or installed."""
    return sorted(
        path
        for pattern in patterns
        for path in ROOT.glob(pattern)
        if not {"node_modules", "dist", ".venv"} & set(path.parts)
    )
